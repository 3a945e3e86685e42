"""The offline kit: one zip that opens in a browser from disk, with no network and no script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from civicat.errors import CivicatError, StoreError
from civicat.layout import DESCRIPTOR, MANIFEST, PROVENANCE, SIGNATURE, Layout
from civicat.publish.kit.archive import Archive, archive
from civicat.publish.kit.facts import Facts, facts
from civicat.publish.kit.leaflets import leaflet
from civicat.publish.kit.pages import CITATIONS, Item, Shelf, pages, readme
from civicat.publish.kit.templating import stylesheet
from civicat.publish.manifest import Entry, load
from civicat.publish.signing import PublicKey, check_trust, public_key
from civicat.release import Release
from civicat.text import LANGUAGES, Text

if TYPE_CHECKING:
    from civicat.publish.signing import Signer

MOST_BYTES = 20_000_000  # of a release's own files in the kit: of a larger one only those that describe and prove it
_MOST_ROWS = 1_048_575  # that Excel opens, below the header
_ORIGINALS = (DESCRIPTOR, PROVENANCE, MANIFEST, SIGNATURE)
Export = Callable[[Release, str, str | None], Path]


def kit(  # noqa: PLR0913 - what goes into it, and who signs it
    layout: Layout,
    names: Sequence[str],
    target: Path,
    export: Export,
    address: str = "",
    *,
    signer: Signer | None = None,
    most_bytes: int = MOST_BYTES,
) -> Path:
    """Writes the newest releases of the named datasets (all of them where none is named) into one zip at `target`.

    `export` makes a resource of a release into a file of a form and answers where it is; `address` is where the
    catalogue is found on the web, empty where that is nowhere. `signer` signs the checksums. Releases of up to
    `most_bytes` are in it whole. The same releases, tools and key give the same bytes.

    Raises:
        CivicatError: a dataset is not there, or nothing is; Pango or a font is missing; the zip cannot be written.
        StoreError: a release is damaged, or the signer's key is none that the store trusts.
    """
    if signer is not None:
        check_trust(layout, signer, None)
    known = [facts(release, address=_address(release, address)) for release in _releases(layout, names)]
    with archive(target) as zipped:
        zipped.write("kit.css", stylesheet("kit.css").encode())
        items = [_shelved(one, zipped, export, _key(layout, one), most_bytes) for one in known]
        for name, content in pages(items):
            zipped.write(name, content)
        _keys(layout, items, signer, zipped)
        zipped.write("README.txt", readme(items, signer.key_id if signer else ""))
        sums = zipped.checksums()
        zipped.write("checksums.txt", sums)
        if signer is not None:
            zipped.write("checksums.sig", signer.sign(sums))
    return target


def _key(layout: Layout, known: Facts) -> PublicKey | None:
    """The public key that a release is signed with; None where it is not signed, or the store has not its key."""
    key = load(known.release.folder).key if known.manifest else ""
    return public_key(layout, key) if key else None


def _keys(layout: Layout, items: Sequence[Item], signer: Signer | None, zipped: Archive) -> None:
    pems = {one.key: public_key(layout, one.key) for one in items if one.key}
    found = {key: known.pem for key, known in pems.items() if known}
    if signer is not None:
        found[signer.key_id] = signer.public_pem.encode()
    for key, pem in sorted(found.items()):
        zipped.write(f"keys/{key}.pem", pem)


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


def _shelved(known: Facts, zipped: Archive, export: Export, key: PublicKey | None, most_bytes: int) -> Item:
    """Puts the files of one dataset into the zip, so that its pages can say how large each is."""
    release, shelf = known.release, Shelf(known.release)
    for table in release.tables:
        zipped.add(shelf.csv(table), export(release, "csv", table.resource.name))
        if table.rows <= _MOST_ROWS:
            zipped.add(shelf.excel(table), export(release, "csv-excel", table.resource.name))
    files, left = _originals(known, most_bytes)
    for name in files:
        zipped.add(shelf.original(name), release.folder / name)
    _only_whole(known, shelf, zipped)
    for language in LANGUAGES:
        zipped.write(shelf.leaflet(language), leaflet(release, None, language, known.address))
    for style in CITATIONS if known.manifest else ():
        zipped.write(shelf.citation(style), known.cited(style, release.dataset.language).encode())
    return Item(known, shelf, files, zipped.sizes, key.key_id if key else "", left)


def _originals(known: Facts, most_bytes: int) -> tuple[list[str], int]:
    """The names of a release's own files that go into the zip, and the bytes of those that are too large for it."""
    folder, listed = known.release.folder, _listed(known)
    total = sum(one.bytes for one in listed)
    whole = [one.path for one in listed] if total <= most_bytes else []
    names = [name for name in dict.fromkeys((*_ORIGINALS, *whole)) if (folder / name).exists()]
    return names, sum(one.bytes for one in listed if one.path not in names)


def _listed(known: Facts) -> tuple[Entry, ...]:
    return load(known.release.folder).files if known.manifest else ()


def _only_whole(known: Facts, shelf: Shelf, zipped: Archive) -> None:
    """A file that is not as its manifest says must not be handed on: the kit would contradict itself."""
    for one in _listed(known):
        name = shelf.original(one.path)
        if zipped.sums.get(name, one.sha256) != one.sha256:
            file = known.release.folder / one.path
            raise StoreError(
                Text(f"{file} 与其清单不符。", f"{file} is not as its manifest says."),
                Text("请运行 civicat verify。", "Run civicat verify."),
            )
