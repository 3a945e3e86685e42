"""A report as one HTML page: a single file without script that works from disk, on paper, in the dark and read aloud.

Both languages are in it; the reader switches with a link. Same report, same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from civicat.report import Outcome, Report, ResourceReport
from civicat.text import LANGUAGES, Language
from civicat.validators.messages import plain, quoted
from civicat.validators.reports.excerpt import SHOWN, Excerpt, brief, excerpt, has_letters
from civicat.validators.reports.figure import Figure, draw
from civicat.validators.reports.kinds import (
    OF_THE_HEADER,
    Because,
    Causes,
    Kind,
    is_cut,
    kinds_of,
    kinds_of_descriptor,
    whole_file,
)
from civicat.validators.reports.ours import MARK
from civicat.validators.reports.words import letters, number, size, word
from civicat.validators.unread import unread

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

MOST_KINDS = 60  # kinds of one table that are told in full; a page with more of them is read by nobody
FIRST = 5  # things that are listed as to be done first
_EXAMPLES = 3  # values that are quoted as what was found
_MUCH = 0.8  # the share of all places from which on the first kinds are said to be most of the work
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")  # Hebrew, Arabic and those written like them
_QUOTE = re.compile("(“[^”]*”)")
_CODES: Mapping[Language, str] = {"zh": "zh-Hans", "en": "en"}


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of finding, as the page tells it."""

    number: int
    stage: int
    anchor: str
    heading: str
    column: str
    field: str
    rows: str
    count: str
    total: int
    found: str
    remedy: str
    causes: tuple[Because, ...]
    is_error: bool
    is_folded: bool  # whether a cause of the whole file says what to do
    excerpt: Excerpt | None
    rule: str


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the dataset, or its descriptor (where `resource` is None)."""

    resource: ResourceReport | None
    title: str
    figure: Figure | None
    items: tuple[Item, ...]
    unexplained: tuple[Kind, ...]
    left_out: tuple[int, int]  # kinds that are not shown, and how many places they have
    causes: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """The page in one language."""

    language: Language
    code: str
    title: str
    lead: str
    places: str
    spread: str
    parts: tuple[Part, ...]
    first: tuple[Item, ...]
    more: bool
    good: tuple[str, ...]
    in_order: tuple[str, ...]
    not_checked: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every row was checked."""
        return not self.not_checked


def render_page(report: Report, language: Language, causes: Causes | None = None) -> str:
    """The HTML of a report, shown first in `language`; `causes` are the likely ones of each resource, by its name."""
    sides = [_side(report, one, causes or {}) for one in sorted(LANGUAGES, key=lambda one: one == language)]
    style = files(__package__).joinpath("page.css").read_text("utf-8")
    subject = report.resources[0].path if len(report.resources) == 1 else report.subject
    return _template().render(report=report, subject=brief(subject), sides=sides, own=sides[-1], style=_trusted(style))


def _trusted(style: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 (comes with the template engine, see _template)

    return Markup(style)  # noqa: S704 (our own file)


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 (only a page needs it, and it takes its time)

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_harmless
    )
    environment.filters |= {"size": size, "brief": brief, "run": _run, "told": _told}
    environment.globals |= {"word": word, "Outcome": Outcome, "codes": _CODES, "mark": MARK}
    return environment.from_string(files(__package__).joinpath("page.html.jinja").read_text("utf-8"))


def _harmless(value: object) -> object:
    """What the template writes out: a file's texts cannot turn the order of the words around them."""
    return plain(value) if type(value) is str else value


def _run(text: str) -> Markup:
    """A text of the file: set apart, so that its direction turns nothing else, and marked where it is Chinese."""
    from markupsafe import Markup  # noqa: PLC0415 (as above)

    words = plain(text)
    if not words:
        return Markup()
    tongue = Markup(' lang="zh-Hans"') if _HAN.search(words) else Markup()
    return Markup("<bdi{}>{}</bdi>").format(tongue, words)


def _told(text: str) -> Markup:
    """A sentence of ours: what it quotes is set apart where it is read from right to left."""
    from markupsafe import Markup, escape  # noqa: PLC0415 (as above)

    words = plain(text)
    if not _LEFTWARD.search(words):
        return escape(words)
    pieces = _QUOTE.split(words)  # every second one is a quote
    return Markup().join(Markup("<bdi>{}</bdi>").format(one) if at % 2 else one for at, one in enumerate(pieces))


