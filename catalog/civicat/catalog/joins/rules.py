"""Whether two columns join: a guess has to be plain, for a join that is none misleads more than one that is missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from civicat.catalog.joins.columns import FEWEST, Column
from civicat.sketches import containment

Why = Literal["declared", "found", "codes"]

SHARE = 0.8  # of the different values that must be found
FEW_KNOWN = 10  # below so many known values of a larger column, all of them must be found
_FEW_VALUES = 10  # so few different ones are in many a list by chance
_SHORT = 2  # characters: codes of two letters are reused by everybody
_SHORT_DIGITS = 5  # and so are numbers of up to five digits
_FIGURES = frozenset(("integer", "number", "year"))  # types of Table Schema
_MEANINGS = ("identifier", "uuid", "code", "key", "country", "currency", "", "name", "category")


@dataclass(frozen=True, slots=True)
class Found:
    """How much of one column another holds: the share of its different values, told from `known` of them.

    `is_exact` where all values of both columns are known.
    """

    share: float
    known: int
    is_exact: bool


def judged(source: Column, target: Column) -> Found | None:
    """How much of `source` is found in `target`, where that is a join; None where it is none or nobody can say."""
    if source.place.table == target.place.table or not (source.may_look_up and target.may_be_looked_up):
        return None
    found = measured(source, target)
    if found is None or found.known < FEWEST or found.share < SHARE:
        return None
    if not found.is_exact and found.known < FEW_KNOWN and found.share < 1:
        return None
    return found if _speaks_for_itself(source, target) or related(source, target) else None


def anchor(parts: Sequence[Column]) -> Column | None:
    """The column that several are looked for by: of those that hold codes, that of most values; None where none does.

    Without codes, years and the like meet everywhere in pairs too.
    """
    return max((one for one in parts if one.may_look_up), key=lambda one: one.distinct, default=None)


def judged_together(source: Sequence[Column], target: Sequence[Column]) -> bool:
    """Whether several columns, paired by name, may find one row by a key of several columns; rows are counted later.

    Each is of the type of its pair, and its values are found there: where both have sketches, enough of them; else
    (dates, times, figures) the two ranges have something in common.
    """
    return anchor(source) is not None and all(map(_fits, source, target))


def _fits(source: Column, target: Column) -> bool:
    found = measured(source, target)
    return source.type == target.type and (found.share >= SHARE if found else _overlap(source, target))


def _overlap(source: Column, target: Column) -> bool:
    """Whether the ranges of two columns meet; not where one has none."""
    one, other = ((_in_order(column, column.least), _in_order(column, column.most)) for column in (source, target))
    return bool(source.least and target.least) and one[0] <= other[1] and other[0] <= one[1]


def _in_order(column: Column, value: str) -> tuple[float, str]:
    """A value as it is ordered: a number by its size, a date or a time as it is written."""
    if column.type not in _FIGURES:
        return 0, value
    try:
        return float(value), ""
    except ValueError:
        return 0, value


def measured(source: Column, target: Column) -> Found | None:
    """How much of `source` is found in `target`; None where nobody can say."""
    if source.sketch is None or target.sketch is None:
        return None
    share, known = containment(source.sketch, target.sketch)
    is_exact = source.sketch.is_complete and target.sketch.is_complete
    return None if share is None else Found(share, known, is_exact)


def related(source: Column, target: Column) -> bool:
    """Whether the two are called alike: by the same kind of code, or a word that is not on every column."""
    if source.identifier and source.identifier == target.identifier:
        return True
    return bool(source.words & (target.words | target.around) or target.words & source.around)


def likeness(source: Column, target: Column) -> float:
    """How many of the words that two columns are called by are the same, 0 to 1."""
    every = source.words | target.words
    return len(source.words & target.words) / len(every) if every else 0.0


def rank_of(source: Column, target: Column) -> int:
    """Codes before names before categories: the lower, the more two columns mean one thing by the same value."""
    return max(map(_rank, (source, target)))


def _rank(column: Column) -> int:
    meaning = "identifier" if column.identifier else column.meaning
    return _MEANINGS.index(meaning) if meaning in _MEANINGS else len(_MEANINGS)


def _speaks_for_itself(source: Column, target: Column) -> bool:
    """Whether values are so particular that they are found elsewhere for one reason only."""
    short = any(one.digits <= (_SHORT_DIGITS if one.is_digits else _SHORT) for one in (source, target))
    return source.distinct >= _FEW_VALUES and not short
