"""Charts and maps of a release: the page of all that are worth seeing, a page for each, and each as a file.

/d/<department>/<dataset>/charts                                             of the newest release
/d/<department>/<dataset>/<version>/charts
/d/<department>/<dataset>/<version>/chart/distribution/<resource>/<column>
/d/<department>/<dataset>/<version>/chart/series/<resource>/<date>/<value>[/<category>]
/d/<department>/<dataset>/<version>/chart/bars/<resource>/<category>[/<value>]
/d/<department>/<dataset>/<version>/chart/map/<resource>[/<value>]
    each with .svg, .png or .csv; ?by=sum or ?by=mean chooses how values are taken together; ?embed=1 is for frames
/d/<department>/<dataset>/<version>/card-en.png | card-zh.png
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup, escape

from civicat import delimited
from civicat.catalog.charts import told
from civicat.catalog.charts.asked import BYS, KINDS, Asked, decoded, fits, has_periods, refused, too_short
from civicat.catalog.charts.card import Card, card, period
from civicat.catalog.charts.chosen import chosen
from civicat.catalog.charts.columns import Column, columns
from civicat.catalog.charts.desk import FOR_PICTURES, PATIENCE, desk
from civicat.catalog.charts.drawing import NARROW, WIDE, Drawing, Label
from civicat.catalog.charts.kept import at_once, figured, pictured
from civicat.catalog.charts.layouts import Scene, drawn
from civicat.catalog.charts.plot import Plot
from civicat.catalog.charts.spelled import CLOSES, OPENS
from civicat.catalog.charts.svg import Words as Around
from civicat.catalog.charts.svg import alone, inline
from civicat.catalog.charts.units import can_be_added
from civicat.catalog.facts.withdrawn import WithdrawnError, all_down
from civicat.catalog.files.downloads import DATASET, FRESH, RELEASE, Stream, bytes_stream
from civicat.catalog.files.making import LaterError
from civicat.catalog.i18n import Words
from civicat.catalog.look.scripts import script
from civicat.catalog.pages.rendering import missing, page
from civicat.catalog.site_context import Receive, Site, origin, site_of, words_of
from civicat.release import Release, Table, Version
from civicat.text import LANGUAGES, Language, Text

_MOST_DRAWN = 16  # small charts of one page; more are links
_SCALE = 2.0  # pixels of a PNG for each of the drawing
_MEDIA = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv; charset=utf-8"}
_CARD_TALL = 290  # pixels that a chart may have on a card
_AT_A_GLANCE = ("map", "series", "distribution", "bars")  # what a card shows, the first that there is
_TALL_FRAME = 460  # CSS pixels that an embedded chart is given


@dataclass(frozen=True, slots=True)
class Shown:
    """One chart in one language. `svg` is drawn wide and `narrow` for telephones; blank where there is nothing."""

    asked: Asked
    address: str
    title: str
    headline: Markup
    sentence: str
    svg: Markup
    narrow: Markup


@dataclass(frozen=True, slots=True)
class ChartPage:
    """All that chart.html needs beside the Release. `others` are the same chart taken together otherwise."""

    shown: Shown
    query: str
    table: told.Table
    left_out: int
    methods: tuple[Text, ...]
    sql: str
    caveats: tuple[Text, ...]
    others: tuple[tuple[Text, str], ...]
    embed: str
    rows: str


@dataclass(frozen=True, slots=True)
class Part:
    """The charts of one table: those drawn, those that are only links yet, and what may be drawn of each column."""

    table: Table
    shown: tuple[Shown, ...]
    later: tuple[tuple[Text, str], ...]
    choices: tuple[tuple[Text, str, tuple[tuple[str, str], ...]], ...]


async def charts(datasette: Any, request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types; so below)
    """The charts of a release that are worth seeing."""
    release = await _release(datasette, request)
    if release is None:
        return await _missing(datasette, request)
    return await _all(datasette, request, release)


async def chart(datasette: Any, request: Any, receive: Receive) -> Response | Stream:  # noqa: ANN401
    """One chart, as a page or as a file.

    Raises:
        LaterError: its figures are not there yet.
    """
    release = await _release(datasette, request)
    if release is None:
        return await _missing(datasette, request)
    found = await asyncio.to_thread(_found, release, request)
    if found is None:
        return await _all(datasette, request, release, status=404, wanted=_wanted(request))
    table, known, asked = found
    if not fits(asked, known):
        reason = refused(asked, known)
        return await _all(datasette, request, release, status=404, wanted=_wanted(request), reason=reason)
    site = site_of(datasette)
    plot = await _plot(site, release, table, asked, known)
    if reason := too_short(asked, plot):
        return await _all(datasette, request, release, status=404, wanted=_wanted(request), reason=reason)
    words = _words(site, request)
    form = request.url_vars["form"]
    if form:
        return await _file(site, request, receive, release, _One(release, table, known, asked, plot, words))
    one = _One(release, table, known, asked, plot, words)
    template = "embed.html" if request.args.get("embed") == "1" else "chart.html"
    made = await asyncio.to_thread(_page, one, origin(request))
    return await page(datasette, request, template, section="search", release=release, page=made)


def _wanted(request: Any) -> str:  # noqa: ANN401
    """The chart that an address names, as it is written there."""
    return decoded(f"{request.url_vars['kind']}/{request.url_vars['resource']}{request.url_vars['columns']}")


@dataclass(frozen=True, slots=True)
class _One:
    """A chart that is about to be shown."""

    release: Release
    table: Table
    known: tuple[Column, ...]
    asked: Asked
    plot: Plot
    words: Words

    @property
    def chosen(self) -> tuple[Column, ...]:
        """The columns that it draws."""
        return tuple(one for name in self.asked.columns for one in self.known if one.name == name)


async def _release(datasette: Any, request: Any) -> Release | None:  # noqa: ANN401
    """The release that an address names, else the newest.

    Raises:
        WithdrawnError: every release that the dataset ever had is down.
    """
    asked, layout = request.url_vars, site_of(datasette).layout
    name, written = f"{asked['department']}/{asked['dataset']}", asked.get("version")
    version = Version.parse(written) if written else None
    if written and version is None:
        return None
    release = await asyncio.to_thread(layout.release, name, version)
    if release is None and not written:
        down = await asyncio.to_thread(all_down, layout, name)
        if down:
            raise WithdrawnError(down)
    return release


async def _missing(datasette: Any, request: Any) -> Response:  # noqa: ANN401
    asked = request.url_vars
    pieces = (asked["department"], asked["dataset"], asked.get("version"))
    return await missing(datasette, request, "/".join(piece for piece in pieces if piece))


def _found(release: Release, request: Any) -> tuple[Table, tuple[Column, ...], Asked] | None:  # noqa: ANN401
    """The table, its columns and the chart that an address means; None where there is no such table."""
    vars_ = request.url_vars
    resource = decoded(vars_["resource"])
    table = next((one for one in release.tables if one.resource.name == resource), None)
    if table is None:
        return None
    names = tuple(decoded(one) for one in vars_["columns"].split("/")[1:])
    by = next((one for one in BYS if one == request.args.get("by")), BYS[0])
    kind = next(one for one in KINDS if one == vars_["kind"])
    known = columns(release, table)
    return table, known, Asked(kind, resource, names, by if len(names) > 1 and kind != "map" else BYS[0])


async def _plot(  # noqa: PLR0913, PLR0917 - which chart of what, and how long one waits
    site: Site,
    release: Release,
    table: Table,
    asked: Asked,
    known: tuple[Column, ...],
    patience: float = PATIENCE,
) -> Plot:
    plot = await asyncio.to_thread(at_once, site.layout, release, table, asked, known)
    if plot is not None:
        return plot
    key = (release.dataset.id, release.version, release.inputs, asked)
    return await desk().make(key, partial(figured, site.layout, release, table, asked, known), patience)


def _words(site: Site, request: Any) -> Words:  # noqa: ANN401
    """The words of the reader's language, or of the one that the address of a file names."""
    words = words_of(site, request.scope)
    if not request.url_vars.get("form"):
        return words
    language = next((one for one in LANGUAGES if one == request.args.get("lang")), words.language)
    return words if language == words.language else Words(language)


