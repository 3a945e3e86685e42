"""Packed files: one table is read as if it were not packed, and what is no single table or a bomb is refused."""

from __future__ import annotations

import gc
import gzip
import hashlib
import struct
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from frictionless import Resource

from civicat.dataset import Dataset, read_dataset
from civicat.errors import SourceError
from civicat.layout import Layout
from civicat.report import Outcome
from civicat.validators import check, validate
from civicat.validators.archives import STEEPEST, Unpacked
from civicat.validators.formats import find_source

ROWS = b"id,name\n1,a\nx,b\n3\n"
SCHEMA = {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "string"}]}
ENOUGH = 40 << 20  # bytes of one letter, which pack a thousand times smaller


def packed_zip(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def packed_gz(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content, mtime=0))
    return path


def dataset(path: Path, **more: Any) -> Dataset:  # noqa: ANN401 (keys of a resource)
    one = {"name": "x", "path": path.name, "schema": SCHEMA, **more}
    return read_dataset({"name": "x", "resources": [one]}, path.name, "", path.parent)


@pytest.fixture
def own_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files, to see what is left in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


# frictionless leaves the packed file open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ["x.csv.gz", "x.csv.zip"])
def test_the_report_of_a_packed_file_is_that_of_frictionless(tmp_path: Path, name: str, layout: Layout) -> None:
    path = tmp_path / name
    if name.endswith("gz"):
        packed_gz(path, ROWS)
    else:
        packed_zip(path, {"x.csv": ROWS})
    with check(dataset(path), layout, profile=False) as checked:
        report: Any = checked.report.to_descriptor()
    one = Resource.from_descriptor({"name": "x", "path": name, "schema": SCHEMA}, basepath=str(tmp_path))
    theirs = one.validate().tasks[0]
    (task,) = report["tasks"]
    ours = [{key: value for key, value in error.items() if key != "civicat"} for error in task["errors"]]
    assert ours == [error.to_descriptor() for error in theirs.errors]
    assert [error["type"] for error in ours] == ["type-error", "missing-cell"]
    for key in ("bytes", "sha256", "rows", "fields"):
        assert task["stats"][key] == theirs.stats[key]
    assert task["stats"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest(), "the file as it was handed in"


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("x.csv.gz", ""),
        ("x.zip", "data.csv"),
        ("x.csv.zip", "数据.csv"),
        ("x.zip", "a/b/data.tsv"),
        ("X.ZIP", "d.json"),
    ],
)
def test_the_name_tells_the_format(tmp_path: Path, name: str, member: str, layout: Layout, own_temporary: Path) -> None:
    texts = {"tsv": b"id\tname\n1\ta\n", "json": b'[{"id": 1, "name": "a"}]'}
    content = texts.get(member.rpartition(".")[2], b"id,name\n1,a\n")
    path = packed_zip(tmp_path / name, {member: content}) if member else packed_gz(tmp_path / name, content)
    report = validate(path, None, layout)
    assert (report.outcome, report.rows) == (Outcome.PASSED, 1)
    gc.collect()
    assert list(own_temporary.iterdir()) == []


def test_innerpath_chooses_among_several(tmp_path: Path) -> None:
    path = packed_zip(tmp_path / "x.zip", {"a.csv": b"a\n", "b.csv": b"b\n"})
    assert find_source(dataset(path, innerpath="b.csv"), dataset(path, innerpath="b.csv").resources[0]).format == "csv"
    with pytest.raises(SourceError) as refused:
        find_source(dataset(path), dataset(path).resources[0])
    assert "holds 2 files: a.csv, b.csv. Pack one table into each." in refused.value.message.en
    assert "中有 2 个文件：a.csv、b.csv" in refused.value.message.zh
    with pytest.raises(SourceError, match=r"has no “c\.csv”\. It has: a\.csv, b\.csv"):
        Unpacked(path, "zip", "c.csv")


def test_compression_may_be_declared(tmp_path: Path) -> None:
    path = packed_gz(tmp_path / "x.csv", ROWS)
    one = dataset(path, compression="gz")
    source = find_source(one, one.resources[0])
    assert (source.format, source.path.read_bytes(), source.handed_in) == ("csv", ROWS, path)
    other = dataset(path, compression="bz2")
    with pytest.raises(SourceError) as refused:
        find_source(other, other.resources[0])
    assert "“bz2” compression is not supported" in refused.value.message.en
    assert "不支持“bz2”压缩" in refused.value.message.zh


def test_what_systems_add_of_their_own_is_no_table(tmp_path: Path) -> None:
    path = packed_zip(tmp_path / "x.zip", {"d/": b"", "d/x.csv": ROWS, "__MACOSX/d/._x.csv": b"?", "d/.DS_Store": b"?"})
    assert Unpacked(path, "zip").path.read_bytes() == ROWS


@pytest.mark.parametrize("name", ["../../evil.csv", "/evil.csv", "..\\evil.csv", "C:\\evil.csv"])
def test_a_name_that_leads_elsewhere_leads_nowhere(tmp_path: Path, own_temporary: Path, name: str) -> None:
    inner = Unpacked(packed_zip(tmp_path / "x.zip", {name: ROWS}), "zip")
    assert inner.path.parent.parent == own_temporary
    assert inner.path.read_bytes() == ROWS
    inner.close()
    assert list(own_temporary.iterdir()) == []


