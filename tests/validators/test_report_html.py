"""The report as one HTML page: what it says, in both languages, and what it never lets through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from handing_in import field, package, resource

from civicat.layout import Layout
from civicat.report import Report
from civicat.text import Language, Text
from civicat.validators import check, read_submission, validate
from civicat.validators.reports.page import MOST_KINDS, render_page

CheckCsv = Callable[..., Report]
BLOCKS = frozenset(("article", "br", "dd", "dt", "h1", "h2", "h3", "h4", "li", "p", "strong", "td", "th"))
COUNT = field("count", "integer", constraints={"minimum": 0})
NAME = field("name", constraints={"required": True})
DATA = Path(__file__).resolve().parents[2] / "../shared/data"


class Parsed(HTMLParser):
    """The elements of a page with their attributes, and the words that are shown in each language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.shown: dict[str, list[str]] = {"": []}
        self._side, self._quiet = "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = {name: value or "" for name, value in attrs}
        self.elements.append((tag, kept))
        self._quiet = tag == "style"
        if tag in BLOCKS:
            self.shown.setdefault(self._side, []).append(" ")
        if "side" in kept.get("class", "").split():
            self._side = kept["id"]

    def handle_endtag(self, tag: str) -> None:
        self._quiet = self._quiet and tag != "style"

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.shown.setdefault(self._side, []).append(data)

    def words(self, language: str) -> str:
        return " ".join("".join(self.shown[language]).split())

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


def parsed(report: Report, language: Language = "en") -> Parsed:
    return Parsed(render_page(report, language))


def test_a_finding_is_told_with_its_place_its_cell_and_its_remedy_in_both_languages(check_csv: CheckCsv) -> None:
    page = parsed(check_csv("name,count\na,1\nb,-4\n", NAME, COUNT))
    english, chinese = page.words("en"), page.words("zh")
    for words in (
        *("Not passed yet: one thing to mend", "“-4” is less than 0", "Column B count, row 3", "1 place"),
        "Correct the value, or leave the cell empty if there is none.",
    ):
        assert words in english
    for words in ("暂未通过：有一类问题需要改正", "“-4”小于 0", "B 列count，第 3 行", "1 处", "请更正；没有值就留空。"):
        assert words.replace(" ", "") in chinese.replace(" ", "")


def test_the_verdict_comes_before_everything_else(check_csv: CheckCsv) -> None:
    words = parsed(check_csv("count\n-4\n", COUNT)).words("en")
    order = ["Not passed yet", "Result", "What to do first", "must be mended", "The file that was checked"]
    assert [words.index(one) for one in order] == sorted(words.index(one) for one in order)


def test_findings_of_one_kind_are_told_once_with_the_first_places_and_their_count(check_csv: CheckCsv) -> None:
    words = parsed(check_csv("count\n" + "-4\n1\n" * 12, COUNT)).words("en")
    assert words.count("What to do Correct the value") == 1
    assert "12 places in 24 rows" in words
    assert "rows 2, 4, 6, 8, 10 and 7 more" in words


def test_rows_in_a_row_are_told_as_a_range(check_csv: CheckCsv) -> None:
    page = parsed(check_csv("count\n1\n" + "-4\n" * 12, COUNT))
    assert "rows 3 to 14" in page.words("en")
    assert "第 3–14 行" in page.words("zh")


def test_the_header_s_findings_are_told_together(check_csv: CheckCsv) -> None:
    report = check_csv("nome,conto\na,1\n", NAME, COUNT)
    words = parsed(report).words("en")
    assert "The header is not the one that is expected: 2 places" in words
    assert "others may be gone with it" in words


def counted(report: Report) -> Report:
    """The same report as it is when one finding is explained and the others are counted."""
    table = report.resources[0]
    return replace(report, resources=(replace(table, findings=table.findings[:1], stopped=None, limit=1),))


def test_where_reading_stopped_at_the_limit_nobody_says_how_many_there_are(check_csv: CheckCsv) -> None:
    table = check_csv("count\n" + "-4\n" * 12, COUNT).resources[0]
    one = replace(table, findings=table.findings[:2], counts={"constraint-error": 2}, stopped=3, limit=2, rows=2)
    page = parsed(Report("transport/counts", (), (replace(one, tallies=(replace(one.tallies[0], count=2),)),)))
    assert "counts.csv. Reading stopped at row 3, where the limit of 2 findings was reached." in page.words("en")
    assert "2 or more" in page.words("en")
    assert "every row" not in page.words("en")
    assert "满 2 处即停，只查到第 3 行" in page.words("zh")
    assert "至少 2" in page.words("zh")
    assert "counts.csv。满 2 处即停" in page.words("zh")  # the name of the file once
    assert "columns need no mending" not in page.words("en")  # most of their rows were not looked at


