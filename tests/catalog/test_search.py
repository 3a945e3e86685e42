from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicat.catalog.facts.freshness import freshness
from civicat.catalog.index.building import build_index
from civicat.catalog.model import Question, Results
from civicat.catalog.search.fields import FACETS
from civicat.catalog.search.searching import Search
from civicat.catalog.search.synonyms import groups
from civicat.errors import StoreError
from civicat.layout import Layout
from civicat.release import Release
from civicat.text import Language, Text

MakeRelease = Callable[..., Release]
TODAY = "2026-11-20"


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
        ("航班纽约", ["flights"]),
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
        ("renkou", ["census"]),
        ("ren kou", ["census"]),
        ("rénkǒu", ["census"]),
        ("renkoupucha", ["census"]),
        ("rk", ["census"]),
        ("rkpc", ["census"]),
        ("kongqi", ["air"]),  # spoken alike in either script
        ("tongji", ["flights", "census"]),  # a department, a keyword
        ("qz", []),
        ("qgrk", ["census"]),
        ("rkqg", []),  # initials follow one another
        ("rrrr", []),
        ("chufayanwu", ["flights"]),  # the title of a column
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
    ("query", "near", "found"),
    [
        ("erthquake", "earthquake", ["earthquakes"]),
        ("earhtquakes", "earthquakes", ["earthquakes"]),
        ("erthquake week", "earthquake week", ["earthquakes"]),
        ("reservior levles", "reservoir levels", ["reservoirs"]),
        ("scholl", "school", ["schools", "reservoirs"]),
        ("地镇", "地震", ["earthquakes"]),  # sounds the same
        ("renkuo", "renkou", ["census"]),  # two letters swapped
        ("renko", "renkou", ["census"]),  # one is missing
        ("dizhenn", "dizhen", ["earthquakes"]),  # one too many
    ],
)
def test_a_slip_is_mended_where_nothing_was_found_and_that_is_said(
    search: Search, query: str, near: str, found: list[str]
) -> None:
    results = search.find(Question(query))
    assert (ids(results), results.relaxed) == (found, "near")
    assert results.suggestion == (near, results.total)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("纽约飞航班", ["flights"]),
        ("航班 earthquake", ["earthquakes", "flights"]),
        ("纽约地震", ["earthquakes", "flights"]),
        ("人口飞船", ["census"]),  # half of the characters
        ("klingon flights", ["flights"]),
        ("kongqi scholl", ["air"]),  # both are near something, and nothing has both
        ("大熊猫人口", []),  # two characters of five
        ("klingon warp flights", []),  # one word of three
        ("熊猫数据", []),  # what every dataset is does not count
        ("klingon", []),
        ("口人", []),
    ],
)
def test_half_of_the_words_will_do_where_nothing_has_all(search: Search, query: str, found: list[str]) -> None:
    results = search.find(Question(query))
    assert (sorted(ids(results)), results.relaxed) == (found, "any" if found else "")
    assert results.total == len(found)


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("klingon warp flights", ("flights", 1)),
        ("大熊猫人口", ("人口", 1)),  # the part that is known
        ("klingon", None),
        ("flashes", None),  # two slips away from flights, and short: another word
        ("𠮷𠮷", None),
        ("12345", None),
    ],
)
def test_a_part_is_suggested_where_nothing_else_can_be_done(
    search: Search, query: str, suggestion: tuple[str, int] | None
) -> None:
    results = search.find(Question(query))
    assert (results.total, results.hits, results.suggestion, results.relaxed) == (0, (), suggestion, "")


