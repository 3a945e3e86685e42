"""Departments open when they are asked for, the last ones stay, and what is let go is freed."""

import gc
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from datasette.app import Datasette

from civicat.catalog.index.building import build_index
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import Question
from civicat.catalog.search.searching import Search
from civicat.catalog.tables import departments_open
from civicat.catalog.tables.departments_open import Departments
from civicat.catalog.tables.tables import Tables
from civicat.layout import Layout
from civicat.release import Release

MakeRelease = Callable[..., Release]


@pytest.fixture
def departments(layout: Layout, make_release: MakeRelease) -> Departments:
    for code in ("air", "bus", "car"):
        make_release(f"{code}/towns")
    return Departments(Datasette(), Tables(layout.readable(), Catalogue(build_index(layout))))


def test_nothing_is_open_before_somebody_asks(departments: Departments) -> None:
    assert (list(departments), len(departments)) == ([], 0)
    assert "air" in departments
    assert not departments.is_open("air")
    assert departments["air"].counts == {"towns": departments["air"].counts["towns"]}
    assert list(departments) == ["air"]


def test_a_department_that_there_is_not_is_none(departments: Departments) -> None:
    assert "nobody" not in departments
    with pytest.raises(KeyError):
        departments["nobody"]


def test_those_asked_for_last_are_kept_and_the_others_freed(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departments_open, "_KEPT", 2)
    first = weakref.ref(departments["air"])
    departments["bus"], departments["air"], departments["car"]
    assert list(departments) == ["air", "car"]
    gc.disable()
    try:
        departments["bus"]
        assert first() is None, "what was let go waits for the collector"
    finally:
        gc.enable()


def test_who_asks_for_an_open_one_does_not_wait_for_another_to_open(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    departments["air"]
    opening, go = threading.Event(), threading.Event()
    opened = Departments._opened  # noqa: SLF001 (what takes long is made to take until it may go on)

    def slowly(self: Departments, code: str) -> object:
        opening.set()
        assert go.wait(30)
        return opened(self, code)

    monkeypatch.setattr(Departments, "_opened", slowly)
    other = threading.Thread(target=departments.__getitem__, args=("bus",))
    other.start()
    assert opening.wait(30)
    assert departments["air"].counts
    assert not departments.is_open("bus")
    go.set()
    other.join()
    assert departments.is_open("bus")


def test_the_search_of_a_store_that_is_read_only_is_read_from_links(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns")
    build = build_index(layout)
    for file in (build / "search").glob("*.lock"):
        file.unlink()
        file.mkdir()  # nobody can write this lock, root neither
    search = Search(build)
    assert search.find(Question("towns")).total == 1
    links = search._links  # noqa: SLF001
    assert links is not None
    search.close()
    assert not Path(links.name).exists()
