"""How long the index of 10,000 synthetic datasets takes to build, and a search of it to answer.

Synthetic: titles and texts are drawn from a made-up vocabulary by Zipf's law, so that the most frequent word is in
nearly every dataset. Real catalogues are thinner: take the times as upper bounds. The releases hold no data, as the
index reads none. Figures go to bench/results/search.json.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

from civicat.catalog.index import build_index
from civicat.catalog.model import Question
from civicat.catalog.search import Search
from civicat.layout import Layout
from civicat.vocabulary import FREQUENCIES, THEMES

DATASETS = 10_000
DEPARTMENTS = 80
REPEATS = 15
CHINESE = (
    "监测",
    "空气",
    "质量",
    "人口",
    "交通",
    "事故",
    "水库",
    "学校",
    "医院",
    "统计",
    "企业",
    "公园",
    "图书馆",
    "航班",
    "地震",
)
ENGLISH = ("monitoring", "air", "quality", "population", "traffic", "accident", "reservoir", "school", "hospital")
QUERIES = {
    "the most frequent word, 2 characters": "监测",
    "4 characters": "空气质量",
    "traditional": "圖書館",
    "1 character": "水",
    "both languages": "空气 quality",
    "pinyin": "kongqi",
    "initials": "kqzl",
    "an English stem": "schools",
    "two English words": "traffic accident",
    "a column's name": "air_quality",
    "nothing": "klingon",
    "a typo": "resrevoir",
    "all, newest first": "",
}


class Words:
    """Words of both languages by Zipf's law, the same ones every time."""

    def __init__(self) -> None:
        self._random = random.Random(1)  # noqa: S311  no secret
        letters = "bcdfghlmnprst"
        syllables = [one + vowel for one in letters for vowel in "aeiou"]
        made = ("".join(self._random.choices(syllables, k=3)) for _ in range(8_000))
        pairs = ("".join(chr(self._random.randrange(0x4E00, 0x5E00)) for _ in range(2)) for _ in range(20_000))
        self._vocabulary = {"en": (*ENGLISH, *made), "zh": (*CHINESE, *pairs)}
        self._weights = {  # summed up, as choices() would do at each call
            language: list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
            for language, words in self._vocabulary.items()
        }

    def some(self, language: str, count: int) -> list[str]:
        """So many words."""
        return self._random.choices(self._vocabulary[language], cum_weights=self._weights[language], k=count)

    def zh(self, count: int) -> str:
        """A Chinese text of so many words."""
        return "".join(self.some("zh", count))

    def en(self, count: int) -> str:
        """An English text of so many words."""
        return " ".join(self.some("en", count)).capitalize()

    def one_of(self, many: list[str]) -> str:
        """Any one of some codes."""
        return self._random.choice(many)


def release(words: Words, number: int) -> dict[str, object]:
    """The descriptor of one synthetic release with ten columns."""
    name, department = f"dataset-{number}", f"department-{number % DEPARTMENTS}"
    title = {"zh": words.zh(2), "en": words.en(3)}
    named = {
        "code": department,
        "title": title,
        "description": title,
        "url": "https://example.org",
        "contact": {"title": title, "email": "desk@example.org"},
    }
    return {
        "name": name,
        "title": words.en(5),
        "description": words.en(40),
        "keywords": words.some("en", 2),
        "licenses": [{"name": "CC0-1.0", "title": "Public domain", "path": "https://example.org"}],
        "resources": [
            {
                "name": name,
                "path": f"{name}.parquet",
                "title": words.en(4),
                "description": words.en(8),
                "rows": number,
                "schema": {"fields": [field(words, at) for at in range(10)]},
                "civicat": {"zh": {"title": words.zh(4), "description": words.zh(8)}},
            }
        ],
        "civicat": {
            "zh": {"title": words.zh(5), "description": words.zh(40), "keywords": words.some("zh", 2)},
            "themes": [words.one_of(list(THEMES))],
            "frequency": words.one_of(list(FREQUENCIES)),
            "release": {"department": named, "version": "1.0.0", "inputs": "none"},
        },
    }


def field(words: Words, at: int) -> dict[str, object]:
    """One column."""
    return {
        "name": f"{'_'.join(words.some('en', 2))}_{at}",
        "type": "string",
        "title": words.en(2),
        "description": words.en(8),
        "civicat": {"zh": {"title": words.zh(2), "description": words.zh(5)}},
    }


def write_releases(layout: Layout) -> None:
    """The synthetic releases, as files."""
    words = Words()
    for number in range(DATASETS):
        folder = layout.dataset(f"department-{number % DEPARTMENTS}/dataset-{number}") / "1.0.0"
        folder.mkdir(parents=True)
        released = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T00:00:00Z"
        files = {"datapackage": release(words, number), "report": {}, "provenance": {"released": released}}
        for name, content in files.items():
            (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_ms(search: Search, query: str) -> float:
    """Milliseconds of one search with its page of 20, marks and four facets: the median."""
    return round(statistics.median(timed(lambda: search.find(Question(query))) for _ in range(REPEATS)) * 1000, 2)


def measure(layout: Layout) -> dict[str, object]:
    """All figures."""
    write_releases(layout)
    build = timed(lambda: build_index(layout))
    again = timed(lambda: build_index(layout))
    folder = build_index(layout)
    opened = timed(lambda: Search(folder).close())
    search = Search(folder)
    queries = {
        said: {"query": query, "found": search.find(Question(query)).total, "median_ms": median_ms(search, query)}
        for said, query in QUERIES.items()
    }
    return {
        "datasets": DATASETS,
        "synthetic": True,
        "build_seconds": round(build, 1),
        "nothing_changed_seconds": round(again, 2),
        "open_ms": round(opened * 1000, 1),
        "index_megabytes": round(sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6, 1),
        "peak_memory_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
        "median_of_all_queries_ms": statistics.median(float(str(one["median_ms"])) for one in queries.values()),
        "queries": queries,
    }


if __name__ == "__main__":
    with TemporaryDirectory() as store:
        figures = measure(Layout(Path(store)))
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "search.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
