"""An export that somebody downloaded: made again from its release, which is verified first, and compared.

Which release and form it is says its name, or, where it was renamed, what it holds: SQLite in `_release`, a workbook on
its page 关于 About, Arrow in its metadata, GeoJSON in its first line.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from civicat.errors import CivicatError, StoreError
from civicat.layout import Layout, manifest_digest, read
from civicat.publish.exports import FORMS, Content, Form, file_name
from civicat.publish.metadata import KEY
from civicat.publish.places import first_difference, place
from civicat.publish.retract import unknown_version
from civicat.publish.signing import PublicKeys
from civicat.publish.verify import Damaged, Verified, all_datasets, told, verify_release
from civicat.release import Release, Table, Tombstone, Version
from civicat.text import Text

_START = 4096  # bytes, in which GeoJSON says what it is
_COLLECTION = re.compile(r'\{"type":"FeatureCollection","name":("[^"]*"),"version":"([0-9.]+)"')
_LONGEST_SHEET = 31  # characters of a sheet's name, which is the table's
_MOST_ABOUT = 64  # lines of the page that are looked at
_BAD_WORKBOOK = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError),
    *(ValueError, TypeError, LookupError, AttributeError, SyntaxError),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a file is said to be: a form of a release, of the table of that name (of all where it is blank)."""

    form: Form
    dataset: str
    version: Version
    table: str = ""


def claims(file: Path, name: str, layout: Layout) -> list[Claim]:
    """What a file can be: first by `name`, under which it was downloaded, then by what it holds; none if neither says.

    One name can be that of several datasets (a-b/c and a/b-c).
    """
    known = all_datasets(layout)
    return list(dict.fromkeys((*_named(name, known), *_spoken_of(file, known))))


def made_again(file: Path, claim: Claim, layout: Layout, only: PublicKeys | None) -> Verified | Damaged | None:
    """Whether a file is what a release gives in that form; None where the release has no such table.

    With `only`, the release must be signed with that key.

    Raises:
        CivicatError: the store has no such version, or it was taken down, or it cannot be had in that form.
        StoreError: there is no room to make it again.
    """
    only_online(layout, claim.dataset, claim.version)
    whole = verify_release(layout, claim.dataset, claim.version, only)
    if isinstance(whole, Damaged):
        return whole
    release = read(layout.dataset(claim.dataset) / str(claim.version))
    tables = _tables(release, claim)
    if not tables:
        return None
    name = file_name(release, claim.form.name, tables[0].resource.name)
    part = where_it_differs(file, claim.form, release, tables, name)
    if not part:
        return Verified(claim.dataset, claim.version, 1, file.stat().st_size, whole.key, name)
    return Damaged(claim.dataset, claim.version, name, told(claim.dataset, claim.version, name, _not_it(part)), part)


def where_it_differs(file: Path, form: Form, release: Release, tables: tuple[Table, ...], name: str) -> Text:
    """Where a file differs from tables of a release in a form; blank where it does not. Errors call it `name`.

    Raises:
        CivicatError: they cannot be had in that form.
        StoreError: there is no room to make it again.
    """
    digest, places = manifest_digest(release), list[Text]()
    for search in (False, True) if form.searchable else (False,):
        try:
            with TemporaryDirectory(prefix="civicat-") as folder:
                right = Path(folder) / f"made{form.suffix}"
                form.make(Content(release, tables, digest, search), right)
                if first_difference(file, right) is None:
                    return Text()
                places.append(place(file, right))
        except (OSError, pa.ArrowException) as error:
            raise _not_made(name, error) from error
    return places[-1] if _has_search(file) else places[0]


def only_online(layout: Layout, dataset: str, version: Version) -> None:
    """Whether a release is there to compare with.

    Raises:
        CivicatError: the store has no such version, or it was taken down.
    """
    if version not in layout.numbers(dataset):
        raise unknown_version(layout, dataset, version)
    tombstone = layout.tombstone(dataset, version)
    if tombstone is not None:
        raise _down(tombstone)


def _down(tombstone: Tombstone) -> CivicatError:
    day, said = tombstone.retracted[:10], tombstone.reason
    return CivicatError(
        Text(
            f"{tombstone.dataset} {tombstone.version} 已于 {day} 撤回，无从比对：{said.within('zh')}",
            f"{tombstone.dataset} {tombstone.version} was taken down on {day}, there is nothing to compare with: "
            f"{said.within('en')}",
        )
    )


def _named(name: str, known: list[str]) -> Iterator[Claim]:
    for form in sorted(FORMS.values(), key=lambda one: -len(one.suffix)):  # -excel.csv before .csv
        head, _, number = name.removesuffix(form.suffix).rpartition("-")
        version = Version.parse(number)
        if name.endswith(form.suffix) and version is not None:
            yield from (Claim(form, one, version, table) for one, table in _owners(head, known))
            return


