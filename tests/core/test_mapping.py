"""Descriptors are read strictly, and each error names its place and the nearest known key."""

from __future__ import annotations

import pytest

from civicat.errors import DescriptorError
from civicat.mapping import Block


def said(error: pytest.ExceptionInfo[DescriptorError]) -> tuple[str, str]:
    return (error.value.message.en, error.value.message.zh)


def test_an_unknown_key_gets_the_nearest() -> None:
    with pytest.raises(DescriptorError) as error:
        Block({"licences": []}, "d.yaml", "resources[0]").only(("licenses", "name"))
    assert said(error) == (
        "d.yaml, resources[0]: “licences” is not known here. Did you mean “licenses”?",
        "d.yaml，resources[0]：没有“licences”这一项。您是指“licenses”吗？",
    )


def test_where_nothing_is_near_all_that_is_known_is_named() -> None:
    with pytest.raises(DescriptorError, match=r"“xyz” is not known here\. Known: a, b\."):
        Block({"xyz": 1}, "d.yaml").only(("b", "a"))


def test_an_open_block_lets_unknown_keys_pass_below_too() -> None:
    block = Block({"theirs": {"more": 1}}, "d.json", closed=False)
    block.only(())
    block.block("theirs").only(())


@pytest.mark.parametrize(
    ("values", "method", "expected"),
    [
        ({"a": 1}, "text", "this must be text, it is 1."),
        ({"a": " "}, "needed", "“a” is missing. Add it."),
        ({}, "needed", "“a” is missing. Add it."),
        ({"a": [1]}, "texts", "this must be a list of texts."),
        ({"a": "x"}, "block", "this must be a mapping."),
        ({"a": {"fr": "x"}}, "both", "“fr” is not known here."),
    ],
)
def test_a_value_of_the_wrong_kind(values: dict[str, object], method: str, expected: str) -> None:
    with pytest.raises(DescriptorError) as error:
        getattr(Block(values, "d.yaml"), method)("a")
    assert expected in error.value.message.en
    assert error.value.message.zh


def test_true_is_no_whole_number() -> None:
    assert Block({"a": 1}, "d.yaml").get("a", int, 0) == 1
    with pytest.raises(DescriptorError, match="this must be a whole number, it is True"):
        Block({"a": True}, "d.yaml").get("a", int, 0)


def test_what_is_absent_or_null_is_the_default() -> None:
    block = Block({"a": None}, "d.yaml")
    assert (block.text("a", "x"), block.texts("b"), list(block.blocks("a")), block.block("a").values) == (
        "x",
        (),
        [],
        {},
    )


def test_one_text_counts_as_a_list_of_one() -> None:
    assert Block({"a": "x"}, "d.yaml").texts("a") == ("x",)


def test_each_of_a_list_knows_its_place() -> None:
    (_, second) = Block({"a": [{}, {"b": 1}]}, "d.yaml", "top").blocks("a")
    assert second.at == "top.a[1]"
    with pytest.raises(DescriptorError, match="must be a list of mappings"):
        list(Block({"a": [1]}, "d.yaml").blocks("a"))
