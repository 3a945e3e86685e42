"""Processes that publish, take down or export, and what they are given: shared by the tests of faults."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from civicat import publish
from civicat.layout import CHANGES, Layout
from civicat.publish.inputs import sha256
from civicat.publish.verify import Damaged

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

NAME = "transport/counters"
_CHILD = Path(__file__).with_name("publishing_child.py")

Job = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """A child that has ended: its status (below 0 the signal that killed it), and what it answered before."""

    status: int
    answer: dict[str, str]

    @property
    def is_killed(self) -> bool:
        return self.status < 0

    @property
    def error(self) -> str:
        return self.answer.get("error", "")


class Children:
    """One process that answers requests, and copies of it (publishing_child.py says how)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own child
            [sys.executable, str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()

    def begin(self, request: dict[str, Any]) -> None:
        """Asks, and does not wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "bug" not in found, found["bug"]
        return found

    def do(self, request: dict[str, Any]) -> dict[str, Any]:
        """Asks, and waits for the answer."""
        self.begin(request)
        return self.answer()

    def start(self, job: Job) -> int:
        """A copy that waits to be told to begin."""
        return int(self.do({"fork": job})["pid"])

    def go(self, pid: int) -> None:
        self.do({"go": pid})

    def wait(self, pid: int) -> Ended:
        found = self.do({"wait": pid})
        return Ended(found.pop("status"), found)

    def run(self, job: Job) -> Ended:
        """A copy from its beginning to its end."""
        pid = self.start(job)
        self.go(pid)
        return self.wait(pid)


@dataclass(frozen=True)
class HandedIn:
    """A small dataset with other rows for each letter, prepared on disk; and the store that it goes into."""

    desk: Desk
    folder: Path
    store: Path
    key: str = ""
    names: dict[str, str] = field(default_factory=lambda: {"a": "桥", "b": "秘", "c": "路", "d": "新"})

    @property
    def layout(self) -> Layout:
        return Layout(self.store)

    @property
    def releases(self) -> Path:
        return self.layout.dataset(NAME)

    def prepare(self, letter: str, versioning: str = "semantic") -> Path:
        """The folder of what is handed in under a letter, or any other word."""
        folder = self.folder / f"{letter}-{versioning}"
        if not folder.exists():
            package = self.desk.package()
            package["civicat"]["versioning"] = versioning
            del package["resources"][0]["schema"]["fields"][2:]
            rows = self.desk.counters([3, 1, 2], self.names.get(letter, letter)).select(["编号", "name.en"])
            folder.mkdir(parents=True)
            for name, table in (("counters", rows), ("notes", self.desk.notes("静"))):
                with pa.ipc.new_file(str(folder / f"{name}.arrow"), table.schema) as writer:
                    writer.write_table(table)
            (folder / "department.json").write_text(json.dumps(self.desk.department().descriptor))
            (folder / "datapackage.json").write_text(json.dumps(package, default=str))
        return folder

    def publish(self, letter: str, versioning: str = "semantic", **more: object) -> Job:
        """The job that publishes what a letter stands for."""
        folder = str(self.prepare(letter, versioning))
        return {"do": "publish", "folder": folder, "store": str(self.store), "inputs": letter, "key": self.key, **more}

    def retract(self, version: str, **more: object) -> Job:
        where = {"dataset": NAME, "version": version, "store": str(self.store), "key": self.key}
        return {"do": "retract", **where, **more}

    def export(self, version: str, form: str, **more: object) -> Job:
        where = {"dataset": NAME, "version": version, "store": str(self.store)}
        return {"do": "export", **where, "form": form, "resource": "counters", **more}

    def damaged(self) -> list[str]:
        """What `verify` says is wrong."""
        if not self.releases.exists() or not self.layout.numbers(NAME):
            return []
        return [one.message.en for one in publish.verify(self.layout) if isinstance(one, Damaged)]

    def versions(self) -> list[str]:
        """Those that are handed out."""
        return [str(one) for one in self.layout.versions(NAME)]

    def seen(self, besides: str = CHANGES) -> dict[str, str]:
        """Each file of each release that a reader sees, with its sha256; not those of one name."""
        return {
            file.relative_to(self.releases).as_posix(): sha256(file)
            for version in self.versions()
            for file in (self.releases / version).iterdir()
            if file.name != besides
        }

    def holding(self, text: str) -> list[str]:
        """The files of the store in which a text stands."""
        files = (file for file in self.store.rglob("*") if file.is_file())
        return sorted(str(file.relative_to(self.store)) for file in files if text.encode() in file.read_bytes())
