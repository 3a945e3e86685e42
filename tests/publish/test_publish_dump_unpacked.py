"""A dump of the latest releases is a store without what came before: it verifies, and no other store does so for it."""

from __future__ import annotations

import asyncio
import json
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from civicat import publish
from civicat.catalog.index.building import build_index
from civicat.catalog.serve import make
from civicat.layout import Layout
from civicat.publish import exports
from civicat.publish.signing import Signer, new_key
from civicat.release import Version
from civicat.text import Text

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

NAME = "transport/counters"
WORDS = Text("含有个人信息。", "It holds personal data."), Text("数据台", "Data desk")
MISSING = (
    "transport/counters 1.1.0: the file manifest.json is missing, as is the whole release, and 1.2.0 was published "
    "after it. Restore its folder from a backup."
)


def _three(desk: Desk, signer: Signer | None = None) -> None:
    for inputs, last in (("a", 5), ("b", 7), ("c", 9)):
        desk.publish(inputs, (desk.counters(range(1, last)), desk.notes("静")), signer=signer)


def _unpacked(desk: Desk, folder: Path) -> Layout:
    file = exports.dump(desk.layout, folder / "latest.tar").path
    with tarfile.open(file) as tar:
        tar.extractall(folder / "unpacked", filter="data")
    return Layout(folder / "unpacked")


def _damaged(layout: Layout) -> list[str]:
    return [one.message.en for one in publish.verify(layout) if isinstance(one, publish.Damaged)]


def _listed(layout: Layout, **changed: object) -> None:
    """Changes what catalogue.json says of the dataset."""
    file = layout.store / "catalogue.json"
    words: dict[str, Any] = json.loads(file.read_bytes())
    words["datasets"][0].update(changed)
    file.chmod(0o644)
    file.write_text(json.dumps(words))


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_it_verifies_and_says_what_is_not_there(desk: Desk, tmp_path: Path, *, signed: bool) -> None:
    _three(desk, new_key(tmp_path / "key.pem") if signed else None)

    [found] = publish.verify(_unpacked(desk, tmp_path))

    assert isinstance(found, publish.Verified)
    assert (found.version, found.left_out) == (Version(1, 2, 0), Version(1, 1, 0))
    assert found.message.en.endswith(" Version 1.1.0 and those before were left out of this dump.")
    assert found.message.zh.endswith("。版本 1.1.0 及更早的未收入此打包。")


def test_it_is_indexed_and_served(desk: Desk, tmp_path: Path) -> None:
    _three(desk)
    copy = _unpacked(desk, tmp_path)
    build_index(copy)
    site = make(copy)

    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=site), base_url="http://copy.example.org"
        ) as one:
            return await one.get(path)

    answers = [asyncio.run(ask(path)) for path in (f"/{NAME}", f"/d/{NAME}/1.2.0", f"/d/{NAME}/1.2.0/counters.csv")]
    site.close()

    assert [one.status_code for one in answers] == [200, 200, 200]
    assert "Cycle counters" in answers[1].text


def test_publishing_goes_on_in_it(desk: Desk, tmp_path: Path) -> None:
    _three(desk)
    copy = _unpacked(desk, tmp_path)

    fourth = type(desk)(copy, desk.folder).publish("d", (desk.counters(range(1, 11)), desk.notes("静")))

    assert str(fourth.version) == "1.3.0"
    assert _damaged(copy) == []
    # What was in the dump is not excused from now on: only what it had left out.
    shutil.rmtree(copy.dataset(NAME) / "1.2.0")
    assert [one.partition(":")[0] for one in _damaged(copy)] == ["transport/counters 1.2.0"]


def test_what_was_taken_down_is_said_in_it_too(desk: Desk, tmp_path: Path) -> None:
    _three(desk)
    publish.retract(desk.layout, NAME, Version(1, 1, 0), *WORDS)  # with the old cells in 1.2.0
    copy = _unpacked(desk, tmp_path)
    assert [str(one) for one in copy.numbers(NAME)] == ["1.1.0", "1.2.0"]
    assert [one.reason for one in copy.tombstones(NAME)] == [WORDS[0]]
    assert _damaged(copy) == []


def test_a_store_of_which_the_newest_is_down_keeps_its_number(desk: Desk, tmp_path: Path) -> None:
    _three(desk)
    publish.retract(desk.layout, NAME, Version(1, 2, 0), *WORDS)
    copy = _unpacked(desk, tmp_path)
    assert copy.versions(NAME) == [Version(1, 1, 0)]
    assert _damaged(copy) == []
    again = type(desk)(copy, desk.folder).publish("d", (desk.counters(range(1, 11)), desk.notes("静")))
    assert str(again.version) == "1.3.0"


def test_without_catalogue_json_the_chain_is_broken(desk: Desk, tmp_path: Path) -> None:
    _three(desk)
    copy = _unpacked(desk, tmp_path)
    (copy.store / "catalogue.json").unlink()
    assert _damaged(copy) == [MISSING]


@pytest.mark.parametrize(
    "changed",
    [
        {"left_out": []},
        {"left_out": ["1.0.0"]},
        {"left_out": None},
        {"left_out": "1.1.0"},
        {"releases": []},
        {"releases": [{"version": "1.2.0", "manifest": "0" * 64}]},
        {"releases": [{"version": "1.2.0"}]},
        {"releases": 7},
        {"dataset": "transport/others"},
    ],
    ids=["none", "another", "null", "text", "no-release", "another-manifest", "no-manifest", "number", "dataset"],
)
def test_catalogue_json_excuses_only_what_it_lists(desk: Desk, tmp_path: Path, changed: dict[str, object]) -> None:
    _three(desk)
    copy = _unpacked(desk, tmp_path)
    _listed(copy, **changed)
    assert _damaged(copy) == [MISSING]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "civicat-catalogue-1"}', "null", "{" * 9])
def test_a_catalogue_json_that_is_none_excuses_nothing(desk: Desk, tmp_path: Path, content: str) -> None:
    _three(desk)
    copy = _unpacked(desk, tmp_path)
    (copy.store / "catalogue.json").chmod(0o644)
    (copy.store / "catalogue.json").write_text(content)
    assert _damaged(copy) == [MISSING]


def test_in_a_store_of_our_own_a_release_that_is_gone_is_missed(desk: Desk) -> None:
    _three(desk)
    shutil.rmtree(desk.releases / "1.1.0")
    assert _damaged(desk.layout) == [MISSING]
