"""A report as lines of text for a terminal: where, what was found, what was expected, what to do. A pure function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

from civicat.finding import Finding, Place, Severity
from civicat.report import Outcome, Report, ResourceReport
from civicat.text import Language, Text

SHOWN = 3  # places that are shown of findings of one kind in one column; the rest is counted

_OUTCOMES = {
    Outcome.PASSED: Text("通过", "passed"),
    Outcome.FAILED: Text("有待改正", "to be mended"),
    Outcome.UNCHECKED: Text("未能检查完", "could not be checked to the end"),
}


def render(report: Report, language: Language) -> list[str]:
    """The lines of a report in one language, the verdict last."""
    lines = [line for group in _groups(report.findings) for line in _group(group, len(group), "", language)]
    for resource in report.resources:
        lines += _resource(resource, language)
    return [*lines, _verdict(report).within(language)]


def _resource(resource: ResourceReport, language: Language) -> Iterator[str]:
    counted = {(tally.code, tally.rule, tally.field): tally.count for tally in resource.tallies}
    of = Text(f"，共 {resource.rows:,} 行", f" of {resource.rows:,} rows").within(language)
    shown = set()
    for group in _groups(resource.findings):
        kind = _kind(group[0])
        shown.add(kind)
        yield from _group(group, counted.get(kind, len(group)), of, language)
    unexplained = sum(count for kind, count in counted.items() if kind not in shown)
    if unexplained:
        yield Text(f"……另有 {unexplained:,} 处其他问题。", f"... and {unexplained:,} of other kinds.").within(language)


def _groups(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings of one kind in one column together, in the order in which each kind was first met."""
    order = {kind: number for number, kind in enumerate(dict.fromkeys(map(_kind, findings)))}
    ranked = sorted(findings, key=lambda one: order[_kind(one)])
    return [list(group) for _, group in groupby(ranked, key=_kind)]


def _kind(one: Finding) -> tuple[str, str, str]:
    return (one.code, one.rule, one.place.field)


def _group(group: Sequence[Finding], count: int, of: str, language: Language) -> Iterator[str]:
    shown = group[:SHOWN]
    for one, after in zip_longest(shown, shown[1:]):
        grave = "" if one.severity is Severity.ERROR else Text("提示：", "Note: ").within(language)
        yield _place(one.place, language)
        yield f"  {grave}{one.message.within(language)}"
        if after is None or after.remedy != one.remedy:  # said once where it is the same for all
            yield f"  {one.remedy.within(language)}"
    more = count - min(len(group), SHOWN)
    if more > 0:
        yield Text(
            f"……另有 {more:,} 处同样的问题（此类共 {count:,} 处{of}）。",
            f"... and {more:,} more like it ({count:,}{of}).",
        ).within(language)


def _place(place: Place, language: Language) -> str:
    zh, en = [place.file], [place.file]
    if place.line is not None:
        zh.append(f"第 {place.line} 行")
        en.append(f"line {place.line}")
    if place.row is not None:
        zh.append(f"第 {place.row} 行")
        en.append(f"row {place.row}")
    if place.field:
        zh.append(f"{place.field} 列")
        en.append(f"column {place.field}")
    return Text("，".join(zh), ", ".join(en)).within(language)


def _verdict(report: Report) -> Text:
    outcome = _OUTCOMES[report.outcome]
    errors = report.errors
    zh = f"，{errors:,} 处" if errors else ""
    en = f", {_many(errors, 'finding')}" if errors else ""
    return Text(
        f"{report.subject}：{outcome.zh}（{report.rows:,} 行{zh}）",
        f"{report.subject}: {outcome.en} ({_many(report.rows, 'row')}{en})",
    )


def _many(count: int, one: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"
