"""Every release hashed again and compared with its manifest. It takes no lock: a read-only disk will do.

First the manifests are read and proved, which is quick; then their files are hashed, the largest first and as many at
once as there are processors; then each release is told of, in the store's order.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Lock

from civicat.errors import CivicatError, StoreError
from civicat.layout import (
    CHANGES,
    MANIFEST,
    PROVENANCE,
    SIGNATURE,
    TOMBSTONE,
    TOMBSTONE_SIGNATURE,
    Layout,
)
from civicat.publish.damage import differing, rows, shown
from civicat.publish.manifest import Entry
from civicat.publish.proof import MISSING, Proof, Standing, proofs
from civicat.publish.retract import lists_what_is_down
from civicat.publish.signing import SIGNATURE_BYTES, PublicKeys, read_public_keys
from civicat.publish.staging import is_held
from civicat.release import Version
from civicat.text import Text


@dataclass(frozen=True, slots=True)
class Verified:
    """A release that is as it was published: how many files, and their bytes together.

    `key` is the id of the key that signed it, blank if it is not signed; `file` the name of the only file that was
    looked at, blank for all of them; `also` names further releases that are in it. Of a release that was taken down
    only its tombstone and manifest are left; `reason` says why where one file was looked at. `left_out` is the version
    before, where a dump has left it out; `is_writable` says that all its files can be written, as in a copy of a store.
    """

    dataset: str
    version: Version
    files: int
    bytes: int
    key: str = ""
    file: str = ""
    is_down: bool = False
    reason: Text = field(default_factory=Text)
    left_out: Version | None = None
    also: tuple[str, ...] = ()
    is_writable: bool = False

    @property
    def message(self) -> Text:
        """The same in a line."""
        zh = f"，文件 {self.file}" if self.file else ""
        en = f", the file {self.file}" if self.file else ""
        signed = f"由密钥 {self.key} 签名" if self.key else "未校验签名"
        by = f"signed with the key {self.key}" if self.key else "no signature was checked"
        more = Text(f" 等 {1 + len(self.also)} 个版本", f" and {len(self.also)} more") if self.also else Text()
        rest = [self._down(), self._begun()]
        return Text(
            f"{self.dataset} {self.version}{more.zh}{zh}：与发布时相同；{signed}。" + "".join(one.zh for one in rest),
            f"{self.dataset} {self.version}{more.en}{en}: as it was published; {by}."
            + "".join(f" {one.en}" for one in rest if one),
        )

    def _down(self) -> Text:
        if not self.is_down:
            return Text()
        zh, en = (f"：{self.reason.within('zh')}", f": {self.reason.within('en')}") if self.reason else ("。", ".")
        return Text(f"该版本已撤回{zh}", f"That release was taken down{en}")

    def _begun(self) -> Text:
        if self.left_out is None:
            return Text()
        return Text(
            f"版本 {self.left_out} 及更早的未收入此打包。",
            f"Version {self.left_out} and those before were left out of this dump.",
        )


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file of a release that is not as it was published, with what is wrong in a line.

    `part` is the part of the file that differs, where the file can tell: its row group and column, or its line.
    """

    dataset: str
    version: Version
    file: str
    message: Text
    part: Text = field(default_factory=Text)


_CHUNK_BYTES = 2**20
_TOLD_EVERY_SECONDS = 0.1
_ANYBODY_WRITES = 0o222
_PROOFS = frozenset({MANIFEST, SIGNATURE, TOMBSTONE, TOMBSTONE_SIGNATURE})
_RESTORE = Text("请从备份恢复。", "Restore it from a backup.")
_EXTRA = Text("不属于这个版本。请移出该目录。", "does not belong to this release. Take it out of its folder.")
_STILL_HERE = Text(
    "还在，而该版本已撤回。请再次运行 civicat retract，或删去它。",
    "is still here, though the release was taken down. Run civicat retract again, or remove it.",
)
_CELLS_STILL_HERE = Text(
    "还在，其中有已撤回版本的旧值。请再次运行 civicat retract，或删去它。",
    "is still here, with old cells of a release that was taken down. Run civicat retract again, or remove it.",
)
_OF_NONE = Version(0, 0, 0)  # of what is of no release
_WRITABLE = Text(
    "的权限被改动：可以写入。内容仍与发布时相同；请运行 chmod 444。",
    "had its permissions changed: it can be written. Its content is as it was published; run chmod 444.",
)
_NO_FILE = Text("不是普通文件。请从备份恢复。", "is no plain file. Restore it from a backup.")


