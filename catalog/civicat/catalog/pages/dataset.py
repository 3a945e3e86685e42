"""The page of a dataset, at `/d/DEPARTMENT/DATASET[/VERSION]`: one release, and what its own files say of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from datasette.utils.asgi import Response

from civicat.catalog import release_facts
from civicat.catalog.dictionary import Column, columns
from civicat.catalog.downloads import DATASET, RELEASE
from civicat.catalog.made_files import CITATIONS, KIT, OWN, export_key, has_places, is_too_large
from civicat.catalog.makers import Form
from civicat.catalog.making import Making
from civicat.catalog.pages.rendering import missing, page
from civicat.catalog.release_facts import Conversion, Figures, Proof
from civicat.catalog.site_context import Site, language_of, origin, site_of
from civicat.catalog.withdrawn import WithdrawnError, all_down, taken_down
from civicat.dataset import Contributor, ForeignKey, Licence
from civicat.errors import CivicatError
from civicat.layout import CHANGES, CONVERSION, DESCRIPTOR, MANIFEST, PROFILE, PROVENANCE, REPORT, SIGNATURE
from civicat.release import Release, Table, Tombstone, Version
from civicat.text import Language, Text
from civicat.vocabulary import FREQUENCIES, THEMES

NEWEST = 20  # versions listed with their date and rows; older ones by number only

FREELY = Text("自由使用", "Use it freely")
NAMING = Text("注明来源即可使用", "Use it, name the source")
ALIKE = Text("注明来源，以相同方式共享", "Use it, name the source, share alike")
TERMS = Text("按条款使用", "Use it on its terms")
_PERMISSIONS: Mapping[str, Text] = {
    **dict.fromkeys(("CC0-1.0", "PDDL-1.0", "other-pd", "public-domain", "US-PD", "Unlicense", "WTFPL"), FREELY),
    **dict.fromkeys(("MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"), NAMING),
    **dict.fromkeys(("CC-BY-4.0", "CC-BY-3.0", "CC-BY-2.0", "ODC-By-1.0", "OGL-UK-3.0", "etalab-2.0"), NAMING),
    **dict.fromkeys(("CC-BY-SA-4.0", "CC-BY-SA-3.0", "ODbL-1.0"), ALIKE),
}

_DOCUMENTS: Mapping[str, Text] = {
    DESCRIPTOR: Text("数据说明（JSON）", "Descriptor (JSON)"),
    REPORT: Text("核验报告（JSON）", "Report (JSON)"),
    PROFILE: Text("各列概况（JSON）", "Profile of the columns (JSON)"),
    CONVERSION: Text("转换证明（JSON）", "Proof of conversion (JSON)"),
    PROVENANCE: Text("来源记录（PROV-O，JSON-LD）", "Provenance (PROV-O, JSON-LD)"),
    CHANGES: Text("与上一版本的差异（Parquet）", "Changes since the version before (Parquet)"),
    MANIFEST: Text("清单（JSON）", "Manifest (JSON)"),
    SIGNATURE: Text("清单的签名", "Signature of the manifest"),
}
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
class Offer:
    """A file to download: what it is, and its size in bytes where that is known already.

    Where it is too large to be made here, `address` is blank and `command` makes it elsewhere.
    """

    title: Text
    address: str
    size: int | None = None
    command: str = ""


@dataclass(frozen=True, slots=True)
class TablePart:
    """One table of the release: addresses, the data dictionary with figures, the foreign keys.

    `parquet` is a file for each part of the table. `conversion` is None where no proof of it was kept.
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


