"""Whether the manifests of a dataset are those that were published: their signatures, their chain, their tombstones.

Each manifest is vouched for from two sides, its own signature and the manifest that came after it; with both it can
mostly be told which file has changed. The newest release of an unsigned store has neither.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from civicat.errors import CivicatError, StoreError
from civicat.layout import MANIFEST, PROVENANCE, SIGNATURE, TOMBSTONE, TOMBSTONE_SIGNATURE, Layout
from civicat.publish.damage import shown
from civicat.publish.exports import left_out
from civicat.publish.manifest import Link, Manifest, content, of_another, read_canonical, read_manifest
from civicat.publish.signing import (
    LINKED,
    SIGNATURE_BYTES,
    PublicKey,
    PublicKeys,
    public_key,
    trusted_keys,
    unsigned_before,
)
from civicat.release import Tombstone, Version, read_tombstone
from civicat.text import Text


class Standing(Enum):
    """What is known of a manifest: vouched for, not spoken against, or not what was published."""

    PROVED = "proved"
    OPEN = "open"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Proof:
    """The manifest of one release and what is wrong with it, by file: a text that goes on after the file's name.

    `manifest` is None where it is missing or cannot be read; `is_down` where a tombstone lies beside it. `left_out` is
    the version before, where this store was unpacked from a dump that says that it has left it out.
    """

    dataset: str
    version: Version
    folder: Path
    content: bytes
    manifest: Manifest | None
    standing: Standing
    wrong: Mapping[str, Text]
    is_down: bool = False
    left_out: Version | None = None

    def without(self, file: str, what: Text, standing: Standing | None = None) -> Proof:
        """The same with something wrong; what is known of a file already stays."""
        return replace(self, wrong={file: what, **self.wrong}, standing=standing or self.standing)


MISSING = Text("缺失。请从备份恢复。", "is missing. Restore it from a backup.")
_NOT_READ = Text(
    "无法读取，或不是普通文件。请检查权限，或从备份恢复。",
    "cannot be read, or is no plain file. Check its permissions, or restore it from a backup.",
)
_EARLIER = Text(
    "缺失：该版本由早期的 civicat 发布，无从校验。", "is missing: made by an earlier civicat. It cannot be verified."
)
_UNSIGNED = Text(
    "缺失：此前的版本有签名，这一版没有。", "is missing: the releases before are signed and this one is not."
)
_UNSIGNED_SINCE = Text(
    "缺失：此存储已有密钥，此后发布的版本都须签名。请从备份恢复该版本。",
    "is missing: this store has a key, and what was published since must be signed. Restore the release from a backup.",
)
_NOT_THE_LISTED = Text(
    "已被改动：与首个密钥到来时所记的不同。请从备份恢复。",
    "has changed: another one was there when the store's first key came. Restore it from a backup.",
)
_GONE_UNSIGNED = Text(
    "缺失：首个密钥到来时该版本还在，而整个版本已不在。请从备份恢复其目录。",
    "is missing, as is the whole release, which was there when the store's first key came. "
    "Restore its folder from a backup.",
)
_NOT_ITS_SIGNATURE = Text(
    "与 manifest.json 不符。请从备份恢复。", "is not the signature of manifest.json. Restore it from a backup."
)
_EITHER = Text(
    "与 manifest.sig 不符：其中之一已被改动。请从备份恢复这两个文件。",
    "does not belong to manifest.sig: one of the two has changed. Restore both from a backup.",
)
_EITHER_TOMBSTONE = Text(
    "与 tombstone.sig 不符：其中之一已被改动，或签名密钥不受信。请从备份恢复这两个文件。",
    "does not belong to tombstone.sig: one of the two has changed, or its key is not trusted. "
    "Restore both from a backup.",
)


def proofs(layout: Layout, dataset: str, only: PublicKeys | None = None) -> list[Proof]:
    """The proof of every release of a dataset that is there or was, oldest first.

    With `only`, every manifest must be signed with one of those keys; without, with one in the store's keys/, unless it
    was there before the first of them.
    """
    before = unsigned_before(layout)
    last = (before or {}).get(dataset)
    read = [_read(layout.dataset(dataset) / str(one), dataset, one) for one in layout.numbers(dataset)]
    signed = [_signed(layout, proof, only) for proof in read]
    on = list(_signed_on(signed))
    since = on if before is None else [_signed_since(proof, last) for proof in on]
    chained = [_begun(layout, proof) for proof in _chained(since)]
    down = [_buried(layout, proof, only) if proof.is_down else proof for proof in chained]
    return sorted([*down, *_gone(layout, chained, last)], key=lambda proof: proof.version)


def reason(error: CivicatError, file: Path) -> Text:
    """What an error says about a file, as a text that goes on after the file's name."""
    zh = error.message.zh.removeprefix(f"{file}").lstrip("：，")
    en = error.message.en.removeprefix(f"{file}").lstrip(":, ")
    return Text(f"已损坏：{shown(zh):.300}", f"is damaged: {shown(en):.300}")


