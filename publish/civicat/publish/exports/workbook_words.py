"""The pages of words in a workbook: the dictionary of its columns, their codes, and whose data it is."""

from __future__ import annotations

from collections.abc import Iterator

from civicat.dataset import Field
from civicat.publish.exports.form import Content
from civicat.publish.exports.identity import identity
from civicat.publish.exports.workbook_plan import Plan, changed
from civicat.text import Text

_YES = "是 yes"


def dictionary(plan: Plan) -> Iterator[dict[str, str]]:
    """A line for each column, in the order of the sheet."""
    schema = plan.table.resource.schema
    for name in plan.schema.names:
        field = schema.field(name)
        if field is not None:
            yield _entry(field, list(changed(plan, name)), schema.primary_key)


def codes(plan: Plan) -> Iterator[dict[str, str]]:
    """A line for each code of a column, with its labels."""
    for name in plan.schema.names:
        field = plan.table.resource.schema.field(name)
        for value, label in field.categories.items() if field is not None else ():
            yield {"列 Column": name, "代码 Code": value, "中文": label.within("zh"), "English": label.within("en")}


def about(content: Content, plan: Plan, notes: Text) -> Iterator[dict[str, str]]:
    """What the release is, then what the workbook changed in each column, then what such a workbook does at all."""
    for fact in identity(content):
        yield _line(fact.title, fact.text)
    for name in plan.schema.names:
        for change in changed(plan, name):
            yield _line(Text(f"改动：{name}", f"Changed: {name}"), change)
    yield _line(Text("格式说明", "About this form"), notes)


def _entry(field: Field, changes: list[Text], key: tuple[str, ...]) -> dict[str, str]:
    needed = key == (field.name,) or field.constraints.get("required") is True
    notes = [*field.caveats, *changes]
    return {
        "列 Column": field.name,
        "类型 Type": field.type,
        "名称": field.title.within("zh"),
        "Title": field.title.within("en"),
        "单位 Unit": field.unit,
        "主键 Key": _YES if field.name in key else "",
        "必填 Required": _YES if needed else "",
        "说明": field.description.within("zh"),
        "Description": field.description.within("en"),
        "注意": "\n".join(note.within("zh") for note in notes),
        "Caveats": "\n".join(note.within("en") for note in notes),
    }


def _line(item: Text, words: Text) -> dict[str, str]:
    return {"项目 Item": f"{item.zh} {item.en}", "中文": words.within("zh"), "English": words.within("en")}
