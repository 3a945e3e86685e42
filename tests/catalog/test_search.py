from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from civicat.catalog.index import build_index
from civicat.catalog.model import Question, Results
from civicat.catalog.search import Search
from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.release import Release
from civicat.text import Language, Text

MakeRelease = Callable[..., Release]
FILTERS = ("theme", "department", "frequency", "licence")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("library")


@pytest.fixture
def search(folder: Path, layout: Layout, make_release: MakeRelease) -> Iterator[Search]:
    """A search over six datasets: built by the first test, copied to where the others would have it."""
    if not (folder / "build").exists():
        six_datasets(make_release)
        shutil.copytree(build_index(layout), folder / "build")
    found = Search(folder / "build")
    yield found
    found.close()


def six_datasets(make_release: MakeRelease) -> None:
    columns = pa.table({"flight": ["a"], "dep_delay": [1], "magType": ["x"]})
    make_release(
        "transport/flights",
        released="2026-11-06T00:00:00Z",
        tables={"flights": columns},
        fields={"dep_delay": {"title": "Late departure", "civicat": {"zh": {"title": "出发延误"}}}},
        package={"title": "Flights out of New York", "description": "All flights of one year."},
        civicat={"zh": {"title": "纽约出发的航班", "description": "三大机场。"}, "themes": ["traffic", "economy"]},
        department={"title": {"zh": "运输统计局", "en": "Bureau of Transportation Statistics"}},
    )
    make_release(
        "usgs/earthquakes",
        released="2026-11-05T00:00:00Z",
        fields={
            "code": {
                "categories": [{"value": "A", "label": "Automatic"}],
                "civicat": {"zh": {"categories": {"A": "自动"}}},
            }
        },
        package={"title": "Earthquakes of one week", "keywords": ["earthquake", "seismic"]},
        civicat={
            "zh": {"title": "一周地震", "description": "震级与深度。"},
            "themes": ["hazards"],
            "frequency": "never",
        },
    )
    make_release(
        "water/reservoirs",
        released="2026-11-04T00:00:00Z",
        package={"title": "Reservoir levels", "description": "Levels of reservoirs; schools visit them."},
        civicat={"zh": {"title": "水库水位", "description": "每日水位，供城市用水"}, "themes": ["environment"]},
    )
    make_release(
        "taipei/air",
        released="2026-11-03T00:00:00Z",
        package={"title": "Air quality", "description": "<script>alert('air')</script> & <b>air</b>"},
        civicat={
            "zh": {"title": "臺北市空氣品質監測", "description": "<img src=x onerror=alert(1)>空氣"},
            "themes": ["environment"],
        },
    )
    make_release(
        "stats/census",
        released="2026-11-02T00:00:00Z",
        package={
            "title": "Population census",
            "licenses": [{"name": "CC-BY-4.0", "title": "Attribution", "path": "https://example.org"}],
        },
        civicat={"zh": {"title": "全国人口普查", "description": "按省份。", "keywords": ["统计"]}},
    )
    make_release(
        "edu/schools",
        released="2026-11-02T00:00:00Z",
        package={"title": "School list"},
        civicat={"zh": {"title": "学校名录", "description": "学校。"}, "themes": ["public-order"]},
    )


