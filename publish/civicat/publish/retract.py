"""Taking a release down: its data goes at once, in every form; its number, its record and the reason stay.

A tombstone takes the release's place in one step, so that the store is as before or complete. It keeps the manifest,
with which the chain of proofs goes on, and who had handed in what; no value of the data is in either.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from civicat.dataset import Dataset
from civicat.errors import CivicatError, StoreError
from civicat.layout import CHANGES, MANIFEST, PROVENANCE, SIGNATURE, TOMBSTONE, TOMBSTONE_SIGNATURE, Layout
from civicat.publish import exports, manifest, staging
from civicat.publish.clock import moment, now
from civicat.publish.inputs import sha256
from civicat.publish.jsontext import sha256_of
from civicat.publish.manifest import canonical_json
from civicat.publish.signing import check_trust, publish_key
from civicat.release import Release, Tombstone, Version, read_tombstone
from civicat.text import Text

if TYPE_CHECKING:
    from civicat.publish.signing import Signer

_KEPT = (MANIFEST, SIGNATURE, PROVENANCE)
_RECORD = frozenset({*_KEPT, TOMBSTONE, TOMBSTONE_SIGNATURE})


def retract(  # noqa: PLR0913, PLR0917 - what is taken down, why, and who says so
    layout: Layout, dataset: str, version: Version, reason: Text, authority: Text, signer: Signer | None = None
) -> Tombstone:
    """Takes a release down for good and answers what stays of it.

    Raises:
        CivicatError: no reason or no authority is said, the release was taken down before or never was, or the key is
            not one that this store trusts.
        StoreError: the store cannot be written; nothing of it has changed.
    """
    _only_with_words(reason, authority)
    if version not in layout.numbers(dataset):
        raise _unknown(layout, dataset, version)
    folder = layout.dataset(dataset)
    with staging.staging(folder) as stage:
        finish(layout, dataset)  # what a killed run left
        tombstone = layout.tombstone(dataset, version)
        if tombstone is not None:
            raise _down_already(tombstone)
        check_trust(layout, signer, folder / str(version), even_if_damaged=True)
        content = canonical_json(_tombstone(layout, dataset, version, reason, authority))
        _write(layout, stage, folder / str(version), content, signer)
        staging.exchange(stage, str(version), TOMBSTONE)
        _remove_data(layout, dataset, version, stage)
    return read_tombstone(json.loads(content), TOMBSTONE)


def _remove_data(layout: Layout, dataset: str, version: Version, stage: Path) -> None:
    """Removes every value of a release that is down by now.

    Raises:
        StoreError: not all could be removed. Nothing hands it out any more, and the next run tries again.
    """
    try:
        finish(layout, dataset)
        shutil.rmtree(stage)  # what the release was, where names could be exchanged
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError(
            Text(
                f"{dataset} {version} 已撤回，但存储中还留有其数据（{why}）。请再次运行 civicat retract。",
                f"{dataset} {version} is down, but data of it is left in the store ({why}). Run civicat retract again.",
            )
        ) from error


def finish(layout: Layout, dataset: str) -> None:
    """Removes what would still show a value of releases that are down: files, exports, and cells in what came next.

    A killed retraction can leave all of these; no reader is shown them then.

    Raises:
        OSError: they cannot be removed.
        StoreError: exports cannot be removed.
    """
    for number in layout.numbers(dataset):
        folder = layout.dataset(dataset) / str(number)
        if (folder / TOMBSTONE).exists():
            _remove_all_but(folder, _RECORD)
            exports.forget(layout, dataset, number)
        elif (folder / TOMBSTONE_SIGNATURE).exists():  # killed before the tombstone could follow it
            (folder / TOMBSTONE_SIGNATURE).unlink()
        if (folder / CHANGES).exists() and lists_what_is_down(folder):
            (folder / CHANGES).unlink()  # verify knows why it is missing


def _remove_all_but(folder: Path, names: Collection[str]) -> None:
    for file in folder.iterdir():
        if file.name not in names:
            file.unlink()


def lists_what_is_down(folder: Path) -> bool:
    """Whether changes.parquet of a release, which has old cells beside new ones, has those of one that was taken down.

    The manifest names the version before, which may have been down by then: provenance names the one compared with.
    """
    before = _compared_with(folder) or _linked(folder)
    return before is not None and (folder.parent / str(before) / TOMBSTONE).exists()


def _compared_with(folder: Path) -> Version | None:
    try:
        named = json.loads((folder / PROVENANCE).read_bytes())["wasRevisionOf"]
    except (OSError, ValueError, TypeError, LookupError):  # the first one, or damaged
        return None
    return Version.parse(str(named).rpartition(":")[2])


def _linked(folder: Path) -> Version | None:
    try:
        link = manifest.load(folder).previous
    except CivicatError:
        return None
    return link.version if link else None


def taken_down(layout: Layout, dataset: Dataset, inputs: str) -> Tombstone | None:
    """The tombstone of a release that was made from the same files, or from the same data; None where there is none.

    `inputs` is the digest of all that is handed in.

    Raises:
        SourceError: a data file cannot be read.
    """
    tombstones = layout.tombstones(dataset.id)
    if not tombstones:
        return None
    data = {sha256(dataset.folder / one.path) for one in dataset.resources}
    same = (one for one in tombstones if one.inputs == inputs or data == set(one.data))
    return next(same, None)


def _tombstone(layout: Layout, dataset: str, version: Version, reason: Text, authority: Text) -> dict[str, object]:
    release = layout.release(dataset, version)
    folder = layout.dataset(dataset) / str(version)
    title = release.dataset.title if release else Text()
    return {
        "format": "civicat-tombstone-1",
        "dataset": dataset,
        "version": str(version),
        "title": _both(title),
        "reason": _both(reason),
        "authority": _both(authority),
        "retracted": moment(now()),
        "released": release.released if release else "",
        "rows": release.rows if release else 0,
        "manifest": sha256_of(manifest.content(folder / MANIFEST) or b""),
        "inputs": release.inputs if release else "",
        "data": sorted(_data(release)) if release else [],
    }


def _data(release: Release) -> Iterator[str]:
    provenance = json.loads((release.folder / PROVENANCE).read_bytes())
    yield from {str(one["sha256"]) for one in provenance.get("inputs", [])}


def _write(layout: Layout, stage: Path, release: Path, content: bytes, signer: Signer | None) -> None:
    for name in _KEPT:
        if (release / name).exists():
            shutil.copyfile(release / name, stage / name)
            staging.seal(stage / name)
    if signer is not None:
        publish_key(layout, signer)
        staging.write(stage / TOMBSTONE_SIGNATURE, signer.sign(content))
    staging.write(stage / TOMBSTONE, content)


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _only_with_words(reason: Text, authority: Text) -> None:
    if not (reason.zh or reason.en):
        raise CivicatError(
            Text(
                "撤回必须说明理由。请用 --reason 写明，例如 --reason “含有个人信息”。",
                "A retraction needs a reason. Say it with --reason, for example --reason “holds personal data”.",
            )
        )
    if not (authority.zh or authority.en):
        raise CivicatError(
            Text(
                "撤回必须说明由谁决定。请用 --authority 写明部门或规定。",
                "A retraction needs an authority. Say with --authority who decided it, or under which rule.",
            )
        )


def _unknown(layout: Layout, dataset: str, version: Version) -> CivicatError:
    known = [str(one) for one in layout.versions(dataset)]
    zh = f"现有版本：{'、'.join(known[-5:])}。" if known else "该数据集尚无版本。"
    en = f"It has {', '.join(known[-5:])}." if known else "It has no release."
    return CivicatError(Text(f"{dataset} 没有版本 {version}。{zh}", f"{dataset} has no version {version}. {en}"))


def _down_already(tombstone: Tombstone) -> CivicatError:
    day, said = tombstone.retracted[:10], tombstone.reason
    return CivicatError(
        Text(
            f"{tombstone.dataset} {tombstone.version} 已于 {day} 撤回：{said.within('zh')}",
            f"{tombstone.dataset} {tombstone.version} was taken down on {day} already: {said.within('en')}",
        )
    )
