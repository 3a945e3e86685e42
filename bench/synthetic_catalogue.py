"""A synthetic catalogue: descriptors of datasets that nobody has, the same ones every time.

Synthetic: titles and texts are drawn from a made-up vocabulary by Zipf's law, so that the most frequent word is in
nearly every dataset. Real catalogues are thinner: take times as upper bounds. The releases hold no data.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from civicat.catalog.index.entry import read_entry
from civicat.catalog.index.prepared import Prepared, prepare
from civicat.layout import Layout
from civicat.release import read_release
from civicat.vocabulary import FREQUENCIES, OPENINGS, THEMES

DEPARTMENTS = 200
COLUMNS = 5
TOLD = 20  # words of a description, in each language
CHINESE = ("监测", "空气", "质量", "人口", "交通", "事故", "水库", "学校", "医院", "统计", "企业", "公园", "图书馆")
ENGLISH = ("monitoring", "air", "quality", "population", "traffic", "accident", "reservoir", "school", "hospital")
LICENCES = ({"name": "CC0-1.0", "title": "Public domain"}, {"name": "CC-BY-4.0", "title": "Attribution"})
_LETTERS = "bcdfghlmnprst"
_CHINESE_WORDS, _ENGLISH_WORDS = 20_000, 8_000


@dataclass(frozen=True, slots=True)
class Made:
    """One synthetic release: which dataset it is of, and what its three files say."""

    dataset: str
    descriptor: Mapping[str, object]
    provenance: Mapping[str, object]


class Words:
    """Words of both languages by Zipf's law."""

    def __init__(self) -> None:
        drawn = random.Random(1)  # noqa: S311  no secret
        syllables = [one + vowel for one in _LETTERS for vowel in "aeiou"]
        made = ("".join(drawn.choices(syllables, k=3)) for _ in range(_ENGLISH_WORDS))
        pairs = ("".join(chr(drawn.randrange(0x4E00, 0x5E00)) for _ in range(2)) for _ in range(_CHINESE_WORDS))
        self._vocabulary = {"en": (*ENGLISH, *made), "zh": (*CHINESE, *pairs)}
        self._weights = {  # summed up, as choices() would do at each call
            language: list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
            for language, words in self._vocabulary.items()
        }
        self.random = drawn

    def some(self, language: str, count: int) -> list[str]:
        """So many words."""
        return self.random.choices(self._vocabulary[language], cum_weights=self._weights[language], k=count)

    def text(self, count: int) -> dict[str, str]:
        """A text of so many words, in both languages."""
        return {"zh": "".join(self.some("zh", count)), "en": " ".join(self.some("en", count)).capitalize()}


def releases(begin: int, end: int) -> Iterator[Made]:
    """The synthetic releases from one number up to another, each drawn from its own number."""
    words = Words()
    for number in range(begin, end):
        words.random.seed(number)
        yield _release(words, number)


def prepared(numbers: tuple[int, int]) -> list[Prepared]:
    """What an index writes of the synthetic datasets from one number up to another; nothing of them is on disk."""
    folder = Path("synthetic")
    found = (read_release(folder, one.descriptor, {}, one.provenance) for one in releases(*numbers))
    return [prepare(read_entry(release, 1)) for release in found]


def write(layout: Layout, begin: int, end: int) -> None:
    """The same as releases in a store."""
    for made in releases(begin, end):
        folder = layout.dataset(made.dataset) / "1.0.0"
        folder.mkdir(parents=True)
        files = {"datapackage": made.descriptor, "report": {}, "provenance": made.provenance}
        for name, content in files.items():
            (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        (folder / f"{folder.parent.name}.parquet").write_bytes(b"PAR1")  # no table: the index looks at sizes alone


def _release(words: Words, number: int) -> Made:
    name, department = f"dataset-{number}", f"department-{number % DEPARTMENTS}"
    title, told, table = words.text(5), words.text(TOLD), words.text(4)
    descriptor = {
        "name": name,
        "title": title["en"],
        "description": told["en"],
        "keywords": words.some("en", 2),
        "licenses": [{**words.random.choice(LICENCES), "path": "https://example.org"}],
        "resources": [
            {
                "name": name,
                "path": f"{name}.parquet",
                "title": table["en"],
                "rows": number,
                "schema": {"fields": [_field(words, at) for at in range(COLUMNS)]},
                "civicat": {"zh": {"title": table["zh"]}},
            }
        ],
        "civicat": {
            "zh": {"title": title["zh"], "description": told["zh"], "keywords": words.some("zh", 2)},
            **_block(words),
            "release": {"department": _department(department), "version": "1.0.0", "inputs": "none"},
        },
    }
    day = f"{2020 + words.random.randrange(7)}-{words.random.randrange(12) + 1:02}-{words.random.randrange(28) + 1:02}"
    return Made(f"{department}/{name}", descriptor, {"released": f"{day}T00:00:00Z"})


def _block(words: Words) -> dict[str, object]:
    """Theme, frequency and opening; of half the datasets a box, of half a time."""
    west, south, year = (
        words.random.uniform(-179, 170),
        words.random.uniform(-89, 80),
        words.random.randrange(1950, 2026),
    )
    place = {"title": words.text(1), "box": [west, south, west + words.random.random() * 9, south + 1]}
    period = {"begins": str(year), "ends": str(year + words.random.randrange(9))}
    return {
        "themes": words.random.sample(list(THEMES), words.random.choice((1, 1, 2))),
        "frequency": words.random.choice(list(FREQUENCIES)),
        "opening": words.random.choice(list(OPENINGS)),
        **({"place": place} if words.random.random() < 0.5 else {}),  # noqa: PLR2004  half of them
        **({"period": period} if words.random.random() < 0.5 else {}),  # noqa: PLR2004
    }


def _department(code: str) -> dict[str, object]:
    title = {"zh": f"第 {code} 局", "en": f"Office {code}"}
    contact = {"title": title, "email": "desk@example.org"}
    return {"code": code, "title": title, "description": title, "url": "https://example.org", "contact": contact}


def _field(words: Words, at: int) -> dict[str, object]:
    title, told = words.text(2), words.text(4)
    return {
        "name": f"{'_'.join(words.some('en', 2))}_{at}",
        "type": "string",
        "title": title["en"],
        "description": told["en"],
        "civicat": {"zh": {"title": title["zh"], "description": told["zh"]}},
    }