def ids(results: Results) -> list[str]:
    return [hit.card.name for hit in results.hits]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("水", ["reservoirs"]),
        ("位", ["reservoirs"]),  # at the end of a run
        ("用水", ["reservoirs"]),
        ("人口普查", ["census"]),
        ("普查", ["census"]),
        ("地震", ["earthquakes"]),
        ("全国人口普查", ["census"]),
        ("空气", ["air"]),  # simplified, written in traditional characters
        ("空氣", ["air"]),
        ("臺北", ["air"]),
        ("台北", ["air"]),
        ("機場", ["flights"]),  # traditional, written in simplified characters
        ("圖書館", []),
        ("纽约航班", ["flights"]),  # two words that do not stand side by side
        ("纽约和航班", ["flights"]),
        ("纽约飞航班", []),
        ("航班纽约", ["flights"]),
        ("纽约地震", []),
        ("口人", []),
    ],
)
def test_chinese(search: Search, query: str, found: list[str]) -> None:
    assert ids(search.find(Question(query))) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("flight", ["flights"]),
        ("FLIGHTS", ["flights"]),
        ("ｆｌｉｇｈｔ", ["flights"]),
        ("school", ["schools", "reservoirs"]),  # the title before the description
        ("schools", ["schools", "reservoirs"]),
        ("How many flights were there in one year?", ["flights"]),
        ("earthquakes in one week", ["earthquakes"]),
        ("klingon", []),
        ("sch", []),
        ("fly", []),
    ],
)
def test_english(search: Search, query: str, found: list[str]) -> None:
    assert ids(search.find(Question(query))) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("航班 york", ["flights"]),
        ("york航班", ["flights"]),
        ("航班 earthquake", []),
        ("renkou", ["census"]),
        ("ren kou", ["census"]),
        ("rénkǒu", ["census"]),
        ("renkoupucha", ["census"]),
        ("rk", ["census"]),
        ("rkpc", ["census"]),
        ("kongqi", ["air"]),  # spoken alike in either script
        ("tongji", ["flights", "census"]),  # a department, a keyword
        ("renko", []),
        ("qz", []),
    ],
)
def test_both_and_pinyin(search: Search, query: str, found: list[str]) -> None:
    assert sorted(ids(search.find(Question(query)))) == sorted(found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("运输统计局", ["flights"]),
        ("Transportation Statistics", ["flights"]),
        ("交通管制", ["flights"]),  # a theme
        ("seismic", ["earthquakes"]),  # a keyword
        ("reservoirs", ["reservoirs"]),  # a table
        ("dep_delay", ["flights"]),
        ("delay", ["flights"]),
        ("late departure", ["flights"]),
        ("延误", ["flights"]),
        ("magType", ["flights"]),
        ("type", ["flights"]),
        ("automatic", ["earthquakes"]),  # the label of a code
        ("自动", ["earthquakes"]),
        ("What dep_delay says", ["flights"]),  # the description of a column
    ],
)
def test_names_columns_and_labels(search: Search, query: str, found: list[str]) -> None:
    assert ids(search.find(Question(query))) == found


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("dep_delay", [("dep_delay", Text("出发延误", "Late departure"))]),
        ("延误", [("dep_delay", Text("出发延误", "Late departure"))]),
        ("误", [("dep_delay", Text("出发延误", "Late departure"))]),
        ("自动", [("code", Text("", "Code"))]),
        ("york", []),
    ],
)
def test_columns_with_the_words_are_told(search: Search, query: str, columns: list[tuple[str, Text]]) -> None:
    assert list(search.find(Question(query)).hits[0].found_in) == columns


def test_words_are_marked_in_each_language(search: Search) -> None:
    (hit,) = search.find(Question("空气 air")).hits
    assert hit.title == {"zh": "臺北市<mark>空氣</mark>品質監測", "en": "<mark>Air</mark> quality"}
    assert hit.snippet["zh"] == "&lt;img src=x onerror=alert(1)&gt;<mark>空氣</mark>"
    assert hit.snippet["en"] == (
        "&lt;script&gt;alert(&#x27;<mark>air</mark>&#x27;)&lt;/script&gt; &amp; &lt;b&gt;<mark>air</mark>&lt;/b&gt;"
    )


def test_characters_found_by_pinyin_are_marked(search: Search) -> None:
    assert search.find(Question("renkou")).hits[0].title["zh"] == "全国<mark>人口</mark>普查"


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("erthquake", ("earthquake", 1)),
        ("earhtquakes", ("earthquakes", 1)),
        ("erthquake week", ("earthquake week", 1)),
        ("reservior levles", ("reservoir levels", 1)),
        ("klingon flights", ("flights", 1)),
        ("地镇", ("地震", 1)),  # sounds the same
        ("人口飞船", ("人口", 1)),  # the part that is known
        ("klingon", None),
        ("scholl", ("school", 2)),
        ("flashes", None),  # two slips away from flights, and short: another word
        ("𠮷𠮷", None),
        ("12345", None),
    ],
)
def test_a_near_text_is_suggested_where_nothing_was_found(
    search: Search, query: str, suggestion: tuple[str, int] | None
) -> None:
    results = search.find(Question(query))
    assert (results.total, results.hits, results.suggestion) == (0, (), suggestion)


def test_nothing_is_suggested_where_something_was_found(search: Search) -> None:
    assert search.find(Question("flights")).suggestion is None


def test_a_suggestion_counts_under_the_same_filters(search: Search) -> None:
    assert search.find(Question("erthquake", chosen={"theme": "hazards"})).suggestion == ("earthquake", 1)
    assert search.find(Question("erthquake", chosen={"theme": "traffic"})).suggestion is None


