"""The search page and its suggestions, asked in process: what it shows, and whatever is in the address."""

import json
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import fromstring

import httpx
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicat.catalog.i18n import Words
from civicat.catalog.pages.asked import FACETS
from civicat.catalog.pages.narrowing import labels
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]
PARAMETERS = (
    "q",
    *FACETS,
    "box",
    "west",
    "south",
    "east",
    "north",
    "at.x",
    "at.y",
    "since",
    "until",
    "from",
    "sort",
    "page",
    "new",
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; drop table datasets; --",
    "\0",
    "\u202e\u2067right to left",
    "😀",
    '(((*:)) AND NOT -" title:',
    "nan",
    "1e999",
    "-0",
    "999",
    "人" * 300,
    "{{ 7 * 7 }}",
    "%0d%0aset-cookie: a=b",
    "\ud800",
)


@pytest.fixture
def asked(get: Get, make_release: MakeRelease) -> Get:
    """A site with two datasets: towns of one place and time, and roads of nowhere; follows a redirect."""
    make_release(
        "demo/towns",
        civicat={
            "place": {"title": {"zh": "意大利", "en": "Italy"}, "box": [6.5, 36.5, 18.5, 47.1]},
            "period": {"begins": "2019-01-01", "ends": "2019-12-31"},
        },
    )
    make_release(
        "works/roads",
        tables={"roads": pa.table({"road_name": ["a"], "length": [1]})},
        civicat={"themes": ["traffic"]},
        fields={"length": {"description": "Surface of asphalt counts twice."}},
        department={"gaps": [{"zh": "桥梁清单", "en": "A list of bridges"}]},
    )

    def ask(path: str, **headers: str) -> httpx.Response:
        answer = get(path, **headers)
        return get(answer.headers["location"], **headers) if answer.status_code == httpx.codes.FOUND else answer

    return ask


def found(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/d/([a-z/]+)">', page.partition('<ol class="rows results"')[2])


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page.partition("<main")[2].partition("</main>")[0])).split())


def test_a_form_with_blank_fields_leads_to_the_one_short_address(get: Get, make_release: MakeRelease) -> None:
    make_release()
    answer = get("/search?sort=relevance&q=towns&west=6&south=36&east=19&north=48&since=&page=1")
    assert (answer.status_code, answer.headers["location"]) == (302, "/search?q=towns&box=6,36,19,48")
    assert get("/search?q=towns&box=6,36,19,48").status_code == 200
    assert get("/search?at.x=120&at.y=30").headers["location"] == "/search?box=-15,35,15,55"


@pytest.mark.parametrize(
    ("question", "datasets"),
    [
        ("", {"demo/towns", "works/roads"}),
        ("?theme=traffic", {"works/roads"}),
        ("?box=10,40,11,41", {"demo/towns"}),
        ("?box=100,40,101,41", set()),
        ("?since=2019-06&until=2019-06", {"demo/towns"}),
        ("?since=2020", set()),
        ("?format=csv", {"demo/towns", "works/roads"}),
        ("?quality=nosuch", set()),
    ],
)
def test_each_way_to_narrow_down_finds_what_it_should(asked: Get, question: str, datasets: set[str]) -> None:
    assert set(found(asked(f"/search{question}").text)) == datasets


def test_every_facet_of_the_engine_has_a_name() -> None:
    assert set(FACETS) <= set(labels(Words("en")))


def test_only_the_whole_list_is_for_search_engines(asked: Get) -> None:
    assert 'name="robots"' not in asked("/search").text
    assert '<meta name="robots" content="noindex, follow">' in asked("/search?theme=traffic").text
    assert '<link rel="canonical" href="http://data.example.org/search?q=a%26b">' in asked("/search?q=a%26b").text


def test_pages_know_the_next_and_the_one_before(get: Get, make_release: MakeRelease) -> None:
    for number in range(21):
        make_release(f"demo/towns-{number}")
    first, second, beyond = (get(f"/search{query}").text for query in ("", "?page=2", "?page=99"))
    assert '<link rel="next" href="/search?page=2">' in first
    assert 'rel="prev"' not in first
    assert '<link rel="prev" href="/search">' in second
    assert "Page 2 of 2" in beyond
    assert '<link rel="canonical" href="http://data.example.org/search?page=2">' in beyond


