from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicat.errors import CivicatError, StoreError
from civicat.layout import Layout
from civicat.publish.manifest import (
    Entry,
    Link,
    Manifest,
    canonical_json,
    load,
    manifest,
    previous,
    read_canonical,
    read_manifest,
    seal,
)
from civicat.release import Part, Version

ONE = Version(1, 0, 0)


def folder(tmp_path: Path, version: str = "1.0.0") -> Path:
    made = tmp_path / "store/releases/transport/counters" / version
    made.mkdir(parents=True)
    (made / "counters.parquet").write_bytes(b"PAR1...PAR1")
    (made / "report.json").write_text("{}\n")
    return made


def content(made: Path, before: Manifest | None = None) -> bytes:
    version = Version.parse(made.name)
    assert version is not None
    return manifest(
        made,
        dataset="transport/counters",
        version=version,
        released="2026-03-03T00:00:00Z",
        inputs="a" * 64,
        previous=before,
        rows={"counters.parquet": 3},
    )


def sha(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def test_a_manifest_is_these_bytes(tmp_path: Path) -> None:
    assert content(folder(tmp_path)).decode() == (
        '{"dataset":"transport/counters",'
        f'"files":[{{"bytes":11,"path":"counters.parquet","rows":3,"sha256":"{sha(b"PAR1...PAR1")}"}},'
        f'{{"bytes":3,"path":"report.json","sha256":"{sha(b"{}" + bytes([10]))}"}}],'
        f'"format":"civicat-manifest-1","inputs":"{"a" * 64}","key":"","previous":null,'
        '"released":"2026-03-03T00:00:00Z","version":"1.0.0"}'
    )


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    first = folder(tmp_path)
    written = content(first)
    seal(first, written, None)
    second = content(folder(tmp_path, "1.0.1"), load(first))

    assert read_manifest(second) == Manifest(
        dataset="transport/counters",
        version=Version(1, 0, 1),
        released="2026-03-03T00:00:00Z",
        inputs="a" * 64,
        key="",
        previous=Link(ONE, sha(written)),
        files=(
            Entry("counters.parquet", 11, sha(b"PAR1...PAR1"), 3),
            Entry("report.json", 3, sha(b"{}\n")),
        ),
        sha256=sha(second),
    )
    assert read_manifest(second).entry("report.json") == Entry("report.json", 3, sha(b"{}\n"))
    assert read_manifest(second).entry("none") is None


def test_what_is_known_is_not_hashed_again(tmp_path: Path) -> None:
    made = folder(tmp_path)
    part = Part(made / "counters.parquet", 11, "f" * 64, 3)

    found = manifest(
        made,
        dataset="a/b",
        version=ONE,
        released="",
        inputs="",
        previous=None,
        known={"counters.parquet": part},
    )

    assert read_manifest(found).files[0] == Entry("counters.parquet", 11, "f" * 64)


def test_a_file_of_another_size_than_is_known_is_refused(tmp_path: Path) -> None:
    made = folder(tmp_path)
    part = Part(made / "report.json", 4, "f" * 64, 0)

    with pytest.raises(StoreError, match="it has 3 bytes instead of 4") as caught:
        manifest(made, dataset="a/b", version=ONE, released="", inputs="", previous=None, known={"report.json": part})
    assert "应为 4 字节，实为 3" in caught.value.message.zh


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_only_plain_files_are_published(tmp_path: Path, kind: str) -> None:
    made = folder(tmp_path)
    if kind == "folder":
        (made / "more").mkdir()
    else:
        (made / "more").symlink_to(made / "report.json")

    with pytest.raises(StoreError, match="no plain file") as caught:
        content(made)
    assert "不是普通文件" in caught.value.message.zh


def test_the_highest_number_is_the_one_before_taken_down_or_not(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "store")
    assert previous(layout, "transport/counters") is None
    for version in ("1.2.0", "1.10.0"):
        before = previous(layout, "transport/counters")
        made = folder(tmp_path, version)
        seal(made, content(made, before), None)
    (made / "tombstone.json").write_text("{}")

    found = previous(layout, "transport/counters")

    assert found is not None
    assert found.version == Version(1, 10, 0)
    assert found.sha256 == sha((made / "manifest.json").read_bytes())
    assert found.previous == Link(Version(1, 2, 0), sha((made.parent / "1.2.0/manifest.json").read_bytes()))


def test_nothing_follows_a_release_without_a_manifest(tmp_path: Path) -> None:
    folder(tmp_path)

    with pytest.raises(StoreError, match=r"it cannot be read\. Run civicat verify") as caught:
        previous(Layout(tmp_path / "store"), "transport/counters")
    assert "无法读取。请运行 civicat verify。" in caught.value.message.zh


def test_nothing_follows_the_manifest_of_another_release(tmp_path: Path) -> None:
    first, second = folder(tmp_path), folder(tmp_path, "1.0.1")
    seal(second, content(first), None)

    with pytest.raises(StoreError, match=r"it is that of transport/counters 1\.0\.0") as caught:
        load(second)
    assert "属于另一版本 transport/counters 1.0.0" in caught.value.message.zh


def test_what_is_sealed_is_read_only(tmp_path: Path) -> None:
    made = folder(tmp_path)
    seal(made, b"{}", None)

    assert (made / "manifest.json").stat().st_mode & 0o777 == 0o444
    assert not (made / "manifest.sig").exists()


# The texts of RFC 8785, section 3.2.2.2, and of its appendix, as far as keys are ASCII here.
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": 2, "A": 3, "": 4}, '{"":4,"A":3,"a":2,"b":1}'),
        ('€$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ("\b\t\n\f\r\x00\x1f\x7f\u2028😂דּ", '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u2028😂דּ"'),
        ([2**53 - 1, -(2**53) + 1, 0, None], "[9007199254740991,-9007199254740991,0,null]"),
        ((), "[]"),
    ],
    ids=["keys", "escapes", "controls", "numbers", "empty"],
)
def test_canonical_json_is_that_of_rfc_8785(value: object, expected: str) -> None:
    assert canonical_json(value) == expected.encode()


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), 2**53, -(2**53), True, {"键": 1}, {1: 2}, b"x", {"a": [{"b": {1}}]}, "\ud800"],
    ids=["float", "nan", "large", "low", "truth", "not ascii", "number key", "bytes", "deep", "surrogate"],
)
def test_what_has_no_one_spelling_is_refused(value: object) -> None:
    with pytest.raises(StoreError, match="only texts, whole numbers below 2\\^53") as caught:
        canonical_json(value)
    assert "这里只能有文字、小于 2^53 的整数" in caught.value.message.zh


