"""Taking a release down: its data goes at once, in every form; its number, its record and the reason stay.

A tombstone takes the release's place in one step, so that the store is as before or complete. It keeps the manifest,
with which the chain of proofs goes on, and who had handed in what; no value of the data is in either.

Rows that were appended or upserted live on in later releases. Those are taken down along with it, or none is: newest
first, so that the release that was named is down only when all that hold its rows are, and a run that was killed is
finished by the same command.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from civicat.dataset import Dataset
from civicat.errors import CivicatError, StoreError
from civicat.layout import CHANGES, MANIFEST, PROVENANCE, SIGNATURE, TOMBSTONE, TOMBSTONE_SIGNATURE, Layout, read
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

_COMPARISONS = "diffs"  # where the site keeps them in the cache
_HALF_MADE = ".making-*"  # where the site makes what goes into the cache
_KEPT = (MANIFEST, SIGNATURE, PROVENANCE)
_RECORD = frozenset({*_KEPT, TOMBSTONE, TOMBSTONE_SIGNATURE})


def retract(  # noqa: PLR0913, PLR0917 - what is taken down, why, and who says so
    layout: Layout,
    dataset: str,
    version: Version,
    reason: Text,
    authority: Text,
    signer: Signer | None = None,
    *,
    with_later: bool = False,
) -> Tombstone:
    """Takes a release down for good and answers what stays of it; `with_later`, those too that `held_by` answers.

    Raises:
        CivicatError: no reason or no authority is said, the release was taken down before or never was, later ones hold
            its rows and are to stay, or the key is not one that this store trusts.
        StoreError: the store cannot be written; it says what is down by then.
    """
    _only_with_words(reason, authority)
    folder = layout.dataset(dataset)
    with staging.as_store_error(folder):
        if version not in layout.numbers(dataset):
            raise unknown_version(layout, dataset, version)
    with staging.staging(folder) as stage:
        _clear(layout, dataset)  # what a killed run left
        tombstone = layout.tombstone(dataset, version)
        if tombstone is not None:
            raise _down_already(tombstone)
        later = held_by(layout, dataset, version)
        if later and not with_later:
            raise _held(dataset, version, later)
        for one in (*later, version):
            check_trust(layout, signer, folder / str(one), even_if_damaged=True)
        content = _take_down(layout, stage, dataset, [*reversed(later), version], (reason, authority), signer)
        _remove_data(layout, dataset, version, stage)
    return read_tombstone(json.loads(content), TOMBSTONE)


def held_by(layout: Layout, dataset: str, version: Version) -> list[Version]:
    """The later releases online that were made of a release and hold rows of it still, oldest first.

    One whose provenance cannot be read is taken for one that does.
    """
    later = [one for one in layout.numbers(dataset) if one > version]
    kept = {one: _kept(layout.dataset(dataset) / str(one)) for one in later}
    every = frozenset[str]().union(*(names for names in kept.values() if names is not None), {""})
    held = {version: every}
    for one in later:
        before = _before(layout.dataset(dataset) / str(one))
        names, own = held.get(before, frozenset()) if before else every, kept[one]
        held[one] = names if own is None else names & own
    online = layout.versions(dataset)
    return [one for one in later if held[one] and one in online]


def _kept(folder: Path) -> frozenset[str] | None:
    """The resources of a release in which rows of the one before are left; None where that cannot be read."""
    try:
        activities = json.loads((folder / PROVENANCE).read_bytes()).get("activities", ())
        steps = [one for activity in activities for one in activity.get("transformations", ())]
        return frozenset(str(one["resource"]) for one in steps if one["counts"].get("kept"))
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


def _take_down(  # noqa: PLR0913, PLR0917 - what goes, in which order, why, and who says so
    layout: Layout,
    stage: Path,
    dataset: str,
    versions: Sequence[Version],
    words: tuple[Text, Text],
    signer: Signer | None,
) -> bytes:
    """Puts a tombstone in the place of each release, one after the other, and answers the last one's content.

    Raises:
        OSError: a tombstone cannot be written; nothing has changed.
        StoreError: that happened when others were down already.
    """
    content, down = b"", list[Version]()
    for version in versions:
        try:
            if down:
                shutil.rmtree(stage)  # what the one before was
                stage.mkdir()
            content = canonical_json(_tombstone(layout, dataset, version, *words))
            _write(layout, stage, layout.dataset(dataset) / str(version), content, signer)
            staging.exchange(stage, str(version), TOMBSTONE)
            with suppress(OSError):  # it is down; answers that showed a value of it are kept for a minute at most
                os.utime(layout.releases)  # whoever keeps answers looks here, and makes them anew
        except OSError as error:
            if down:
                raise _not_all(dataset, down, versions[-1], error) from error
            raise
        down.append(version)
    return content


def _remove_data(layout: Layout, dataset: str, version: Version, stage: Path) -> None:
    """Removes every value of the releases that are down by now.

    Raises:
        StoreError: not all could be removed. Nothing hands it out any more, and the next run tries again.
    """
    try:
        _clear(layout, dataset)
        shutil.rmtree(stage)  # what the release was, where names could be exchanged
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError(
            Text(
                f"{dataset} {version} 已撤回，但存储中还留有其数据（{why}）。请再次运行 civicat retract。",
                f"{dataset} {version} is down, but data of it is left in the store ({why}). Run civicat retract again.",
            )
        ) from error


def _clear(layout: Layout, dataset: str) -> None:
    """All that `finish` removes, and what is half made in the cache, of whatever: a killed process may have left it."""
    finish(layout, dataset)
    for folder in layout.cache.glob(_HALF_MADE):
        exports.remove(folder)


def finish(layout: Layout, dataset: str) -> None:
    """Removes what would still show a value of releases that are down: files, exports, and cells in comparisons.

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
    _forget_comparisons(layout, dataset)