def _owners(head: str, known: list[str]) -> Iterator[tuple[str, str]]:
    """The datasets that `department-table` can be of, and the table's name."""
    for dataset in known:
        department, _, name = dataset.partition("/")
        if head == f"{department}-{name}" or head.startswith(f"{department}-{name}_"):
            yield dataset, head.removeprefix(f"{department}-")


def _tables(release: Release, claim: Claim) -> tuple[Table, ...]:
    if not claim.form.per_resource:
        return release.tables if claim.table in {"", release.dataset.name} else ()
    names = {claim.table: 0}
    return tuple(one for one in release.tables if one.name in names or one.name[:_LONGEST_SHEET] in names)[:1]


def _has_search(file: Path) -> bool:
    """Whether a database has full-text search, as far as it can be read."""
    try:
        with closing(_database(file)) as database:
            return bool(database.execute("select 1 from sqlite_master where sql like '%using fts5%'").fetchone())
    except (sqlite3.Error, ValueError):
        return False


def _not_it(part: Text) -> Text:
    return Text(
        f"与由该版本导出的不同（{part.zh}）。请重新下载。",
        f"is not what that release gives ({part.en}). Download it again.",
    )


def _not_made(name: str, error: Exception) -> StoreError:
    why = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return StoreError(
        Text(
            f"无法重新生成 {name} 以作比对（{why}）。请腾出临时目录的空间。",
            f"{name} cannot be made again to compare with it ({why}). Make room in the temporary folder.",
        )
    )


# ----------------------------------------------------------------------------------- what a renamed file says of itself


def _spoken_of(file: Path, known: list[str]) -> Iterator[Claim]:
    with file.open("rb") as stream:
        start = stream.read(_START)
    for magic, of in _INSIDE.items():
        if start.startswith(magic):
            yield from (claim for claim in of(file, start, known) if claim.dataset in known)


def _of_sqlite(file: Path, _start: bytes, _known: list[str]) -> Iterator[Claim]:
    try:
        with closing(_database(file)) as database:
            if database.execute("select type from sqlite_master where name = '_release'").fetchone() != ("table",):
                return
            words = dict(database.execute("select item, zh from _release where item in ('dataset', 'version')"))
    except (sqlite3.Error, ValueError):
        return
    yield from _claimed("sqlite", words.get("dataset"), words.get("version"))


def _database(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _of_arrow(file: Path, _start: bytes, _known: list[str]) -> Iterator[Claim]:
    try:
        with pa.OSFile(str(file)) as opened:
            words = json.loads((pa.ipc.open_file(opened).schema.metadata or {})[KEY.encode()])
            dataset, resource = str(words["dataset"]), str(words["resource"])
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError, MemoryError):
        return
    name = dataset.rpartition("/")[2]
    yield from _claimed("arrow", dataset, words.get("version"), name if resource == name else f"{name}_{resource}")


def _of_workbook(file: Path, _start: bytes, _known: list[str]) -> Iterator[Claim]:
    from openpyxl import load_workbook  # noqa: PLC0415 - only a renamed workbook is worth loading it

    try:
        with zipfile.ZipFile(file) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return
        with file.open("rb") as stream, closing(load_workbook(stream, read_only=True)) as book:
            lines = book["关于 About"].iter_rows(max_row=_MOST_ABOUT, max_col=2, values_only=True)
            words = {str(item).partition(" ")[2]: value for item, value in lines}
            table = book.sheetnames[0]
    except _BAD_WORKBOOK:
        return
    yield from _claimed("xlsx", words.get("Dataset"), words.get("Version"), table)


def _of_geojson(_file: Path, start: bytes, known: list[str]) -> Iterator[Claim]:
    said = _COLLECTION.match(start.decode(errors="ignore"))
    for dataset in known if said else ():
        table, name = json.loads(said[1]) if said else "", dataset.rpartition("/")[2]
        if said and (table == name or table.startswith(f"{name}_")):
            yield from _claimed("geojson", dataset, said[2], table)


def _claimed(form: str, dataset: object, version: object, table: str = "") -> Iterator[Claim]:
    number = Version.parse(version) if isinstance(version, str) else None
    if isinstance(dataset, str) and number is not None:
        yield Claim(FORMS[form], dataset, number, table)


_INSIDE: Mapping[bytes, Callable[[Path, bytes, list[str]], Iterator[Claim]]] = {
    b"SQLite format 3\0": _of_sqlite,
    b"ARROW1": _of_arrow,
    b"PK": _of_workbook,
    b'{"type":"FeatureCollection"': _of_geojson,
}
