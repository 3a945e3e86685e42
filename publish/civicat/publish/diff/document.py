"""A diff as JSON: what programs ask for first. The full list is the Parquet file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from civicat.publish.diff.changes import Change, first_changes
from civicat.publish.diff.model import KINDS, Diff, Side, TableDiff
from civicat.publish.diff.sentence import told
from civicat.publish.schema_changes import SchemaChange
from civicat.publish.word_changes import DescriptionChange

LIMIT = 100  # changes of a kind in a table that are listed


def to_descriptor(diff: Diff, limit: int = LIMIT) -> dict[str, Any]:
    """The diff as what JSON can hold, with the first changes of each kind of each table.

    Raises:
        StoreError: the file of the changes cannot be read.
    """
    return {
        "dataset": diff.dataset,
        "old": _side(diff.old),
        "new": _side(diff.new),
        "summary": told(diff).to_descriptor(),
        "schema": [_schema_change(change) for change in diff.schema],
        "descriptions": [_description(change) for change in diff.descriptions],
        "tables": [_table(diff, table, limit) for table in diff.tables],
    }


def _side(side: Side) -> dict[str, str]:
    return {"version": str(side.version), "inputs": side.inputs, "manifest": side.manifest}


def _schema_change(change: SchemaChange) -> dict[str, Any]:
    words = {"table": change.table, "field": change.field, "old": change.old, "new": change.new}
    return {"level": change.level.name.lower(), "kind": change.kind, **words, "text": change.text.to_descriptor()}


def _description(change: DescriptionChange) -> dict[str, Any]:
    """`where` is blank for the dataset, else a table or `table.field`; `rule` says which of several."""
    what = {"kind": change.kind, "where": change.where, "rule": change.rule}
    values = {"old": change.old.to_descriptor(), "new": change.new.to_descriptor()}
    return {"level": change.level.name.lower(), **what, **values, "text": change.text.to_descriptor()}


def _table(diff: Diff, table: TableDiff, limit: int) -> dict[str, Any]:
    listed = {kind: tuple(first_changes(diff, table.resource, kind, limit)) for kind in KINDS}
    totals = {"added": table.added, "removed": table.removed, "changed": table.cells}
    return {
        "table": table.table,
        "resource": table.resource,
        "key": list(table.key),
        "rows": {"old": table.before, "new": table.after},
        "added": table.added,
        "removed": table.removed,
        "changed": table.changed,
        "cells": table.cells,
        "columns": dict(table.by_column),
        "changes": [_change(one) for kind in KINDS for one in listed[kind]],
        # Rows that came or went, and cells, that are not listed here.
        "more": {kind: totals[kind] - sum(one.rows for one in listed[kind]) for kind in KINDS},
    }


def _change(change: Change) -> Mapping[str, Any]:
    key = {"key": list(change.key)} if change.key else {}
    if change.kind == "changed":
        return {"kind": change.kind, **key, "column": change.column, "old": change.old, "new": change.new}
    return {"kind": change.kind, **key, "row": dict(change.cells), "rows": change.rows}
