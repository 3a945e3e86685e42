"""The page of a dataset, at `/d/DEPARTMENT/DATASET[/VERSION]`: one release, and what its own files say of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from typing import Any

from datasette.utils.asgi import Response
from markupsafe import Markup

from civicat.catalog.facts import release_facts
from civicat.catalog.facts.checks import CHECKS
from civicat.catalog.facts.coverage import Coverage
from civicat.catalog.facts.dictionary import Column
from civicat.catalog.facts.freshness import Freshness, due, freshness
from civicat.catalog.facts.history import history
from civicat.catalog.facts.known_facts import Facts, facts, line
from civicat.catalog.facts.loading import Load, loads
from civicat.catalog.facts.quality import Quality
from civicat.catalog.facts.release_facts import Checked, Conversion, Figures, Moved, Proof
from civicat.catalog.facts.spelled_values import spelled
from civicat.catalog.facts.terms import Terms, permission, terms_of
from civicat.catalog.facts.withdrawn import WithdrawnError, all_down, taken_down
from civicat.catalog.files import offers
from civicat.catalog.files.downloads import DATASET, RELEASE
from civicat.catalog.files.offers import Offer
from civicat.catalog.look.chart_links import are_drawn, card_address, chart_address
from civicat.catalog.look.kept_html import Kept
from civicat.catalog.model import Card
from civicat.catalog.pages.joins import joins_of
from civicat.catalog.pages.rendering import missing, page
from civicat.catalog.site_context import Site, language_of, locale_of, origin, site_of
from civicat.dataset import Contributor, ForeignKey, Licence
from civicat.errors import StoreError
from civicat.hand_ins import HandIn
from civicat.layout import Layout
from civicat.release import Release, Table, Tombstone, Version
from civicat.text import Language, Text
from civicat.vocabulary import FREQUENCIES, OPENINGS, THEMES

NEWEST = 20  # versions listed with their date and rows; older ones by number only
SIMILAR = 4  # datasets named beside this one
_KEPT = Kept()
MANY = 40  # columns from which on a list of them to jump to stands before the table

_ROLES: Mapping[str, Text] = {  # Data Package v2, contributors; the steward is ours
    "steward": Text("数据管理员", "Steward"),
    "creator": Text("编制", "Creator"),
    "author": Text("作者", "Author"),
    "publisher": Text("原发布方", "Publisher"),
    "maintainer": Text("维护", "Maintainer"),
    "wrangler": Text("整理", "Wrangler"),
    "contributor": Text("参与", "Contributor"),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A foreign key as a link: the columns here and there, the table they are found in, and whose it is."""

    fields: tuple[str, ...]
    reference: tuple[str, ...]
    title: Text
    department: Text
    address: str


@dataclass(frozen=True, slots=True)
class TablePart:
    """One table of the release: addresses, the data dictionary with figures, the foreign keys.

    `parquet` is a file for each part of the table. `conversion` is None where no proof of it was kept. `charts` are the
    pages on which a column's distribution is drawn; empty where this site draws none.
    """

    table: Table
    anchor: str
    browse: str
    parquet: tuple[Offer, ...]
    csv: str
    forms: tuple[Offer, ...]
    columns: tuple[Column, ...]
    figures: Mapping[str, Figures]
    conversion: Conversion | None
    keys: tuple[Key, ...]
    charts: Mapping[str, str]

    def keys_of(self, column: str) -> tuple[Key, ...]:
        """Where the values of a column were looked up."""
        return tuple(key for key in self.keys if column in key.fields)


@dataclass(frozen=True, slots=True)
class Earlier:
    """One line of the list of versions; of one that is down its tombstone.

    `changes` is the page of what changed since the version before; blank where there is none, or nothing compares them.
    `moved` counts its rows; None where nobody did.
    """

    version: str
    address: str
    released: str
    rows: int
    change: Text
    changes: str = ""
    moved: Moved | None = None
    tombstone: Tombstone | None = None


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """All that dataset.html needs beside the Release. `address` is this version's path, `permanent` with the host.

    `main` is the largest table. `fresh` is how the dataset stands today, whichever version is read. `citation` is in
    the page's language, blank where nothing makes one; `citations` are files, each with its style. `card` is a picture
    to share, blank where there is none. `refused` is a hand-in newer than what is online, None where there is none.
    """

    address: str
    permanent: str
    is_latest: bool
    latest: str
    frequency: Text
    fresh: Freshness
    permission: Text
    opening: Text
    terms: tuple[tuple[Licence, Terms | None], ...]
    covered: Coverage
    quality: Quality
    themes: tuple[tuple[str, Text], ...]
    contributors: tuple[tuple[Text, Contributor], ...]
    tables: tuple[TablePart, ...]
    main: TablePart
    tasks: tuple[Checked, ...]
    files: tuple[Checked, ...]
    warnings: tuple[Text, ...]
    versions: tuple[Earlier, ...]
    older: tuple[str, ...]
    loads: tuple[Load, ...]
    whole: tuple[Offer, ...]
    leaflets: tuple[tuple[Language, str], ...]
    documents: tuple[Offer, ...]
    proof: Proof | None
    provenance: Text
    citation: str
    citations: tuple[tuple[Text, str], ...]
    similar: tuple[Card, ...]
    card: str
    refused: HandIn | None