def test_a_result_says_why_it_matched_how_fresh_and_how_good_it_is(asked: Get) -> None:
    page = asked("/search?q=road").text
    assert "<code><mark>road</mark>_name</code>" in page
    assert re.search(r"quality \d+ of \d+", page)
    assert "Open to all" in page
    assert "Parquet" not in text_of(page).partition("Format")[0]  # which formats: only where one is asked for
    assert "CSV, " in text_of(asked("/search?q=road&format=csv").text)
    inside = text_of(asked("/search?q=asphalt").text)
    assert "Column length: Length (in its description or its codes)" in inside
    assert "（见于其说明或代码）" in asked("/search?q=asphalt", accept_language="zh").text


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("2 values could not be read", "South: “999” is not between", "Since: “soon” is no year")),
        ("zh", ("有 2 处无法识别", "南：“999”不是", "起：“soon”不是年、月或日")),
    ],
)
def test_what_cannot_be_read_is_said_and_the_rest_is_answered(asked: Get, language: str, told: tuple[str, ...]) -> None:
    answer = asked("/search?q=towns&west=6&south=999&east=19&north=48&since=soon", accept_language=language)
    assert answer.status_code == 200
    assert found(answer.text) == ["demo/towns"]
    assert all(one in text_of(answer.text) for one in told)
    assert re.search(r'name="south" value="999"[^>]*aria-invalid="true"', answer.text)
    assert re.search(r'name="west" value="6"', answer.text)


def test_the_map_shows_the_box_asked_for_and_those_found(asked: Get) -> None:
    page = asked("/search?box=170,-80,-170,80").text
    assert page.count('class="asked"') == 2  # over 180°
    page = asked("/search").text
    assert page.count('class="found"') == 1
    assert "Outlined: the places of 1 of the 2 datasets on this page." in page
    assert "方框：本页 2 个数据集中，1 个的地点已知。" in asked("/search", accept_language="zh").text


def test_nothing_found_says_which_word_finds_nothing_and_offers_to_ask(asked: Get) -> None:
    page = asked("/search?q=towns+xylophones+-data").text
    assert "<h1>No dataset matches “towns xylophones -data”</h1>" in page
    assert "“xylophones” alone finds nothing" in text_of(page)
    assert '<a href="/search?q=towns">towns</a> finds 1 dataset' in page
    assert f'href="/ask?q={quote("towns xylophones -data").replace("%20", "+")}"' in page
    assert "单搜“xylophones”，没有结果" in text_of(asked("/search?q=towns+xylophones+-data", accept_language="zh").text)


def test_nothing_found_says_which_filter_leaves_nothing(asked: Get) -> None:
    page = text_of(asked("/search?q=towns&theme=traffic&since=2019").text)
    assert "It finds 1 dataset: the filters leave nothing of them." in page
    assert "Without Traffic: 1 dataset" in page
    assert "Without from 2019: still nothing" in page
    page = text_of(asked("/search?q=xylophone&theme=traffic").text)
    assert "The filters are not the reason" in page


@pytest.mark.parametrize(
    ("q", "language", "told"),
    [
        ("italy", "en", "Place: <mark>Italy</mark>"),
        ("意大利", "zh", "地点：<mark>意大利</mark>"),
        ("traffic", "en", "Theme: <mark>Traffic</mark>"),
        ("ydl", "zh", "地点：<mark>意大利</mark>"),  # initials
    ],
)
def test_a_result_shows_the_place_that_has_the_words(asked: Get, q: str, language: str, told: str) -> None:
    assert told in asked(f"/search?q={quote(q)}", accept_language=language).text


@pytest.mark.parametrize(
    ("q", "language", "told"),
    [
        ("xylophone", "en", "No dataset mentions “xylophone”."),
        ("xylophone", "zh", "各数据集的介绍中都没有“xylophone”。"),
        ("title:towns title:roads", "en", "Every one of these words is found, but no dataset has all of them."),
        ("title:towns title:roads", "zh", "每个词都能搜到，但没有数据集同时含有所有的词。"),
        ("towns&theme=traffic", "en", "The filters leave out everything that has these words: 1 dataset."),
        ("towns&theme=traffic", "zh", "含有这些词的 1 个数据集都被筛选条件排除了。"),
        ("xylophone", "en", "The search reads what is said about the data, not the rows of the tables."),
        ("xylophone", "zh", "搜索只查找数据的介绍，不查找表格各行的内容。"),
    ],
)
def test_nothing_found_has_a_cause_in_words(asked: Get, q: str, language: str, told: str) -> None:
    assert told in text_of(asked(f"/search?q={q}", accept_language=language).text)