def test_kinds_beyond_the_limit_are_counted(check_csv: CheckCsv) -> None:
    page = parsed(counted(check_csv("count,day\n-4,x\n-5,y\n", COUNT, field("day", "date"))))
    assert "type-error date day 2" in page.words("en")
    assert "达到了逐条说明的上限" in page.words("zh")
    assert "two things to mend" in page.words("en")


def test_more_kinds_than_anybody_reads_are_counted(check_csv: CheckCsv) -> None:
    names = [f"c{number}" for number in range(MOST_KINDS + 1)]
    text = ",".join(names) + "\n" + ",".join("x" for _ in names) + "\n"
    page = parsed(check_csv(text, *(field(name, "integer") for name in names)))
    assert page.count("article") == 2 * MOST_KINDS
    assert "1 more kinds (1 places) are not shown" in page.words("en")


def test_a_pass_is_said_first_and_bound_in_green(check_csv: CheckCsv) -> None:
    page = parsed(check_csv("count\n1\n", COUNT))
    assert page.words("en").count("Passed: nothing to mend") == 1
    assert "通过：无需改正" in page.words("zh")
    assert "strip bound" in page.values("class")
    assert page.count("article") == 0


def test_a_remark_is_not_called_something_to_mend(check_csv: CheckCsv) -> None:
    page = parsed(check_csv("count\n", COUNT))
    assert "please note" in page.words("en")
    assert "must be mended" not in page.words("en")
    assert "请留意" in page.words("zh")


def test_findings_on_the_descriptor_have_a_part_of_their_own(hand_in: Callable[..., Path], layout: Layout) -> None:
    descriptor = package("counts", [resource("counts", "counts.csv", [COUNT])], title="TODO")
    folder = hand_in(descriptor, {"counts.csv": "count\n1\n"})
    submission = read_submission(folder)
    with check(submission.dataset, layout, department=submission.department) as checked:
        page = parsed(checked.report)
    assert "The descriptor" in page.words("en")
    assert "描述文件" in page.words("zh")


@dataclass(frozen=True)
class Reason:
    message: Text
    remedy: Text
    field: str = ""
    codes: frozenset[str] = frozenset()


def test_a_likely_cause_stands_with_what_it_explains(check_csv: CheckCsv) -> None:
    report = check_csv("name,count\na,-4\n,x\n", NAME, COUNT)
    whole = Reason(
        Text("编码不对。", "It was read in the wrong encoding."), Text("另存为 UTF-8。", "Save it as UTF-8.")
    )
    one = Reason(
        Text("小数点。", "A comma for the point."), Text("换掉。", "Set a point."), "count", frozenset(["type-error"])
    )
    page = Parsed(render_page(report, "en", {"counts": (whole, one)}))
    assert page.words("en").count("The likely cause It was read in the wrong encoding. Save it as UTF-8.") == 1
    assert page.words("en").count("The likely cause A comma for the point. Set a point.") == 1
    assert page.words("zh").count("可能的原因") == 2


HOSTILE = '<script>alert(1)</script><img src=x onerror=y>"&\u202egnp.exe\x1b[31m'


def test_nothing_of_a_file_becomes_markup_or_turns_the_text(check_csv: CheckCsv) -> None:
    quoted_cell = '"' + HOSTILE.replace('"', '""') + '"'
    hostile_name = "</style><script>"
    text = f"{hostile_name}\n{quoted_cell}\n"
    source = render_page(check_csv(text, field(hostile_name, "integer")), "en")
    page = Parsed(source)
    assert page.count("script") == page.count("img") == 0
    assert not [character for character in source if character in "\u202e\x1b"]
    assert "<script>alert(1)</script>" in page.words("en")  # as words


def test_a_cell_of_a_megabyte_is_cut(check_csv: CheckCsv) -> None:
    source = render_page(check_csv("count\n" + "x" * 1_000_000 + "\n", COUNT), "en")
    assert len(source) < 60_000