_PLAIN = st.recursive(
    st.none() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(st.characters(codec="ascii")), _PLAIN))
def test_canonical_json_is_read_back_equal(value: dict[str, object]) -> None:
    assert read_canonical(canonical_json(value), "a.json") == value


@given(st.binary() | st.dictionaries(st.text(), st.floats() | st.text()).map(lambda one: json.dumps(one).encode()))
def test_bytes_of_any_kind_are_a_manifest_or_one_error(found: bytes) -> None:
    with pytest.raises(CivicatError) as caught:
        read_manifest(found)
    assert caught.value.message.zh
    assert len(caught.value.message.en) < 400


@pytest.mark.parametrize(
    ("found", "en", "zh"),
    [
        (b'{"a":1', "a.json: it is no JSON from line 1, column 7 on.", "a.json：第 1 行第 7 列起不再是 JSON。"),
        (b'{"a": 1}', "a.json: it is not in canonical JSON (RFC 8785).", "a.json：不是规范的 JSON（RFC 8785）。"),
        (b'{"a":1,"a":1}', "a.json: it is not in canonical JSON (RFC 8785).", "a.json：不是规范的 JSON（RFC 8785）。"),
        (b"\xff", "a.json: it is no JSON.", "a.json：不是 JSON。"),
    ],
    ids=["cut", "spaces", "twice", "binary"],
)
def test_errors_say_where(found: bytes, en: str, zh: str) -> None:
    with pytest.raises(StoreError) as caught:
        read_canonical(found, "a.json")
    assert (caught.value.message.en, caught.value.message.zh) == (en, zh)
