"""What a draft says of a file whose text is damaged, whose rows are uneven, whose days are of both orders."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from civicat import cli
from civicat.errors import SourceError
from civicat.validators import describe, scaffold
from civicat.validators.engine.pieces import RECORD_LIMIT
from civicat.validators.headers import names_of

SECONDS = 5  # far above what a linear pass takes, far below a quadratic one


def drafts(folder: Path, data: bytes) -> tuple[str, str]:
    """The drafts of a file in Chinese and in English."""
    (folder / "x.csv").write_bytes(data)
    zh, en = (describe(folder / "x.csv", language=language) for language in ("zh", "en"))
    assert yaml.safe_load(zh) != yaml.safe_load(en)
    return zh, en


def test_names_are_made_unique_in_linear_time() -> None:
    begin = time.monotonic()
    names = names_of(["a", "b"] * 100_000)
    assert (len(set(names)), names[:6], names[-1]) == (200_000, ["a", "b", "a2", "b2", "a3", "b3"], "b100000")
    assert time.monotonic() - begin < SECONDS
    assert names_of(["a", "a2", "a", "a", "", None]) == ["a", "a2", "a3", "a4", "field5", "field6"]


@pytest.mark.parametrize("pairs", [25_000, 2_000_000])
def test_a_line_of_very_many_labels_is_refused_at_once(tmp_path: Path, pairs: int) -> None:
    (tmp_path / "x.csv").write_text("a,b," * pairs)
    begin = time.monotonic()
    for make in (lambda: describe(tmp_path / "x.csv"), lambda: scaffold("d/x", tmp_path / "x.csv", tmp_path / "sets")):
        with pytest.raises(SourceError, match=f"x.csv has {2 * pairs + 1:,} columns, and a table 1,000") as error:
            make()
        assert f"x.csv 有 {2 * pairs + 1:,} 列，一张表最多 1,000 列" in error.value.message.zh
    assert time.monotonic() - begin < SECONDS
    assert not (tmp_path / "sets").exists()


def test_a_first_line_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a" * RECORD_LIMIT)
    with pytest.raises(SourceError, match=r"The first line of x\.csv goes on beyond 33,554,432 characters") as error:
        describe(tmp_path / "x.csv")
    assert "x.csv 的第一行超过 33,554,432 个字符还没有换行" in error.value.message.zh


def test_commas_within_quotes_make_no_columns(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('a,"' + "," * 200_001 + '"\n1,2\n')
    assert describe(tmp_path / "x.csv").count("        - name: ") == 2


def test_bytes_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    good = "".join(f"{row},北京市第{row}小学\n" for row in range(1, 40))
    data = f"编号,名称\n{good}".encode() + "40,北京\n".encode("gb18030")
    zh, en = drafts(tmp_path, data)
    at = data.rindex(b"40,") + 3
    assert f"  # TODO：第 41 行有 utf-8 读不出的字节（0xB1，文件的第 {at:,} 字节，从 0 数起）" in zh
    assert f"  # TODO: row 41 holds a byte that makes no sense in utf-8 (0xB1, byte {at:,} of the file" in en


@pytest.mark.parametrize("end", ["", "\n2,x\n3,y\n"])
def test_a_quote_that_is_never_closed_is_named(tmp_path: Path, end: str) -> None:
    zh, en = drafts(tmp_path, f'id,note\n1,"open{end}'.encode())
    assert "  # TODO：第 2 行（文本第 2 行）有引号打开后没有关上，以后直到文件末尾都成了一个单元格。" in zh
    assert "  # TODO: a quote opens in row 2 (line 2 of the file) and is never closed: all that follows" in en


def test_zero_bytes_are_counted(tmp_path: Path) -> None:
    zh, en = drafts(tmp_path, b"a,b\n1,x\0y\n2,z\n\0,3\n")
    assert "  # TODO：文件含 2 个零字节（0x00），第一个是第 7 字节（从 0 数起）。" in zh
    assert "  # TODO: the file holds zero bytes (0x00), 2 of them; the first is byte 7 (counted from 0)." in en


def test_rows_of_another_width_are_counted(tmp_path: Path) -> None:
    zh, en = drafts(tmp_path, b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n5,6,7\n")
    assert "  # 有 1 行的单元格比表头（3 格）少：第 3 行有 2 格。检查会报错" in zh
    assert "  # 有 1 行的单元格比表头（3 格）多：第 4 行有 4 格。" in zh
    assert "  # 1 row is too short for 3 columns: row 3 has 2 cells. " in en
    assert "  # 1 row is too long for 3 columns: row 4 has 4 cells. " in en
    _, many = drafts(tmp_path, b"a,b,c\n" + b"1,2\n" * 6 + b"1,2,3\n" * 5)
    assert "# 6 rows are too short for 3 columns: row 2 has 2 cells, row 3" in many
    assert "row 6 has 2 cells ... The check" in many


def test_a_sound_file_has_no_such_comments(tmp_path: Path) -> None:
    for draft in drafts(tmp_path, b'a,b\n1,"x\ny"\n2,"x\ny"\n'):
        assert "  # " not in draft.split("schema:")[0]


def days(*, first: int, second: int) -> bytes:
    rows = ["02/02/2020", "05/03/2020", *[f"{13 + n}/01/2020" for n in range(first)]]
    rows += [f"03/{14 + n}/2020" for n in range(second)]
    return ("id,date\n" + "".join(f"{n},{day}\n" for n, day in enumerate(rows, 1))).encode()


def test_both_orders_of_day_and_month_are_told(tmp_path: Path) -> None:
    zh, en = drafts(tmp_path, days(first=6, second=1))
    assert "# TODO：日和月有两种写法：%d/%m/%Y 的 6 个（第 4 行“13/01/2020”、" in zh
    assert "；%m/%d/%Y 的 1 个（第 10 行“03/14/2020”）。其余 2 个不能判断。" in zh
    assert "# TODO: day and month stand in both orders: 6 by %d/%m/%Y (row 4 “13/01/2020”, " in en
    assert " ...); 1 by %m/%d/%Y (row 10 “03/14/2020”). The other 2 do not tell." in en
    field = yaml.safe_load(en)["resources"][0]["schema"]["fields"][1]
    assert field["type"] == "string"
    assert field["description"].startswith("TODO: day and month stand in both orders")


@pytest.mark.parametrize(("first", "second"), [(6, 0), (0, 6)])
def test_one_order_is_a_date(tmp_path: Path, first: int, second: int) -> None:
    _, en = drafts(tmp_path, days(first=first, second=second))
    assert "both orders" not in en
    assert "type: date" in en


def test_the_language_that_is_asked_for_is_that_of_the_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv").write_text("id,n\n1,a\n2,b\n\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CIVICAT_LANG", "zh")
    plain = CliRunner().invoke(cli.cli, ["describe", "x.csv"]).output
    asked = CliRunner().invoke(cli.cli, ["describe", "x.csv", "--lang", "zh"]).output
    assert "# 1 row is blank: 4." in plain
    assert "# 有 1 行是空的：第 4 行。" in asked
    assert "description: TODO：用一两句话说明这张表" in asked
    made = CliRunner().invoke(cli.cli, ["new", "d/x", "--from", "x.csv", "--lang", "zh"])
    assert made.exit_code == 0, made.output
    (draft,) = tmp_path.rglob("datapackage.yaml")
    assert "# 有 1 行是空的：第 4 行。" in draft.read_text("utf-8")
