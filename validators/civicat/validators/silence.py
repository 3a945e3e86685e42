"""Quiet around calls into compiled code, which writes to the terminal of its own accord where it panics."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

_STDERR = 2
_ONE_AT_A_TIME = RLock()  # two that put stderr back in the wrong order would leave it closed for good


@contextmanager
def silent() -> Iterator[None]:
    """What is written to stderr meanwhile goes nowhere: our own line says what a reader's backtrace cannot."""
    with _ONE_AT_A_TIME:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # there is no stderr
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, _STDERR)
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            os.close(nowhere)
