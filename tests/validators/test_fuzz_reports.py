"""Random packages, for some seconds: the whole report is frictionless', and the counts are those of its own list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fuzz import tried
from sameness import compared, one_table, ours, theirs
from test_fuzz_structure import SECONDS

pytestmark = pytest.mark.filterwarnings("ignore")  # dateutil's, on time zones that it guesses at


@pytest.mark.parametrize("first", [0, 1_000_000, 2_000_000])
def test_any_rules_are_reported_as_frictionless_does(first: int) -> None:
    total = tried("packages", first, SECONDS)
    assert total.reports > 0
    assert total.errors > 0


def test_counting_all_counts_what_frictionless_would_list() -> None:
    assert tried("counts", 0, SECONDS).errors > 0


def test_so_it_is_where_a_table_takes_many_pieces_and_passes() -> None:
    assert tried("pieces", 0, SECONDS).errors > 0


def test_frictionless_has_nothing_to_say_of_a_plain_descriptor() -> None:
    assert tried("descriptors", 0, SECONDS).reports > 0


_A = {"fields": [{"name": "a"}]}
_KEY = {"fields": ["a", "b"], "reference": {"resource": "", "fields": ["a", "b"]}}
_DATES = [{"name": "a", "type": "date"}, {"name": "b"}]
# What trials found in earlier states of the engine, at its smallest.
_FOUND: dict[str, tuple[bytes, dict[str, Any]]] = {
    "a part of a foreign key is empty": (b"a,b\n1,\nx,1\n", {"schema": {"fields": _DATES, "foreignKeys": [_KEY]}}),
    "a reference names a table that is not there": (
        b"a\n1\n",
        {"schema": {**_A, "foreignKeys": [{"fields": ["a"], "reference": {"resource": "no", "fields": ["a"]}}]}},
    ),
    "more errors in the header than the limit, and no rows": (b",,,", {"schema": _A}),
    "no mark at the beginning of UTF-16": (b"a\nx\n\xff", {"schema": _A, "encoding": "utf-16"}),
    "a header row that cannot be": (b"a\n1\n", {"schema": _A, "dialect": {"headerRows": [-1]}}),
    "a comment row that is no number": (b"a\n1\n", {"schema": _A, "dialect": {"commentRows": ["x"]}}),
    "a missing value in a column that only the header names": (
        b"a,b\nNA,NA\n",
        {"schema": {**_A, "missingValues": ["NA"], "fieldsMatch": "subset"}},
    ),
    "no schema that could be read": (b"a\n1\n", {"schema": {"fields": [{"name": "a", "type": "nonesuch"}]}}),
    "bytes that are no text, at once": (b"a\nx\n\xff", {"schema": _A, "encoding": "utf-8"}),
    "bytes that are no text, later": (b"a\n" + b"x\n" * 9000 + b"\xff", {"schema": _A, "encoding": "utf-8"}),
}


@pytest.mark.parametrize("what", _FOUND)
@pytest.mark.parametrize("limit", [1000, 0, 1, 3])
def test_what_trials_found_is_reported_as_frictionless_does(tmp_path: Path, what: str, limit: int) -> None:
    content, table = _FOUND[what]
    (tmp_path / "table.csv").write_bytes(content)
    their, found = compared(tmp_path, one_table("table.csv", **table), limit)
    assert not their.refusal
    assert not found


@pytest.mark.parametrize("key", ["unique", "primaryKey", "foreignKeys"])
def test_a_key_of_lists_is_a_rule_that_cannot_be_applied(tmp_path: Path, key: str) -> None:
    (tmp_path / "table.csv").write_text('a,b\n"[1]",1\n', encoding="utf-8")
    one: dict[str, Any] = {"name": "a", "type": "array"}
    schemas: dict[str, dict[str, Any]] = {
        "unique": {"fields": [{**one, "constraints": {"unique": True}}, {"name": "b"}]},
        "primaryKey": {"fields": [one, {"name": "b"}], "primaryKey": ["a"]},
        "foreignKeys": {
            "fields": [one, {"name": "b"}],
            "foreignKeys": [{"fields": ["a"], "reference": {"resource": "", "fields": ["b"]}}],
        },
    }
    package = one_table("table.csv", schemas[key])
    assert "unhashable" in theirs(tmp_path, package).refusal
    assert ours(tmp_path, package).broken
