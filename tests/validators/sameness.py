"""The oracle: our report of a dataset and frictionless' own, made from the same files, and where the two differ."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from civicat.dataset import read_dataset
from civicat.errors import CivicatError
from civicat.layout import Layout
from civicat.report import Outcome
from civicat.validators import check, validate

Json: TypeAlias = Any  # whatever a report may hold

DATA = (Path(__file__).resolve().parents[2] / "../shared/data").resolve()


class Difference(NamedTuple):
    """One place of the two reports that is not the same; `...` stands for nothing there."""

    where: str
    ours: Json
    theirs: Json


class Exempt(NamedTuple):
    """Files on which frictionless says something else, and why."""

    names: frozenset[str]
    reason: str


# Whether a file comes by itself or in a package.
EITHER_WAY = (
    Exempt(
        frozenset({"issue-1024.xlsx", "issue-320.xlsx"}),
        "a cell that holds an empty text is an empty cell to us",
    ),
    Exempt(frozenset({"issue-870.xlsx"}), "empty rows at the end of a sheet are no rows to us"),
    Exempt(
        frozenset({"issue-313.xlsx", "merged-cells.xlsx"}),
        "columns at the end of a sheet that hold nothing are no columns to us",
    ),
    Exempt(
        frozenset({"areas-utf16le-bom-tab.csv"}),
        "we read UTF-16 without being told; frictionless takes it for UTF-8 and gives up",
    ),
)


@dataclass(frozen=True)
class Answer:
    """What one side says of a dataset: its report, or why there is none. Times are 0."""

    report: Mapping[str, Json] = field(default_factory=dict)
    outcome: str = ""
    refusal: str = ""
    broken: bool = False  # whether a rule could not be applied
    contradictory: bool = False  # whether a schema contradicts itself, which frictionless does not look for
    counts: Mapping[str, int] = field(default_factory=dict)  # every error by its code, those not listed included

    @property
    def errors(self) -> int:
        """How many errors the report lists."""
        return int(self.report["stats"]["errors"]) if self.report else 0


def one_table(path: str, schema: Mapping[str, Json] | None = None, **more: Json) -> dict[str, Json]:
    """The descriptor of a package with one table."""
    table = {"name": "table", "type": "table", "path": path, **({} if schema is None else {"schema": schema}), **more}
    return {"name": "x", "resources": [table]}


def inferred(folder: Path, package: Mapping[str, Json]) -> dict[str, Json]:
    """The schema that frictionless infers for the one table of a package.

    Raises:
        FrictionlessException: it cannot read the table.
    """
    from frictionless.resources import TableResource  # noqa: PLC0415 (half a second)

    table = TableResource.from_descriptor(json.loads(json.dumps(package["resources"][0])), basepath=str(folder))
    table.infer()
    return dict(table.schema.to_descriptor())


def ours(folder: Path, package: Mapping[str, Json], limit: int = 1000, *, count_all: bool = False) -> Answer:
    """What we say; errors of our own tree are a refusal, any other exception is a crash and raised."""
    dataset_of = json.loads(json.dumps(package))
    try:
        dataset = read_dataset(dataset_of, "datapackage.json", "", folder)
        layout = Layout(folder / "store")
        with check(dataset, layout, profile=False, limit_errors=limit, count_all=count_all) as checked:
            report: dict[str, Json] = json.loads(json.dumps(checked.report.to_descriptor()))
            outcome = checked.report.outcome
    except CivicatError as error:
        return Answer(outcome=Outcome.FAILED, refusal=f"{type(error).__name__}: {error}")
    own = report.pop("civicat")
    findings = [one for each in own["resources"] for one in each["findings"]]
    broken = any(one["code"] == "rule-broken" for one in findings)
    contradictory = any(one["code"] == "schema-contradiction" for one in own["findings"])
    counts: Counter[str] = Counter()
    for each in own["resources"]:
        counts.update(each["counts"])
    return Answer(_timeless(report), outcome, broken=broken, contradictory=contradictory, counts=counts)


def theirs(folder: Path, package: Mapping[str, Json], limit: int = 1000) -> Answer:
    """What frictionless says; where it crashes, the exception is the refusal."""
    from frictionless import FrictionlessException, Package, Report  # noqa: PLC0415 (half a second)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        try:
            try:
                read = Package.from_descriptor(json.loads(json.dumps(package)), basepath=str(folder))
                report = read.validate(limit_errors=limit)
            except FrictionlessException as error:
                report = Report.from_validation(errors=error.to_errors())  # as its own `validate` does
        except Exception as error:  # noqa: BLE001 (whatever it raises there is what it does not explain)
            return Answer(refusal=f"{type(error).__name__}: {error}")
        return Answer(_timeless(json.loads(json.dumps(report.to_descriptor()))))


def ours_alone(path: Path, schema: Path | None = None, limit: int = 1000) -> Answer:
    """What `civicat validate FILE [--schema S]` says, run in the folder of the file."""
    with chdir(path.parent):
        try:
            report = validate(Path(path.name), schema, Layout(path.parent / "store"), limit)
        except CivicatError as error:
            return Answer(outcome=Outcome.FAILED, refusal=f"{type(error).__name__}: {error}")
    told: dict[str, Json] = json.loads(json.dumps(report.to_descriptor()))
    (own,) = told.pop("civicat")["resources"]
    broken = any(one["code"] == "rule-broken" for one in own["findings"])
    return Answer(_timeless(told), report.outcome, broken=broken, counts=own["counts"])


def theirs_alone(path: Path, schema: Path | None = None, limit: int = 1000) -> Answer:
    """What `frictionless validate FILE [--schema S] --trusted` says, run in the folder of the file."""
    from frictionless import Detector, Resource, system  # noqa: PLC0415 (half a second)

    given: Json = {} if schema is None else {"schema": str(schema)}
    with chdir(path.parent), system.use_context(trusted=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        try:
            report = Resource(source=path.name, detector=Detector(), **given).validate(limit_errors=limit)
        except Exception as error:  # noqa: BLE001 (whatever it raises there is what it does not explain)
            return Answer(refusal=f"{type(error).__name__}: {error}")
        return Answer(_timeless(json.loads(report.to_json())))


def compared_alone(
    path: Path, schema: Path | None = None, limit: int = 1000
) -> tuple[Answer, Answer, list[Difference]]:
    """Our answer on a file by itself, frictionless' own, and where the two differ; as `compared` otherwise."""
    own, other = ours_alone(path, schema, limit), theirs_alone(path, schema, limit)
    if other.refusal or (own.broken and _stopped(other)):
        passed = own.outcome == Outcome.PASSED
        return own, other, [Difference("outcome", own.outcome, other.refusal)] if passed else []
    if own.refusal:
        return own, other, [Difference("refusal", own.refusal, other.report)]
    return own, other, list(differences(own.report, other.report))


