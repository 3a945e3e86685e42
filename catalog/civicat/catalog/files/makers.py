"""What makes files of a release when somebody asks. Whoever starts the site hands it in: nothing is imported.

`civicat.catalog.serve.serve(..., makers=function)` takes a function of a module, so that each worker process calls it
for itself. Without makers the site has Parquet, CSV and the documents of a release, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from civicat.layout import Layout
from civicat.release import Release
from civicat.text import Language, Text


@dataclass(frozen=True, slots=True)
class Form:
    """A format that a release can be had in: of each of its tables by itself, or (`whole`) of all in one file.

    `suffix` ends the address of the file, as in `-excel.csv` and `.xlsx`.
    """

    name: str
    suffix: str
    media_type: str
    title: Text
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Makers:
    """The functions that make files. Each raises a CivicatError where it cannot; all are called in worker threads.

    export      the file of a release in a form, of the resource of that name, or of all (None)
    cite        the citation of a release in a style; then the sha256 of its manifest in hex, its address on the web,
                and the language, None for the dataset's own
    leaflet     a page of A4 as PDF; then the language and the address
    kit         writes the offline kit of the newest release of a dataset to a path
    compare     what differs between two releases, as JSON; all of it as `changes.parquet` in a folder made for it,
                where nothing else may be left
    """

    forms: tuple[Form, ...]
    styles: Mapping[str, Text]
    export: Callable[[Layout, Release, str, str | None], Path]
    cite: Callable[[Release, str, str, str, Language | None], str]
    leaflet: Callable[[Release, Language, str], bytes]
    kit: Callable[[Layout, str, Path], object]
    compare: Callable[[Release, Release, Path], Mapping[str, object]]
