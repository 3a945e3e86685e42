"""Zero bytes in a text: read cell for cell as frictionless reads them, and told; what is no text is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pyarrow as pa
import pytest
from handing_in import Json, field
from sameness import compared, one_table

from civicat.errors import SourceError
from civicat.report import Outcome, Report
from civicat.validators import encodings
from civicat.validators.encodings import CHUNK, Zeros, detect, refuse_binary, zeros
from civicat.validators.engine.cutting import Cut, blocks

HELD = {
    "in a cell": b"id,n\n1,a\0b\n2,c\n",
    "in a quoted cell": b'id,n\n1,"a\0\n,b"\n2,c\n',
    "a cell of its own": b"id,n\n1,\0\n2,c\n",
    "in a number": b"id,n\n1\0,a\n2,c\n",
    "before a number": b"id,n\n\x001,a\n2,c\n",
    "in the header": b"id,n\0\n1,a\n2,c\n",
    "as the first byte": b"\0id,n\n1,a\n2,c\n",
    "as the last byte": b"id,n\n1,a\n2,c\0",
    "behind the last line": b"id,n\n1,a\n2,c\n\0",
    "as an end that broke off": b"id,n\n1,a\n2,c\n" + b"\0" * 4000,
    "beside quotes": b'id,n\n1,"a"\0\n2,\0"c"\n',
    "before a line break": b"id,n\r\n1,a\0\r\n2,c\r\n",
}
COLUMNS = [
    {"name": "id", "type": "integer", "constraints": {"unique": True}},
    {"name": "n", "type": "string", "constraints": {"minLength": 1, "maxLength": 3}},
]


def finding(report: Report) -> Json:
    (one,) = (one for one in report.all_findings() if one.code == "zero-bytes")
    return one


@pytest.mark.parametrize("where", HELD)
@pytest.mark.parametrize("size", [1, 5, 1 << 20])
def test_cells_are_those_of_python_s_csv(where: str, size: int) -> None:
    data = HELD[where]
    cut = Cut("utf-8", csv.excel(), first=1, width=2)
    rows: list[tuple[int, list[object]]] = []
    for block in blocks(lambda: io.BytesIO(data), cut, [pa.int64(), None], size=size):
        cells = block.cells(range(len(block.numbers)))
        columns = [cast("pa.Array[Json]", one).cast(pa.string()).to_pylist() for one in block.columns]
        assert [list(row) for row in zip(*columns, strict=True)] == cells
        rows += [
            *zip(block.numbers.tolist(), cells, strict=True),
            *((one.number, list(one.cells)) for one in block.odd),
        ]
    assert sorted(rows) == list(enumerate(csv.reader(io.StringIO(data.decode(), newline="")), 1))


@pytest.mark.parametrize("where", HELD)
def test_a_report_is_that_of_frictionless(tmp_path: Path, where: str) -> None:
    (tmp_path / "t.csv").write_bytes(HELD[where])
    theirs, differences = compared(tmp_path, one_table("t.csv", {"fields": COLUMNS}))
    assert theirs.report
    assert differences == []


def test_the_first_of_them_is_named_and_all_are_counted(check_csv: Callable[..., Report]) -> None:
    report = check_csv("id,n\n1,a\n2,上\0b\0\n", field("id", "integer"), field("n"))
    assert report.outcome is Outcome.PASSED
    one = finding(report)
    assert (str(one.severity), one.place.row, one.place.column) == ("warning", 3, 2)
    assert one.message.zh.startswith("文件里混有空字节（0x00），共 2 个，第一个在文件第 14 字节（从 0 数）。")
    assert one.message.en.startswith("The file holds zero bytes (0x00), 2 of them; the first is byte 14 of the file")
    assert "重新复制或导出" in one.remedy.zh
    assert "Copy or export it again" in one.remedy.en


def test_one_alone_is_one(check_csv: Callable[..., Report]) -> None:
    one = finding(check_csv("id,n\0\n1,a\n", field("id", "integer"), field("n\0")))
    assert (one.place.row, one.place.column) == (1, 2)
    assert "共 1 个" in one.message.zh
    assert "(0x00), one; the first is byte 4 " in one.message.en


def test_a_file_without_any_has_no_such_finding(check_csv: Callable[..., Report]) -> None:
    assert not check_csv("id,n\n1,a\n", field("id", "integer"), field("n")).all_findings()


@pytest.mark.parametrize("encoding", ["", "gb18030", "utf-8"])
def test_they_are_found_far_down_and_in_any_encoding(check_csv: Callable[..., Report], encoding: str) -> None:
    line = "上海市浦东新区,路口车流量统计\n"
    many = CHUNK // len(line.encode()) + 1
    name = encoding or "gb18030"
    text = ("a,b\n" + line * (2 * many) + "末,尾\0\n").encode(name)
    one = finding(check_csv(text, field("a"), field("b"), **({"encoding": encoding} if encoding else {})))
    assert (one.place.row, one.place.column) == (2 * many + 2, 2)
    assert f"{len(text) - 2:,}" in one.message.en


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", ["id,n\n1,a\n2,b\n", "编号,名称\n1,上海市\n2,一\n", "上,下\n高,低\n"])
def test_utf_16_is_still_told_and_its_zeros_are_none(
    check_csv: Callable[..., Report], tmp_path: Path, encoding: str, text: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    assert detect(path) == encoding
    names = text.partition("\n")[0].split(",")
    report = check_csv(text.encode(encoding), *(field(name) for name in names))
    assert (report.outcome, report.all_findings()) == (Outcome.PASSED, ())


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 8,
        b"\0\1\2\3" * 100 + b"id,n\n",
        b"\x7fELF\2\1\1\0\0\0" + b"\0\1\0\x3e\0\5" * 50,
        "id,n\n1,a\n".encode("utf-16-le") + b"\1",
        b"a\0b\0c\0d" + b"\1\2",
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    for refuse in (detect, lambda one: refuse_binary(one, "utf-8")):
        with pytest.raises(SourceError, match="a binary file, not text") as refused:
            refuse(path)
        assert "其实是二进制文件，不是文本" in refused.value.message.zh


@pytest.mark.parametrize("count", [1, 2, 10_000])
def test_zeros_alone_are_a_copy_that_broke_off(tmp_path: Path, count: int) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\0" * count)
    with pytest.raises(SourceError, match="holds nothing but zero bytes: its copy broke off") as refused:
        detect(path)
    assert "里只有空字节，多半是复制中断了。请重新复制或导出文件" in refused.value.message.zh


@pytest.mark.parametrize(("others", "text"), [(4, False), (5, True)])
def test_few_are_fewer_than_one_for_four_other_bytes(tmp_path: Path, others: int, *, text: bool) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes((b"\0" + b"a" * others) * 50)
    if text:
        assert detect(path) == "utf-8"
    else:
        with pytest.raises(SourceError, match="a binary file"):
            detect(path)


@pytest.mark.parametrize(("strange", "text"), [(1, True), (2, False)])
def test_control_bytes_of_one_in_a_hundred_are_still_text(tmp_path: Path, strange: int, *, text: bool) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n\0" + b"\1" * strange + b"a" * (100 - 4 - strange))
    if text:
        assert detect(path) == "utf-8"
    else:
        with pytest.raises(SourceError, match="a binary file"):
            detect(path)


def test_zeros_are_found_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "CHUNK", 4)
    path = tmp_path / "t.csv"
    path.write_bytes(b"abcdefgh\0ij\0\0")
    assert zeros(path) == Zeros(8, 3)
    path.write_bytes(b"abc")
    assert zeros(path) is None
