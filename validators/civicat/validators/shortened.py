"""Long numbers that Excel shortened: 4.40524E+17 where a code of 18 digits stood, whose last digits are lost.

Such a cell is a sound text and a sound number, so no schema refuses it. It is told where the column is one of codes:
its other values are long digits, or it is called so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from civicat.dataset import Resource
from civicat.finding import Finding, Place, Severity
from civicat.text import Text
from civicat.validators.engine.arrays import matches, parts
from civicat.validators.engine.block import Numbers
from civicat.validators.messages import quoted, say

PATTERN = r"\A[1-9](?:\.[0-9]+)?E\+(?:1[1-9]|[2-9][0-9])\z"  # Excel writes whole numbers so from 12 digits on
_MARK = b"E+"
_LONG = re.compile(r"[0-9]{12,}[0-9Xx]?")  # 12 digits or more, and the X at the end of a Chinese identity number
_SHARE = 0.5  # of the other values that must be such digits
_SAMPLE = 200  # other values that are looked at
_NAMED = 3  # rows that a finding names
_CALLED = re.compile(
    r"(?<![a-z])(?:id|no|number|code|ref|reference|account|barcode|ean|imei|isbn|iban)(?![a-z])|[a-z](?:Id|ID|No|Code)\b"
    r"|证件|身份证|[账帐]号|卡号|单号|编号|编码|代码|号码|条码|电话|手机"
)


def are_codes(name: str, others: Collection[str]) -> bool:
    """Whether a column is one of codes, by what it is called or by its values that are not shortened."""
    long = sum(_LONG.fullmatch(one) is not None for one in others)
    return long >= max(_SHARE * len(others), 1) or is_called_code(name)


def is_called_code(name: str) -> bool:
    """Whether a column is called like one of codes: id, order_no, 编号."""
    return _CALLED.search(name) is not None or _CALLED.search(name.lower()) is not None


@dataclass(slots=True)
class _Seen:
    """A column that is looked at: its place (from 0), its name, and the cells found: how many, the first, their rows.

    `is_code` says whether it is one of codes, None as long as it held no value.
    """

    place: int
    name: str
    is_code: bool | None = None
    count: int = 0
    cell: str = ""
    rows: list[int] = field(default_factory=list)


class ShortenedNumbers:
    """Looks for such numbers in the columns of text of a resource, batch by batch.

    Its first values tell whether a column is one of codes; of the others nothing more is looked at.
    """

    def __init__(self, resource: Resource) -> None:
        fields = enumerate(resource.schema.fields)
        self._columns = [
            _Seen(place, one.name)
            for place, one in fields
            if one.type == "string" and not one.constraints.get("pattern")  # else the finding is of the pattern
        ]

    def look(self, numbers: Numbers, arrays: Sequence[pa.Array[Any]]) -> None:
        """Looks at a batch: the numbers of its rows, and its columns."""
        for seen in self._columns:
            texts = arrays[seen.place]
            if seen.is_code is None:
                seen.is_code = _glance(seen.name, texts)
            if seen.is_code and holds_mark(texts):
                _note(seen, texts, numbers)

    def findings(self, place: Place) -> Iterator[Finding]:
        """A warning for each column of codes that holds such numbers; `place` is the resource's."""
        for seen in self._columns:
            if seen.count:
                yield _warning(seen, Place(place.file, place.resource, seen.rows[0], seen.name, seen.place + 1))


def _glance(name: str, texts: pa.Array[Any]) -> bool | None:
    """Whether a column is one of codes, by its first values; None where there are none."""
    if not pa.types.is_string(texts.type):
        return False
    first = texts.slice(0, _SAMPLE).drop_null()
    if not len(first):
        return None
    return are_codes(name, first.filter(pa.array(~matches(first, PATTERN))).to_pylist())


def _note(seen: _Seen, texts: pa.Array[Any], numbers: Numbers) -> None:
    hits = np.flatnonzero(matches(texts, PATTERN))
    if len(hits):
        seen.count += len(hits)
        seen.rows += numbers[hits[: _NAMED - len(seen.rows)]].tolist()
        seen.cell = seen.cell or str(texts[int(hits[0])].as_py())


def holds_mark(texts: pa.Array[Any]) -> bool:
    """Whether any of the texts may be such a number: a look for one byte, then for two, at the speed of memory."""
    data = parts(texts)[0].tobytes()
    return b"+" in data and _MARK in data


def _warning(seen: _Seen, place: Place) -> Finding:
    shown, more = ", ".join(f"{row:,}" for row in seen.rows), seen.count - len(seen.rows)
    rows = Text(
        f"第 {shown.replace(', ', '、')} 行{'等' if more else ''}",
        f"{'row' if seen.count == 1 else 'rows'} {shown}{f' and {more:,} more' if more else ''}",
    )
    cells = Text(f"{seen.count:,} 格", f"{seen.count:,} cell{'' if seen.count == 1 else 's'}")
    words = say("digits-shortened", field=place.field, cell=quoted(seen.cell), count=cells, rows=rows)
    return Finding("digits-shortened", Severity.WARNING, place, words.message, words.remedy, seen.cell)
