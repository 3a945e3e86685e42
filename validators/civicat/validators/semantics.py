"""Which kind of code a column holds, from values all over it: the kinds of docs/identifiers.md.

Some kinds show by themselves: a check digit, an unmistakable form. Others (a postcode is any six digits) are only
proposed where the column is called so as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import mask, widths
from civicat.validators.engine.block import Block, Numbers
from civicat.validators.identifiers import REGISTRY
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.judging import wrong
from civicat.validators.inference import MANY, MOSTLY, Inferred, texts_of
from civicat.validators.sketches import Sketch
from civicat.validators.tallies import Forms

_ENOUGH = 10  # different values that do not all fit a kind by chance
_ENOUGH_NAMED = 3  # the same where the column is called so
_GLANCE = 20  # values that speak against most kinds
_SHOWN = 5  # values that are not good which are kept
_LONGEST = 2_000  # characters of a value: no kind is longer
_TYPES = frozenset({"string", "integer", "number"})
# What columns are called that hold a kind which does not show by itself. The name is compared without case or signs.
_CALLED: Mapping[str, frozenset[str]] = {
    "division-code": frozenset({"行政区划代码", "区划代码", "行政区划", "adcode", "divisioncode", "areacode"}),
    "postcode-cn": frozenset({"邮编", "邮政编码"}),
    "landline-cn": frozenset({"固定电话", "座机"}),
    "phone-cn": frozenset({"电话", "联系电话", "电话号码"}),
    "longitude": frozenset({"longitude", "lon", "lng", "long", "经度", "x经度"}),
    "latitude": frozenset({"latitude", "lat", "纬度", "y纬度"}),
    "country": frozenset({"country", "countrycode", "iso2", "isoalpha2", "iso3166", "国家代码", "国别代码"}),
    "country-alpha3": frozenset({"country", "countrycode", "iso3", "isoalpha3", "iso31661alpha3", "国家代码"}),
    "currency": frozenset({"currency", "currencycode", "币种", "货币", "货币代码"}),
    "language": frozenset({"language", "languagecode", "lang", "语言", "语种", "语言代码"}),
    "language-alpha3": frozenset({"iso6393", "iso6392", "语言代码"}),
}


@dataclass(frozen=True, slots=True)
class Known:
    """The kind of a column, and its values that are not good ones."""

    identifier: Identifier
    wrong: Forms


def find_kinds(drawn: Sketch, columns: Sequence[Inferred]) -> Mapping[str, Known]:
    """The kind that each column holds, by the column's name: seen in values from all over it, confirmed in all."""
    likely = {place: kind for place, one in enumerate(columns) if (kind := _likely(one)) is not None}
    open_ = [place for place in likely if columns[place].few is None]
    counts: dict[int, Forms] = {
        place: _judged(kind, pa.array(_different(columns[place])), None)
        for place, kind in likely.items()
        if place not in open_
    }
    if open_:
        counts |= _in_all_rows(drawn, columns, {place: likely[place] for place in open_})
    return {
        columns[place].name: Known(kind, counts[place])
        for place, kind in likely.items()
        if counts[place].count <= _allowed(kind, columns[place].filled)
    }


def _likely(column: Inferred) -> Identifier | None:
    """The kind that the values which were kept fit, nearly all of them where it shows by itself."""
    values = _different(column)
    if column.type not in _TYPES or not values or column.doubt or max(map(len, values)) > _LONGEST:
        return None
    kinds = (one for one, enough in _thinkable(column) if len(values) >= enough)
    return next((one for one in kinds if _fits(one, values)), None)


def _different(column: Inferred) -> list[str]:
    """The different values that were kept: all of them where they are few."""
    gone = {*column.missing, *(text for _, text in column.unfit.first)}
    return [one for one in dict.fromkeys(column.few if column.few is not None else column.sample) if one not in gone]


def _in_all_rows(drawn: Sketch, columns: Sequence[Inferred], kinds: Mapping[int, Identifier]) -> dict[int, Forms]:
    """The values of some columns that are not good ones of their kind, over the whole file."""
    found = {place: Forms() for place in kinds}
    words = {place: pa.array(sorted(columns[place].missing), pa.string()) for place in kinds}

    def look(block: Block) -> dict[int, Forms]:
        looked = {}
        for place, kind in kinds.items():
            texts = texts_of(block.columns[place]).fill_null("")
            there = (widths(texts) > 0) & ~mask(pc.is_in(texts, words[place]))
            looked[place] = _judged(kind, texts.filter(pa.array(there)), block.numbers[there])
        return looked

    for looked in drawn.blocks(look):
        for place, forms in looked.items():
            found[place].add(forms)
    return found


def _judged(kind: Identifier, values: pa.Array[Any], numbers: Numbers | None) -> Forms:
    bad = list(wrong(kind, values))
    shown = values.take(pa.array(bad[:_SHOWN], pa.int64())).to_pylist()
    rows = [0] * len(shown) if numbers is None else numbers[bad[:_SHOWN]].tolist()
    return Forms(len(bad), list(zip(rows, shown, strict=True)))


def _thinkable(column: Inferred) -> Iterable[tuple[Identifier, int]]:
    """The kinds that a column may hold, and how many different values are enough to say so."""
    called = "".join(filter(str.isalnum, column.name.casefold()))
    numbers = column.type == "number"
    for name, identifier in REGISTRY.items():
        if called in _CALLED.get(name, ()):
            yield identifier, _ENOUGH_NAMED
        elif identifier.telling and not numbers:
            yield identifier, _ENOUGH


def _fits(identifier: Identifier, values: list[str]) -> bool:
    glance = values[:_GLANCE]
    if len(wrong(identifier, pa.array(glance))) > len(glance) // _GLANCE:
        return False
    return len(wrong(identifier, pa.array(values))) <= _allowed(identifier, len(values))


def _allowed(identifier: Identifier, count: int) -> float:
    """How many values may be wrong: few of very many where a check digit or the form shows the kind, else none."""
    return (1 - MOSTLY) * count if identifier.telling and count >= MANY else 0
