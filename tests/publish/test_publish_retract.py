from __future__ import annotations

import json
import threading
import zipfile
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat import publish
from civicat.catalog.index.building import build_index
from civicat.errors import CivicatError
from civicat.publish import diff, exports, kit
from civicat.publish.signing import new_key
from civicat.publish.staging import staging
from civicat.release import Release, Tombstone, Version
from civicat.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.conftest import Desk

NAME = "transport/counters"
REASON = Text("含有个人信息。", "It holds personal data.")
AUTHORITY = Text("交通局数据台", "Data desk of the Transport office")
CELL = "王小明13812345678"
RECORD = {"tombstone.json", "manifest.json", "provenance.json"}


def _three(desk: Desk) -> list[Release]:
    return [
        desk.publish(inputs, (desk.counters(range(1, 7), name), desk.notes("静")))
        for inputs, name in (("a", "桥"), ("b", "秘"), ("c", "路"))
    ]


def _retract(desk: Desk, version: Version, reason: Text = REASON, authority: Text = AUTHORITY) -> Tombstone:
    return publish.retract(desk.layout, NAME, version, reason, authority)


def _damaged(desk: Desk) -> list[str]:
    return [one.message.en for one in publish.verify(desk.layout) if isinstance(one, publish.Damaged)]


def test_the_data_goes_and_the_record_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = _three(desk)
    manifest = (second.folder / "manifest.json").read_bytes()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")

    tombstone = _retract(desk, second.version)

    assert {file.name for file in second.folder.iterdir()} == RECORD
    assert (second.folder / "manifest.json").read_bytes() == manifest
    assert (tombstone.reason, tombstone.authority, tombstone.rows) == (REASON, AUTHORITY, second.rows)
    assert (tombstone.retracted, tombstone.inputs) == ("2026-11-18T11:06:40Z", "b")
    assert tombstone.title == second.dataset.title
    assert desk.layout.tombstone(NAME, second.version) == tombstone
    assert desk.layout.versions(NAME) == [first.version, third.version]
    assert desk.layout.numbers(NAME) == [first.version, second.version, third.version]
    assert desk.layout.release(NAME, second.version) is None
    assert _damaged(desk) == []


def test_no_value_of_it_is_left_anywhere_in_the_store(desk: Desk) -> None:
    _, second, third = _three(desk)
    assert "秘" in "".join(pq.read_table(third.folder / "changes.parquet")["old"].to_pylist())
    made = exports.export(desk.layout, second, "csv", "counters")
    assert "秘" in made.read_text("utf-8")

    _retract(desk, second.version)

    assert not (third.folder / "changes.parquet").exists()
    assert not made.exists()
    left = [file for file in desk.layout.store.rglob("*") if file.is_file() and "秘".encode() in file.read_bytes()]
    assert left == []
    assert _damaged(desk) == []


def _everything_is_made(desk: Desk, release: Release, before: Release, after: Release) -> list[str]:
    """Fills caches and the index with what readers ask for; answers what was made."""
    for form in exports.FORMS:
        for table in release.tables if form != "geojson" else ():
            exports.export(desk.layout, release, form, table.resource.name)
    exports.export(desk.layout, release, "sqlite", search=True)
    kept = desk.layout.cache / "exports" / NAME / str(release.version) / "0" / "kit.zip"
    kept.parent.mkdir()
    kit.kit(desk.layout, [], desk.layout.cache / "kit.zip", partial(exports.export, desk.layout)).rename(kept)
    for old, new in ((before, release), (release, after), (before, after)):
        folder = desk.layout.cache / "diffs" / NAME / f"{old.version}..{new.version}" / "0"
        folder.mkdir(parents=True)
        diff.write_changes(diff.compare(old, new, folder), folder / "changes.parquet")
        (folder / "diff.json").write_text(json.dumps(diff.to_descriptor(diff.compare(old, new, folder))), "utf-8")
    for half in (desk.layout.cache / "diffs" / NAME / ".making-0", desk.layout.cache / ".making-0"):
        half.mkdir()
        (half / "diff.json").write_text(CELL)
    build_index(desk.layout)
    return sorted({file.suffix for file in desk.layout.cache.rglob("*") if file.is_file() and file.suffix})


def _holding(store: Path, words: str) -> list[str]:
    """The files of a store that hold some words, packed or not."""
    files = (file for file in sorted(store.rglob("*")) if file.is_file())
    return [file.relative_to(store).as_posix() for file in files if words in _unpacked(file)]


def _unpacked(file: Path) -> str:
    if file.suffix == ".parquet":
        return str(pq.read_table(file).to_pylist()) + str(pq.read_schema(file).metadata)
    if file.suffix == ".arrow":
        return str(pa.ipc.open_file(file).read_all().to_pylist())
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            return "".join(archive.read(name).decode(errors="ignore") for name in archive.namelist())
    return file.read_bytes().decode(errors="ignore")


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_distinctive_cell_is_nowhere_in_store_caches_and_index(desk: Desk, place: str) -> None:
    names = ("桥", CELL, "路") if place == "first" else ("桥", "路", CELL)
    many = [
        desk.publish(inputs, (desk.counters(range(1, 7), name), desk.notes(name)))
        for inputs, name in zip("abc", names, strict=True)
    ]
    taken = many[names.index(CELL)]
    made = _everything_is_made(desk, taken, many[0], many[2] if place == "first" else many[1])
    assert made == [".arrow", ".csv", ".json", ".ndjson", ".parquet", ".sqlite", ".xlsx", ".zip"]
    held = _holding(desk.layout.store, CELL)
    assert {name.split("/")[0] for name in held} >= {"releases", "cache"}
    assert len(held) > len(made)

    _retract(desk, taken.version)
    build_index(desk.layout)

    assert _holding(desk.layout.store, CELL) == []
    assert not (desk.layout.cache / "diffs" / NAME).exists()
    assert _damaged(desk) == []


