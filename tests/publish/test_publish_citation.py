"""Citations are read back by strict little readers of our own, one for each form."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from civicat.errors import CivicatError
from civicat.publish.citation import STYLES, cite
from civicat.release import Release
from civicat.text import Language

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

HASH = "0123456789abcdef" * 4
ADDRESS = "https://data.example.org/d/transport/counters/1.0.0?a=1&b=50%25_x"
AWKWARD = r"100 % of {braces, R&D_costs, $5, #1, ~x^2, a\b"


@pytest.fixture
def release(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Release:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771718400")  # 2026-02-22
    return desk.publish()


@pytest.fixture
def awkward(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Release:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771718400")
    return desk.publish(package={**desk.package(), "title": AWKWARD + "\nsecond line"})


@pytest.fixture
def chinese(another_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Release:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771718400")
    package = another_desk.package()
    package["civicat"] |= {"language": "zh", "en": {"title": "Counters"}}
    del package["civicat"]["zh"]
    return another_desk.publish(package={**package, "title": "自行车计数器（2020 年）"})


def bibtex(text: str) -> tuple[str, str, dict[str, str]]:
    """Kind, key and fields of one entry; a field is a bare word or stands in braces that balance as BibTeX counts."""
    head = re.match(r"@(\w+)\{([^,\s{}\"#%~\\]+),\n", text)
    assert head, text
    fields, rest = {}, text[head.end() :]
    while not rest.startswith("}"):
        name = re.match(r" *(\w+) = ", rest)
        assert name, rest
        value, rest = _value(rest[name.end() :])
        assert rest.startswith(",\n")
        rest = rest[2:]
        assert name[1] not in fields
        fields[name[1]] = value
    assert rest == "}\n"
    return head[1], head[2], fields


def _value(text: str) -> tuple[str, str]:
    if not text.startswith("{"):
        word = re.match(r"[a-z]+", text)
        assert word, text
        return word[0], text[word.end() :]
    depth = 0
    for place, mark in enumerate(text):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if depth == 0:
            return text[1:place], text[place + 1 :]
    raise AssertionError(text)


def untex(text: str) -> str:
    """What TeX would print; a special sign that is not escaped is refused."""
    names = {"textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~"}
    names["textasciicircum"] = "^"
    text = text.removeprefix("{").removesuffix("}")
    token = re.compile(r"\\(\w+)\{\}|\\([&%$#_])|([^\\{}&%$#_~^])")
    place, printed = 0, ""
    while place < len(text):
        found = token.match(text, place)
        assert found, text[place:]
        printed += names[found[1]] if found[1] else found[2] or found[3]
        place = found.end()
    return printed


def ris(text: str) -> dict[str, str]:
    lines = text.split("\r\n")
    assert lines[-2:] == ["ER  - ", ""]
    assert lines[0] == "TY  - DATA"
    fields = {}
    for line in lines[:-2]:
        found = re.fullmatch(r"([A-Z][A-Z0-9])  - (\S.*)", line)
        assert found, line
        assert found[1] not in fields
        fields[found[1]] = found[2]
    return fields


def csl(text: str) -> dict[str, Any]:
    (item,) = json.loads(text)
    assert isinstance(item, dict)
    return item


def test_text_in_english(release: Release) -> None:
    assert cite(release, "plain", HASH, ADDRESS) == (
        "Transport office (2026). Cycle counters. Version 1.0.0, 22 February 2026 [data set]. civicat. "
        f"{ADDRESS}. Manifest sha256: 0123456789abcdef."
    )


def test_text_in_chinese(release: Release) -> None:
    assert cite(release, "plain", HASH, ADDRESS, language="zh") == (
        "交通局（2026）：《自行车计数器》，1.0.0 版，2026 年 2 月 22 日发布［数据集］。civicat。"
        f"{ADDRESS}。清单 sha256：0123456789abcdef。"
    )


def test_without_an_address_the_name_stands_for_it(release: Release) -> None:
    assert " transport/counters@1.0.0. " in cite(release, "plain", HASH)
    assert "。transport/counters@1.0.0。" in cite(release, "plain", HASH, language="zh")
    assert "UR" not in ris(cite(release, "ris", HASH))
    assert "URL" not in csl(cite(release, "csl", HASH))
    assert "url" not in bibtex(cite(release, "bibtex", HASH))[2]


def test_bibtex(release: Release) -> None:
    kind, key, fields = bibtex(cite(release, "bibtex", HASH, ADDRESS))

    assert (kind, key) == ("misc", "transport-counters-1.0.0")
    assert fields == {
        "author": "{Transport office}",
        "title": "{Cycle counters}",
        "year": "2026",
        "month": "feb",
        "version": "1.0.0",
        "publisher": "civicat",
        "howpublished": "Data set, version 1.0.0, released 2026-02-22",
        "url": ADDRESS,
        "note": f"Manifest sha256: {HASH}",
    }


def test_bibtex_of_awkward_signs_balances_and_prints_as_it_was(awkward: Release) -> None:
    fields = bibtex(cite(awkward, "bibtex", HASH, "https://example.org/{a}"))[2]

    assert untex(fields["title"]) == AWKWARD + " second line"
    assert fields["url"] == "https://example.org/%7Ba%7D"


def test_a_chinese_author_stands_in_two_braces(chinese: Release) -> None:
    fields = bibtex(cite(chinese, "bibtex", HASH))[2]

    assert fields["author"] == "{交通局}"
    assert fields["title"] == "{自行车计数器（2020 年）}"


def test_ris(release: Release) -> None:
    assert ris(cite(release, "ris", HASH, ADDRESS)) == {
        "TY": "DATA",
        "ID": "transport-counters-1.0.0",
        "AU": "Transport office",
        "TI": "Cycle counters",
        "ET": "1.0.0",
        "PY": "2026",
        "DA": "2026/02/22",
        "PB": "civicat",
        "UR": ADDRESS,
        "LA": "en",
        "N1": f"Manifest sha256: {HASH}",
    }


def test_ris_of_two_lines_stays_one_field_a_line(awkward: Release) -> None:
    assert ris(cite(awkward, "ris", HASH))["TI"] == AWKWARD + " second line"


def test_csl(release: Release) -> None:
    assert csl(cite(release, "csl", HASH, ADDRESS)) == {
        "id": "transport-counters-1.0.0",
        "type": "dataset",
        "title": "Cycle counters",
        "author": [{"literal": "Transport office"}],
        "issued": {"date-parts": [[2026, 2, 22]]},
        "version": "1.0.0",
        "publisher": "civicat",
        "URL": ADDRESS,
        "language": "en",
        "note": f"Manifest sha256: {HASH}",
    }


def test_gbt7714_follows_the_language_of_the_dataset(release: Release, chinese: Release) -> None:
    assert cite(release, "gbt7714", HASH, ADDRESS) == (
        "Transport office. Cycle counters[DS/OL]. Version 1.0.0. (2026-02-22). "
        f"{ADDRESS}. Manifest sha256: 0123456789abcdef."
    )
    assert cite(chinese, "gbt7714", HASH, ADDRESS) == (
        f"交通局. 自行车计数器（2020 年）[DS/OL]. {chinese.version} 版. (2026-02-22). "
        f"{ADDRESS}. 清单 sha256: 0123456789abcdef."
    )


def test_the_day_of_reading_is_said_where_it_is_known(release: Release) -> None:
    read = date(2026, 11, 3)

    assert "(2026-02-22)[2026-11-03]. " in cite(release, "gbt7714", HASH, accessed=read)
    assert ris(cite(release, "ris", HASH, accessed=read))["Y2"] == "2026/11/03"
    assert csl(cite(release, "csl", HASH, accessed=read))["accessed"] == {"date-parts": [[2026, 11, 3]]}


@pytest.mark.parametrize("style", sorted(STYLES))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_style_names_author_version_year_and_hash(release: Release, style: str, language: Language) -> None:
    text = cite(release, style, HASH, language=language)

    for part in (release.department.title.within(language), "1.0.0", "2026", HASH[:12], "sha256"):
        assert part in text
    assert STYLES[style].zh
    assert STYLES[style].en


@pytest.mark.parametrize(
    ("style", "zh", "en"),
    [
        (
            "bibtx",
            "没有“bibtx”这种引用格式。您是指“bibtex”吗？",
            "there is no citation style “bibtx”. Did you mean “bibtex”?",
        ),
        (
            "zzz",
            "没有“zzz”这种引用格式。可用：plain、bibtex、ris、csl、gbt7714。",
            "there is no citation style “zzz”. Known: plain, bibtex, ris, csl, gbt7714.",
        ),
    ],
)
def test_an_unknown_style_is_refused(release: Release, style: str, zh: str, en: str) -> None:
    with pytest.raises(CivicatError) as caught:
        cite(release, style, HASH)
    assert (caught.value.message.zh, caught.value.message.en) == (zh, en)


@pytest.mark.parametrize("wrong", ["", HASH[:63], HASH + "0", HASH.upper(), "g" * 64])
def test_a_hash_that_is_none_is_refused(release: Release, wrong: str) -> None:
    with pytest.raises(CivicatError) as caught:
        cite(release, "plain", wrong)
    assert caught.value.message.en == f"a manifest’s sha256 has 64 hexadecimal digits, this is “{wrong}”."
    assert caught.value.message.zh == f"清单的 sha256 应为 64 位十六进制数，实为“{wrong}”。"
