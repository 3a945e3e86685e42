"""The command as a process: how it starts, what its exit status is, and that it never ends in a traceback."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

import click

from civicat.cli.terminal import NOT_DONE, cli, language_of
from civicat.errors import CivicatError
from civicat.text import Language, Text


def _start_lightly() -> None:
    """Has no pool of threads for matrices started, and what is read and found swept for circles now and then only."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's; we multiply none
    gc.set_threshold(100_000, 20, 20)


def main() -> NoReturn:
    """Runs the command line: one line on stderr and exit status 2 for whatever could not be done."""
    _start_lightly()
    language = language_of(os.environ.get("CIVICAT_LANG", ""))
    try:
        status = cli.main(standalone_mode=False)
    except CivicatError as error:
        chosen = _chosen_language(sys.argv) or language
        click.echo(error.message.within(chosen), err=True)
        status = NOT_DONE
    except click.ClickException as error:
        _show(error, _chosen_language(sys.argv) or language)
        status = NOT_DONE
    except (click.Abort, KeyboardInterrupt):
        status = 130
    except OSError as error:
        _let_go_of_stdout()
        if not isinstance(error, BrokenPipeError):  # else nobody is left to tell
            click.echo(f"civicat: {error.strerror or error}", err=True)
        status = NOT_DONE
    sys.exit(status)


def _show(error: click.ClickException, language: Language) -> None:
    """What was typed wrongly, in a line; the words of what is wrong are click's own and English."""
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "civicat"
    more = Text(f"用法见：{command} --help", f"See: {command} --help").within(language)
    click.echo(f"{command}: {' '.join(error.format_message().split())} {more}", err=True)


def run() -> NoReturn:
    """The command as a process of its own, which is gone as soon as it is done.

    Everything is written and closed by then; to take Python and its libraries down piece by piece lasts a tenth of a
    second more, as long as a million cells.
    """
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else NOT_DONE
    atexit._run_exitfuncs()  # noqa: SLF001 (os._exit leaves them out)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody listens any more, or it is closed
            stream.flush()
    os._exit(status)


def _let_go_of_stdout() -> None:
    """What is still buffered goes nowhere: Python would try it again at its exit, and fail with a status of its own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _chosen_language(arguments: list[str]) -> Language | None:
    """The language that `--lang` names, also where the command did not come as far as reading it."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word.startswith("--lang=") or word == "--lang":
            return language_of(word.removeprefix("--lang").removeprefix("=") or following)
    return None