@dataclass(frozen=True, slots=True)
class Task:
    """What the checks read of one file as it was handed in: size in bytes, rows without the header."""

    name: str
    place: str
    rows: int
    columns: int
    bytes: int
    sha256: str
    errors: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """One line of the list of versions; of one that is down its tombstone.

    `changes` is the page of what changed since the version before; blank where there is none, or nothing compares them.
    """

    version: str
    address: str
    released: str
    rows: int
    change: Text
    changes: str = ""
    tombstone: Tombstone | None = None


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """All that dataset.html needs beside the Release. `address` is this version's path, `permanent` with the host.

    `citation` is in the page's language, blank where nothing makes one; `citations` are files, each with its style.
    """

    address: str
    permanent: str
    is_latest: bool
    latest: str
    frequency: Text
    permission: Text
    themes: tuple[tuple[str, Text], ...]
    contributors: tuple[tuple[Text, Contributor], ...]
    tables: tuple[TablePart, ...]
    tasks: tuple[Task, ...]
    files: tuple[Task, ...]
    warnings: tuple[Text, ...]
    versions: tuple[Earlier, ...]
    older: tuple[str, ...]
    loads: tuple[tuple[str, str], ...]
    whole: tuple[Offer, ...]
    leaflets: tuple[tuple[Language, str], ...]
    documents: tuple[Offer, ...]
    proof: Proof | None
    provenance: Text
    citation: str
    citations: tuple[tuple[Text, str], ...]


async def dataset(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types)
    """One version of a dataset, the latest unless the address names another.

    Raises:
        WithdrawnError: every release that it ever had is down.
    """
    site = site_of(datasette)
    name = f"{request.url_vars['department']}/{request.url_vars['dataset']}"
    wanted = request.url_vars.get("version")
    version = Version.parse(wanted) if wanted else None
    release = None if wanted and version is None else await asyncio.to_thread(site.layout.release, name, version)
    if release is None:
        down = () if wanted else await asyncio.to_thread(all_down, site.layout, name)
        if down:
            raise WithdrawnError(down)
        return await missing(datasette, request, f"{name}/{wanted}" if wanted else name)
    language = language_of(request.scope)
    shown = await asyncio.to_thread(dataset_page, site, release, origin(request), language)
    return await page(datasette, request, "dataset.html", section="search", release=release, page=shown)


def dataset_page(site: Site, release: Release, origin: str, language: Language) -> DatasetPage:
    """The page of a release; `origin` is the site's own address as the reader wrote it, such as https://data.example.org."""
    dataset = release.dataset
    address = f"/d/{dataset.id}/{release.version}"
    versions = site.layout.versions(dataset.id)[::-1]
    numbers = site.layout.numbers(dataset.id)[::-1]
    proof = release_facts.proof(release)
    tasks = tuple(map(_task, _entries(release.report.get("tasks"))))
    tables = tuple(_parts(site, release, address))
    return DatasetPage(
        address=address,
        permanent=f"{origin}{address}",
        is_latest=release.version == versions[0],
        latest=str(versions[0]),
        frequency=FREQUENCIES.get(dataset.frequency, Text(dataset.frequency, dataset.frequency)),
        permission=_permission(dataset.licences),
        themes=tuple((code, THEMES[code]) for code in dataset.themes if code in THEMES),
        contributors=tuple((_role(one), one) for one in dataset.contributors),
        tables=tables,
        tasks=tasks,
        files=tuple({task.place: task for task in tasks}.values()),  # two tables may be two sheets of one file
        warnings=tuple(_warnings(release.report)),
        versions=tuple(_earlier(site, release, version, versions) for version in numbers[:NEWEST]),
        older=tuple(map(str, numbers[NEWEST:])),
        loads=_loads(origin, tables[0]),
        whole=tuple(_whole(site.making, release, address, is_latest=release.version == versions[0])),
        leaflets=tuple((one, f"{address}/leaflet-{one}.pdf") for one in _languages(site.making, language)),
        documents=tuple(_documents(release, address)),
        proof=proof,
        provenance=release_facts.provenance(release),
        citation=_citation(site.making, release, proof, f"{origin}{address}", language),
        citations=tuple(_citations(site.making, proof, address)),
    )


def _permission(licences: tuple[Licence, ...]) -> Text:
    """What all licences together allow, in a few words; the terms themselves are one click away."""
    said = {_PERMISSIONS.get(licence.name, TERMS) for licence in licences}
    return said.pop() if len(said) == 1 else TERMS


