"""Which version comes next, and why (docs/decisions/0006).

Semantic: a breaking change of a schema raises the major number, new data the minor one, words alone the last one.
Calendar: the day on which it is published. Either way a number is greater than every one before it, those of releases
that were taken down too, whatever the clock says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from civicat.dataset import Dataset, Department
from civicat.publish.descriptor import Descriptor, words
from civicat.publish.jsontext import plain
from civicat.publish.parquet import ROW_GROUP_ROWS, cut
from civicat.publish.schema_changes import Level, SchemaChange, Shape, changes_between, sentences, shapes
from civicat.publish.stored import stored_batches, stored_schema
from civicat.publish.tables import Ordered
from civicat.publish.word_changes import DescriptionChange, counted, description_changes, named_sentences
from civicat.release import Release, Table, Version
from civicat.text import Text

Column: TypeAlias = "pa.ChunkedArray[Any]"
FIRST = Version(1, 0, 0)
_FIRST_YEAR, _MONTHS, _DAYS = 1900, range(1, 13), range(1, 32)

_SEMANTIC: Mapping[Level, Callable[[Version], Version]] = {
    Level.PATCH: lambda last: Version(last.major, last.minor, last.patch + 1),
    Level.MINOR: lambda last: Version(last.major, last.minor + 1, 0),
    Level.MAJOR: lambda last: Version(last.major + 1, 0, 0),
}


@dataclass(frozen=True, slots=True)
class Numbered:
    """The version to come and its reasons: what changed in schemas, in data (a sentence a table), in licence and words.

    `words` is what is left to say: that it is the first, that the data are the same. `scheme` says why the major number
    rises where nothing else does: the number before was a day.
    """

    version: Version
    schema: tuple[SchemaChange, ...] = ()
    data: tuple[Text, ...] = ()
    words: Text | None = None
    descriptions: tuple[DescriptionChange, ...] = ()
    scheme: Text | None = None

    def told(self, summary: Text | None = None) -> Text:
        """All reasons in a line; `summary` says better what changed in the data, where somebody knows it."""
        data = [summary] if summary is not None and (summary.zh or summary.en) else list(self.data)
        first = [self.scheme, *named_sentences(self.descriptions)]
        last = [counted(self.descriptions), self.words]
        told = [text for text in (*first, *sentences(self.schema), *data, *last) if text]
        return Text("".join(text.zh for text in told), " ".join(text.en for text in told))


def following(  # noqa: PLR0913, PLR0917 - the release before, and what the one to come is made of
    online: Release | None,
    last: Version | None,
    form: Descriptor,
    released: Dataset,
    department: Department,
    tables: Sequence[Ordered],
    today: date,
) -> Numbered:
    """The version that comes after `online`, and why; `last` is the highest number that was ever given.

    `form` is the descriptor as it will be released, `released` the same as a Dataset.

    Raises:
        StoreError: the release that is online cannot be read.
    """
    if online is None:
        number = _number(released, None, last, Level.MINOR, today)
        return Numbered(number, words=_first(last), scheme=_no_longer_days(released, None, last))
    changes = changes_between(shapes(online), _shapes(released, tables))
    data = tuple(_of_data(online, released, tables))
    described = description_changes((online.dataset, online.department), (released, department), forwards=True)
    said = None if changes or data else _of_words(online, form, department, described)
    told = [*(change.level for change in changes), *(change.level for change in described)]
    levels = [Level.MINOR if data else Level.PATCH, *told]
    number, scheme = _number(released, online, last, max(levels), today), _no_longer_days(released, online, last)
    return Numbered(number, changes, data, said, described, scheme)


def _number(released: Dataset, online: Release | None, last: Version | None, level: Level, today: date) -> Version:
    if released.versioning == "calendar":
        return _of_the_day(last, Version(today.year, today.month, today.day))
    if last is None:
        return FIRST
    # After years and days a semantic number that is no year of its own would read as a day.
    return _SEMANTIC[Level.MAJOR if _is_calendar(online, last) else level](last)


def _no_longer_days(released: Dataset, online: Release | None, last: Version | None) -> Text | None:
    """Why the major number rises after a day; None where a change of the scheme says so, or there was no day."""
    told = online is not None and online.dataset.versioning != released.versioning
    if told or last is None or released.versioning == "calendar" or not _is_calendar(online, last):
        return None
    return Text(
        f"上一个版本号 {last} 是日期，因此主版本号加一。",
        f"The last number, {last}, was a date: hence a new major number.",
    )


def _is_calendar(online: Release | None, last: Version) -> bool:
    """Whether the last number is a day; where its release was taken down and cannot say, whether it looks like one."""
    if online is not None and online.version == last:
        return online.dataset.versioning == "calendar"
    looks_like_one = last.major >= _FIRST_YEAR and last.minor in _MONTHS and last.patch in _DAYS
    return looks_like_one or last.again > 0


def _of_the_day(last: Version | None, day: Version) -> Version:
    """The day; the next of that day, or of a later one where the clock went back, where it has a release already."""
    return day if last is None or day > last else replace(last, again=last.again + 1)


def _first(last: Version | None) -> Text:
    if last is None:
        return Text("首次发布。", "First release.")
    return Text(f"版本 {last} 撤回后重新发布。", f"Published anew after version {last} was taken down.")


def _shapes(released: Dataset, tables: Sequence[Ordered]) -> tuple[Shape, ...]:
    pairs = zip(released.resources, tables, strict=True)
    return tuple(Shape(released.table(one), one.schema, table.schema) for one, table in pairs)


def _of_words(
    online: Release, form: Descriptor, department: Department, described: Sequence[DescriptionChange]
) -> Text:
    """What is to say where neither rows nor structure changed, after what did."""
    if described:
        return Text("数据未变。", "The data did not change.")
    same_words = words(online.dataset.descriptor) == words(form)
    if same_words and online.department.descriptor == plain(department.descriptor):
        # A descriptor that is written otherwise and says the same is handed in too.
        return Text(
            "提交的内容有改动，数据与说明未变。",
            "What was handed in changed; the data and its description did not.",
        )
    return Text("只修改了说明，数据未变。", "Only the description changed, not the data.")


def _of_data(online: Release, released: Dataset, tables: Sequence[Ordered]) -> Iterator[Text]:
    """A sentence for each table whose rows are others than before."""
    before = {table.name: table for table in online.tables}
    for resource, now in zip(released.resources, tables, strict=True):
        was = before.get(released.table(resource))
        if was is not None and (told := _new_rows(was, now)) is not None:
            yield told


def _new_rows(was: Table, now: Ordered) -> Text | None:
    if was.rows != now.rows:
        return Text(
            f"{was.name} 数据更新：{now.rows:,} 行，原 {was.rows:,} 行。",
            f"New data in {was.name}: {_rows(now.rows)}, {was.rows:,} before.",
        )
    if not _comparable(was, now) or _same_rows(was, now):
        return None
    return Text(f"{was.name} 数据更新：{now.rows:,} 行。", f"New data in {was.name}: {_rows(now.rows)}.")


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _comparable(was: Table, now: Ordered) -> bool:
    """Whether the rows can be compared one by one; where not, the change of the schema says enough."""
    stored = stored_schema(was)
    same_columns = stored.names == now.schema.names and was.resource.schema.primary_key == now.key
    return same_columns and all(map(_alike, stored.types, now.schema.types))


def _alike(was: pa.DataType, now: pa.DataType) -> bool:
    if pa.types.is_decimal(was) and pa.types.is_decimal(now):
        return bool(was.scale == now.scale)
    return bool(was == now)


def _same_rows(was: Table, now: Ordered) -> bool:
    """Whether both hold the same values in the same order; stops at the first group of rows that differs."""
    old = cut(stored_batches(was, ROW_GROUP_ROWS), stored_schema(was))
    new = cut(now.batches(), now.schema)
    return all(_equal(*both) for both in zip_longest(old, new))


def _equal(before: pa.Table | None, now: pa.Table | None) -> bool:
    if before is None or now is None:
        return False
    try:
        return all(map(_same_values, before.cast(now.schema).columns, now.columns))
    except pa.ArrowInvalid:  # a decimal of more digits than the column now needs
        return False


def _same_values(before: Column, now: Column) -> bool:
    """NaN is NaN, as in a diff, and not a missing value."""
    if not pa.types.is_floating(now.type):
        return bool(before.equals(now))
    marks, numbers = zip(*map(_apart, (before, now)), strict=True)
    return bool(marks[0].equals(marks[1]) and numbers[0].equals(numbers[1]))


def _apart(column: Column) -> tuple[Column, Column]:
    """Where a column holds NaN, and its numbers with 0 there."""
    marks = pc.is_nan(column)
    return marks, pc.if_else(marks, 0.0, column)
