"""31 real days of one dataset, published one by one: each list of changes equals what pandas finds by itself.

Source: Dipartimento della Protezione Civile, COVID-19 Italia (CC BY 4.0), the files by province of March 2020.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from civicat import pipeline, publish
from civicat.layout import Layout
from civicat.text import Text

DAYS = Path(__file__).resolve().parents[1] / "../shared/data/covid-italy/dati-province"
NAME = "civil-protection/provinces"

DEPARTMENT = """\
code: civil-protection
title: {zh: 民事保护部, en: Civil Protection}
description: {zh: 意大利民事保护部。, en: The civil protection department of Italy.}
url: https://www.protezionecivile.gov.it
contact: {title: {zh: 数据台, en: Data desk}, url: "https://github.com/pcm-dpc/COVID-19"}
"""

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("data", "datetime", "2020-03-10T18:00:00"),
    ("stato", "string", "ITA"),
    ("codice_regione", "string", "13"),
    ("denominazione_regione", "string", "Abruzzo"),
    ("codice_provincia", "string", "066"),
    ("denominazione_provincia", "string", "L'Aquila"),
    ("sigla_provincia", "string", "AQ"),
    ("lat", "number", "42.35122196"),
    ("long", "number", "13.39843823"),
    ("totale_casi", "integer", "6"),
    ("note", "string", "x"),
)


def _field(name: str, kind: str, example: str) -> dict[str, Any]:
    unit = {"number": "°", "integer": "1"}.get(kind)
    ours: dict[str, Any] = {"zh": {"title": name, "description": f"{name} 一列。"}, **({"unit": unit} if unit else {})}
    if kind == "number":
        ours["scale"] = 16  # the file has up to that many
    return {"name": name, "type": kind, "title": name, "description": f"{name}.", "example": example, "civicat": ours}


def _package() -> dict[str, Any]:
    words = {"title": "Cases by province", "description": "Cumulated cases of COVID-19."}
    zh = {"title": "各省病例", "description": "新冠累计病例。"}
    resource = {
        "name": "provinces",
        "path": "data/provinces.csv",
        "encoding": "utf-8",
        **words,
        "schema": {"primaryKey": ["codice_provincia"], "fields": [_field(*one) for one in COLUMNS]},
        "civicat": {"zh": zh},
    }
    return {
        "name": "provinces",
        **words,
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "CC BY 4.0",
                "path": "https://creativecommons.org/licenses/by/4.0/",
                "civicat": {"zh": {"title": "知识共享署名 4.0"}},
            }
        ],
        "sources": [{"title": "Protezione Civile", "path": "https://github.com/pcm-dpc/COVID-19"}],
        "contributors": [{"title": "Data desk", "roles": ["steward"], "path": "https://github.com/pcm-dpc/COVID-19"}],
        "keywords": ["covid"],
        "resources": [resource],
        "civicat": {
            "language": "en",
            "zh": {**zh, "keywords": ["疫情"]},
            "themes": ["health"],
            "frequency": "daily",
            "versioning": "calendar",
            "caveats": [{"zh": "累计数可能下调。", "en": "A running total may be corrected downwards."}],
        },
    }


def _hand_in(folder: Path, day: Path) -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "examples").mkdir(exist_ok=True)
    (folder.parent / "department.yaml").write_text(DEPARTMENT, "utf-8")
    (folder / "datapackage.json").write_text(json.dumps(_package(), ensure_ascii=False), "utf-8")
    (folder / "README.md").write_text("# Cases by province\n", "utf-8")
    (folder / "data/provinces.csv").write_bytes(day.read_bytes())
    names = ",".join(name for name, _, _ in COLUMNS)
    (folder / "examples/invalid.csv").write_text(f"finding,{names}\n", "utf-8")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """All 31 days, each published on its own day."""
    if not DAYS.is_dir():
        pytest.skip(f"the real files are not here: {DAYS}")
    place = tmp_path_factory.mktemp("italy")
    layout = Layout(place / "store")
    folder = place / "datasets" / NAME
    with pytest.MonkeyPatch.context() as patch:
        for day in _days():
            _hand_in(folder, day)
            evening = datetime.fromisoformat(f"{_date(day)}T18:00:00+00:00")
            patch.setenv("SOURCE_DATE_EPOCH", str(int(evening.timestamp())))
            result = pipeline.publish_one(folder, layout)
            assert isinstance(result, pipeline.Published), result
    return layout


def _days() -> list[Path]:
    return sorted(DAYS.glob("*.csv"))


def _date(day: Path) -> str:
    digits = day.stem[-8:]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def _version(day: Path) -> str:
    return str(datetime.fromisoformat(_date(day)).strftime("%Y.%-m.%-d"))


def _read(day: Path) -> pd.DataFrame:
    """The file as it was handed in, every cell as its text, by pandas alone."""
    frame = pd.read_csv(day, dtype="string", keep_default_na=False, encoding="utf-8-sig")
    return frame.set_index("codice_provincia").sort_index()


def _value(name: str, text: str) -> object:
    """What a text means: 42.10 is 42.1, and an empty cell is nothing."""
    if text == "":
        return None
    return float(text) if name in {"lat", "long", "totale_casi"} else text


def _expected(old: pd.DataFrame, new: pd.DataFrame) -> set[tuple[str, str, str, object, object]]:
    found: set[tuple[str, str, str, object, object]] = set()
    found |= {(key, "removed", "", None, None) for key in old.index.difference(new.index)}
    found |= {(key, "added", "", None, None) for key in new.index.difference(old.index)}
    both = old.index.intersection(new.index)
    for name in old.columns:
        pairs = zip(both, old.loc[both, name], new.loc[both, name], strict=True)
        for key, before, now in pairs:
            was, becomes = _value(name, before), _value(name, now)
            if was != becomes:
                found.add((key, "changed", name, was, becomes))
    return found


def _published(layout: Layout, version: str) -> Iterator[tuple[str, str, str, object, object]]:
    for row in pq.read_table(layout.dataset(NAME) / version / "changes.parquet").to_pylist():
        (key,) = json.loads(row["key"])
        if row["kind"] == "changed":
            name = row["column"]
            yield key, "changed", name, _value(name, row["old"] or ""), _value(name, row["new"] or "")
        else:
            yield key, row["kind"], "", None, None


def test_each_day_is_a_release_of_its_own(store: Layout) -> None:
    assert [str(version) for version in store.versions(NAME)] == [_version(day) for day in _days()]
    assert len(store.versions(NAME)) == 31
    assert not [one for one in publish.verify(store) if isinstance(one, publish.Damaged)]


def test_what_changed_each_day_is_what_pandas_finds(store: Layout) -> None:
    cells = 0
    days = _days()
    for before, day in itertools.pairwise(days):
        expected = _expected(_read(before), _read(day))
        found = list(_published(store, _version(day)))
        assert len(found) == len(set(found))
        assert set(found) == expected, day.name
        cells += len(found)
    assert cells > 3000  # every time stamp of every day, and the totals


def test_the_first_and_the_last_day_are_compared_like_any_two(store: Layout, tmp_path: Path) -> None:
    days = _days()
    first, last = (store.release(NAME, version) for version in (store.versions(NAME)[0], store.versions(NAME)[-1]))
    assert first is not None
    assert last is not None
    found = publish.compare(first, last, tmp_path)
    expected = _expected(_read(days[0]), _read(days[-1]))
    (table,) = found.tables
    assert (table.added, table.removed) == (0, 0)
    assert sum(table.by_column.values()) == len(expected)
    assert table.by_column["totale_casi"] == sum(1 for one in expected if one[2] == "totale_casi")


def test_people_read_how_many_provinces_changed(store: Layout) -> None:
    release = store.release(NAME, store.versions(NAME)[10])
    assert release is not None
    assert (str(release.version), release.change) == (
        "2020.3.11",
        Text(
            "全部 128 个“codice_provincia”有改动（“data”128 行，“totale_casi”103 行）。",
            "Changes for all 128 values of “codice_provincia” (“data” in 128, “totale_casi” in 103).",
        ),
    )


def test_a_release_reads_back_as_the_file_that_was_handed_in(store: Layout) -> None:
    for day in _days()[::10]:
        rows = pq.read_table(store.dataset(NAME) / _version(day) / "provinces.parquet").to_pylist()
        with day.open(encoding="utf-8-sig", newline="") as file:
            handed_in = {row["codice_provincia"]: row for row in csv.DictReader(file)}
        assert {row["codice_provincia"] for row in rows} == set(handed_in)
        for row in rows:
            source = handed_in[row["codice_provincia"]]
            assert row["totale_casi"] == int(source["totale_casi"])
            assert (row["note"] or "") == source["note"]
            assert (float(row["lat"]) if row["lat"] is not None else None) == _value("lat", source["lat"])