@pytest.mark.parametrize("query", ["😀", '"(((', "\0", "...", "\ud800", "-- ;", "()"])
def test_what_holds_no_word_is_not_searchable(search: Search, query: str) -> None:
    results = search.find(Question(query))
    assert (results.searchable, results.total, results.hits, results.suggestion) == (False, 0, (), None)
    assert {bucket.count for buckets in results.facets.values() for bucket in buckets} == {0}


@pytest.mark.parametrize("query", ["", "  ", "\n\u3000"])
def test_a_blank_text_lists_everything_newest_first(search: Search, query: str) -> None:
    results = search.find(Question(query))
    assert results.searchable
    assert ids(results) == ["flights", "earthquakes", "reservoirs", "air", "schools", "census"]


@pytest.mark.parametrize(
    "query",
    ["水" * 10_000, "a" * 10_000, "xian" * 5_000, "word " * 5_000, "水 " * 5_000, "é" * 300, "1." * 500, "' OR 1=1 --"],
)
def test_long_and_strange_texts_are_answered(search: Search, query: str) -> None:
    assert search.find(Question(query)).searchable


@pytest.mark.parametrize(
    "text",
    ["title:flights", "flights AND NOT x", "fl*", "/.*/", "flights~2", 'flights"', "[a TO z]", "水.?", "flights\0"],
)
def test_no_character_is_syntax(search: Search, text: str) -> None:
    assert set(ids(search.find(Question(text)))) <= {"flights", "reservoirs"}


def test_facets_count_under_the_other_filters(search: Search) -> None:
    results = search.find(Question("", chosen={"theme": "environment"}))
    assert results.total == 2
    counts = {facet: {one.code: one.count for one in results.facets[facet]} for facet in FILTERS}
    assert counts["theme"] == {
        "health": 0,
        "public-order": 1,
        "traffic": 1,
        "environment": 2,
        "hazards": 1,
        "population": 1,
        "economy": 1,
        "public-money": 0,
    }
    assert counts["department"] == {"taipei": 1, "water": 1}
    assert counts["frequency"] == {"yearly": 2}
    assert counts["licence"] == {"CC0-1.0": 2}
    assert [one.code for one in results.facets["theme"] if one.chosen] == ["environment"]


def test_facets_count_what_the_text_finds(search: Search) -> None:
    facets = search.find(Question("school")).facets
    assert {one.code: one.count for one in facets["department"]} == {"edu": 1, "water": 1}


def test_labels_of_facets(search: Search) -> None:
    facets = search.find(Question("")).facets
    labels = {one.code: one.label for buckets in facets.values() for one in buckets}
    assert labels["traffic"] == Text("交通管制", "Traffic")
    assert labels["transport"] == Text("运输统计局", "Bureau of Transportation Statistics")
    assert labels["never"] == Text("不再更新", "no further updates")
    assert labels["CC-BY-4.0"].within("zh") == "Attribution"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"theme": "economy"}, ["flights"]),
        ({"department": "edu"}, ["schools"]),
        ({"frequency": "never"}, ["earthquakes"]),
        ({"licence": "CC-BY-4.0"}, ["census"]),
        ({"theme": "environment", "department": "taipei"}, ["air"]),
        ({"theme": "environment", "department": "edu"}, []),
        ({"department": "EDU"}, []),
        ({"department": "\ud800"}, []),
        ({"theme": "no such theme"}, []),
    ],
)
def test_filters(search: Search, filters: dict[str, str], found: list[str]) -> None:
    assert ids(search.find(Question(chosen=filters))) == found


def test_a_chosen_value_is_always_listed_so_that_it_can_be_let_go(search: Search) -> None:
    (bucket,) = (
        one for one in search.find(Question("", chosen={"department": "nobody"})).facets["department"] if one.chosen
    )
    assert (bucket.code, bucket.label, bucket.count) == ("nobody", Text("nobody", "nobody"), 0)


@pytest.mark.parametrize(
    ("sort", "language", "found"),
    [
        ("released", "en", ["flights", "earthquakes", "reservoirs", "air", "schools", "census"]),
        ("title", "en", ["air", "earthquakes", "flights", "census", "reservoirs", "schools"]),
        ("title", "zh", ["flights", "census", "reservoirs", "air", "schools", "earthquakes"]),  # by sound, niu to yi
        ("no such sort", "en", ["flights", "earthquakes", "reservoirs", "air", "schools", "census"]),
    ],
)
def test_sorts(search: Search, sort: str, language: Language, found: list[str]) -> None:
    assert ids(search.find(Question("", sort=sort, language=language))) == found