def _role(contributor: Contributor) -> Text:
    role = next(iter(contributor.roles), "contributor")
    return _ROLES.get(role, Text(role, role))


def _parts(site: Site, release: Release, address: str) -> Iterator[TablePart]:
    figures, conversions = release_facts.figures(release), release_facts.conversions(release)
    for table in release.tables:
        name = table.resource.name
        yield TablePart(
            table=table,
            anchor=f"table-{name}",
            browse=f"/{release.department.code}/{table.name}",
            parquet=tuple(_files(table, address)),
            csv=f"{address}/{name}.csv",
            forms=tuple(_forms(site.making, release, table, address)),
            columns=columns(table.resource.schema),
            figures=figures.get(name, {}),
            conversion=conversions.get(name),
            keys=tuple(_key(site, release, table, key) for key in table.resource.schema.foreign_keys),
        )


def _files(table: Table, address: str) -> Iterator[Offer]:
    many = len(table.parts)
    for number, part in enumerate(table.parts, 1):
        title = Text(f"第 {number} 部分，共 {many} 部分", f"part {number} of {many}") if many > 1 else Text()
        yield Offer(title, f"{address}/{part.path.name}", part.bytes)


def _forms(making: Making | None, release: Release, table: Table, address: str) -> Iterator[Offer]:
    """The table in the formats that are made of a table by itself."""
    for form in making.makers.forms if making else ():
        if not form.whole and form.name != OWN and (form.name != "geojson" or has_places(table)):
            name = table.resource.name
            yield _offer(making, release, form, (table,), f"{address}/{name}{form.suffix}", name)


def _whole(making: Making | None, release: Release, address: str, *, is_latest: bool) -> Iterator[Offer]:
    """What is made of the whole release."""
    for form in making.makers.forms if making else ():
        if form.whole:
            name = f"{address}/{release.dataset.name}{form.suffix}"
            yield _offer(making, release, form, release.tables, name, None)
    if making and is_latest:
        yield Offer(Text("离线包（ZIP）", "Offline kit (ZIP)"), f"{address}/{KIT}")


def _offer(  # noqa: PLR0913, PLR0917 - what is offered, and where
    making: Making | None, release: Release, form: Form, tables: tuple[Table, ...], address: str, resource: str | None
) -> Offer:
    if is_too_large(form, tables):
        named = f" --resource {resource}" if resource and len(release.tables) > 1 else ""
        command = f"civicat export {release.dataset.id} --format {form.name} --version {release.version}{named}"
        return Offer(form.title, "", command=command)
    made = making.known(export_key(release, form, resource)) if making else None
    return Offer(form.title, address, _size(made) if isinstance(made, Path) else None)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _languages(making: Making | None, language: Language) -> tuple[Language, ...]:
    """The languages of the leaflets, the reader's first."""
    both: tuple[Language, ...] = ("zh", "en") if language == "zh" else ("en", "zh")
    return both if making else ()


def _documents(release: Release, address: str) -> Iterator[Offer]:
    for name, title in _DOCUMENTS.items():
        size = _size(release.folder / name)
        if size is not None:
            yield Offer(title, f"{address}/{name}", size)


def _citation(making: Making | None, release: Release, proof: Proof | None, address: str, language: Language) -> str:
    """How to cite the release, in words; blank where that cannot be said, which takes no page down."""
    if making is None or proof is None:
        return ""
    try:
        return making.makers.cite(release, "plain", proof.manifest, address, language)
    except CivicatError:
        return ""


def _citations(making: Making | None, proof: Proof | None, address: str) -> Iterator[tuple[Text, str]]:
    for style, (file, _) in CITATIONS.items() if making and proof else ():
        if making and style in making.makers.styles:
            yield making.makers.styles[style], f"{address}/{file}"


def _key(site: Site, release: Release, table: Table, key: ForeignKey) -> Key:
    if key.dataset:
        return _key_across(site, key)
    resource = release.dataset.resource(key.resource) or table.resource
    return Key(key.fields, key.reference, resource.title, Text(), f"#table-{resource.name}")


