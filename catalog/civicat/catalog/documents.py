"""Writes the search index: one document for each dataset."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import tantivy

from civicat.catalog import fields
from civicat.catalog.entry import Entry

_MEMORY = 64_000_000  # bytes; about 10,000 datasets in one segment


class Documents:
    """A new search index in a folder; whole when the block ends. One thread writes: the same order every time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._writer = tantivy.Index(fields.schema(), str(folder)).writer(_MEMORY, num_threads=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._writer.commit()
            self._writer.wait_merging_threads()
        except ValueError as problem:  # so tantivy says that it could not write
            raise OSError(str(problem)) from problem

    def add(self, entry: Entry) -> None:
        """Adds one dataset."""
        card = entry.card
        facets = {
            "theme": list(card.themes),
            "department": [card.department],
            "frequency": [card.frequency] if card.frequency else [],
            "licence": list(entry.licences),
        }
        single = {fields.KEY: card.id, **entry.tokens, **entry.order}
        self._writer.add_document(tantivy.Document(**{name: [text] for name, text in single.items()}, **facets))
