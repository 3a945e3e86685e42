"""What the pages and the leaflet say of one release, gathered from its own files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from civicat.layout import MANIFEST, PROFILE, PROVENANCE
from civicat.publish.citation import SHORT, cite, cited_manifest
from civicat.publish.kit import words
from civicat.publish.kit.dictionary import Column, columns
from civicat.publish.kit.figures import Figures
from civicat.publish.kit.pictures import fewer, histogram_chart, values_chart
from civicat.publish.kit.spans import ends, interval, width
from civicat.release import Release, Table
from civicat.text import Language, Text
from civicat.vocabulary import FREQUENCIES, THEMES

_MOMENTS = ("date", "datetime", "year", "yearmonth")
_DAY = 10  # characters of a date; what follows it is the time of day
_FEW = 12  # values that a chart shows one by one; of more, the most frequent
_SHOWN = 7  # bars of a chart of values
_TELLING = 0.02  # of the rows: where no value stands in more, the most frequent ones tell little
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One table and its columns."""

    table: Table
    title: Text
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when the data is, by one of its columns."""

    column: Column
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and its caption."""

    caption: str
    picture: Markup


@dataclass(frozen=True, slots=True)
class Facts:
    """One release. `manifest` is the sha256 of its manifest.json, in hex, empty where it has none.

    `told` is the sentence of its provenance on how it came about.
    """

    release: Release
    manifest: str
    told: Text
    tables: tuple[TableFacts, ...]
    address: str

    @property
    def name(self) -> str:
        """`department/dataset@version`: what to ask for."""
        return f"{self.release.dataset.id}@{self.release.version}"

    @property
    def frequency(self) -> Text:
        """How often the department brings new data."""
        return FREQUENCIES.get(self.release.dataset.frequency, Text("未说明", "not stated"))

    @property
    def themes(self) -> tuple[Text, ...]:
        """The themes of the dataset."""
        return tuple(THEMES[code] for code in self.release.dataset.themes if code in THEMES)

    @property
    def caveats(self) -> tuple[Text, ...]:
        """What to know before use: of the dataset, then of its tables."""
        dataset = self.release.dataset
        return (*dataset.caveats, *(caveat for one in dataset.resources for caveat in one.caveats))

    @property
    def period(self) -> Period | None:
        """The time that the data covers, where a column says so and its profile is there."""
        found = [
            Period(column, *(one[:_DAY] for one in column.extremes))
            for table in self._by_rows()
            for column in table.columns
            if _is_moment(table, column) and len(column.extremes) == 2  # noqa: PLR2004 - both ends
        ]
        return next((one for one in found if one.first != one.last), next(iter(found), None))

    def released(self, language: Language) -> str:
        """The day of release in words."""
        try:
            return words.day(datetime.fromisoformat(self.release.released), language)
        except ValueError:
            return self.release.released

    def cited(self, style: str, language: Language) -> str:
        """The citation in one style; a release without a manifest is cited without its hash."""
        text = cite(self.release, style, self.manifest or _NO_HASH, self.address, language=language)
        return text if self.manifest else _without_hash(text)

    def charts(self, language: Language, most: int) -> list[Chart]:
        """The pictures that say most: rows in time, by code, by frequent value, by size; no two of a kind."""
        return [chart for _, chart in sorted(self._candidates(language).items())][:most]

    def _candidates(self, language: Language) -> dict[int, Chart]:
        found: dict[int, Chart] = {}
        for table in self._by_rows():
            for column in table.columns:
                for rank, chart in _charted(table, column, language):
                    found.setdefault(rank, chart)
        return found

    def _by_rows(self) -> list[TableFacts]:
        return sorted(self.tables, key=lambda one: -one.table.rows)


