"""The command line: the only module that prints or exits. Its names are the contract of docs/commands.md.

Exit status: 0 valid or done; 1 the data is invalid; 2 it could not be checked or done (one line on stderr).
"""

from __future__ import annotations

import atexit
import gc
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from civicat.errors import CivicatError, DescriptorError, NotThereYetError
from civicat.layout import Layout
from civicat.pretty import pretty
from civicat.report import Outcome
from civicat.settings import Settings, read_settings
from civicat.text import LANGUAGES, Language, Text

# Commands import what they need when they run: `civicat --help` answers at once.
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from civicat.dataset import Dataset
    from civicat.finding import Cause
    from civicat.pipeline import Result
    from civicat.report import Report
    from civicat.validators.engine.checks.checklist import Checklist

    Causes = Mapping[str, Sequence[Cause]]

Command = TypeVar("Command", bound=Callable[..., object])

DONE, INVALID, NOT_DONE = 0, 1, 2
_DESCRIPTORS, _BESIDE = ("datapackage.yaml", "datapackage.json"), ("README.md", "../department.yaml")
_THRESHOLDS = {-3: 1 << 26, -1: 1 << 28}  # bytes: of glibc's M_MMAP_THRESHOLD and M_TRIM_THRESHOLD
_WORTH_A_BAR = 200_000_000  # bytes, which take about a second
_SUFFIXES = {"json": (".json",), "html": (".html", ".htm"), "xlsx": (".xlsx",), "text": (".txt", ".text")}
_ITS_OWN = frozenset({"html", "xlsx"})  # forms that open in their program by their suffix alone
_STATUS = {Outcome.PASSED: DONE, Outcome.FAILED: INVALID, Outcome.UNCHECKED: NOT_DONE}


class Terminal:
    """What every command shares: the settings, and the language in which it speaks."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.language: Language = _language(settings.language)
        self.chosen: Language | None = None  # by --lang

    def layout(self, store: Path | None, *, there: bool = False) -> Layout:
        """The store that was named, or the settings' own; `there` says that it must exist already.

        Raises:
            NotThereYetError: an object store was named.
            CivicatError: the store must exist and does not.
        """
        folder = store or self.settings.store
        if re.match(r"[a-z0-9+]{2,}:/", str(folder)):
            raise _not_there_yet(f"--store {folder}")
        if there and not folder.is_dir():
            raise CivicatError(
                Text(
                    f"没有 {folder} 这个目录。请用 --store 指明。",
                    f"There is no folder {folder}. Name it with --store.",
                )
            )
        return Layout(folder)

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


def _language(wanted: str) -> Language:
    """`zh` or `en`: as set, else as the terminal's locale says, else English."""
    locale = wanted or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    return "zh" if locale.lower().startswith("zh") else "en"


