"""Whatever bytes a file holds, it is read, or refused in one clear line: nothing crashes and nothing hangs."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import time
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.dataset import read_dataset
from civicat.errors import CivicatError, SourceError
from civicat.layout import Layout
from civicat.validators import validate
from civicat.validators.archives import PACKED
from civicat.validators.formats import SUFFIXES, find_source

SECONDS = 4  # that the random files are given together
SLOWEST = 5  # seconds for one small file
STARTS = (
    b"",
    b"PK\x03\x04",
    b"PAR1",
    b"\x1f\x8b\x08\x00",
    b"[",
    b'{"features":[',
    b"\xd0\xcf\x11\xe0",
    b"\xff\xfe",
    b"\0",
)
ENCODINGS = ("", "utf-8", "gb18030", "utf-16", "utf-16-le", "big5", "cp1252")


@cache
def whole(suffix: str) -> bytes:
    """A small file that is as it should be."""
    text = b"id,name\n1,a\n2,\xe7\x94\xb2\n"
    target = io.BytesIO()
    match suffix:
        case "xlsx" | "xlsm" | "xlsb" | "xls" | "ods":
            book = openpyxl.Workbook()
            book.active.append(["id", "name"])
            book.active.append([1, "a"])
            book.save(target)
        case "parquet":
            pq.write_table(pa.table({"id": [1, 2], "name": ["a", None]}), target)
        case "json":
            target.write(b'[{"id": 1, "name": "a"}, {"id": 2}]')
        case "ndjson" | "jsonl":
            target.write(b'{"id": 1}\n{"id": 2}\n')
        case "geojson":
            target.write(json.dumps({"type": "FeatureCollection", "features": [{"properties": {"a": 1}}]}).encode())
        case "gz":
            target.write(gzip.compress(text))
        case "zip":
            with zipfile.ZipFile(target, "w") as archive:
                archive.writestr("x.csv", text)
        case _:
            target.write(text)
    return target.getvalue()


def broken(chance: random.Random, suffix: str) -> bytes:
    """Random bytes, a file that is cut off, or one with a few bytes changed."""
    content = bytearray(whole(suffix))
    match chance.randrange(3):
        case 0:
            return chance.choice(STARTS) + chance.randbytes(chance.choice((0, 1, 10, 300, 5000)))
        case 1:
            return bytes(content[: chance.randrange(len(content) + 1)])
        case _:
            for _ in range(chance.choice((1, 3, 20))):
                content[chance.randrange(len(content))] = chance.randrange(256)
            return bytes(content)


def read(path: Path, encoding: str) -> None:
    one = {"name": "x", "path": path.name} | ({"encoding": encoding} if encoding else {})
    dataset = read_dataset({"name": "x", "resources": [one]}, path.name, "", path.parent)
    source = find_source(dataset, dataset.resources[0])
    source.damage_facts()
    if source.cells is not None and source.damage is None:
        for _ in source.cells():
            pass
    source.remarks()


def refusal(path: Path, encoding: str) -> tuple[str, ...]:
    """What is said in zh and en where the file is refused; nothing where it is read."""
    try:
        read(path, encoding)
    except CivicatError as error:
        return error.message.zh, error.message.en
    return ()


def test_broken_files_of_every_kind_are_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(20261123)  # noqa: S311 (the same files at every run)
    end = time.monotonic() + SECONDS
    names = sorted({*SUFFIXES, *PACKED})
    tried = 0
    while tried < len(names) * 3 or time.monotonic() < end:
        suffix = names[tried % len(names)]
        path = tmp_path / (f"x.csv.{suffix}" if suffix in PACKED else f"x.{suffix}")
        path.write_bytes(broken(chance, suffix))
        begun = time.monotonic()
        for line in refusal(path, chance.choice(ENCODINGS)):
            assert line
            assert "\n" not in line
        assert time.monotonic() - begun < SLOWEST, path.read_bytes()
        tried += 1


@pytest.mark.parametrize("suffix", sorted({*SUFFIXES, *PACKED}))
def test_an_empty_file_is_read_or_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / (f"x.csv.{suffix}" if suffix in PACKED else f"x.{suffix}")
    path.touch()
    assert all(refusal(path, "")), "a refusal speaks both languages"


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.json", "x.csv.gz", "x.zip"])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    layout = Layout(tmp_path / "store")
    path = tmp_path / name
    os.mkfifo(path)
    with pytest.raises(SourceError, match="is not a file"):
        validate(path, None, layout)
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(SourceError, match="links lead in a circle"):
        validate(path, None, layout)
    path.unlink()
    path.mkdir()
    with pytest.raises(CivicatError, match=r"has no datapackage\.yaml"):
        validate(path, None, layout)
