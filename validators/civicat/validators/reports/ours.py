"""Which files are reports that civicat wrote before. Only those are ever written over, so they are known by content.

A text is never one: nobody can tell it from other words. A workbook that somebody saved since is theirs: every
spreadsheet program puts its user where MARK stood.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 (a class by the name of a variable)

MARK = "civicat validate"  # what a page names as its generator, and a workbook as who saved it last
_GENERATOR = f'<meta name="generator" content="{MARK}">'.encode()
_SAVED_BY = re.compile(rf"lastModifiedBy[^>]*>{MARK}<".encode())
_HEAD = 4096  # bytes at the start of a page in which its generator stands
_CORE = 1 << 16  # bytes of a workbook's properties
_MOST_JSON = 1 << 28  # bytes of a report that are read; whatever is larger is taken for data
_NO_WORKBOOK = (BadZipFile, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError, ZlibError)


def is_ours(path: Path) -> bool:
    """Whether a file is a report of ours, as JSON, page or workbook; one that cannot be read is none."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        return next((holds(path, head) for start, holds in _FORMS.items() if head.startswith(start)), False)
    except OSError:
        return False


def _is_page(_path: Path, head: bytes) -> bool:
    return _GENERATOR in head


def _is_workbook(path: Path, _head: bytes) -> bool:
    try:
        with ZipFile(path) as packed, packed.open("docProps/core.xml") as core:
            return _SAVED_BY.search(core.read(_CORE)) is not None
    except _NO_WORKBOOK:
        return False


def _is_json(path: Path, _head: bytes) -> bool:
    if path.stat().st_size > _MOST_JSON:
        return False
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and isinstance(found.get("valid"), bool) and isinstance(found.get("civicat"), dict)


_FORMS = {b"{": _is_json, b"<!doctype html>": _is_page, b"PK": _is_workbook}