def test_words_are_not_relaxed_where_a_filter_hides_what_they_find(search: Search) -> None:
    results = search.find(Question("纽约航班", chosen={"theme": "hazards"}))
    assert (results.total, results.relaxed, results.suggestion) == (0, "", None)


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
    ("query", "found"),
    [
        ('"late departure"', ["flights"]),
        ('"departure late"', []),
        ("“纽约出发”", ["flights"]),
        ('"纽约航班"', []),  # both are there, not side by side
        ('"all flights', ["flights"]),  # a quote that is not closed is none
        ("school -visit", ["schools"]),
        ('school -"schools visit them"', ["schools"]),
        ("-flights -earthquakes -air -census -学校", ["reservoirs"]),
        ("水 -水库", []),
        ("title:school", ["schools"]),
        ("標題：學校", ["schools"]),
        ("column:delay", ["flights"]),
        ("列:延误", ["flights"]),
        ("column:school", []),
        ("department:edu", ["schools"]),
        ("DEPARTMENT:EDU school", ["schools"]),
        ("部门:运输统计局", ["flights"]),
        ("department:nobody", []),
        ("-department:edu school", ["reservoirs"]),
    ],
)
def test_what_a_search_box_understands(search: Search, query: str, found: list[str]) -> None:
    results = search.find(Question(query))
    assert (ids(results), results.relaxed) == (found, "")