def _side(report: Report, language: Language, causes: Causes) -> Side:
    parts = _parts(report, language, causes)
    errors = sorted((one for part in parts for one in part.items if one.is_error), key=_urgency)
    many = len(errors) + sum(len(part.unexplained) + part.left_out[0] for part in parts)
    return Side(
        language=language,
        code=_CODES[language],
        title=_title(report, many, language),
        lead=_lead(report, errors, many, language),
        places=_places(report, language),
        spread=_spread(report, language),
        parts=parts,
        first=tuple(errors[:FIRST]),
        more=many > FIRST,
        good=tuple(one.name for one in report.resources if one.outcome is Outcome.PASSED),
        in_order=tuple(_in_order(report, language)),
        not_checked=tuple(_not_checked(report, language)),
    )


def _places(report: Report, language: Language) -> str:
    """How many places are to be mended, as far as that is known."""
    cut = any(is_cut(one) for one in report.resources)
    return word("at-least", language, count=report.errors) if cut else f"{report.errors:,}"


def _spread(report: Report, language: Language) -> str:
    """How many columns have something to mend."""
    columns = len({(one.name, tally.field) for one in report.resources for tally in one.tallies if tally.field})
    if not report.errors:
        return word("places-none", language)
    return word("places-in-one" if columns == 1 else "places-in", language, columns=columns) if columns else ""


def _in_order(report: Report, language: Language) -> Iterator[str]:
    for one in report.resources:
        fields = {name for tally in one.tallies for name in (tally.field, *tally.field.split(", "))}
        good = [label for label in one.labels if label not in fields]
        named = "" if len(report.resources) == 1 else f"{quoted(one.name)}{'：' if language == 'zh' else ': '}"
        if one.outcome is Outcome.PASSED:
            yield word("in-order-table", language, name=quoted(one.path))
        elif good and one.complete and not is_cut(one) and not OF_THE_HEADER & set(one.counts):
            yield named + word("in-order-columns", language, all=len(one.labels), good=len(good))


def _not_checked(report: Report, language: Language) -> Iterator[str]:
    for one in report.resources:
        if is_cut(one) and one.stopped is not None:
            yield word("stopped", language, name=quoted(one.path), row=one.stopped)
        elif not one.complete:
            yield word("not-checked-table", language, name=quoted(one.path))


def _urgency(item: Item) -> tuple[int, int]:
    return (item.stage, -item.total)


def _title(report: Report, many: int, language: Language) -> str:
    if report.outcome is not Outcome.FAILED:
        return word(str(report.outcome), language)
    if (where := unread(report)) is not None:
        key = "unread-one" if report.errors == 1 else "unread"
        return word(key, language, where=where.within(language), kinds=number(report.errors, language))
    return word("failed-one" if many == 1 else "failed", language, kinds=number(many, language))


def _lead(report: Report, errors: Sequence[Item], many: int, language: Language) -> str:
    """What can be said in a sentence: how much of the work the first kinds are."""
    if unread(report) is not None:
        return word("unread-lead", language)
    if report.outcome is Outcome.PASSED:
        return word("all-checked", language)
    if report.outcome is Outcome.UNCHECKED:
        return word("to-the-end", language)
    if cut := [one for one in report.resources if is_cut(one)]:
        return " ".join(_cut(one, language, alone=len(report.resources) == 1) for one in cut)
    for taken, key in ((1, "share-one"), (2, "share-two")):
        part = sum(one.total for one in errors[:taken])
        if many > taken and part >= _MUCH * report.errors:
            return word(key, language, part=part, total=report.errors)
    return ""


def _cut(one: ResourceReport, language: Language, *, alone: bool) -> str:
    """That reading stopped; the one file of a report has been named before it."""
    facts = {"limit": one.limit or 0, "row": one.stopped or 0}
    return word("cut-alone", language, **facts) if alone else word("cut", language, name=quoted(one.path), **facts)


def _parts(report: Report, language: Language, causes: Causes) -> tuple[Part, ...]:
    found = kinds_of_descriptor(report)
    parts = [_part(None, found, (), language, 1)] if found else []
    begin = sum(len(part.items) for part in parts) + 1
    for resource in report.resources:
        why = causes.get(resource.name, ())
        found = kinds_of(resource, why)
        parts.append(_part(resource, found, whole_file(why), language, begin))
        begin += len(parts[-1].items)
    return tuple(parts)