def verify(
    layout: Layout,
    *,
    key: Path | Sequence[Path] | None = None,
    dataset: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Verified | Damaged]:
    """One Verified for each release that is whole, else one Damaged for each file that is not; in the store's order.

    At the end one Damaged for each thing under releases/ that is of no release. With `key`, the file of a public key or
    several, every manifest must be signed with one of them. `progress` is told, in the caller's thread, how many more
    of the bytes of `verify_size` are done.

    Raises:
        CivicatError: a key cannot be read, or none of the releases is signed with any.
        StoreError: there is no such dataset.
    """
    only = read_public_keys(key)
    proved = [proof for name in _datasets(layout, dataset) for proof in proofs(layout, name, only)]
    if only is not None and proved:
        _only_a_key_in_use(only, proved)
    hashing = _Hashing(layout, only, progress, verify_size(layout, dataset) if progress else 0)
    yield from hashing.all(proved)
    yield from _strays(layout, dataset)


def verify_release(layout: Layout, dataset: str, version: Version, only: PublicKeys | None) -> Verified | Damaged:
    """One release of a store: it is whole, or the first thing that is wrong with it. With `only`, signed with one."""
    proved = [proof for proof in proofs(layout, dataset, only) if proof.version == version]
    found = list(_Hashing(layout, only, None, 0).all(proved))
    return next((one for one in found if isinstance(one, Damaged)), found[0])


