"""From the folders of a tiny department to releases that are online, or to the reason why not."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from civicat import hand_ins, pipeline, publish, validators
from civicat.layout import Layout
from civicat.release import Release, Version
from civicat.text import Text

DEPARTMENT = """\
code: roads
title: {zh: 公路局, en: Roads office}
description: {zh: 管理道路。, en: Looks after the roads.}
url: https://roads.example.org
contact: {title: {zh: 数据台, en: Data desk}, email: data@example.org}
gaps:
  - {zh: 夜间车流。, en: Traffic at night.}
"""

HEAD = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: %s
title: Bridges and their traffic
description: Where bicycles are counted, and how many pass.
keywords: [bicycle]
licenses: [{name: CC0-1.0, title: Public domain, path: https://example.org/cc0}]
sources: [{title: Counters in the road, path: https://example.org/counters}]
contributors: [{title: Data desk, roles: [steward], email: data@example.org}]
civicat:
  language: en
  zh: {title: 桥梁与车流, description: 自行车的计数点和数量。, keywords: [自行车]}
  themes: [traffic]
  frequency: monthly
  caveats: [{zh: 雨天车少。, en: Fewer pass in rain.}]
resources:
"""

BRIDGES = (
    HEAD % "bridges"
    + """\
  - name: bridges
    path: data/bridges.csv
    encoding: utf-8
    title: Bridges
    description: One row for each bridge.
    civicat: {zh: {title: 桥梁, description: 每座桥一行。}}
    schema:
      primaryKey: [code]
      fields:
        - name: code
          type: string
          title: Code
          description: The letter of the bridge.
          example: A
          civicat: {zh: {title: 代码, description: 桥的字母。}}
"""
)

COUNTS = (
    HEAD % "counts"
    + """\
  - name: counts
    path: data/counts.csv
    encoding: utf-8
    title: Counts
    description: One row for each bridge and day.
    civicat:
      zh: {title: 数量, description: 每座桥每天一行。}
      foreignKeys:
        - {fields: [bridge], reference: {dataset: roads/bridges, resource: bridges, fields: [code]}}
    schema:
      primaryKey: [day, bridge]
      fields:
        - name: bridge
          type: string
          title: Bridge
          description: The letter of the bridge.
          example: A
          civicat: {zh: {title: 桥, description: 桥的字母。}}
        - name: day
          type: date
          title: Day
          description: The day of the count.
          example: "2026-02-22"
          civicat: {zh: {title: 日期, description: 计数的日期。}}
        - name: passed
          type: integer
          title: Passed
          description: Bicycles that passed.
          example: "12"
          constraints: {minimum: 0}
          civicat: {unit: "1", zh: {title: 通过数, description: 通过的自行车。}}
"""
)

ROWS = "bridge,day,passed\nB,2026-02-22,7\nA,2026-02-22,12\nA,2026-02-21,\n"


def _hand_in(datasets: Path, name: str, descriptor: str, rows: str) -> None:
    folder = datasets / "roads" / name
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "examples").mkdir(exist_ok=True)
    (datasets / "roads/department.yaml").write_text(DEPARTMENT, encoding="utf-8")
    (folder / "datapackage.yaml").write_text(descriptor, encoding="utf-8")
    (folder / "README.md").write_text("# Bridges\n", encoding="utf-8")
    (folder / f"data/{name}.csv").write_text(rows, encoding="utf-8")
    (folder / "examples/invalid.csv").write_text(f"finding,{rows.splitlines()[0]}\n", encoding="utf-8")


def _folders(place: Path) -> Path:
    datasets = place / "datasets"
    _hand_in(datasets, "bridges", BRIDGES, "code\nA\nB\n")
    _hand_in(datasets, "counts", COUNTS, ROWS)
    return datasets


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    return _folders(tmp_path)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "store")


def _publish(datasets: Path, layout: Layout, *names: str) -> list[pipeline.Result]:
    return list(pipeline.publish_all(datasets, names, layout))


def _released(results: list[pipeline.Result]) -> list[tuple[str, str, bool]]:
    assert all(isinstance(one, pipeline.Published) for one in results), results
    return [(one.dataset, str(one.release.version), one.new) for one in results if isinstance(one, pipeline.Published)]


def _state(layout: Layout) -> dict[Path, tuple[int, int]]:
    """All releases of the store, with when they were last written."""
    stats = {path: path.stat() for path in layout.releases.rglob("*")}
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in stats.items()}


def test_datasets_are_published_those_first_that_others_refer_to(datasets: Path, layout: Layout) -> None:
    begun: list[str] = []

    results = list(pipeline.publish_all(datasets, [], layout, begun.append))

    assert _released(results) == [("roads/bridges", "1.0.0", True), ("roads/counts", "1.0.0", True)]
    assert begun == ["roads/bridges", "roads/counts"]


