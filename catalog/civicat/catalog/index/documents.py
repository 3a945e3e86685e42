"""Writes the search index: one document for each dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import tantivy

from civicat.catalog.index.prepared import Prepared
from civicat.catalog.search import fields

_MEMORY = 64_000_000  # bytes; about 10,000 datasets in one segment


class Documents:
    """The search index in a folder, a new one where there is none; whole when the block ends.

    One thread writes: the same order every time.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        with _as_system_error():
            self._writer = tantivy.Index(fields.schema(), str(folder)).writer(_MEMORY, num_threads=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _as_system_error():
            if error is None:
                self._writer.commit()
            self._writer.wait_merging_threads()

    def add(self, one: Prepared) -> None:
        """Adds one dataset."""
        self._writer.add_document(tantivy.Document(**one.document))

    def remove(self, dataset: str) -> None:
        """Takes one dataset out. Its id is one token, so the term is all of it and no other dataset goes with it."""
        self._writer.delete_documents_by_term(fields.KEY, dataset)


@contextmanager
def _as_system_error() -> Iterator[None]:
    try:
        yield
    except ValueError as problem:  # so tantivy says that it could not read or write
        raise OSError(str(problem)) from problem