def _drawing(one: _One, width: int) -> Drawing:
    """The drawing, with the words of its axes in the reader's script."""
    made = drawn(one.plot, Scene(one.chosen, one.words.language, width))
    return replace(made, labels=tuple(_label(each, one.words) for each in made.labels))


def _label(label: Label, words: Words) -> Label:
    """A label in the reader's script, with its language where it is not the page's; values of the data as they are."""
    said = label.words if label.origin == "data" else words.scripted(label.words)
    found = "en" if label.origin == "en" else script(said)
    is_same = found in {None, words.tag} or (found == "zh" and words.language == "zh")
    return replace(label, words=said, lang="" if is_same else _TAGGED.get(found or "", found or ""))


_TAGGED = {"zh": "zh-Hans"}  # what both scripts write alike


def _told(said: Text, words: Words) -> Iterator[tuple[bool, str]]:
    """A sentence in the reader's language in pieces: whether each is a value of the data, and its words."""
    for place, piece in enumerate(said.within(words.language).split(OPENS)):
        value, closes, after = piece.partition(CLOSES) if place else ("", "", piece)
        if closes:
            yield True, value
        yield False, words.scripted(after if closes or not place else piece)


def _plain(said: Text, words: Words) -> str:
    """The same as plain words, for attributes and titles."""
    return "".join(piece for _, piece in _told(said, words))


