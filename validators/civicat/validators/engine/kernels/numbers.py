"""integer and number: a conversion by Arrow, which reads a little more than frictionless does, and guards around it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import (
    Read,
    cast_most,
    either,
    extremes,
    foreign,
    marked,
    mask,
    matches,
    parts,
    translated,
    valid,
    widths,
    without,
)
from civicat.validators.engine.block import Mask
from civicat.validators.engine.kernels.asked import Asked
from civicat.validators.engine.kernels.fast import Way
from civicat.validators.engine.kernels.limits import Limits, stated, whole_limits

_NINE = ord("9")  # no byte above it: no letter, so neither 0x1F nor 1e5 nor inf, and nothing beyond ASCII
_FLOAT_RANGE = 300  # exponents of ten well inside those of a float64
_SURE_DIGITS = 15  # decimals of as many digits are all different as float64
_WHOLE = r"\A[+-]?[0-9]{1,18}\z"
_PLAIN = r"\A[+-]?(?:[0-9]{1,300}\.?[0-9]{0,300}|\.[0-9]{1,300})\z"
_SAFE_GROUPS = re.compile(r"[ ,'_\u00a0\u202f’.]")
_WIDE = 38  # decimal digits of the widest column


def integers(asked: Asked) -> Way | None:
    """The way of an integer: `-12`, with blanks around it or a plus before it if need be.

    It needs no look at `bareNumber`: what that takes away stands around such a number, not in it.
    """
    limits = whole_limits(asked.constraints, _whole_limit)
    if limits is None or not asked.only_limits:
        return None

    def checked(read: Read) -> Read:
        return Read(read.values, either(read.unsure, limits.broken(read.values)))

    return Way(
        texts=lambda texts: checked(_whole_texts(texts)),
        kinds={int: lambda cells: checked(_ints(cells)), float: lambda cells: checked(_whole_floats(cells))},
        wanted=pa.int64(),
        read=lambda values: checked(Read(values)),
    )


def _whole_limit(limit: object) -> int | None:
    if isinstance(limit, str):
        return int(limit) if re.fullmatch(r"-?[0-9]{1,18}", limit) else None
    if isinstance(limit, float):
        return int(limit) if limit.is_integer() else None
    return limit if isinstance(limit, int) and not isinstance(limit, bool) else None


def _cast(texts: pa.Array[Any], target: pa.DataType) -> Read | None:
    """The texts as Arrow reads them, all or all but a few; None where it cannot, or might read too much."""
    data = parts(texts)[0]
    if not len(data) or data.max() <= _NINE:
        try:
            return Read(pc.cast(texts, target))
        except pa.ArrowInvalid:
            pass
    return cast_most(texts, target, "-0123456789" if pa.types.is_integer(target) else "-0123456789.")


def _whole_texts(texts: pa.Array[Any]) -> Read:
    return _cast(texts, pa.int64()) or _whole_by_pattern(texts)


def _whole_by_pattern(texts: pa.Array[Any]) -> Read:
    trimmed = pc.ascii_trim_whitespace(texts)
    unsure = valid(texts) & ~matches(trimmed, _WHOLE)
    return Read(pc.cast(pc.utf8_ltrim(without(trimmed, unsure), "+"), pa.int64()), unsure)


def _ints(cells: list[object]) -> Read:
    try:
        return Read(pa.array(cells, pa.int64()))
    except (OverflowError, pa.ArrowInvalid):
        return Read(pa.nulls(len(cells), pa.int64()), _present(cells))


def _whole_floats(cells: list[object]) -> Read:
    numbers, gaps = _floats(cells)
    whole = (np.floor(numbers) == numbers) & (np.abs(numbers) < 2.0**63)
    values = pa.array(np.where(whole, numbers, 0).astype(np.int64), mask=gaps)
    return Read(values, marked(~whole & ~gaps))


def _present(cells: list[object]) -> Mask:
    return np.fromiter((cell is not None for cell in cells), np.bool_, len(cells))


def _floats(cells: list[object]) -> tuple[npt.NDArray[np.float64], Mask]:
    """Floats of which some are None: the numbers (0 for None), and which are None."""
    array = pa.array(cells, pa.float64(), from_pandas=False)
    gaps = ~valid(array)
    return array.fill_null(0).to_numpy(zero_copy_only=False), gaps


def numbers(asked: Asked) -> Way | None:
    """The way of a number: exact decimals where the field says its scale, float64 where it does not."""
    spelling = _spelling(asked)
    if spelling is None or not asked.only_limits:
        return None
    return _decimals(asked, spelling) if asked.field.scale is not None else _binary(asked, spelling)


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How numbers are written: what stands between thousands, what before the decimals, and whether nothing else."""

    group: str = ""
    point: str = "."
    bare: bool = True

    @property
    def is_plain(self) -> bool:
        return self == _Spelling()

    def plain(self, texts: pa.Array[Any]) -> tuple[pa.Array[Any], Mask | None]:
        """The texts as Python writes numbers, and those that cannot be told."""
        if self.is_plain:
            return texts, None
        if self.bare and not foreign(texts, f"0123456789-{self.group}{self.point}"):
            return self._respelled(texts), None
        # What stands around the number is left to frictionless: it would even take the point off .5
        inside = r"\A[^eE]*\z" if self.bare else r"\A-?[0-9](?:.*[0-9])?\z"
        trimmed = pc.ascii_trim_whitespace(texts)
        unsure = valid(texts) & ~matches(trimmed, inside)
        if self.point != ".":
            unsure |= mask(pc.match_substring(trimmed, ".")) & (self.group != ".")
        return without(self._respelled(trimmed), unsure), marked(unsure)

    def _respelled(self, texts: pa.Array[Any]) -> pa.Array[Any]:
        found = pc.replace_substring(texts, self.group, "") if self.group else texts
        return found if self.point == "." else translated(found, self.point, ".")


