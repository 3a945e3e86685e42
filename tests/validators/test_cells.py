"""Rows of cells become blocks: numbered as they come, what is odd set apart, what the dialect leaves out left out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicat.validators.engine.cells import CellBlock, blocks_of_cells

CELLS = st.sampled_from([None, "", "#a", "b", 0, 1.5, True, date(2020, 1, 1), (1, 2)])
ROWS = st.lists(st.lists(CELLS, max_size=4), max_size=12)


def records(block: CellBlock) -> list[tuple[int, list[object]]]:
    straight = zip(block.numbers.tolist(), block.cells(range(len(block.numbers))), strict=True)
    return sorted([*straight, *((one.number, list(one.cells)) for one in block.odd)], key=lambda one: one[0])


@settings(max_examples=200, deadline=None)
@given(
    rows=ROWS,
    first=st.integers(1, 3),
    mark=st.sampled_from(["", "#"]),
    left_out=st.frozensets(st.integers(1, 8)),
    blank=st.booleans(),
    size=st.integers(1, 5),
)
def test_rows_are_numbered_and_left_out_as_frictionless_does(  # noqa: PLR0913, PLR0917 (what a dialect is made of)
    rows: list[list[object]],
    first: int,
    mark: str,
    left_out: frozenset[int],
    blank: bool,  # noqa: FBT001 (hypothesis gives it)
    size: int,
) -> None:
    from frictionless import Dialect  # noqa: PLC0415 (slow to import, and for this test alone)

    rows_above = [first - 1] if first > 1 else [1]
    dialect = Dialect(
        comment_char=mark or None,
        comment_rows=sorted(left_out),
        skip_blank_rows=blank,
        header=first > 1,
        header_rows=rows_above,
    )
    found = [one for block in blocks_of_cells(rows, first, 2, mark, left_out, blank, size) for one in records(block)]
    assert found == list(dialect.read_enumerated_content_stream(rows))


def test_cells_stand_in_columns_as_they_are() -> None:
    rows: list[list[object]] = [["h", "i"], ["a", 1], [None, ""], ["b"], [None, 2.5], ["c", 3, None]]
    (block,) = blocks_of_cells(rows, 2, 2)
    assert block.numbers.tolist() == [2, 5]
    assert block.columns == [["a", None], [1, 2.5]]
    assert [(one.number, one.cells) for one in block.odd] == [(3, [None, ""]), (4, ["b"]), (6, ["c", 3, None])]
    assert block.cells([1]) == [[None, 2.5]]


@pytest.mark.parametrize(("rows", "width"), [([], 2), ([["h"]], 1)])
def test_a_table_without_rows_has_no_blocks(rows: list[list[object]], width: int) -> None:
    assert list(blocks_of_cells(rows, 2, width)) == []


def test_a_block_of_a_wide_table_has_few_rows() -> None:
    row = list(range(100_000))
    assert [len(block.numbers) for block in blocks_of_cells([row] * 3, 1, len(row))] == [1, 1, 1]
