"""A report as lines of text for a terminal: why, where, what was found, what to do. A pure function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from civicat.finding import Cause, Finding, Place, Severity
from civicat.report import Outcome, Report, ResourceReport
from civicat.text import Language, Text
from civicat.validators.messages import plain, quoted, visible
from civicat.validators.unread import unread
from civicat.validators.wrapping import wrapped

MOST_KINDS = 60  # kinds of one table that are told; a longer report is read by nobody
SHOWN = 3  # places that are shown of findings of one kind in one column; the rest is counted
_COLUMNS = 10  # columns of a header that are told one by one
_OF_THE_HEADER = frozenset(f"{part}-label" for part in ("extra", "missing", "blank", "duplicate", "incorrect"))
_LONGEST_FOUND = 24  # characters of a cell that is shown beside its row

_OUTCOMES = {
    Outcome.PASSED: Text("通过", "passed"),
    Outcome.FAILED: Text("有待改正", "to be mended"),
    Outcome.UNCHECKED: Text("未能检查完", "could not be checked to the end"),
}
_LIKELY = Text("可能的原因：", "Likely cause: ")
_NOTE = Text("提示：", "Note: ")


@dataclass(frozen=True, slots=True)
class _Group:
    """Findings of one kind in one column: those that were explained, and how many there are in all."""

    findings: Sequence[Finding]
    count: int
    rows: int  # of the table; 0 where there is none

    @property
    def first(self) -> Finding:
        """The one that is told in full."""
        return self.findings[0]


def render(
    report: Report, language: Language, causes: Mapping[str, Sequence[Cause]] | None = None, width: int = 0
) -> list[str]:
    """The lines of a report in one language, the verdict last.

    `causes` are the likely ones of each resource, by its name. `width` is that of the terminal in cells; where it is 0
    no line is broken.
    """
    lines = list(_descriptor(report.findings, language))
    for resource in report.resources:
        lines += _resource(resource, (causes or {}).get(resource.name, ()), language)
    lines += _where_all_are(report, language)
    safe = (plain(line) for line in (*lines, _verdict(report).within(language)))
    return [part for line in safe for part in (wrapped(line, width) if width else [line])]


# ------------------------------------------------------------------------------------------------------ the descriptor


def _descriptor(findings: Sequence[Finding], language: Language) -> Iterator[str]:
    """Findings of one kind on a descriptor: each has to be mended by hand, so many are listed, one a line."""
    for group in _groups(findings):
        if len(group) <= SHOWN:
            for one in group:
                yield from _told(one, language, remedy=one.remedy != group[-1].remedy or one is group[-1])
            continue
        for file, ones in groupby(group, key=lambda one: one.place.file):
            yield file
            yield from (f"  {_at(one, language)}{one.message.within(language)}" for one in ones)
        yield from dict.fromkeys(f"  {one.remedy.within(language)}" for one in group)


def _at(one: Finding, language: Language) -> str:
    """The line and the key path, which is left out where the message names it."""
    key, line = one.place.key, one.place.line
    parts = [Text(f"第 {line} 行", f"line {line}").within(language)] if line is not None else []
    if key and key not in one.message.within(language):
        parts.append(key)
    comma, colon = ("，", "：") if language == "zh" else (", ", ": ")
    return f"{comma.join(parts)}{colon}" if parts else ""


# ------------------------------------------------------------------------------------------------------------ the table


def _resource(resource: ResourceReport, causes: Sequence[Cause], language: Language) -> Iterator[str]:
    groups = list(_counted(resource))
    for cause in causes:
        if not cause.field:
            yield from _cause(cause, resource, groups, language)
    told: set[Cause] = set()
    folded = [group for group in groups if _is_folded(group.first, causes)]
    alike = _alike([group for group in groups if group not in folded], causes, language)
    for same in alike[:MOST_KINDS]:
        group = same[0]
        if group.first.code in _OF_THE_HEADER:
            yield from _header(group, language)
            continue
        for cause in causes:
            if cause not in told and _explains(cause, group.first):
                told.add(cause)
                yield from _cause(cause, resource, groups, language)
        yield from _group(group, language) if len(same) == 1 else _columns_alike(same, language)
    if rest := alike[MOST_KINDS:]:
        yield _left_out(rest).within(language)
    unexplained = resource.errors - sum(group.count for group in groups if group.first.severity is Severity.ERROR)
    if unexplained > 0:
        yield Text(f"……另有 {unexplained:,} 处其他问题。", f"... and {unexplained:,} of other kinds.").within(language)
    if _is_cut(resource):
        yield _stopped(resource).within(language)


def _is_folded(one: Finding, causes: Sequence[Cause]) -> bool:
    """Whether a cause of the whole file says all there is to say: mending that is mending this."""
    return any(not cause.field and one.code in cause.codes for cause in causes)


def _alike(groups: Sequence[_Group], causes: Sequence[Cause], language: Language) -> list[list[_Group]]:
    """Columns of which the very same is to be told together, where there are more of them than are told one by one."""
    explained = {cause.field for cause in causes}
    alike: dict[object, list[_Group]] = {}
    for number, group in enumerate(groups):
        first = group.first
        one = first.place.field and first.place.field not in explained and first.code not in _OF_THE_HEADER
        told = tuple(_group(replace(group, findings=_nameless(group)), language)) if one else number
        alike.setdefault(told, []).append(group)
    return [part for same in alike.values() for part in ([same] if len(same) > SHOWN else [[one] for one in same])]


def _nameless(group: _Group) -> list[Finding]:
    first = group.first
    return [replace(first, place=replace(first.place, field="")), *group.findings[1:]]


def _columns_alike(same: Sequence[_Group], language: Language) -> Iterator[str]:
    """Columns that have the same findings in the same rows: told once."""
    names, more = [quoted(group.first.place.field) for group in same[:SHOWN]], len(same) - SHOWN
    where, *told = _group(replace(same[0], findings=_nameless(same[0])), language)
    yield Text(
        f"{where}，{'、'.join(names)} 等 {len(same):,} 列", f"{where}, columns {', '.join(names)} and {more:,} more"
    ).within(language)
    yield from told


def _left_out(rest: Sequence[Sequence[_Group]]) -> Text:
    count = sum(group.count for same in rest for group in same)
    return Text(
        f"……另有 {len(rest):,} 类（{count:,} 处）未列出。",
        f"... and {_many(len(rest), 'more kind')} ({_many(count, 'place')}), not shown.",
    )


def _is_cut(resource: ResourceReport) -> bool:
    """Whether reading was given up at the limit, so that nobody knows how many errors there are."""
    return resource.limit is not None and resource.errors <= len(resource.findings)


def _stopped(resource: ResourceReport) -> Text:
    return Text(
        f"满 {resource.limit:,} 处即停：只查到第 {resource.stopped:,} 行，以下各行还没有查。",
        f"Checked as far as row {resource.stopped:,}, where the limit of {resource.limit:,} was reached; "
        "the rows below were not looked at.",
    )


def _header(group: _Group, language: Language) -> Iterator[str]:
    """What is wrong with the header: column after column, and once what to do."""
    if group.count == 1:
        yield from _told(group.first, language)
        return
    yield _place(replace(group.first.place, field=""), language)
    yield from (f"  {one.message.within(language)}" for one in group.findings[:_COLUMNS])
    if (more := group.count - _COLUMNS) > 0:
        yield Text(f"  还有 {more:,} 列也是这样。", f"  The same goes for {_many(more, 'more column')}.").within(
            language
        )
    yield from dict.fromkeys(f"  {one.remedy.within(language)}" for one in group.findings[:_COLUMNS])


def _counted(resource: ResourceReport) -> Iterator[_Group]:
    counted = Counter[tuple[str, str, str]]()
    for tally in resource.tallies:
        counted[_key(tally.code, tally.rule, tally.field)] += tally.count
    for group in _groups(resource.findings):
        yield _Group(group, counted[_kind(group[0])] or len(group), resource.rows)


def _explains(cause: Cause, one: Finding) -> bool:
    return bool(cause.field) and cause.field == one.place.field and (not cause.codes or one.code in cause.codes)


def _cause(cause: Cause, resource: ResourceReport, groups: Sequence[_Group], language: Language) -> Iterator[str]:
    file = groups[0].first.place.file if groups else resource.path
    yield _place(Place(file, field=cause.field), language)
    yield f"  {_LIKELY.within(language)}{cause.message.within(language)}"
    yield f"  {cause.remedy.within(language)}"
    if not cause.field and (count := sum(group.count for group in groups if group.first.code in cause.codes)):
        yield Text(
            f"  表头的 {count:,} 处问题由此而来。",
            f"  {_many(count, 'finding')} on the header {'comes' if count == 1 else 'come'} from this.",
        ).within(language)


def _groups(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings of one kind in one column together, in the order in which each kind was first met."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for one in findings:
        groups.setdefault(_kind(one), []).append(one)
    return list(groups.values())


def _kind(one: Finding) -> tuple[str, str, str]:
    return _key(one.code, one.rule, one.place.field)


def _key(code: str, rule: str, field: str) -> tuple[str, str, str]:
    """What is told together: one column's findings of one kind; in the header, all of one kind."""
    return (code, rule, "" if code in _OF_THE_HEADER else field)


