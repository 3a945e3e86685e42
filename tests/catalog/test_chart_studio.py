"""The child process that draws pictures: killed, slow, full, and ended."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from civicat.catalog.charts.studio import Studio, UndrawableError
from civicat.catalog.files.making import LaterError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text y="15">a 中</text></svg>'
PNG = b"\x89PNG\r\n"
HEAVY = SVG.replace('width="40" height="20"', 'width="9000" height="9000"')


@pytest.fixture
def studio() -> Iterator[Studio]:
    """A process of its own, which starts with the first picture."""
    with closing(Studio()) as made:
        yield made


def test_a_picture_is_png_and_the_process_stays(studio: Studio) -> None:
    assert studio.process is None
    assert studio.picture(SVG).startswith(PNG)
    first = studio.process
    assert studio.picture(SVG, 2.0) != studio.picture(SVG)
    assert studio.process == first


def test_what_is_no_svg_is_refused_and_the_process_stays(studio: Studio) -> None:
    with pytest.raises(UndrawableError):
        studio.picture("<svg")
    assert studio.picture(SVG).startswith(PNG)


def test_killed_in_the_middle_it_is_told_and_the_next_picture_is_drawn(studio: Studio) -> None:
    studio.picture(SVG)
    first = studio.process
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    killer = threading.Timer(0.2, os.kill, (first, signal.SIGKILL))
    killer.start()
    with pytest.raises(UndrawableError) as told:
        studio.picture(SVG)
    assert told.value.status == 503
    killer.join()
    assert studio.picture(SVG).startswith(PNG)
    assert studio.process not in {None, first}


def test_what_takes_too_long_is_ended() -> None:
    with closing(Studio(deadline=5.0)) as studio:
        studio.picture(SVG)
        stopped = studio.process
        assert stopped is not None
        os.kill(stopped, signal.SIGSTOP)
        studio._deadline = 0.2  # noqa: SLF001 - the start of the process has its time, this picture has none
        with pytest.raises(UndrawableError):
            studio.picture(SVG)
        with pytest.raises(ProcessLookupError):
            os.kill(stopped, 0)


def test_memory_has_a_limit_and_only_the_process_ends(studio: Studio) -> None:
    with pytest.raises(UndrawableError):
        studio.picture(HEAVY, 40.0)
    assert studio.picture(SVG).startswith(PNG)


def test_nothing_is_fetched_from_the_network_or_the_disk(studio: Studio) -> None:
    image = '<image href="{}" width="40" height="20"/></svg>'
    plain = studio.picture(SVG)
    for address in ("http://127.0.0.1:9/a.png", "file:///etc/hostname", "/etc/hostname"):
        assert studio.picture(SVG.replace("</svg>", image.format(address))) == plain


def test_the_line_is_short() -> None:
    with closing(Studio(waiting=1)) as studio, ThreadPoolExecutor(2) as threads:
        studio.picture(SVG)
        stopped = studio.process
        assert stopped is not None
        os.kill(stopped, signal.SIGSTOP)
        waiting = [threads.submit(studio.picture, SVG) for _ in range(2)]
        while studio._places._value:  # noqa: SLF001 - until both have their place
            time.sleep(0.01)
        with pytest.raises(LaterError) as told:
            studio.picture(SVG)
        assert told.value.status == 503
        os.kill(stopped, signal.SIGCONT)
        assert all(one.result().startswith(PNG) for one in waiting)


def test_it_ends_with_whoever_started_it(studio: Studio) -> None:
    studio.picture(SVG)
    process = studio.process
    assert process is not None
    studio.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert studio.process is None
