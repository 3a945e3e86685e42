"""Commands for what is handed in: validate, describe, new, suggest-bounds."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from civicat.cli.terminal import (
    DONE,
    NOT_DONE,
    STATUS,
    Terminal,
    cli,
    lang_option,
    progress,
    store_option,
    taken,
    unpublished,
    write_text,
)
from civicat.errors import CivicatError, DescriptorError
from civicat.layout import Layout
from civicat.pretty import pretty
from civicat.text import LANGUAGES, Language, Text

# Commands import what they need when they run: `civicat --help` answers at once.
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from civicat.dataset import Dataset
    from civicat.finding import Cause
    from civicat.report import Report
    from civicat.validators.engine.checks.checklist import Checklist

    Causes = Mapping[str, Sequence[Cause]]

_DESCRIPTORS, _BESIDE = ("datapackage.yaml", "datapackage.json"), ("README.md", "../department.yaml")
_THRESHOLDS = {-3: 1 << 26, -1: 1 << 28}  # bytes: of glibc's M_MMAP_THRESHOLD and M_TRIM_THRESHOLD
_SUFFIXES = {"json": (".json",), "html": (".html", ".htm"), "xlsx": (".xlsx",), "text": (".txt", ".text")}
_ITS_OWN = frozenset({"html", "xlsx"})  # forms that open in their program by their suffix alone


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--schema", type=click.Path(path_type=Path), help="A Table Schema to check a single file against.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "html", "xlsx"]), default="text", show_default=True
)
@click.option(
    "--checklist", type=click.Path(path_type=Path), help="More checks, by name: a frictionless checklist, JSON or YAML."
)
@click.option("--limit-errors", type=click.IntRange(min=0), default=1000, show_default=True, help="0 means no limit.")
@click.option("--count-all", is_flag=True, help="Where the limit is reached, count the other errors too.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the report to this file, or over its last one.")
@store_option
@lang_option
@click.pass_obj
def validate(
    terminal: Terminal,
    path: Path,
    schema: Path | None,
    form: str,
    checklist: Path | None,
    limit_errors: int,
    count_all: bool,  # noqa: FBT001 (click passes each option by name)
    output: Path | None,
    store: Path | None,
) -> int:
    """Check a file, a data package or a dataset folder. 检查文件、数据包或数据集目录。"""
    from civicat import validators

    _keep_memory()
    if form == "xlsx" and output is None:
        raise _no_workbook_on_a_terminal()
    layout = terminal.layout(store, there=store is not None)
    if output is not None:
        _refuse_output(output, form, layout)
    named = [path, *(one for one in (schema, checklist) if one is not None)]
    dataset: Dataset | None = None
    try:
        dataset, department, profile = validators.open_path(path, schema)
        with (
            progress(terminal, Text("正在检查", "Checking"), _size(dataset)) as advance,
            validators.check(
                dataset,
                layout,
                department=department,
                profile=profile,
                limit_errors=limit_errors,
                count_all=count_all,
                progress=advance,
                checklist=_checklist(checklist),
                digests=form == "json",  # the other forms do not show them
                conversion=False,
                tables=bool(dataset.department),  # to tell the drift from its last release
            ) as checked,
        ):
            report = checked.report
    except (CivicatError, OSError, MemoryError) as error:
        kept = [*named, *_perhaps_handed_in(path, output), *(_handed_in(dataset) if dataset else ())]
        return _refused(terminal, error, form, output, kept)
    causes = {one.name: one.causes for one in report.resources}
    if output is None:
        terminal.lines(_FORMS[form](report, terminal.language, causes))
        return STATUS[report.outcome]
    if form == "xlsx":
        validators.annotate(report, dataset, output, terminal.language, causes)
    else:
        lines = _FORMS[form](report, terminal.language, causes)
        write_text(output, "\n".join(lines) + "\n", [*named, *_handed_in(dataset)])
    verdict = Text(*(validators.render(report, language)[-1] for language in LANGUAGES))
    terminal.say(Text(f"已写入 {output}。{verdict.zh}", f"Written to {output}. {verdict.en}"))
    return STATUS[report.outcome]


def _refuse_output(output: Path, form: str, layout: Layout) -> None:
    """Refuses a file that is there and no report of ours, and a name that says another form; before anything is read.

    Raises:
        CivicatError: it may not be written.
    """
    from civicat.validators.reports.ours import is_ours

    suffix, own = output.suffix.lower(), _SUFFIXES[form]
    named = next((name for name, known in _SUFFIXES.items() if suffix in known), "")
    if suffix and suffix not in own and (named or form in _ITS_OWN):
        raise _misnamed(output, form)
    if output.exists() and output.resolve().is_relative_to(layout.releases.resolve()):
        raise taken(output)  # a release has its report beside it, and that stays
    if output.exists() and not is_ours(output):
        raise _not_ours(output)


def _checklist(path: Path | None) -> Checklist | None:
    """The checks that are asked for. An error in them is one of the checklist, whatever reads it."""
    from civicat import validators

    try:
        return validators.read_checklist(path) if path else None
    except DescriptorError as error:
        error.kind = "checklist-error"
        raise


def _refused(
    terminal: Terminal,
    error: CivicatError | OSError | MemoryError,
    form: str,
    output: Path | None,
    kept: Sequence[Path],
) -> int:
    """A report, in whichever form was asked for, of what could not be checked; `kept` begins with what it was."""
    from civicat import validators

    path = kept[0]
    why = error if isinstance(error, CivicatError) else validators.system_error(path, error)
    line = why.message
    if form == "xlsx":
        line = Text(f"{line.zh}没有写出 {output}。", f"{line.en} {output} was not written.")
    elif output is not None or form != "text":  # on a terminal the line below says it all
        lines = _FORMS[form](validators.refusal(path, why), terminal.language, {})
        if output is None:
            terminal.lines(lines)
        else:
            write_text(output, "\n".join(lines) + "\n", kept)
    terminal.warn(line)
    return NOT_DONE


def _text(report: Report, language: Language, causes: Causes) -> list[str]:
    from civicat import validators

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    return validators.render(report, language, causes, width)


def _json(report: Report, _language: Language, _causes: Causes) -> list[str]:
    return [pretty(report.to_descriptor())]


def _html(report: Report, language: Language, causes: Causes) -> list[str]:
    from civicat import validators

    return [validators.render_page(report, language, causes).rstrip("\n")]


_FORMS = {"text": _text, "json": _json, "html": _html}


def _size(dataset: Dataset) -> int:
    return sum(path.stat().st_size for one in dataset.resources if (path := dataset.folder / one.path).is_file())


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Write the descriptor to this file.")
@store_option
@lang_option
@click.pass_obj
def describe(terminal: Terminal, path: Path, output: Path | None, store: Path | None) -> int:
    """Infer a datapackage.yaml from a file, with TODOs for you. 从文件推断 datapackage.yaml。"""
    from civicat import validators

    text = validators.describe(path, terminal.layout(store), terminal.chosen)
    if output is None:
        terminal.lines([text.rstrip("\n")])
    else:
        write_text(output, text, [path, output])  # a descriptor that is there holds somebody's work
    return DONE


@cli.command()
@click.argument("target", metavar="DEPARTMENT/DATASET")
@click.option("--from", "source", required=True, type=click.Path(path_type=Path), help="The file to begin with.")
@store_option
@lang_option
@click.pass_obj
def new(terminal: Terminal, target: str, source: Path, store: Path | None) -> int:
    """Start a dataset folder from a file. 由文件新建数据集目录。"""
    from civicat import validators

    folder = validators.scaffold(target, source, terminal.settings.datasets, terminal.layout(store), terminal.chosen)
    terminal.say(
        Text(
            f"已建立 {folder}。请在 datapackage.yaml 中补全每一处 TODO，然后运行：civicat validate {folder}",
            f"Made {folder}. Fill in each TODO in its datapackage.yaml, then run: civicat validate {folder}",
        )
    )
    return DONE


@cli.command("suggest-bounds")
@click.argument("dataset", metavar="DEPARTMENT/DATASET")
@store_option
@lang_option
@click.pass_obj
def suggest_bounds(terminal: Terminal, dataset: str, store: Path | None) -> int:
    """Suggest how far a dataset may drift, from its releases. 由已有版本建议数据变动的界限。"""
    from civicat import validators

    layout = terminal.layout(store)
    if not layout.versions(dataset):
        raise unpublished(dataset, layout)
    terminal.lines([validators.suggest_bounds(layout, dataset).rstrip("\n")])
    return DONE


def _no_workbook_on_a_terminal() -> CivicatError:
    return CivicatError(
        Text(
            "工作簿不能显示在终端里。请用 --output 指明文件，例如 --output report.xlsx。",
            "A workbook cannot be shown on a terminal. Name a file, for example --output report.xlsx.",
        )
    )


def _not_ours(path: Path) -> CivicatError:
    return CivicatError(
        Text(
            f"{path} 已存在，且不是 civicat 写的报告，不能覆盖。请另选 --output。",
            f"{path} is there already and is no report of civicat. Choose another --output.",
        )
    )


def _misnamed(path: Path, form: str) -> CivicatError:
    suffix = _SUFFIXES[form][0]
    return CivicatError(
        Text(
            f"--format {form} 的报告不能存为 {path.name}。请改用 {path.with_suffix(suffix).name}，或改 --format。",
            f"A report of --format {form} cannot be named {path.name}. "
            f"Name it {path.with_suffix(suffix).name}, or choose another --format.",
        )
    )


def _handed_in(dataset: Dataset) -> Iterator[Path]:
    """What a department hands in with a dataset: a report is never written over any of it."""
    yield from (dataset.folder / name for name in (*_DESCRIPTORS, *_BESIDE))
    yield from (dataset.folder / one.path for one in dataset.resources)
    yield from (Path(one.schema.file) for one in dataset.resources if one.schema.file)


def _perhaps_handed_in(path: Path, output: Path | None) -> Iterator[Path]:
    """The same of a dataset that could not be opened: what its descriptor names anywhere; all, where it has none."""
    folder = path if path.is_dir() else path.parent
    yield from (folder / name for name in (*_DESCRIPTORS, *_BESIDE))
    if output is None:
        return
    texts = [one.read_bytes() for name in _DESCRIPTORS if (one := folder / name).is_file()]
    names = (output.name.encode("utf-8", "surrogateescape"), ascii(output.name)[1:-1].encode())  # the latter: JSON
    named = any(name in text for name in names for text in texts)
    if named or (path.is_dir() and not texts and output.resolve().is_relative_to(folder.resolve())):
        yield output


def _keep_memory() -> None:
    """Has blocks that are freed kept for the next piece of a file: what the kernel gives, it clears page by page."""
    from ctypes import CDLL

    with suppress(OSError, AttributeError):  # where the C library is not glibc
        for threshold, size in _THRESHOLDS.items():
            CDLL(None).mallopt(threshold, size)