def test_a_chinese_name_of_an_old_zip_is_understood(tmp_path: Path) -> None:
    path = packed_zip(tmp_path / "x.zip", {"a": ROWS, "aaaa.csv": ROWS})
    path.write_bytes(path.read_bytes().replace(b"aaaa.csv", "数据.csv".encode("gb18030")))
    with pytest.raises(SourceError, match=r"holds 2 files: a, 数据\.csv"):
        Unpacked(path, "zip")
    assert Unpacked(path, "zip", "数据.csv").path.name == "数据.csv"


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_bomb_is_refused_while_it_is_unpacked(tmp_path: Path, own_temporary: Path, kind: str) -> None:
    path = tmp_path / f"x.csv.{kind}"
    path = packed_gz(path, b"0" * ENOUGH) if kind == "gz" else packed_zip(path, {"x.csv": b"0" * ENOUGH})
    assert path.stat().st_size * STEEPEST < ENOUGH
    with pytest.raises(SourceError) as refused:
        Unpacked(path, kind)
    assert "unpacks to something that is no table (over 17 MB" in refused.value.message.en
    assert "解压后大得不正常" in refused.value.message.zh
    assert list(own_temporary.iterdir()) == []


def test_a_small_table_of_zeros_is_no_bomb(tmp_path: Path) -> None:
    path = packed_gz(tmp_path / "x.csv.gz", b"0\n" * (1 << 20))
    assert Unpacked(path, "gz").path.stat().st_size == 2 << 20


def test_a_header_that_understates_the_size_is_not_believed(tmp_path: Path) -> None:
    path = packed_zip(tmp_path / "x.zip", {"x.csv": b"0" * ENOUGH})
    true, false = struct.pack("<I", ENOUGH), struct.pack("<I", 100)
    path.write_bytes(path.read_bytes().replace(true, false))
    with pytest.raises(SourceError, match="damaged"):
        Unpacked(path, "zip")


@pytest.mark.parametrize(
    ("members", "en", "zh"),
    [
        ({"x.zip": b"PK"}, "holds another archive (x.zip). Pack the table once.", "里还是压缩文件（x.zip）"),
        ({"x.csv.gz": b""}, "holds another archive (x.csv.gz)", "里还是压缩文件"),
        ({}, "is empty. Hand in the table unpacked.", "是空的。请提交解压后的文件。"),
    ],
)
def test_what_holds_no_table_is_refused(tmp_path: Path, members: dict[str, bytes], en: str, zh: str) -> None:
    with pytest.raises(SourceError) as refused:
        Unpacked(packed_zip(tmp_path / "x.zip", members), "zip")
    assert en in refused.value.message.en
    assert zh in refused.value.message.zh


def test_a_password_is_named(tmp_path: Path) -> None:
    path = packed_zip(tmp_path / "x.zip", {"x.csv": ROWS})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag, in the directory at the end
    path.write_bytes(content)
    with pytest.raises(SourceError) as refused:
        Unpacked(path, "zip")
    assert "is locked with a password" in refused.value.message.en
    assert "有密码保护" in refused.value.message.zh


@pytest.mark.parametrize("kind", ["gz", "zip"])
@pytest.mark.parametrize("cut", [0, 1, 10, 30, -1])
def test_a_file_that_is_cut_off_is_damaged(tmp_path: Path, kind: str, cut: int) -> None:
    path = tmp_path / f"x.csv.{kind}"
    path = packed_gz(path, ROWS * 9) if kind == "gz" else packed_zip(path, {"x.csv": ROWS * 9})
    path.write_bytes(path.read_bytes()[:cut])
    if (kind, cut) == ("gz", 0):
        assert Unpacked(path, kind).path.read_bytes() == b"", "gzip unpacks nothing to nothing"
        return
    with pytest.raises(SourceError) as refused:
        Unpacked(path, kind)
    assert "cannot be unpacked: it is damaged" in refused.value.message.en
    assert "解压不了：文件已损坏" in refused.value.message.zh


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_wrong_checksum_is_damage(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"x.csv.{kind}"
    path = packed_gz(path, ROWS) if kind == "gz" else packed_zip(path, {"x.csv": ROWS})
    content = bytearray(path.read_bytes())
    at = len(content) - 8 if kind == "gz" else content.index(b"PK\x01\x02") + 16
    content[at] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(SourceError, match="it is damaged"):
        Unpacked(path, kind)


def test_the_unpacked_file_goes_with_the_last_who_reads_it(tmp_path: Path, own_temporary: Path) -> None:
    path = packed_gz(tmp_path / "x.json.gz", b'[{"id": 1}, {"id": 2}]')
    one = dataset(path)
    source = find_source(one, one.resources[0])
    assert source.cells is not None
    rows = source.cells()
    next(rows)
    del source
    assert len(list(rows)) == 2
    del rows
    assert list(own_temporary.iterdir()) == []
