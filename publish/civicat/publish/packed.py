"""Many files in one that somebody downloaded: the offline kit, and the dump of a catalogue.

Of a kit each file is held to checksums.txt, what is of a release to its manifest, and the tables, where there is a
store, to what the release gives. A dump is checked as the store that it is; nothing of it is unpacked but small files.
Where there is a store with releases, each release must be the one there.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from civicat.errors import CivicatError, SourceError
from civicat.layout import MANIFEST, SIGNATURE, Layout, manifest_digest, read
from civicat.publish.damage import shown
from civicat.publish.exports import FORMS, catalogue
from civicat.publish.exports.dumping import CATALOGUE
from civicat.publish.manifest import MOST_BYTES, Entry, Manifest, content, read_manifest
from civicat.publish.proof import MISSING, Proof, another_key, proofs
from civicat.publish.remade import only_online, where_it_differs
from civicat.publish.retract import unknown_version
from civicat.publish.signing import PublicKey, PublicKeys, public_key, trusted_keys
from civicat.publish.verify import Damaged, Verified, Wrong, all_datasets, changed, findings, to_hash, verify_release
from civicat.release import Release, Table, Version
from civicat.text import Text

CHECKSUMS, CHECKSUMS_SIGNATURE = "checksums.txt", "checksums.sig"
_UNLISTED = frozenset({CHECKSUMS, CHECKSUMS_SIGNATURE})
_CHUNK = 2**20
_ZIP = b"PK\3\4"
_NONE = Version(0, 0, 0)  # of what is of no release
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_OF_RELEASE = re.compile(r"data/([^/]+/[^/]+)/([^/]+)")
_OF_DUMP = re.compile(r"(?:catalogue\.json|keys/[^/]+\.pem|releases/[^/]+/[^/]+/[^/]+/[^/]+)")
_BAD_ZIP = (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, RuntimeError)
_BAD_WORDS = (CivicatError, ValueError, TypeError, LookupError, AttributeError)
_AGAIN = Text("请重新下载。", "Download it again.")
_NOT_LISTED = Text("不在 checksums.txt 中。请重新下载。", "is not in checksums.txt. Download it again.")
_TWICE = Text("出现了不止一次。请重新下载。", "is there more than once. Download it again.")
_NOT_OURS = Text("不属于目录打包。请重新下载。", "is not part of a dump. Download it again.")
_NOT_THE_STORES = Text("与这里的存储中的不同。请重新下载。", "is not the one in the store here. Download it again.")
_OF_OTHERS = Text("所列的与包中的版本不符。请重新下载。", "does not list what is in this file. Download it again.")


@dataclass(frozen=True, slots=True)
class _WrongInsideError(Exception):
    """The first file in a package that is not what it should be: of which release, and what is wrong with it."""

    dataset: str
    version: Version
    file: str
    what: Text
    part: Text

    def told(self, package: Path) -> Damaged:
        """It as it is told."""
        name, inside = shown(package.name), shown(self.file)
        zh, en = f"{name}：文件 {inside} {self.what.zh}", f"{name}: the file {inside} {self.what.en}"
        return Damaged(self.dataset, self.version, self.file, Text(zh, en), self.part)


def is_kit(file: Path) -> bool:
    """Whether a file is an offline kit."""
    return CHECKSUMS in _names(file) and any(name.endswith(f"/{MANIFEST}") for name in _names(file))


def _names(file: Path) -> list[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except _BAD_ZIP:
        return []


def only_whole(file: Path) -> None:
    """Whether a file that begins as a zip is one to its end.

    Raises:
        SourceError: it is not.
    """
    with file.open("rb") as stream:
        begins = stream.read(len(_ZIP)) == _ZIP
    if begins and not zipfile.is_zipfile(file):
        raise _cut(file, "ZIP")


def is_dump(file: Path) -> bool:
    """Whether a file is the dump of a catalogue."""
    try:
        with tarfile.open(file, "r:") as tar:
            first = tar.next()
            return first is not None and first.name == CATALOGUE
    except (tarfile.TarError, OSError, ValueError, EOFError):
        return False


# ------------------------------------------------------------------------------------------------------------- the kit


def verify_kit(file: Path, layout: Layout | None, only: PublicKeys | None) -> Verified | Damaged:
    """Whether every file of a kit is what its checksums, its manifests and the store say.

    With `only`, each manifest must be signed with one of those keys.

    Raises:
        SourceError: it is cut, or damaged so that nothing can be said of it.
        CivicatError: a release is not in the store, was taken down, or is not signed with that key.
    """
    try:
        with zipfile.ZipFile(file) as archive, TemporaryDirectory(prefix="civicat-") as scratch:
            store = layout if layout is not None and _has_releases(layout) else None
            keys = _keys(layout) if only is None else only
            return _Kit(archive, Path(scratch), store, only, keys).checked(file)
    except _WrongInsideError as wrong:
        return wrong.told(file)
    except _BAD_ZIP as error:
        raise _cut(file, str(error)) from error


@dataclass(frozen=True, slots=True)
class _Kit:
    """An open kit, and what it is held to: the store where that has releases, and the keys that are trusted."""

    archive: zipfile.ZipFile
    scratch: Path
    layout: Layout | None
    only: PublicKeys | None
    keys: Mapping[str, PublicKey]

    def checked(self, file: Path) -> Verified:
        """What is found.

        Raises:
            _WrongInsideError: a file is not what it should be.
        """
        manifests = [self._manifest(name) for name in self.archive.namelist() if name.endswith(f"/{MANIFEST}")]
        sums = self._sums(manifests)
        for one in manifests:
            self._release(one, sums)
        proved = all(one.key in self.keys for one in manifests)
        first, *others = manifests
        also = tuple(f"{one.dataset} {one.version}" for one in others)
        key = first.key if proved else ""
        return Verified(first.dataset, first.version, len(sums), file.stat().st_size, key, file.name, also=also)

    def _manifest(self, name: str) -> Manifest:
        whole = self._small(name)
        known = read_manifest(whole, name)
        if name != f"data/{known.dataset}/{MANIFEST}":
            raise _wrong(known, name, changed(Text(), _AGAIN))
        if self.only is not None and known.key not in self.only:
            told = another_key(known.key, self.only)
            raise CivicatError(Text(f"{name} {told.zh}", f"{name} {told.en}"))
        if known.key in self.keys:
            signature = name.replace(MANIFEST, SIGNATURE)
            if not self.keys[known.key].holds(whole, self._small(signature)):
                raise _wrong(known, signature, changed(Text(), _AGAIN))
        return known

    def _small(self, name: str) -> bytes:
        """A file that is never large; nothing where it is not there."""
        if name not in self.archive.namelist():
            return b""
        with self.archive.open(name) as stream:
            return stream.read(MOST_BYTES + 1)

    def _sums(self, manifests: list[Manifest]) -> dict[str, tuple[int, str]]:
        """The size and sha256 of each file, which is as checksums.txt lists it."""
        lines = self._small(CHECKSUMS).decode(errors="replace").splitlines()
        listed = {match[2]: match[1] for match in map(_LINE.fullmatch, lines) if match}
        there = self.archive.namelist()
        for name in sorted(listed.keys() - set(there)):
            raise self._blamed(manifests, name, Text(f"缺失。{_AGAIN.zh}", f"is missing. {_AGAIN.en}"))
        found: dict[str, tuple[int, str]] = {}
        for name in there:
            if name in found:
                raise self._blamed(manifests, name, _TWICE)
            found[name] = self._hashed(manifests, name)
            if name not in _UNLISTED and name not in listed:
                raise self._blamed(manifests, name, _NOT_LISTED)
            if name not in _UNLISTED and found[name][1] != listed[name]:
                raise self._blamed(manifests, name, changed(Text(), _AGAIN))
        if CHECKSUMS_SIGNATURE in found and self.keys:
            whole, signature = self._small(CHECKSUMS), self._small(CHECKSUMS_SIGNATURE)
            if not any(key.holds(whole, signature) for key in self.keys.values()):
                raise self._blamed(manifests, CHECKSUMS_SIGNATURE, changed(Text(), _AGAIN))
        return found

    def _hashed(self, manifests: list[Manifest], name: str) -> tuple[int, str]:
        try:
            with self.archive.open(name) as stream:
                return _hash(stream)
        except _BAD_ZIP as error:
            raise self._blamed(manifests, name, changed(Text(), _AGAIN)) from error

    def _blamed(self, manifests: list[Manifest], name: str, what: Text) -> _WrongInsideError:
        """Of a page that is no release's own, the first release's."""
        own = _OF_RELEASE.fullmatch(name)
        return _wrong(next((one for one in manifests if own and one.dataset == own[1]), manifests[0]), name, what)

    def _release(self, known: Manifest, sums: Mapping[str, tuple[int, str]]) -> None:
        """The files of one release: those that its manifest names, and its tables made again."""
        for entry in known.files:
            name = f"data/{known.dataset}/{entry.path}"
            if name in sums and sums[name] != (entry.bytes, entry.sha256):
                raise _wrong(known, name, changed(Text(), _AGAIN))
        if self.layout is None:
            return
        only_online(self.layout, known.dataset, known.version)
        whole = verify_release(self.layout, known.dataset, known.version, self.only)
        if isinstance(whole, Damaged):
            raise CivicatError(whole.message)
        release = read(self.layout.dataset(known.dataset) / str(known.version))
        if manifest_digest(release) != known.sha256:
            raise _wrong(known, f"data/{known.dataset}/{MANIFEST}", _NOT_THE_STORES)
        for table in release.tables:
            self._table(known, release, table)

    def _table(self, known: Manifest, release: Release, table: Table) -> None:
        """A table as CSV, which no manifest names: it must be what the release gives."""
        name = f"data/{known.dataset}/{table.name}.csv"
        if name not in self.archive.namelist():
            raise _wrong(known, name, Text(f"缺失。{_AGAIN.zh}", f"is missing. {_AGAIN.en}"))
        file = self.scratch / "table.csv"
        with self.archive.open(name) as stream, file.open("wb") as target:
            shutil.copyfileobj(stream, target, _CHUNK)
        part = where_it_differs(file, FORMS["csv"], release, (table,), name)
        if part:
            raise _wrong(known, name, changed(part, _AGAIN), part)


def _wrong(known: Manifest, name: str, what: Text, part: Text | None = None) -> _WrongInsideError:
    return _WrongInsideError(known.dataset, known.version, name, what, part or Text())


# ------------------------------------------------------------------------------------------------------------ the dump


def verify_dump(file: Path, layout: Layout | None, only: PublicKeys | None) -> Verified | Damaged:
    """Whether a dump is a store in which every release is as it was published.

    With `only`, each manifest must be signed with one of those keys.

    Raises:
        SourceError: it is cut, or no tar from some place on.
        CivicatError: a release is not in the store here, or was taken down there.
    """
    with TemporaryDirectory(prefix="civicat-") as folder:
        copy = Layout(Path(folder))
        try:
            seen = _unpacked(file, copy.store)
            proved = [proof for name in all_datasets(copy) for proof in proofs(copy, name, only)]
            told = [one for proof in proved for one in _of_release(proof, seen)]
            damaged = next((one for one in told if isinstance(one, Damaged)), None)
            if damaged is not None:
                zh, en = damaged.message.zh, damaged.message.en
                return replace(damaged, message=Text(f"{shown(file.name)}：{zh}", f"{shown(file.name)}: {en}"))
            _only_its_own(copy, proved)
            if layout is not None and _has_releases(layout):
                for proof in proved:
                    _only_the_stores(layout, proof)
        except _WrongInsideError as wrong:
            return wrong.told(file)
    whole = sorted((one for one in told if isinstance(one, Verified)), key=lambda one: one.is_down)
    return _as_one(file, whole, len(seen), _keys(layout) if only is None else only)


def _as_one(file: Path, whole: list[Verified], files: int, keys: Mapping[str, PublicKey]) -> Verified:
    """The releases of a package; the first one stands for it. Signed if all are, with keys known from elsewhere."""
    first, *others = whole
    key = first.key if all(one.key in keys for one in whole) else ""
    also = tuple(f"{one.dataset} {one.version}" for one in others)
    return replace(first, files=files, bytes=file.stat().st_size, key=key, file=file.name, also=also)


def _unpacked(file: Path, folder: Path) -> dict[str, tuple[int, str]]:
    """The size and sha256 of each member of a tar; a folder gets them too, but of tables only the names.

    Raises:
        SourceError: the tar is cut.
        _WrongInsideError: something is in it that is in no dump.
    """
    seen: dict[str, tuple[int, str]] = {}
    name = CATALOGUE
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                name = member.name
                parts = name.split("/")
                if not member.isreg() or member.issparse() or not _OF_DUMP.fullmatch(name) or {".", ".."} & {*parts}:
                    raise _WrongInsideError("", _NONE, name, _NOT_OURS, Text())
                if name in seen:
                    raise _WrongInsideError("", _NONE, name, _TWICE, Text())
                stream = tar.extractfile(member)
                if stream is not None:
                    seen[name] = _kept(stream, folder / name)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise _cut(file, f"{shown(name)}: {error}") from error
    return seen


def _kept(stream: IO[bytes], target: Path) -> tuple[int, str]:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".parquet":
        target.touch()
        return _hash(stream)
    with target.open("wb") as kept:
        shutil.copyfileobj(stream, kept, _CHUNK)
    with target.open("rb") as kept:
        return _hash(kept)


def _of_release(proof: Proof, seen: Mapping[str, tuple[int, str]]) -> Iterator[Verified | Damaged]:
    folder = f"releases/{proof.dataset}/{proof.version}/"
    present = {name.removeprefix(folder): size for name, (size, _) in seen.items() if name.startswith(folder)}
    wrong = {
        entry.path: what for entry in to_hash(proof) if (what := _wrong_with(entry, seen.get(folder + entry.path)))
    }
    yield from findings(proof, present, wrong)


def _wrong_with(entry: Entry, found: tuple[int, str] | None) -> Wrong | None:
    if found == (entry.bytes, entry.sha256):
        return None
    return Wrong(MISSING if found is None else changed(Text(), _AGAIN))


def _only_its_own(copy: Layout, proved: list[Proof]) -> None:
    """Whether catalogue.json lists what is there, in its words.

    Raises:
        _WrongInsideError: it does not.
    """
    try:
        is_same = bool(proved) and (copy.store / CATALOGUE).read_bytes() == catalogue(copy)
    except _BAD_WORDS:
        is_same = False
    if not is_same:
        raise _WrongInsideError("", _NONE, CATALOGUE, _OF_OTHERS, Text())


def _only_the_stores(layout: Layout, proof: Proof) -> None:
    """Whether a release of a dump is that of the store here; its tombstone need not be.

    Raises:
        CivicatError: it is not there, or was taken down.
        _WrongInsideError: it is another one.
    """
    if proof.is_down:
        if proof.version not in layout.numbers(proof.dataset):
            raise unknown_version(layout, proof.dataset, proof.version)
    else:
        only_online(layout, proof.dataset, proof.version)
    name = f"releases/{proof.dataset}/{proof.version}/{MANIFEST}"
    if content(layout.dataset(proof.dataset) / str(proof.version) / MANIFEST) != proof.content:
        raise _WrongInsideError(proof.dataset, proof.version, name, _NOT_THE_STORES, Text())


# -------------------------------------------------------------------------------------------------------- of both


def _hash(stream: IO[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(_CHUNK):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def _has_releases(layout: Layout) -> bool:
    return bool(all_datasets(layout))


def _keys(layout: Layout | None) -> dict[str, PublicKey]:
    """The keys that a store trusts, by their ids."""
    found = ((key, public_key(layout, key)) for key in trusted_keys(layout)) if layout is not None else ()
    return {key: one for key, one in found if one is not None}


def _cut(file: Path, why: str) -> SourceError:
    return SourceError(
        Text(f"{file} 不完整或已损坏（{why}）。", f"{file} is cut or damaged ({why})."),
        Text("请重新下载。", "Download it again."),
    )