def facts(release: Release, profile: Mapping[str, object] | None = None, address: str = "") -> Facts:
    """What is said of a release; its profile is read from its folder where none is given.

    `address` is where the release is found on the web, empty where that is nowhere.

    Raises:
        StoreError: its manifest is damaged.
    """
    provenance = _json(release, PROVENANCE).get("sentence")
    told = provenance if isinstance(provenance, Mapping) else {}
    read = _json(release, PROFILE) if profile is None else profile
    return Facts(
        release=release,
        manifest=cited_manifest(release) if (release.folder / MANIFEST).exists() else "",
        told=Text(str(told.get("zh", "")), str(told.get("en", ""))),
        tables=tuple(_table(table, read) for table in release.tables),
        address=address,
    )


def _json(release: Release, name: str) -> Mapping[str, object]:
    """A JSON file of the release; nothing where it is not there, or is none."""
    try:
        found = json.loads((release.folder / name).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _table(table: Table, profile: Mapping[str, object]) -> TableFacts:
    title = table.resource.title or Text(table.name, table.name)
    return TableFacts(table, title, columns(table.resource, profile))


def _without_hash(text: str) -> str:
    for told in (" Manifest sha256: {}.", " 清单 sha256: {}.", "清单 sha256：{}。"):
        text = text.replace(told.format(_NO_HASH[:SHORT]), "")
    return text


def _is_moment(table: TableFacts, column: Column) -> bool:
    field = table.table.resource.schema.field(column.name)
    return field is not None and field.type in _MOMENTS


def _charted(table: TableFacts, column: Column, language: Language) -> Iterator[tuple[int, Chart]]:
    """The chart that a column would make, with its rank: the lower, the more it says."""
    found, title = column.figures, column.title.within(language) or column.name
    if found is None or (column.key and len(table.table.resource.schema.primary_key) == 1):
        return
    if _is_moment(table, column) and len(found.histogram) > 1:
        yield 0, _histogram(found, Text(f"行数：按“{title}”", f"Rows by “{title}”"), "", language)
    elif _is_telling(found):
        coded = bool(column.categories) or (found.distinct or _FEW + 1) <= _FEW
        yield (1 if coded else 2), _values(column, found, title, language)
    elif len(found.histogram) > 1 and found.distinct != found.count and not column.key:
        unit = f" ({column.unit})" if column.unit else ""
        caption = Text(f"行数：按“{title}”{unit}", f"Rows by “{title}”{unit}")
        yield 3, _histogram(found, caption, column.unit, language)


def _is_telling(found: Figures) -> bool:
    """Whether its most frequent values say something: some stand out, and in more than a few of the rows."""
    shown = found.top[:_SHOWN]
    uneven = len(shown) > 1 and shown[0].count > shown[-1].count
    return uneven and shown[0].count >= _TELLING * found.count and not found.histogram


def _histogram(found: Figures, named: Text, unit: str, language: Language) -> Chart:
    """Bars and what one of them is; the caption says both."""
    bars = fewer(found.histogram)
    one, peak = width(bars[0], unit), max(bars, key=lambda bar: bar.count)
    each = Text(f"；每条 {one.zh}", f"; one bar is {one.en}") if one else Text()
    caption = f"{named.within(language)}{each.within(language)}"
    between = (" – ".join(dict.fromkeys(pair)) for pair in (ends(bars, found.least, found.most), interval(peak)))
    label = f"{caption}: {'; '.join(between)}: {peak.count:,}"
    return Chart(caption, histogram_chart(bars, label, found.least, found.most))


def _values(column: Column, found: Figures, title: str, language: Language) -> Chart:
    bars, distinct = found.top[:_SHOWN], found.distinct or len(found.top)
    all_shown = len(bars) >= distinct
    caption = (
        Text(f"行数：按“{title}”", f"Rows by “{title}”")
        if all_shown
        else Text(
            f"{title}：{distinct:,} 种中最常见的 {len(bars)} 种",
            f"{title}: the {len(bars)} most frequent of {distinct:,}",
        )
    ).within(language)

    def call(value: str) -> str:
        return column.called(value).within(language) or words.WORDS["nothing"].within(language)

    told = ", ".join(f"{call(bar.value)} {bar.count:,}" for bar in bars)
    return Chart(caption, values_chart(bars, f"{caption}: {told}", call))
