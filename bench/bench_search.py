"""How long the index of a large synthetic catalogue takes to build and to update, and a search of it to answer.

100,000 datasets unless CIVICAT_BENCH_DATASETS says otherwise, read from releases on disk. A million of them
(CIVICAT_BENCH_DATASETS=1000000) are made in memory and written straight to a build, for their files would fill a disk:
no update is timed then. SQLite's FTS5 answers the same words over the same tokens in the same process: count, four
facets, the twenty best. Figures go to bench/results/search.json, of other sizes to search-<datasets>.json.

What is synthetic, and how rich a record is, synthetic_catalogue.py says.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import synthetic_catalogue as synthetic

from civicat.catalog.index.building import CATALOG, SEARCH, build_index
from civicat.catalog.index.documents import Documents
from civicat.catalog.index.prepared import Prepared
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.index.rows import DETAILS, NewRows
from civicat.catalog.model import Question
from civicat.catalog.search.searching import Search
from civicat.layout import Layout

DATASETS = int(os.environ.get("CIVICAT_BENCH_DATASETS", "100000"))
ON_DISK = 200_000  # more are made in memory
UPDATES = 20
REPEATS = 15
CHUNK = 500
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
FILTERED = {"a word, theme and frequency": ("监测", {"theme": "traffic", "frequency": "monthly"})}
PLACED = {"a word in a box and a time": ("学校", (100.0, 20.0, 125.0, 45.0), "2010-01-01", "2020-12-31")}
PEER = {
    "监测": '"监测"',
    "schools": '"school"',
    "traffic accident": '"traffic" AND "accid"',
    "空气 quality": '"空气" AND "qualiti"',
}
_PEER_FACETS = ("theme", "department", "frequency", "licence")


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def milliseconds(work: Callable[[], object]) -> dict[str, float]:
    """The median and the worst of several times, once before uncounted."""
    work()
    taken = [timed(work) * 1000 for _ in range(REPEATS)]
    return {"median_ms": round(statistics.median(taken), 2), "worst_ms": round(max(taken), 2)}


def all_made(count: int) -> Iterator[Prepared]:
    """So many synthetic datasets, made by as many processes as there are processors, in order."""
    chunks = [(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]
    with multiprocessing.get_context("spawn").Pool() as pool:
        for many in pool.imap(synthetic.prepared, chunks):
            yield from many


def build_in_memory(build: Path, count: int) -> None:
    """A build without releases."""
    with NewRows(build / CATALOG, build / DETAILS) as rows, Documents(build / SEARCH) as documents:
        for one in all_made(count):
            rows.add(one)
            documents.add(one)


def write_releases(layout: Layout, count: int) -> None:
    """The releases on disk, by several processes."""
    parts = os.cpu_count() or 1
    edges = [count * part // parts for part in range(parts + 1)]
    with multiprocessing.get_context("spawn").Pool(parts) as pool:
        pool.starmap(synthetic.write, [(layout, begin, end) for begin, end in pairwise(edges)])


def updates(layout: Layout, first: int) -> dict[str, float]:
    """Seconds of an update for one new release: named by who published it, and found by a look at every file."""
    named = []
    for number in range(first, first + UPDATES):
        synthetic.write(layout, number, number + 1)
        name = f"department-{number % synthetic.DEPARTMENTS}/dataset-{number}"
        named.append(timed(partial(build_index, layout, [name])))
    synthetic.write(layout, first + UPDATES, first + UPDATES + 1)
    return {
        "update_seconds": round(statistics.median(named), 3),
        "update_worst_seconds": round(max(named), 3),
        "update_all_files_looked_at_seconds": round(timed(lambda: build_index(layout)), 3),
        "nothing_changed_seconds": round(timed(lambda: build_index(layout, [])), 3),
    }


def questions() -> dict[str, Question]:
    """Everything that is asked."""
    plain = {said: Question(text) for said, text in QUERIES.items()}
    filtered = {said: Question(text, chosen=chosen) for said, (text, chosen) in FILTERED.items()}
    placed = {
        said: Question(text, box=box, begins=begins, ends=ends) for said, (text, box, begins, ends) in PLACED.items()
    }
    return {**plain, **filtered, **placed}


def latencies(build: Path) -> dict[str, Any]:
    """Milliseconds of each search with its page of 20, marks and all facets, in a warm process."""
    with closing(Search(build)) as search:
        queries: dict[str, dict[str, Any]] = {
            said: {"query": one.text, "found": search.find(one).total, **milliseconds(partial(search.find, one))}
            for said, one in questions().items()
        }
    medians = [one["median_ms"] for one in queries.values()]
    return {
        "median_of_all_queries_ms": round(statistics.median(medians), 2),
        "worst_of_all_queries_ms": max(one["worst_ms"] for one in queries.values()),
        "queries": queries,
    }


def pages(build: Path) -> dict[str, dict[str, float]]:
    """Milliseconds of what pages read beside a search."""
    with closing(Catalogue(build)) as catalogue:
        read: dict[str, Callable[[], object]] = {
            "totals": catalogue.totals,
            "themes": catalogue.themes,
            "departments": catalogue.departments,
            "one department": lambda: catalogue.department("department-7"),
            "the latest 6": lambda: catalogue.latest(6),
            "20 of a department": lambda: catalogue.cards(department="department-7", limit=20),
            "20 of a theme": lambda: catalogue.cards(theme="traffic", limit=20),
            "ids of a department": lambda: catalogue.ids("department-7"),
            "one card": lambda: catalogue.card("department-7/dataset-7"),
            "columns of one": lambda: catalogue.columns_of(["department-7/dataset-7"]),
            "licences": catalogue.licences,
        }
        return {said: milliseconds(work) for said, work in read.items()}


def peer(count: int) -> dict[str, dict[str, float]]:
    """Milliseconds of SQLite's FTS5 over the same tokens: count, four facets and the twenty best."""
    with TemporaryDirectory() as folder, closing(sqlite3.connect(f"{folder}/fts.db", isolation_level=None)) as db:
        facets = ", ".join(_PEER_FACETS)
        db.execute(f"create table docs (number integer primary key, {facets})")
        db.execute("create virtual table words using fts5(tokens, content='', tokenize='unicode61')")
        db.execute("begin")
        for number, one in enumerate(all_made(count)):
            values = (next(iter(one.document[facet]), "") for facet in _PEER_FACETS)
            db.execute("insert into docs values (?, ?, ?, ?, ?)", (number, *values))
            db.execute("insert into words (rowid, tokens) values (?, ?)", (number, one.document["all"][0]))
        db.execute("commit")
        return {text: milliseconds(partial(_peer_find, db, query)) for text, query in PEER.items()}