def _read(folder: Path, dataset: str, version: Version) -> Proof:
    if folder.is_symlink():
        return Proof(dataset, version, folder, b"", None, Standing.CHANGED, {"": LINKED})
    found = content(folder / MANIFEST)
    is_down = (folder / TOMBSTONE).exists()
    proof = Proof(dataset, version, folder, found or b"", None, Standing.CHANGED, {}, is_down)
    if found is None:
        return proof.without(MANIFEST, _EARLIER if _is_of_an_earlier_civicat(folder) else _absent(folder / MANIFEST))
    try:
        manifest = read_manifest(found, str(folder / MANIFEST))
    except CivicatError as error:
        return proof.without(MANIFEST, reason(error, folder / MANIFEST))
    if (manifest.dataset, manifest.version) != (dataset, version):
        told = of_another(manifest)
        return proof.without(MANIFEST, Text(f"不符：{told.zh}", f"does not belong here: {told.en}"))
    return replace(proof, manifest=manifest, standing=Standing.OPEN)


def _absent(file: Path) -> Text:
    return _NOT_READ if os.path.lexists(file) else MISSING


def _is_of_an_earlier_civicat(folder: Path) -> bool:
    """Whether provenance.json holds the hashes of other files, as it did before there were manifests."""
    names_files = b'"files": {' in (content(folder / PROVENANCE) or b"")
    return names_files and not any(os.path.lexists(folder / name) for name in (MANIFEST, SIGNATURE))


def _signed(layout: Layout, proof: Proof, only: PublicKeys | None) -> Proof:
    """What its own signature says of a manifest."""
    if proof.manifest is None or (not proof.manifest.key and only is None):
        return proof
    signature = content(proof.folder / SIGNATURE)
    if signature is None and proof.manifest.key:
        return proof.without(SIGNATURE, _absent(proof.folder / SIGNATURE))
    return _held_to(layout, proof, proof.manifest.key, signature or b"", only)


def _held_to(layout: Layout, proof: Proof, name: str, signature: bytes, only: PublicKeys | None) -> Proof:
    key, what = _key(layout, name, only)
    if key is None:
        return proof.without(MANIFEST, what)
    if len(signature) != SIGNATURE_BYTES:
        size = len(signature)
        what = Text(f"应为 64 字节，实为 {size}。", f"has {size} bytes instead of 64.")
        return proof.without(SIGNATURE, Text(f"{what.zh}请从备份恢复。", f"{what.en} Restore it from a backup."))
    if key.holds(proof.content, signature):
        return replace(proof, standing=Standing.PROVED)
    return proof.without(MANIFEST, _EITHER, Standing.CHANGED)


def _key(layout: Layout, key: str, only: PublicKeys | None) -> tuple[PublicKey | None, Text]:
    """The key that a manifest must be signed with, or why there is none."""
    if only is not None:
        return only.get(key), another_key(key, only)
    try:
        found = public_key(layout, key)
    except CivicatError as error:
        return None, Text(f"无法校验签名：{error.message.zh}", f"cannot be proved: {error.message.en}")
    missing = Text(
        f"由密钥 {key} 签名，但 keys/{key}.pem 缺失。请放回该公钥。",
        f"is signed with the key {key}, and keys/{key}.pem is missing. Put that public key back.",
    )
    return found, missing


def another_key(key: str, only: PublicKeys) -> Text:
    """Says that a manifest is signed with another key than those it is held to, or not at all."""
    zh, en = "或".join(only), " or ".join(only)
    if not key:
        return Text(f"没有签名，应由密钥 {zh} 签名。", f"is not signed, and it must be with the key {en}.")
    return Text(f"由密钥 {key} 签名，而非 {zh}。", f"is signed with the key {key}, not with {en}.")