def test_words_can_be_sorted_by_release_too(search: Search) -> None:
    assert ids(search.find(Question("school"))) == ["schools", "reservoirs"]
    assert ids(search.find(Question("school", sort="released"))) == ["reservoirs", "schools"]


def test_pages_hold_each_dataset_once(search: Search) -> None:
    pages = [search.find(Question("", page=page, size=4)) for page in (1, 2)]
    assert [len(one.hits) for one in pages] == [4, 2]
    assert ids(pages[0]) + ids(pages[1]) == ids(search.find(Question("")))
    assert [(one.page, one.pages, one.total) for one in pages] == [(1, 2, 6), (2, 2, 6)]


@pytest.mark.parametrize(("page", "shown"), [(-1, 1), (0, 1), (3, 2), (10**15, 2), (10**30, 2)])
def test_a_page_that_is_not_there_is_the_nearest(search: Search, page: int, shown: int) -> None:
    assert search.find(Question("", page=page, size=4)).page == shown


@pytest.mark.parametrize(("size", "hits"), [(0, 1), (-5, 1), (10**12, 6)])
def test_sizes_are_bounded(search: Search, size: int, hits: int) -> None:
    assert len(search.find(Question("", size=size)).hits) == hits


def test_the_same_question_has_the_same_answer_in_every_build(
    search: Search, layout: Layout, make_release: MakeRelease
) -> None:
    six_datasets(make_release)
    again = Search(build_index(layout))
    for query in ("", "school", "统计", "数据", "people", "renkou", "erthquake"):
        assert again.find(Question(query)) == search.find(Question(query))


def test_a_title_weighs_more_than_a_long_text_full_of_the_word(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/alpha", package={"description": "Rain, rain and rain: " + "rain " * 50})
    make_release("demo/omega", package={"title": "Rain", "description": "Something else, told at length. " * 40})
    assert ids(Search(build_index(layout)).find(Question("rain"))) == ["omega", "alpha"]


def test_a_whole_run_in_the_title_comes_before_its_parts(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/alpha", civicat={"zh": {"title": "空气、气质、质量"}})
    make_release("demo/omega", civicat={"zh": {"title": "城市空气质量报告"}})
    assert ids(Search(build_index(layout)).find(Question("空气质量"))) == ["omega", "alpha"]


def test_a_word_that_somebody_writes_is_not_read_as_initials(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/alpha", civicat={"zh": {"title": "城市排名"}})
    assert ids(Search(build_index(layout)).find(Question("pm"))) == ["alpha"]
    make_release("demo/omega", package={"title": "PM 2.5"})
    assert ids(Search(build_index(layout)).find(Question("pm"))) == ["omega"]


def test_a_filter_does_not_change_the_order_of_equals(layout: Layout, make_release: MakeRelease) -> None:
    licences = [{"name": name, "title": name, "path": "https://example.org"} for name in ("CC0-1.0", "CC-BY-4.0")]
    make_release("demo/alpha", package={"title": "Rain", "licenses": licences})
    make_release("demo/omega", package={"title": "Rain"})
    search = Search(build_index(layout))
    assert (
        ids(search.find(Question("rain")))
        == ids(search.find(Question("rain", chosen={"licence": "CC0-1.0"})))
        == ["alpha", "omega"]
    )


def test_a_text_in_one_language_alone_stands_in_for_the_other(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/alpha", civicat={"zh": {}}, package={"title": "Only English"})
    (hit,) = Search(build_index(layout)).find(Question("english")).hits
    assert hit.title["zh"] == hit.title["en"] == "Only <mark>English</mark>"


def test_many_threads_may_search(search: Search) -> None:
    queries = ["水", "人口", "school", "erthquake", "rk", ""] * 20
    alone = {query: search.find(Question(query)) for query in queries}
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(search.find, map(Question, queries))) == [alone[query] for query in queries]


def test_a_build_without_a_search_is_said_with_the_remedy(folder: Path, search: Search, tmp_path: Path) -> None:
    assert search.find(Question("")).total
    shutil.copy(folder / "build/catalog.db", tmp_path)
    with pytest.raises(StoreError, match="Run civicat index"):
        Search(tmp_path)
