"""The offline kit: one zip that opens in a browser from disk, with no network and no script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path

from civicat.errors import CivicatError
from civicat.layout import DESCRIPTOR, MANIFEST, PROVENANCE, SIGNATURE, Layout
from civicat.publish.kit.archive import Archive, archive
from civicat.publish.kit.facts import Facts, facts
from civicat.publish.kit.leaflets import leaflet
from civicat.publish.kit.pages import CITATIONS, Item, Shelf, pages, readme
from civicat.publish.kit.templating import stylesheet
from civicat.release import Release
from civicat.text import LANGUAGES, Text

_ORIGINALS = (DESCRIPTOR, PROVENANCE, MANIFEST, SIGNATURE)
Export = Callable[[Release, str, str | None], Path]


def kit(layout: Layout, names: Sequence[str], target: Path, export: Export, address: str = "") -> Path:
    """Writes the newest releases of the named datasets (all of them where none is named) into one zip at `target`.

    `export` makes a resource of a release into a file of a form and answers where it is; `address` is where the
    catalogue is found on the web, empty where that is nowhere. The same releases and tools give the same bytes.

    Raises:
        CivicatError: a dataset is not there, or nothing is; Pango or a font is missing; the zip cannot be written.
    """
    known = [facts(release, address=_address(release, address)) for release in _releases(layout, names)]
    with archive(target) as zipped:
        zipped.write("kit.css", stylesheet("kit.css").encode())
        items = [_shelved(one, zipped, export) for one in known]
        for name, content in pages(items):
            zipped.write(name, content)
        zipped.write("README.txt", readme(items))
        zipped.write("checksums.txt", zipped.checksums())
    return target


def _address(release: Release, address: str) -> str:
    return f"{address.rstrip('/')}/d/{release.dataset.id}/{release.version}" if address else ""


def _releases(layout: Layout, names: Sequence[str]) -> list[Release]:
    there = list(layout.datasets())
    if not there:
        raise CivicatError(
            Text(
                f"{layout.store} 中还没有发布任何数据集。请先运行 civicat publish。",
                f"{layout.store} has no dataset yet. Run civicat publish first.",
            )
        )
    unknown = next((name for name in names if name not in there), None)
    if unknown is not None:
        raise _not_there(unknown, there)
    found = (layout.release(name) for name in (sorted(set(names)) or there))
    return [release for release in found if release is not None]


def _not_there(name: str, there: Sequence[str]) -> CivicatError:
    near = get_close_matches(name, there, n=1)
    zh = f"您是指“{near[0]}”吗？" if near else "请写成 部门/数据集 的样子。"
    en = f"Did you mean “{near[0]}”?" if near else "Write it as department/dataset."
    return CivicatError(
        Text(f"没有已发布的数据集“{name}”。", f"no dataset “{name}” is published."), remedy=Text(zh, en)
    )


def _shelved(known: Facts, zipped: Archive, export: Export) -> Item:
    """Puts the files of one dataset into the zip, so that its pages can say how large each is."""
    release, shelf = known.release, Shelf(known.release)
    for table in release.tables:
        zipped.add(shelf.csv(table), export(release, "csv", table.resource.name))
    files = [name for name in _ORIGINALS if (release.folder / name).is_file()]
    for name in files:
        zipped.add(shelf.original(name), release.folder / name)
    for language in LANGUAGES:
        zipped.write(shelf.leaflet(language), leaflet(release, None, language, known.address))
    for style in CITATIONS if known.manifest else ():
        zipped.write(shelf.citation(style), known.cited(style, release.dataset.language).encode())
    return Item(known, shelf, files, zipped.sizes)
