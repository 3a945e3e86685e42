"""Whether a report is about a descriptor alone: no row was judged, so nothing is said of the data."""

from __future__ import annotations

from civicat.finding import Severity
from civicat.report import Outcome, Report
from civicat.text import Text

_SCHEMA = Text("schema ", "schema")
_DESCRIPTOR = Text("描述文件", "descriptor")
_OF_A_SCHEMA = frozenset({"schema-error", "field-error", "schema-contradiction"})
_OF_A_DESCRIPTOR = _OF_A_SCHEMA | {
    *("metadata-error", "package-error", "resource-error", "dialect-error", "control-error", "stats-error")
}


def unread(report: Report) -> Text | None:
    """What is at fault where no table was read for the faults of its schema or descriptor; None where one was read."""
    codes = {one.code for one in report.all_findings() if one.severity is Severity.ERROR}
    if report.outcome is not Outcome.FAILED or not codes or not codes <= _OF_A_DESCRIPTOR:
        return None
    if any(one.complete or one.rows or one.refused for one in report.resources):
        return None
    return _SCHEMA if codes <= _OF_A_SCHEMA else _DESCRIPTOR