def _spelling(asked: Asked) -> _Spelling | None:
    """None where the numbers are written in a way that is left to frictionless."""
    written = asked.written
    if written is None or written.get("floatNumber"):
        return None
    spelling = _Spelling(
        group=str(written.get("groupChar") or ""),
        point=str(written.get("decimalChar", ".")),
        bare=bool(written.get("bareNumber", True)),
    )
    known = not spelling.group or _SAFE_GROUPS.fullmatch(spelling.group)
    return spelling if known and spelling.point in {".", ","} and spelling.group != spelling.point else None


def _is_sure(limit: Decimal) -> bool:
    if not limit.is_finite() or abs(limit.adjusted()) >= _FLOAT_RANGE:
        return False
    return len(limit.normalize().as_tuple().digits) <= _SURE_DIGITS


def _limit(limit: object) -> Decimal | None:
    """A limit as frictionless reads it; None where it is not plain to see."""
    if isinstance(limit, str):
        return Decimal(limit) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", limit) else None
    if isinstance(limit, bool) or not isinstance(limit, (int, float, Decimal)):
        return None
    return Decimal(str(limit))


def _limits(asked: Asked, spelling: _Spelling) -> list[tuple[Decimal, bool, bool]] | None:
    found = []
    for value, below, exclusive in stated(asked.constraints):
        limit = None if isinstance(value, str) and not spelling.is_plain else _limit(value)
        if limit is None or not _is_sure(limit):
            return None
        found.append((limit, below, exclusive))
    return found


def _binary(asked: Asked, spelling: _Spelling) -> Way | None:
    limits = _limits(asked, spelling)
    if limits is None:
        return None

    def texts(cells: pa.Array[Any]) -> Read:
        found, unknown = spelling.plain(cells)
        read = _binary_texts(found)
        short = widths(cells) <= _SURE_DIGITS if limits else None
        return Read(read.values, either(either(unknown, read.unsure), _out_of(read.values, limits, short)))

    def objects(cells: list[object]) -> Read:
        read = _binary_objects(cells)
        return Read(read.values, either(read.unsure, _out_of(read.values, limits, None)))

    return Way(texts=texts, kinds={int: objects, float: objects})


def _binary_texts(texts: pa.Array[Any]) -> Read:
    read = _cast(texts, pa.float64()) or _binary_by_pattern(texts)
    return Read(read.values, either(read.unsure, _infinite(read.values)))


def _binary_by_pattern(texts: pa.Array[Any]) -> Read:
    trimmed = pc.ascii_trim_whitespace(texts)
    unsure = valid(texts) & ~matches(trimmed, _PLAIN)
    return Read(pc.cast(without(trimmed, unsure), pa.float64()), unsure)


def _infinite(values: pa.Array[Any]) -> Mask | None:
    limits = pc.min_max(values).as_py()
    if limits["min"] is None or (math.isfinite(limits["min"]) and math.isfinite(limits["max"])):
        return None  # without a letter there is no NaN, which min_max would pass over
    return valid(values) & ~mask(pc.is_finite(values))


def _binary_objects(cells: list[object]) -> Read:
    try:
        numbers_, gaps = _floats(cells)
    except (OverflowError, pa.ArrowInvalid):  # an int beyond float64, or one that it does not hold exactly
        return Read(pa.nulls(len(cells), pa.float64()), _present(cells))
    return Read(pa.array(numbers_, mask=gaps), marked(~np.isfinite(numbers_)))


