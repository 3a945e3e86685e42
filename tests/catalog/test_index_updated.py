"""An index that is made from the one before answers just as one that is made from the releases alone."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.catalog.conftest import down
from tests.catalog.test_index import KILLED, run

from civicat.catalog.index import building as index
from civicat.catalog.index import entries
from civicat.catalog.index.building import build_index, current_build
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.index.rows import packed, unpacked
from civicat.catalog.model import Question, Results
from civicat.catalog.search.searching import Search
from civicat.layout import Layout
from civicat.release import Release

MakeRelease = Callable[..., Release]

DATASETS = ("demo/towns", "demo/rivers", "roads/cycles")
WORDS = ("klingon", "harbour", "harbours", "水库", "水枯", "空气质量")
QUERIES = ("", *WORDS, "hravour", "shuiku", "sk", "水", "Office", "nothing at all")
VERSIONS = ("1.0.0", "1.1.0", "1.2.0")


@pytest.fixture(autouse=True)
def _always_updated(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few datasets there are and however many changed."""
    monkeypatch.setattr(index, "_ONE_IN", 0)


def inode(build: Path, name: str) -> int:
    return (build / name).stat().st_ino


def answers(build: Path) -> dict[str, Any]:
    """All that a build answers: every table, every query. Scores are told apart by what they order alone."""
    catalogue, search = Catalogue(build), Search(build)
    ids = catalogue.ids()
    found = {
        "totals": catalogue.totals(),
        "themes": catalogue.themes(),
        "departments": catalogue.departments(),
        "licences": catalogue.licences(),
        "cards": catalogue.cards(),
        "of a theme": catalogue.cards(theme="population", limit=2, offset=1),
        "of a department": catalogue.cards(department="demo"),
        "columns": catalogue.columns_of(ids),
        "words": list(catalogue.words().items()),
        "syllables": catalogue.syllables(),
        "sounding": catalogue.sounding(("shuiku", "kongqi")),
        "versions": catalogue.versions(),
    }
    for query in QUERIES:
        for sort in ("released", "title"):
            found[f"{query} by {sort}"] = search.find(Question(query, sort=sort))
        found[query] = without_order(search.find(Question(query)))
    search.close()
    catalogue.close()
    return found


def without_order(results: Results) -> object:
    """Results by best match: deleted documents weigh in the order until their segment is merged."""
    return results.total, results.facets, {hit.card.id: (hit.title, hit.snippet, hit.found_in) for hit in results.hits}