def test_comparisons_without_it_stay_in_the_cache(desk: Desk) -> None:
    first, second, third = _three(desk)
    _retract(desk, third.version)
    kept = desk.layout.cache / "diffs" / NAME / f"{first.version}..{second.version}" / "0" / "diff.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")

    desk.publish("d", (desk.counters(range(1, 9)), desk.notes("静")))

    assert kept.exists()


def test_a_release_that_is_damaged_is_taken_down_too(desk: Desk) -> None:
    _, second, _ = _three(desk)
    (second.folder / "datapackage.json").chmod(0o644)
    (second.folder / "datapackage.json").write_text("{")

    tombstone = _retract(desk, second.version)

    assert (tombstone.title, tombstone.rows, tombstone.reason) == (Text(), 0, REASON)
    assert {file.name for file in second.folder.iterdir()} == RECORD
    assert _damaged(desk) == []


def test_the_latest_is_the_newest_that_is_left_and_numbers_go_on(desk: Desk) -> None:
    _, second, third = _three(desk)
    _retract(desk, third.version)

    latest = desk.layout.release(NAME)
    assert latest is not None
    assert latest.version == second.version

    fourth = desk.publish("d", (desk.counters(range(1, 9)), desk.notes("静")))
    assert str(fourth.version) == "1.3.0"
    assert _damaged(desk) == []


def test_a_dataset_whose_only_release_is_down_begins_again_with_the_next_number(desk: Desk) -> None:
    release = desk.publish("a")
    _retract(desk, release.version)
    assert desk.layout.release(NAME) is None
    assert list(desk.layout.datasets()) == []

    again = desk.publish("b")

    assert (str(again.version), again.change.en) == ("1.1.0", "Published anew after version 1.0.0 was taken down.")
    assert _damaged(desk) == []


@pytest.mark.parametrize(
    ("reason", "authority", "told"),
    [
        (
            Text(),
            AUTHORITY,
            Text(
                "撤回必须说明理由。请用 --reason 写明，例如 --reason “含有个人信息”。",
                "A retraction needs a reason. Say it with --reason, for example --reason “holds personal data”.",
            ),
        ),
        (
            REASON,
            Text(),
            Text(
                "撤回必须说明由谁决定。请用 --authority 写明部门或规定。",
                "A retraction needs an authority. Say with --authority who decided it, or under which rule.",
            ),
        ),
    ],
    ids=["reason", "authority"],
)
def test_without_a_reason_or_an_authority_nothing_is_taken_down(
    desk: Desk, reason: Text, authority: Text, told: Text
) -> None:
    release = desk.publish("a")

    with pytest.raises(CivicatError) as caught:
        _retract(desk, release.version, reason, authority)

    assert caught.value.message == told
    assert desk.layout.release(NAME) == release


def test_a_version_that_is_not_there_or_down_already_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    release = desk.publish("a")
    with pytest.raises(CivicatError) as caught:
        _retract(desk, Version(9, 0, 0))
    assert caught.value.message == Text(
        f"{NAME} 没有版本 9.0.0。现有版本：1.0.0。", f"{NAME} has no version 9.0.0. It has 1.0.0."
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    _retract(desk, release.version)
    with pytest.raises(CivicatError) as caught:
        _retract(desk, release.version)
    assert caught.value.message == Text(
        f"{NAME} 1.0.0 已于 2026-11-18 撤回：含有个人信息。",
        f"{NAME} 1.0.0 was taken down on 2026-11-18 already: It holds personal data.",
    )


def test_a_signed_release_has_a_signed_tombstone(desk: Desk, tmp_path: Path) -> None:
    signer = new_key(tmp_path / "key.pem")
    dataset = desk.dataset()
    release = desk.publish("a", signer=signer)

    publish.retract(desk.layout, dataset.id, release.version, REASON, AUTHORITY, signer)

    assert {file.name for file in release.folder.iterdir()} == {*RECORD, "manifest.sig", "tombstone.sig"}
    assert _damaged(desk) == []
    words = json.loads((release.folder / "tombstone.json").read_bytes())
    words["reason"]["en"] = "No reason."
    (release.folder / "tombstone.json").chmod(0o644)
    (release.folder / "tombstone.json").write_text(json.dumps(words, ensure_ascii=False, sort_keys=True))
    assert len(_damaged(desk)) == 1


def test_a_signed_release_is_not_taken_down_without_the_key(desk: Desk, tmp_path: Path) -> None:
    release = desk.publish("a", signer=new_key(tmp_path / "key.pem"))

    with pytest.raises(CivicatError, match="CIVICAT_SIGNING_KEY_FILE"):
        _retract(desk, release.version)

    assert desk.layout.release(NAME) == release


def test_a_retraction_waits_for_a_publisher(desk: Desk) -> None:
    first = desk.publish("a")
    with staging(desk.releases):
        other = threading.Thread(target=_retract, args=(desk, first.version))
        other.start()
        other.join(0.3)
        assert other.is_alive()
        assert desk.layout.release(NAME) == first
    other.join(30)
    assert desk.layout.release(NAME) is None
