"""Citations are read back by strict little readers of our own, one for each form."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from civicat.errors import CivicatError, StoreError
from civicat.publish.citation import STYLES, cite, cited_manifest
from civicat.publish.signing import new_key
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
    fields = bibtex(cite(release, "bibtex", HASH))[2]
    assert "url" not in fields
    assert fields["note"] == f"transport/counters@1.0.0; Manifest sha256: {HASH}"
    assert "UR" not in ris(cite(release, "ris", HASH))
    assert ris(cite(release, "ris", HASH))["AN"] == "transport/counters@1.0.0"
    assert "URL" not in csl(cite(release, "csl", HASH))
    assert csl(cite(release, "csl", HASH))["number"] == "transport/counters@1.0.0"


def test_without_an_address_nothing_is_said_to_be_online(release: Release) -> None:
    assert "Cycle counters[DS]. Version 1.0.0." in cite(release, "gbt7714", HASH)
    assert "自行车计数器[DS]. 1.0.0 版." in cite(release, "gbt7714", HASH, language="zh")


def test_files_for_reference_managers_are_in_their_language(release: Release) -> None:
    fields = bibtex(cite(release, "bibtex", HASH, ADDRESS, language="zh"))[2]

    assert fields["howpublished"] == "数据集，1.0.0 版，2026-02-22 发布"
    assert fields["note"] == f"清单 sha256：{HASH}"
    assert bibtex(cite(release, "bibtex", HASH, language="zh"))[2]["note"] == (
        f"transport/counters@1.0.0；清单 sha256：{HASH}"
    )
    assert ris(cite(release, "ris", HASH, language="zh"))["N1"] == f"清单 sha256：{HASH}"
    assert csl(cite(release, "csl", HASH, language="zh"))["note"] == f"清单 sha256：{HASH}"


def test_a_name_with_signs_of_tex_is_escaped_in_a_note(desk: Desk) -> None:
    release = desk.publish()
    named = replace(release, dataset=replace(release.dataset, name="a_b"))

    assert bibtex(cite(named, "bibtex", HASH))[2]["note"].startswith(r"transport/a\_b@1.0.0; ")


def damaged(release: Release) -> StoreError:
    with pytest.raises(StoreError) as caught:
        cited_manifest(release)
    return caught.value


def put(release: Release, name: str, content: bytes) -> None:
    (release.folder / name).unlink()
    (release.folder / name).write_bytes(content)


@pytest.mark.parametrize("signed", [False, True])
def test_the_hash_of_a_whole_manifest(desk: Desk, tmp_path: Path, signed: bool) -> None:  # noqa: FBT001 - both cases
    release = desk.publish(signer=new_key(tmp_path / "key") if signed else None)

    digest = hashlib.sha256((release.folder / "manifest.json").read_bytes()).hexdigest()
    assert cited_manifest(release) == digest


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda whole: whole[:-9],
        lambda whole: whole + b"\n",
        lambda whole: whole.replace(b'"version":"1.0.0"', b'"version":"1.0.1"'),
        lambda whole: whole.replace(b'"dataset":"transport/counters"', b'"dataset":"transport/counter"'),
    ],
    ids=["empty", "cut", "spelled otherwise", "of another version", "of another dataset"],
)
def test_a_damaged_manifest_is_not_cited(release: Release, change: Callable[[bytes], bytes]) -> None:
    put(release, "manifest.json", change((release.folder / "manifest.json").read_bytes()))

    error = damaged(release)

    assert error.message.en == (
        "The manifest of transport/counters 1.0.0 is damaged: it cannot be cited. Run civicat verify."
    )
    assert error.message.zh == "transport/counters 1.0.0 的清单已损坏，不能引用。请运行 civicat verify。"


def test_a_manifest_that_is_missing_is_not_cited(release: Release) -> None:
    (release.folder / "manifest.json").unlink()

    assert "is damaged: it cannot be cited" in damaged(release).message.en


def test_a_manifest_is_cited_only_while_its_signature_holds(desk: Desk, tmp_path: Path) -> None:
    release = desk.publish(signer=new_key(tmp_path / "key"))
    whole = (release.folder / "manifest.json").read_bytes()
    put(release, "manifest.json", whole.replace(b'"released":"2', b'"released":"3'))

    assert "is damaged" in damaged(release).message.en

    next(desk.layout.keys.glob("*.pem")).unlink()  # without the key nobody here can say
    assert cited_manifest(release) == hashlib.sha256((release.folder / "manifest.json").read_bytes()).hexdigest()


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
        "AN": "transport/counters@1.0.0",
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
        "number": "transport/counters@1.0.0",
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