def counted(build: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What is counted over all datasets."""
    with closing(sqlite3.connect(build / "catalog.db")) as db:
        return {
            "terms": db.execute("select kind, term, sound, datasets from terms order by 1, 2, 3").fetchall(),
            "licences": db.execute("select * from licences order by 1, 2, 3").fetchall(),
            "themes": db.execute("select * from themes order by 1, 2, 3").fetchall(),
            "sayings": db.execute("select said from sayings order by 1").fetchall(),
            "sources": db.execute("select dataset, files from sources order by 1").fetchall(),
            "departments": db.execute("select * from departments order by 1").fetchall(),
        }


changes = st.lists(
    st.tuples(
        st.sampled_from(("release", "release", "retract", "mend", "remove", "index")),
        st.sampled_from(DATASETS),
        st.integers(0, len(VERSIONS) - 1),
        st.sampled_from(WORDS),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes)
def test_any_changes_give_what_a_full_build_gives(
    layout: Layout, make_release: MakeRelease, done: list[tuple[str, str, int, str]]
) -> None:
    shutil.rmtree(layout.store, ignore_errors=True)  # of the example before
    make_release("demo/constant", package={"title": "What stays"})
    build_index(layout)
    for step in done:
        apply(layout, make_release, *step)
    updated = build_index(layout)
    kept = answers(updated), counted(updated)
    anew = build_index(layout, anew=True)
    assert anew != updated
    assert (answers(anew), counted(anew)) == kept


def apply(layout: Layout, make: MakeRelease, what: str, dataset: str, number: int, word: str) -> None:  # noqa: PLR0913, PLR0917  one step
    folder = layout.dataset(dataset) / VERSIONS[number]
    if what == "index":
        build_index(layout)
    elif what == "release" and not folder.exists():
        licences = [{"name": "CC0-1.0", "title": f"Licence {word}", "path": "https://example.org"}]
        said = {"department": {"url": f"https://example.org/{number}"}, "released": f"2026-11-0{number + 1}T08:00:00Z"}
        fields = {"code": {"title": f"Code of {word}"}}
        package = {"title": f"About {word}", "licenses": licences, "keywords": [word]}
        make(dataset, VERSIONS[number], package=package, fields=fields, **said)
    elif what == "mend" and (folder / "datapackage.json").exists():
        text = (folder / "datapackage.json").read_text("utf-8")
        (folder / "datapackage.json").write_text(text.replace("About", f"Mended {word}"), "utf-8")
    elif what == "remove":
        shutil.rmtree(layout.dataset(dataset), ignore_errors=True)
    elif what == "retract" and folder.exists():
        shutil.rmtree(folder)


def test_a_quick_update_leaves_the_build_before_as_it_was(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    before = build_index(layout)
    contents = {path: path.read_bytes() for path in sorted(before.rglob("*")) if path.is_file()}
    make_release("demo/rivers")
    after = build_index(layout, ["demo/rivers"])
    assert inode(after, "details.db") == inode(before, "details.db")
    assert inode(after, "catalog.db") != inode(before, "catalog.db")
    assert {path: path.read_bytes() for path in contents} == contents
    assert Search(before).find(Question("")).total == 1
    assert Search(after).find(Question("")).total == 2


def test_one_in_ten_is_too_many_for_a_quick_update(
    layout: Layout, make_release: MakeRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_ONE_IN", 2)
    for name in ("towns", "rivers", "lakes", "roads"):
        make_release(f"demo/{name}")
    details = [inode(build_index(layout), "details.db")]
    for number in range(1, 4):
        make_release("demo/towns", f"1.{number}.0")
        details.append(inode(build_index(layout), "details.db"))
    assert details[0] == details[1] == details[2]  # two of four changed
    assert details[3] != details[2]


def test_releases_that_came_or_went_are_found_by_who_names_no_dataset_of_them(
    layout: Layout, make_release: MakeRelease
) -> None:
    make_release("demo/towns")
    make_release("demo/rivers")
    build_index(layout)
    make_release("demo/lakes")
    make_release("demo/rivers", "1.1.0")
    shutil.rmtree(layout.dataset("demo/towns"))
    catalogue = Catalogue(build_index(layout, []))
    assert catalogue.versions() == {"demo/lakes": "1.0.0", "demo/rivers": "1.1.0"}


def mended(release: Release, title: str) -> None:
    path = release.folder / "datapackage.json"
    path.write_text(path.read_text("utf-8").replace("The towns data", title), "utf-8")


def long_ago(release: Release) -> None:
    """The folder's time as of old, so that it is relied upon."""
    os.utime(release.folder.parent, (1_700_000_000, 1_700_000_000))


def test_what_was_mended_in_place_is_found_where_it_is_named_or_all_is_looked_at(
    layout: Layout, make_release: MakeRelease
) -> None:
    towns = make_release("demo/towns")
    long_ago(towns)
    before = build_index(layout)
    mended(towns, "Towns, mended")
    assert build_index(layout, ["demo/rivers"]) == before
    assert titles(build_index(layout, ["demo/towns"])) == ["Towns, mended"]
    mended_again = (towns.folder / "datapackage.json").read_text("utf-8").replace("Towns, mended", "Towns again")
    (towns.folder / "datapackage.json").write_text(mended_again, "utf-8")
    assert titles(build_index(layout)) == ["Towns again"]


def test_a_folder_touched_just_now_is_not_relied_upon(layout: Layout, make_release: MakeRelease) -> None:
    towns = make_release("demo/towns")
    state = towns.folder.parent.stat()
    build_index(layout)
    mended(towns, "Within the tick")
    os.utime(towns.folder.parent, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert titles(build_index(layout, [])) == ["Within the tick"]


def titles(build: Path) -> list[str]:
    return [card.title.en for card in Catalogue(build).cards()]


def test_a_release_that_was_taken_down_leaves_nothing_to_find(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns", manifest=True)
    make_release("demo/rivers", manifest=True, package={"title": "Klingon rivers"})
    assert Search(build_index(layout)).find(Question("klingon")).total == 1
    down(layout, "demo/rivers", "1.0.0")
    build = build_index(layout, ["demo/rivers"])
    assert Search(build).find(Question("klingon")).total == 0
    assert "klingon" not in Catalogue(build).words()
    assert Catalogue(build).totals().datasets == 1


@pytest.mark.parametrize("name", ["catalog.db", "details.db", "search/meta.json"])
def test_a_damaged_build_gives_way_to_a_full_one(layout: Layout, make_release: MakeRelease, name: str) -> None:
    make_release("demo/towns")
    damaged = build_index(layout)
    (damaged / name).write_bytes(b"no index at all" * 400)
    make_release("demo/rivers")
    build = build_index(layout)
    assert Search(build).find(Question("")).total == Catalogue(build).totals().datasets == 2


def test_a_build_of_another_form_gives_way_to_a_full_one(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    before = build_index(layout)
    (before / "contents").write_text("(3,)", encoding="ascii")
    assert inode(build_index(layout), "details.db") != inode(before, "details.db")


UPDATED = f"from civicat.catalog.index import building; building._ONE_IN = 0\n{KILLED}"
MOMENTS = [
    ("os.mkdir", ".part", False),
    ("open", ".part/catalog.db", False),  # about to be copied
    ("os.link", "details.db", False),
    ("sqlite3.connect", ".part/catalog.db", False),
    ("open", "demo/rivers/1.0.0/datapackage.json", False),  # the old words are out, the new ones not in
    ("open", ".part/contents", False),
    ("os.rename", ".part", False),
    ("os.rename", "CURRENT.next", False),
    ("shutil.rmtree", "Z", True),
]


@pytest.mark.parametrize(("event", "path", "swapped"), MOMENTS)
def test_an_update_killed_at_any_moment_leaves_a_whole_build(
    layout: Layout, make_release: MakeRelease, event: str, path: str, *, swapped: bool
) -> None:
    before = []
    for version in range(3):  # so that there is something to sweep
        make_release("demo/towns", f"1.{version}.0")
        before.append(build_index(layout))
    make_release("demo/rivers")
    child = run(UPDATED, str(layout.store), event, path)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    serving = current_build(layout)
    assert serving is not None
    assert (serving != before[-1]) == swapped
    assert Search(serving).find(Question("")).total == Catalogue(serving).totals().datasets == (2 if swapped else 1)
    assert Search(build_index(layout)).find(Question("")).total == 2


def test_several_processes_read_what_one_reads_in_the_same_order(
    layout: Layout, make_release: MakeRelease, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    names = [f"demo/towns-{number}" for number in range(7)]
    for name in names:
        make_release(name)
    (layout.dataset(names[3]) / "1.0.0" / "report.json").unlink()
    alone = list(entries.prepared(layout, names))
    monkeypatch.setattr(entries, "_MANY", 1)
    monkeypatch.setattr(entries, "_CHUNK", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    caplog.clear()
    assert list(entries.prepared(layout, names)) == alone
    assert [one.id for one in alone] == [name for name in names if name != names[3]]
    assert "towns-3" in caplog.text


def test_where_files_cannot_be_linked_they_are_copied(
    layout: Layout, make_release: MakeRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "in the test")

    make_release("demo/towns")
    before = build_index(layout)
    make_release("demo/rivers")
    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, "copy_file_range", no_links)
    after = build_index(layout)
    assert (after / "details.db").read_bytes() == (before / "details.db").read_bytes()
    assert inode(after, "details.db") != inode(before, "details.db")
    assert Search(after).find(Question("")).total == 2


@given(st.sets(st.integers(0, 1 << 40)))
def test_numbers_are_unpacked_as_they_were(numbers: set[int]) -> None:
    assert list(unpacked(packed(numbers))) == sorted(numbers)


def test_many_updates_do_not_scatter_the_documents(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    for number in range(30):
        make_release("demo/rivers", f"1.{number}.0", tables=None)
        build = build_index(layout)
    segments = {path.stem for path in (build / "search").glob("*.idx")}
    assert len(segments) < 12  # eight of like size are merged into one
