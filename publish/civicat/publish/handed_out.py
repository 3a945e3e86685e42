"""Whether a release is fit to be handed out, as far as it can be told at once: no table is hashed here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from civicat.errors import CivicatError, StoreError
from civicat.layout import DESCRIPTOR, MANIFEST, SIGNATURE, Layout
from civicat.layout import read as read_folder
from civicat.publish.inputs import sha256
from civicat.publish.manifest import Manifest, content, read_manifest
from civicat.publish.signing import may_be_unsigned, public_key
from civicat.text import Text

_NOT_SIGNED = Text("没有签名，而此存储已有密钥", "is not signed, and this store has a key")
_NOT_PROVED = Text("的签名不成立", "does not belong to its signature")
_NOT_IN_CHAIN = Text("不是下一版本所记的那个", "is not the one that the next release names")


def only_as_published(folder: Path, read: Manifest) -> None:
    """Refuses a release whose manifest is not the published one, or does not list what is there.

    Raises:
        StoreError: it names the file, and says to run `civicat verify`.
    """
    layout = Layout(folder.parents[3])
    for what in _wrong_with_manifest(layout, folder, read):
        raise _refused(folder / MANIFEST, what)
    for file in _not_listed(folder, read):
        raise _refused(file, Text("与 manifest.json 所列不同", "is not as manifest.json lists it"))


def _wrong_with_manifest(layout: Layout, folder: Path, read: Manifest) -> Iterator[Text]:
    if read.key and not _is_signed(layout, folder, read.key):
        yield _NOT_PROVED
    if not read.key and not may_be_unsigned(layout, read):
        yield _NOT_SIGNED
    after = next((one for one in layout.numbers(read.dataset) if one > read.version), None)
    if after is not None and not _is_named_by(folder.with_name(str(after)), read):
        yield _NOT_IN_CHAIN


def _is_signed(layout: Layout, folder: Path, name: str) -> bool:
    key = public_key(layout, name)
    return key is not None and key.holds(content(folder / MANIFEST) or b"", content(folder / SIGNATURE) or b"")


def _is_named_by(after: Path, read: Manifest) -> bool:
    """Whether the next release names this one; one that cannot be read does not say otherwise."""
    try:
        link = read_manifest(content(after / MANIFEST) or b"").previous
    except CivicatError:
        return True
    return link is None or link.version != read.version or link.sha256 == read.sha256


def _not_listed(folder: Path, read: Manifest) -> Iterator[Path]:
    """datapackage.json if it has changed, and the tables whose hashes in it are not those in the manifest."""
    entry = read.entry(DESCRIPTOR)
    if entry is None or entry.sha256 != sha256(folder / DESCRIPTOR):
        yield folder / DESCRIPTOR
    for part in (part for table in read_folder(folder).tables for part in table.parts):
        listed = read.entry(part.path.name)
        if listed is None or part.sha256 not in {"", listed.sha256}:
            yield part.path


def _refused(file: Path, what: Text) -> StoreError:
    return StoreError(
        Text(f"{file} {what.zh}。", f"{file} {what.en}."), Text("请运行 civicat verify。", "Run civicat verify.")
    )
