"""Which kinds of checks a dataset went through, and what each found: read from its descriptor and its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from civicat.dataset import Dataset, Field
from civicat.finding import Severity
from civicat.release import Version
from civicat.report import Report
from civicat.text import Text


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of check that ran: how many errors and warnings it found."""

    code: str
    label: Text
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of check, and for which datasets it has anything to do."""

    label: Text
    runs: Callable[[Dataset, Version | None], bool]


def _fields(dataset: Dataset) -> Iterator[Field]:
    return (field for resource in dataset.resources for field in resource.schema.fields)


def _always(_dataset: Dataset, _online: Version | None) -> bool:
    return True


def _constrained(dataset: Dataset, _online: Version | None) -> bool:
    return any(field.constraints or field.categories for field in _fields(dataset))


def _identified(dataset: Dataset, _online: Version | None) -> bool:
    return any(field.identifier for field in _fields(dataset))


def _keyed(dataset: Dataset, _online: Version | None) -> bool:
    return any(one.schema.primary_key or one.schema.descriptor.get("uniqueKeys") for one in dataset.resources) or any(
        field.constraints.get("unique") for field in _fields(dataset)
    )


def _referring(dataset: Dataset, _online: Version | None) -> bool:
    return any(one.schema.foreign_keys for one in dataset.resources)


_KINDS: Mapping[str, _Kind] = {
    "descriptor": _Kind(Text("数据说明", "the descriptor"), _always),
    "profile": _Kind(Text("本站要求", "the house profile"), lambda dataset, _online: bool(dataset.department)),
    "structure": _Kind(Text("文件结构", "the file, its header and rows"), _always),
    "types": _Kind(Text("类型", "types of values"), _always),
    "constraints": _Kind(Text("取值限制", "limits on values"), _constrained),
    "identifiers": _Kind(Text("标识代码", "identifiers"), _identified),
    "keys": _Kind(Text("主键与唯一性", "keys and uniqueness"), _keyed),
    "references": _Kind(Text("引用", "references to other tables"), _referring),
    "drift": _Kind(
        Text("与线上版本相比", "drift from the release online"), lambda _dataset, online: online is not None
    ),
}

# The kind of each finding whose code does not say it; what stands in none of them belongs to the file's structure.
_CODES: Mapping[str, tuple[str, ...]] = {
    "descriptor": (
        *("metadata-error", "package-error", "resource-error", "schema-error", "field-error", "dialect-error"),
        *("check-error", "checklist-error", "schema-contradiction", "stats-error", "rule-broken"),
    ),
    "profile": (
        *("title-missing", "description-missing", "unit-missing", "example-missing", "licence-missing"),
        *("source-missing", "steward-missing", "theme-missing", "frequency-missing", "caveat-missing"),
        *("caveat-untranslated", "resource-missing", "schema-missing", "contact-missing", "too-many-columns"),
        *("columns-alike", "address-wrong", "email-wrong", "todo-left"),
    ),
    "types": ("type-error", "digits-lost", "digits-shortened", "error-cell", "truncated-value", "offset-error"),
    "constraints": (
        *("constraint-error", "row-constraint", "scale-error", "range-error", "forbidden-value", "required-value"),
        *("sequential-value", "ascii-value", "deviated-value", "deviated-cell"),
    ),
    "identifiers": ("identifier-error", "personal-data"),
    "keys": ("primary-key", "unique-error", "unique-key", "duplicate-row"),
    "references": ("foreign-key", "reference-unavailable", "reference-unknown", "reference-type"),
    "drift": (
        *("resource-gone", "resource-new", "column-gone", "column-new", "column-retyped", "row-count-drift"),
        *("fill-rate-drift", "category-gone", "category-new", "category-share-drift", "magnitude-drift"),
        "latest-date-drift",
    ),
}
_KIND_OF = {code: kind for kind, codes in _CODES.items() for code in codes}


def checks_run(dataset: Dataset, report: Report, online: Version | None) -> tuple[Check, ...]:
    """Each kind of check that had something to do, in order; and any other that found something all the same.

    `online` is the version that the dataset was compared with, None where there was none.
    """
    errors, warnings = _errors(report), _warnings(report)
    return tuple(
        Check(code, kind.label, errors[code], warnings[code])
        for code, kind in _KINDS.items()
        if kind.runs(dataset, online) or errors[code] or warnings[code]
    )


def _errors(report: Report) -> Counter[str]:
    """How many errors of each kind, those that were not explained included."""
    found = Counter(_kind(one.code) for one in report.findings if one.severity is Severity.ERROR)
    for resource in report.resources:
        for code, number in resource.counts.items():
            found[_kind(code)] += number
    return found


def _warnings(report: Report) -> Counter[str]:
    return Counter(_kind(one.code) for one in report.all_findings() if one.severity is Severity.WARNING)


def _kind(code: str) -> str:
    return _KIND_OF.get(code, "structure")
