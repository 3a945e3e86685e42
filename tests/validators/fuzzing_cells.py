"""Random fields and random cells near what they read, and the comparison of a kernel with frictionless."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.csv

from civicat.dataset import Field
from civicat.text import Text
from civicat.validators.columns import Column, column
from civicat.validators.engine.kernels import kernel_for
from civicat.validators.engine.kernels.kernel import CellReader, Judged, Kernel

_AS_WRITTEN = frozenset({"duration", "geopoint"})
_FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

Descriptor = dict[str, Any]


def field_of(descriptor: Mapping[str, Any]) -> Field:
    """Our field of a descriptor."""
    return Field(
        name="a",
        type=descriptor["type"],
        format=descriptor.get("format", "default"),
        title=Text(),
        description=Text(),
        example="",
        unit="",
        scale=descriptor.get("civicat", {}).get("scale"),
        constraints=descriptor.get("constraints", {}),
        categories={},
        caveats=(),
        generated=False,
    )


def reader_of(descriptor: Mapping[str, Any], missing: Sequence[str]) -> CellReader:
    """Frictionless' own reader of a field in a schema with these missing values."""
    from frictionless import Schema  # noqa: PLC0415 (half a second)

    kept = {key: value for key, value in descriptor.items() if key != "civicat"}
    address = "https://datapackage.org/profiles/2.0/tableschema.json"
    schema = Schema.from_descriptor({"$schema": address, "missingValues": list(missing), "fields": [kept]})
    reader: CellReader = schema.fields[0].create_cell_reader()
    return reader


@dataclass(frozen=True, slots=True)
class Truth:
    """What frictionless and `Column.convert` say of cells, one by one."""

    values: pa.Array[Any]
    missing: list[bool]
    refused: list[bool]
    faulty: bool = False  # a rule could not be applied to some cell


def truth_of(descriptor: Mapping[str, Any], reader: CellReader, cells: Sequence[object], to_arrow: Column) -> Truth:
    """Each cell by itself, in order."""
    values: list[pa.Array[Any] | None] = []
    missing: list[bool] = []
    refused: list[bool] = []
    faulty = False
    for cell in cells:
        try:
            value, notes = reader(deepcopy(cell))
        except _FAULTS:
            values.append(None)
            missing.append(False)
            refused.append(True)
            faulty = True
            continue
        missing.append(value is None and "type" not in (notes or {}))
        if value is not None and descriptor["type"] in _AS_WRITTEN:
            value = cell
        if notes and not isinstance(value, dt.datetime):  # a time tells of offsets even where it breaks a rule
            value = None
        array, misfits = to_arrow.convert([value])
        refused.append(bool(notes) or bool(misfits))
        values.append(None if refused[-1] else array)
    empty = pa.nulls(1, to_arrow.stored)
    return Truth(
        pa.concat_arrays([empty[:0], *(empty if one is None else one for one in values)]), missing, refused, faulty
    )


@dataclass(frozen=True, slots=True)
class Count:
    """Cells compared, how many frictionless refuses, and how many it takes that the kernel was not sure of."""

    cells: int = 0
    refused: int = 0
    doubted: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.cells + other.cells, self.refused + other.refused, self.doubted + other.doubted)


def compare(judged: Judged, truth: Truth, said: str, cells: Sequence[object]) -> Count:
    """Raises AssertionError where the kernel takes a cell that frictionless does not, or reads it differently."""
    unsure = [False] * len(cells) if judged.unsure is None else judged.unsure.tolist()
    assert len(judged.values) == len(judged.missing) == len(cells), said
    assert judged.values.type == truth.values.type, said
    judged.values.validate(full=True)
    for place, cell in enumerate(cells):
        if unsure[place]:
            assert not judged.values[place].is_valid, f"{said}: {cell!r} is unsure and has a value"
            continue
        assert not truth.refused[place], f"{said}: {cell!r} taken as {judged.values[place]!r}"
        assert _raw(judged.values[place : place + 1]) == _raw(truth.values[place : place + 1]), (
            f"{said}: {cell!r} read as {judged.values[place]!r}, not {truth.values[place]!r}"
        )
        assert bool(judged.missing[place]) is truth.missing[place], f"{said}: {cell!r} missing"
    doubted = sum(one and not wrong for one, wrong in zip(unsure, truth.refused, strict=True))
    return Count(len(cells), sum(truth.refused), doubted)


