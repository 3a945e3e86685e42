"""The page of a release: its proof, where it comes from, what typing did, and the figures of its columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from civicat.catalog.facts.release_facts import Bar, Figures, figures, proof
from civicat.catalog.i18n import Words
from civicat.catalog.look.sparks import spark
from civicat.layout import Layout
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]

COUNTED = {
    "name": "people",
    "type": "integer",
    "count": 90,
    "missing": 10,
    "distinct": {"value": 40, "exact": False, "error": 0.05},
    "min": "0",
    "max": "1304",
    "histogram": {"edges": ["0", "500", "1000", "1500"], "counts": [60, 20, 10]},
    "top": {"exact": True, "values": [{"value": "0", "count": 30}]},
}
NAMED = {
    "name": "code",
    "count": 100,
    "missing": 0,
    "distinct": {"value": 2, "exact": True},
    "top": {"values": [{"value": "<b>", "count": 70}, {"value": "b", "count": 30}]},
}
PROFILE = {"tables": [{"resource": "towns", "rows": 100, "columns": [COUNTED, NAMED]}]}


def conversion(*fields: dict[str, Any], lossless: bool = True) -> dict[str, Any]:
    return {"resources": [{"name": "towns", "lossless": lossless, "fields": list(fields)}]}


def field(name: str, *rewrites: str, lossless: bool = True) -> dict[str, Any]:
    told = {"zh": f"{name} 统一了写法。", "en": f"{name} was spelled anew."}
    return {"name": name, "rewrites": [{"rule": one} for one in rewrites], "lossless": lossless, "sentence": told}


def test_figures_and_a_picture_stand_in_the_dictionary(get: Get, make_release: MakeRelease) -> None:
    make_release(documents={"profile.json": PROFILE})
    english, chinese = get("/d/demo/towns").text, get("/d/demo/towns", accept_language="zh").text
    for said in ("10 empty", "about 40 different", "0 – 1,304", "none empty", "2 different"):
        assert said in english
    for said in ("空 10", "约 40 个不同的值", "无空值"):
        assert said in chinese
    assert 'aria-label="Distribution from 0 to 1500; most from 0 to 500: 60; 10 empty (hollow bar)"' in english
    assert 'aria-label="从 0 到 1500 的分布；0 到 500 最多，60 行；空 10（空心）"' in chinese
    assert 'aria-label="Most frequent: &lt;b&gt; 70, b 30"' in english
    assert "<b>&" not in english
    assert "&lt;b&gt;" in english


@pytest.mark.parametrize(
    "profile",
    [
        [],
        {},
        {"tables": 3},
        {"tables": [3, {"resource": 1, "columns": 2}]},
        {"tables": [{"resource": "towns", "columns": [{"name": "code"}, {}, 4]}]},
        {
            "tables": [
                {"resource": "towns", "columns": [{"name": "code", "count": "x", "histogram": {"counts": [1, 2]}}]}
            ]
        },
        {"tables": [{"resource": "towns", "columns": [{"name": "code", "top": {"values": [{"value": 3}, 4]}}]}]},
        {"tables": [{"resource": "towns", "columns": [{"name": "code", "distinct": {"value": None}, "min": 3}]}]},
    ],
)
def test_a_profile_that_says_less_or_something_else_does_no_harm(
    get: Get, make_release: MakeRelease, profile: object
) -> None:
    make_release(documents={"profile.json": profile})
    page = get("/d/demo/towns")
    assert page.status_code == 200
    assert '<svg class="spark"' not in page.text


def test_a_file_that_is_no_json_is_not_shown(get: Get, layout: Layout, make_release: MakeRelease) -> None:
    release = make_release(documents={"profile.json": PROFILE, "conversion.json": {}}, manifest=True)
    for name in ("profile.json", "conversion.json", "manifest.json"):
        (release.folder / name).write_text("{", "utf-8")
    assert get("/d/demo/towns").status_code == 200
    assert (figures(release), proof(release)) == ({}, None)
    assert layout.release("demo/towns") is not None


@pytest.mark.parametrize(
    ("document", "english", "chinese"),
    [
        (
            conversion(field("code"), field("people")),
            "Text became values in 2 columns, and each value gives back the text as it was written.",
            "2 个字段的文字已转为值，每个值都能还原成原来的写法。",
        ),
        (
            conversion(field("code"), field("people", "leading-plus")),
            "Text became values, and nothing was lost; 1 column is spelled anew.",
            "文字已转为值，没有丢失；1 个字段统一了写法。",
        ),
        (
            conversion(field("people", "rounded", lossless=False), lossless=False),
            "Text became values; what was lost in 1 column is told here.",
            "文字已转为值；1 个字段有所丢失或统一了写法，说明如下。",
        ),
    ],
)
def test_what_typing_did_is_a_sentence_and_the_columns_that_it_changed(
    get: Get, make_release: MakeRelease, document: dict[str, Any], english: str, chinese: str
) -> None:
    make_release(documents={"conversion.json": document})
    pages = get("/d/demo/towns").text, get("/d/demo/towns", accept_language="zh").text
    assert english in pages[0]
    assert chinese in pages[1]
    is_told = bool(document["resources"][0]["fields"][-1]["rewrites"])
    assert ("people was spelled anew." in pages[0]) == ("people 统一了写法。" in pages[1]) == is_told


def test_where_it_comes_from_in_a_sentence(get: Get, make_release: MakeRelease) -> None:
    sentence = {"zh": "某局于周一交来一个文件。", "en": "An office handed in one file on Monday."}
    make_release(documents={"provenance.json": {"released": "2026-11-02T08:00:00Z", "sentence": sentence}})
    assert "An office handed in one file on Monday." in get("/d/demo/towns").text
    assert "某局于周一交来一个文件。" in get("/d/demo/towns", accept_language="zh").text


def test_the_proof_names_the_manifest_and_the_key_or_says_that_there_is_none(
    get: Get, make_release: MakeRelease
) -> None:
    release = make_release(manifest=True)
    content = (release.folder / "manifest.json").read_bytes()
    page = get("/d/demo/towns?1").text
    assert hashlib.sha256(content).hexdigest() in page
    assert "It is not signed: the publisher has set no key." in page
    assert "清单没有签名" in get("/d/demo/towns", accept_language="zh").text
    key = "ab" * 32
    (release.folder / "manifest.json").write_text(json.dumps({**json.loads(content), "key": key}))
    assert "It is not signed" in get("/d/demo/towns?2").text, "a key without a signature proves nothing"
    (release.folder / "manifest.sig").write_bytes(b"0" * 64)
    signed = get("/d/demo/towns?3").text
    assert f'href="/keys/{key}.pem"' in signed
    assert "It is not signed" not in signed


def of(**known: Any) -> Figures:  # noqa: ANN401 (the fields of Figures)
    return Figures(
        **{"count": 9, "missing": 0, "distinct": None, "about": False, "least": "", "most": "", "top": (), **known}
    )


def test_a_picture_starts_at_zero_and_shows_the_few_among_the_many() -> None:
    drawn = spark(of(bars=(100_000, 1), edges=("0", "1", "2")), Words("en"), str)
    assert "M0 30v-30h" in drawn
    assert "M24 30v-1h" in drawn


@pytest.mark.parametrize("bars", [(), (1, 1), (0, 0)])
def test_nothing_is_drawn_where_there_is_nothing_to_see(bars: tuple[int, ...]) -> None:
    edges = tuple(map(str, range(len(bars) + 1)))
    assert spark(of(bars=bars, edges=edges), Words("en"), str) == ""


def test_a_picture_of_the_most_frequent_shows_all_the_others_too() -> None:
    drawn = spark(of(count=100, top=(Bar("a", 10), Bar("b", 5)), bars=(), edges=()), Words("en"), str)
    assert '<path class="rest"' in drawn
    assert "M48 30v-30h" in drawn, "the others are the highest bar"
    assert "; all values without a bar 85 (pale bar)" in drawn


def test_bars_that_hold_more_and_fewer_whole_numbers_are_not_drawn() -> None:
    days = of(count=31, bars=(1, 2, 2), edges=("0", "2", "4", "6"), least="1", most="5")
    assert spark(days, Words("en"), str) == ""


def test_a_picture_of_values_that_crowd_says_so_with_a_true_minus() -> None:
    drawn = spark(of(bars=(95, 5), edges=("-100", "0", "100"), least="-9.5", most="80"), Words("en"), str)
    assert "most from −100 to 0: 95, 95% of all values" in drawn
