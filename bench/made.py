"""A synthetic table of thirteen columns, as a registry of companies might be: clean, or with faults at random places.

The rows are drawn from a fixed seed: the same size and share of faults give the same bytes. The first fault of a cell
is its only one: each column has one value that it must not hold. `dept.csv` beside it is what `dept_id` refers to.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_AT_ONCE = 500_000  # rows that are made at a time
_CODES = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"))
_HAN = "市政府公开数据目录交通教育卫生健康统计财政水务环境保护文化旅游广播农业农村人力资源住房建设应急管理消防救援"
_DISTRICTS = ("东城区", "西城区", "朝阳区", "海淀区", "丰台区", "石景山区", "通州区", "大兴区")
_DEPARTMENTS = 200
_NO_COUNT, _NO_AMOUNT, _NO_NOTE, _QUOTED = 0.05, 0.1, 0.5, 0.02  # shares of the rows
_FAULTS = {
    "id": "x12",
    "uscc": "BAD-CODE",
    "name": "",
    "district": "火星区",
    "dept_id": "D999",
    "headcount": "-5",
    "amount": "12,5",
    "lon": "215.1",
    "lat": "abc",
    "registered": "2021-02-30",
    "updated_at": "2021/01/01",
    "active": "yes",
    "note": "长" * 130,
}
_PATTERN = r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}|9[0-9A-HJ-NPQRTUWXY]{17}"
FIELDS: Sequence[dict[str, Any]] = (
    {"name": "id", "type": "integer", "constraints": {"required": True, "minimum": 1}},
    {"name": "uscc", "type": "string", "constraints": {"required": True, "unique": True, "pattern": _PATTERN}},
    {"name": "name", "type": "string", "constraints": {"required": True, "minLength": 2, "maxLength": 40}},
    {"name": "district", "type": "string", "constraints": {"required": True, "enum": list(_DISTRICTS)}},
    {"name": "dept_id", "type": "string", "constraints": {"required": True, "pattern": "D\\d{3}"}},
    {"name": "headcount", "type": "integer", "constraints": {"minimum": 0, "maximum": 100_000}},
    {"name": "amount", "type": "number", "constraints": {"minimum": 0}},
    {"name": "lon", "type": "number", "constraints": {"required": True, "minimum": -180, "maximum": 180}},
    {"name": "lat", "type": "number", "constraints": {"required": True, "minimum": -90, "maximum": 90}},
    {
        "name": "registered",
        "type": "date",
        "constraints": {"minimum": "1990-01-01", "maximum": "2030-12-31"},
    },
    {"name": "updated_at", "type": "datetime"},
    {"name": "active", "type": "boolean", "constraints": {"required": True}},
    {"name": "note", "type": "string", "constraints": {"maxLength": 120}},
)
SCHEMA: dict[str, Any] = {
    "fields": list(FIELDS),
    "missingValues": [""],
    "primaryKey": ["id"],
    "foreignKeys": [{"fields": ["dept_id"], "reference": {"resource": "dept", "fields": ["dept_id"]}}],
}


def make(folder: Path, name: str, rows: int, faults: float = 0.0, *, shuffled: bool = True) -> Path:
    """Writes `<name>.csv`, `dept.csv` and the package `<name>.json`; `faults` is the share of wrong cells, 0 to 1.

    Unless `shuffled`, the ids rise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    order = random.permutation(np.arange(1, rows + 1))
    if not shuffled:
        order.sort()
    words = ["".join(random.choice(list(_HAN), size=size)) for size in random.integers(2, 9, 3000)]
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_FAULTS)
        for begin in range(0, rows, _AT_ONCE):
            columns = _columns(random, order[begin : begin + _AT_ONCE], np.array(words, object))
            writer.writerows(zip(*_faulty(random, columns, faults), strict=True))
    return _package(folder, name)


def _columns(random: np.random.Generator, ids: npt.NDArray[np.int64], words: Any) -> dict[str, Any]:  # noqa: ANN401 (objects)
    count = len(ids)
    one, two = words[random.integers(0, len(words), count)], words[random.integers(0, len(words), count)]
    rare, empty = random.random(count), random.random(count)
    codes = _CODES[random.integers(0, len(_CODES), (count, 17))]
    days = np.datetime64("2015-01-01") + random.integers(0, 3900, count)
    moments = np.datetime64("2020-01-01T00:00:00") + random.integers(0, 2 * 10**8, count)
    return {
        "id": ids.astype(str),
        "uscc": ["9" + "".join(code) for code in codes],
        "name": one + two,
        "district": np.array(_DISTRICTS)[random.integers(0, len(_DISTRICTS), count)],
        "dept_id": [f"D{number:03d}" for number in random.integers(1, _DEPARTMENTS + 1, count)],
        "headcount": np.where(empty < _NO_COUNT, "", random.integers(0, 5000, count).astype(str)),
        "amount": np.where(rare < _NO_AMOUNT, "", [f"{value:.2f}" for value in random.random(count) * 1e6]),
        "lon": [f"{value:.6f}" for value in random.random(count) * 2 + 115.4],
        "lat": [f"{value:.6f}" for value in random.random(count) * 1.6 + 39.4],
        "registered": days.astype(str),
        "updated_at": np.char.add(moments.astype(str), "Z"),
        "active": np.array(["true", "false"])[random.integers(0, 2, count)],
        "note": np.where(empty < _NO_NOTE, "", np.where(rare > 1 - _QUOTED, one + ', "' + two + '"', two + "，" + one)),
    }


def _faulty(random: np.random.Generator, columns: dict[str, Any], faults: float) -> list[list[str]]:
    for name, fault in _FAULTS.items() if faults else ():
        wrong = random.random(len(columns[name])) < faults
        columns[name] = np.where(wrong, fault, np.array(columns[name], object))
    return [values if isinstance(values, list) else values.tolist() for values in columns.values()]


def _package(folder: Path, name: str) -> Path:
    with (folder / "dept.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["dept_id"], *([f"D{number:03d}"] for number in range(1, _DEPARTMENTS + 1))])
    text = {"encoding": "utf-8", "dialect": {"delimiter": ","}}
    codes = {"fields": [{"name": "dept_id", "type": "string"}]}
    main = {"name": "main", "type": "table", "path": f"{name}.csv", **text, "schema": SCHEMA}
    departments = {"name": "dept", "type": "table", "path": "dept.csv", **text, "schema": codes}
    package = folder / f"{name}.json"
    package.write_text(json.dumps({"name": "bench", "resources": [main, departments]}, ensure_ascii=False), "utf-8")
    return package
