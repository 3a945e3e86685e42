"""docs/findings.md: made from the catalogues, with a real example for each finding that a file can raise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from civicat.finding import Finding, Place, Severity
from civicat.text import Text
from civicat.validators.examples import examples
from civicat.validators.findings_page import PAGE, anchor, findings_page
from civicat.validators.messages import CAUSES, FINDINGS, catalogue, written

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def page() -> str:
    return findings_page()


def test_the_page_is_not_stale(page: str) -> None:
    assert (ROOT / PAGE).read_text("utf-8") == page, "make it anew: python -m civicat.validators.findings_page"


@pytest.mark.parametrize("key", sorted({*catalogue(), *catalogue(CAUSES)}))
def test_each_entry_has_one_anchor(key: str, page: str) -> None:
    assert page.count(f'<a id="{key}"></a>') == 1


def test_each_link_leads_to_an_anchor(page: str) -> None:
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= set(re.findall(r'<a id="([^"]+)"></a>', page))


def test_headings_and_order_are_those_of_the_catalogues(page: str) -> None:
    for name in (FINDINGS, CAUSES):
        keys = re.findall(r"^\[(.+)\]$", written(name), re.MULTILINE)
        places = [page.index(f'<a id="{key.replace(chr(34), "")}"></a>') for key in keys]
        assert places == sorted(places)
    assert "## The header · 表头" in page


def test_what_an_example_raises_stands_beside_it(page: str) -> None:
    section = page.split('<a id="constraint-error.minimum"></a>')[1].split("<a id=", maxsplit=1)[0]
    assert "“-4”小于 0，即 datapackage.yaml 规定的最小值。" in section
    assert "“-4” is less than 0, the minimum that datapackage.yaml sets." in section
    assert "`cycles` integer `minimum: 0`" in section
    assert "cycles\n12\n-4\n```" in section


def test_no_template_is_left_open(page: str) -> None:
    assert not re.search(r"\{(cell|field|limit|note|rules|number|label|other)\}", page)


@pytest.mark.parametrize(
    ("code", "rule", "there"),
    [
        ("type-error", "integer", "type-error.integer"),
        ("type-error", "any", "type-error"),
        ("blank-row", "", "blank-row"),
        ("rule-broken", "pattern", "rule-broken.constraint"),
        ("rule-broken", "", "rule-broken"),
    ],
)
def test_a_finding_links_to_the_entry_that_it_speaks_from(code: str, rule: str, there: str) -> None:
    assert anchor(Finding(code, Severity.ERROR, Place("f"), Text(), Text(), rule=rule)) == there


def test_examples_are_of_entries_that_there_are() -> None:
    assert set(examples()) <= set(catalogue())
