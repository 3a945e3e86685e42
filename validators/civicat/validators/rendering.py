"""A report as lines of text for a terminal: where, what was found, what was expected, what to do. A pure function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

from civicat.finding import Finding, Place, Severity
from civicat.report import Outcome, Report, ResourceReport
from civicat.text import Language, Text
from civicat.validators.messages import plain

SHOWN = 3  # places that are shown of findings of one kind in one column; the rest is counted

_OUTCOMES = {
    Outcome.PASSED: Text("通过", "passed"),
    Outcome.FAILED: Text("有待改正", "to be mended"),
    Outcome.UNCHECKED: Text("未能检查完", "could not be checked to the end"),
}


def render(report: Report, language: Language) -> list[str]:
    """The lines of a report in one language, the verdict last."""
    lines = [line for group in _groups(report.findings) for line in _described(group, language)]
    for resource in report.resources:
        lines += _resource(resource, language)
    return [plain(line) for line in (*lines, _verdict(report).within(language))]


def _described(group: Sequence[Finding], language: Language) -> Iterator[str]:
    """Findings of one kind on a descriptor: each has to be mended by hand, so all are listed, one a line."""
    if len(group) <= SHOWN:
        yield from _group(group, len(group), "", language)
        return
    for file, ones in groupby(group, key=lambda one: one.place.file):
        yield file
        for one in ones:
            yield f"  {_at(one, language)}{one.message.within(language)}"
    for remedy in dict.fromkeys(one.remedy.within(language) for one in group):
        yield f"  {remedy}"


def _at(one: Finding, language: Language) -> str:
    """The line and the key path, which is left out where the message names it."""
    key, line = one.place.key, one.place.line
    parts = [Text(f"第 {line} 行", f"line {line}").within(language)] if line is not None else []
    if key and key not in one.message.within(language):
        parts.append(key)
    comma, colon = ("，", "：") if language == "zh" else (", ", ": ")
    return f"{comma.join(parts)}{colon}" if parts else ""


def _resource(resource: ResourceReport, language: Language) -> Iterator[str]:
    counted = {(tally.code, tally.rule, tally.field): tally.count for tally in resource.tallies}
    of = Text(f"，共 {resource.rows:,} 行", f" of {_many(resource.rows, 'row')}").within(language)
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
        asked = "validate --format json" + (" --limit-errors 0" if count > len(group) else "")
        yield Text(
            f"……另有 {more:,} 处同样的问题（此类共 {count:,} 处{of}）。civicat {asked} 可列出全部。",
            f"... and {more:,} more like it ({count:,}{of}). civicat {asked} lists them all.",
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
