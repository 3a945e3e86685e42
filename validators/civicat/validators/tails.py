"""Rows at the end of a table that are no data: totals, and remarks below it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

TAIL = 5  # last rows of a file, where totals and remarks stand; “Total” further up is a value of the data
_TOTALS = frozenset(
    {"合计", "总计", "小计", "总数", "累计", "总和", "total", "totals", "grandtotal", "subtotal", "sum"}
)
_REMARK = re.compile(
    r"(?:注|备注|说明|数据来源|来源|制表人?|填表人?|审核人?|负责人|notes?|sources?)\s*[0-9]*\s*[:：.、]", re.IGNORECASE
)


class Closing(NamedTuple):
    """A row that is no data: its number, its cause's code in causes.toml, and the cell that tells."""

    row: int
    code: str
    cell: str


def closing(row: int, cells: Iterable[object]) -> Closing | None:
    """What a row near the end of a file holds instead of data, None where it may be data."""
    filled = [text for cell in cells if cell is not None and (text := str(cell).strip())]
    if filled and "".join(filled[0].split()).rstrip(":：").casefold() in _TOTALS:
        return Closing(row, "totals-row", filled[0])
    if len(filled) == 1 and _REMARK.match(filled[0]):
        return Closing(row, "remark-row", filled[0])
    return None
