"""Publishes, takes down or exports in a process of its own that a test may kill.

Each line of its input is a request in JSON, and is answered in a line:

{"do": "publish" | "retract" | "export", ...}   does it; what came of it, {"error": our words} or {"bug": a traceback}
{"fork": {"do": ...}}                           a copy of this process that waits to do it: {"pid": number}
{"go": pid}                                     tells it to begin
{"wait": pid}                                   waits for its end: {"status": below 0 if it was killed, ...its answer}

Everything is imported before the first fork: a copy is there at once, and what it does is the work alone.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401 - so that no copy has to import it
import pyarrow as pa
from cryptography.hazmat.primitives import serialization  # noqa: F401 - the same
from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: F401 - the same

from civicat import publish
from civicat.conversion import ColumnConversion
from civicat.dataset import Resource, read_dataset, read_department
from civicat.errors import CivicatError
from civicat.layout import Layout
from civicat.publish import exports
from civicat.publish.signing import Signer, read_signer
from civicat.release import Version
from civicat.report import Report
from civicat.text import Text

Job = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A typed table out of an Arrow file."""

    resource: Resource
    table: pa.Table

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    @property
    def conversion(self) -> tuple[ColumnConversion, ...]:
        return ()

    def batches(self) -> Iterator[pa.RecordBatch]:
        return iter(self.table.to_batches())


def _publish(job: Job) -> dict[str, object]:
    """A folder with department.json, datapackage.json and, for each resource, <resource>.arrow."""
    folder = Path(job["folder"])
    department = read_department(json.loads((folder / "department.json").read_bytes()), "department.json")
    package = json.loads((folder / "datapackage.json").read_bytes())
    dataset = read_dataset(package, "datapackage.json", department.code, folder)
    tables = [Prepared(one, pa.ipc.open_file(folder / f"{one.name}.arrow").read_all()) for one in dataset.resources]
    report = Report(dataset.id, (), ())
    release = publish.publish(dataset, department, report, tables, job["inputs"], _layout(job), _signer(job))
    return {"online": str(release.version)}


def _retract(job: Job) -> dict[str, object]:
    words = (Text("含有个人信息。", "Personal data."), Text("数据台", "Data desk"))
    tombstone = publish.retract(_layout(job), job["dataset"], _version(job), *words, _signer(job))
    return {"down": str(tombstone.version)}


def _export(job: Job) -> dict[str, object]:
    release = _layout(job).release(job["dataset"], _version(job))
    return {"file": str(exports.export(_layout(job), release, job["form"], job["resource"])) if release else ""}


def _version(job: Job) -> Version:
    version = Version.parse(job["version"])
    assert version is not None
    return version


def _layout(job: Job) -> Layout:
    return Layout(Path(job["store"]))


def _signer(job: Job) -> Signer | None:
    return read_signer("", Path(job["key"])) if job.get("key") else None


_JOBS: dict[str, Callable[[Job], dict[str, object]]] = {"publish": _publish, "retract": _retract, "export": _export}


def _done(job: Job) -> dict[str, object]:
    try:
        return _JOBS[job["do"]](job)
    except CivicatError as error:
        return {"error": error.message.en, "zh": error.message.zh}
    except Exception:  # noqa: BLE001 - the test that asked for it fails, with these lines
        return {"bug": traceback.format_exc()}


@dataclass(frozen=True)
class _Copy:
    """The ends of the pipes by which a copy is told to begin and says what came of it."""

    go: int
    said: int


_copies: dict[int, _Copy] = {}


def _fork(job: Job) -> dict[str, object]:
    begin, go = os.pipe()
    said, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go)
        _live(job, begin, says)
    os.close(begin)
    os.close(says)
    _copies[pid] = _Copy(go, said)
    return {"pid": pid}


def _live(job: Job, begin: int, says: int) -> None:
    """The whole life of a copy; it never returns."""
    if os.read(begin, 1):  # else nobody waits for it any more
        _limit(job)
        answer = _done(job)
        os.write(says, json.dumps(answer).encode())
    os._exit(0)


def _limit(job: Job) -> None:
    """Sets the clock and takes rights away, for good: of new files, the size that a file may have, being root."""
    if "clock" in job:
        os.environ["SOURCE_DATE_EPOCH"] = str(job["clock"])
    if "umask" in job:
        os.umask(job["umask"])
    if "most_bytes" in job:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["most_bytes"],) * 2)
    if "user" in job:
        os.setgroups([])
        os.setresgid(*[job["user"]] * 3)
        os.setresuid(*[job["user"]] * 3)


def _go(pid: int) -> dict[str, object]:
    os.write(_copies[pid].go, b"1")
    return {}


def _wait(pid: int) -> dict[str, object]:
    copy = _copies.pop(pid)
    _, status = os.waitpid(pid, 0)
    said = os.read(copy.said, 65_536)
    os.close(copy.go)
    os.close(copy.said)
    return {"status": os.waitstatus_to_exitcode(status), **(json.loads(said) if said else {})}


def main() -> None:
    """Answers until its input ends."""
    answers = {"fork": _fork, "go": _go, "wait": _wait}
    for line in sys.stdin:
        request = json.loads(line)
        asked = next((name for name in answers if name in request), None)
        answer = answers[asked](request[asked]) if asked else _done(request)  # type: ignore[operator] # by its name
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