@given(
    st.one_of(
        st.text(),
        st.text(alphabet=st.characters()),
        st.text(alphabet='"“”-:：*()[]{}~^/\\.?+|&!水库空气air列title department'),
        st.lists(
            st.sampled_from(
                (
                    "title:",
                    "column:",
                    "部门：",
                    '"',
                    "-",
                    "school",
                    "水",
                    "renkou",
                    "\u200f",
                    "\0",
                    "\ud800",
                    "*:*",
                    "😀",
                    "/.*/",
                )
            )
        ).map("".join),
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_no_text_is_an_error(search: Search, text: str) -> None:
    for question in (Question(text), Question(text, chosen={"theme": text, "licence": text}, begins=text, sort=text)):
        results = search.find(question)
        assert results.total >= len(results.hits)
    assert len(search.suggestions(text)) <= 8
    assert search.similar(text) == ()


@pytest.mark.parametrize(
    "query",
    ["水" * 10_000, "a" * 10_000, "xian" * 5_000, "word " * 5_000, "水 " * 5_000, "é" * 300, "1." * 500, "' OR 1=1 --"],
)
def test_long_and_strange_texts_are_answered(search: Search, query: str) -> None:
    assert search.find(Question(query)).searchable


@pytest.mark.parametrize(
    "text",
    ["body:flights", "flights AND NOT x", "fl*", "/.*/", "flights~2", 'flights"', "[a TO z]", "水.?", "flights\0"],
)
def test_no_character_is_syntax(search: Search, text: str) -> None:
    assert set(ids(search.find(Question(text)))) <= {"flights", "reservoirs"}


def test_facets_count_under_the_other_filters(search: Search) -> None:
    results = search.find(Question("", chosen={"theme": "environment"}))
    assert results.total == 2
    counts = {facet: {one.code: one.count for one in buckets} for facet, buckets in results.facets.items()}
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
        ("newest", "en", ["flights", "earthquakes", "reservoirs", "air", "schools", "census"]),
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


PLACES = {
    "demo/fiji": [177, -20, -178, -12],  # across the antimeridian
    "demo/china": [73.5, 18.1, 134.8, 53.6],
    "demo/beijing": [115.4, 39.4, 117.5, 41.1],
    "demo/station": [116.4, 39.9, 116.4, 39.9],  # a point
    "demo/world": [-180, -90, 180, 90],
    "demo/nowhere": None,
}


@pytest.fixture
def placed(folder: Path, layout: Layout, make_release: MakeRelease) -> Iterator[Search]:
    """A search over six datasets with places and times: built by the first test."""
    if not (folder / "placed").exists():
        times = (
            ("2001", "2005"),
            ("2004-06", "2004-06"),
            ("2010-01-01", ""),
            ("", "1999-12-31"),
            ("2003", "2003"),
            None,
        )
        for (dataset, box), time in zip(PLACES.items(), times, strict=True):
            place = {"place": {"title": {"zh": "地点", "en": "Somewhere"}, "box": box}} if box else {}
            period = {"period": {"begins": time[0], "ends": time[1]}} if time else {}
            make_release(dataset, civicat={**place, **period}, released="2026-11-02T00:00:00Z")
        shutil.copytree(build_index(layout), folder / "placed")
    found = Search(folder / "placed")
    yield found
    found.close()


@pytest.mark.parametrize(
    ("box", "found"),
    [
        ((115.0, 39.0, 118.0, 42.0), ["beijing", "china", "world", "station"]),  # the best fit first
        ((73.5, 18.1, 134.8, 53.6), ["china", "world", "beijing", "station"]),
        ((116.4, 39.9, 116.4, 39.9), ["station", "beijing", "china", "world"]),  # a point asks for a point
        ((-180.0, -90.0, 180.0, 90.0), ["world", "china", "fiji", "beijing", "station"]),
        ((0.0, -90.0, 720.0, 90.0), ["world", "china", "fiji", "beijing", "station"]),  # around it twice
        ((178.0, -18.0, 179.0, -17.0), ["fiji", "world"]),  # on one side of the antimeridian
        ((-179.5, -18.0, -179.0, -17.0), ["fiji", "world"]),  # on the other
        ((179.0, -18.0, -179.0, -17.0), ["fiji", "world"]),  # across
        ((179.0, -18.0, 181.0, -17.0), ["fiji", "world"]),  # as a map says it that was scrolled
        ((117.5, 41.1, 118.0, 41.2), ["china", "world", "beijing"]),  # corners that touch
        ((-60.0, -10.0, -50.0, 0.0), ["world"]),
        ((10.0, 5.0, 20.0, 4.0), []),  # north is south of south
        ((float("nan"), 0.0, 1.0, 1.0), []),
        ((0.0, 0.0, float("inf"), 1.0), []),
        ((0.0, 91.0, 1.0, 95.0), []),
    ],
)
def test_places(placed: Search, box: tuple[float, float, float, float], found: list[str]) -> None:
    assert ids(placed.find(Question(box=box))) == found


def test_a_place_narrows_words_and_facets_down(placed: Search) -> None:
    results = placed.find(Question("data", box=(178.0, -18.0, 179.0, -17.0)))
    assert sorted(ids(results)) == ["fiji", "world"]
    assert [(one.code, one.count) for one in results.facets["opening"]] == [("open", 2)]


def test_pages_of_a_place_hold_each_dataset_once(placed: Search) -> None:
    box = (-180.0, -90.0, 180.0, 90.0)
    pages = [placed.find(Question(box=box, page=page, size=2)) for page in (1, 2, 3)]
    assert [one for results in pages for one in ids(results)] == ids(placed.find(Question(box=box)))
    assert {results.total for results in pages} == {5}


@pytest.mark.parametrize(
    ("begins", "ends", "found"),
    [
        ("2005", "2005", ["fiji"]),
        ("2004-06-30", "2004-07-01", ["china", "fiji"]),
        ("2004-07-01", "2004-07-02", ["fiji"]),
        ("2003-12-31", "2004-01-01", ["fiji", "world"]),
        ("2024", "", ["beijing"]),  # goes on
        ("", "1900", ["station"]),  # nobody knows since when
        ("2000", "2000", []),
        ("2005", "2004", []),
        ("yesterday", "", []),
        ("2004-13", "2005", []),
        ("", "", ["beijing", "china", "fiji", "nowhere", "station", "world"]),
    ],
)
def test_times(placed: Search, begins: str, ends: str, found: list[str]) -> None:
    assert sorted(ids(placed.find(Question(begins=begins, ends=ends)))) == found


@pytest.mark.parametrize(
    ("today", "levels"),
    [
        ("2026-11-20", {"in-time": 5, "closed": 1}),
        ("2027-11-05", {"in-time": 2, "late": 3, "closed": 1}),  # the reservoirs are due today
        ("2027-11-06", {"in-time": 1, "late": 4, "closed": 1}),
        ("2040-01-01", {"late": 5, "closed": 1}),
    ],
)
def test_freshness_is_reckoned_on_the_day_of_asking(search: Search, today: str, levels: dict[str, int]) -> None:
    question = Question("", today=today)
    assert {one.code: one.count for one in search.find(question).facets["freshness"]} == levels
    for level, count in levels.items():
        results = search.find(Question("", {"freshness": level}, today=today))
        assert results.total == count
        assert {
            freshness(one.card.frequency, one.card.due, date.fromisoformat(today)).level for one in results.hits
        } == {level}


def test_every_facet_is_there_with_labels_in_both_languages(search: Search) -> None:
    facets = search.find(Question("", today=TODAY)).facets
    assert tuple(facets) == FACETS
    labels = {one.code: one.label for buckets in facets.values() for one in buckets}
    assert labels["open"] == Text("无条件开放", "Open to all")
    assert labels["in-time"] == Text("按时", "In time")
    assert labels["xlsx"] == Text("Excel 工作簿", "Excel workbook")
    assert all(one.label.zh and one.label.en for name in FACETS if name != "licence" for one in facets[name])


@pytest.mark.parametrize("facet", FACETS)
def test_a_value_that_nobody_can_have_finds_nothing(search: Search, facet: str) -> None:
    results = search.find(Question("school", {facet: "no such\0value"}))
    assert (results.total, results.hits) == (0, ())
    assert [(one.code, one.count) for one in results.facets[facet] if one.chosen] == [("no such\0value", 0)]


@pytest.mark.parametrize("facet", FACETS)
def test_each_value_of_a_facet_finds_as_many_as_it_counts(search: Search, facet: str) -> None:
    for one in search.find(Question("", today=TODAY)).facets[facet]:
        assert search.find(Question("", {facet: one.code}, today=TODAY)).total == one.count


def test_rows_and_quality_sort_from_the_most(layout: Layout, make_release: MakeRelease) -> None:
    for name, rows in (("few", 2), ("most", 90), ("some", 30)):
        make_release(f"demo/{name}", tables={name: pa.table({"code": list(range(rows))})})
    make_release(
        "demo/whole", tables={"whole": pa.table({"code": [1]})}, civicat={"uses": [{"zh": "研究", "en": "Research"}]}
    )
    search = Search(build_index(layout))
    assert ids(search.find(Question(sort="rows"))) == ["most", "some", "few", "whole"]
    held = [hit.card.held for hit in search.find(Question(sort="quality")).hits]
    assert held == sorted(held, reverse=True)


def test_what_is_typed_whole_comes_first(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/alpha", package={"title": "Rain rain rain: the days of rain in the rainy city"})
    make_release(
        "demo/omega", package={"title": "Days of rain", "description": "Something else, told at length. " * 40}
    )
    make_release("demo/rain", package={"title": "Weather of the days in town", "description": "It rains on some days."})
    search = Search(build_index(layout))
    assert ids(search.find(Question("Days of Rain")))[0] == "omega"
    assert ids(search.find(Question("rain")))[0] == "rain"  # the name of a dataset


def test_of_two_alike_the_newer_comes_first(layout: Layout, make_release: MakeRelease) -> None:
    for name, released in (("alpha", "2016"), ("omega", "2026"), ("middle", "2020")):
        make_release(
            f"demo/{name}",
            package={"title": "Rain"},
            civicat={"zh": {"title": "雨"}},
            released=f"{released}-05-01T00:00:00Z",
        )
    assert ids(Search(build_index(layout)).find(Question("rain"))) == ["omega", "middle", "alpha"]


def test_what_is_similar_shares_rare_words(layout: Layout, make_release: MakeRelease) -> None:
    for name, title, keywords in (
        ("rivers", "Levels of the rivers", ["flood", "gauge"]),
        ("floods", "Floods of the rivers", ["flood", "gauge"]),
        ("budget", "Spending of the city", ["money", "tax"]),
    ):
        zh = {"title": f"{name} 甲", "description": ""}
        tables = {name: pa.table({f"{name}_code": ["a"]})}
        make_release(f"demo/{name}", tables=tables, package={"title": title, "keywords": keywords}, civicat={"zh": zh})
    search = Search(build_index(layout))
    assert [card.name for card in search.similar("demo/rivers")] == ["floods"]
    assert search.similar("demo/budget") == ()
    assert search.similar("demo/nobody") == search.similar("") == search.similar("\ud800") == ()


@pytest.mark.parametrize(
    ("prefix", "kind", "words"),
    [
        ("earthq", "title", "Earthquakes of one week"),
        ("EARTHQ", "title", "Earthquakes of one week"),
        ("flights out o", "title", "Flights out of New York"),
        ("人口普", "title", "Population census"),
        ("普查", "title", "Population census"),
        ("臺北", "title", "Air quality"),
        ("renk", "title", "Population census"),
        ("renkoupu", "title", "Population census"),
        ("rkp", "title", "Population census"),
        ("bureau", "department", "Bureau of Transportation Statistics"),
        ("运输", "department", "Bureau of Transportation Statistics"),
        ("traf", "theme", "Traffic"),
        ("交通", "theme", "Traffic"),
        ("dep_d", "column", "Late departure"),
        ("出发延", "column", "Late departure"),
        ("earthq", "word", "earthquake"),
        ("renk", "word", "人口"),
        ("new yo", "word", "new york"),
    ],
)
def test_suggestions_while_typing(search: Search, prefix: str, kind: str, words: str) -> None:
    assert words in [one.words.en for one in search.suggestions(prefix, "en") if one.kind == kind]


def test_suggestions_lead_somewhere(search: Search) -> None:
    addresses = {
        one.kind: one.address for text in ("flights", "运输", "交通", "dep_d") for one in search.suggestions(text)
    }
    assert addresses == {
        "title": "/d/transport/flights",
        "department": "/d/transport",
        "theme": "/search?theme=traffic",
        "column": "/search?q=column%3Adep_delay",
    }
    assert search.find(Question("column:dep_delay")).total == 1


def test_whoever_reads_chinese_is_offered_chinese_for_whole_syllables(
    layout: Layout, make_release: MakeRelease
) -> None:
    make_release("demo/people", package={"title": "Renamed"}, civicat={"zh": {"title": "全国人口"}})
    search = Search(build_index(layout))
    words = {
        one: [found.words.en for found in search.suggestions("ren", one) if found.kind == "word"]
        for one in ("zh", "en")
    }
    assert words == {"zh": ["人口"], "en": ["人口", "renamed"]}


def test_a_short_word_is_never_mended(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/bts", package={"title": "bts bias"})
    search = Search(build_index(layout))
    assert [search.find(Question(one)).total for one in ("bus", "lias", "bis", "biass")] == [0, 0, 0, 1]


def test_codes_of_two_signs_are_searched_and_labels_come_first(layout: Layout, make_release: MakeRelease) -> None:
    codes = {"code": {"constraints": {"enum": ["JFK", "K", "36", "036"]}}}
    make_release("demo/codes", fields=codes, package={"title": "One"})
    make_release("demo/named", fields={"code": {"title": "JFK"}}, package={"title": "Two"})
    search = Search(build_index(layout))
    assert ids(search.find(Question("jfk"))) == ["named", "codes"]
    assert [search.find(Question(one)).total for one in ("K", "36", "036")] == [0, 0, 1]


def test_a_count_is_what_the_search_finds_without_mending(search: Search) -> None:
    for text in ("航班", "erthquake", "*", "", "school", "klingon flights"):
        found = search.find(Question(text))
        assert search.count(Question(text)) == (0 if found.relaxed else found.total)
    assert search.count(Question("", {"theme": "environment"})) == 2


def test_a_word_of_a_dataset_that_is_gone_is_unknown_at_once(layout: Layout, make_release: MakeRelease) -> None:
    for number in range(11):
        make_release(f"demo/filler-{number}", package={"title": "Filler"})
    make_release("demo/people", package={"title": "People"}, civicat={"zh": {"title": "全国人口"}})
    make_release("demo/gone", package={"title": "rk"})
    assert ids(Search(build_index(layout)).find(Question("rk"))) == ["gone"]
    shutil.rmtree(layout.dataset("demo/gone"))
    assert ids(Search(build_index(layout)).find(Question("rk")))[:1] == ["people"]  # read as initials again


def test_other_words_are_one_list_of_ours() -> None:
    words = [word for group in groups() for word in group]
    assert len(groups()) <= 60
    assert len(words) == len(set(words))
    assert all(len(group) > 1 and word == word.lower() for group in groups() for word in group)


@pytest.mark.parametrize("prefix", ["", " ", "😀", "klingon", "\ud800", "*", '"'])
def test_nothing_is_suggested_for_what_nothing_goes_on_from(search: Search, prefix: str) -> None:
    assert search.suggestions(prefix) == ()
