"""What is due, at `/calendar`; as a file that calendars subscribe to, at `/calendar.ics`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from datasette.utils.asgi import Response

from civicat.catalog.facts.due_days import calendar
from civicat.catalog.facts.freshness import LEVELS
from civicat.catalog.facts.overview import Overview, Promise, overview
from civicat.catalog.files.icalendar import TYPE, Event, icalendar
from civicat.catalog.i18n import CHOICES, Words
from civicat.catalog.model import Card
from civicat.catalog.pages.addressed import address, page_number
from civicat.catalog.pages.rendering import missing, page
from civicat.catalog.site_context import Site, origin, site_of, words_of
from civicat.text import Text
from civicat.vocabulary import FREQUENCIES, THEMES

MOST_EVENTS = 2000  # of one file, those due first


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the calendar is asked for; blank for all."""

    department: str = ""
    theme: str = ""
    state: str = ""

    def at(self, path: str = "/calendar", **other: str | int) -> str:
        """Its address, with some of it otherwise."""
        return address(path, **{"department": self.department, "theme": self.theme, "state": self.state, **other})


def wanted_promises(seen: Overview, wanted: Wanted) -> Iterator[Promise]:
    """The promises of the department and theme that are asked for, in their order."""
    for one in seen.promises:
        is_of = not wanted.department or one.department == wanted.department
        if is_of and (not wanted.theme or wanted.theme in one.themes):
            yield one


def _asked(request: Any) -> Wanted:  # noqa: ANN401 (Datasette ships no types; so below)
    return Wanted(*(request.args.get(name) or "" for name in ("department", "theme", "state")))


async def due_calendar(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """What is late, and what is due when."""
    site, wanted = site_of(datasette), _asked(request)
    department = site.catalogue.department(wanted.department)
    if wanted.department and department is None:
        return await missing(datasette, request, wanted.department)
    seen = await asyncio.to_thread(overview, site.catalogue)
    number = page_number(request.args.get("page"))
    found = calendar(wanted_promises(seen, wanted), datetime.now(UTC).date(), wanted.state, number)
    words = words_of(site, request.scope)
    return await page(
        datasette,
        request,
        "calendar.html",
        section="calendar",
        wanted=wanted,
        department=department,
        calendar=found,
        cards=site.catalogue.cards_of(day.promise.dataset for group in found.groups for day in group.days),
        heading=lambda name: _heading(name, words),
        levels=LEVELS,
        themes=THEMES,
        frequencies=FREQUENCIES,
        feed=Wanted(wanted.department, wanted.theme).at("/calendar.ics", lang=words.tag),
    )


_HEADINGS: Mapping[str, Text] = {
    "week-0": Text("本周", "This week"),
    "week-1": Text("下周", "Next week"),
    "week-2": Text("两周后", "In two weeks"),
    "week-3": Text("三周后", "In three weeks"),
    "months": Text("四至十二周后", "In four to twelve weeks"),
    "later": Text("更晚", "Later"),
    "late": LEVELS["late"],
    "unscheduled": LEVELS["unscheduled"],
    "closed": LEVELS["closed"],
}


def _heading(name: str, words: Words) -> str:
    """What a group of days is called."""
    return words.plain(_HEADINGS[name])


async def due_feed(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    """The days that are promised, as iCalendar; `lang` names the language, for a calendar program has none."""
    site, wanted = site_of(datasette), _asked(request)
    department = site.catalogue.department(wanted.department)
    if wanted.department and department is None:
        return await missing(datasette, request, wanted.department)
    words = _words(site, request)
    seen = await asyncio.to_thread(overview, site.catalogue)
    promised = list(islice((one for one in wanted_promises(seen, wanted) if one.day), MOST_EVENTS))
    cards = site.catalogue.cards_of(one.dataset for one in promised)
    events = _events(promised, cards, words, origin(request))
    name = Text("数据更新日历", "Data due") if department is None else _named(department.title)
    headers = {"content-disposition": 'inline; filename="calendar.ics"'}
    return Response(icalendar(words.plain(name), events).decode(), content_type=TYPE, headers=headers)


def _named(title: Text) -> Text:
    return Text(f"数据更新日历：{title.within('zh')}", f"Data due: {title.within('en')}")


def _words(site: Site, request: Any) -> Words:  # noqa: ANN401
    locale = CHOICES.get(request.args.get("lang") or "")
    if locale is None:
        return words_of(site, request.scope)
    return Words("en" if locale == "en" else "zh", site.messages[locale], is_traditional=locale == "zh-Hant")


def _events(promised: Iterable[Promise], cards: Mapping[str, Card], words: Words, home: str) -> Iterator[Event]:
    for one in promised:
        card = cards[one.dataset]
        frequency, who = FREQUENCIES.get(card.frequency, Text()), card.department_title
        title = Text(f"应更新：{card.title.within('zh')}", f"Due: {card.title.within('en')}")
        told = Text(
            f"{who.within('zh')}承诺{frequency.zh}更新。最近版本：{card.version}，{card.released[:10]}。",
            f"{who.within('en')} promised to update it {frequency.en}. "
            f"The latest is version {card.version} of {card.released[:10]}.",
        )
        yield Event(
            subject=card.id,
            day=date.fromisoformat(one.day),
            summary=words.plain(title),
            description=words.plain(told),
            address=f"{home}/d/{card.id}" if home else "",
            stamp=card.released,
            sequence=card.versions - 1,
        )


ROUTES = ((r"^/calendar$", due_calendar), (r"^/calendar\.ics$", due_feed))
