"""One file that somebody downloaded, checked against the release that it came from.

The release is known by a manifest.json that was given or lies beside the file, else by the file's sha256 among the
store's manifests; a file that is damaged is known by what it says of itself, or by the name it was downloaded under.
What no manifest lists, as it was made of a release, is made again (remade.py) or looked into (packed.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from civicat.errors import CivicatError, SourceError
from civicat.layout import CHANGES, MANIFEST, Layout
from civicat.publish.damage import differing, resource
from civicat.publish.inputs import sha256
from civicat.publish.manifest import Entry, Manifest, content, read_manifest
from civicat.publish.metadata import KEY
from civicat.publish.packed import is_dump, is_kit, only_whole, verify_dump, verify_kit
from civicat.publish.proof import Standing, another_key, proofs
from civicat.publish.remade import Claim, claims, made_again
from civicat.publish.retract import unknown_version
from civicat.publish.signing import PublicKeys, public_key, read_public_keys
from civicat.publish.verify import Damaged, Verified, all_datasets, changed, told
from civicat.release import Tombstone, Version
from civicat.text import Text

# What a browser adds to the name of a file that it has downloaded before.
_AGAIN = re.compile(r" ?\([0-9]+\)(?=\.[0-9a-z.]+$)")
# department-table-version, and what follows: an ending, or the name of a file of the release.
_NUMBERED = re.compile(r"(.+)-([0-9]+(?:\.[0-9]+){2,3})(?=[.-])")
_UNREADABLE = (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class _Downloaded:
    """A file with its size in bytes and sha256, and what it says of itself: dataset, version, resource."""

    path: Path
    bytes: int
    sha256: str
    says: tuple[str, str, str]


def verify_file(
    file: Path, layout: Layout | None, manifest: Path | None = None, key: Path | Sequence[Path] | None = None
) -> Verified | Damaged:
    """Whether a file is that of a release, bit for bit; of which release and which file of it.

    `manifest` is a downloaded manifest.json, by default the one beside the file; its manifest.sig lies beside it. With
    `key`, the file of a public key or several, it must be signed with one of them; without, with one of the store's
    keys/ if it is there, and else the signature is not checked: `Verified.key` is blank then.

    Raises:
        SourceError: the file cannot be read, or is of no release that is known here.
        CivicatError: the manifest is not the signed one, or is not signed with the key that was given; or the file was
            made of a release that is not in the store, or was taken down.
    """
    only = read_public_keys(key)
    found = _Downloaded(file, _size(file), sha256(file), _says(file))
    beside = manifest or file.with_name(MANIFEST)
    checked = _against(found, beside, layout, only, is_asked=manifest is not None)
    if checked is None and layout is not None and manifest is None:
        checked = _in_store(found, layout, only)
    if checked is None and manifest is None:
        checked = _made_of_releases(found, layout, only)
    if checked is None:
        raise _of_no_release(file, manifest, layout)
    return checked


def _made_of_releases(found: _Downloaded, layout: Layout | None, only: PublicKeys | None) -> Verified | Damaged | None:
    """A file that no manifest lists: many files in one, or an export. None where it is neither.

    Raises:
        CivicatError: it is of a release that is not in the store, or was taken down, or is not signed with that key.
    """
    if is_kit(found.path):
        return verify_kit(found.path, layout, only)
    if is_dump(found.path):
        return verify_dump(found.path, layout, only)
    if layout is None:
        return None
    _only_known(found, layout)
    results = [_export(found, claim, layout, only) for claim in claims(found.path, _name(found), layout)]
    checked = [one for one in results if isinstance(one, (Verified, Damaged))]
    errors = [one for one in results if isinstance(one, CivicatError)]
    if not checked and errors:
        raise errors[0]
    if not checked:
        only_whole(found.path)
    return next((one for one in checked if isinstance(one, Verified)), checked[0] if checked else None)


def _export(
    found: _Downloaded, claim: Claim, layout: Layout, only: PublicKeys | None
) -> Verified | Damaged | CivicatError | None:
    """An export as one of those that it can be; an error, as another may be the one."""
    try:
        if only is not None:
            _only_signed_with(layout, claim, only)
        return made_again(found.path, claim, layout, only)
    except CivicatError as error:
        return error


def _only_signed_with(layout: Layout, claim: Claim, only: PublicKeys) -> None:
    folder = layout.dataset(claim.dataset) / str(claim.version)
    read = read_manifest(content(folder / MANIFEST) or b"", str(folder / MANIFEST)) if folder.exists() else None
    if read is not None and read.key not in only:
        raise _not_signed_with(folder / MANIFEST, read, only)


def _only_known(found: _Downloaded, layout: Layout) -> None:
    """Refuses a file whose name, or what it says of itself, is of a version that its dataset never had."""
    said, number, _ = found.says
    named = _NUMBERED.match(_name(found))
    for dataset in all_datasets(layout):
        version = Version.parse(number) if said == dataset else None
        if named and named[1].partition("_")[0] == dataset.replace("/", "-"):
            version = version or Version.parse(named[2])
        if version is not None and version not in layout.numbers(dataset):
            raise unknown_version(layout, dataset, version)


def _against(
    found: _Downloaded, file: Path, layout: Layout | None, only: PublicKeys | None, *, is_asked: bool
) -> Verified | Damaged | None:
    """A file against a manifest; None where that has no such file, or one that merely lay there is none of ours."""
    whole = content(file.resolve() if is_asked else file)
    if whole is None and is_asked:
        raise _missing(file)
    try:
        read = read_manifest(whole or b"", str(file))
    except CivicatError:
        if is_asked:
            raise
        return None
    entry = _entry(found, read, is_beside=True)
    if entry is None:
        return None
    return _compared(found, read, entry, _proved(read, whole or b"", file, layout, only))


def _proved(read: Manifest, whole: bytes, file: Path, layout: Layout | None, only: PublicKeys | None) -> str:
    """The id of the key whose signature of a manifest was checked and holds; blank where it could not be checked."""
    if only is not None and read.key not in only:
        raise _not_signed_with(file, read, only)
    key = only[read.key] if only else (public_key(layout, read.key) if layout and read.key else None)
    signature = content(file.with_suffix(".sig"))
    if key is None or (signature is None and only is None):
        return ""
    if signature is None or not key.holds(whole, signature):
        beside = file.with_suffix(".sig").name
        raise CivicatError(
            Text(
                f"{file} 的签名（{beside}）不成立或缺失。请重新下载这两个文件。",
                f"The signature of {file} ({beside}) is missing or does not hold. Download both again.",
            )
        )
    return key.key_id


def _in_store(found: _Downloaded, layout: Layout, only: PublicKeys | None) -> Verified | Damaged | None:
    """The release of a store that has exactly this file, else the one that the file or its name speaks of."""
    manifests = list(_manifests(layout))
    by_content = ((read, _same(found, read)) for read in manifests)
    by_words = ((read, _entry(found, read)) for read in manifests)
    for read, entry in (*by_content, *by_words):
        if entry is not None:
            return _proved_in_store(found, read, entry, layout, only)
    return None


def _proved_in_store(
    found: _Downloaded, read: Manifest, entry: Entry, layout: Layout, only: PublicKeys | None
) -> Verified | Damaged:
    if only is not None and read.key not in only:
        raise _not_signed_with(layout.dataset(read.dataset) / str(read.version) / MANIFEST, read, only)
    proof = next(one for one in proofs(layout, read.dataset, only) if one.version == read.version)
    if proof.standing is Standing.CHANGED or proof.wrong:
        name, what = min(proof.wrong.items())
        return Damaged(read.dataset, read.version, name, told(read.dataset, read.version, name, what))
    tombstone = layout.tombstone(read.dataset, read.version)
    return _compared(found, read, entry, read.key, tombstone)


def _compared(
    found: _Downloaded, read: Manifest, entry: Entry, key: str, tombstone: Tombstone | None = None
) -> Verified | Damaged:
    if (found.bytes, found.sha256) == (entry.bytes, entry.sha256):
        whole = Verified(read.dataset, read.version, 1, found.bytes, key, entry.path)
        return replace(whole, is_down=True, reason=tombstone.reason) if tombstone else whole
    part = differing(found.path, entry)
    what = changed(part, Text("请重新下载。", "Download it again."))
    return Damaged(read.dataset, read.version, entry.path, told(read.dataset, read.version, entry.path, what), part)


def _manifests(layout: Layout) -> Iterator[Manifest]:
    """Every manifest of a store that can be read, newest first; one that cannot is for `verify` to tell of."""
    for dataset in all_datasets(layout):
        for version in reversed(layout.numbers(dataset)):
            folder = layout.dataset(dataset) / str(version)
            try:
                read = read_manifest(content(folder / MANIFEST) or b"")
            except CivicatError:
                continue
            if (read.dataset, read.version) == (dataset, version):
                yield read


def _same(found: _Downloaded, read: Manifest) -> Entry | None:
    if found.sha256 == read.sha256:
        return Entry(MANIFEST, found.bytes, found.sha256)
    return next((one for one in read.files if one.sha256 == found.sha256 and one.bytes == found.bytes), None)


def _entry(found: _Downloaded, read: Manifest, *, is_beside: bool = False) -> Entry | None:
    """The file of a release that a downloaded one is or was: by its bytes, its name, or what it says of itself."""
    name = _name(found)
    by_name = {_download_name(read, entry): entry for entry in read.files}
    own = {entry.path: entry for entry in read.files} if is_beside else {}
    return _same(found, read) or by_name.get(name) or own.get(name) or _spoken_of(found, read)


def _name(found: _Downloaded) -> str:
    """The name under which it was downloaded."""
    return _AGAIN.sub("", found.path.name)


def _download_name(read: Manifest, entry: Entry) -> str:
    """Under which name a file of a release is handed out: usgs-earthquakes-1.2.0.parquet."""
    department, _, dataset = read.dataset.partition("/")
    if not entry.path.endswith(".parquet") or entry.path == CHANGES:
        return f"{department}-{dataset}-{read.version}-{entry.path}"
    own = resource(entry.path)
    table = dataset if own == dataset else f"{dataset}_{own}"
    return f"{department}-{table}-{read.version}{entry.path.removeprefix(own)}"


def _spoken_of(found: _Downloaded, read: Manifest) -> Entry | None:
    """The table that a file says it is; of a table in parts the one of that size, or the first."""
    dataset, version, table = found.says
    if (dataset, version) != (read.dataset, str(read.version)):
        return None
    parts = [one for one in read.files if one.path.endswith(".parquet") and resource(one.path) == table]
    return next((one for one in parts if one.bytes == found.bytes), parts[0] if parts else None)


def _says(file: Path) -> tuple[str, str, str]:
    """The dataset, version and resource in a Parquet file's own metadata; blank where there are none."""
    try:
        words = json.loads((pq.read_metadata(file).metadata or {})[KEY.encode()])
        return str(words["dataset"]), str(words["version"]), str(words["resource"])
    except (*_UNREADABLE, LookupError, TypeError):
        return "", "", ""


def _size(file: Path) -> int:
    try:
        if not file.is_file():
            raise _missing(file)
        return file.stat().st_size
    except OSError as error:
        raise SourceError(
            Text(f"{file} 无法读取（{error.strerror}）。", f"{file} cannot be read ({error.strerror}).")
        ) from error


def _missing(file: Path) -> SourceError:
    return SourceError(Text(f"{file} 不存在，或不是文件。", f"{file} is not there, or is no file."))


def _not_signed_with(file: Path, read: Manifest, only: PublicKeys) -> CivicatError:
    what = another_key(read.key, only)
    return CivicatError(Text(f"{file} {what.zh}", f"{file} {what.en}"))


def _of_no_release(file: Path, manifest: Path | None, layout: Layout | None) -> SourceError:
    where = manifest or (layout.store if layout else file.with_name(MANIFEST))
    return SourceError(
        Text(f"{file} 不属于 {where} 中的任何版本。", f"{file} is of no release that {where} knows."),
        Text(
            "请一并提供与其同时下载的 manifest.json；导出的文件须与存储比对，并保留下载时的文件名。",
            "Give the manifest.json that belongs to it as well; an export is checked against a store, and must have "
            "the name under which it was downloaded.",
        ),
    )