def _said(said: Text, words: Words) -> Markup:
    """The same as HTML, values of the data marked with their script."""
    return Markup("").join(words.run(piece) if is_data else escape(piece) for is_data, piece in _told(said, words))


def _around(one: _One) -> Around:
    plot, plain, release = one.plot, one.words.plain, one.release
    said = [text(plot, one.chosen) for text in (told.title, told.headline, told.sentence)]
    title, headline, sentence = (_plain(each, one.words) for each in said)
    source = (
        f"{plain(release.department.title)} · {plain(release.dataset.title)} · {release.version}",
        " · ".join(one for one in (_licence(release, one.words), f"/d/{release.dataset.id}/{release.version}") if one),
    )
    return Around(one.words.language, title, headline, sentence, source)


def _licence(release: Release, words: Words) -> str:
    return ", ".join(words.plain(one.title) or one.name for one in release.dataset.licences)


def _shown(one: _One, name: str, *, is_small: bool = False) -> Shown:
    around = _around(one)
    has_marks = bool(one.plot.marks)
    wide = inline(_drawing(one, WIDE), around, f"{name}w", "wide") if has_marks and not is_small else Markup()
    narrow = inline(_drawing(one, NARROW), around, f"{name}n", "" if is_small else "narrow") if has_marks else Markup()
    address = _address(one.release, one.asked)
    headline = _said(told.headline(one.plot, one.chosen), one.words)
    return Shown(one.asked, address, around.title, headline, around.told, wide, narrow)


def _address(release: Release, asked: Asked) -> str:
    return f"/d/{release.dataset.id}/{release.version}/{asked.path}"


def _page(one: _One, host: str) -> ChartPage:
    shown = _shown(one, "c")
    table = told.table(one.plot, one.chosen, one.words.language)
    listed = replace(table, rows=table.rows[: told.MOST_LISTED])
    query = f"?by={one.asked.by}" if one.asked.by else ""
    framed = f"{host}{shown.address}?{urlencode([*([('by', one.asked.by)] if one.asked.by else []), ('embed', '1')])}"
    caveats = (
        *(text for column in one.chosen for text in column.field.caveats),
        *one.table.resource.caveats,
        *one.release.dataset.caveats,
    )
    return ChartPage(
        shown=shown,
        query=query,
        table=listed,
        left_out=len(table.rows) - len(listed.rows),
        methods=(*told.methods(one.plot), *_cut(one)),
        sql=one.plot.sql,
        caveats=tuple(dict.fromkeys(caveats)),
        others=tuple(_others(one, shown.address)),
        embed=f'<iframe src="{Markup.escape(framed)}" title="{Markup.escape(shown.title)}" width="100%" '
        f'height="{_TALL_FRAME}" loading="lazy"></iframe>',
        rows=f"/{one.release.department.code}/{one.table.name}",
    )


_CUT = Text("以“…”结尾的标签已截短，全文见表格。", "Labels that end in “…” are cut: the table has the whole words.")