def _raw(value: pa.Array[Any]) -> object:
    """A value so that -0.0 is not 0.0, and a moment beyond Python's years is still one."""
    if pa.types.is_timestamp(value.type):
        return value.view(pa.int64())[0].as_py()
    return repr(value[0].as_py())


def compare_texts(descriptor: Descriptor, missing: Sequence[str], blocks: Sequence[list[str]]) -> Count:
    """A kernel over blocks of text, as text and as the tokenizer converts it."""
    reader = reader_of(descriptor, missing)
    count = Count()
    for workbook in (False, True):
        field = field_of(descriptor)
        kernel = _kernel(descriptor, missing, reader, from_workbook=workbook)
        to_arrow = column(field, from_workbook=workbook)
        faulty = False
        for cells in blocks:
            truth = truth_of(descriptor, reader, cells, to_arrow)
            faulty |= truth.faulty
            said = f"{descriptor} {missing} workbook={workbook}"
            texts = pa.array(["x", *cells], pa.string())[1:]  # a slice, as blocks may be
            count += compare(kernel.from_text(texts), truth, said, cells)
            if kernel.wanted is not None and not workbook:
                count += _compare_read(kernel, truth, said, cells)
        assert faulty or kernel.column.aware == to_arrow.aware, f"{descriptor} {missing} aware"
        assert faulty or kernel.column.final == to_arrow.final, f"{descriptor} {missing} final"
    return count


def compare_objects(descriptor: Descriptor, missing: Sequence[str], blocks: Sequence[list[object]]) -> Count:
    """A kernel over blocks of cells of a workbook."""
    reader = reader_of(descriptor, missing)
    count = Count()
    for workbook in (False, True):
        kernel = _kernel(descriptor, missing, reader, from_workbook=workbook)
        to_arrow = column(field_of(descriptor), from_workbook=workbook)
        faulty = False
        for cells in blocks:
            truth = truth_of(descriptor, reader, cells, to_arrow)
            faulty |= truth.faulty
            said = f"{descriptor} {missing} workbook={workbook}"
            count += compare(kernel.from_objects(deepcopy(cells)), truth, said, cells)
        assert faulty or kernel.column.aware == to_arrow.aware, f"{descriptor} {missing} aware"
    return count


def _kernel(descriptor: Descriptor, missing: Sequence[str], reader: CellReader, *, from_workbook: bool) -> Kernel:
    def forgiving(cell: object) -> tuple[object, Mapping[str, str] | None]:
        try:
            return reader(cell)
        except _FAULTS:  # a rule that cannot be applied: of that the engine tells in its own place
            return None, {"type": "cannot be told"}

    return kernel_for(field_of(descriptor), missing, lambda: forgiving, from_workbook=from_workbook, written=descriptor)


def _compare_read(kernel: Kernel, truth: Truth, said: str, cells: list[str]) -> Count:
    """Every cell by itself through the tokenizer, for one that it cannot convert has it give up the block."""
    count = Count()
    for place, cell in enumerate(cells):
        if "0x" in cell.lower():
            continue
        values = converted(cell, kernel.wanted)
        if values is not None:
            one = Truth(truth.values[place : place + 1], [truth.missing[place]], [truth.refused[place]])
            count += compare(kernel.from_read(values), one, f"{said} as {kernel.wanted}", [cell])
    return count


def converted(cell: str, wanted: pa.DataType | None) -> pa.Array[Any] | None:
    """A cell as pyarrow's tokenizer converts it; None where it refuses."""
    options = pyarrow.csv.ConvertOptions(column_types={"a": wanted}, null_values=[""], strings_can_be_null=False)
    content = f'a,b\n"{cell.replace(chr(34), chr(34) * 2)}",1\n'.encode()
    try:
        parsed = pyarrow.csv.read_csv(
            BytesIO(content),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=options,
        )
    except pa.ArrowInvalid:
        return None
    return parsed["a"].chunk(0) if parsed["a"].num_chunks else None


