"""The picture of a release that other sites show beside a link: 1200 by 630 pixels, true of it at a glance."""

from __future__ import annotations

from dataclasses import dataclass

from civicat.catalog.charts.columns import Column
from civicat.catalog.charts.drawing import Drawing, Label
from civicat.catalog.charts.spelled import fitted, moment, number, width
from civicat.catalog.charts.svg import FONTS, broken, styled, templates
from civicat.catalog.i18n import TAGS
from civicat.release import Release
from civicat.text import Language

WIDTH, HEIGHT = 1200, 630
_LEFT, _ROOM, _ALL = 72, 600, 1056  # pixels: the margin; a line of words beside a chart, and without one
_MOST_SLIPS = 24
_DEPARTMENTS = (28, 24, 20)  # size in pixels
_TITLES = ((60, 2), (50, 3), (40, 4))  # size in pixels, and lines that it may take


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says. `drawing` is a small chart with its title, or None."""

    release: Release
    language: Language
    releases: int
    period: str
    drawing: Drawing | None = None
    caption: str = ""


def period(release: Release, tables: dict[str, tuple[Column, ...]], language: Language) -> str:
    """The time that a release covers, first to last: as its steward says, else as its first column of dates."""
    told = release.dataset.period
    if told and told.begins:
        return _span(told.begins, told.ends, language)
    ends = [
        (str(one.profile.get("min", "")), str(one.profile.get("max", "")))
        for columns in tables.values()
        for one in columns
        if one.role == "date" and one.field.type in {"date", "datetime", "year"}
    ]
    whole = [(first, last) for first, last in ends if first and last]
    return _span(*whole[0], language) if whole else ""


def _span(first: str, last: str, language: Language) -> str:
    a, b = (_day(one, language) for one in (first, last))
    return a if a == b or not b else f"{a} – {b}"


def _day(written: str, language: Language) -> str:
    """A day, a month or a year, as fine as it is written."""
    match len(written):
        case 4:
            return f"{written} 年" if language == "zh" else written
        case 7:
            return moment(f"{written}-01", "month", language)
        case _:
            return moment(written[:10], "day", language)


def card(shown: Card) -> str:
    """The card as SVG, all of its looks in itself."""
    release, language = shown.release, shown.language
    room = _ROOM if shown.drawing else _ALL
    size, lines = _title(release.dataset.title.within(language), room)
    rows = f"{number(release.rows)} 行" if language == "zh" else f"{number(release.rows)} rows"
    version = f"版本 {release.version}" if language == "zh" else f"version {release.version}"
    day = moment(release.released[:10], "day", language) if release.released else ""
    department = release.department.title.within(language)
    named = next((one for one in _DEPARTMENTS if width(department, one) <= room), _DEPARTMENTS[-1])
    return str(
        templates()
        .get_template("charts/card.svg")
        .render(
            shown=shown.drawing,
            look=styled,
            caption=[Label(0, -22.0, fitted(shown.caption, 13, 330), "k")],
            fonts=FONTS[language],
            tag=TAGS[language],
            left=_LEFT,
            department=fitted(department, named, room),
            named=named,
            lines=lines,
            size=size,
            rows=rows,
            period=shown.period,
            version=" · ".join(one for one in (version, day) if one),
            slips=min(shown.releases, _MOST_SLIPS),
        )
    )


def _title(words: str, room: float) -> tuple[int, list[str]]:
    """The largest size at which a title fits its lines; the last of which is cut where none does."""
    for size, most in _TITLES:
        lines = broken(words, size, room)
        if len(lines) <= most and (len(lines) == 1 or width(lines[-1], size) > room / 4):
            return size, lines
    size, most = _TITLES[-1]
    lines = broken(words, size, room)[:most]
    return size, [*lines[:-1], f"{lines[-1][:-1]}…"]