def _cut(one: _One) -> tuple[Text, ...]:
    """A sentence on labels that are cut, where there are any."""
    drawings = [_drawing(one, width) for width in (WIDE, NARROW)] if one.plot.marks else []
    return (_CUT,) if any(label.words.endswith("…") for drawing in drawings for label in drawing.labels) else ()


_BY = {"sum": Text("相加", "added up"), "mean": Text("取平均", "averaged")}


def _others(one: _One, address: str) -> Iterator[tuple[Text, str]]:
    """The other ways to take the values of a group together, where there is more than one in each."""
    if one.asked.kind in {"series", "bars"} and one.plot.how in _BY:
        adds = all(can_be_added(column.field.unit) for column in one.chosen if column.role == "quantity")
        yield from (
            (said, f"{address}?by={by}") for by, said in _BY.items() if by != one.plot.how and (adds or by != "sum")
        )


async def _file(
    site: Site,
    request: Any,  # noqa: ANN401
    receive: Receive,
    release: Release,
    one: _One,
) -> Stream:
    """The chart as SVG or PNG, or its figures as CSV."""
    form = request.url_vars["form"]
    if not one.plot.marks and form != "csv":
        raise NotFound("there is no value to draw")
    if form == "png":
        name = f"chart-{one.words.tag}"
        work = partial(pictured, site.layout, release, name, partial(_alone, one), _SCALE)
        key = (release.dataset.id, release.version, release.inputs, one.asked, one.words.tag)
        body = await desk().make(key, work, FOR_PICTURES)
    else:
        body = await asyncio.to_thread(_figures if form == "csv" else _svg, one)
    pieces = (release.department.code, one.table.name, str(release.version), one.asked.kind, *one.asked.columns)
    named = "-".join("".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in one) for one in pieces)
    headers = {
        "content-type": _MEDIA[form],
        "content-disposition": f'inline; filename="{named}.{form}"',
        "cache-control": FRESH,
        "vary": "Accept-Language, Cookie",
    }
    return bytes_stream(request.scope, receive, body, headers)


def _alone(one: _One) -> str:
    return alone(_drawing(one, WIDE), _around(one))


def _svg(one: _One) -> bytes:
    return _alone(one).encode()


def _figures(one: _One) -> bytes:
    head, *rows = told.as_rows(one.plot)
    return b"".join([delimited.header(list(head)), *(_line(row) for row in rows)])


def _line(cells: tuple[str, ...]) -> bytes:
    return (",".join(map(_cell, cells)) + "\n").encode()


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


async def _all(  # noqa: PLR0913 - what of, and why it stands here instead of a chart
    datasette: Any,  # noqa: ANN401
    request: Any,  # noqa: ANN401
    release: Release,
    *,
    status: int = 200,
    wanted: str = "",
    reason: Text = Text(),  # noqa: B008 (frozen)
) -> Response:
    """The page of all charts; where one was asked for that cannot be drawn, it says so, why, and what can be."""
    site = site_of(datasette)
    words = _words(site, request)
    drawing = 0 if wanted else _MOST_DRAWN
    parts = []
    for number, table in enumerate(release.tables):
        parts.append(await _part(site, release, table, words, f"t{number}c", drawing))
        drawing -= len(parts[-1].shown)
    return await page(
        datasette,
        request,
        "charts.html",
        status=status,
        section="search",
        release=release,
        parts=parts,
        wanted=wanted,
        reason=reason,
    )


async def _part(  # noqa: PLR0913, PLR0917 - a table of a release, and how it is shown
    site: Site, release: Release, table: Table, words: Words, name: str, most: int
) -> Part:
    known = await asyncio.to_thread(columns, release, table)
    worth = chosen(table.resource.name, known) if most else ()
    plots = await asyncio.gather(*(_or_later(site, release, table, one, known) for one in worth[:most]))
    shown = tuple(
        _shown(_One(release, table, known, asked, plot, words), f"{name}{place}", is_small=True)
        for place, (asked, plot) in enumerate(zip(worth, plots, strict=False))
        if plot is not None and plot.marks and not too_short(asked, plot)
    )
    done = {asked for asked, plot in zip(worth, plots, strict=False) if plot is not None}
    later = tuple((_titles(asked, known), _address(release, asked)) for asked in worth if asked not in done)
    return Part(table, shown, later, tuple(_choices(release, table, known)))


