"""From the files that a department hands in to a Report and typed record batches.

in_order, read_submission   what was handed in                                    (submission.py)
check                       a dataset -> Report and typed tables                  (checking.py)
read_checklist              a file of frictionless' checks, by name               (checklists.py)
open_path, validate         a file, a descriptor or a folder -> Dataset, Report   (opening.py)
describe, scaffold          a file -> a first descriptor, a dataset folder        (drafting.py)
refusal, system_error       why something could not be checked -> Report          (unchecked.py)
suggest_bounds              releases -> bounds for a descriptor                   (bounds_suggestion.py)
render                      a Report -> lines of text                             (rendering.py)
render_page, annotate       a Report -> a page, the clerk's own sheet             (reports/)

Importing this package is light: each module is loaded when one of its names is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from civicat.validators.bounds_suggestion import suggest_bounds
    from civicat.validators.checking import Checked, check
    from civicat.validators.checklists import read_checklist
    from civicat.validators.drafting import describe, scaffold
    from civicat.validators.opening import open_path, validate
    from civicat.validators.rendering import render
    from civicat.validators.reports.page import render_page
    from civicat.validators.reports.workbook import annotate
    from civicat.validators.spool import CheckedTable
    from civicat.validators.submission import Submission, in_order, read_submission
    from civicat.validators.unchecked import refusal, system_error

__all__ = [
    "Checked",
    "CheckedTable",
    "Submission",
    "annotate",
    "check",
    "describe",
    "in_order",
    "open_path",
    "read_checklist",
    "read_submission",
    "refusal",
    "render",
    "render_page",
    "scaffold",
    "suggest_bounds",
    "system_error",
    "validate",
]

_HOMES = {
    "Checked": "checking",
    "CheckedTable": "spool",
    "Submission": "submission",
    "check": "checking",
    "describe": "drafting",
    "in_order": "submission",
    "open_path": "opening",
    "read_checklist": "checklists",
    "read_submission": "submission",
    "refusal": "unchecked",
    "system_error": "unchecked",
    "render": "rendering",
    "scaffold": "drafting",
    "suggest_bounds": "bounds_suggestion",
    "annotate": "reports.workbook",
    "render_page": "reports.page",
    "validate": "opening",
}


def __getattr__(name: str) -> object:
    """One of the names above, from its module."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"civicat.validators.{_HOMES[name]}"), name)
