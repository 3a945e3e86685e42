"""What became of the rows of a table between the file that was handed in and the release, each step in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from civicat.conversion import RULES, ColumnConversion
from civicat.text import Text

NORMALISED = "normalised"
UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Transformation:
    """One thing that was done to one table: a code, words for it, and how often.

    `counts` counts what the step counts: cells by rule where texts were normalised, rows where rows were joined.
    """

    code: str
    resource: str
    text: Text
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def step(self) -> str:
        """The activity that it belongs to: `converting` cells, or `arranging` rows."""
        return "arranging" if self.code in _ARRANGING else "converting"


_ARRANGING = frozenset(("replaced", "appended", "upserted", "sorted", "numbered"))

_NO_RULE = Text("没有规则说明的改变", "changes that no rule explains")
_MOST_NAMED = 4  # ways in which texts were changed that a sentence names one by one


def decoded(resource: str, encoding: str) -> Transformation:
    """The file was read in another encoding than UTF-8."""
    return Transformation(
        "decoded", resource, Text(f"由 {encoding} 转为 UTF-8", f"decoded from {encoding} to UTF-8"), {}
    )


def typed(resource: str, columns: int) -> Transformation:
    """Texts became typed columns of a Parquet file."""
    return Transformation(
        "typed",
        resource,
        Text(f"{columns} 列转为带类型的列", f"{_counted(columns, 'column')} read as typed values"),
        {"columns": columns},
    )


def normalised(resource: str, columns: Iterable[ColumnConversion]) -> tuple[Transformation, ...]:
    """What the lossless-conversion proof found: nothing, or one step for what it names, and one for what it cannot."""
    many = tuple(columns)
    rules = Counter[str]()
    for column in many:
        for rewrite in column.rewrites:
            rules[rewrite.rule] += rewrite.cells
    unexplained = sum(column.unexplained for column in many)
    return tuple(_changed(resource, code, counts) for code, counts in _found(rules, unexplained))


def _found(rules: Counter[str], unexplained: int) -> Iterator[tuple[str, dict[str, int]]]:
    if rules:
        yield NORMALISED, dict(sorted(rules.items()))
    if unexplained:
        yield UNEXPLAINED, {"cells": unexplained}


def _changed(resource: str, code: str, counts: Mapping[str, int]) -> Transformation:
    step = Transformation(code, resource, Text(), counts)
    names = _named([step])
    return Transformation(
        code,
        resource,
        Text(f"统一写法：{'、'.join(one.zh for one in names)}", f"spelled alike: {_series([one.en for one in names])}"),
        counts,
    )


def geometry(resource: str, column: str) -> Transformation:
    """A column of shapes became well-known binary, as GeoParquet has it."""
    return Transformation(
        "geometry", resource, Text(f"“{column}”列转为 WKB 几何", f"the shapes of “{column}” written as WKB"), {}
    )


def joined(resource: str, submission: str, *, submitted: int, kept: int, replaced: int = 0) -> Transformation:
    """How the rows that were handed in met those online: `submission` is replace, append or upsert."""
    counts = {"submitted": submitted, "kept": kept, "replaced": replaced}
    words = {
        "replace": Text(
            f"{submitted:,} 行取代原有各行", f"{_counted(submitted, 'row')} took the place of all rows before"
        ),
        "append": Text(
            f"{submitted:,} 行追加到线上的 {kept:,} 行之后", f"{_counted(submitted, 'row')} joined the {kept:,} online"
        ),
        "upsert": Text(
            f"{submitted:,} 行按主键并入：替换 {replaced:,} 行，新增 {submitted - replaced:,} 行，保留 {kept:,} 行",
            f"{_counted(submitted, 'row')} joined by key: {replaced:,} in place of old ones, "
            f"{submitted - replaced:,} new, {kept:,} kept",
        ),
    }
    code = {"replace": "replaced", "append": "appended", "upsert": "upserted"}
    return Transformation(code[submission], resource, words[submission], counts)


def joining(transformations: Sequence[Transformation]) -> tuple[Text, ...]:
    """Half a sentence for each table whose rows joined those online; nothing of one whose rows took the place of all.

    A table is named where the release has several.
    """
    several = len({one.resource for one in transformations}) > 1
    return tuple(_joining(one, several=several) for one in transformations if one.code in {"appended", "upserted"})


def _joining(one: Transformation, *, several: bool) -> Text:
    new, kept, replaced = (one.counts[name] for name in ("submitted", "kept", "replaced"))
    of = Text(f"“{one.resource}”表：" if several else "", f"in “{one.resource}” " if several else "")
    total = Text(f"共 {new + kept:,} 行", f"{_counted(new + kept, 'row')} in all")
    if not new:
        return Text(f"{of.zh}各行已在线上的 {kept:,} 行之中", f"{of.en}the rows were among the {kept:,} online already")
    if one.code == "appended":
        were = "was" if new == 1 else "were"
        return Text(
            f"{of.zh}{new:,} 行追加到线上的 {kept:,} 行之后，{total.zh}",
            f"{of.en}{_counted(new, 'row')} {were} added to the {kept:,} online, {total.en}",
        )
    return Text(
        f"{of.zh}{replaced:,} 行取代线上的旧行，新增 {new - replaced:,} 行，线上另外 {kept:,} 行保留，{total.zh}",
        f"{of.en}{_counted(replaced, 'row')} took the place of old ones online, {new - replaced:,} added and "
        f"{kept:,} kept as they were, {total.en}",
    )


def sorted_by(resource: str, key: Sequence[str]) -> Transformation:
    """The rows stand in the order of their key."""
    return Transformation(
        "sorted", resource, Text(f"按主键 {'、'.join(key)} 排序", f"sorted by the key {', '.join(key)}"), {}
    )


def numbered(resource: str, column: str, rows: int) -> Transformation:
    """A table without a key had its rows numbered, in a column that publishing added."""
    return Transformation(
        "numbered",
        resource,
        Text(f"无主键：添加行号列 {column}", f"no key: a column {column} with the number of each row was added"),
        {"rows": rows},
    )


def altered(transformations: Sequence[Transformation]) -> Text:
    """Half a sentence on what was altered in the cells: nothing, nothing but what is named, or what cannot be named."""
    names = _named(transformations)
    if not names:
        return Text("数据未作任何改动", "nothing was altered")
    return Text(
        f"除{'、'.join(one.zh for one in names)}外，数据未作改动",
        f"nothing was altered but {_series([one.en for one in names])}",
    )


def _named(transformations: Sequence[Transformation]) -> list[Text]:
    """Each rule with its cells over all tables: what took something away first, then the most frequent."""
    cells = Counter[str]()
    for one in transformations:
        if one.code in {NORMALISED, UNEXPLAINED}:
            for rule, number in one.counts.items():
                cells[UNEXPLAINED if one.code == UNEXPLAINED else rule] += number
    ranked = sorted(cells.items(), key=lambda pair: (not _is_grave(pair[0]), -pair[1], pair[0]))
    names = [_name(rule, number) for rule, number in ranked[:_MOST_NAMED]]
    return names + ([_others(ranked[_MOST_NAMED:])] if len(ranked) > _MOST_NAMED else [])


def _is_grave(rule: str) -> bool:
    return rule == UNEXPLAINED or (rule in RULES and RULES[rule].loses)


def _name(rule: str, cells: int) -> Text:
    known = RULES.get(rule)
    words = known.words if known else _NO_RULE if rule == UNEXPLAINED else Text(rule, rule)
    return Text(f"{words.zh}（{cells:,} 格）", f"{words.en} ({_counted(cells, 'cell')})")


def _others(many: Sequence[tuple[str, int]]) -> Text:
    cells = sum(number for _, number in many)
    return Text(
        f"其他 {len(many)} 种写法（{cells:,} 格）",
        f"{_counted(len(many), 'other spelling')} ({_counted(cells, 'cell')})",
    )


def _series(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
