"""Who handed in what, what was checked, what became of it and when: PROV-O as JSON-LD, beside the release.

It reads as plain JSON too: `released`, `tools` and `inputs` stand at the top, and `sentence` says it all in a line.
The context stands in the file, so that nothing has to be fetched; terms are those of the W3C's PROV-O, of Dublin Core
and of DCAT where there is one, else `urn:civicat:terms:`. The same input, tools and SOURCE_DATE_EPOCH give the same
bytes.

Source: https://www.w3.org/TR/prov-o/, https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version as version_of

from civicat.dataset import Dataset, Department
from civicat.layout import REPORT
from civicat.publish import clock
from civicat.publish.checks_run import Check, checks_run
from civicat.publish.jsontext import encode, sha256_of
from civicat.publish.transformations import Transformation, altered, joining
from civicat.release import Tombstone, Version
from civicat.report import Report
from civicat.text import Text

TOOLS = ("civicat", "duckdb", "frictionless", "pyarrow")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_ROUNDS_TO_ONE, _ROUNDS_TO_TEN = 0.9995, 9.95

_CONTEXT: Mapping[str, object] = {
    "@version": 1.1,
    "prov": "http://www.w3.org/ns/prov#",
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "civicat": "urn:civicat:terms:",
    "id": "@id",
    "type": "@type",
    "entities": "@included",
    "activities": "@included",
    "agents": "@included",
    "label": {"@id": "rdfs:label", "@container": "@language"},
    "sentence": {"@id": "dct:description", "@container": "@language"},
    "released": {"@id": "prov:generatedAtTime", "@type": "xsd:dateTime"},
    "time": {"@id": "prov:endedAtTime", "@type": "xsd:dateTime"},
    "version": "dcat:version",
    "tools": {"@id": "civicat:tools", "@type": "@json"},
    "inputs": {"@id": "civicat:inputs", "@type": "@json"},
    "path": "civicat:path",
    "bytes": {"@id": "dcat:byteSize", "@type": "xsd:nonNegativeInteger"},
    "sha256": "civicat:sha256",
    "url": {"@id": "foaf:homepage", "@type": "@id"},
    "wasGeneratedBy": {"@id": "prov:wasGeneratedBy", "@type": "@id"},
    "wasAttributedTo": {"@id": "prov:wasAttributedTo", "@type": "@id"},
    "putsBack": {"@id": "civicat:putsBack", "@type": "@id"},
    "wasRevisionOf": {"@id": "prov:wasRevisionOf", "@type": "@id"},
    "used": {"@id": "prov:used", "@type": "@id"},
    "generated": {"@id": "prov:generated", "@type": "@id"},
    "wasInformedBy": {"@id": "prov:wasInformedBy", "@type": "@id"},
    "wasAssociatedWith": {"@id": "prov:wasAssociatedWith", "@type": "@id"},
    "actedOnBehalfOf": {"@id": "prov:actedOnBehalfOf", "@type": "@id"},
    "checks": {"@id": "civicat:check", "@container": "@list"},
    "transformations": {"@id": "civicat:transformation", "@container": "@list"},
    "code": "civicat:code",
    "outcome": "civicat:outcome",
    "errors": "civicat:errors",
    "warnings": "civicat:warnings",
    "rows": "civicat:rows",
    "resource": "civicat:resource",
    "counts": {"@id": "civicat:counts", "@type": "@json"},
}


def provenance(  # noqa: PLR0913 - what a release is made of, each by its name
    dataset: Dataset,
    department: Department,
    report: Report,
    *,
    version: Version,
    transformations: Sequence[Transformation] = (),
    files: Mapping[str, str] | None = None,
    online: Version | None = None,
    down: Tombstone | None = None,
    time: datetime | None = None,
) -> bytes:
    """The content of provenance.json.

    `dataset` is what was handed in, `report` what its checks found, `transformations` what became of the rows
    (`transformations.py` makes them). `files` maps each file of the release that is written already to its sha256, in
    hex; `online` is the version that it follows and was compared with, None for the first; `down` is what is left of
    a release of the same data that had been taken down and is put back by this one.

    Raises:
        CivicatError: SOURCE_DATE_EPOCH is set and is no number of seconds.
    """
    now = time or clock.now()
    inputs, checks, written = _inputs(report), checks_run(dataset, report, online), files or {}
    base = f"urn:civicat:{dataset.id}:"
    context: dict[str, object] = {**_CONTEXT, "@base": f"{base}{version}"}
    return encode(
        {
            "@context": context,
            "id": "",
            "type": "prov:Entity",
            "label": dataset.title.to_descriptor(),
            "version": str(version),
            "released": clock.moment(now),
            "sentence": _sentence(
                department, inputs, report.rows, checks, transformations, version, down, now
            ).to_descriptor(),
            "tools": _tools(),
            "inputs": inputs,
            "wasGeneratedBy": "#publishing",
            "wasAttributedTo": "#department",
            **({"wasRevisionOf": f"{base}{online}"} if online else {}),
            **({"putsBack": f"{base}{down.version}"} if down else {}),
            "activities": _activities(clock.moment(now), inputs, report, checks, transformations, written),
            "entities": _entities(dataset, inputs, written),
            "agents": _agents(dataset, department),
        }
    )


def _tools() -> dict[str, str]:
    return {tool: version_of(tool) for tool in TOOLS} | {"python": platform.python_version()}


def _inputs(report: Report) -> list[dict[str, object]]:
    """The data files as they were read, each once (several resources can be sheets of one workbook)."""
    once = {one.path: {"path": one.path, "bytes": one.bytes, "sha256": one.sha256} for one in report.resources}
    return list(once.values())


def _activities(  # noqa: PLR0913, PLR0917 - the whole story in one table
    time: str,
    inputs: Sequence[Mapping[str, object]],
    report: Report,
    checks: Sequence[Check],
    transformations: Sequence[Transformation],
    written: Mapping[str, str],
) -> list[dict[str, object]]:
    """What was done, in order. Only when the release was written is known, so that only publishing has a time."""
    handed_in = [*_numbered("#input", inputs), "#descriptor", "#schema"]
    desk, software = ["#department", "#steward"], ["#civicat"]
    return [
        _activity("handing-in", Text("提交", "handing in"), desk, generated=handed_in),
        _activity(
            "checking",
            Text("检查", "checking"),
            software,
            used=handed_in,
            generated=["#report"],
            wasInformedBy="#handing-in",
            outcome=str(report.outcome),
            rows=report.rows,
            checks=[_checked(one) for one in checks],
        ),
        *(_step(code, label, before, transformations) for code, label, before in _STEPS),
        _activity(
            "publishing",
            Text("发布", "publishing"),
            [*software, "#department"],
            time=time,
            used=["#report"],
            generated=["", *map(_id, written)],
            wasInformedBy="#arranging",
        ),
    ]


_STEPS = (
    ("converting", Text("转为带类型的列", "converting to typed columns"), "#checking"),
    ("arranging", Text("合并与排列行", "merging and ordering rows"), "#converting"),
)


def _step(code: str, label: Text, before: str, transformations: Sequence[Transformation]) -> dict[str, object]:
    done = [_transformed(one) for one in transformations if one.step == code]
    return _activity(code, label, ["#civicat"], wasInformedBy=before, transformations=done)


def _activity(code: str, label: Text, agents: Sequence[str], **more: object) -> dict[str, object]:
    return {
        "id": f"#{code}",
        "type": "prov:Activity",
        "label": label.to_descriptor(),
        "wasAssociatedWith": list(agents),
        **more,
    }


def _numbered(name: str, many: Sequence[object]) -> list[str]:
    return [f"{name}-{number}" for number in range(1, len(many) + 1)]


def _checked(check: Check) -> dict[str, object]:
    return {
        "code": check.code,
        "label": check.label.to_descriptor(),
        "outcome": "passed" if not check.errors else "failed",
        "errors": check.errors,
        "warnings": check.warnings,
    }


def _transformed(one: Transformation) -> dict[str, object]:
    return {"code": one.code, "resource": one.resource, "label": one.text.to_descriptor(), "counts": dict(one.counts)}


def _entities(
    dataset: Dataset, inputs: Sequence[Mapping[str, object]], written: Mapping[str, str]
) -> list[dict[str, object]]:
    """The files that were handed in, the rules that they were held to (as JSON, hashed), the files that came of it."""
    schemas = {one.name: one.schema.descriptor for one in dataset.resources}
    return [
        *(
            {"id": name, "type": "prov:Entity", **one}
            for name, one in zip(_numbered("#input", inputs), inputs, strict=True)
        ),
        _entity("#descriptor", Text("数据说明", "descriptor"), sha256=sha256_of(encode(dataset.descriptor))),
        _entity("#schema", Text("各列的规则", "rules of the columns"), sha256=sha256_of(encode(schemas))),
        *([] if REPORT in written else [_entity("#report", Text("检查报告", "report"))]),
        *(_file(name, digest) for name, digest in written.items()),
    ]


def _file(name: str, digest: str) -> dict[str, object]:
    return {"id": _id(name), "type": "prov:Entity", "path": name, "sha256": digest}


def _id(name: str) -> str:
    """The fragment that names a file of the release."""
    return "#report" if name == REPORT else f"#{name}"


def _entity(name: str, label: Text, **more: object) -> dict[str, object]:
    return {"id": name, "type": "prov:Entity", "label": label.to_descriptor(), **more}


def _agents(dataset: Dataset, department: Department) -> list[dict[str, object]]:
    steward = dataset.steward
    return [
        {
            "id": "#department",
            "type": ["prov:Agent", "prov:Organization"],
            "label": department.title.to_descriptor(),
            **({"url": department.url} if department.url else {}),
        },
        {
            "id": "#steward",
            "type": "prov:Agent",
            "label": (steward.title if steward else department.contact.title).to_descriptor(),
            "actedOnBehalfOf": "#department",
        },
        {
            "id": "#civicat",
            "type": ["prov:Agent", "prov:SoftwareAgent"],
            "label": {"zh": "civicat", "en": "civicat"},
            "version": version_of("civicat"),
            "actedOnBehalfOf": "#department",
        },
    ]


def _sentence(  # noqa: PLR0913, PLR0917 - it says in a line what the file says at length
    department: Department,
    inputs: Sequence[Mapping[str, object]],
    rows: int,
    checks: Sequence[Check],
    transformations: Sequence[Transformation],
    version: Version,
    down: Tombstone | None,
    now: datetime,
) -> Text:
    """Who handed in what, what was checked and altered, what it became and when: one sentence.

    The one moment that is known is that of publishing; nobody says when the files came in.
    """
    size, tool = _size(sum(int(str(one["bytes"])) for one in inputs)), version_of("civicat")
    done = (altered(transformations), *joining(transformations), *([_put_back(down)] if down else []))
    day = _day(now)
    return Text(
        f"{department.title.zh}提交了 {len(inputs)} 个文件（{size}）；{rows:,} 行通过了 civicat {tool} 的 "
        f"{len(checks)} 类检查；{'；'.join(one.zh for one in done)}；{day.zh}发布为 {version} 版。",
        f"The {department.title.en.removeprefix('The ').removeprefix('the ')} handed in "
        f"{_counted(len(inputs), 'file')} ({size}); {_counted(rows, 'row')} passed {_counted(len(checks), 'kind')} of "
        f"checks with civicat {tool}; {'; '.join(one.en for one in done)}; "
        f"published on {day.en} as version {version}.",
    )


def _put_back(down: Tombstone) -> Text:
    """That the same data was online before and was taken down."""
    try:
        day = _day(datetime.fromisoformat(down.retracted))
    except ValueError:
        day = Text()
    return Text(
        f"同样的数据曾为 {down.version} 版{f'，{day.zh}' if day else ''}撤回，现再次发布",
        f"the same data had been version {down.version}, taken down{f' on {day.en}' if day else ''}, and is put back",
    )


def _day(moment: datetime) -> Text:
    return Text(
        f"{moment.year} 年 {moment.month} 月 {moment.day} 日",
        f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}",
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _size(size: int) -> str:
    """A size in bytes as people read it: in steps of a thousand, with one decimal below ten."""
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        amount = size / 1000**power
        if amount >= _ROUNDS_TO_ONE:
            return f"{amount:.1f} {unit}" if amount < _ROUNDS_TO_TEN else f"{amount:.0f} {unit}"
    return f"{size} B"
