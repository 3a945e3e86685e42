"""What could not be checked, as a report all the same: whoever asked for JSON or a page gets one, which says why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from civicat.errors import CivicatError, DescriptorError, Kind, SourceError
from civicat.finding import Finding, Place, Severity
from civicat.report import Report, ResourceReport, Tally
from civicat.text import Text
from civicat.validators.descriptors import load
from civicat.validators.messages import quoted, say

_YAML = frozenset({".yaml", ".yml"})
# frictionless 5.21's own words of each type of error: what it is, and its message before the note.
_THEIRS: Mapping[Kind, tuple[str, str]] = {
    "error": ("Error", ""),
    "source-error": (
        "Data reading error because of not supported or inconsistent contents.",
        "The data source has not supported or has inconsistent contents: ",
    ),
    "scheme-error": (
        "Data reading error because of incorrect scheme.",
        "The data source could not be successfully loaded: ",
    ),
    "format-error": (
        "Data reading error because of incorrect format.",
        "The data source could not be successfully parsed: ",
    ),
    "encoding-error": (
        "Data reading error because of an encoding problem.",
        "The data source could not be successfully decoded: ",
    ),
    "compression-error": (
        "Data reading error because of a decompression problem.",
        "The data source could not be successfully decompressed: ",
    ),
    "metadata-error": ("There is a metadata error.", "Metadata error: "),
    "package-error": ("A validation cannot be processed.", "The data package has an error: "),
    "resource-error": ("A validation cannot be processed.", "The data resource has an error: "),
    "schema-error": ("Provided schema is not valid.", "Schema is not valid: "),
    "checklist-error": ("Provided checklist is not valid.", "Checklist is not valid: "),
}


def refusal(path: Path, error: CivicatError) -> Report:
    """The report of what a path names, where an error kept it from being checked: that error, and nothing else.

    A file that was named outright is one task, as in frictionless; of a package the error stands before all tasks.
    """
    if _is_package(path):
        finding = _finding(error, _kind(error, "package-error"), Place(str(path)))
        return Report(str(path), (finding,), (), refused=True)
    return Report(str(path), (), (_of_table(path, error),), refused=True)


def system_error(path: Path, error: OSError | MemoryError) -> CivicatError:
    """What the system said when it could not go on, as an error of ours."""
    if isinstance(error, MemoryError):
        return CivicatError(
            Text(f"{path} 没有查完：内存不够。", f"{path} could not be checked to its end: memory ran out."),
            Text("请关闭其他程序再试，或把文件分成几份。", "Close other programs, or cut the file into parts."),
        )
    why = quoted(error.strerror or error)
    return SourceError(
        Text(f"{path} 没有查完（{why}）。", f"{path} could not be checked to its end ({why})."), note=str(error)
    )


def _of_table(path: Path, error: CivicatError) -> ResourceReport:
    from civicat.validators.guesses import name_of  # noqa: PLC0415 (a check that ends well has no need of this module)

    name = name_of(path.name)
    kind = _kind(error, "schema-error")
    return ResourceReport(
        name=name,
        path=path.name,
        place=str(path),
        labels=(),
        rows=0,
        bytes=path.stat().st_size if _is_file(path) else 0,
        sha256="",
        findings=(_finding(error, kind, Place(str(path), name)),),
        counts={kind: 1},
        complete=False,
        tallies=(Tally(kind, "", "", 1),),
        refused=True,
    )


def _kind(error: CivicatError, of_descriptor: Kind) -> Kind:
    """Frictionless' type of error: of a descriptor it depends on what was described."""
    plainly = isinstance(error, DescriptorError) and error.kind == DescriptorError.usual
    return of_descriptor if plainly else error.kind


def _finding(error: CivicatError, kind: Kind, place: Place) -> Finding:
    remedy = error.remedy or say(kind, note=error.note).remedy
    return Finding(kind, Severity.ERROR, place, error.what, remedy, descriptor=_shape(kind, error.note))


def _shape(kind: Kind, note: str) -> Mapping[str, object]:
    """The error as frictionless writes it."""
    description, before = _THEIRS[kind]
    title = kind.replace("-", " ").title()
    message = f"{before}{note}"
    return {"type": kind, "title": title, "description": description, "message": message, "tags": [], "note": note}


def _is_package(path: Path) -> bool:
    """Whether a path names a folder or a descriptor, or was meant to."""
    if not _is_file(path):
        return path.name.startswith("datapackage.") or _is_folder(path)
    if path.suffix.lower() in _YAML or path.name.startswith("datapackage."):
        return True
    try:
        return path.suffix.lower() == ".json" and "resources" in load(path).values
    except DescriptorError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no path at all
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # as above
        return False