def _signed_since(proof: Proof, last: Link | None) -> Proof:
    """What the list of the store's first key says of a manifest without a key; `last` is the newest of the dataset."""
    read = proof.manifest
    if read is None or read.key:
        return proof
    if last is None or read.version > last.version:
        return proof.without(SIGNATURE, _UNSIGNED_SINCE)
    if read.version < last.version:
        return proof
    if read.sha256 == last.sha256:
        return replace(proof, standing=Standing.PROVED)
    return proof.without(MANIFEST, _NOT_THE_LISTED, Standing.CHANGED)


def _signed_on(proofs: Sequence[Proof]) -> Iterator[Proof]:
    """Once a dataset is signed, all that follows must be."""
    signed = False
    for proof in proofs:
        key = proof.manifest.key if proof.manifest else ""
        yield proof.without(SIGNATURE, _UNSIGNED) if signed and proof.manifest and not key else proof
        signed = signed or bool(key)


def _chained(proofs: Sequence[Proof]) -> list[Proof]:
    """What each manifest says of the one before, from the newest back: one that has changed has no say."""
    chained: list[Proof] = []
    after: int | None = None  # the place in `chained` of the release that has the say
    for before in reversed(proofs):
        if after is None:
            chained.append(before)
            after = len(chained) - 1
            continue
        told, chained[after], is_in_the_chain = _linked(before, chained[after])
        chained.append(told)
        after = len(chained) - 1 if is_in_the_chain else after
    return chained[::-1]


def _linked(before: Proof, after: Proof) -> tuple[Proof, Proof, bool]:
    """Both, with what the later one says of the earlier one; and whether the earlier one is in the chain at all."""
    if before.manifest is None or after.manifest is None or after.standing is Standing.CHANGED:
        return before, after, True
    link = after.manifest.previous
    if link is not None and link.version > before.version:
        return before, after, True  # the one between them is gone, and told of by itself
    if link is None or link.version < before.version:
        return *_blamed(before, after, _not_in_the_chain(before, after)), False
    if link.sha256 == before.manifest.sha256:
        return _vouched(before, after), after, True
    return *_blamed(before, after, _not_the_one(before, after)), True


def _vouched(before: Proof, after: Proof) -> Proof:
    """A manifest that the next one names is the published one: if its signature does not hold, that has changed."""
    if before.wrong.get(MANIFEST) is not _EITHER:
        return before
    others = {file: what for file, what in before.wrong.items() if file != MANIFEST}
    return replace(before, wrong={SIGNATURE: _NOT_ITS_SIGNATURE, **others}, standing=after.standing)


def _blamed(before: Proof, after: Proof, what: tuple[Text, Text]) -> tuple[Proof, Proof]:
    """The one of two manifests that is not proved by its signature has changed; the earlier one if that is open."""
    if before.standing is Standing.PROVED and after.standing is not Standing.PROVED:
        return before, after.without(MANIFEST, what[1], Standing.CHANGED)
    return before.without(MANIFEST, what[0], Standing.CHANGED), after


def _not_the_one(before: Proof, after: Proof) -> tuple[Text, Text]:
    return (
        Text(
            f"已被改动：与 {after.version} 发布时所记的 sha256 不同。请从备份恢复。",
            f"has changed: {after.version} was published after another one. Restore it from a backup.",
        ),
        Text(
            f"已被改动：所记 {before.version} 的 sha256 与其不同。请从备份恢复。",
            f"has changed: it names another manifest of {before.version} than the one there. Restore it from a backup.",
        ),
    )


def _not_in_the_chain(before: Proof, after: Proof) -> tuple[Text, Text]:
    link = after.manifest.previous if after.manifest else None
    zh = f"接在 {link.version} 之后" if link else "是首个版本"
    en = f"came right after {link.version}" if link else "is the first release"
    return (
        Text(
            f"不在版本链中：{after.version} {zh}。请移出该目录。",
            f"is not in the chain: {after.version} {en}. Take its folder out.",
        ),
        Text(
            f"已被改动：称本版本{zh}，但 {before.version} 还在。请从备份恢复。",
            f"has changed: it says that this {en}, and {before.version} is there. Restore it from a backup.",
        ),
    )