def _naive(*parts: int) -> dt.datetime:
    """A time without an offset, as workbooks have them."""
    return dt.datetime(*parts)  # type: ignore[arg-type,unused-ignore]  # noqa: DTZ001 (that is the point)


def _cut(words: str) -> tuple[str, ...]:
    return tuple(words.split())


# Seeds of cells for each type, both right and wrong; every one is also changed a little at random.
_INTEGERS = (
    *_cut("0 1 -1 +5 007 -0 12 327 668785 -42 1_000 １２ ٣ 5.0 1e3 0x1F --5 +-5 - + 1- 9223372036854775807"),
    *_cut("9223372036854775808 -9223372036854775808 999999999999999999 1000000000000000000 12% ￥5 $-3 5元"),
    *(" 5", "5 ", "\t5", "5\n", "\u00a05", "- 5", "1 000", "5\x00", "０", "1" * 40, "0" * 30 + "7"),
)
_NUMBERS = (
    *_INTEGERS,
    *_cut("1.5 -1.50 .5 5. -.5 . 1.2.3 1e5 1E-5 1e400 -1e-400 1e-99999999999999999999 0e99999999999999999999"),
    *_cut("inf -inf Infinity nan NaN sNaN -nan nan5 1,5 1.234,56 1,234.56 1,,2 12.5% €9.99 100 100.0 100.00"),
    *_cut("100.00000000000000001 99.99999999999999999 0.1 0.10 0.1000000000000000055511151231257827 717000.00"),
    *_cut("116.397128 39.916527 -180 180 180.0 0.000 -0.0 0.005 1.005 123456789012345.67 1_0.5 １.５ 1.5e2"),
    *("9" * 17, "9" * 36, "9" * 37, "1" * 19 + ".25", "0." + "3" * 40, "1 234,5", "1'234.5", "1\u00a0234", " 1.5 "),
)
_DATES = (
    *_cut("2021-01-05 2021-1-5 2020-02-29 2021-02-29 2021-13-01 2021-00-10 2021-04-31 0000-01-01 0001-01-01"),
    *_cut("9999-12-31 -001-01-01 2021/01/05 2021/1/5 05/01/2021 01/05/2021 31/12/2020 20210105 20211305 2021010"),
    *_cut("2021-01-05T00:00:00 2021年01月05日 2021年1月5日 ２０２１-01-05 5-Jan-2021 2021.01.05 05.01.2021 today"),
    *["1990-01-01", "2030-12-31", "1989-12-31", "2031-01-01", "1900-02-29", "2000-02-29", "12021-01-05", "+2021-01-05"],
    *(" 2021-01-05", "2021-01-05 ", "2021-01-05\n", "Jan 5 2021", "2021 01 05"),
)
_TIMES = (
    *_cut("10:00:00 23:59:59 24:00:00 00:00:00 10:00 1:00:00 10:60:00 10:00:60 10:00:61 10:00:00.5 10:00:00,5"),
    *_cut("10:00:00Z 10:00:00+08:00 10:00:00.1234567 100000 10.00 １0:00:00 10:00:0 9:30 0930 10:00:00."),
    *(" 10:00:00", "10:00:00 ", "10:00 PM", "10:00:00 AM"),
)
_CLOCKS = ("", "Z", "z", "+08:00", "+0800", "+08", "-00:00", "+24:00", "+23:59", "+23:60", " Z", "+8:00", "-12:34")
_DATETIMES = (
    *(f"{day}{mark}{clock}" for day in _DATES[:10] for mark in ("T", " ") for clock in _TIMES[:9:2]),
    *(f"2024-06-15{mark}10:25:22{end}" for mark in ("T", " ", "t", "x") for end in _CLOCKS),
    *(f"2024-06-15T10:25:22{part}Z" for part in (".1", ".123456", ".1234567", ",5", ".", ".12a")),
    *["2021-01-05", "2021-01-05T10", "2021-01-05T10:00", "2021-01-05T10:00Z", "2021-01-05T10:00+08:00"],
    *["20210105T10:00:00", "2021-W01-2T10:00:00", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"],
    *["9999-12-31T24:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00"],
    *("2024/06/15 10:25:22", "15/06/2024 10:25", "20240615102522", "2024/6/5 1:02", "2024年06月15日 10时25分22秒"),
)
_WORDS = (
    *_cut("a b ab abc A 朝阳区 海淀区 D123 D070 d070 D１23 D1234 90QUQD04MED19LCM7F 9PAXLGHRF2BJ4B0A0D O0 x yes no"),
    *_cut("a@b.cn o'x@y.org a.b@c-d.com.cn a@b a@@b.cn a@b.c1 -@a.b.cn a@-b.cn 张@例子.中国 a@xn--fiqs8s.cn a.@b.cn"),
    *_cut("http://a.cn https://a.cn/b?c=d#e ftp://x:80/ mailto:a@b urn:x a:b // http:// http://[::1]/ http://a:99999"),
    *_cut(
        "2bc1c94f-0deb-43e9-92a1-4775189ec9f8 2bc1c94f0deb43e992a14775189ec9f8 {2bc1c94f-0deb-43e9-92a1-4775189ec9f8}"
    ),
    *(["YQ==", "YWI=", "YWJj", "Y", "Y=", "YQ", "YQ==YQ==", "!!!!", "é=", "AAAA"]),
    *(
        "POINT(1 2)",
        "POINT (1 2)",
        "LINESTRING (1 2, 3 4)",
        "POINT(1)",
        "a b",
        " a",
        "a ",
        "a\n",
        "\n",
        "é",
        "🚲",
        "🚲" * 5,
    ),
    *("x" * 40, "x" * 41, "一" * 10, "一" * 11, "a-b", "A-1-2", "A-", "x_y", "x٣", "-", "NA", "null", "true", "1"),
)
_BOOLEANS = ("true", "false", "True", "TRUE", "tRue", "1", "0", "yes", "no", "是", "否", " true", "T", "f", "None", "2")
_YEARS = (
    "2021",
    "0000",
    "9999",
    "10000",
    "202",
    " 202",
    "+202",
    "-202",
    "2_02",
    "２０２１",
    "1e10",
    "1990",
    "2030",
    "2031",
)
_MONTHS = (
    "2021-05",
    "2021-5",
    "2021-13",
    "2021-00",
    "21-05",
    "2021/05",
    "20210-05",
    "-2021-05",
    "2021-05-01",
    " 2021-05",
)
_DURATIONS = ("P1Y", "PT5M", "P1DT12H", "P", "P1W", "-P1D", "P0.5Y", "1 day", "PT", "P1Y2M10DT2H30M")
_POINTS = (
    *("116.4,39.9", "116.4, 39.9", " 116.4 , 39.9 ", "180,90", "-180,-90", "180.0001,0", "0,90.0", "0,90.1", "39.9"),
    *("116.4;39.9", "1e2,5", "nan,5", "inf,0", "a,b", "1,2,3", "[116.4, 39.9]", '[116.4, "39.9"]', "[1]", "１,2"),
    *('{"lon": 116.4, "lat": 39.9}', '{"lon": "116", "lat": "39"}', '{"lon": 1}', "179.99999999999999999,0", "-0,-0"),
)
_JSONS = (
    *("[]", "[1, 2]", '["1", "2"]', '["a"]', "[1,", "{}", '{"a": 1}', '{"a":  [1, null]}', "null", "1", '"x"', "[NaN]"),
    *('{"type": "Point", "coordinates": [1, 2]}', '{"type": "Point"}', '{"type":"Topology","objects":{},"arcs":[]}'),
    *("a,b", "1,2", "a;b", "1,x", "true,false", "2021-01-05,2021-01-06", "1.5,2", ",", "[true, false]", "[[1]]"),
)
_SEEDS: Mapping[str, tuple[str, ...]] = {
    "string": _WORDS,
    "integer": _INTEGERS,
    "number": _NUMBERS,
    "boolean": _BOOLEANS,
    "date": _DATES,
    "time": _TIMES,
    "datetime": _DATETIMES,
    "year": _YEARS,
    "yearmonth": _MONTHS,
    "duration": _DURATIONS,
    "geopoint": _POINTS,
    "geojson": _JSONS,
    "array": _JSONS,
    "object": _JSONS,
    "list": (*_JSONS, *_INTEGERS),
    "any": (*_WORDS, *_JSONS),
}
TYPES = tuple(_SEEDS)
_CHARACTERS = "0123456789.,-+:/ TZeE_x年%١é\t\nabcD'\"[]{}"
_UTC = dt.UTC
_EAST = dt.timezone(dt.timedelta(hours=8))
_OBJECTS: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 5, 2021, 327, 10**15, 10**16, 2**53 + 1, 2**63, -(2**63), 10**400, 9999, 10000),
    *(0.0, -0.0, 5.0, 5.5, 2021.0, 100.0, 0.1, 0.1 + 0.2, 1e16, 2.0**63, 1e300, 1.005, 116.397128, 39.9),
    *(float("nan"), float("inf"), Decimal("1.50"), Decimal(5), Decimal("NaN"), Decimal("0.005"), Decimal("1E+2")),
    *(dt.date(2021, 1, 5), dt.date(1989, 12, 31), dt.date(1, 1, 1), _naive(2021, 1, 5), _naive(1, 1, 1)),
    *(_naive(2021, 1, 5, 10, 25, 22), _naive(2021, 1, 5, 0, 0, 0, 5), _naive(2024, 6, 15, 1, 2, 3, 4)),
    *(
        _naive(2021, 1, 5).replace(tzinfo=_UTC),
        _naive(2021, 1, 5, 3).replace(tzinfo=_EAST),
        dt.time(10),
        dt.time(1, 2, 3, 4),
    ),
    *(dt.time(10, tzinfo=_UTC), dt.timedelta(days=1), [1, 2], ["1", "2"], [], (2021, 5), (1, 2, 3), {"a": 1}, {}),
    *({"type": "Point", "coordinates": [1, 2]}, b"x", "\ud800", object),
)