def test_a_release_holds_the_rows_by_key_and_in_their_types(datasets: Path, layout: Layout) -> None:
    _publish(datasets, layout)

    release = layout.release("roads/counts")
    assert release is not None
    table = pq.read_table(release.tables[0].path)
    assert [str(kind) for kind in table.schema.types] == ["string", "date32[day]", "int64"]
    assert [tuple(map(str, row.values())) for row in table.to_pylist()] == [
        ("A", "2026-02-21", "None"),
        ("A", "2026-02-22", "12"),
        ("B", "2026-02-22", "7"),
    ]
    assert release.report["valid"] is True


def test_a_second_run_finds_everything_online(datasets: Path, layout: Layout) -> None:
    _publish(datasets, layout)
    before = _state(layout)

    assert _released(_publish(datasets, layout)) == [
        ("roads/bridges", "1.0.0", False),
        ("roads/counts", "1.0.0", False),
    ]
    assert _state(layout) == before


def test_a_changed_file_gives_the_next_version_of_its_dataset_alone(datasets: Path, layout: Layout) -> None:
    _publish(datasets, layout)
    _hand_in(datasets, "counts", COUNTS, ROWS.replace("12", "13"))

    assert _released(_publish(datasets, layout)) == [
        ("roads/bridges", "1.0.0", False),
        ("roads/counts", "1.1.0", True),
    ]
    assert layout.versions("roads/counts") == [Version(1, 0, 0), Version(1, 1, 0)]


def test_other_words_give_a_patch(datasets: Path, layout: Layout) -> None:
    _publish(datasets, layout)
    _hand_in(datasets, "counts", COUNTS.replace("雨天车少", "下雨时车少"), ROWS)

    assert _released(_publish(datasets, layout, "roads/counts")) == [("roads/counts", "1.0.1", True)]


@pytest.mark.parametrize(
    "rows", [ROWS.replace("12", "-12"), ROWS.replace("B,", "C,"), ROWS.replace("7", "seven"), f"{ROWS}{ROWS}"]
)
def test_a_failed_check_publishes_nothing_and_the_old_release_stays(datasets: Path, layout: Layout, rows: str) -> None:
    _publish(datasets, layout)
    online = layout.release("roads/counts")
    before = _state(layout)
    _hand_in(datasets, "counts", COUNTS, rows)

    (refused,) = _publish(datasets, layout, "roads/counts")

    assert isinstance(refused, pipeline.Refused)
    assert refused.online == online is not None
    assert refused.report.all_findings()
    assert _state(layout) == before


def test_a_dataset_that_fails_at_first_leaves_nothing_in_the_store(datasets: Path, layout: Layout) -> None:
    _hand_in(datasets, "counts", COUNTS.replace("  themes: [traffic]\n", ""), ROWS)

    results = _publish(datasets, layout)

    assert isinstance(results[1], pipeline.Refused)
    assert results[1].online is None
    assert list(layout.datasets()) == ["roads/bridges"]
    assert not (layout.releases / "roads/counts").exists()


def test_a_descriptor_that_cannot_be_read_stops_its_dataset_alone(datasets: Path, layout: Layout) -> None:
    _hand_in(datasets, "bridges", f"{BRIDGES}colour: green\n", "code\nA\n")
    _hand_in(datasets, "counts", COUNTS.replace("roads/bridges", "roads/bridges"), ROWS)

    first, second = _publish(datasets, layout)

    assert isinstance(first, pipeline.Stopped)
    assert "“colour” is not known here" in first.error.message.en
    assert not isinstance(second, pipeline.Stopped) or "roads/bridges" in second.error.message.en


def test_a_sample_that_is_not_here_yet_is_left_out(datasets: Path, layout: Layout) -> None:
    sample = "civicat: {sample: {registry: pypi, package: bridges, version: '1', path: b.csv}, zh:"
    _hand_in(
        datasets, "bridges", BRIDGES.replace("civicat: {zh: {title: 桥梁,", f"{sample} {{title: 桥梁,"), "code\nA\n"
    )
    missing = datasets / "roads/bridges/data/bridges.csv"
    missing.unlink()

    (left_out,) = _publish(datasets, layout, "roads/bridges")

    assert isinstance(left_out, pipeline.LeftOut)
    assert (left_out.missing.resolve(), left_out.online) == (missing.resolve(), None)
    assert not layout.store.exists()