async def dataset(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types)
    """One version of a dataset, the latest unless the address names another.

    Raises:
        WithdrawnError: every release that it ever had is down.
    """
    site = site_of(datasette)
    name = f"{request.url_vars['department']}/{request.url_vars['dataset']}"
    wanted = request.url_vars.get("version")
    known = await asyncio.to_thread(_facts_of, site.layout, name, wanted)
    if known is None:
        down = () if wanted else await asyncio.to_thread(all_down, site.layout, name)
        if down:
            raise WithdrawnError(down)
        return await missing(datasette, request, f"{name}/{wanted}" if wanted else name)
    language, today = language_of(request.scope), datetime.now(UTC).date()
    shown = await asyncio.to_thread(dataset_page, site, known, origin(request), language, today)
    card = site.catalogue.card(name)
    joins = await asyncio.to_thread(joins_of, site, card) if card else ()
    values: dict[str, Any] = {
        "release": known.release,
        "page": shown,
        "joins": joins,
        "checks": CHECKS,
        "spelled": spelled,
    }
    dictionaries = [await _dictionary(datasette, request, shown, part, values) for part in shown.tables]
    return await page(datasette, request, "dataset.html", section="search", dictionaries=dictionaries, **values)


async def _dictionary(
    datasette: Any,  # noqa: ANN401 (Datasette ships no types)
    request: Any,  # noqa: ANN401
    shown: DatasetPage,
    part: TablePart,
    values: Mapping[str, Any],
) -> Markup:
    """The dictionary of a table, which is most of the page's work: kept where a manifest says that nothing changed."""
    own = {**values, "one": part, "many": MANY}
    write = partial(datasette.render_template, "dataset_columns.html", own, request=request)
    if shown.proof is None:
        return Markup(await write())  # noqa: S704 (what a template wrote)
    locale, resource = locale_of(request.scope), part.table.resource.name
    # The path of the file tells one store from another; the keys hold titles of other datasets, which change.
    key = (part.table.path, shown.proof.manifest, resource, locale, shown.is_latest, part.keys)
    return await _KEPT.piece(key, write)


def _facts_of(layout: Layout, name: str, wanted: str | None) -> Facts | None:
    """What is known of the version that is wanted, else of the newest that can be read; None where there is none."""
    if wanted is None:
        newest = next(_online(layout, name), None)
        if newest is None:
            layout.release(name)  # it says why, where there are versions and none can be read
            return None
        return facts(layout, name, newest)
    version = Version.parse(wanted)
    return facts(layout, name, version) if version else None


def _online(layout: Layout, dataset: str) -> Iterator[Version]:
    """The versions that are handed out and can be read, newest first.

    They are told apart by what is kept of them: the layout itself would read every one of them again.
    """
    for version in reversed(Layout(layout.store).versions(dataset)):
        with suppress(StoreError):
            if line(layout, dataset, version) is not None:
                yield version


