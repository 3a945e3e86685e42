"""What every command shares: the group, the options, the settings, the language, and one way to write a file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from civicat.errors import CivicatError, NotThereYetError
from civicat.layout import Layout
from civicat.release import Release, Tombstone, Version
from civicat.report import Outcome
from civicat.settings import Settings, read_settings
from civicat.text import Language, Text

if TYPE_CHECKING:
    from civicat.publish.signing import Signer

Command = TypeVar("Command", bound=Callable[..., object])

DONE, INVALID, NOT_DONE = 0, 1, 2
_LISTED = 5  # versions that an error names
_WORTH_A_BAR = 200_000_000  # bytes, which take about a second
STATUS = {Outcome.PASSED: DONE, Outcome.FAILED: INVALID, Outcome.UNCHECKED: NOT_DONE}


class Terminal:
    """What every command shares: the settings, and the language in which it speaks."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.language: Language = language_of(settings.language)
        self.chosen: Language | None = None  # by --lang

    def layout(self, store: Path | None, *, there: bool = False) -> Layout:
        """The store that was named, or the settings' own; `there` says that it must exist already.

        Raises:
            NotThereYetError: an object store was named.
            CivicatError: the store must exist and does not.
        """
        folder = store or self.settings.store
        if re.match(r"[a-z0-9+]{2,}:/", str(folder)):
            raise not_there_yet(f"--store {folder}")
        if there and not folder.is_dir():
            raise CivicatError(
                Text(
                    f"没有 {folder} 这个目录。请用 --store 指明。",
                    f"There is no folder {folder}. Name it with --store.",
                )
            )
        return Layout(folder)

    def signer(self) -> Signer | None:
        """What releases are signed with; None where no key is set.

        Raises:
            CivicatError: a key is set and cannot be used.
        """
        from civicat.publish.signing import read_signer

        return read_signer(self.settings.signing_key, self.settings.signing_key_file)

    def say(self, text: Text) -> None:
        """One line for people, on stdout."""
        click.echo(text.within(self.language))

    def warn(self, text: Text) -> None:
        """One line for people, on stderr."""
        click.echo(text.within(self.language), err=True)

    def lines(self, lines: Iterable[str]) -> None:
        """Lines that are already in its language, on stdout."""
        for line in lines:
            click.echo(line)


def language_of(wanted: str) -> Language:
    """`zh` or `en`: as set, else as the terminal's locale says, else English."""
    locale = wanted or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    return "zh" if locale.lower().startswith("zh") else "en"


def _set_language(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value:
        context.obj.language = context.obj.chosen = language_of(value)


def store_option(command: Command) -> Command:
    """The option that names another store."""
    return click.option("--store", type=click.Path(path_type=Path), help="The store's folder (default: store/).")(
        command
    )


def lang_option(command: Command) -> Command:
    """The option that chooses the language of what is printed."""
    return click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        expose_value=False,
        callback=_set_language,
        is_eager=True,
        help="The language of what is printed (default: the terminal's).",
    )(command)


class TwoLanguages(click.Command):
    """A command whose line in the list of commands keeps both of its languages."""

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click's own limit would cut the Chinese off
        """The first line of the command's help, whole."""
        return (self.help or "").partition("\n")[0]


class Commands(click.Group):
    """The group of all commands."""

    command_class = TwoLanguages


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="civicat")
@click.pass_context
def cli(context: click.Context) -> None:
    """Public data, checked before it is published. 公共数据，先检查，再发布。"""
    context.obj = Terminal(read_settings(os.environ))


def not_there_yet(what: str) -> NotThereYetError:
    """The error for a part of the contract that this version does not have."""
    return NotThereYetError(
        Text(f"civicat {what}：此版本尚不提供。", f"civicat {what} is not there yet in this version.")
    )


def unpublished(dataset: str, layout: Layout) -> CivicatError:
    """The error for a dataset that has no release (any more), with the nearest one that has."""
    down = layout.tombstones(dataset)
    if down:
        return _all_down(dataset, down[-1])
    near = get_close_matches(dataset, list(layout.datasets()), n=1, cutoff=0.5)
    zh, en = (f"您是指“{near[0]}”吗？", f"Did you mean “{near[0]}”?") if near else ("", "")
    return CivicatError(Text(f"“{dataset}”尚无版本。{zh}", f"“{dataset}” has no release. {en}".rstrip()))


def release_of(layout: Layout, dataset: str, version: str = "latest") -> Release:
    """The release that is named, the newest where its version is `latest`.

    Raises:
        CivicatError: there is no such dataset or version, or it was taken down.
    """
    known = layout.versions(dataset)
    asked = known[-1] if version == "latest" and known else Version.parse(version)
    tombstone = layout.tombstone(dataset, asked) if asked in layout.numbers(dataset) and asked else None
    if tombstone is not None:
        raise _taken_down(tombstone)
    release = layout.release(dataset, asked) if asked is not None else None
    if release is None:
        raise _no_version(dataset, version, known) if known else unpublished(dataset, layout)
    return release


def _no_version(dataset: str, version: str, known: Sequence[Version]) -> CivicatError:
    listed = [str(one) for one in known[-_LISTED:]]
    zh, en = ("现有", "It has") if len(known) <= _LISTED else ("最新的有", "Its newest are")
    return CivicatError(
        Text(
            f"{dataset} 没有版本 {version}。{zh}：{'、'.join(listed)}。",
            f"{dataset} has no version {version}. {en} {', '.join(listed)}.",
        )
    )


def _all_down(dataset: str, last: Tombstone) -> CivicatError:
    day, reason = last.retracted[:10], last.reason
    return CivicatError(
        Text(
            f"{dataset} 的所有版本均已撤回，最后一次在 {day}：{reason.within('zh')}",
            f"All releases of {dataset} were taken down, the last on {day}: {reason.within('en')}",
        )
    )


def _taken_down(tombstone: Tombstone) -> CivicatError:
    name, day, reason = f"{tombstone.dataset} {tombstone.version}", tombstone.retracted[:10], tombstone.reason
    return CivicatError(
        Text(
            f"{name} 已于 {day} 撤回：{reason.within('zh')}",
            f"{name} was taken down on {day}: {reason.within('en')}",
        )
    )


@contextmanager
def progress(terminal: Terminal, doing: Text, size: int) -> Iterator[Callable[[int], None] | None]:
    """A bar with the time that is left, on a terminal and where `size` bytes take more than a moment; else None."""
    if size < _WORTH_A_BAR or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    words = TextColumn(doing.within(terminal.language))
    columns = (words, BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=size)
        yield lambda count: bar.advance(task, count)


def write_text(path: Path, text: str, kept: Iterable[Path]) -> None:
    """Writes a text to a file, whole or not at all, and never over what was read."""
    if path.exists() and (path.is_dir() or any(one.exists() and path.samefile(one) for one in kept)):
        raise taken(path)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise CivicatError(
            Text(f"无法写入 {path}（{error.strerror}）。", f"{path} cannot be written ({error.strerror}).")
        ) from error
    finally:
        part.unlink(missing_ok=True)


def taken(path: Path) -> CivicatError:
    """The error for a file that is there and stays."""
    return CivicatError(
        Text(
            f"{path} 已存在，不能覆盖。请另选 --output。",
            f"{path} is there already and stays. Choose another --output.",
        )
    )
