"""The charts of a table that are worth seeing, chosen by rule from its columns: types, meanings, different values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from civicat.catalog.charts.asked import Asked, has_periods
from civicat.catalog.charts.columns import Column, pair

MOST = 8  # of one table: who wants others chooses them from its columns
_SEVERAL = 4  # columns of amounts up to which two are drawn over time
_MANY = 400  # different texts of which the most frequent twenty still say something
_FEW = 60  # different values that bars can still tell apart


def chosen(resource: str, found: tuple[Column, ...]) -> tuple[Asked, ...]:
    """Charts in the order of what they say: where, when, by what, how much; at most MOST."""
    return tuple(islice(dict.fromkeys(_worth(resource, found)), MOST))


def _worth(resource: str, found: tuple[Column, ...]) -> Iterator[Asked]:
    amounts = [one for one in found if one.is_amount]
    if pair(found) or any(one.role in {"shape", "point"} for one in found):
        yield Asked("map", resource, (_sized(amounts),) if amounts else ())
    yield from _over_time(resource, found, amounts)
    yield from _by_code(resource, found, amounts)
    yield from (Asked("distribution", resource, (one.name,)) for one in amounts if _varies(one))
    for named in found:
        if named.role == "text" and not named.is_key and _repeats(named):
            yield Asked("bars", resource, (named.name,))


def _over_time(resource: str, found: tuple[Column, ...], amounts: list[Column]) -> Iterator[Asked]:
    """Series by the first date: a panel for each value of a code that is in the key, whose rows must not be mixed."""
    codes = [one for one in found if one.role == "code" and one.in_key and 1 < (one.distinct or 0) <= _FEW]
    panel = tuple(one.name for one in codes[:1])
    for date in [one for one in found if one.role == "date" and _varies(one)][:1]:
        for amount in amounts[: 2 if len(amounts) <= _SEVERAL or date.in_key else 1] if has_periods(date) else ():
            yield Asked("series", resource, (date.name, amount.name, *panel))
        if not date.in_key:
            yield Asked("distribution", resource, (date.name,))


def _by_code(resource: str, found: tuple[Column, ...], amounts: list[Column]) -> Iterator[Asked]:
    main = tuple(one.name for one in amounts[:1])
    codes = [one for one in found if one.role == "code" and (_varies(one) or (main and one.in_key))]
    for code in codes[:3]:
        yield Asked("bars", resource, (code.name, *main) if code.in_key else (code.name,))
    for named in found:
        if named.role == "text" and named.is_key and main and (named.distinct or 0) <= _FEW:
            yield Asked("bars", resource, (named.name, *main))


def _sized(amounts: list[Column]) -> str:
    """What the marks of a map are sized by: a magnitude or the like says more than a depth."""
    return next((one.name for one in amounts if "magnitude" in one.name.lower()), amounts[0].name)


def _varies(column: Column) -> bool:
    """Whether there is anything to tell apart: several values, and not each as often as the others."""
    told = column.profile.get("top")
    top = told.get("values") if isinstance(told, dict) else None
    counts = {one.get("count") for one in top} if isinstance(top, list) else set()
    level = column.role in {"code", "text"} and len(counts) == 1 and len(top or ()) > 1
    return not level and (column.distinct is None or column.distinct > 1)


def _repeats(column: Column) -> bool:
    """Whether a text's values come again often enough to be counted."""
    count = column.profile.get("count")
    return _varies(column) and isinstance(count, int) and 1 < (column.distinct or 0) <= min(count / 3, _MANY)