def _begun(layout: Layout, proof: Proof) -> Proof:
    """A proof that says that the chain begins anew with it, if the dump that the store is made of holds just that."""
    link = proof.manifest.previous if proof.manifest else None
    if link is None or (layout.dataset(proof.dataset) / str(link.version)).exists():
        return proof
    versions, manifests = left_out(layout, proof.dataset)
    is_listed = manifests.get(proof.version) == hashlib.sha256(proof.content).hexdigest()
    return replace(proof, left_out=link.version) if is_listed and link.version in versions else proof


def _gone(layout: Layout, chained: Sequence[Proof], last: Link | None) -> Iterator[Proof]:
    """A proof for each release that another one was published after, or the first key lists, and that is not there."""
    there = {proof.version for proof in chained}
    named = {proof.manifest.previous.version for proof in chained if proof.manifest and proof.manifest.previous}
    if last is not None and chained and last.version > max(there | named):
        name = chained[0].dataset
        folder = layout.dataset(name) / str(last.version)
        yield Proof(name, last.version, folder, b"", None, Standing.CHANGED, {MANIFEST: _GONE_UNSIGNED})
    for proof in chained:
        link = proof.manifest.previous if proof.manifest else None
        is_missing = link is not None and link.version not in there and link.version != proof.left_out
        if link is not None and is_missing and proof.standing is not Standing.CHANGED:
            what = Text(
                f"缺失：{proof.version} 接在该版本之后发布，而整个版本已不在。请从备份恢复其目录。",
                f"is missing, as is the whole release, and {proof.version} was published after it. "
                "Restore its folder from a backup.",
            )
            folder = layout.dataset(proof.dataset) / str(link.version)
            yield Proof(proof.dataset, link.version, folder, b"", None, Standing.CHANGED, {MANIFEST: what})


def _buried(layout: Layout, proof: Proof, only: PublicKeys | None) -> Proof:
    """A release that was taken down, with what is wrong with its tombstone."""
    found = content(proof.folder / TOMBSTONE) or b""
    signature = content(proof.folder / TOMBSTONE_SIGNATURE)
    is_signed = signature is not None and any(key.holds(found, signature) for key in _keys(layout, only))
    try:
        file = str(proof.folder / TOMBSTONE)
        tombstone = read_tombstone(read_canonical(found, file), file)
    except CivicatError as error:
        return proof.without(TOMBSTONE, reason(error, proof.folder / TOMBSTONE))
    if signature is None and (only or (proof.manifest and proof.manifest.key)):
        return proof.without(TOMBSTONE_SIGNATURE, _absent(proof.folder / TOMBSTONE_SIGNATURE))
    if signature is not None and not is_signed:
        file, what = _of_signature(signature)
        return proof.without(file, what)
    return _of_this_release(proof, tombstone, is_signed=is_signed)


def _of_signature(signature: bytes) -> tuple[str, Text]:
    size = len(signature)
    if size != SIGNATURE_BYTES:
        return TOMBSTONE_SIGNATURE, Text(f"应为 64 字节，实为 {size}。", f"has {size} bytes instead of 64.")
    return TOMBSTONE, _EITHER_TOMBSTONE


def _of_this_release(proof: Proof, tombstone: Tombstone, *, is_signed: bool) -> Proof:
    """Of a tombstone and a manifest that do not name each other, the one that nobody vouches for has changed."""
    if (tombstone.dataset, tombstone.version) != (proof.dataset, proof.version):
        told = f"{shown(tombstone.dataset)} {tombstone.version}"
        return proof.without(TOMBSTONE, Text(f"属于另一版本 {told}。", f"is that of {told}."))
    if not proof.content or tombstone.manifest == hashlib.sha256(proof.content).hexdigest():
        return proof
    if is_signed and proof.standing is not Standing.PROVED:
        what = Text("已被改动：与 tombstone.json 所记不同。", "has changed: tombstone.json names another one.")
        return proof.without(MANIFEST, what, Standing.CHANGED)
    return proof.without(
        TOMBSTONE, Text("所记的不是这个 manifest.json。", "names another manifest.json than the one there.")
    )


def _keys(layout: Layout, only: PublicKeys | None) -> Iterator[PublicKey]:
    if only is not None:
        yield from only.values()
        return
    for key in trusted_keys(layout):
        try:
            found = public_key(layout, key)
        except StoreError:
            continue  # it is told of where a manifest names it
        if found is not None:
            yield found