def _key_across(site: Site, key: ForeignKey) -> Key:
    card = site.catalogue.card(key.dataset)
    title = card.title if card else Text(key.dataset, key.dataset)
    return Key(key.fields, key.reference, title, card.department_title if card else Text(), f"/d/{key.dataset}")


def _earlier(site: Site, release: Release, version: Version, online: Sequence[Version]) -> Earlier:
    """A line of the list; `online` are the versions that are handed out, newest first."""
    dataset = release.dataset.id
    address = f"/d/{dataset}/{version}"
    tombstone = taken_down(site.layout, dataset, version)
    if tombstone is not None or version not in online:
        return Earlier(str(version), address, "", tombstone.rows if tombstone else 0, Text(), tombstone=tombstone)
    one = release if version == release.version else site.layout.release(dataset, version)
    before = online[online.index(version) + 1 :][:1]
    return Earlier(
        str(version),
        address,
        one.released if one else "",
        one.rows if one else 0,
        one.change if one else Text(),
        changes=f"/d/{dataset}/diff/{before[0]}/{version}" if before and site.making else "",
    )


def _entries(value: object) -> Iterator[Mapping[str, object]]:
    yield from (one for one in cast("list[object]", value or []) if isinstance(one, dict))


def _task(task: Mapping[str, object]) -> Task:
    stats = cast("Mapping[str, int]", task.get("stats") or {})
    return Task(
        name=str(task.get("name", "")),
        place=str(task.get("place", "")),
        rows=stats.get("rows", 0),
        columns=stats.get("fields", 0),
        bytes=stats.get("bytes", 0),
        sha256=str(stats.get("sha256", "")),
        errors=stats.get("errors", 0),
    )


def _warnings(report: Mapping[str, object]) -> Iterator[Text]:
    """What the checks remarked, in both languages, of the dataset and then of each file (`Finding.to_descriptor`)."""
    for part in (report, *_entries(report.get("tasks"))):
        for finding in _entries(_block(part, "civicat").get("warnings")):
            said = _block(_block(finding, "civicat"), "message")
            yield Text(str(said.get("zh", "")), str(said.get("en", "")))


def _block(values: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _loads(origin: str, part: TablePart) -> tuple[tuple[str, str], ...]:
    """Lines that load a table as they stand, by the name of what runs them."""
    files = [f"{origin}{one.address}" for one in part.parquet]
    names = [path.name for path in part.table.paths]
    lines = _load_parts(files) if len(files) > 1 else _load_one(files[0], names[0])
    return (*lines, ("curl", f"curl -O {origin}{part.csv}"))


def _load_one(file: str, name: str) -> tuple[tuple[str, str], ...]:
    python = (
        "from urllib.request import urlretrieve\n"
        "from pyarrow.parquet import read_table\n\n"
        f'urlretrieve("{file}", "{name}")\n'
        f'table = read_table("{name}")'
    )
    return ("Python", python), ("DuckDB", f"-- curl -O {file}\nSELECT * FROM '{name}' LIMIT 10;")


def _load_parts(files: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Of a table in parts, whose names differ in their number only."""
    base, first = files[0].removesuffix(".parquet").rsplit(".", 1)
    last = files[-1].removesuffix(".parquet").rsplit(".", 1)[1]
    address, name = base.rsplit("/", 1)
    python = (
        "from urllib.request import urlretrieve\n"
        "from pyarrow import concat_tables\n"
        "from pyarrow.parquet import read_table\n\n"
        f'files = [f"{name}.{{part:0{len(first)}}}.parquet" for part in range({int(first)}, {int(last) + 1})]\n'
        "for file in files:\n"
        f'    urlretrieve(f"{address}/{{file}}", file)\n'
        "table = concat_tables(map(read_table, files))"
    )
    duckdb = f"-- curl -O '{base}.[{first}-{last}].parquet'\nSELECT * FROM '{name}.*.parquet' LIMIT 10;"
    return ("Python", python), ("DuckDB", duckdb)


ROUTES = ((rf"{DATASET}$", dataset), (rf"{RELEASE}$", dataset))
