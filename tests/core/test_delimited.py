"""CSV of every site and export: read back by Python's own reader, with quotes only where they are needed."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicat import delimited

_TEXTS = st.none() | st.text(st.sampled_from("a北 \",\n\r\t\\'0"), max_size=4)


def _line(text: str | None) -> str:
    return delimited.lines([pa.array([text, "x"], pa.string()), pa.array(["y", None], pa.string())]).decode()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        *((None, ""), ("", '""'), ("a", "a"), ("a b", "a b"), (" a", '" a"'), ("a ", '"a "'), (" ", '" "')),
        *(
            ("a,b", '"a,b"'),
            ('"', '""""'),
            ("a\nb", '"a\nb"'),
            ("\r", '"\r"'),
            ("北京，上海", "北京，上海"),
            ("'", "'"),
        ),
    ],
)
def test_quotes_stand_where_they_are_needed(text: str | None, written: str) -> None:
    assert _line(text) == f"{written},y\nx,\n"


@pytest.mark.parametrize(
    "column",
    [
        pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
        pa.array([1.5, None]),
        pa.array([True, None]),
        pa.array([0, None], pa.timestamp("us", "UTC")),
        pa.array([0, None], pa.date32()),
        pa.array([0, None], pa.time64("us")),
    ],
    ids=lambda column: str(column.type),
)
def test_what_is_no_text_never_has_quotes(column: pa.Array) -> None:
    assert b'"' not in delimited.lines([column])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(_TEXTS, _TEXTS, st.none() | st.integers(0, 9)), max_size=8), st.integers(0, 3))
def test_every_cell_comes_back(rows: list[tuple[str | None, str | None, int | None]], begin: int) -> None:
    kinds = (pa.string(), pa.large_string(), pa.int64())
    columns = [pa.array([row[place] for row in rows], kind).slice(begin) for place, kind in enumerate(kinds)]
    text = delimited.lines(columns).decode()
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert found == [["" if cell is None else str(cell) for cell in row] for row in rows[begin:]]


def test_many_bytes_are_written_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [pa.array(range(100)), pa.array([f"{number}, x" for number in range(100)])]
    whole = delimited.lines(columns)
    monkeypatch.setattr(delimited, "_MOST_BYTES", 64)
    assert delimited.lines(columns) == whole
    assert whole.startswith(b'0,"0, x"\n1,')


def test_the_header_is_a_line_of_names() -> None:
    assert delimited.header(["id", "a,b", ""]) == b'id,"a,b",""\n'
    assert delimited.lines([pa.array([], pa.int64()), pa.array([], pa.string())]) == b""
