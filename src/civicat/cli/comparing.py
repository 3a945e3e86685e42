"""civicat diff: what changed between two releases."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from civicat.cli.terminal import DONE, Terminal, cli, lang_option, release_of, store_option, write_text
from civicat.errors import CivicatError
from civicat.pretty import pretty
from civicat.text import Text

if TYPE_CHECKING:
    from civicat.publish.diff import Diff
    from civicat.release import Release

_FORMS = ("text", "html", "json", "parquet")


@cli.command()
@click.argument("releases", nargs=-1, metavar="DEPARTMENT/DATASET [V1 [V2]]")
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", show_default=True)
@click.option("--limit", type=click.IntRange(min=0), default=100, show_default=True, help="Rows shown of each table.")
@click.option("--output", type=click.Path(path_type=Path), help="Write it to this file.")
@store_option
@lang_option
@click.pass_obj
def diff(
    terminal: Terminal, releases: tuple[str, ...], form: str, limit: int, output: Path | None, store: Path | None
) -> int:
    """Compare two versions, cell by cell. 逐格比较两个版本。"""
    from civicat import publish

    if form == "parquet" and output is None:
        raise _no_table_on_a_terminal()
    old, new = _two(terminal, releases, store)
    with tempfile.TemporaryDirectory(prefix="civicat-diff-") as scratch:
        found = publish.compare(old, new, Path(scratch))
        if form == "parquet" and output is not None:
            _copy(found, Path(scratch) / "changes.parquet", output)
        elif output is not None:
            write_text(output, _told(terminal, found, form, limit) + "\n", [])
        else:
            terminal.lines([_told(terminal, found, form, limit)])
            return DONE
    terminal.say(Text(f"已写入 {output}。", f"Written to {output}."))
    return DONE


def _told(terminal: Terminal, found: Diff, form: str, limit: int) -> str:
    from civicat.publish import diff as diffs

    match form:
        case "html":
            return diffs.page(found, terminal.language, limit).rstrip("\n")
        case "json":
            return pretty(diffs.to_descriptor(found, limit))
        case _:
            return "\n".join(diffs.text(found, terminal.language, limit))


def _copy(found: Diff, made: Path, output: Path) -> None:
    from civicat.publish import diff as diffs

    diffs.write_changes(found, made)
    part = output.with_name(f".{output.name}.part")
    try:
        shutil.copyfile(made, part)
        part.replace(output)
    except OSError as error:
        raise CivicatError(
            Text(f"无法写入 {output}（{error.strerror}）。", f"{output} cannot be written ({error.strerror}).")
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _two(terminal: Terminal, releases: tuple[str, ...], store: Path | None) -> tuple[Release, Release]:
    """The releases that are named: `D V1 V2`, `D@V1 D@V2`, `D V1` (with the latest), `D` (the last two)."""
    layout = terminal.layout(store, there=store is not None)
    dataset, _, first = (releases or ("",))[0].partition("@")
    rest = [*([first] if first else []), *releases[1:]]
    if not dataset or rest[2:]:
        raise _how()
    if not rest:
        known = layout.versions(dataset)
        rest = [str(version) for version in known[-2:]] if len(known) > 1 else ["latest", "latest"]
    rest = [*rest, "latest"][:2]
    names = [(one.rpartition("@")[0] or dataset, one.rpartition("@")[2]) for one in rest]
    old, new = (release_of(layout, *name) for name in names)
    if len(layout.versions(dataset)) == 1 and old.version == new.version:
        raise CivicatError(
            Text(
                f"{dataset} 只有版本 {old.version}，没有可比较的版本。",
                f"{dataset} has only version {old.version}: there is nothing to compare it with.",
            )
        )
    return old, new


def _how() -> CivicatError:
    return CivicatError(
        Text(
            "请写明数据集和两个版本，例如：civicat diff 部门/数据集 1.0.0 1.1.0",
            "Name a dataset and two versions, for example: civicat diff DEPARTMENT/DATASET 1.0.0 1.1.0",
        )
    )


def _no_table_on_a_terminal() -> CivicatError:
    return CivicatError(
        Text(
            "Parquet 不能显示在终端里。请用 --output 指明文件，例如 --output changes.parquet。",
            "A Parquet file cannot be shown on a terminal. Name a file, for example --output changes.parquet.",
        )
    )