def test_the_page_needs_nothing_from_anywhere(check_csv: CheckCsv) -> None:
    source = render_page(check_csv("count\n-4\n", COUNT), "zh")
    page = Parsed(source)
    assert page.count("script") == page.count("link") == page.count("img") == page.count("iframe") == 0
    assert all(address.startswith("#") for address in page.values("href"))
    assert not page.values("src")
    assert "url(" not in source
    assert "@import" not in source
    assert "default-src 'none'" in " ".join(page.values("content"))


def test_every_link_leads_to_a_place_on_the_page_and_every_name_is_there_once(check_csv: CheckCsv) -> None:
    page = parsed(check_csv("name,count\n,-4\n,x\n", NAME, COUNT))
    names = page.values("id")
    assert len(names) == len(set(names))
    assert {address[1:] for address in page.values("href")} <= set(names)
    assert set(page.values("aria-labelledby")) <= set(names)


@pytest.mark.parametrize(("language", "code"), [("zh", "zh-Hans"), ("en", "en")])
def test_the_language_that_was_asked_for_is_shown_first(check_csv: CheckCsv, language: Language, code: str) -> None:
    page = parsed(check_csv("count\n-4\n", COUNT), language)
    assert page.elements[0] == ("html", {"lang": code})
    shown = {
        attributes["class"]: attributes["id"]
        for _, attributes in page.elements
        if "side" in attributes.get("class", "")
    }
    assert shown["side own"] == language
    assert shown["side other"] == {"zh": "en", "en": "zh"}[language]


def test_the_same_report_is_the_same_bytes(check_csv: CheckCsv) -> None:
    report = check_csv("name,count\n,-4\n,x\n", NAME, COUNT)
    assert render_page(report, "en") == render_page(report, "en")


def test_a_real_file_against_a_real_schema(layout: Layout) -> None:
    spend = DATA / "uk-25k-spend"
    if not spend.exists():
        pytest.skip("the real files of UK departments are not here (../shared/data/uk-25k-spend)")
    report = validate(spend / "files" / "moj-aramis-mar-12.csv.csv", spend / "spend-publishing-schema.json", layout, 0)
    words = parsed(report).words("en")
    assert "“£61,612.00” is not a number." in words  # the header is row 17, as frictionless has it
    assert "711 places in 1,795 rows" in words
    assert "Column H Amount" in words


def test_a_long_cell_does_not_push_the_one_in_question_out_of_sight(check_csv: CheckCsv) -> None:
    text = f"name,count\n{'a' * 32},-1\n{'b' * 33},-2\n{'长' * 17},-3\n"
    words = parsed(check_csv(text, NAME, COUNT)).words("en")
    assert f" {'a' * 32} " in words
    assert f" {'b' * 31}… " in words
    assert f" {'长' * 15}… " in words


def test_the_cell_in_question_is_shown_longer(check_csv: CheckCsv) -> None:
    page = parsed(check_csv(f"name,count\n{'x' * 60},1\n", field("name", constraints={"maxLength": 3}), COUNT))
    assert f"to mend: {'x' * 60} " in page.words("en")


def test_a_checksum_that_was_not_taken_is_not_announced(check_csv: CheckCsv) -> None:
    report = check_csv("count\n-4\n", COUNT)
    (table,) = report.resources
    bare = replace(report, resources=(replace(table, sha256=""),))
    assert "SHA-256" not in parsed(bare).words("en") + parsed(bare).words("zh")
    taken = replace(report, resources=(replace(table, sha256="ab" * 32),))
    assert f"SHA-256 {'ab' * 32}" in parsed(taken).words("en")


def test_a_count_is_not_torn_from_its_unit(check_csv: CheckCsv) -> None:
    page = render_page(check_csv("count\n-4\n", COUNT), "zh")
    assert '<span class="whole">1 处</span>' in page
    assert ".whole { white-space: nowrap }" in page


def test_what_is_read_from_right_to_left_does_not_turn_the_words_around_it(check_csv: CheckCsv) -> None:
    short = field("name", constraints={"maxLength": 3})
    page = render_page(check_csv("name\nמחמד <b> 12\n", short), "en")
    assert "<bdi>“מחמד &lt;b&gt; 12”</bdi> is too long" in page
    assert "<b>" not in page