def _group(group: _Group, language: Language) -> Iterator[str]:
    """The first finding in full, the next by their places, the others by their number."""
    yield from _told(group.first, language)
    further = [one for one in group.findings[1:SHOWN] if one.place.row is not None]
    more = group.count - 1 - len(further)
    if group.count > 1:
        yield f"  {_further(group, further, more).within(language)}"


def _told(one: Finding, language: Language, *, remedy: bool = True) -> Iterator[str]:
    grave = "" if one.severity is Severity.ERROR else _NOTE.within(language)
    yield _place(one.place, language)
    yield f"  {grave}{one.message.within(language)}"
    if remedy:
        yield f"  {one.remedy.within(language)}"


def _further(group: _Group, further: Sequence[Finding], more: int) -> Text:
    zh = "、".join(f"第 {one.place.row:,} 行{_found(one)}" for one in further)
    en = (", " if more else " and ").join(
        f"row {one.place.row:,}{' ' if one.found else ''}{_found(one)}" for one in further
    )
    if more:
        zh, en = f"{zh}{'，' if zh else ''}另有 {more:,} 处", f"{en}{' and ' if en else ''}{more:,} more"
    share = _share(group)
    return Text(f"还有：{zh}（{share.zh}）。", f"Also {en} ({share.en}).")


