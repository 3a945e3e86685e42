"""JSON as the reports have it: spread over lines, and each error on one."""

from __future__ import annotations

import json

import pytest

from civicat.pretty import pretty

ERROR = {"type": "type-error", "cells": ["1", "京"], "tags": [], "place": {"row": 2}}


@pytest.mark.parametrize("name", ["errors", "findings", "causes"])
def test_each_member_of_such_a_list_stands_on_one_line(name: str) -> None:
    text = pretty({"tasks": [{name: [ERROR, ERROR], "stats": {"errors": 2}}]})
    assert json.loads(text) == {"tasks": [{name: [ERROR, ERROR], "stats": {"errors": 2}}]}
    lines = [line for line in text.splitlines() if "type-error" in line]
    assert [json.loads(line.strip().rstrip(",")) for line in lines] == [ERROR, ERROR]


def test_everything_else_is_indented_as_json_does() -> None:
    value = {"a": 1, "b": {"c": None, "d": [True, 1.5]}, "e": [{"f": "京"}], "g": {}, "h": []}
    assert json.loads(pretty(value)) == value
    assert pretty(value).splitlines() == [
        "{",
        '  "a": 1,',
        '  "b": {',
        '    "c": null,',
        '    "d": [true, 1.5]',
        "  },",
        '  "e": [',
        "    {",
        '      "f": "京"',
        "    }",
        "  ],",
        '  "g": {},',
        '  "h": []',
        "}",
    ]


@pytest.mark.parametrize("value", [{}, [], "x", 3, None, {"errors": 2}, {"errors": []}, {1: 2}])
def test_what_is_small_is_whole(value: object) -> None:
    assert json.loads(pretty(value)) == json.loads(json.dumps(value))
