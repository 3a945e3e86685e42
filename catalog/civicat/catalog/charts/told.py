"""What a chart says in words, computed from its figures: plain facts, no cause, no trend but first and last.

Title, headline, the sentence for those who do not see it, how it was computed, and its figures as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from civicat.catalog.charts.columns import Column
from civicat.catalog.charts.maps import CLASSES
from civicat.catalog.charts.plot import How, Mark, Plot
from civicat.catalog.charts.scales import class_of, classes
from civicat.catalog.charts.spelled import code, code_origin, edge, moment, number, quoted, signed, spoken, whole_code
from civicat.catalog.charts.units import measured, with_unit
from civicat.text import LANGUAGES, Language, Text

MOST_LISTED = 500  # rows of a table under a chart; the CSV has all
_PERIODS: Mapping[str, Text] = {
    "hour": Text("小时", "hour"),
    "day": Text("日", "day"),
    "month": Text("月", "month"),
    "year": Text("年", "year"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a chart: headings, rows of cells, and how many of them stand after the first cells as numbers."""

    heads: tuple[Text, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: int


def title(plot: Plot, columns: tuple[Column, ...]) -> Text:
    """What is drawn."""
    return _TITLES[plot.shape](plot, columns)


def headline(plot: Plot, columns: tuple[Column, ...]) -> Text:
    """What it shows, in one sentence without its end."""
    if not plot.marks:
        return Text("没有可画的数值", "There is no value to draw")
    return _both(lambda language: _HEADLINES[plot.shape](plot, columns, language))


def sentence(plot: Plot, columns: tuple[Column, ...]) -> Text:
    """The chart for those who do not see it: what it is, its range, its peak, what is left out."""
    said = [headline(plot, columns), *_more(plot, columns)]
    return Text("；".join(one.zh for one in said) + "。", "; ".join(one.en for one in said) + ".")


def _both(say: Callable[[Language], str]) -> Text:
    return Text(**{language: say(language) for language in LANGUAGES})


def _named(column: Column) -> Text:
    return Text(column.title.within("zh"), column.title.within("en"))


def _histogram_title(plot: Plot, columns: tuple[Column, ...]) -> Text:
    one = _named(columns[0])
    if plot.how == "length":
        return Text(f"{one.zh}：文字的长度", f"{one.en}: how long its texts are")
    if columns[0].role == "date":
        return Text(f"{one.zh}：各时段的行数", f"{one.en}: how many rows when")
    return Text(f"{one.zh}：数值的分布", f"{one.en}: how its values are spread")


def _bars_title(plot: Plot, columns: tuple[Column, ...]) -> Text:
    by = _named(columns[0])
    if len(columns) == 1:
        return Text(f"各“{by.zh}”的行数", f"Rows by “{by.en}”")
    value, done = _named(columns[1]), _DONE[plot.how]
    return Text(f"各“{by.zh}”的{value.zh}{done.zh}", f"{value.en} by “{by.en}”{done.en}")


def _series_title(plot: Plot, columns: tuple[Column, ...]) -> Text:
    value = _named(columns[1]) if len(columns) > 1 else Text("行数", "Rows")
    part = _named(columns[2]) if len(columns) > 2 else Text()  # noqa: PLR2004 (date, value, category)
    grain, done = _PERIODS.get(plot.grain, Text()), _DONE[plot.how]
    return Text(
        f"{value.zh}逐{grain.zh}变化{done.zh}" + (f"，按“{part.zh}”分开" if part else ""),
        f"{value.en} by {grain.en}{done.en}" + (f", for each “{part.en}”" if part else ""),
    )


def _map_title(plot: Plot, columns: tuple[Column, ...]) -> Text:
    del plot
    value = _named(columns[0]) if columns else Text()
    return (
        Text(f"地图：{value.zh}", f"{value.en} on the map") if value else Text("地图：各行的位置", "Where the rows are")
    )


_DONE: Mapping[How, Text] = {
    "count": Text(),
    "value": Text(),
    "length": Text(),
    "sum": Text("（合计）", ", total"),
    "mean": Text("（平均）", ", average"),
}
_TITLES: Mapping[str, Callable[[Plot, tuple[Column, ...]], Text]] = {
    "histogram": _histogram_title,
    "bars": _bars_title,
    "series": _series_title,
    "points": _map_title,
    "shapes": _map_title,
}


def _histogram_says(plot: Plot, columns: tuple[Column, ...], language: Language) -> str:
    peak = max(plot.marks, key=lambda mark: mark.rows)
    name = columns[0].title.within(language)
    span, many, of = _span(peak, plot, language), number(peak.rows), number(plot.rows - plot.missing)
    filled = Text("有值的 ", " with a value") if plot.missing else Text()
    if plot.how == "length":
        zh, en = f"{name}最常见的长度是 {span} 个字符", f"{name} is most often {span} characters long"
    elif plot.grain in {"day", "month", "second", "hour"} or columns[0].role == "date":
        zh, en = f"{span}的行最多", f"Most rows are of {span}"
    else:
        said = measured(span, columns[0].unit, language)
        zh, en = f"{name}最常见的是 {said}", f"{name} is most often {said}"
    return f"{zh}：{filled.zh}{of} 行中有 {many} 行" if language == "zh" else f"{en}: {many} of {of} rows{filled.en}"


def _span(mark: Mark, plot: Plot, language: Language) -> str:
    low, high = (edge(one, plot.grain, language) for one in (mark.key, mark.until))
    if _is_one(mark, plot):
        return low
    if plot.grain == "second" and mark.key[:10] == mark.until[:10]:
        low, high = f"{low} {mark.key[11:16]}" if mark.key[11:16] == "00:00" else low, mark.until[11:16]
    return f"{low} 至 {high}" if language == "zh" else f"{low} to {high}"


def _is_one(mark: Mark, plot: Plot) -> bool:
    """Whether a bin is of one whole number, or one period."""
    if plot.grain == "number":
        return mark.key.lstrip("-").isdecimal() and mark.until.lstrip("-").isdecimal() and _apart(mark) == 1
    return plot.grain in {"month", "hour"} or (plot.grain == "year" and _apart(mark) == 1)


def _apart(mark: Mark) -> int:
    try:
        return int(mark.until[:20]) - int(mark.key[:20])
    except ValueError:
        return 0


def _bars_say(plot: Plot, columns: tuple[Column, ...], language: Language) -> str:
    best = max(plot.marks, key=lambda mark: (mark.value is not None, mark.value or 0.0))
    who = _who(best, columns[0], language)
    if plot.how == "count":
        many, of = number(best.rows), number(plot.rows)
        return f"“{who}”最多：{of} 行中有 {many} 行" if language == "zh" else f"{who} comes first: {many} of {of} rows"
    value = columns[1].title.within(language)
    figure = measured(spoken(best.value, language), columns[1].unit, language)
    done = {"sum": Text("合计", "in total"), "mean": Text("平均", "on average")}.get(plot.how, Text()).within(language)
    if language == "zh":
        return f"“{value}”{done}最高的是“{who}”：{figure}"
    return f"“{value}” is highest for {who}: {figure}{f' {done}' if done else ''}"


def _who(mark: Mark, column: Column, language: Language) -> str:
    """A group by its label; one that has none and is only digits also by what its column is called."""
    return _group(mark.key, column, language)


def _group(key: str, column: Column, language: Language) -> str:
    said = code(key, column, language)
    if said.isdecimal():
        return f"{column.title.within(language)} {said}"
    return quoted(said) if code_origin(key, column, language) == "data" else said


def _series_says(plot: Plot, columns: tuple[Column, ...], language: Language) -> str:
    full = [mark for mark in plot.marks if mark.value is not None]
    if not full:
        return "没有数值" if language == "zh" else "There is no value"
    best = max(full, key=lambda mark: mark.value or 0.0)
    name = columns[1].title.within(language) if len(columns) > 1 else _ROWS.within(language)
    unit = columns[1].unit if len(columns) > 1 else ""
    peak = f"{_when(best, plot, language)}", measured(spoken(best.value, language), unit, language)
    if len(columns) > 2:  # noqa: PLR2004
        who = _group(best.panel, columns[2], language)
        return (
            f"“{name}”最高的是“{who}”，{peak[0]}为 {peak[1]}"
            if language == "zh"
            else f"“{name}” is highest for {who}: {peak[1]} {_in(plot)} {peak[0]}"
        )
    first, last = full[0], full[-1]
    a, b = (measured(spoken(one.value, language), unit, language) for one in (first, last))
    since, until = (_when(one, plot, language) for one in (first, last))
    if language == "zh":
        return f"{name}：{since}为 {a}，{until}为 {b}；最高在{peak[0]}，为 {peak[1]}"
    at = _in(plot)
    return f"{name}: {a} {at} {since}, {b} {at} {until}; highest {at} {peak[0]}, {peak[1]}"


def _in(plot: Plot) -> str:
    return "on" if plot.grain in {"day", "hour"} else "in"


def _when(mark: Mark, plot: Plot, language: Language) -> str:
    if plot.grain == "year":
        return f"{mark.key[:4]} 年" if language == "zh" else mark.key[:4]
    return moment(mark.key, plot.grain, language)


def _map_says(plot: Plot, columns: tuple[Column, ...], language: Language) -> str:
    many, of = number(plot.rows - plot.missing), number(plot.rows)
    best = max(plot.marks, key=lambda mark: (mark.value is not None, mark.value or 0.0))
    where = _place(best, language)
    placed = f"{of} 行中有 {many} 行在地图上" if language == "zh" else f"{many} of {of} rows are on the map"
    if not plot.missing:
        placed = f"{of} 行全部在地图上" if language == "zh" else f"All {of} rows are on the map"
    if not columns or best.value is None:
        return placed
    name, figure = columns[0].title.within(language), measured(spoken(best.value, language), columns[0].unit, language)
    return f"{placed}；“{name}”最高 {figure}，在 {where}" if language == "zh" else (
        f"{placed}; “{name}” is highest at {where}: {figure}"
    )  # fmt: skip


def _place(mark: Mark, language: Language) -> str:
    if mark.key:
        return mark.key
    del language
    east = f"{abs(mark.x):.4g}°{'E' if mark.x >= 0 else 'W'}"
    return f"{abs(mark.y):.4g}°{'N' if mark.y >= 0 else 'S'} {east}"


_HEADLINES: Mapping[str, Callable[[Plot, tuple[Column, ...], Language], str]] = {
    "histogram": _histogram_says,
    "bars": _bars_say,
    "series": _series_says,
    "points": _map_says,
    "shapes": _map_says,
}
_ROWS = Text("行数", "Rows")


def _more(plot: Plot, columns: tuple[Column, ...]) -> Iterator[Text]:
    """What else the sentence says: the range, what is left out."""
    if plot.marks:
        yield from _RANGES.get(plot.shape, _no_range)(plot, columns)
    if plot.rest:
        groups = number(plot.groups)
        yield Text(f"其余 {groups} 类合为一条灰色", f"the other {groups} are one grey bar")
    elif plot.groups:
        yield Text(f"另有 {plot.groups} 个部分未画", f"{plot.groups} more parts are not drawn")
    if plot.missing:
        many = number(plot.missing)
        yield Text(f"另有 {many} 行为空，未计入", f"{many} rows without a value are left out")


def _histogram_range(plot: Plot, columns: tuple[Column, ...]) -> Iterator[Text]:
    zh, en = (_ends(plot, columns[0], language) for language in LANGUAGES)
    yield Text(f"全部在 {zh[0]} 到 {zh[1]} 之间", f"all lie from {en[0]} to {en[1]}")


def _ends(plot: Plot, column: Column, language: Language) -> tuple[str, str]:
    least, most = column.profile.get("min"), column.profile.get("max")
    if plot.how != "length" and isinstance(least, str) and isinstance(most, str):
        return edge(least, plot.grain, language), edge(most, plot.grain, language)
    return edge(plot.marks[0].key, plot.grain, language), edge(plot.marks[-1].until, plot.grain, language)


def _bars_range(plot: Plot, columns: tuple[Column, ...]) -> Iterator[Text]:
    if len(plot.marks) > 1:
        last = min((mark for mark in plot.marks if mark.value is not None), key=_height, default=plot.marks[-1])
        zh, en = (_who(last, columns[0], language) for language in LANGUAGES)
        figure = number(last.value)
        yield Text(f"所画的 {len(plot.marks)} 条中“{zh}”最低，为 {figure}", f"{en} is the lowest drawn: {figure}")


def _height(mark: Mark) -> float:
    return mark.value or 0.0


def _series_range(plot: Plot, columns: tuple[Column, ...]) -> Iterator[Text]:
    full = [mark for mark in plot.marks if mark.value is not None]
    if full and len(columns) < 3:  # noqa: PLR2004
        least = min(full, key=_height)
        figure = number(least.value)
        yield Text(
            f"最低在{_when(least, plot, 'zh')}，为 {figure}", f"lowest {_in(plot)} {_when(least, plot, 'en')}, {figure}"
        )
    empty = sum(mark.value is None for mark in plot.marks)
    if empty:
        yield Text(f"其中 {empty} 个时段没有数值，线条断开", f"{empty} periods have no value: the line breaks there")


def _no_range(plot: Plot, columns: tuple[Column, ...]) -> Iterator[Text]:
    del plot, columns
    yield from ()


_RANGES: Mapping[str, Callable[[Plot, tuple[Column, ...]], Iterator[Text]]] = {
    "histogram": _histogram_range,
    "bars": _bars_range,
    "series": _series_range,
}


def methods(plot: Plot) -> tuple[Text, ...]:
    """How the figures were made: from what, of how many rows, and what was done to them."""
    of, out = number(plot.rows), number(plot.missing)
    source = (
        Text(f"由 DuckDB 从本版本的 {of} 行算出。", f"Computed by DuckDB from the {of} rows of this version.")
        if plot.sql
        else Text(
            f"取自发布时算好的概况（profile.json），共 {of} 行。",
            f"From the profile that was made when this was published (profile.json), of {of} rows.",
        )
    )
    empty = Text(f"{out} 行没有数值，未计入。", f"{out} rows have no value and are left out.") if plot.missing else (
        Text("没有空值。", "No cell is empty.")
    )  # fmt: skip
    return tuple(one for one in (source, empty, *_steps(plot)) if one)


def _steps(plot: Plot) -> Iterator[Text]:
    if plot.shape != "points":
        yield _MEANS.get(plot.how, Text())
    yield from _STEPS.get(plot.shape, _no_steps)(plot)


def _histogram_steps(plot: Plot) -> Iterator[Text]:
    if plot.marks:
        yield Text("每一段含左端，不含右端。", "Each bar has its left edge and not its right one.")
    if plot.below or plot.above:
        yield Text(
            "大多数值挤在一起：条形画的是中间的 98%，两侧的灰条是更小和更大的值。",
            "Most values crowd: the bars show the middle 98%, the grey bars at the sides what is smaller or larger.",
        )
    if plot.marks and plot.missing > 2 * max(mark.rows for mark in plot.marks):
        yield Text("空值的空心条太高，上端未画出。", "The hollow bar of the empty cells goes on above the picture.")


def _series_steps(plot: Plot) -> Iterator[Text]:
    if plot.how in {"mean", "value"}:
        yield Text("纵轴不一定从零开始。", "The axis need not begin at zero.")
    if plot.ends and plot.how != "value":
        zh, en = (tuple(moment(one, "day", language) for one in plot.ends) for language in LANGUAGES)
        yield Text(
            f"数据从{zh[0]}到{zh[1]}：首尾两个时段（空心圈）可能不完整。",
            f"The data run from {en[0]} to {en[1]}: the first and the last period (hollow rings) may not be whole.",
        )
    if any(mark.panel for mark in plot.marks):
        yield Text("各小图的刻度相同。", "All panels have the same scale.")
    if plot.groups:
        yield Text(
            f"画出平均值最高的几部分，另有 {plot.groups} 个部分未画。",
            f"The parts with the highest average are drawn; {plot.groups} more are not.",
        )


def _bars_steps(plot: Plot) -> Iterator[Text]:
    if plot.rest:
        chosen = _FIRST.get(plot.how, Text("行数最多", "with the most rows"))
        average = Text("，取平均值", ", averaged") if plot.how in {"mean", "value"} else Text()
        many, others = len(plot.marks), number(plot.groups)
        if plot.is_cut:
            yield Text("灰色一条太长，右端未画出。", "The grey bar goes on beyond the picture.")
        yield Text(
            f"画出{chosen.zh}的 {many} 类，其余 {others} 类合为灰色一条{average.zh}。",
            f"The {many} {chosen.en} are drawn; the grey bar is the other {others}{average.en}.",
        )


def _map_steps(plot: Plot) -> Iterator[Text]:
    yield Text(
        "等积圆柱投影，不用外部底图。颜色越深、点越大，数值越高。",
        "A cylindrical equal-area projection, without anybody else’s map. Stronger and larger is higher.",
    )
    if plot.shape == "points" and not plot.cell:
        yield Text("位置完全相同的行合为一点。", "Rows of the very same place are one point.")
    if plot.cell:
        side = f"{plot.cell:g}"
        yield Text(f"相距不到约 {side}° 的行合为一点。", f"Rows less than about {side}° apart are one point.")
    if plot.shape == "points" and plot.how == "mean":
        yield Text("同一点有几行时取平均值。", "Where a point has several rows, their values are averaged.")
    if plot.shape == "shapes":
        yield Text("轮廓已简化，仅供示意。", "Outlines are simplified: they show where, not how far exactly.")


def _no_steps(plot: Plot) -> Iterator[Text]:
    del plot
    yield from ()


_STEPS: Mapping[str, Callable[[Plot], Iterator[Text]]] = {
    "histogram": _histogram_steps,
    "series": _series_steps,
    "bars": _bars_steps,
    "points": _map_steps,
    "shapes": _map_steps,
}
_FIRST: Mapping[How, Text] = {
    "sum": Text("合计最多", "with the largest totals"),
    "value": Text("数值最高", "with the highest values"),
}
_MEANS: Mapping[How, Text] = {
    "sum": Text("每组的数值相加。", "The values of each group are added up."),
    "mean": Text("每组取平均值。", "The values of each group are averaged."),
    "value": Text("每组只有一行，直接画出其数值。", "Each group has one row: its value is drawn as it is."),
    "count": Text("每组数行数。", "The rows of each group are counted."),
    "length": Text("数值各不相同，画的是文字长度。", "No value comes twice: what is drawn is how long they are."),
}


def table(plot: Plot, columns: tuple[Column, ...], language: Language) -> Table:
    """The figures that are drawn, in the words of one language."""
    return _TABLES[plot.shape](plot, columns, language)


def _histogram_table(plot: Plot, columns: tuple[Column, ...], language: Language) -> Table:
    marks = [mark for mark in (plot.below, *plot.marks, plot.above) if mark]
    rows = [
        (
            edge(mark.key, plot.grain, language) or _LESS.within(language),
            edge(mark.until, plot.grain, language) or _MORE.within(language),
            number(mark.rows),
        )
        for mark in marks
    ]
    if plot.missing:
        rows.append((_EMPTY.within(language), "", number(plot.missing)))
    name, unit = _named(columns[0]), "" if plot.how == "length" else columns[0].unit
    from_ = Text(f"{with_unit(name.zh, unit, 'zh')}，从", f"{with_unit(name.en, unit, 'en')}, from")
    below = Text("到（不含）", "to (not with it)")
    return Table((from_, below, _ROWS), tuple(rows), 1)


def _bars_table(plot: Plot, columns: tuple[Column, ...], language: Language) -> Table:
    rows = [
        (_key(mark.key, columns[0]), _label(mark.key, columns[0], language), *_figures(mark, plot, columns))
        for mark in plot.marks
    ]
    if plot.rest:
        rest = Text(f"其余 {number(plot.groups)} 类", f"The other {number(plot.groups)}").within(language)
        rows.append((rest, "", *_figures(plot.rest, plot, columns)))
    if plot.missing:
        rows.append((_EMPTY.within(language), "", *([""] if len(columns) > 1 else []), number(plot.missing)))
    heads = (_named(columns[0]), Text("含义", "Meaning"), *_value_heads(plot, columns), _ROWS)
    if not any(row[1] for row in rows):
        return Table((heads[0], *heads[2:]), tuple((row[0], *row[2:]) for row in rows), len(heads) - 2)
    return Table(heads, tuple(rows), len(heads) - 2)


def _key(key: str, column: Column) -> str:
    return signed(key) if column.is_number else key


def _label(key: str, column: Column, language: Language) -> str:
    said = whole_code(key, column, language)
    return "" if said in {key, signed(key)} else said


def _figures(mark: Mark, plot: Plot, columns: tuple[Column, ...]) -> tuple[str, ...]:
    del plot
    return (*((number(mark.value),) if len(columns) > 1 else ()), number(mark.rows))


def _value_heads(plot: Plot, columns: tuple[Column, ...]) -> tuple[Text, ...]:
    if len(columns) < 2:  # noqa: PLR2004
        return ()
    name, unit, done = _named(columns[1]), columns[1].unit, _DONE[plot.how]
    return (Text(with_unit(name.zh, unit, "zh") + done.zh, with_unit(name.en, unit, "en") + done.en),)


def _series_table(plot: Plot, columns: tuple[Column, ...], language: Language) -> Table:
    when = _PERIODS.get(plot.grain, Text("时间", "Time"))
    heads: tuple[Text, ...] = (Text(when.zh, when.en.capitalize()), *_value_heads(plot, columns), _ROWS)
    panels = len(columns) > 2  # noqa: PLR2004
    rows = [
        (
            *((code(mark.panel, columns[2], language),) if panels else ()),
            _when(mark, plot, language),
            *_figures(mark, plot, columns),
        )
        for mark in plot.marks
    ]
    return Table(((_named(columns[2]), *heads) if panels else heads), tuple(rows), len(heads) - 1)


def _map_table(plot: Plot, columns: tuple[Column, ...], language: Language) -> Table:
    """How many rows and places each class has: a list of all places would be the data itself."""
    bounds = classes([mark.value for mark in plot.marks if mark.value is not None], CLASSES)
    held: dict[int, list[Mark]] = {}
    for mark in plot.marks:
        held.setdefault(-1 if mark.value is None else class_of(mark.value, bounds), []).append(mark)
    rows = [
        (*_class_words(place, bounds, language), number(len(marks)), number(sum(mark.rows for mark in marks)))
        for place, marks in sorted(held.items())
    ]
    name = _named(columns[0]) if columns else _ROWS
    unit = columns[0].unit if columns else ""
    heads = (
        Text(f"{with_unit(name.zh, unit, 'zh')}，从", f"{with_unit(name.en, unit, 'en')}, from"),
        Text("到", "to"),
        Text("图上的点" if plot.shape == "points" else "区域", "Points" if plot.shape == "points" else "Shapes"),
        _ROWS,
    )
    return Table(heads, tuple(rows), 2)


def _class_words(place: int, bounds: Sequence[float], language: Language) -> tuple[str, str]:
    if place < 0 or not bounds:
        return _EMPTY.within(language), ""
    return number(bounds[place]), number(bounds[min(place + 1, len(bounds) - 1)])


_EMPTY = Text("空", "empty")
_LESS, _MORE = Text("更小", "less"), Text("及更大", "and more")
_TABLES: Mapping[str, Callable[[Plot, tuple[Column, ...], Language], Table]] = {
    "histogram": _histogram_table,
    "bars": _bars_table,
    "series": _series_table,
    "points": _map_table,
    "shapes": _map_table,
}


def as_rows(plot: Plot) -> Iterator[tuple[str, ...]]:
    """The figures for machines: a header, then a row for each mark, in no language."""
    yield _HEADERS[plot.shape]
    for mark in (plot.below, *plot.marks, plot.above, plot.rest):
        if mark:
            yield _CELLS[plot.shape](mark)


def _raw(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


_HEADERS: Mapping[str, tuple[str, ...]] = {
    "histogram": ("from", "to", "rows"),
    "bars": ("value_of", "figure", "rows"),
    "series": ("part", "period", "figure", "rows"),
    "points": ("longitude", "latitude", "figure", "rows"),
    "shapes": ("longitude", "latitude", "figure", "rows"),
}
_CELLS: Mapping[str, Callable[[Mark], tuple[str, ...]]] = {
    "histogram": lambda mark: (mark.key, mark.until, str(mark.rows)),
    "bars": lambda mark: (mark.key, _raw(mark.value), str(mark.rows)),
    "series": lambda mark: (mark.panel, mark.key, _raw(mark.value), str(mark.rows)),
    "points": lambda mark: (f"{mark.x:g}", f"{mark.y:g}", _raw(mark.value), str(mark.rows)),
    "shapes": lambda mark: (f"{mark.x:g}", f"{mark.y:g}", _raw(mark.value), str(mark.rows)),
}
