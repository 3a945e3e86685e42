"""Errors that frictionless does not know, in shapes that it does: any tool that reads its reports can read ours.

What frictionless has no type for takes its general one (`cell-error`, `metadata-error`); our own code stands beside it,
under the key `civicat`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from civicat.dataset import ForeignKey

Shape = Mapping[str, object]


def cell_shape(note: str, cells: Sequence[object], row: int, field: str, column: int) -> Shape:
    """An error at one cell; `column` is its number among the columns, from 1."""
    written = texts(cells)
    return {
        "type": "cell-error",
        "title": "Cell Error",
        "description": "Cell Error",
        "message": f'The cell in row "{row}" and field "{field}" at position "{column}": {note}',
        "tags": ["#table", "#row", "#cell"],
        "note": note,
        "cells": written,
        "rowNumber": row,
        "cell": written[column - 1] if column <= len(written) else "",
        "fieldName": field,
        "fieldNumber": column,
    }


def foreign_key_shape(note: str, cells: Sequence[object], row: int, key: ForeignKey, values: Sequence[str]) -> Shape:
    """A value that is not found in another dataset."""
    return {
        "type": "foreign-key",
        "title": "ForeignKey Error",
        "description": "Values in the foreign key fields should exist in the reference table",
        "message": f'Row at position "{row}" violates the foreign key: {note}',
        "tags": ["#table", "#row"],
        "note": note,
        "cells": texts(cells),
        "rowNumber": row,
        "fieldNames": list(key.fields),
        "fieldCells": list(values),
        "referenceName": f"{key.dataset}/{key.resource}",
        "referenceFieldNames": list(key.reference),
    }


def encoding_shape(note: str) -> Shape:
    """Bytes that the encoding of a file cannot read."""
    return {
        "type": "encoding-error",
        "title": "Encoding Error",
        "description": "Data reading error because of an encoding problem.",
        "message": f"The data source could not be successfully decoded: {note}",
        "tags": [],
        "note": note,
    }


def source_shape(note: str) -> Shape:
    """A file that cannot be read to its end."""
    return {
        "type": "source-error",
        "title": "Source Error",
        "description": "Data reading error because of not supported or inconsistent contents.",
        "message": f"The data source has not supported or has inconsistent contents: {note}",
        "tags": [],
        "note": note,
    }


def descriptor_shape(message: str, note: str) -> Shape:
    """A fault of a descriptor."""
    return {
        "type": "metadata-error",
        "title": "Metadata Error",
        "description": "There is a metadata error.",
        "message": message,
        "tags": [],
        "note": note,
    }


def texts(cells: Sequence[object]) -> list[str]:
    """Cells as frictionless writes them into an error."""
    return ["" if cell is None else str(cell) for cell in cells]