def text_near(kind: str, chance: random.Random) -> str:
    """A cell that the type might read: a seed, changed a little now and then."""
    cell = chance.choice(_SEEDS[kind]) if chance.random() < 0.95 else chance.choice(_SEEDS[chance.choice(TYPES)])
    if kind in _MADE and chance.random() < 0.5:
        cell = _MADE[kind](chance)
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        place = chance.randint(0, len(cell))
        new = chance.choice(_CHARACTERS) if chance.random() < 0.8 else ""
        cell = cell[:place] + new + cell[place + chance.randint(0, 1) :]
    return cell


def _moment(chance: random.Random) -> dt.datetime:
    return _naive(1, 1, 1) + dt.timedelta(seconds=chance.randint(0, 9998 * 365 * 86400))


_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d.%m.%Y", "%Y年%m月%d日")
_STAMP_FORMATS = (
    *("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S+08:00", "%Y/%m/%d %H:%M:%S"),
    *("%d/%m/%Y %H:%M", "%Y%m%d%H%M%S", "%Y年%m月%d日 %H时%M分%S秒", "%Y-%m-%d %H:%M:%S.%f"),
    *("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M+08:00", "%Y-%m-%dT%H+08:00:00"),
)
_MADE: Mapping[str, Callable[[random.Random], str]] = {
    "integer": lambda chance: str(chance.randint(-(10 ** chance.randint(1, 20)), 10 ** chance.randint(1, 20))),
    "number": lambda chance: f"{chance.uniform(-(10 ** chance.randint(0, 9)), 200):.{chance.randint(0, 6)}f}",
    "date": lambda chance: _moment(chance).strftime(chance.choice(_DATE_FORMATS)),
    "datetime": lambda chance: _moment(chance).strftime(chance.choice(_STAMP_FORMATS)),
    "time": lambda chance: _moment(chance).strftime(chance.choice(("%H:%M:%S", "%H:%M", "%H%M"))),
    "year": lambda chance: f"{chance.randint(0, 9999):04}",
    "geopoint": lambda chance: f"{chance.uniform(-185, 185):.4f},{chance.uniform(-95, 95):.5f}",
}
_FORMATS: Mapping[str, tuple[str, ...]] = {
    "string": ("default", "default", "default", "email", "uri", "uuid", "binary", "wkt"),
    "date": ("default", "default", "any", *_DATE_FORMATS, "%d %b %Y", "%y-%m-%d", "%Y", "%m-%d-%Y %H", "fmt:%Y/%m/%d"),
    "datetime": ("default", "default", "default", "any", *_STAMP_FORMATS, "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"),
    "time": ("default", "default", "any", "%H:%M", "%H%M%S", "%I:%M %p", "%H:%M:%S", "%S"),
    "geopoint": ("default", "default", "array", "object"),
    "geojson": ("default", "topojson"),
}
_PATTERNS = (
    *(r"D\d{3}", "a|b", r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}|9[0-9A-HJ-NPQRTUWXY]{17}", r"\w+", r"\W+"),
    *(
        r"[^\d]+",
        r"[一-龥]+",
        r"\S+@\S+",
        "^a$",
        r"[A-Z]+(-[0-9]+)*",
        ".{2,40}",
        r"\bx",
        "(?=a)a.*",
        r"x?\s?",
        r"[^a]b?",
    ),
    *(r"a\Z", r"(a|ab)(c|bcd)?", r".*\n?", "[a-c]{2}|[^x]{3}", r"\d", "", "(x|y)*z?", r"[\w-]{3}", r"a{2}$|^b"),
)
_MISSING: tuple[list[str], ...] = (
    [""],
    [""],
    [""],
    [""],
    ["", "-"],
    ["NA"],
    [],
    ["", "NA", "-", "null"],
    ["0"],
    ["2021-01-05", ""],
    ["1.0"],
)