def _share(group: _Group) -> Text:
    """How many there are, of how many rows; a row can have more than one where it has more cells than the header."""
    if not group.rows:
        return Text(f"共 {group.count:,} 处", f"{group.count:,}")
    zh = f"{group.rows:,} 行中有 {group.count:,} 处"
    if len({one.place.row for one in group.findings}) < len(group.findings):
        return Text(zh, f"{_many(group.count, 'place')} in {_many(group.rows, 'row')}")
    return Text(zh, f"{group.count:,} of {_many(group.rows, 'row')}")


def _found(one: Finding) -> str:
    text = visible(one.found)
    return f"“{text if len(text) <= _LONGEST_FOUND else text[: _LONGEST_FOUND - 1] + '…'}”" if text else ""


def _where_all_are(report: Report, language: Language) -> Iterator[str]:
    """How to see what is only counted here."""
    groups = list(chain.from_iterable(_counted(resource) for resource in report.resources))
    listed = sum(len(resource.findings) for resource in report.resources)
    cut = report.errors > listed + len(report.findings) or any(map(_is_cut, report.resources))
    if cut or any(group.count > SHOWN for group in groups):
        more = " --limit-errors 0" if cut else ""
        sheet, text = f"--format xlsx --output findings.xlsx{more}", f"--format json{more}"
        yield Text(
            f"要在自己的表里看到每一处，请加上：{sheet}", f"To see every one marked in your own table, add: {sheet}"
        ).within(language)
        yield Text(f"要列出每一处，请加上：{text}", f"To list every one, add: {text}").within(language)


def _place(place: Place, language: Language) -> str:
    zh, en = [place.file], [place.file]
    if place.line is not None:
        zh.append(f"第 {place.line:,} 行")
        en.append(f"line {place.line:,}")
    if place.row is not None:
        zh.append(f"第 {place.row:,} 行")
        en.append(f"row {place.row:,}")
    if place.field:
        zh.append(f"{quoted(place.field)} 列")
        en.append(f"column {quoted(place.field)}")
    return Text("，".join(zh), ", ".join(en)).within(language)


def _verdict(report: Report) -> Text:
    errors = report.errors
    if (where := unread(report)) is not None:
        return Text(
            f"{report.subject}：未检查：{where.zh}有 {errors:,} 处错误",
            f"{report.subject}: not checked: the {where.en} has {_many(errors, 'fault')}",
        )
    outcome = _OUTCOMES[report.outcome]
    zh = f"，{errors:,} 处" if errors else ""
    en = f", {_many(errors, 'finding')}" if errors else ""
    return Text(
        f"{report.subject}：{outcome.zh}（{report.rows:,} 行{zh}）",
        f"{report.subject}: {outcome.en} ({_many(report.rows, 'row')}{en})",
    )


def _many(count: int, one: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"