def verify_size(layout: Layout, dataset: str | None = None) -> int:
    """How many bytes `verify` has to hash.

    Raises:
        StoreError: there is no such dataset.
    """
    folders = [layout.dataset(name) / str(one) for name in _datasets(layout, dataset) for one in layout.numbers(name)]
    return sum(size for folder in folders for name, size in _present(folder).items() if name not in _PROOFS)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a file: a text that goes on after its name, and the part that differs."""

    what: Text
    part: Text = field(default_factory=Text)


class _Hashing:
    """Hashes the files of releases on all processors, and counts the bytes."""

    def __init__(
        self, layout: Layout, only: PublicKeys | None, progress: Callable[[int], None] | None, total: int
    ) -> None:
        self._layout, self._only = layout, only
        self._progress, self._left = progress, total
        self._lock, self._count = Lock(), 0
        self._stopped = Event()

    def all(self, proved: Sequence[Proof]) -> Iterator[Verified | Damaged]:
        """What is found of each release."""
        jobs = [(proof.folder / entry.path, entry) for proof in proved for entry in to_hash(proof)]
        # Threads suffice: hashing lets the others run. A file is one thread's, so the largest must not come last.
        jobs.sort(key=lambda job: -job[1].bytes)
        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            futures = {file: pool.submit(self.check, file, entry) for file, entry in jobs}
            for proof in proved:
                yield from self._told(proof, futures)
            self._report(self._left)
        finally:
            self._stopped.set()
            pool.shutdown(cancel_futures=True)

    def check(self, file: Path, entry: Entry) -> Wrong | None:
        """What is wrong with one file."""
        try:
            if not stat.S_ISREG(file.lstat().st_mode):
                return Wrong(_NO_FILE)
            size, digest = self._hash(file, entry.bytes)
            if size == entry.bytes and digest == entry.sha256:
                return _miscounted(file, entry)
            part = differing(file, entry)
            return Wrong(changed(part, _RESTORE), part)
        except FileNotFoundError:
            return Wrong(MISSING)
        except OSError as error:
            return Wrong(Text(f"无法读取（{error.strerror}）。", f"cannot be read ({error.strerror})."))

    def _hash(self, file: Path, expected: int) -> tuple[int, str]:
        """The size and sha256 of a file; only its size where that is not the expected one."""
        digest = hashlib.sha256()
        with open(file, "rb", buffering=0, opener=_no_link) as stream:
            size = os.fstat(stream.fileno()).st_size
            buffer = memoryview(bytearray(min(size, _CHUNK_BYTES)))
            while size == expected and not self._stopped.is_set() and (read := stream.readinto(buffer)):
                digest.update(buffer[:read])
                with self._lock:
                    self._count += read
        return size, digest.hexdigest()

    def _told(self, proof: Proof, futures: Mapping[Path, Future[Wrong | None]]) -> Iterator[Verified | Damaged]:
        files = [entry.path for entry in to_hash(proof)]
        self._wait([futures[proof.folder / path] for path in files])
        present = _present(proof.folder)
        if not proof.is_down and (proof.folder / TOMBSTONE).exists():
            yield from self._told_anew(proof)
            return
        found = {path: futures[proof.folder / path].result() for path in files}
        wrong = {path: one for path, one in found.items() if one is not None}
        told_of = list(findings(proof, present, wrong))
        yield from told_of if any(isinstance(one, Damaged) for one in told_of) else _with_modes(proof, told_of)

    def _told_anew(self, proof: Proof) -> Iterator[Verified | Damaged]:
        """What is told of a release that was taken down while its files were being hashed."""
        again = next(one for one in proofs(self._layout, proof.dataset, self._only) if one.version == proof.version)
        found = {entry.path: self.check(again.folder / entry.path, entry) for entry in to_hash(again)}
        wrong = {path: one for path, one in found.items() if one is not None}
        yield from findings(again, _present(again.folder), wrong)

    def _wait(self, futures: Sequence[Future[Wrong | None]]) -> None:
        """Waits for files of a release, telling from time to time how many bytes are done."""
        while wait(futures, _TOLD_EVERY_SECONDS if self._progress else None).not_done:
            self._take()
        self._take()

    def _take(self) -> None:
        with self._lock:
            count, self._count = self._count, 0
        self._report(count)

    def _report(self, count: int) -> None:
        if self._progress and count > 0:
            self._left -= count
            self._progress(count)


def findings(proof: Proof, present: Mapping[str, int], hashed: Mapping[str, Wrong]) -> Iterator[Verified | Damaged]:
    """What is told of a release: `hashed` is what is wrong with the files that its manifest names."""
    excused = _excused(proof)
    wrong = {
        **{file: Wrong(what) for file, what in _present_wrongly(proof, present).items()},
        **{file: one for file, one in hashed.items() if not (one.what is MISSING and file in excused)},
        **{file: Wrong(what) for file, what in proof.wrong.items()},
    }
    for file, one in sorted(wrong.items()):
        yield Damaged(proof.dataset, proof.version, file, told(proof.dataset, proof.version, file, one.what), one.part)
    if not wrong and proof.manifest:
        size, key = sum(present.values()), proof.manifest.key
        before = proof.left_out
        yield Verified(proof.dataset, proof.version, len(present), size, key, is_down=proof.is_down, left_out=before)


def _miscounted(file: Path, entry: Entry) -> Wrong | None:
    """What is wrong with the rows that a manifest says of a table that is as it was published."""
    if entry.rows is None or (found := rows(file)) == entry.rows:
        return None
    what = Text(
        f"有 {found} 行，而 manifest.json 称有 {entry.rows} 行。请从备份恢复 manifest.json。",
        f"has {found} rows, and manifest.json says {entry.rows}. Restore manifest.json from a backup.",
    )
    return Wrong(what)


def _with_modes(proof: Proof, whole: Sequence[Verified | Damaged]) -> Iterator[Verified | Damaged]:
    """What is told of a whole release, with the files that somebody has made writable.

    Where all are, nobody has: a copy was made that did not keep the modes, such as a dump unpacked.
    """
    modes = _modes(proof.folder)
    writable = sorted(name for name, mode in modes.items() if mode & _ANYBODY_WRITES)
    if len(writable) in {0, len(modes)}:
        yield from (replace(one, is_writable=bool(writable)) for one in whole if isinstance(one, Verified))
        return
    for name in writable:
        yield Damaged(proof.dataset, proof.version, name, told(proof.dataset, proof.version, name, _WRITABLE))


def _modes(folder: Path) -> dict[str, int]:
    modes = {}
    for file in folder.iterdir():
        with suppress(FileNotFoundError):  # a retraction takes it away at the moment
            modes[file.name] = file.lstat().st_mode
    return modes


def _strays(layout: Layout, only: str | None) -> Iterator[Damaged]:
    """What lies among departments, datasets or releases and is none of them; what is hidden is ours or a system's."""
    for child in _visible(layout.releases / (only or ""), depth=1 if only else 3):
        name = child.relative_to(layout.releases).as_posix()
        where = shown(f"releases/{name}")
        zh, en = f"{where} 不属于任何版本。请移出。", f"{where} is of no release. Take it out."
        yield Damaged("/".join(name.split("/")[:2]), _OF_NONE, "", Text(zh, en))


def _visible(folder: Path, depth: int) -> Iterator[Path]:
    """What is out of place in a folder that holds releases `depth` folders below."""
    for child in sorted(one for one in folder.iterdir() if not one.name.startswith(".")) if folder.is_dir() else ():
        if not child.is_dir() or (depth == 1 and Version.parse(child.name) is None):
            yield child
        elif depth > 1:
            yield from _visible(child, depth - 1)


