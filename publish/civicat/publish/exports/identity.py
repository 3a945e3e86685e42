"""What a release is, in pairs of item and words: for the pages that go along with an export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from civicat.publish.exports.form import Content
from civicat.text import Text


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: what is said (`item` for programs, `title` for people), and in which words."""

    item: str
    title: Text
    text: Text


def identity(content: Content) -> Iterator[Fact]:
    """The facts of a release, those that it has."""
    return (Fact(item, title, text) for item, title, text in _facts(content) if text)


def _facts(content: Content) -> Iterator[tuple[str, Text, Text]]:
    release = content.release
    dataset, department = release.dataset, release.department
    yield "dataset", Text("数据集", "Dataset"), _same(dataset.id)
    yield "title", Text("名称", "Title"), dataset.title
    yield "version", Text("版本", "Version"), _same(str(release.version))
    yield "released", Text("发布时间", "Released"), _same(release.released)
    yield "department", Text("提供部门", "Department"), department.title
    yield "department_url", Text("部门网址", "Department's address"), _same(department.url)
    yield "description", Text("说明", "Description"), dataset.description
    licences = [_with_address(licence.title, licence.name, licence.path) for licence in dataset.licences]
    yield "licence", Text("许可", "Licence"), _lines(licences)
    sources = [_same(f"{source.title} {source.path}".strip()) for source in dataset.sources]
    yield "source", Text("来源", "Source"), _lines(sources)
    caveats = [*dataset.caveats, *(caveat for table in content.tables for caveat in table.resource.caveats)]
    yield "caveats", Text("使用须知", "Caveats"), _lines(caveats)
    yield "change", Text("本版变化", "Change"), release.change
    yield "manifest_sha256", Text("清单的 sha256", "sha256 of the manifest"), _same(content.manifest)


def _same(words: str) -> Text:
    return Text(words, words)


def _with_address(title: Text, name: str, path: str) -> Text:
    zh, en = (" ".join(filter(None, (words or name, path))) for words in (title.within("zh"), title.within("en")))
    return Text(zh, en)


def _lines(many: Iterable[Text]) -> Text:
    listed = list(many)
    return Text("\n".join(one.within("zh") for one in listed), "\n".join(one.within("en") for one in listed))