def test_what_stands_in_rows_alone_is_led_to(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/places", tables={"places": pa.table({"name": ["北京市", "Springfield"], "size": [1, 2]})})
    address = "/demo/places?name__contains=" + quote("北京市")
    page = get("/search?q=" + quote("北京市")).text
    assert f'“北京市” stands in rows of <a href="{address}">' in re.sub(r"</?(span|bdi)[^>]*>", "", page)
    assert "的行中有“北京市”" in text_of(get("/search?q=" + quote("北京市"), accept_language="zh").text)
    assert "北京市" in get(address).text
    assert 'name__contains=springfield"' in get("/search?q=springfield").text.lower()
    assert "stands in rows" not in text_of(get("/search?q=shelbyville").text)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "what matches road name, the same with blanks between the words."),
        ("zh", "与road name匹配的数据集：同样的词，中间加了空格。"),
    ],
)
def test_words_typed_together_are_set_apart_and_that_is_said(asked: Get, language: str, told: str) -> None:
    page = asked("/search?q=roadname", accept_language=language).text
    assert told in text_of(page)
    assert found(page) == ["works/roads"]


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "what matches unemployment, another word for the same."), ("zh", "意思相同的另一种说法")],
)
def test_another_word_for_the_same_is_said(get: Get, make_release: MakeRelease, language: str, told: str) -> None:
    make_release("demo/work", package={"title": "Unemployment"})
    page = get("/search?q=jobless", accept_language=language).text
    assert told in text_of(page)
    assert found(page) == ["demo/work"]


def test_a_column_is_suggested_with_its_code(asked: Get) -> None:
    _, words, kinds, _ = asked("/search/suggestions?q=road_n").json()
    assert "column road_name" in kinds
    assert len(words) == len(kinds)
    assert "字段 road_name" in asked("/search/suggestions?q=road_n", accept_language="zh").json()[2]


def test_a_near_word_is_said_and_its_results_are_shown(asked: Get) -> None:
    page = asked("/search?q=asphlat").text
    assert "<h1>No dataset matches “asphlat”</h1>" in page
    assert 'what matches <a href="/search?q=asphalt">asphalt</a>' in page
    assert found(page) == ["works/roads"]


def test_suggestions_are_as_browsers_want_them(asked: Get) -> None:
    answer = asked("/search/suggestions?q=roa")
    assert answer.headers["content-type"].startswith("application/x-suggestions+json")
    assert "Accept-Language" in answer.headers["vary"]
    q, words, kinds, addresses = answer.json()
    assert q == "roa"
    assert len(words) == len(kinds) == len(addresses) > 0
    assert ("The roads data", "dataset", "http://data.example.org/d/works/roads") in zip(
        words, kinds, addresses, strict=True
    )
    assert asked("/search/suggestions?q=roa", accept_language="zh").json()[2][words.index("The roads data")] == "数据集"
    assert asked("/search/suggestions").json() == ["", [], [], []]


def test_every_suggestion_leads_somewhere(asked: Get) -> None:
    for address in asked("/search/suggestions?q=t").json()[3]:
        assert asked(address.removeprefix("http://data.example.org")).status_code == 200


def test_browsers_learn_of_the_search(asked: Get, get: Get) -> None:
    assert 'href="/opensearch.xml"' in asked("/search").text
    answer = asked("/opensearch.xml")
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    root = fromstring(answer.text)  # noqa: S314 (our own)
    spaces = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    templates = [one.get("template") for one in root.findall("o:Url", spaces)]
    assert templates == [
        "http://data.example.org/search?q={searchTerms}",
        "http://data.example.org/search/suggestions?q={searchTerms}",
    ]
    assert "搜索" in str(root.findtext("o:Description", namespaces=spaces))
    assert get("/opensearch.xml", host="<script>").status_code == 404


def test_whatever_is_asked_is_answered_and_never_written_back_as_markup(asked: Get) -> None:
    questions = [("/search", name, value) for name in PARAMETERS for value in HOSTILE]
    questions += [(path, "q", value) for path in ("/search/suggestions", "/ask") for value in HOSTILE]
    for path, name, value in questions:
        answer = asked(f"{path}?{urlencode({name: value.encode('utf-8', 'surrogatepass')})}")
        assert answer.status_code == 200, (name, value)
        _check(answer)


def test_a_parameter_a_thousand_times_is_one(asked: Get) -> None:
    for pair in ("q=1", "theme=1", "box=1,2,3,4", "page=1", "west=1"):
        answer = asked("/search?" + "&".join([pair] * 1000))
        assert answer.status_code == 200
        assert len(answer.url.query) < 200


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(PARAMETERS), st.text(max_size=40) | st.sampled_from(HOSTILE) | st.floats().map(str)),
        max_size=6,
    ),
    path=st.sampled_from(["/search", "/search/suggestions", "/ask"]),
)
def test_no_question_breaks_the_search(asked: Get, pairs: list[tuple[str, str]], path: str) -> None:
    query = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs])
    answer = asked(f"{path}?{query}")
    assert answer.status_code == 200
    _check(answer)


def _check(answer: httpx.Response) -> None:
    """Nothing that was typed is markup: the only scripts are files of ours."""
    if answer.headers["content-type"].startswith("text/html"):
        assert all('src="/static/' in one for one in re.findall(r"<script[^>]*>", answer.text))
        assert "<img" not in answer.text
        assert "\0" not in answer.text
    else:
        assert len(json.loads(answer.text)) == 4
