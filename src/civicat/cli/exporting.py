"""civicat export: a release in another format, a citation, a leaflet, the offline kit, the whole catalogue."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from civicat.cli.terminal import (
    DONE,
    Terminal,
    cli,
    lang_option,
    release_of,
    store_option,
    taken,
)
from civicat.errors import CivicatError
from civicat.text import LANGUAGES, Text

if TYPE_CHECKING:
    from civicat.layout import Layout
    from civicat.release import Release


_KILO = 1000
_SUFFIXES = {"bibtex": ".bib", "ris": ".ris", "csl": ".json"}  # of citations; the others are plain text


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: of which datasets and version, which resource, and where to."""

    form: str
    names: tuple[str, ...]
    version: str
    resource: str | None
    search: bool
    everything: bool
    output: Path | None


@cli.command()
@click.argument("names", nargs=-1, metavar="[DEPARTMENT/DATASET ...]")
@click.option("--format", "form", required=True, help="csv, csv-excel, ndjson, xlsx, geojson, sqlite, arrow, ...")
@click.option("--version", "number", default="latest", show_default=True, help="Which release.")
@click.option("--resource", help="Only this resource.")
@click.option("--search", is_flag=True, help="SQLite with an index for full-text search.")
@click.option("--everything", is_flag=True, help="A dump of all versions, not of the latest alone.")
@click.option("--output", type=click.Path(path_type=Path), help="The file, or a folder that is there.")
@store_option
@lang_option
@click.pass_obj
def export(
    terminal: Terminal,
    names: tuple[str, ...],
    form: str,
    number: str,
    resource: str | None,
    search: bool,  # noqa: FBT001 (click passes each option by name)
    everything: bool,  # noqa: FBT001
    output: Path | None,
    store: Path | None,
) -> int:
    """Write a release in another format. 导出其他格式。"""
    layout = terminal.layout(store, there=store is not None)
    asked = Asked(form, names, number, resource, search, everything, output)
    if form in _WHOLE:
        written = [_WHOLE[form](terminal, layout, asked)]
    else:
        written = [path for name in _named(names) for path in _of_one(terminal, layout, asked, name)]
    for path in written:
        terminal.say(Text(f"已写入 {path}（{_size(path)}）", f"Written to {path} ({_size(path)})"))
    return DONE


def _of_one(terminal: Terminal, layout: Layout, asked: Asked, dataset: str) -> Iterator[Path]:
    """The files of one dataset; a citation without --output is printed."""
    from civicat.publish import citation, exports, kit

    release = release_of(layout, dataset, asked.version)
    if asked.form in citation.STYLES:
        yield from _cited(terminal, release, asked)
    elif asked.form == "leaflet":
        languages = [terminal.chosen] if terminal.chosen else LANGUAGES
        for language in languages:
            name = f"{release.department.code}-{release.dataset.name}-{release.version}-{language}.pdf"
            content = kit.leaflet(release, None, language, _address(terminal, release))
            yield _put(_target(asked, name, several=len(languages) > 1), partial(_save, content))
    elif asked.form not in exports.FORMS:
        raise exports.unknown_form(asked.form, (*citation.STYLES, "leaflet", *_WHOLE))
    else:
        yield from _exported(layout, release, asked)


def _address(terminal: Terminal, release: Release) -> str:
    """Where the release is found on the web; blank where the settings do not say where the site is."""
    site = terminal.settings.address
    return f"{site}/d/{release.dataset.id}/{release.version}" if site else ""


def _cited(terminal: Terminal, release: Release, asked: Asked) -> Iterator[Path]:
    from civicat.publish import citation

    words = citation.cite(
        release, asked.form, citation.cited_manifest(release), _address(terminal, release), language=terminal.chosen
    )
    if asked.output is None:
        terminal.lines([words.rstrip("\n")])
        return
    suffix = _SUFFIXES.get(asked.form, ".txt")
    target = _target(
        asked, f"{release.department.code}-{release.dataset.name}-{release.version}{suffix}", several=False
    )
    yield _put(target, partial(_save, words.encode()))


def _exported(layout: Layout, release: Release, asked: Asked) -> Iterator[Path]:
    from civicat.publish import exports

    each = exports.FORMS[asked.form].per_resource
    resources = [asked.resource] if asked.resource or not each else [one.resource.name for one in release.tables]
    for resource in resources:
        made = exports.export(layout, release, asked.form, resource, search=asked.search)
        yield _put(_target(asked, made.name, several=len(resources) > 1), partial(shutil.copyfile, made))


def _dumped(terminal: Terminal, layout: Layout, asked: Asked) -> Path:
    from civicat.publish import exports

    target = _target(asked, "civicat-catalogue.tar", several=False)

    def make(path: Path) -> None:
        made = exports.dump(layout, path, everything=asked.everything)
        terminal.lines([f"{made.sha256}  {target.name}"])

    return _put(target, make)


def _kitted(terminal: Terminal, layout: Layout, asked: Asked) -> Path:
    from civicat.publish import exports, kit

    names = asked.names or tuple(layout.datasets())
    for name in names:
        release_of(layout, name)
    target = _target(asked, "civicat-kit.zip", several=False)
    make, signer = partial(exports.export, layout), terminal.signer()
    return _put(target, lambda path: kit.kit(layout, names, path, make, terminal.settings.address, signer=signer))


_WHOLE: dict[str, Callable[[Terminal, Layout, Asked], Path]] = {"dump": _dumped, "kit": _kitted}


def _named(names: Sequence[str]) -> Sequence[str]:
    if names:
        return names
    raise CivicatError(
        Text(
            "请写明数据集，例如：civicat export 部门/数据集 --format csv",
            "Name a dataset, for example: civicat export DEPARTMENT/DATASET --format csv",
        )
    )


def _target(asked: Asked, name: str, *, several: bool) -> Path:
    """Where a file goes: the one that was named, or its own name in the folder that was named, or here."""
    if asked.output is None:
        return Path(name)
    if asked.output.is_dir():
        return asked.output / name
    if several or (len(asked.names) > 1 and asked.form not in _WHOLE):
        raise CivicatError(
            Text(
                f"有几个文件要写，--output 应为已有的目录，实为 {asked.output}。",
                f"There are several files to write: --output must be a folder that is there, it is {asked.output}.",
            )
        )
    return asked.output


def _put(target: Path, make: Callable[[Path], object]) -> Path:
    """Makes a file beside its place and moves it there; one that is there stays."""
    if target.exists():
        raise taken(target)
    part = target.with_name(f".{target.name}.part")
    try:
        make(part)
        part.replace(target)
    except OSError as error:
        raise CivicatError(
            Text(f"无法写入 {target}（{error.strerror}）。", f"{target} cannot be written ({error.strerror}).")
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def _save(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / _KILO:,.0f} kB" if size >= _KILO else f"{size} B"