def field_near(kind: str, chance: random.Random) -> Descriptor:
    """A field of the type with a format, options and constraints."""
    found: Descriptor = {"name": "a", "type": kind}
    if kind in _FORMATS:
        found["format"] = chance.choice(_FORMATS[kind])
    found |= _options(kind, chance)
    found["constraints"] = _constraints(kind, found, chance)
    return found


def _options(kind: str, chance: random.Random) -> Descriptor:
    if kind == "integer" and chance.random() < 0.2:
        return {"bareNumber": chance.random() < 0.3}
    if kind == "number":
        scale = {"civicat": {"scale": chance.choice((0, 1, 2, 4, 18))}} if chance.random() < 0.5 else {}
        spelled: tuple[Descriptor, ...] = (
            *({}, {}, {}, {"decimalChar": ",", "groupChar": "."}, {"groupChar": ","}, {"decimalChar": ","}),
            *(
                {"bareNumber": False},
                {"bareNumber": False, "groupChar": ","},
                {"floatNumber": True},
                {"groupChar": " "},
            ),
            *(
                {"groupChar": "\u00a0", "decimalChar": ","},
                {"groupChar": "1"},
                {"decimalChar": "e"},
                {"groupChar": "-"},
            ),
        )
        return {**scale, **chance.choice(spelled)}
    if kind == "boolean" and chance.random() < 0.5:
        return {"trueValues": ["yes", "是", "1"], "falseValues": chance.choice((["no", "否", "0"], ["no", "1"]))}
    if kind == "list":
        kinds = ("string", "integer", "boolean", "number", "date", "datetime", "time")
        return {"itemType": chance.choice(kinds), "delimiter": chance.choice((",", ";"))}
    if kind == "array" and chance.random() < 0.5:
        return {"arrayItem": chance.choice(({"type": "integer"}, {"type": "string", "constraints": {"minLength": 1}}))}
    return {}