def dataset_page(site: Site, known: Facts, origin: str, language: Language, today: date) -> DatasetPage:
    """The page of a release; `origin` is the site's own address as the reader wrote it, such as https://data.example.org.

    `today` is the day that freshness is reckoned on.
    """
    release, making = known.release, site.making
    dataset = release.dataset
    address = f"/d/{dataset.id}/{release.version}"
    numbers = site.layout.numbers(dataset.id)[::-1]
    online = tuple(islice(_online(site.layout, dataset.id), NEWEST + 1)) or (release.version,)
    proof = release_facts.proof(release)
    tables = tuple(_parts(site, known, address))
    main, is_latest = max(tables, key=lambda one: one.table.rows), release.version == online[0]
    return DatasetPage(
        address=address,
        permanent=f"{origin}{address}",
        is_latest=is_latest,
        latest=str(online[0]),
        frequency=FREQUENCIES.get(dataset.frequency, Text(dataset.frequency, dataset.frequency)),
        fresh=_freshness(site.layout, release, online[0], today),
        permission=permission(dataset.licences),
        opening=OPENINGS.get(dataset.opening, Text()),
        terms=terms_of(dataset.licences),
        covered=known.coverage,
        quality=known.quality,
        themes=tuple((code, THEMES[code]) for code in dataset.themes if code in THEMES),
        contributors=tuple((_role(one), one) for one in dataset.contributors),
        tables=tables,
        main=main,
        tasks=known.checked,
        files=tuple({task.place: task for task in known.checked}.values()),  # two tables may be two sheets of one file
        warnings=known.remarks,
        versions=tuple(_earlier(site, dataset.id, version, online) for version in numbers[:NEWEST]),
        older=tuple(map(str, numbers[NEWEST:])),
        loads=loads([f"{origin}{one.address}" for one in main.parquet], f"{origin}{main.csv}"),
        whole=tuple(offers.whole(making, release, address, is_latest=is_latest)),
        leaflets=tuple((one, f"{address}/leaflet-{one}.pdf") for one in offers.leaflets(making, language)),
        documents=tuple(offers.documents(release, address)),
        proof=proof,
        provenance=known.provenance,
        citation=offers.citation(making, release, proof, f"{origin}{address}", language),
        citations=tuple(offers.citations(making, proof, address)),
        similar=site.search.similar(dataset.id, SIMILAR),
        card=f"{origin}{card_address(release, language)}" if are_drawn() else "",
        refused=history(site.layout, dataset.id).refused if is_latest else None,
    )


def _freshness(layout: Layout, release: Release, latest: Version, today: date) -> Freshness:
    """How the dataset stands: by its newest release, also on the page of an older one."""
    newest = release if release.version == latest else line(layout, release.dataset.id, latest)
    frequency = release.dataset.frequency
    return freshness(frequency, due(frequency, newest.released if newest else ""), today)


def _role(contributor: Contributor) -> Text:
    role = next(iter(contributor.roles), "contributor")
    return _ROLES.get(role, Text(role, role))


def _parts(site: Site, known: Facts, address: str) -> Iterator[TablePart]:
    release = known.release
    for table in release.tables:
        name = table.resource.name
        figures = known.figures.get(name, {})
        yield TablePart(
            table=table,
            anchor=f"table-{name}",
            browse=f"/{release.department.code}/{table.name}",
            parquet=tuple(offers.files(table, address)),
            csv=f"{address}/{name}.csv",
            forms=tuple(offers.forms(site.making, release, table, address)),
            columns=known.columns[name],
            figures=figures,
            conversion=known.conversions.get(name),
            keys=tuple(_key(site, release, table, key) for key in table.resource.schema.foreign_keys),
            charts=_charts(release, name, figures),
        )


def _charts(release: Release, resource: str, figures: Mapping[str, Figures]) -> Mapping[str, str]:
    drawn = {name for name, one in figures.items() if one.bars or one.top} if are_drawn() else set[str]()
    return {name: chart_address(release, resource, name) for name in drawn}


def _key(site: Site, release: Release, table: Table, key: ForeignKey) -> Key:
    if key.dataset:
        return _key_across(site, key)
    resource = release.dataset.resource(key.resource) or table.resource
    return Key(key.fields, key.reference, resource.title, Text(), f"#table-{resource.name}")


def _key_across(site: Site, key: ForeignKey) -> Key:
    card = site.catalogue.card(key.dataset)
    title = card.title if card else Text(key.dataset, key.dataset)
    return Key(key.fields, key.reference, title, card.department_title if card else Text(), f"/d/{key.dataset}")


def _earlier(site: Site, dataset: str, version: Version, online: Sequence[Version]) -> Earlier:
    """A line of the list; `online` are the versions that are handed out, newest first."""
    address = f"/d/{dataset}/{version}"
    tombstone = taken_down(site.layout, dataset, version)
    if tombstone is not None:
        return Earlier(str(version), address, "", tombstone.rows, Text(), tombstone=tombstone)
    one = line(site.layout, dataset, version) if version in online else None
    if one is None:
        return Earlier(str(version), address, "", 0, Text())
    before = online[online.index(version) + 1 :][:1]
    changes = f"/d/{dataset}/diff/{before[0]}/{version}" if before and site.making else ""
    return Earlier(str(version), address, one.released, one.rows, one.change, changes, one.moved if before else None)


ROUTES = ((rf"{DATASET}$", dataset), (rf"{RELEASE}$", dataset))
