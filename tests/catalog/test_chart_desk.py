"""Who asks for a chart waits a little; who asks for the same one meanwhile waits for the same work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from civicat.catalog.charts.desk import Desk
from civicat.catalog.files.making import LaterError


@pytest.fixture
def begin() -> Iterator[threading.Event]:
    """What the work of a test waits for; set at the end in any case."""
    event = threading.Event()
    yield event
    event.set()


def test_the_same_is_made_once_and_goes_on_when_its_reader_has_left(begin: threading.Event) -> None:
    made: list[int] = []

    def work() -> int:
        begin.wait(10)
        made.append(1)
        return 7

    async def ask() -> None:
        with closing(Desk()) as desk:
            with pytest.raises(LaterError) as told:
                await desk.make("a", work, 0.05)
            assert told.value.status == 503
            again = [asyncio.create_task(desk.make("a", work, 10)) for _ in range(2)]
            await asyncio.sleep(0)
            begin.set()
            assert [await one for one in again] == [7, 7]

    asyncio.run(ask())
    assert made == [1]


def test_past_the_line_one_is_told_to_come_back_and_the_line_empties(begin: threading.Event) -> None:
    async def ask() -> None:
        with closing(Desk(at_once=1, waiting=1)) as desk:
            under_way = [asyncio.create_task(desk.make(key, lambda: begin.wait(10), 10)) for key in ("a", "b")]
            await asyncio.sleep(0)
            with pytest.raises(LaterError):
                await desk.make("c", lambda: 1)
            begin.set()
            await asyncio.gather(*under_way)
            assert await desk.make("c", lambda: 1) == 1

    asyncio.run(ask())