_BOUNDS: Mapping[str, tuple[object, ...]] = {
    "integer": (0, 1, 5, "5", 100, -42, 10**20, 5.0, 5.5),
    "number": (0, 0.1, 100, "100", 180, -180, 90.5, "1.50", 1e-7, 10**40, "1e2"),
    "date": ("1990-01-01", "2021-01-05", "2030-12-31", "0001-01-01", "9999-12-31"),
    "datetime": ("2021-01-05T10:00:00", "2021-01-05T10:00:00Z", "2024-06-15T10:25:22+08:00", "2024-06-15 10:25:22"),
    "time": ("10:00:00", "00:00:00", "23:59:59", "10:00"),
    "year": (1990, "2021", 2030),
    "yearmonth": ("2021-05",),
}


def _constraints(kind: str, descriptor: Descriptor, chance: random.Random) -> Descriptor:
    found: Descriptor = {}
    if chance.random() < 0.3:
        found["required"] = chance.random() < 0.8
    for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if kind in _BOUNDS and chance.random() < 0.12:
            found[name] = _bound(kind, descriptor, chance)
    if kind in {"string", "array", "object", "list"}:
        for name, lengths in (("minLength", (0, 1, 2, 5)), ("maxLength", (1, 3, 10, 40))):
            if chance.random() < 0.15:
                found[name] = chance.choice(lengths)
    if kind == "string" and chance.random() < 0.3:
        found["pattern"] = chance.choice(_PATTERNS)
    if kind in {"string", "integer", "number", "boolean", "any", "date", "year"} and chance.random() < 0.15:
        found["enum"] = [text_near(kind, chance) for _ in range(4)]
    return found