def _present(folder: Path) -> dict[str, int]:
    """The files in a folder, and their sizes; not those that a retraction takes away at the moment."""
    found = {}
    with suppress(FileNotFoundError, NotADirectoryError):
        for child in folder.iterdir():
            with suppress(FileNotFoundError):
                found[child.name] = child.lstat().st_size
    return found


def told(dataset: str, version: Version, file: str, what: Text) -> Text:
    """A line about a file of a release, from what goes on after its name."""
    if not file:  # of the whole release
        return Text(f"{dataset} {version} {what.zh}", f"{dataset} {version} {what.en}")
    name = shown(file)
    return Text(f"{dataset} {version}：文件 {name} {what.zh}", f"{dataset} {version}: the file {name} {what.en}")


def changed(part: Text, remedy: Text) -> Text:
    """Says of a file that it has changed, and in which part if that is known."""
    zh, en = (f"（{part.zh}）", f" ({part.en})") if part else ("", "")
    return Text(f"与发布时不同{zh}。{remedy.zh}", f"is not as it was published{en}. {remedy.en}")


def to_hash(proof: Proof) -> Iterator[Entry]:
    """The files that must be there, unless nothing vouches for what the manifest says of them."""
    if proof.manifest is not None and proof.standing is not Standing.CHANGED:
        yield from (one for one in proof.manifest.files if not proof.is_down or one.path == PROVENANCE)


def _present_wrongly(proof: Proof, present: Mapping[str, int]) -> dict[str, Text]:
    """The files that should not lie in a release's folder; all may where its manifest cannot be believed."""
    if proof.manifest is None or proof.standing is Standing.CHANGED:
        return {}
    published = {entry.path for entry in proof.manifest.files}
    own = {MANIFEST, *([SIGNATURE] if proof.manifest.key else [])}
    if proof.is_down:
        own |= {PROVENANCE, TOMBSTONE, TOMBSTONE_SIGNATURE}
        left, what = published - {PROVENANCE}, _STILL_HERE
    else:
        # A retraction that is killed on a disk that cannot exchange names leaves the signature of no tombstone.
        own |= {TOMBSTONE_SIGNATURE} if present.get(TOMBSTONE_SIGNATURE) == SIGNATURE_BYTES else set()
        left, what = _excused(proof), _CELLS_STILL_HERE
    extra = dict.fromkeys(present.keys() - published - own, _EXTRA)
    return extra | dict.fromkeys(_left(proof, present.keys() & left), what)


def _left(proof: Proof, files: set[str]) -> set[str]:
    """The files that a retraction should have removed and, as nobody is at it any more, has not."""
    if not files or is_held(proof.folder.parent):
        return set()
    return {name for name in files if (proof.folder / name).exists()}


def _excused(proof: Proof) -> set[str]:
    """What may be missing: the cells that changed, if the release that they had been compared with was taken down."""
    return {CHANGES} if lists_what_is_down(proof.folder) else set()


def all_datasets(layout: Layout) -> list[str]:
    """The datasets that have a release, those too of which all were taken down; in order."""
    folders = sorted(folder for folder in layout.releases.glob("*/*") if folder.is_dir())
    names = [f"{folder.parent.name}/{folder.name}" for folder in folders]
    return [name for name in names if layout.numbers(name)]


def _datasets(layout: Layout, only: str | None) -> list[str]:
    found = [name for name in all_datasets(layout) if only in {None, name}]
    if only is not None and not found:
        raise StoreError(Text(f"{layout.store} 中没有 {only} 的版本。", f"{layout.store} has no release of {only}."))
    return found


def _only_a_key_in_use(only: PublicKeys, proved: Sequence[Proof]) -> None:
    """Keys that signed nothing here are the wrong ones: told once, not once for each release."""
    keys = sorted({proof.manifest.key for proof in proved if proof.manifest})
    if only.keys() & keys:
        return
    others = [key for key in keys if key]
    zh = f"签名所用的是 {'、'.join(others)}。" if others else "它们没有签名。"
    en = f"They are signed with {', '.join(others)}." if others else "They are not signed."
    raise CivicatError(
        Text(
            f"这里没有用密钥 {'或'.join(only)} 签名的版本。{zh}",
            f"No release here is signed with the key {' or '.join(only)}. {en}",
        )
    )


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)