def _forget_comparisons(layout: Layout, dataset: str) -> None:
    """Removes all comparisons that the site has kept, `old..new`, if one of them is with a release that is down.

    Or if one is half made: it may have been made of such a release by a process that was killed.
    """
    folder = layout.cache / _COMPARISONS / dataset
    names = {child.name for child in folder.iterdir()} if folder.is_dir() else set()
    down = {str(one) for one in set(layout.numbers(dataset)) - set(layout.versions(dataset))}
    if down and any(name.startswith(".") or down & set(name.split("..")) for name in names):
        exports.remove(folder)


def _remove_all_but(folder: Path, names: Collection[str]) -> None:
    for file in folder.iterdir():
        if file.name not in names:
            file.unlink()


def lists_what_is_down(folder: Path) -> bool:
    """Whether changes.parquet of a release, which has old cells beside new ones, has those of one that was taken down.

    The manifest names the version before, which may have been down by then: provenance names the one compared with.
    """
    before = _before(folder)
    return before is not None and (folder.parent / str(before) / TOMBSTONE).exists()


def _before(folder: Path) -> Version | None:
    """The release that one was compared with and made of; None of the first, and where nothing can be read."""
    return _compared_with(folder) or _linked(folder)


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


def taken_down(layout: Layout, dataset: Dataset, inputs: str, data: Collection[str] | None = None) -> Tombstone | None:
    """The tombstone of a release that was made from the same files, or from the same data; None where there is none.

    `inputs` is the digest of all that is handed in, `data` the sha256 of each data file; without it they are read.

    Raises:
        SourceError: a data file cannot be read.
    """
    tombstones = layout.tombstones(dataset.id)
    if not tombstones:
        return None
    handed_in = {sha256(dataset.folder / one.path) for one in dataset.resources} if data is None else set(data)
    same = (one for one in tombstones if one.inputs == inputs or (handed_in and handed_in == set(one.data)))
    return next(same, None)


def _tombstone(layout: Layout, dataset: str, version: Version, reason: Text, authority: Text) -> dict[str, object]:
    folder = layout.dataset(dataset) / str(version)
    release = _readable(folder)
    title = release.dataset.title if release else Text()
    return {
        "format": "civicat-tombstone-1",
        "dataset": dataset,
        "version": str(version),
        "title": title.to_descriptor(),
        "reason": reason.to_descriptor(),
        "authority": authority.to_descriptor(),
        "retracted": moment(now()),
        "released": release.released if release else "",
        "rows": release.rows if release else 0,
        "manifest": sha256_of(manifest.content(folder / MANIFEST) or b""),
        "inputs": release.inputs if release else "",
        "data": sorted(_data(release)) if release else [],
    }


def _readable(folder: Path) -> Release | None:
    """A release that is damaged can be taken down too; its tombstone says less."""
    try:
        return read(folder)
    except (CivicatError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


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


def unknown_version(layout: Layout, dataset: str, version: Version) -> CivicatError:
    """The error for a version that a dataset never had."""
    known = [str(one) for one in layout.versions(dataset)]
    zh = f"现有版本：{'、'.join(known[-5:])}。" if known else "该数据集尚无版本。"
    en = f"It has {', '.join(known[-5:])}." if known else "It has no release."
    return CivicatError(Text(f"{dataset} 没有版本 {version}。{zh}", f"{dataset} has no version {version}. {en}"))


def _held(dataset: str, version: Version, later: Sequence[Version]) -> CivicatError:
    zh, en = "、".join(map(str, later)), ", ".join(map(str, later))
    return CivicatError(
        Text(
            f"未撤回：{dataset} {version} 的行还在其后的版本 {zh} 中。",
            f"Not taken down: rows of {dataset} {version} are in later versions too: {en}.",
        ),
        Text(
            "请加 --with-later 一并撤回；若要有版本继续在线，请先以 submission: replace 发布可以保留的全部行。",
            "Add --with-later to take those down as well; to keep a version online, first publish all rows that may "
            "stay, with submission: replace.",
        ),
    )


def _not_all(dataset: str, down: Sequence[Version], version: Version, error: OSError) -> StoreError:
    why, zh, en = error.strerror or str(error), "、".join(map(str, down)), ", ".join(map(str, down))
    return StoreError(
        Text(
            f"{dataset} {zh} 已撤回，{version} 还没有（{why}）。请再次运行同一命令。",
            f"{dataset} {en} {'is' if len(down) == 1 else 'are'} down, and {version} is not yet ({why}). "
            "Run the same command again.",
        )
    )


def _down_already(tombstone: Tombstone) -> CivicatError:
    day, said = tombstone.retracted[:10], tombstone.reason
    return CivicatError(
        Text(
            f"{tombstone.dataset} {tombstone.version} 已于 {day} 撤回：{said.within('zh')}",
            f"{tombstone.dataset} {tombstone.version} was taken down on {day} already: {said.within('en')}",
        )
    )
