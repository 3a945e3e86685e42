"""The leaflet of a release: what a dataset is on one page of A4, for whoever has no screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from civicat.publish.kit.dictionary import Column
from civicat.publish.kit.facts import Chart, Facts, TableFacts, facts
from civicat.publish.kit.fitting import STEPS, Fit, cut, sentences
from civicat.publish.kit.templating import page, stylesheet
from civicat.publish.kit.typesetting import Sheet, print_first_that_fits
from civicat.release import Release
from civicat.text import Language, Text


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table of columns, in one language. `meaning` and `caveat` are empty where there is no room.

    `whole` says that neither was cut.
    """

    name: str
    title: str
    meaning: str
    unit: str
    caveat: str
    whole: bool
    example: str


@dataclass(frozen=True, slots=True)
class _TablePart:
    """The columns of one table that are shown, and how many are not."""

    facts: TableFacts
    rows: tuple[_Row, ...]
    more: int


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A release as one step of fitting lets it be told. `whole` says that nothing was left out."""

    facts: Facts
    title: str
    lead: str
    caveats: tuple[str, ...]
    more_caveats: int
    charts: tuple[Chart, ...]
    tables: tuple[_TablePart, ...]
    small: int
    whole: bool


def leaflet(release: Release, profile: Mapping[str, object] | None, language: Language, address: str = "") -> bytes:
    """One page of A4 as PDF/UA-1; the same release gives the same bytes.

    `profile` is the content of the release's profile.json; where it is empty the pictures are left out, where it is
    None it is read from the release. What does not fit is cut at the end of a sentence, and the page says so and where
    the rest is. `address` is where the release is found on the web.

    Raises:
        CivicatError: Pango or a font is missing.
    """
    known = facts(release, profile, address)
    return print_first_that_fits([partial(_sheet, known, language, fit) for fit in STEPS])


def _sheet(known: Facts, language: Language, fit: Fit) -> Sheet:
    html = page("leaflet.html", language, leaf=_leaf(known, language, fit), scale=fit.scale)
    return Sheet(html, stylesheet("leaflet.css"))


def _leaf(known: Facts, language: Language, fit: Fit) -> _Leaf:
    dataset = known.release.dataset
    title, lead = dataset.title.within(language) or dataset.name, dataset.description.within(language)
    said = [caveat.within(language) for caveat in known.caveats]
    caveats = tuple(cut(one, fit.caveat) for one in said[: fit.caveats])
    tables = _tables(known, language, fit)
    return _Leaf(
        facts=known,
        title=cut(title, fit.small),
        lead=cut(lead, fit.lead),
        caveats=caveats,
        more_caveats=len(said) - len(caveats),
        charts=tuple(known.charts(language, fit.charts)),
        tables=tables,
        small=fit.small,
        whole=len(title) <= fit.small
        and len(lead) <= fit.lead
        and list(caveats) == said
        and all(not one.more and all(row.whole for row in one.rows) for one in tables),
    )


def _tables(known: Facts, language: Language, fit: Fit) -> tuple[_TablePart, ...]:
    """The first columns of each table; the room is shared, and what one table leaves the next one takes."""
    room, parts = fit.columns, []
    for place, table in enumerate(known.tables):
        share = max(2, room // (len(known.tables) - place))
        rows = tuple(_row(column, language, fit) for column in table.columns[:share])
        parts.append(_TablePart(table, rows, len(table.columns) - len(rows)))
        room -= len(rows)
    return tuple(parts)


def _row(column: Column, language: Language, fit: Fit) -> _Row:
    meaning = column.description.within(language)
    caveats = " ".join(one.within(language) for one in column.caveats)
    return _Row(
        name=cut(column.name, fit.small),
        title=cut((column.title or Text(column.name, column.name)).within(language), min(fit.small, 120)),
        meaning=sentences(meaning, fit.meaning),
        unit=column.unit,
        caveat=sentences(caveats, fit.remark),
        whole=len(meaning) <= fit.meaning and len(caveats) <= fit.remark,
        example=cut(column.called(column.example).within(language), 28) if column.example else "",
    )
