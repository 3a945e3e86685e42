"""conversion.json: the proof of each column as plain JSON, with a sentence in each language."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pyarrow as pa
import pytest

from civicat.conversion import RULES, ColumnConversion, Rewrite
from civicat.dataset import Resource, Schema
from civicat.publish.conversions import completed, conversion_texts, sentence
from civicat.publish.jsontext import encode
from civicat.text import Text


@dataclass(frozen=True)
class Converted:
    """A table of which nothing but its name and its conversion is asked."""

    resource: Resource
    conversion: tuple[ColumnConversion, ...]
    taken: bool = True


def table(name: str, *columns: ColumnConversion) -> Converted:
    resource = Resource(
        name=name,
        path=f"{name}.csv",
        title=Text(),
        description=Text(),
        format="csv",
        encoding="",
        dialect={},
        schema=Schema((), (), (), {}),
        caveats=(),
        sample=None,
        descriptor={},
    )
    return Converted(resource, columns)


PLUS = Rewrite("leading-plus", 2, "+5", "5")
ROUNDED = Rewrite("rounded", 1, "0.1234567890123456789", "0.12345678901234568")
WHOLE = ColumnConversion("n", "int64", 10, 3, 5, (PLUS,), missing_texts=(("NA", 2), ("", 1)))
LOSING = ColumnConversion("x", "double", 4, 0, 1, (PLUS, ROUNDED))
STRANGE = ColumnConversion("y", "double", 3, 0, 1, (), 2, ("−5 元", "5"))


def told_of(column: ColumnConversion) -> object:
    """What the proof says of a column by itself."""
    (one,) = json.loads(encode(conversion_texts([table("one", column)])))["resources"]
    return one["fields"][0]


def test_the_proof_is_plain_json() -> None:
    told = conversion_texts([table("counts", WHOLE), table("prices", LOSING, STRANGE)])
    assert json.loads(encode(told)) == told
    assert told["resources"] == [
        {
            "name": "counts",
            "lossless": True,
            "fields": [
                {
                    "name": "n",
                    "type": "int64",
                    "cells": 10,
                    "missing": 3,
                    "missingTexts": [{"text": "NA", "cells": 2}, {"text": "", "cells": 1}],
                    "identical": 5,
                    "native": 0,
                    "rewrites": [
                        {
                            "rule": "leading-plus",
                            "cells": 2,
                            "example": {"source": "+5", "spelled": "5"},
                            "loses": False,
                        }
                    ],
                    "unexplained": 0,
                    "example": None,
                    "lossless": True,
                    "sentence": {
                        "zh": "7 个值中有 5 个原样还原。统一了写法，没有丢失：正号（2 处，“+5”写作“5”）。"
                        "3 个单元格没有值（写作“NA”）。",
                        "en": "Of 7 values, 5 came back as written. Spelled anew, with nothing lost: leading plus "
                        "signs (2 cells, “+5” is “5”). 3 cells hold no value (written “NA”).",
                    },
                }
            ],
        },
        {"name": "prices", "lossless": False, "fields": [told_of(LOSING), told_of(STRANGE)]},
    ]


def test_a_loss_is_said_before_what_was_normalised() -> None:
    assert not LOSING.lossless
    said = sentence(LOSING)
    assert said.zh == (
        "4 个值中有 1 个原样还原。有所丢失：位数过多、只留最近值的数字"
        "（1 处，“0.1234567890123456789”写作“0.12345678901234568”）。统一了写法，没有丢失：正号（2 处，“+5”写作“5”）。"
    )
    assert said.en == (
        "Of 4 values, 1 came back as written. Lost: numbers of too many digits, of which the nearest was kept (1 cell, "
        "“0.1234567890123456789” is “0.12345678901234568”). Spelled anew, with nothing lost: leading plus signs "
        "(2 cells, “+5” is “5”)."
    )


def test_what_no_rule_explains_is_said_with_its_example() -> None:
    assert not STRANGE.lossless
    assert sentence(STRANGE) == Text(
        "3 个值中有 1 个原样还原。有 2 个值变了样，没有规则能说明原因，例如“−5 元”变为“5”。",
        "Of 3 values, 1 came back as written. 2 came back as another text, and no rule says why: “−5 元” became “5”.",
    )


@pytest.mark.parametrize(
    ("column", "zh", "en"),
    [
        (ColumnConversion("a", "string", 1, 0, 1), "唯一的值原样还原。", "The one value came back as written."),
        (ColumnConversion("a", "string", 2, 0, 2), "2 个值全部原样还原。", "All 2 values came back as written."),
        (
            ColumnConversion("a", "string", 2000, 1, 1999, missing_texts=(("", 1),)),
            "1,999 个值全部原样还原。1 个单元格没有值。",
            "All 1,999 values came back as written. 1 cell holds no value.",
        ),
        (
            ColumnConversion("a", "int64", 2, 2, 0),
            "这一列没有值。",
            "The column holds no value.",
        ),
        (
            ColumnConversion("a", "int64", 2, 0, 2, native=2),
            "文件里存的就是值，不是文字，无需转换。",
            "The file holds values, not texts: nothing had to be converted.",
        ),
        (
            ColumnConversion("a", "string", 1, 0, 0, (Rewrite("written-out", 1, "5", "5"),), native=1),
            "文件里存的是值，不是文字。统一了写法，没有丢失：写成文字的值（1 处，“5”写作“5”）。",
            (
                "The file holds values, not texts. Spelled anew, with nothing lost: values written as text "
                "(1 cell, “5” is “5”)."
            ),
        ),
        (
            ColumnConversion("a", "int64", 2, 0, 2, native=1),
            "2 个值全部原样还原。",
            "All 2 values came back as written.",
        ),
    ],
)
def test_the_sentence(column: ColumnConversion, zh: str, en: str) -> None:
    assert sentence(column) == Text(zh, en)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_words_in_the_sentence(rule: str) -> None:
    said = sentence(ColumnConversion("a", "string", 3, 0, 1, (Rewrite(rule, 2, "甲", "乙"),)))
    assert f"{RULES[rule].words.zh}（2 处，“甲”写作“乙”）" in said.zh
    assert f"{RULES[rule].words.en} (2 cells, “甲” is “乙”)" in said.en
    assert ("有所丢失" in said.zh, "Lost:" in said.en) == (RULES[rule].loses, RULES[rule].loses)


WKB = pa.schema([("g", pa.binary()), ("n", pa.int64())])
TURNED = '{"coordinates":[1,2],"type":"Point"}'
SPELLED = '{"type":"Point","coordinates":[1,2]}'


def shape(identical: int, *rewrites: Rewrite) -> ColumnConversion:
    return ColumnConversion("g", "string", 10, 1, identical, rewrites)


@pytest.mark.parametrize(
    ("before", "cells", "identical", "layout"),
    [
        (shape(9), 0, 9, None),
        (shape(9), 4, 5, (4, TURNED)),
        (shape(0, Rewrite("json-layout", 9, "{ }", TURNED)), 4, 0, (9, "{ }")),
        (shape(6, Rewrite("json-layout", 3, "{ }", TURNED)), 4, 2, (7, "{ }")),
    ],
    ids=["as they were", "some of them", "all were others before", "some were others before"],
)
def test_shapes_are_told_as_they_are_stored(
    before: ColumnConversion, cells: int, identical: int, layout: tuple[int, str] | None
) -> None:
    kept = ColumnConversion("n", "int64", 10, 0, 10)
    respelled = {"g": Rewrite("json-layout", cells, TURNED, SPELLED)}
    one, other = completed([before, kept], respelled, WKB)

    assert other is kept
    assert (one.type, one.identical, one.cells, one.lossless) == ("binary", identical, 10, True)
    assert [(r.cells, r.source, r.spelled) for r in one.rewrites] == ([(*layout, SPELLED)] if layout else [])


@pytest.mark.parametrize(
    ("identical", "cells", "at_least"),
    [(9, 4, False), (0, 4, False), (8, 4, True), (1, 8, True), (1, 9, False), (8, 0, False)],
)
def test_only_what_may_be_more_is_called_at_least(identical: int, cells: int, at_least: bool) -> None:  # noqa: FBT001 - as expected
    layout = (Rewrite("json-layout", 9 - identical, "{ }", "{}"),) if identical < 9 else ()
    (one,) = completed([shape(identical, *layout)], {"g": Rewrite("json-layout", cells, TURNED, SPELLED)}, WKB)
    (told,) = json.loads(encode(conversion_texts([table("one", one)])))["resources"][0]["fields"]

    assert one.at_least is at_least
    assert told.get("identicalAtLeast", False) is at_least
    assert ("至少有" in told["sentence"]["zh"], "at least" in told["sentence"]["en"]) == (at_least, at_least)


def test_a_long_shape_is_cut_in_the_example() -> None:
    (one,) = completed([shape(9)], {"g": Rewrite("json-layout", 1, "x" * 121, "y" * 120)}, WKB)
    assert [(r.source, r.spelled) for r in one.rewrites] == [("x" * 119 + "…", "y" * 120)]


def test_a_table_that_was_not_taken_says_so() -> None:
    (told,) = json.loads(encode(conversion_texts([replace(table("one"), taken=False)])))["resources"]
    assert told["sentence"]["zh"].startswith("文件里的行已在线上")
    assert told["sentence"]["en"].startswith("The rows of the file were online already")
