"""The tables of a release, written and profiled in one pass: while one thread writes rows another one looks at them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from civicat.dataset import Dataset, Department
from civicat.publish import parquet
from civicat.publish.metadata import described
from civicat.publish.profile import Profiler
from civicat.publish.tables import Ordered
from civicat.release import Part, Version

_WAITING = 4  # chunks of rows that the writer may be ahead: what bounds the memory


@dataclass(frozen=True, slots=True)
class Written:
    """The files of each resource, by its name, and the profile of all of them as plain JSON."""

    files: Mapping[str, tuple[Part, ...]]
    profile: Mapping[str, object]

    @property
    def parts(self) -> tuple[Part, ...]:
        """The files of all resources."""
        return tuple(part for parts in self.files.values() for part in parts)


def write(
    folder: Path, tables: Sequence[Ordered], released: Dataset, department: Department, version: Version
) -> Written:
    """Writes the tables of a release into a folder; `released` is the dataset as its release says, in the same order.

    Raises:
        OSError: a file cannot be written.
    """
    files, profiles = {}, []
    for table, resource in zip(tables, released.resources, strict=True):
        schema = described(table.schema, released, department, resource, version)
        profiler = Profiler(schema, resource, table.key)
        with _beside(profiler.add) as observe:
            files[resource.name] = parquet.write(folder, table, schema, observe)
        profiles.append(profiler.result())
    return Written(files, {"tables": profiles})


@contextmanager
def _beside(look: Callable[[pa.Table], None]) -> Iterator[Callable[[pa.Table], None]]:
    """Has chunks looked at in their order in a thread of its own; what goes wrong there is raised here."""
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(1) as thread:

        def observe(chunk: pa.Table) -> None:
            while len(waiting) >= _WAITING:
                waiting.popleft().result()
            waiting.append(thread.submit(look, chunk))

        yield observe
        while waiting:
            waiting.popleft().result()
