from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicat.catalog.search.typed import LONGEST, read_typed


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("air quality", [("air", "all", False, False), ("quality", "all", False, False)]),
        ('"air quality"', [("air quality", "all", True, False)]),
        ("“空气 质量”", [("空气 质量", "all", True, False)]),
        ('air "quality', [("air", "all", False, False), ("quality", "all", False, False)]),
        ("-air", [("air", "all", False, True)]),
        ('-"air quality"', [("air quality", "all", True, True)]),
        ("-5", [("-5", "all", False, False)]),
        ("bird-strike", [("bird-strike", "all", False, False)]),
        ("- air", [("air", "all", False, False)]),
        ("title:air", [("air", "title", False, False)]),
        ('Title:"air quality"', [("air quality", "title", True, False)]),
        ("-column:state", [("state", "cols", False, True)]),
        ("部门：统计局", [("统计局", "department", False, False)]),
        ("title: air", [("title:", "all", False, False), ("air", "all", False, False)]),
        ("https://example.org", [("https://example.org", "all", False, False)]),
        ("subtitle:air", [("subtitle:air", "all", False, False)]),
        ("a\ud800b", [("a?b", "all", False, False)]),
        ('"" - : "-" 😀', []),
    ],
)
def test_clauses(text: str, clauses: list[tuple[str, str, bool, bool]]) -> None:
    assert [(one.text, one.field, one.together, one.banned) for one in read_typed(text).clauses] == clauses


def test_what_is_wanted_and_what_is_free() -> None:
    typed = read_typed('air -water title:rain "new york" snow')
    assert [piece.text for piece in typed.wanted] == ["air", "rain", "new", "york", "snow"]
    assert [piece.text for piece in typed.free] == ["air", "snow"]
    assert typed.plain == "air snow"
    assert [one.text for one in typed.bound] == ["water", "rain", "new york"]


@given(st.text(alphabet=st.characters(), max_size=3 * LONGEST))
def test_each_piece_is_in_one_clause_at_most_and_stands_where_it_says(text: str) -> None:
    pieces = [piece for one in read_typed(text).clauses for piece in one.pieces]
    assert sorted({piece.start for piece in pieces}) == [piece.start for piece in pieces]
    assert all(piece.end <= LONGEST for piece in pieces)