def compared(folder: Path, package: Mapping[str, Json], limit: int = 1000) -> tuple[Answer, list[Difference]]:
    """Frictionless' answer, and where ours differs.

    Where frictionless crashes there is nothing to compare; then ours must have failed or be unchecked, and say so. So
    it is with a rule that cannot be applied where frictionless stops at the limit before the row that it crashes on.
    Of a schema that contradicts itself frictionless blames the cells, and we the schema: that is one difference, at
    `schema`, so that whoever wants it has to say so; it is one at `outcome` where we judged the cells nevertheless.
    """
    own, other = ours(folder, package, limit), theirs(folder, package, limit)
    if own.contradictory:
        blamed = own.outcome == Outcome.FAILED and not own.report["valid"] and not own.report["tasks"]
        return other, [Difference("schema" if blamed else "outcome", own.outcome, other.report)]
    if other.refusal or (own.broken and _stopped(other)):
        passed = own.outcome == Outcome.PASSED
        return other, [Difference("outcome", own.outcome, other.refusal)] if passed else []
    if own.refusal:
        return other, [Difference("refusal", own.refusal, other.report)]
    return other, list(differences(own.report, other.report))


def differences(one: Json, other: Json, where: str = "") -> Iterator[Difference]:
    """Every place where two reports are not the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one | other:
            yield from differences(one.get(key, ...), other.get(key, ...), f"{where}/{key}")
    elif isinstance(one, list) and isinstance(other, list):
        for place in range(max(len(one), len(other))):
            mine = one[place] if place < len(one) else ...
            yield from differences(mine, other[place] if place < len(other) else ..., f"{where}/{place}")
    elif type(one) is not type(other) or one != other:
        yield Difference(where, one, other)


def _stopped(answer: Answer) -> bool:
    return any("limit" in warning for task in answer.report["tasks"] for warning in task["warnings"])


def _timeless(report: dict[str, Json]) -> dict[str, Json]:
    """A report without its times; a package's, unlike a table's, leaves the warnings of its tasks uncounted."""
    for level in (report, *report["tasks"]):
        level["stats"]["seconds"] = 0
    report["stats"]["warnings"] = sum(len(task["warnings"]) for task in report["tasks"])
    return report