def test_the_same_folders_give_the_same_bytes_in_another_place(
    datasets: Path, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    _publish(datasets, layout)
    elsewhere = Layout(tmp_path / "elsewhere/there")
    _publish(_folders(tmp_path / "elsewhere/of/other/folders"), elsewhere)

    for file in sorted(layout.releases.rglob("*")):
        if file.is_file():
            assert (elsewhere.releases / file.relative_to(layout.releases)).read_bytes() == file.read_bytes(), file


def test_provenance_names_the_files_that_were_handed_in(datasets: Path, layout: Layout) -> None:
    _publish(datasets, layout)

    provenance = json.loads((layout.releases / "roads/counts/1.0.0/provenance.json").read_bytes())

    rows = (datasets / "roads/counts/data/counts.csv").read_bytes()
    assert provenance["inputs"] == [
        {"path": "data/counts.csv", "bytes": len(rows), "sha256": hashlib.sha256(rows).hexdigest()}
    ]


def _publish_and_die(datasets: Path, store: Path, at: int) -> None:
    """In a process of its own: publishes, and is killed at the event of that number that touches the store.

    Python tells its audit hooks of every file and folder that it opens, makes, moves or removes.
    """
    seen = 0

    def watch(_event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if any(isinstance(one, str | Path) and Path(one).is_relative_to(store) for one in arguments):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    _publish(datasets, Layout(store), "roads/counts")
    (datasets / "events").write_text(str(seen))


def test_killed_at_any_step_of_the_whole_pipeline(datasets: Path, layout: Layout, tmp_path: Path) -> None:
    _publish(datasets, layout)
    _hand_in(datasets, "counts", COUNTS, ROWS.replace("12", "13"))
    # A server that has everything imported and has started no thread forks each child.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["civicat.pipeline", "civicat.validators.checking", "pytest"])

    def run(store: Path, at: int) -> int | None:
        shutil.copytree(layout.store, store)
        child = context.Process(target=_publish_and_die, args=(datasets, store, at))
        child.start()
        child.join()
        return child.exitcode

    assert run(tmp_path / "store-0", 0) == 0
    events = int((datasets / "events").read_text())
    assert events > len(["lock", "staging", "version", "four files", "rename", "rmdir"])
    for at in range(1, events + 1):
        store = tmp_path / f"store-{at}"
        assert run(store, at) == -signal.SIGKILL
        _whole_and_goes_on(datasets, Layout(store))


def _whole_and_goes_on(datasets: Path, layout: Layout) -> None:
    assert not [one for one in publish.verify(layout) if isinstance(one, publish.Damaged)]
    assert layout.versions("roads/counts")[0] == Version(1, 0, 0)
    (result,) = _publish(datasets, layout, "roads/counts")
    assert isinstance(result, pipeline.Published)
    assert isinstance(result.release, Release)
    assert layout.versions("roads/counts") == [Version(1, 0, 0), Version(1, 1, 0)]
    assert sorted(child.name for child in layout.dataset("roads/counts").iterdir()) == [".lock", "1.0.0", "1.1.0"]


def _recorded(layout: Layout, dataset: str = "roads/counts") -> list[tuple[str, str, int]]:
    return [(str(one.result), one.version, one.errors) for one in hand_ins.read(layout.hand_ins(dataset))]


def test_every_hand_in_that_was_checked_is_recorded_and_what_is_not_new_is_not(
    datasets: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771718400")
    _publish(datasets, layout)
    _publish(datasets, layout)
    _hand_in(datasets, "counts", COUNTS, ROWS.replace("12", "-12").replace("7", "seven"))
    _publish(datasets, layout)
    record = layout.hand_ins("roads/counts")
    before = record.read_bytes()
    _publish(datasets, layout)
    assert record.read_bytes() == before
    _hand_in(datasets, "counts", COUNTS, ROWS.replace("12", "13"))
    _publish(datasets, layout)

    assert _recorded(layout) == [("published", "1.0.0", 0), ("refused", "", 2), ("published", "1.1.0", 0)]
    assert _recorded(layout, "roads/bridges") == [("published", "1.0.0", 0)]
    refused = hand_ins.read(record)[1]
    assert refused.when == "2026-02-22T00:00:00Z"
    assert [(one.code, one.field) for one in refused.resources[1].errors] == [
        ("constraint-error", "passed"),
        ("type-error", "passed"),
    ]
    assert b"seven" not in record.read_bytes()


def test_a_first_hand_in_that_is_refused_is_recorded_with_the_digest_that_it_is_published_under(
    datasets: Path, layout: Layout
) -> None:
    _hand_in(datasets, "counts", COUNTS, f"{ROWS}{ROWS}")
    _publish(datasets, layout)
    _publish(datasets, layout)
    (refused,) = hand_ins.read(layout.hand_ins("roads/counts"))
    assert refused.inputs == publish.digest(validators.read_submission(datasets / "roads/counts").files)


def test_what_is_recorded_outlasts_the_release(datasets: Path, layout: Layout) -> None:
    _publish(datasets, layout)
    record = layout.hand_ins("roads/counts").read_bytes()
    pipeline.retract(layout, "roads/counts", Version(1, 0, 0), Text("错", "wrong"), Text("局", "office"))
    assert layout.hand_ins("roads/counts").read_bytes() == record


def test_where_nothing_can_be_recorded_it_is_published_and_refused_all_the_same(
    datasets: Path, layout: Layout, caplog: pytest.LogCaptureFixture
) -> None:
    layout.store.mkdir()
    (layout.store / "hand-ins").write_text("in the way")
    assert _released(_publish(datasets, layout))
    _hand_in(datasets, "counts", COUNTS, f"{ROWS}{ROWS}")
    assert isinstance(_publish(datasets, layout, "roads/counts")[0], pipeline.Refused)
    assert caplog.text.count("this hand-in is not recorded") == 3
