"""The facets beside a table: how many rows there are of each value of a few columns, with the filters in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasette.facets import ColumnFacet
from markupsafe import Markup

from civicat.catalog.i18n import Words
from civicat.catalog.tables.addresses import Address
from civicat.catalog.tables.cells import ON_TABLE, Column, cut, label
from civicat.catalog.tables.kinds import Kind
from civicat.catalog.tables.questions import parameter
from civicat.catalog.tables.refusals import MOST_FACETS, MOST_VALUES

MOST = MOST_FACETS  # on a page, those that were asked for among them
_SEEN = 6  # values of a facet that stand open
_COUNTED = MOST_VALUES  # values of a facet that are counted; where there are more, the page says so
_LONGEST_VALUE = 1_000  # characters
_FEW_ROWS = 100  # a table that is referred to and no longer than this is as good as a list of categories


@dataclass(frozen=True, slots=True)
class Counted:
    """One value of a facet: its rows, and the address with it chosen (or without, where it is chosen by now)."""

    label: Markup
    rows: int
    address: Address
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownFacet:
    """One facet. `seen` stand open, `more` are folded; `is_cut` where there are values beyond those."""

    column: Column
    seen: tuple[Counted, ...]
    more: tuple[Counted, ...]
    is_cut: bool

    @property
    def rows_of_more(self) -> int:
        """The rows of all folded values."""
        return sum(one.rows for one in self.more)


class _Facet(ColumnFacet):  # type: ignore[misc] # Datasette ships no types
    """Datasette's facet, counting further than its pages show. Which values are chosen is told by us."""

    def get_facet_size(self) -> int:
        return _COUNTED

    def get_querystring_pairs(self) -> list[tuple[str, str]]:
        return []


def facetable(columns: Sequence[Column]) -> list[Column]:
    """The columns with few values, as far as the descriptor says: categories and closed lists, truths, short tables."""
    closed = [
        one for one in columns if one.field.categories or "enum" in one.field.constraints or one.kind is Kind.BOOLEAN
    ]
    short = [one for one in columns if _refers_to_few(one) and one not in closed]
    return [*closed, *short][:MOST]


def _refers_to_few(column: Column) -> bool:
    return column.link is not None and len(column.link.fields) == 1 and column.link.target.table.rows <= _FEW_ROWS


async def count(
    datasette: Any,  # noqa: ANN401 (Datasette ships no types)
    request: Any,  # noqa: ANN401
    names: Sequence[str],
    sql: str,
    values: dict[str, object],
) -> tuple[list[dict[str, Any]], list[str]]:
    """Datasette's own count of some columns over a statement: the results, and the columns that took too long."""
    facet = _Facet(
        datasette,
        request,
        request.url_vars["database"],
        sql=sql,
        table=None,
        params=values,
        metadata={"facets": list(names)},
    )
    results, late = await facet.facet_results()
    return results, late


def shown(
    results: Sequence[dict[str, Any]], columns: dict[str, Column], address: Address, words: Words
) -> list[ShownFacet]:
    """Facets as the page shows them; one with a single value has nothing to narrow down and is left out."""
    facets = []
    for result in {result["name"]: result for result in results}.values():  # one asked for may be one of ours
        column = columns[result["name"]]
        values = tuple(_counted(one, column, address, words) for one in result["results"] if _is_short(one["value"]))
        if len(values) > 1 or any(one.is_chosen for one in values):
            open_ones = _SEEN if len(values) > _SEEN + 1 else len(values)  # one alone is not worth folding
            facets.append(
                ShownFacet(
                    column,
                    values[:open_ones],
                    values[open_ones:],
                    result["truncated"] or len(values) < len(result["results"]),
                )
            )
    return facets


def _is_short(value: object) -> bool:
    """Whether a value can stand in an address; where some cannot, the facet says that there are more."""
    return len(str(value)) <= _LONGEST_VALUE


def _counted(one: dict[str, Any], column: Column, address: Address, words: Words) -> Counted:
    value = str(one["value"])
    pairs = [pair for pair in ((column.name, value), (f"{column.name}__exact", value)) if pair in address.pairs]
    chosen = address.lacking(*pairs) if pairs else address.having((parameter(column.name), value))
    shown = label(value, column, words) if len(value) <= ON_TABLE else words.run(cut(value, ON_TABLE))
    return Counted(shown, one["count"], chosen, bool(pairs))
