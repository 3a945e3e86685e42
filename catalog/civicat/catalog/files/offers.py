"""What a release can be had as: its files, what is made of them when asked for, and the styles it is cited in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from civicat.catalog.facts.distributions import has_places
from civicat.catalog.facts.release_facts import Proof
from civicat.catalog.files.made_files import CITATIONS, KIT, OWN, export_key, is_too_large
from civicat.catalog.files.makers import Form
from civicat.catalog.files.making import Making
from civicat.errors import CivicatError
from civicat.layout import CHANGES, CONVERSION, DESCRIPTOR, MANIFEST, PROFILE, PROVENANCE, REPORT, SIGNATURE
from civicat.release import Release, Table
from civicat.text import Language, Text

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


@dataclass(frozen=True, slots=True)
class Offer:
    """A file to download: what it is, and its size in bytes where that is known already.

    Where it is too large to be made here, `address` is blank and `command` makes it elsewhere.
    """

    title: Text
    address: str
    size: int | None = None
    command: str = ""


def files(table: Table, address: str) -> Iterator[Offer]:
    """The Parquet files of a table, one for each part of it."""
    many = len(table.parts)
    for number, part in enumerate(table.parts, 1):
        title = Text(f"第 {number} 部分，共 {many} 部分", f"part {number} of {many}") if many > 1 else Text()
        yield Offer(title, f"{address}/{part.path.name}", part.bytes)


def forms(making: Making | None, release: Release, table: Table, address: str) -> Iterator[Offer]:
    """The table in the formats that are made of a table by itself."""
    for form in making.makers.forms if making else ():
        if not form.whole and form.name != OWN and (form.name != "geojson" or has_places(table)):
            name = table.resource.name
            yield _offer(making, release, form, (table,), f"{address}/{name}{form.suffix}", name)


def whole(making: Making | None, release: Release, address: str, *, is_latest: bool) -> Iterator[Offer]:
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


def leaflets(making: Making | None, language: Language) -> tuple[Language, ...]:
    """The languages of the leaflets, the reader's first."""
    both: tuple[Language, ...] = ("zh", "en") if language == "zh" else ("en", "zh")
    return both if making else ()


def documents(release: Release, address: str) -> Iterator[Offer]:
    """The descriptions and records that lie beside the data."""
    for name, title in _DOCUMENTS.items():
        size = _size(release.folder / name)
        if size is not None:
            yield Offer(title, f"{address}/{name}", size)


def citation(making: Making | None, release: Release, proof: Proof | None, address: str, language: Language) -> str:
    """How to cite the release, in words; blank where that cannot be said, which takes no page down."""
    if making is None or proof is None:
        return ""
    try:
        return making.makers.cite(release, "plain", proof.manifest, address, language)
    except CivicatError:
        return ""


def citations(making: Making | None, proof: Proof | None, address: str) -> Iterator[tuple[Text, str]]:
    """Files that reference managers read, each with its style."""
    for style, (file, _) in CITATIONS.items() if making and proof else ():
        if making and style in making.makers.styles:
            yield making.makers.styles[style], f"{address}/{file}"
