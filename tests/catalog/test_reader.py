from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from civicat.catalog.index.building import build_index
from civicat.catalog.index.reader import Catalogue
from civicat.catalog.model import Totals
from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.release import Release
from civicat.text import Text
from civicat.vocabulary import THEMES

MakeRelease = Callable[..., Release]

TWO_TABLES = {
    "stations": pa.table({"code": ["a", "b"]}),
    "counts": pa.table({"code": ["a", "a", "b"], "cycles_count": [1, 2, 3]}),
}


@pytest.fixture
def catalogue(layout: Layout, make_release: MakeRelease) -> Iterator[Catalogue]:
    make_release("demo/towns", "1.0.0", released="2026-10-01T08:00:00Z")
    make_release("demo/towns", "1.1.0", released="2026-11-01T08:00:00Z")
    make_release("demo/rivers", released="2026-11-03T08:00:00Z", civicat={"themes": ["environment", "hazards"]})
    department = {
        "title": {"zh": "交通局", "en": "Transport"},
        "gaps": [{"zh": "停车", "en": "Parking"}],
        "contact": {"title": {"zh": "窗口", "en": "Desk"}, "phone": "+1 555", "url": "https://example.org/desk"},
    }
    make_release("transport/cycles", released="2026-11-02T08:00:00Z", tables=TWO_TABLES, department=department)
    found = Catalogue(build_index(layout))
    yield found
    found.close()


def test_totals_are_of_the_latest_releases(catalogue: Catalogue) -> None:
    assert catalogue.totals() == Totals(datasets=3, departments=2, tables=4, rows=2 + 2 + 5, releases=4)


def test_every_theme_is_listed_with_its_count(catalogue: Catalogue) -> None:
    counts = {bucket.code: bucket.count for bucket in catalogue.themes()}
    assert list(counts) == list(THEMES)
    assert counts["population"] == 2
    assert counts["environment"] == counts["hazards"] == 1
    assert counts["health"] == 0


def test_departments(catalogue: Catalogue) -> None:
    demo, transport = catalogue.departments()
    assert (demo.code, demo.datasets, demo.rows) == ("demo", 2, 4)
    assert transport == catalogue.department("transport")
    assert transport.title == Text("交通局", "Transport")
    assert (transport.contact_title.en, transport.contact_phone) == ("Desk", "+1 555")
    assert transport.gaps == (Text("停车", "Parking"),)
    assert catalogue.department("nobody") is catalogue.department("") is None


def test_a_department_is_described_as_its_newest_release_says(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/zebras", released="2025-01-01T00:00:00Z", department={"url": "https://old.example.org"})
    make_release("demo/apples", released="2026-01-01T00:00:00Z", department={"url": "https://new.example.org"})
    found = Catalogue(build_index(layout)).department("demo")
    assert found is not None
    assert found.url == "https://new.example.org"


def test_cards_come_newest_first(catalogue: Catalogue) -> None:
    assert [card.id for card in catalogue.cards()] == ["demo/rivers", "transport/cycles", "demo/towns"]
    assert [card.id for card in catalogue.latest(2)] == ["demo/rivers", "transport/cycles"]
    assert catalogue.latest(0) == catalogue.latest(-1) == ()


def test_cards_of_a_department_and_of_a_theme(catalogue: Catalogue) -> None:
    assert [card.id for card in catalogue.cards(department="demo")] == ["demo/rivers", "demo/towns"]
    assert [card.id for card in catalogue.cards(theme="hazards")] == ["demo/rivers"]
    assert catalogue.cards(department="transport", theme="hazards") == ()


def test_a_few_cards_of_many(catalogue: Catalogue) -> None:
    assert [card.id for card in catalogue.cards(limit=1, offset=1)] == ["transport/cycles"]
    assert [card.id for card in catalogue.cards(department="demo", limit=1, offset=1)] == ["demo/towns"]
    assert [card.id for card in catalogue.cards(theme="population", limit=1)] == ["transport/cycles"]
    assert catalogue.cards(limit=5, offset=3) == ()


def test_names_and_versions_without_their_cards(catalogue: Catalogue) -> None:
    assert catalogue.ids() == ("demo/rivers", "demo/towns", "transport/cycles")
    assert catalogue.ids("demo") == ("demo/rivers", "demo/towns")
    assert catalogue.ids("nobody") == ()
    assert catalogue.versions() == {"demo/rivers": "1.0.0", "demo/towns": "1.1.0", "transport/cycles": "1.0.0"}


def test_columns_come_in_their_order(catalogue: Catalogue) -> None:
    found = catalogue.columns_of(["transport/cycles", "demo/absent"])
    assert [column.name for column in found["transport/cycles"]] == ["code", "cycles_count"]
    assert found["demo/absent"] == []


def test_a_licence_is_called_as_most_datasets_call_it(layout: Layout, make_release: MakeRelease) -> None:
    for name, title in (("a", "Free for all"), ("b", "Free for all"), ("c", "Public")):
        licence = {"name": "CC0-1.0", "title": title, "path": "https://example.org"}
        make_release(f"demo/{name}", package={"licenses": [licence]})
    assert Catalogue(build_index(layout)).licences()["CC0-1.0"].en == "Free for all"


def test_a_card(catalogue: Catalogue) -> None:
    card = catalogue.card("transport/cycles")
    assert card is not None
    assert card.tables == ("cycles_stations", "cycles_counts")
    assert (card.department_title, card.licence, card.frequency) == (Text("交通局", "Transport"), "CC0-1.0", "yearly")
    assert (card.rows, card.version, card.versions, card.released) == (5, "1.0.0", 1, "2026-11-02T08:00:00Z")
    assert catalogue.card("demo/absent") is None
    assert catalogue.card("'; drop table datasets; --") is None


def test_any_thread_may_read(catalogue: Catalogue) -> None:
    with ThreadPoolExecutor(8) as pool:
        totals = list(pool.map(lambda _: (catalogue.totals(), catalogue.cards()), range(200)))
    assert len({datasets.datasets for datasets, _ in totals}) == 1


def test_a_build_that_is_not_there_is_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Run civicat index"):
        Catalogue(tmp_path)


def test_a_folder_name_may_hold_what_means_something_in_an_address(make_release: MakeRelease, layout: Layout) -> None:
    make_release("demo/towns")
    moved = layout.store.rename(layout.store.with_name("a?b#c%20d 数据"))
    build = build_index(Layout(moved))
    assert Catalogue(build).totals().datasets == 1
