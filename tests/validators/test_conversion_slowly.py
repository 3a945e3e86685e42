"""The lossless-conversion proof against a slow one that looks at each text by itself, with Decimal and datetime."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from frictionless import Field as Rules
from hypothesis import given, settings
from hypothesis import strategies as st

from civicat.conversion import ColumnConversion
from civicat.dataset import Schema, read_dataset
from civicat.spelling import spelled
from civicat.validators.engine.exact import cell_reader
from civicat.validators.engine.expected import Expected
from civicat.validators.engine.kernels import kernel_for
from civicat.validators.engine.roundtrip import Conversions
from civicat.validators.engine.settling import settle

_WIDE = str.maketrans("0123456789+-.", "０１２３４５６７８９＋－．")  # as some people type them
_MISSING = ("", "NA")


def schema_of(column: dict[str, Any]) -> Schema:
    schema = {"fields": [{"name": "a", **column}], "missingValues": list(_MISSING)}
    package = {"name": "p", "resources": [{"name": "r", "path": "r.csv", "schema": schema}]}
    return read_dataset(package, "p.json", "", Path()).resources[0].schema


def engine(column: dict[str, Any], texts: Sequence[str]) -> tuple[ColumnConversion, list[str | None], list[str]]:
    """What the engine says of the texts that it takes, the spelling of each value, and the texts."""
    schema = schema_of(column)
    (field,) = schema.fields
    reader = cell_reader(Rules.from_descriptor({"name": "a", "missingValues": list(_MISSING), **column}))
    kernel = kernel_for(field, _MISSING, lambda: reader, from_workbook=False, written=Expected(schema).written("a"))
    good = [text for text in texts if not (reader(text)[1])]
    source = pa.array(good, pa.string())
    judged = kernel.from_text(source)
    unsure = np.flatnonzero(judged.unsure) if judged.unsure is not None else np.empty(0, np.int64)
    settled = settle(judged, source.take(pa.array(unsure)), reader, kernel.column, np.zeros(len(good), np.bool_))
    assert not len(settled.wrong)
    fits = np.ones(len(good), np.bool_)
    fits[[one.place for one in settled.misfits]] = False
    keep = pa.array(fits)
    source, typed = source.filter(keep), settled.values.filter(keep)
    final = pa.schema([("a", kernel.column.final)])
    conversions = Conversions(schema, {"a": kernel.stored})
    half = len(source) // 2
    for rows in (slice(0, half), slice(half, len(source))):  # two batches
        some = source.take(pa.array(range(*rows.indices(len(source))), pa.int64()))
        conversions.take([some], [typed[rows]], lambda: final)
    (told,) = conversions.told(final)
    values = typed.view(final.field(0).type) if pa.types.is_timestamp(typed.type) else typed
    one_by_one = [spelled(values.slice(place, 1))[0].as_py() for place in range(len(values))]
    return told, one_by_one, source.to_pylist()


def same_counts(column: dict[str, Any], texts: Sequence[str], loses: Callable[[str, str], bool]) -> None:
    """Compares the engine with each text by itself; `loses` says of a text and its spelling whether they differ."""
    told, spellings, good = engine(column, texts)
    kinds = Counter(
        "missing" if spelling is None else "same" if text == spelling else "lost" if loses(text, spelling) else "anew"
        for text, spelling in zip(good, spellings, strict=True)
    )
    lost = sum(one.cells for one in told.rewrites if one.rule in {"rounded", "fraction-cut"})
    assert told.cells == len(good)
    assert (told.missing, told.identical) == (kinds["missing"], kinds["same"])
    assert (lost, told.unexplained, told.example) == (kinds["lost"], 0, None)
    assert told.rewritten == kinds["anew"] + kinds["lost"]
    assert told.lossless is not bool(kinds["lost"])
    assert sum(count for _, count in told.missing_texts) == told.missing
    for one in told.rewrites:
        places = [place for place, text in enumerate(good) if text == one.source]
        assert places
        assert spellings[places[0]] == one.spelled


@st.composite
def numbers(draw: st.DrawFn, *, whole: bool) -> str:
    digits = draw(st.one_of(st.integers(0, 9999), st.integers(0, 10**18), st.integers(0, 10**24)))
    text = draw(st.sampled_from(["", "", "", "+", "-"])) + draw(st.sampled_from(["", "", "0", "000"])) + str(digits)
    if not whole:
        text += draw(st.sampled_from(["", "", ".", ".0", ".50", f".{draw(st.integers(0, 10**20))}", ".000001"]))
        text = text.replace("0.", ".", 1) if draw(st.integers(0, 9)) == 0 else text
        text += draw(st.sampled_from(["", "", "", "", "", "e3", "E-7", "e+20", "e-400"]))
    return disguised(draw, text)


def disguised(draw: st.DrawFn, text: str) -> str:
    how = draw(st.integers(0, 19))
    if how == 0:
        return text.translate(_WIDE)
    if how == 1:
        return f" {text}\u3000"
    return draw(st.sampled_from(_MISSING)) if how in {2, 3} else text


@st.composite
def moments(draw: st.DrawFn, *, aware: bool) -> str:
    moment = draw(st.datetimes(dt.datetime(1000, 1, 2), dt.datetime(9999, 12, 30)))  # noqa: DTZ001 (the zone is drawn)
    moment = moment.replace(microsecond=draw(st.sampled_from([0, 0, 0, 500_000, moment.microsecond])))
    text = moment.isoformat(sep=draw(st.sampled_from(["T", "T", " "])))
    text += draw(st.sampled_from(["", "", "0", "000", "1234567"])) if moment.microsecond else ""
    return text + (draw(st.sampled_from(["Z", "Z", "+00:00", "+08:00", "-0330", "+0000"])) if aware else "")


@st.composite
def days(draw: st.DrawFn) -> str:
    day = draw(st.dates())
    plain = f"{day.year:04}-{day.month}-{day.day}"
    return disguised(draw, draw(st.sampled_from([day.isoformat(), day.isoformat(), plain])))


def is_rounded(text: str, spelling: str) -> bool:
    return Decimal(text.strip().replace("_", "")) != Decimal(spelling)


def is_cut(text: str, _: str) -> bool:
    found = re.search(r"\.\d{6}(\d+)", text)
    return found is not None and bool(found[1].strip("0"))


@settings(deadline=None, max_examples=50)
@given(st.lists(numbers(whole=True), max_size=30))
def test_integers(texts: list[str]) -> None:
    same_counts({"type": "integer"}, texts, is_rounded)


@settings(deadline=None, max_examples=50)
@given(st.lists(numbers(whole=False), max_size=30))
def test_numbers(texts: list[str]) -> None:
    same_counts({"type": "number"}, texts, is_rounded)


@settings(deadline=None, max_examples=50)
@given(st.lists(numbers(whole=False), max_size=30), st.integers(0, 7))
def test_decimals(texts: list[str], scale: int) -> None:
    same_counts({"type": "number", "civicat": {"scale": scale}}, texts, is_rounded)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.decimals(-10, 10, places=3).map(str) | st.sampled_from(["-0", "0", "-0.0", "-.0", "1."]), max_size=30)
)
def test_small_numbers(texts: list[str]) -> None:
    same_counts({"type": "number"}, texts, is_rounded)
    same_counts({"type": "number", "civicat": {"scale": 3}}, texts, is_rounded)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False).map(repr), max_size=30))
def test_floats(texts: list[str]) -> None:
    same_counts({"type": "number"}, texts, is_rounded)


@settings(deadline=None, max_examples=50)
@given(st.lists(numbers(whole=False).map(lambda text: text.replace(".", ",")), max_size=20))
def test_numbers_with_a_comma(texts: list[str]) -> None:
    column = {"type": "number", "decimalChar": ",", "groupChar": "'"}
    same_counts(column, texts, lambda text, spelling: is_rounded(text.replace(",", "."), spelling))


@settings(deadline=None, max_examples=50)
@given(st.lists(days(), max_size=30))
def test_days(texts: list[str]) -> None:
    same_counts({"type": "date"}, texts, lambda *_: False)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.dates(dt.date(1000, 1, 1)), max_size=30), st.sampled_from(["%d/%m/%Y", "%Y年%m月%d日", "%d %B %Y"]))
def test_days_in_a_format(values: list[dt.date], form: str) -> None:
    texts = [value.strftime(form) for value in values]
    plain = [text.replace("0", "", 1) if text.startswith("0") else text for text in texts]
    same_counts({"type": "date", "format": form}, [*texts, *plain], lambda *_: False)


@settings(deadline=None, max_examples=50)
@given(st.lists(moments(aware=True), max_size=30))
def test_moments_with_a_zone(texts: list[str]) -> None:
    same_counts({"type": "datetime"}, texts, is_cut)


@settings(deadline=None, max_examples=50)
@given(st.lists(moments(aware=False), max_size=30))
def test_moments_without_a_zone(texts: list[str]) -> None:
    same_counts({"type": "datetime"}, texts, is_cut)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.times().map(lambda time: time.isoformat()) | st.sampled_from(["", "08:30:00.500", "08:30:00"])))
def test_times_of_day(texts: list[str]) -> None:
    same_counts({"type": "time"}, texts, is_cut)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(["true", "True", "TRUE", "1", "false", "0", "FALSE", "", "NA"]), max_size=30))
def test_truths(texts: list[str]) -> None:
    same_counts({"type": "boolean"}, texts, lambda *_: False)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 9999).map("{:04}".format), max_size=30))
def test_years(texts: list[str]) -> None:
    same_counts({"type": "year"}, texts, lambda *_: False)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=30))
def test_texts_are_what_they_are(texts: list[str]) -> None:
    for kind in ("string", "any"):
        told, _, good = engine({"type": kind}, texts)
        assert told.identical + told.missing == told.cells == len(good) == len(texts)
        assert told.lossless
