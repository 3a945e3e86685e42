"""The catalogue of words: every code that can be raised has them, in both languages, and they say what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from frictionless import Error

from civicat.validators import house
from civicat.validators.messages import LONGEST_QUOTE, catalogue, quoted, say

SOURCES = Path(house.__file__).parent
# Abstract classes, and what only frictionless' own inquiries, pipelines and reports raise.
NEVER = {
    *("error", "data-error", "file-error", "table-error", "header-error", "label-error", "row-error", "cell-error"),
    *("catalog-error", "dataset-error", "checklist-error", "check-error", "detector-error", "inquiry-error"),
    *("inquiry-task-error", "pipeline-error", "step-error", "report-error", "report-task-error", "stats-error"),
}
THEIRS = {one.type for one in Error.list_children(root=True)} - NEVER
OURS = {
    *(
        "unclosed-quote",
        "no-rows",
        "not-a-table",
        "rule-broken",
        "scale-error",
        "range-error",
        "offset-error",
        "text-error",
    ),
    *("reference-unavailable", "reference-unknown", "reference-type"),
    *(rule.code for rule in house.DATASET_RULES),
    *(rule.code for rule in house.DEPARTMENT_RULES),
}


def test_the_catalogue_speaks_of_every_code_and_of_no_other() -> None:
    assert {key.partition(".")[0] for key in catalogue()} == THEIRS | OURS


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_an_entry_is_whole_in_both_languages(key: str) -> None:
    words = catalogue()[key]
    for text in (words.message, words.remedy):
        assert text.missing() == ()
        facts = [set(re.findall(r"(?<!\{)\{(\w+)\}", side)) for side in (text.zh, text.en)]
        assert facts[0] == facts[1], "both languages quote the same facts"
        assert text.en.endswith((".", "}")) or "{note}" in text.en
        assert not re.search(r"invalid|oops|please|row in position|at position", text.en, re.IGNORECASE)


def test_every_code_that_the_sources_name_is_in_the_catalogue() -> None:
    named = set()
    for path in SOURCES.glob("*.py"):
        named |= set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', path.read_text("utf-8")))
    named.remove("cell-error")  # a shape, not a code
    codes = {code for code in named if code.endswith(("-error", "-missing", "-unknown", "-unavailable", "-left"))}
    assert codes <= set(catalogue())


def test_facts_are_put_in_and_braces_of_a_cell_stay() -> None:
    assert say("type-error", "integer", cell="{x}").message.en == "“{x}” is not a whole number."


def test_a_rule_without_words_of_its_own_takes_those_of_its_code() -> None:
    assert say("scale-error", "nothing", cell="1.234", limit="2", rules="r").message.en.startswith(
        "“1.234” has more than"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a b"),
        ("  ", "  "),
        ("x" * LONGEST_QUOTE, "x" * LONGEST_QUOTE),
        ("x" * (LONGEST_QUOTE + 1), "x" * (LONGEST_QUOTE - 1) + "…"),
    ],
)
def test_a_quote_stays_on_one_line_and_short(text: str, shown: str) -> None:
    assert quoted(text) == shown
