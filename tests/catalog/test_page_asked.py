from urllib.parse import parse_qs, parse_qsl

import pytest
from datasette.utils import MultiParams
from hypothesis import given
from hypothesis import strategies as st

from civicat.catalog.i18n import Words
from civicat.catalog.model import Bucket, Results
from civicat.catalog.pages.asked import FACETS, Asked, is_canonical, read_asked
from civicat.catalog.pages.asked_place import WORLD, Rectangle, rectangles
from civicat.catalog.pages.asked_time import read_day
from civicat.catalog.pages.narrowing import MOST, chips, facets, sort_in_force, sorts, told
from civicat.text import Text

WRITTEN = ("q", *FACETS, "box", "west", "south", "east", "north", "at.x", "at.y", "since", "until", "sort", "page")


def asked(query: str) -> Asked:
    return read_asked(MultiParams(parse_qs(query, keep_blank_values=True)))


def results(**facets: tuple[Bucket, ...]) -> Results:
    return Results(total=1, hits=(), facets=facets, suggestion=None, page=1, pages=1, searchable=True)


def test_a_query_string_is_read_and_written_back() -> None:
    filters = "theme=population&licence=CC0-1.0&box=-74,40.5,-73,41&since=2019&until=2020-05"
    address = f"/search?q=%E4%BA%BA%E5%8F%A3&{filters}&sort=title&page=3"
    assert asked(address.partition("?")[2]).address() == address


@pytest.mark.parametrize("page", ["0", "-1", "two", "", "99999999"])
def test_a_page_that_is_none_is_the_first(page: str) -> None:
    assert asked(f"q=x&page={page}").page == 1


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("sort=colour", "/search"),
        ("sort=released", "/search"),
        ("q=x&sort=relevance", "/search?q=x"),
        ("q=x&sort=released", "/search?q=x&sort=released"),
        ("sort=relevance", "/search"),
        ("page=1&utm_source=mail&q=x", "/search?q=x"),
        ("q=x&from=timeline&isappinstalled=0", "/search?q=x"),  # what WeChat appends to a shared link
        ("theme=health&q=x&q=y", "/search?q=x&theme=health"),
        ("q=&theme=&west=&since=", "/search"),
        ("west=-74.0&south=40.50000&east=-73&north=41", "/search?box=-74,40.5,-73,41"),
        ("since=2019%E5%B9%B45%E6%9C%88", "/search?since=2019-05"),
    ],
)
def test_an_address_has_nothing_in_it_that_goes_without_saying(written: str, address: str) -> None:
    assert asked(written).address() == address


@given(st.lists(st.tuples(st.sampled_from(WRITTEN), st.text(max_size=20) | st.floats().map(str)), max_size=8))
def test_an_address_of_ours_is_read_as_the_same_question_and_is_its_only_address(pairs: list[tuple[str, str]]) -> None:
    first = read_asked(MultiParams({name: [value] for name, value in pairs}))
    written = parse_qsl(first.address().partition("?")[2], keep_blank_values=True)
    again = read_asked(MultiParams({name: [value] for name, value in written}))
    assert again.address() == first.address()
    assert is_canonical(again, written)
    assert not again.problems


def test_a_facet_is_chosen_and_let_go_and_both_go_back_to_the_first_page() -> None:
    first = asked("q=x&page=2")
    assert first.toggle("theme", "health") == "/search?q=x&theme=health"
    assert asked("q=x&theme=health&page=2").toggle("theme", "health") == "/search?q=x"
    assert asked("q=x&theme=health").toggle("theme", "traffic") == "/search?q=x&theme=traffic"


def test_a_suggestion_keeps_the_filters_under_which_it_was_counted() -> None:
    assert asked("q=erthquake&theme=hazards").saying("earthquake").address() == "/search?q=earthquake&theme=hazards"


def test_a_form_carries_along_what_it_does_not_set_itself() -> None:
    pairs = (("q", "x"), ("theme", "health"), ("box", "1,2,3,4"))
    assert asked("q=x&theme=health&box=1,2,3,4&sort=title&page=2").carried("sort") == pairs
    assert asked("q=x&box=1,2,3,4&since=2019&page=2").carried("box") == (("q", "x"), ("since", "2019"))


@pytest.mark.parametrize(
    ("written", "box"),
    [
        ("box=170,-50,-170,-30", (170.0, -50.0, -170.0, -30.0)),  # over 180°
        ("west=74W&east=73%C2%B0W&south=40N&north=41N", (-74.0, 40.0, -73.0, 41.0)),
        ("west=%E2%88%9274&east=0&south=0&north=1,5", (-74.0, 0.0, 0.0, 1.5)),
        ("north=10", (-180.0, -90.0, 180.0, 10.0)),  # a blank side is the world's edge
        ("at.x=120&at.y=60", (-15.0, -10.0, 15.0, 10.0)),
        ("at.x=0&at.y=0", (165.0, 70.0, -165.0, 90.0)),
        ("at.x=240&at.y=120", (165.0, -90.0, -165.0, -70.0)),
        ("box=-180,-90,180,90", WORLD),
    ],
)
def test_a_place_is_read_as_people_write_it(written: str, box: tuple[float, ...]) -> None:
    assert asked(written).box == box
    assert not asked(written).problems


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        ("west=1&south=999&east=2&north=3", ["south"]),
        ("west=nan&south=1e999&east=&north=inf", ["west", "south", "north"]),
        ("west=181&east=-180.5", ["west", "east"]),
        ("south=90.0001&north=10E", ["south", "north"]),
        ("west=--5", ["west"]),
        ("west=-5W", ["west"]),
        ("south=50&north=20", ["south>north"]),
        ("box=1,2,3", ["box"]),
        ("box=1,2,,4", ["box"]),
        ("box=a,b,c,d", ["west", "south", "east", "north"]),
        ("since=soon", ["since"]),
        ("since=2019-13&until=2019-02-30", ["since", "until"]),
        ("since=0000", ["since"]),
        ("since=2020&until=2019", ["since>until"]),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_narrowed_down_by_it(written: str, fields: list[str]) -> None:
    found = asked(f"q=x&theme=health&{written}")
    assert [problem.field for problem in found.problems] == fields
    assert found.address() == "/search?q=x&theme=health"
    for language in ("zh", "en"):
        assert all(told(problem, Words("en" if language == "en" else "zh")) for problem in found.problems)