def _bound(kind: str, descriptor: Descriptor, chance: random.Random) -> object:
    """A limit, mostly in the format of the field; some cannot be read at all."""
    layout = descriptor.get("format", "default")
    if kind in {"date", "datetime", "time"} and "%" in layout and chance.random() < 0.8:
        return _moment(chance).strftime(layout.removeprefix("fmt:"))
    return chance.choice(_BOUNDS[kind])


_SIZES = (40, *((1,) * 24), *((2,) * 6), 8)


def missing_near(chance: random.Random) -> list[str]:
    """Missing values, the standard's own most often."""
    return list(chance.choice(_MISSING))


def texts_near(kind: str, chance: random.Random, size: int) -> list[str]:
    """A block of cells: a mixture, or all of one sort, for those go another way."""
    if chance.random() < 0.5 and kind in _MADE:
        return [_MADE[kind](chance) if chance.random() < 0.9 else "" for _ in range(size)]
    return [text_near(kind, chance) if chance.random() < 0.9 else chance.choice(("", "-", "NA")) for _ in range(size)]


def objects_near(kind: str, chance: random.Random, size: int) -> list[object]:
    """A block of cells of a workbook: of one type, or mixed."""
    if chance.random() < 0.5:
        like = type(chance.choice(_OBJECTS))
        pool = [one for one in _OBJECTS if type(one) is like] or [None]
        return [chance.choice(pool) if chance.random() < 0.9 else None for _ in range(size)]
    return [chance.choice(_OBJECTS) if chance.random() < 0.7 else text_near(kind, chance) for _ in range(size)]


def compare_at_random(seed: int) -> Count:
    """One random field over blocks of random cells; the seed tells all of it.

    A single cell that Arrow refuses sends its whole block another way, so most blocks are of one or two cells.
    """
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    kind = chance.choice(TYPES)
    descriptor, missing = field_near(kind, chance), missing_near(chance)
    try:
        reader_of(descriptor, missing)
    except Exception:  # noqa: BLE001 (whatever frictionless does not take for a field is no case for a kernel)
        return Count()
    if chance.random() < 0.35:
        return compare_objects(descriptor, missing, [objects_near(kind, chance, size) for size in _SIZES])
    return compare_texts(descriptor, missing, [texts_near(kind, chance, size) for size in _SIZES])