def _part(
    resource: ResourceReport | None, kinds: Sequence[Kind], causes: Sequence[Because], language: Language, begin: int
) -> Part:
    told = [kind for kind in kinds if kind.findings]
    rest = told[MOST_KINDS:]
    unexplained = [kind for kind in kinds if not kind.findings]
    items = (_item(kind, place, resource, language) for place, kind in enumerate(told[:MOST_KINDS], begin))
    return Part(
        resource=resource,
        title=resource.path if resource else word("descriptor", language),
        figure=draw(resource, kinds, language) if resource else None,
        items=tuple(items),
        unexplained=tuple(unexplained[:MOST_KINDS]),
        left_out=_sum([*rest, *unexplained[MOST_KINDS:]]),
        causes=tuple(one for one in causes if not any(one in kind.causes for kind in told)),
    )


def _sum(kinds: Sequence[Kind]) -> tuple[int, int]:
    return (len(kinds), sum(kind.count for kind in kinds))


def _item(kind: Kind, place: int, resource: ResourceReport | None, language: Language) -> Item:
    first = kind.findings[0]
    folded = whole_file(kind.causes)
    return Item(
        number=place,
        stage=kind.stage,
        anchor=f"{language}-{place}",
        heading=_heading(kind, language),
        column=_column(kind, resource, language),
        field=quoted(kind.field),
        rows=_rows(kind, language),
        count=_count(kind, resource, language),
        total=kind.count,
        found=_found(kind, language),
        remedy=(folded[0] if folded else first).remedy.within(language),
        causes=kind.causes,
        is_error=kind.is_error,
        is_folded=bool(folded),
        excerpt=excerpt(kind, resource, language),
        rule=f"{kind.code} {kind.rule}".strip(),
    )


def _heading(kind: Kind, language: Language) -> str:
    """What is wrong, by its first place; the column before it, where the words do not name it."""
    if kind.is_of_header and kind.count > 1:
        return word("header-many", language, count=kind.count)
    message = kind.findings[0].message.within(language)
    colon = "：" if language == "zh" else ": "
    return message if not kind.field or _names(message, quoted(kind.field)) else f"{quoted(kind.field)}{colon}{message}"


def _names(message: str, field: str) -> bool:
    """Whether a message names a column, and not only uses a word that is its name too."""
    return re.search(rf"(?:^|“|[Cc]olumn | in | before ){re.escape(field)}(?:$|”|[ ,.])", message) is not None


def _count(kind: Kind, resource: ResourceReport | None, language: Language) -> str:
    if kind.count == 1:
        return word("many-one", language)
    if resource is None or kind.stage < 2 or not resource.rows or is_cut(resource):  # noqa: PLR2004 (of the file or its header)
        return word("many", language, count=kind.count)
    return word(
        "every-row" if kind.count == resource.rows else "of-rows", language, count=kind.count, rows=resource.rows
    )


def _column(kind: Kind, resource: ResourceReport | None, language: Language) -> str:
    """What stands before the field's name: its letter, where the file is one that a spreadsheet opens."""
    if not kind.field or resource is None:
        return ""
    if kind.column is None or not has_letters(resource):
        return word("column-plain", language)
    return word("column", language, letter=letters(kind.column))


def _rows(kind: Kind, language: Language) -> str:
    places = [one.place for one in kind.findings]
    rows = [place.row for place in places if place.row is not None]
    lines = [place.line for place in places if place.line is not None]
    if kind.is_of_header and rows:
        return word("row-one", language, rows=f"{rows[0]:,}")
    numbers, what = (rows, "row") if rows else (lines, "line")
    if not numbers:
        return "" if kind.field else word("whole", language)
    whole = len(numbers) == kind.count > SHOWN
    if whole and what == "row" and numbers[-1] - numbers[0] + 1 == kind.count:
        return word("row-range", language, first=numbers[0], last=numbers[-1])
    return _listed(numbers, what, kind.count, language)


def _listed(numbers: Sequence[int], what: str, count: int, language: Language) -> str:
    shown = list(dict.fromkeys(numbers[:SHOWN]))
    listed = ("、" if language == "zh" else ", ").join(f"{one:,}" for one in shown)
    if count > SHOWN:
        return word(f"{what}-more", language, rows=listed, more=count - SHOWN)
    return word(f"{what}-one" if len(shown) == 1 else f"{what}-many", language, rows=listed)


def _found(kind: Kind, language: Language) -> str:
    """The first different values that were found; nothing where there is one, which the heading quotes."""
    values = dict.fromkeys(brief(one.found) for one in kind.findings if "cell" in one.descriptor)
    if len(values) < 2:  # noqa: PLR2004 (two differ)
        return ""
    shown = [f"“{value}”" if value else word("nothing", language) for value in list(values)[:_EXAMPLES]]
    more = "……" if language == "zh" else ", ..."
    return ("、" if language == "zh" else ", ").join(shown) + (more if len(values) > _EXAMPLES else "")