def _out_of(values: pa.Array[Any], limits: list[tuple[Decimal, bool, bool]], short: Mask | None) -> Mask | None:
    """Which values are out of bounds or too close to a limit to tell.

    Of two decimals the greater is never the lesser float64, so only where value and limit are the same float64 can the
    decimals differ; and they cannot where both have at most 15 digits. `short` marks such texts; None: floats, of
    which frictionless takes the shortest decimal.
    """
    if not limits:
        return None
    found = values.fill_null(0).to_numpy(zero_copy_only=False) if values.null_count else values.to_numpy()
    wrong = np.zeros(len(found), np.bool_)
    sure = np.abs(found) < 10.0**_SURE_DIGITS if short is None else short
    for limit, below, exclusive in limits:
        bound = float(limit)
        inside = found > bound if below else found < bound
        wrong |= ~(inside if exclusive else inside | ((found == bound) & sure))
    return marked(wrong & valid(values))


def _decimals(asked: Asked, spelling: _Spelling) -> Way | None:
    limits = _limits(asked, spelling)
    scale = asked.field.scale or 0
    bounds = _scaled(limits or [], scale)
    if limits is None or not 0 <= scale <= _SURE_DIGITS:
        return None
    stored = asked.stored
    most = _SURE_DIGITS if asked.from_workbook else _WIDE - 1  # of a workbook's numbers, 15 digits are kept

    def checked(read: Read) -> Read:
        return Read(read.values, either(read.unsure, bounds.broken_units(read.values)))

    def texts(cells: pa.Array[Any]) -> Read:
        found, unknown = spelling.plain(cells)
        read = checked(_decimal_texts(found, stored, most))
        return Read(read.values, either(unknown, read.unsure))

    return Way(
        texts=texts,
        kinds=dict.fromkeys((int, float), lambda cells: checked(_decimal_floats(cells, stored))),
        wanted=stored if spelling.is_plain else None,
        read=lambda values: checked(_in_range(values)),
    )


def _scaled(limits: list[tuple[Decimal, bool, bool]], scale: int) -> Limits:
    """Limits of decimals as whole numbers of their last digit."""
    lowest: list[int] = []
    highest: list[int] = []
    for limit, below, exclusive in limits:
        unit = limit.scaleb(scale, Context(prec=1000))
        whole = int(unit.to_integral_value(ROUND_CEILING if below else ROUND_FLOOR))
        step = int(exclusive and whole == unit)
        (lowest if below else highest).append(whole + step if below else whole - step)
    return Limits(max(lowest, default=None), min(highest, default=None))


def _decimal_texts(texts: pa.Array[Any], stored: pa.DataType, most: int) -> Read:
    short = not len(texts) or widths(texts).max() <= most
    return (_cast(texts, stored) if short else None) or _decimal_by_pattern(texts, stored, most)


def _decimal_by_pattern(texts: pa.Array[Any], stored: pa.DataType, most: int) -> Read:
    trimmed = pc.ascii_trim_whitespace(texts)
    whole, zeros = rf"[0-9]{{1,{_WIDE - stored.scale - 1}}}", r"\.0*"
    parts_ = rf"\.[0-9]{{1,{stored.scale}}}0*" if stored.scale else zeros
    plain = rf"\A[+-]?(?:{whole}(?:{parts_}|{zeros})?|{parts_ if stored.scale else whole})\z"
    unsure = valid(texts) & ~(matches(trimmed, plain) & (pc.binary_length(trimmed).fill_null(0).to_numpy() <= most))
    try:
        return Read(pc.cast(without(trimmed, unsure), stored), unsure)
    except pa.ArrowInvalid:
        return Read(pa.nulls(len(texts), stored), valid(texts))


def _in_range(values: pa.Array[Any]) -> Read:
    """Arrow reads a few decimals that are too long for their type."""
    found = extremes(values)
    most = 10**_WIDE
    if found is None or (-most < found[0] and found[1] < most):
        return Read(values)
    return Read(pa.nulls(len(values), values.type), valid(values))


def _decimal_floats(cells: list[object], stored: pa.DataType) -> Read:
    """Floats that are decimals of at most 15 digits: such a decimal is what Python writes the float as."""
    try:
        numbers_, gaps = _floats(cells)
    except (OverflowError, pa.ArrowInvalid):
        return Read(pa.nulls(len(cells), stored), _present(cells))
    with np.errstate(over="ignore", invalid="ignore"):
        units = np.rint(numbers_ * 10.0**stored.scale)
        same = (np.abs(units) < 10.0**_SURE_DIGITS) & (units / 10.0**stored.scale == numbers_)
    whole = pa.array(np.where(same, units, 0).astype(np.int64), mask=gaps)
    return Read(_of_units(whole, stored), marked(~same & ~gaps))


def _of_units(units: pa.Array[Any], stored: pa.DataType) -> pa.Array[Any]:
    """Decimals out of whole numbers of their last digit: 16 bytes each, low half first, the sign carried on."""
    low = units.fill_null(0).to_numpy() if units.null_count else units.to_numpy()
    both = np.stack((low, low >> 63), axis=1)
    return pa.Array.from_buffers(stored, len(units), [units.buffers()[0], pa.py_buffer(np.ascontiguousarray(both))])