def _peer_find(db: sqlite3.Connection, query: str) -> None:
    db.execute("select rowid from words where words match ? order by rank limit 20", (query,)).fetchall()
    for facet in _PEER_FACETS:
        matching = "select rowid from words where words match ?"
        db.execute(f"select {facet}, count(*) from docs where number in ({matching}) group by 1", (query,)).fetchall()  # noqa: S608  our own names


def measure(store: Path) -> dict[str, Any]:
    """All figures of one size."""
    layout, build = Layout(store), store
    if DATASETS <= ON_DISK:
        write_releases(layout, DATASETS)
        seconds = timed(lambda: build_index(layout))
        build = build_index(layout, [])
    else:
        seconds = timed(lambda: build_in_memory(build, DATASETS))
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "build_seconds": round(seconds, 1),
        "peak_memory_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
        "peak_memory_of_each_reader_megabytes": children.ru_maxrss // 1000,
        "index_megabytes": round(sum(one.stat().st_size for one in build.rglob("*") if one.is_file()) / 1e6, 1),
        "open_ms": round(timed(lambda: Search(build).close()) * 1000, 1),
        **latencies(build),
        "pages": pages(build),
    }
    if DATASETS <= ON_DISK:
        figures |= updates(layout, DATASETS)
        figures["after_updates"] = latencies(build_index(layout, []))["median_of_all_queries_ms"]
        figures["peer_fts5"] = peer(DATASETS)
    return figures


def main() -> None:
    """Measures and writes."""
    begin = os.getloadavg()[0]
    with TemporaryDirectory() as store:
        figures = measure(Path(store))
    said = {
        "datasets": DATASETS,
        "synthetic": True,
        "columns_each": synthetic.COLUMNS,
        "from_releases_on_disk": DATASETS <= ON_DISK,
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "load_before": round(begin, 2),
        "load_after": round(os.getloadavg()[0], 2),
        "tantivy": version("tantivy"),
        "sqlite": sqlite3.sqlite_version,
    }
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    name = "search.json" if DATASETS <= ON_DISK else f"search-{DATASETS}.json"
    (results / name).write_text(json.dumps(said | figures, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