def test_one_end_of_the_time_is_kept_where_the_other_cannot_be_read() -> None:
    found = asked("since=2019&until=never")
    assert (found.begins, found.ends, found.written["until"]) == ("2019", "", "never")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2019", "2019"),
        ("2019-5", "2019-05"),
        ("2019/05/31", "2019-05-31"),
        ("2019年5月31日", "2019-05-31"),
        ("2019年", "2019"),
        ("２０１９", "2019"),
        ("19", None),
        ("2019-00", None),
        ("2019-02-29", None),
        ("2020-02-29", "2020-02-29"),
    ],
)
def test_a_year_a_month_and_a_day_are_read(written: str, day: str | None) -> None:
    assert read_day(written) == day


def test_a_time_goes_to_the_engine_from_the_first_day_to_the_last() -> None:
    question = asked("q=x&since=2019&until=2020-02&box=1,2,3,4&sort=rows&page=2").question("en")
    assert (question.begins, question.ends) == ("2019-01-01", "2020-02-29")
    assert (question.box, question.sort, question.page) == ((1.0, 2.0, 3.0, 4.0), "rows", 2)


def test_a_box_over_180_degrees_is_drawn_in_two_and_a_point_still_shows() -> None:
    assert list(rectangles((170.0, -10.0, -170.0, 10.0))) == [
        Rectangle(233.3, 53.3, 6.7, 13.3),
        Rectangle(0.0, 53.3, 6.7, 13.3),
    ]
    assert list(rectangles((0.0, 0.0, 0.0, 0.0))) == [Rectangle(120.0, 60.0, 1.0, 1.0)]


def test_a_chip_says_the_label_and_takes_its_filter_away() -> None:
    health = Bucket("health", Text("疫情防控与健康", "Health"), 0, chosen=True)
    (chip,) = chips(asked("q=x&theme=health"), results(theme=(health,)))
    assert (chip.label.en, chip.address) == ("Health", "/search?q=x")


def test_a_filter_that_no_dataset_knows_still_has_a_chip() -> None:
    (chip,) = chips(asked("theme=nowhere"), results(theme=()))
    assert (chip.label.en, chip.address) == ("nowhere", "/search")


def test_place_and_time_have_chips_too() -> None:
    place, time = chips(asked("box=-74,40.5,0,41&since=2019&until=2020"), results())
    assert place.label == Text("西经74°至0°，北纬40.5°至北纬41°", "74°W–0°, 40.5°N–41°N")
    assert (time.label, time.address) == (Text("2019 至 2020", "2019 to 2020"), "/search?box=-74,40.5,0,41")
    (china,) = chips(asked("box=73,3,136,54"), results())
    assert china.label == Text("中国", "China")


def test_facets_stand_in_their_order_and_empty_ones_are_left_out() -> None:
    one = Bucket("x", Text("甲", "X"), 2, chosen=False)
    found = facets(asked("q=a"), results(licence=(one,), theme=(one,), frequency=()), Words("en"))
    assert [(facet.name, facet.open) for facet in found] == [("theme", True), ("licence", False)]
    assert found[1].choices[0].address == "/search?q=a&licence=x"


def test_a_facet_that_is_filtered_by_is_open() -> None:
    one = Bucket("x", Text("甲", "X"), 2, chosen=True)
    assert facets(asked("licence=x"), results(licence=(one,)), Words("en"))[0].open


@pytest.mark.parametrize("many", [MOST, MOST + 3, MOST + 4])
def test_of_a_long_list_the_most_frequent_are_shown_and_the_chosen_one(many: int) -> None:
    buckets = tuple(Bucket(f"v{at:02}", Text("甲", "X"), at, chosen=at == 1) for at in range(many))
    (facet,) = facets(asked("licence=v01"), results(licence=buckets), Words("en"))
    shown = [choice.bucket.code for choice in facet.choices]
    assert len(shown) == (many if many <= MOST + 3 else MOST + 1)
    assert "v01" in shown
    assert len(shown) + len(facet.rest) == many


def test_there_is_no_best_match_where_nothing_was_typed() -> None:
    assert [code for code, _ in sorts(asked(""), Words("en"))] == ["released", "title", "quality", "rows"]
    assert next(code for code, _ in sorts(asked("q=x"), Words("en"))) == "relevance"
    assert (sort_in_force(asked("")), sort_in_force(asked("q=x"))) == ("released", "relevance")
