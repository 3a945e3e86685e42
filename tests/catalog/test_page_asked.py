from urllib.parse import parse_qs

import pytest
from datasette.utils import MultiParams

from civicat.catalog.i18n import Words
from civicat.catalog.model import Bucket, Results
from civicat.catalog.pages.asked import Asked, chips, facets, read_asked, sorts
from civicat.text import Text


def asked(query: str) -> Asked:
    return read_asked(MultiParams(parse_qs(query)))


def results(**facets: tuple[Bucket, ...]) -> Results:
    return Results(total=1, hits=(), facets=facets, suggestion=None, page=1, pages=1, searchable=True)


def test_a_query_string_is_read_and_written_back() -> None:
    address = "/search?q=%E4%BA%BA%E5%8F%A3&theme=population&licence=CC0-1.0&sort=title&page=3"
    assert asked(address.partition("?")[2]).address() == address


@pytest.mark.parametrize("page", ["0", "-1", "two", "", "99999999"])
def test_a_page_that_is_none_is_the_first(page: str) -> None:
    assert asked(f"q=x&page={page}").page == 1


def test_an_unknown_order_is_left_out() -> None:
    assert asked("sort=colour").address() == "/search"


def test_a_facet_is_chosen_and_let_go_and_both_go_back_to_the_first_page() -> None:
    first = asked("q=x&page=2")
    assert first.toggle("theme", "health") == "/search?q=x&theme=health"
    assert asked("q=x&theme=health&page=2").toggle("theme", "health") == "/search?q=x"
    assert asked("q=x&theme=health").toggle("theme", "traffic") == "/search?q=x&theme=traffic"


def test_a_suggestion_keeps_the_filters_under_which_it_was_counted() -> None:
    assert asked("q=erthquake&theme=hazards").suggest("earthquake") == "/search?q=earthquake&theme=hazards"


def test_a_form_that_sorts_carries_words_and_filters_along() -> None:
    assert asked("q=x&theme=health&sort=title&page=2").without_sort() == (("q", "x"), ("theme", "health"))


def test_a_chip_says_the_label_and_takes_its_filter_away() -> None:
    health = Bucket("health", Text("疫情防控与健康", "Health"), 0, chosen=True)
    (chip,) = chips(asked("q=x&theme=health"), results(theme=(health,)))
    assert (chip.label.en, chip.address) == ("Health", "/search?q=x")


def test_a_filter_that_no_dataset_knows_still_has_a_chip() -> None:
    (chip,) = chips(asked("theme=nowhere"), results(theme=()))
    assert (chip.label.en, chip.address) == ("nowhere", "/search")


def test_facets_stand_in_their_order_and_empty_ones_are_left_out() -> None:
    one = Bucket("x", Text("甲", "X"), 2, chosen=False)
    found = facets(asked("q=a"), results(licence=(one,), theme=(one,), frequency=()), Words("en"))
    assert [(facet.name, facet.open) for facet in found] == [("theme", True), ("licence", False)]
    assert found[1].choices[0].address == "/search?q=a&licence=x"


def test_a_facet_that_is_filtered_by_is_open() -> None:
    one = Bucket("x", Text("甲", "X"), 2, chosen=True)
    assert facets(asked("licence=x"), results(licence=(one,)), Words("en"))[0].open


def test_there_is_no_best_match_where_nothing_was_typed() -> None:
    assert [code for code, _ in sorts(asked(""), Words("en"))] == ["released", "title"]
    assert [code for code, _ in sorts(asked("q=x"), Words("en"))] == ["relevance", "released", "title"]
