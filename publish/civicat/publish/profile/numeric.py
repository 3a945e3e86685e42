"""A column of numbers, dates, moments or times: all its values while they are few, else samples, bins and sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from civicat.publish.profile.counted import EXACT_VALUES, Counted, Counts, Numbers, counted
from civicat.publish.profile.heavy import Heavy
from civicat.publish.profile.histogram import Edges, Histogram, drawn
from civicat.publish.profile.quantiles import Ranks
from civicat.publish.profile.rounding import figure, rounded
from civicat.publish.profile.semantics import Evidence, semantic
from civicat.publish.profile.sketch import Smallest, hashes, mixed
from civicat.publish.profile.steps import DAYS, MOMENTS, Floating, Ruler, Whole
from civicat.publish.profile.texts import TOP, told_top
from civicat.spelling import spelled

SHARES = ("0.05", "0.25", "0.5", "0.75", "0.95")
_SHARES = np.array([float(one) for one in SHARES])

_DIGITS_IN_INT64 = 18
_RANGE_OF_INT64 = 2**63
_SECOND = 1_000_000  # microseconds
_MIDNIGHT = 86_400 * _SECOND


@dataclass(frozen=True, slots=True)
class Kind:
    """How a type is counted and told: `raw` makes 64-bit numbers of an array without nulls, `spell` texts of them.

    `sketched` says that its values are looked up by: whole numbers and dates. `apart` is what one of the numbers
    measures, in the unit in which a deviation is told (an amount, days, seconds). `average` spells a mean where that
    is no number.
    """

    raw: Callable[[pa.Array[Any]], Numbers]
    spell: Callable[[Sequence[Any]], list[str]]
    ruler: Ruler
    sketched: bool = False
    apart: float = 1.0
    average: Callable[[float], str] | None = None
    wide: bool = False


def kind_of(of: pa.DataType) -> Kind | None:
    """How a column of an Arrow type is counted; None where it is not one of numbers or times."""
    found = next((make for is_one, make in _KINDS if is_one(of)), None)
    return found(of) if found else None


def _whole(of: pa.DataType) -> Kind:  # noqa: ARG001 - each kind is made from its type
    return Kind(
        lambda array: array.cast(pa.int64()).to_numpy(), lambda many: [str(one) for one in many], Whole(), sketched=True
    )


def _floating(of: pa.DataType) -> Kind:  # noqa: ARG001 - as above
    def spell(many: Sequence[Any]) -> list[str]:
        return _listed(spelled(pa.array(many, pa.float64())))

    return Kind(lambda array: array.cast(pa.float64()).to_numpy(), spell, Floating())


def _decimal(of: pa.DataType) -> Kind:
    if of.precision > _DIGITS_IN_INT64 or of.scale < 0:
        return replace(_floating(of), wide=True)

    def raw(array: pa.Array[Any]) -> Numbers:
        wide = array if pa.types.is_decimal128(array.type) else array.cast(pa.decimal128(of.precision, of.scale))
        words = np.frombuffer(wide.buffers()[1], np.int64)[::2]  # the lower half of each: it holds 18 digits
        return words[wide.offset : wide.offset + len(wide)]

    def spell(many: Sequence[Any]) -> list[str]:
        return [f"{Decimal(one).scaleb(-of.scale):f}" for one in many]

    return Kind(raw, spell, Whole(), apart=10.0**-of.scale)


def _date(of: pa.DataType) -> Kind:  # noqa: ARG001 - as above
    def raw(array: pa.Array[Any]) -> Numbers:
        days: Numbers = array.cast(pa.date32()).view(pa.int32()).to_numpy()
        return days.astype(np.int64)

    def spell(many: Sequence[Any]) -> list[str]:
        return _listed(spelled(pa.array(many, pa.int32()).view(pa.date32())))

    return Kind(raw, spell, DAYS, sketched=True, average=lambda mean: spell([round(mean)])[0])


def _moment(of: pa.DataType) -> Kind:
    micros = pa.timestamp("us", of.tz)

    def spell(many: Sequence[Any]) -> list[str]:
        return [_listed(spelled(pa.array([one], pa.int64()).view(micros)))[0] for one in many]  # each for itself

    return Kind(
        lambda array: array.cast(micros).view(pa.int64()).to_numpy(),
        spell,
        MOMENTS,
        apart=1 / _SECOND,
        average=lambda mean: spell([round(mean / _SECOND) * _SECOND])[0],
    )


def _time(of: pa.DataType) -> Kind:  # noqa: ARG001 - as above
    micros = pa.time64("us")

    def spell_one(one: int) -> str:
        if one >= _MIDNIGHT:  # the edge above the last bin
            return "24:00:00"
        return _listed(spelled(pa.array([one], pa.int64()).view(micros)))[0]

    return Kind(
        lambda array: array.cast(micros).view(pa.int64()).to_numpy(),
        lambda many: [spell_one(one) for one in many],
        MOMENTS,
        apart=1 / _SECOND,
        average=lambda mean: spell_one(round(mean / _SECOND) * _SECOND),
    )


def _listed(texts: pa.Array[Any]) -> list[str]:
    found: list[str] = texts.to_pylist()
    return found


def _is_whole(of: pa.DataType) -> bool:
    return bool(pa.types.is_integer(of)) and of != pa.uint64()


_KINDS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.DataType], Kind]], ...] = (
    (_is_whole, _whole),
    (pa.types.is_floating, _floating),
    (pa.types.is_decimal, _decimal),
    (pa.types.is_date, _date),
    (pa.types.is_timestamp, _moment),
    (pa.types.is_time, _time),
)


class _Sums:
    """Mean and squared distances from it, merged block by block (Chan, Golub and LeVeque, 1979).

    Values are summed as distances from a base, which is exact for whole numbers: moments are 10**15 microseconds and
    more, of whose squares a floating number would keep nothing of the seconds between them.
    """

    def __init__(self) -> None:
        self.count, self.squares = 0, 0.0
        self._base: float = 0  # a whole number where the values are
        self._beyond = 0.0  # the base, from which the mean is so far

    def add(self, block: Counted) -> None:
        total, counts = block.total, 1 if block.is_unique else block.counts
        with np.errstate(over="ignore", invalid="ignore"):  # too large for a floating number: the figure is left out
            base, values = _centred(block, counts)
            beyond = float((values * counts).sum()) / total
            squares = float((np.square(values - beyond) * counts).sum())
            self._base = self._base if self.count else base
            apart, both = float(base - self._base) + beyond - self._beyond, self.count + total
            self.squares += squares + float(np.square(apart)) * self.count * total / both
            self._beyond += apart * total / both
            self.count = both

    @property
    def mean(self) -> float:
        """Of all values."""
        return self._base + self._beyond

    @property
    def deviation(self) -> float:
        """Of the values themselves, not of a population they are drawn from; 0 where all are equal."""
        return float(np.sqrt(self.squares / self.count))


def _centred(block: Counted, counts: Counts | int) -> tuple[float, npt.NDArray[np.float64]]:
    """A base amid the values, and how far each is from it: exact where both are whole and their range has 63 bits."""
    low, high = block.values[0].item(), block.values[-1].item()
    if isinstance(low, int) and high - low < _RANGE_OF_INT64:
        return low, (block.values - block.values[0]).astype(np.float64)
    values = block.values.astype(np.float64)
    base = float((values * counts).sum()) / block.total
    return base, values - base


class _Many:
    """What is kept of more distinct values than can be counted."""

    def __init__(self, kind: Kind, first: Counted, *, unique: bool) -> None:
        self._kind, self._unique = kind, unique
        self.bounds = first.values[0].item(), first.values[-1].item()
        self.sums, self.ranks, self.histogram = _Sums(), Ranks(), Histogram(kind.ruler)
        self.heavy, self.smallest = Heavy(), Smallest()
        self.add(first)

    def add(self, block: Counted) -> None:
        low, high = block.values[0].item(), block.values[-1].item()
        self.bounds = min(low, self.bounds[0]), max(high, self.bounds[1])
        self.sums.add(block)
        self.ranks.add(block)
        self.histogram.add(block)
        self.smallest.add(hashed(block.values, self._kind))
        if not self._unique:
            self.heavy.add(block)

    def top(self) -> list[tuple[Any, int]]:
        kept = self.heavy.kept
        return [] if kept is None else [(kept.values[place].item(), count) for place, count in self.heavy.top(TOP)]


def hashed(values: Numbers, kind: Kind) -> npt.NDArray[np.uint64]:
    """Hashes of values: of their texts where other tables are looked up by them, else of their bits."""
    if not kind.sketched:
        return mixed(values)
    if kind.ruler is DAYS:
        return hashes(spelled(pa.array(values.astype(np.int32)).view(pa.date32())))
    return hashes(pc.cast(pa.array(values), pa.string()))


class NumberColumn:
    """The figures of a column of numbers or times; `unique` is that of a key, whose values are all different."""

    def __init__(self, kind: Kind, *, unique: bool) -> None:
        self.count = 0
        self._kind, self._unique = kind, unique
        self._strange = 0
        self._all: Counted | None = None
        self._many: _Many | None = None
        self._wide: tuple[Any, Any] | None = None  # the bounds of decimals that are counted as floating numbers
        self._apart = Smallest()

    def add(self, values: pa.Array[Any]) -> None:
        """Takes in the next block."""
        there = values.drop_null()
        self.count += len(there)
        if self._kind.wide and len(there):
            self._add_wide(there)
        block = counted(self._finite(self._kind.raw(there)))
        if not len(block.values):
            return
        if self._all is not None and len(self._all.values) > EXACT_VALUES:
            self._many = _Many(self._kind, self._all, unique=self._unique)
            self._all = None
        if self._many is not None:
            self._many.add(block)
        else:
            self._all = block if self._all is None else self._all.merged(block)

    def _finite(self, raw: Numbers) -> Numbers:
        if raw.dtype != np.float64:
            return raw
        finite = np.isfinite(raw)
        kept = raw if finite.all() else raw[finite]
        self._strange += len(raw) - len(kept)
        return kept + 0.0  # no negative zero, which equals zero and is spelled in another way

    def _add_wide(self, there: pa.Array[Any]) -> None:
        low, high = pc.min_max(there).as_py().values()
        self._wide = (low, high) if self._wide is None else (min(low, self._wide[0]), max(high, self._wide[1]))
        self._apart.add(hashes(spelled(there)))

    def figures(self, evidence: Evidence) -> dict[str, object]:
        """What profile.json says of it; `evidence` is what is known of the column beside its values."""
        told: dict[str, object] = {"distinct": {"value": 0, "exact": True}}
        if self._many is not None:
            told = self._of_many(self._many, evidence)
        elif self._all is not None:
            told = self._of_all(self._all, evidence)
        strange = {"not_finite": self._strange} if self._strange else {}
        return {**strange, **told, **self._of_wide()}

    def _of_all(self, known: Counted, evidence: Evidence) -> dict[str, object]:
        sums = _Sums()
        sums.add(known)
        smallest = Smallest()
        if self._kind.sketched:
            smallest.add(hashed(known.values, self._kind))
        top = [(known.values[place].item(), count) for place, count in known.top(TOP)]
        distinct = len(known.values)
        found = replace(
            evidence,
            exact=True,
            distinct=distinct,
            truth=known.values.tolist() == [0, 1] and isinstance(self._kind.ruler, Whole),
            share=lambda low, high: self._share_of_all(known, low, high),
        )
        return {
            "distinct": {"value": distinct, "exact": True},
            **self._bounds(known.values[0].item(), known.values[-1].item()),
            **self._moments(sums),
            "quantiles": {**self._ranked(0.0), "values": self._shares(known.at(_SHARES))},
            **self._histogram(drawn(known, self._kind.ruler)),
            **self._top(top, distinct, 0),
            **self._meaning(found, smallest),
        }

    def _of_many(self, kept: _Many, evidence: Evidence) -> dict[str, object]:
        found = replace(evidence, share=lambda low, high: kept.ranks.share(*self._scaled(low, high)))
        quantiles, error = kept.ranks.at(_SHARES)
        return {
            "distinct": {"value": self.count, "exact": True} if self._unique else kept.smallest.distinct(),
            **self._bounds(*kept.bounds),
            **self._moments(kept.sums),
            "quantiles": {**self._ranked(rounded(error + 5e-7, 6)), "values": self._shares(quantiles)},
            **self._histogram(kept.histogram.drawn()),
            **self._top(kept.top(), self.count, kept.heavy.missed),
            **self._meaning(found, kept.smallest),
        }

    def _of_wide(self) -> dict[str, object]:
        """What floating numbers cannot tell of decimals of more than 18 digits; the other figures are near ones."""
        if self._wide is None:
            return {}
        low, high = (f"{one:f}" for one in self._wide)
        return {"distinct": self._apart.distinct(), "min": low, "max": high, "near": True}

    def _scaled(self, low: float, high: float) -> tuple[float, float]:
        return round(low / self._kind.apart), round(high / self._kind.apart)

    def _share_of_all(self, known: Counted, low: float, high: float) -> float:
        first, last = self._scaled(low, high)
        inside = (known.values >= first) & (known.values <= last)
        return float(known.counts[inside].sum()) / known.total

    def _bounds(self, low: float, high: float) -> dict[str, object]:
        return dict(zip(("min", "max"), self._kind.spell([low, high]), strict=True))

    def _moments(self, sums: _Sums) -> dict[str, object]:
        average = self._kind.average
        mean = figure(sums.mean * self._kind.apart) if average is None else average(sums.mean)
        told = {"mean": mean, "deviation": figure(sums.deviation * self._kind.apart)}
        return {name: value for name, value in told.items() if value is not None}

    def _ranked(self, error: float) -> dict[str, object]:
        """How true quantiles are: of wide decimals the ranks may be exact, and what stands at them is a near number."""
        return {"exact": False, "error": error} if error or self._kind.wide else {"exact": True}

    def _shares(self, values: Numbers) -> dict[str, str]:
        return dict(zip(SHARES, self._kind.spell(values.tolist()), strict=True))

    def _histogram(self, found: tuple[Edges, list[int]]) -> dict[str, object]:
        edges, counts = found
        return {"histogram": {"edges": self._kind.spell(edges), "counts": counts}}

    def _top(self, top: list[tuple[Any, int]], distinct: int, missed: int) -> dict[str, object]:
        if self._kind.wide:
            return {}
        spelt = self._kind.spell([value for value, _ in top])
        return told_top(list(zip(spelt, (count for _, count in top), strict=True)), distinct, missed)

    def _meaning(self, evidence: Evidence, smallest: Smallest) -> dict[str, object]:
        meant = semantic(evidence)
        sketch = smallest.sketch().to_descriptor() if self._kind.sketched else None
        told = {"semantic": meant, "sketch": sketch}
        return {name: value for name, value in told.items() if value is not None}