async def _or_later(site: Site, release: Release, table: Table, asked: Asked, known: tuple[Column, ...]) -> Plot | None:
    """The figures of a chart where they are had in time."""
    with suppress(LaterError):
        return await _plot(site, release, table, asked, known, PATIENCE / 2)
    return None


def _titles(asked: Asked, known: tuple[Column, ...]) -> Text:
    titles = [one.title for name in asked.columns for one in known if one.name == name]
    return Text("、".join(one.within("zh") for one in titles), ", ".join(one.within("en") for one in titles))


def _choices(
    release: Release, table: Table, known: tuple[Column, ...]
) -> Iterator[tuple[Text, str, tuple[tuple[str, str], ...]]]:
    """What may be drawn of each column: (kind, address)."""
    day = next((one.name for one in known if one.role == "date" and has_periods(one)), None)
    name = table.resource.name
    for column in known:
        own = {
            "distribution": Asked("distribution", name, (column.name,)),
            "series": Asked("series", name, (day or "", column.name)),
            "bars": Asked("bars", name, (column.name,)),
            "map": Asked("map", name, (column.name,) if column.role == "quantity" else ()),
        }
        links = tuple(
            (kind, _address(release, asked))
            for kind, asked in own.items()
            if fits(asked, known)
            and not (kind == "bars" and column.role == "date")
            and (kind != "map" or column.role in {"quantity", "shape", "point", "latitude"})
        )
        if links:
            yield column.title, column.name, links


async def picture(datasette: Any, request: Any, receive: Receive) -> Stream:  # noqa: ANN401
    """The card of a release.

    Raises:
        NotFound: there is no such release.
        LaterError: it is not there yet.
    """
    release, site = await _release(datasette, request), site_of(datasette)
    if release is None:
        raise NotFound(request.path)
    language: Language = request.url_vars["language"]
    work = partial(pictured, site.layout, release, f"card-{language}", partial(_card, site, release, language), 1.0)
    key = ("card", release.dataset.id, release.version, release.inputs, language)
    body = await desk().make(key, work, FOR_PICTURES)
    headers = {
        "content-type": "image/png",
        "content-disposition": f'inline; filename="{release.dataset.id.replace("/", "-")}-{language}.png"',
        "cache-control": FRESH,
    }
    return bytes_stream(request.scope, receive, body, headers)


def _card(site: Site, release: Release, language: Language) -> str:
    """The card as SVG, with the first chart that one can see at a glance."""
    known = {table.resource.name: columns(release, table) for table in release.tables}
    drawing, caption = _glance(site, release, known, language)
    until = [one for one in site.layout.versions(release.dataset.id) if one <= release.version]
    return card(Card(release, language, max(1, len(until)), period(release, known, language), drawing, caption))


def _glance(
    site: Site, release: Release, known: dict[str, tuple[Column, ...]], language: Language
) -> tuple[Drawing | None, str]:
    """The first map, series without panels, or distribution that is had; and what it shows."""
    for table in sorted(release.tables, key=lambda one: -one.rows):
        found = known[table.resource.name]
        for asked in sorted(chosen(table.resource.name, found), key=lambda one: _AT_A_GLANCE.index(one.kind)):
            plot = figured(site.layout, release, table, asked, found)
            one = _One(release, table, found, asked, plot, Words(language))
            drawing = _drawing(one, NARROW) if len(plot.marks) > 1 else None
            if drawing is not None and drawing.height <= _CARD_TALL and not plot.is_cut:
                return drawing, told.title(plot, one.chosen).within(language)
    return None, ""


_KIND = "|".join(KINDS)
_OF = rf"/chart/(?P<kind>{_KIND})/(?P<resource>[^/.]+)(?P<columns>(?:/[^/]+?){{0,3}}?)(?:\.(?P<form>svg|png|csv))?$"
ROUTES = (
    (rf"{RELEASE}/charts$", charts),
    (rf"{DATASET}/charts$", charts),
    (rf"{RELEASE}{_OF}", chart),
    (rf"{RELEASE}/card-(?P<language>zh|en)\.png$", picture),
)