def _set_language(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value:
        context.obj.language = context.obj.chosen = _language(value)


def _store_option(command: Command) -> Command:
    return click.option("--store", type=click.Path(path_type=Path), help="The store's folder (default: store/).")(
        command
    )


def _lang_option(command: Command) -> Command:
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
@_store_option
@_lang_option
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
            _progress(terminal, dataset) as progress,
            validators.check(
                dataset,
                layout,
                department=department,
                profile=profile,
                limit_errors=limit_errors,
                count_all=count_all,
                progress=progress,
                checklist=_checklist(checklist),
                digests=form == "json",  # the other forms do not show them
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
        return _STATUS[report.outcome]
    if form == "xlsx":
        validators.annotate(report, dataset, output, terminal.language, causes)
    else:
        lines = _FORMS[form](report, terminal.language, causes)
        _write(output, "\n".join(lines) + "\n", [*named, *_handed_in(dataset)])
    verdict = Text(*(validators.render(report, language)[-1] for language in LANGUAGES))
    terminal.say(Text(f"已写入 {output}。{verdict.zh}", f"Written to {output}. {verdict.en}"))
    return _STATUS[report.outcome]


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
        raise _taken(output)  # a release has its report beside it, and that stays
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
            _write(output, "\n".join(lines) + "\n", kept)
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


@contextmanager
def _progress(terminal: Terminal, dataset: Dataset) -> Iterator[Callable[[int], None] | None]:
    """A bar with the time that is left, on a terminal and where reading takes more than a moment."""
    size = sum(path.stat().st_size for one in dataset.resources if (path := dataset.folder / one.path).is_file())
    if size < _WORTH_A_BAR or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    words = TextColumn(Text("正在检查", "Checking").within(terminal.language))
    columns = (words, BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=size)
        yield lambda count: bar.advance(task, count)


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Write the descriptor to this file.")
@_store_option
@_lang_option
@click.pass_obj
def describe(terminal: Terminal, path: Path, output: Path | None, store: Path | None) -> int:
    """Infer a datapackage.yaml from a file, with TODOs for you. 从文件推断 datapackage.yaml。"""
    from civicat import validators

    text = validators.describe(path, terminal.layout(store), terminal.chosen)
    if output is None:
        terminal.lines([text.rstrip("\n")])
    else:
        _write(output, text, [path, output])  # a descriptor that is there holds somebody's work
    return DONE


@cli.command()
@click.argument("target", metavar="DEPARTMENT/DATASET")
@click.option("--from", "source", required=True, type=click.Path(path_type=Path), help="The file to begin with.")
@_store_option
@_lang_option
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


@cli.command()
@click.argument("names", nargs=-1, metavar="[DEPARTMENT/DATASET ...]")
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True)
@_store_option
@_lang_option
@click.pass_obj
def publish(terminal: Terminal, names: tuple[str, ...], engine: str, store: Path | None) -> int:
    """Check and publish datasets, then index them. 检查并发布数据集，并更新索引。"""
    from rich.console import Console

    from civicat import pipeline

    if engine != "local":
        raise _not_there_yet(f"publish --engine {engine}")
    layout = terminal.layout(store)
    status, count = DONE, 0
    busy = Text("正在检查 {}", "Checking {}").within(terminal.language)
    with Console(stderr=True).status("") as spinner:
        for result in pipeline.publish_all(
            terminal.settings.datasets, names, layout, lambda name: spinner.update(busy.format(name))
        ):
            spinner.stop()
            status, count = max(status, _tell(terminal, result)), count + 1
            spinner.start()
        pipeline.index(layout)
    if not count:
        folder = terminal.settings.datasets
        terminal.warn(Text(f"{folder} 中没有数据集。", f"There is no dataset in {folder}."))
    return status


def _tell(terminal: Terminal, result: Result) -> int:
    """Says how one dataset went, and answers the exit status that it asks for."""
    from civicat import pipeline, validators

    match result:
        case pipeline.Published(dataset, release, new=is_new):
            verb = Text("已发布", "Published") if is_new else Text("未变化", "Unchanged")
            terminal.say(
                Text(
                    f"{verb.zh}  {dataset} {release.version}，{release.rows:,} 行",
                    f"{verb.en:<9}  {dataset} {release.version}, {release.rows:,} rows",
                )
            )
            return DONE
        case pipeline.LeftOut(dataset, missing, online):
            terminal.warn(
                Text(
                    f"暂缺    {dataset}：尚无 {missing}。联网后运行 make samples。{_stays(online).zh}",
                    f"Left out   {dataset}: no {missing} yet. With a network, run: make samples. {_stays(online).en}",
                )
            )
            return DONE
        case pipeline.Refused(dataset, report, online):
            terminal.lines(validators.render(report, terminal.language))
            terminal.say(
                Text(
                    f"未发布  {dataset}。{_stays(online).zh}",
                    f"Refused    {dataset}. Nothing was published. {_stays(online).en}",
                )
            )
            return _STATUS[report.outcome]
        case pipeline.Stopped(_, error):
            terminal.warn(error.message)
            return NOT_DONE


def _stays(online: object) -> Text:
    version = getattr(online, "version", None)
    if version is None:
        return Text()
    return Text(f"版本 {version} 继续在线。", f"Version {version} stays online.")


@cli.command()
@click.argument("dataset", metavar="DEPARTMENT/DATASET")
@_store_option
@_lang_option
@click.pass_obj
def versions(terminal: Terminal, dataset: str, store: Path | None) -> int:
    """List the versions of a dataset. 列出数据集的各个版本。"""
    from civicat import publish as publishing

    layout = terminal.layout(store)
    found = publishing.versions(layout, dataset)
    if not found:
        raise _unpublished(dataset, layout)
    for release in found:
        terminal.say(
            Text(
                f"{release.version}  {release.released}  {release.rows:,} 行  {release.change.zh}",
                f"{release.version}  {release.released}  {release.rows:,} rows  {release.change.en}",
            )
        )
    return DONE


@cli.command("suggest-bounds")
@click.argument("dataset", metavar="DEPARTMENT/DATASET")
@_store_option
@_lang_option
@click.pass_obj
def suggest_bounds(terminal: Terminal, dataset: str, store: Path | None) -> int:
    """Suggest how far a dataset may drift, from its releases. 由已有版本建议数据变动的界限。"""
    from civicat import validators

    layout = terminal.layout(store)
    if not layout.versions(dataset):
        raise _unpublished(dataset, layout)
    terminal.lines([validators.suggest_bounds(layout, dataset).rstrip("\n")])
    return DONE


@cli.command()
@_store_option
@_lang_option
@click.pass_obj
def verify(terminal: Terminal, store: Path | None) -> int:
    """Hash every release again and compare it with its manifest. 重新校验所有版本。"""
    from civicat import publish as publishing

    status, count = DONE, 0
    for checked in publishing.verify(terminal.layout(store, there=True)):
        count += 1
        if isinstance(checked, publishing.Damaged):
            status = INVALID
            terminal.say(checked.message)
    if status == DONE:
        releases = f"{count} release" if count == 1 else f"{count} releases"
        terminal.say(Text(f"{count} 个版本，全部完好。", f"{releases}, each as it was published."))
    return status


@cli.command()
@_store_option
@_lang_option
@click.pass_obj
def index(terminal: Terminal, store: Path | None) -> int:
    """Rebuild the index from the releases. 由各版本重建索引。"""
    from civicat import pipeline

    build = pipeline.index(terminal.layout(store))
    terminal.say(Text(f"索引已就绪：{build}", f"The index is ready: {build}"))
    return DONE


@cli.command()
@click.option("--host", help="The address to listen on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="The port (default: 8001).")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True)
@_store_option
@_lang_option
@click.pass_obj
def serve(terminal: Terminal, host: str | None, port: int | None, workers: int, store: Path | None) -> int:
    """Serve the catalogue. 启动目录网站。"""
    from civicat import pipeline
    from civicat.catalog.serve import serve as serve_site

    layout = terminal.layout(store)
    pipeline.index(layout)
    host, port = host or terminal.settings.host, port or terminal.settings.port
    address = f"http://{host}:{port}"
    told = Text(f"请打开 {address}（按 Ctrl+C 停止）", f"Open {address} (Ctrl+C stops it)")
    serve_site(layout, host, port, workers, lambda: terminal.say(told))
    return DONE


def _no_workbook_on_a_terminal() -> CivicatError:
    return CivicatError(
        Text(
            "工作簿不能显示在终端里。请用 --output 指明文件，例如 --output report.xlsx。",
            "A workbook cannot be shown on a terminal. Name a file, for example --output report.xlsx.",
        )
    )


def _not_there_yet(what: str) -> NotThereYetError:
    return NotThereYetError(
        Text(f"civicat {what}：此版本尚不提供。", f"civicat {what} is not there yet in this version.")
    )


def _planned(name: str, words: str) -> None:
    """A command of the contract that this version does not have: it takes anything, says so and exits with 2."""

    @cli.command(name, help=words, context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def planned(arguments: tuple[str, ...]) -> int:  # noqa: ARG001 - whatever is typed, the answer is the same
        raise _not_there_yet(name)


_planned("diff", "(not there yet) Compare two versions, cell by cell. 比较两个版本（尚不提供）。")
_planned("export", "(not there yet) Write a release in another format. 导出其他格式（尚不提供）。")
_planned("retract", "(not there yet) Take a release down. 撤回版本（尚不提供）。")
_planned("harvest", "(not there yet) Take over datasets of another portal. 采集其他门户（尚不提供）。")
_planned("push", "(not there yet) Send datasets to another portal. 推送到其他门户（尚不提供）。")


def _unpublished(dataset: str, layout: Layout) -> CivicatError:
    near = get_close_matches(dataset, list(layout.datasets()), n=1, cutoff=0.5)
    zh, en = (f"您是指“{near[0]}”吗？", f"Did you mean “{near[0]}”?") if near else ("", "")
    return CivicatError(Text(f"“{dataset}”尚无版本。{zh}", f"“{dataset}” has no release. {en}".rstrip()))


def _write(path: Path, text: str, kept: Iterable[Path]) -> None:
    """Writes a text to a file, whole or not at all, and never over what was read."""
    if path.exists() and (path.is_dir() or any(one.exists() and path.samefile(one) for one in kept)):
        raise _taken(path)
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


def _taken(path: Path) -> CivicatError:
    return CivicatError(
        Text(
            f"{path} 已存在，不能覆盖。请另选 --output。",
            f"{path} is there already and stays. Choose another --output.",
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


def _start_lightly() -> None:
    """Has no pool of threads for matrices started, and what is read and found swept for circles now and then only."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's; we multiply none
    gc.set_threshold(100_000, 20, 20)


def _keep_memory() -> None:
    """Has blocks that are freed kept for the next piece of a file: what the kernel gives, it clears page by page."""
    from ctypes import CDLL

    with suppress(OSError, AttributeError):  # where the C library is not glibc
        for threshold, size in _THRESHOLDS.items():
            CDLL(None).mallopt(threshold, size)


def main() -> NoReturn:
    """Runs the command line: one line on stderr and exit status 2 for whatever could not be done."""
    _start_lightly()
    language = _language(os.environ.get("CIVICAT_LANG", ""))
    try:
        status = cli.main(standalone_mode=False)
    except CivicatError as error:
        chosen = _chosen_language(sys.argv) or language
        click.echo(error.message.within(chosen), err=True)
        status = NOT_DONE
    except click.ClickException as error:
        error.show()
        status = NOT_DONE
    except (click.Abort, KeyboardInterrupt):
        status = 130
    except OSError as error:
        _let_go_of_stdout()
        if not isinstance(error, BrokenPipeError):  # else nobody is left to tell
            click.echo(f"civicat: {error.strerror or error}", err=True)
        status = NOT_DONE
    sys.exit(status)


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
            return _language(word.removeprefix("--lang").removeprefix("=") or following)
    return None


if __name__ == "__main__":
    run()
