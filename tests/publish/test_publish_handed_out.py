from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from civicat.errors import StoreError
from civicat.publish import exports
from civicat.publish.jsontext import canonical
from civicat.publish.manifest import checked
from civicat.publish.signing import new_key

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.conftest import Desk

    from civicat.release import Release


def _two(desk: Desk, *, signed: Path | None = None) -> Release:
    """The first of two releases."""
    signer = new_key(signed) if signed else None
    first = desk.publish("a", signer=signer)
    desk.publish("b", [desk.counters(range(1, 40)), desk.notes("静")], signer=signer)
    return first


def _change(file: Path, old: bytes, new: bytes) -> None:
    content = file.read_bytes()
    assert content.count(old) >= 1
    file.chmod(0o644)
    file.write_bytes(content.replace(old, new, 1))


def _refused(desk: Desk, release: Release) -> StoreError:
    for attempt in (lambda: checked(release.folder), lambda: exports.export(desk.layout, release, "csv", "counters")):
        with pytest.raises(StoreError) as caught:
            attempt()
    return caught.value


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_a_release_as_it_was_published_is_handed_out(desk: Desk, tmp_path: Path, *, signed: bool) -> None:
    first = _two(desk, signed=tmp_path / "key.pem" if signed else None)

    assert checked(first.folder).version == first.version
    assert exports.export(desk.layout, first, "csv", "counters").exists()


def test_a_manifest_that_is_none_is_refused_in_a_line(desk: Desk) -> None:
    first = _two(desk)
    file = first.folder / "manifest.json"
    file.chmod(0o644)
    file.write_text("{")

    error = _refused(desk, first)

    assert error.message.en.startswith(f"{file}: it is no JSON from line 1")
    assert error.message.zh.startswith(f"{file}：第 1 行")
    assert not list(desk.layout.cache.glob("exports/*/*/*/*/*.csv"))


@pytest.mark.parametrize(
    ("signed", "en", "zh"),
    [
        (True, "does not belong to its signature. Run civicat verify.", "的签名不成立。请运行 civicat verify。"),
        (False, "is not the one that the next release names.", "不是下一版本所记的那个。"),
    ],
    ids=["signed", "unsigned"],
)
def test_one_digit_of_a_manifest_is_noticed(desk: Desk, tmp_path: Path, signed: bool, en: str, zh: str) -> None:  # noqa: FBT001
    first = _two(desk, signed=tmp_path / "key.pem" if signed else None)
    _change(first.folder / "manifest.json", b'"released":"2', b'"released":"3')

    error = _refused(desk, first)

    assert error.message.en.startswith(f"{first.folder}/manifest.json {en}")
    assert error.message.zh.startswith(f"{first.folder}/manifest.json {zh}")


def test_tables_that_the_newest_manifest_does_not_list_are_refused(desk: Desk) -> None:
    release = desk.publish("a")
    file = release.folder / "manifest.json"
    read = json.loads(file.read_bytes())
    files = [one | ({"sha256": "0" * 64} if one["path"] == "counters.parquet" else {}) for one in read["files"]]
    file.chmod(0o644)
    file.write_bytes(canonical({**read, "files": files}))

    error = _refused(desk, release)

    assert error.message.en == (
        f"{release.folder}/counters.parquet is not as manifest.json lists it. Run civicat verify."
    )
    assert error.message.zh == f"{release.folder}/counters.parquet 与 manifest.json 所列不同。请运行 civicat verify。"


def test_a_descriptor_that_was_altered_is_refused(desk: Desk) -> None:
    release = desk.publish("a")
    _change(release.folder / "datapackage.json", b"Bicycles counted", b"Bicycles Counted")

    assert "datapackage.json is not as manifest.json lists it" in _refused(desk, release).message.en


def test_a_manifest_without_its_signature_is_refused_in_a_store_with_a_key(desk: Desk, tmp_path: Path) -> None:
    release = desk.publish("a", signer=new_key(tmp_path / "key.pem"))
    _change(
        release.folder / "manifest.json",
        json.loads((release.folder / "manifest.json").read_bytes())["key"].encode(),
        b"",
    )
    (release.folder / "manifest.sig").unlink()

    error = _refused(desk, release)

    assert "is not signed, and this store has a key." in error.message.en
    assert "没有签名，而此存储已有密钥。" in error.message.zh
