"""What the page of one release shows beyond the release itself: addresses, keys, versions, lines that load it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from civicat.catalog.dictionary import Column, columns
from civicat.catalog.site_context import Site
from civicat.dataset import Contributor, ForeignKey, Licence
from civicat.release import Release, Table, Version
from civicat.text import Text
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
    """One table of the release: addresses, the data dictionary, and the foreign keys."""

    table: Table
    anchor: str
    browse: str
    parquet: str
    csv: str
    columns: tuple[Column, ...]
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
    """One line of the list of versions."""

    version: str
    address: str
    released: str
    rows: int
    change: Text


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """All that dataset.html needs beside the Release. `address` is this version's path, `permanent` with the host."""

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


def dataset_page(site: Site, release: Release, origin: str) -> DatasetPage:
    """The page of a release; `origin` is the site's own address as the reader wrote it, such as https://data.example.org."""
    dataset = release.dataset
    address = f"/d/{dataset.id}/{release.version}"
    versions = site.layout.versions(dataset.id)[::-1]
    tasks = tuple(map(_task, _entries(release.report.get("tasks"))))
    tables = tuple(_part(site, release, table, address) for table in release.tables)
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
        versions=tuple(_earlier(site, release, version) for version in versions[:NEWEST]),
        older=tuple(map(str, versions[NEWEST:])),
        loads=_loads(f"{origin}{tables[0].parquet}", f"{origin}{tables[0].csv}", tables[0].table.path.name),
    )


def _permission(licences: tuple[Licence, ...]) -> Text:
    """What all licences together allow, in a few words; the terms themselves are one click away."""
    said = {_PERMISSIONS.get(licence.name, TERMS) for licence in licences}
    return said.pop() if len(said) == 1 else TERMS


def _role(contributor: Contributor) -> Text:
    role = next(iter(contributor.roles), "contributor")
    return _ROLES.get(role, Text(role, role))


def _part(site: Site, release: Release, table: Table, address: str) -> TablePart:
    name = table.resource.name
    return TablePart(
        table=table,
        anchor=f"table-{name}",
        browse=f"/{release.department.code}/{table.name}",
        parquet=f"{address}/{name}.parquet",
        csv=f"{address}/{name}.csv",
        columns=columns(table.resource.schema),
        keys=tuple(_key(site, release, table, key) for key in table.resource.schema.foreign_keys),
    )


def _key(site: Site, release: Release, table: Table, key: ForeignKey) -> Key:
    if key.dataset:
        return _key_across(site, key)
    resource = release.dataset.resource(key.resource) or table.resource
    return Key(key.fields, key.reference, resource.title, Text(), f"#table-{resource.name}")


def _key_across(site: Site, key: ForeignKey) -> Key:
    card = site.catalogue.card(key.dataset)
    title = card.title if card else Text(key.dataset, key.dataset)
    return Key(key.fields, key.reference, title, card.department_title if card else Text(), f"/d/{key.dataset}")


def _earlier(site: Site, release: Release, version: Version) -> Earlier:
    one = release if version == release.version else site.layout.release(release.dataset.id, version)
    address = f"/d/{release.dataset.id}/{version}"
    return Earlier(
        str(version), address, one.released if one else "", one.rows if one else 0, one.change if one else Text()
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


def _loads(parquet: str, csv: str, file: str) -> tuple[tuple[str, str], ...]:
    """Lines that load the first table as they stand, by the name of what runs them."""
    python = (
        "from io import BytesIO\n"
        "from urllib.request import urlopen\n"
        "from pyarrow.parquet import read_table\n\n"
        f'address = "{parquet}"\n'
        "table = read_table(BytesIO(urlopen(address).read()))"
    )
    duckdb = f"-- curl -O {parquet}\nSELECT * FROM '{file}' LIMIT 10;"
    return (("Python", python), ("DuckDB", duckdb), ("curl", f"curl -O {csv}"))
