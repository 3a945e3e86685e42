"""How a release is cited: as text for a reference list, or as a file that a reference manager reads.

Each names the version, the date of release and the manifest's sha256, so that whoever reads the citation years later
can tell whether the file in hand is the one that was meant (docs/citing.md).

Sources: DataCite 4.5 (the order of the plain text), BibTeX (`@misc`), RIS (type DATA), CSL-JSON 1.0.2 (type dataset),
GB/T 7714-2015 (`[DS/OL]`, or `[DS]` of what has no address).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path

from civicat.errors import CivicatError, StoreError
from civicat.layout import MANIFEST, SIGNATURE, Layout
from civicat.publish.manifest import Manifest, content, load
from civicat.publish.signing import public_key
from civicat.release import Release
from civicat.text import Language, Text

SHORT = 16  # hex digits of a hash in a text for people; two manifests of one catalogue never share as many
_PUBLISHER = "civicat"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_STORE = 3  # levels above a release's folder: releases, department, dataset
_MANIFEST = Text("清单 sha256", "Manifest sha256")
_COLON, _SEMICOLON = Text("：", ": "), Text("；", "; ")


@dataclass(frozen=True, slots=True)
class _Cited:
    """What every style is made of, in one language. `accessed` is None where nobody says when it was read."""

    language: Language
    id: str
    author: str
    title: str
    version: str
    released: date
    manifest: str
    address: str
    accessed: date | None

    @property
    def name(self) -> str:
        """What any catalogue that holds the release knows it by."""
        return f"{self.id}@{self.version}"

    @property
    def proof(self) -> str:
        """The whole hash of the manifest, and what it is of."""
        return f"{_MANIFEST.within(self.language)}{_COLON.within(self.language)}{self.manifest}"


def cited_manifest(release: Release) -> str:
    """The sha256 of a release's manifest, in hex, of which it is certain that it is the release's own.

    It is canonical and that of this dataset and version; a signature holds where the store has its key.

    Raises:
        StoreError: it is damaged or missing, so that there is nothing to cite.
    """
    try:
        known = load(release.folder)
        if _signature_holds(release.folder, known):
            return known.sha256
    except CivicatError as error:
        raise _damaged(release) from error
    raise _damaged(release)


def _signature_holds(folder: Path, known: Manifest) -> bool:
    """Also where nothing can say so: it is not signed, or its key is not in the store."""
    key = public_key(Layout(folder.parents[_STORE]), known.key) if known.key else None
    return key is None or key.holds(content(folder / MANIFEST) or b"", content(folder / SIGNATURE) or b"")


def _damaged(release: Release) -> StoreError:
    name = f"{release.dataset.id} {release.version}"
    return StoreError(
        Text(f"{name} 的清单已损坏，不能引用。", f"The manifest of {name} is damaged: it cannot be cited."),
        Text("请运行 civicat verify。", "Run civicat verify."),
    )


def cite(  # noqa: PLR0913 - the two after `address` have defaults that fit nearly everybody
    release: Release,
    style: str,
    manifest_sha256: str,
    address: str = "",
    *,
    language: Language | None = None,
    accessed: date | None = None,
) -> str:
    """The citation of a release in one of STYLES, in the dataset's own language unless another is asked for.

    `manifest_sha256` is that of its manifest.json, in hex (`cited_manifest`); `address` is where the release is found,
    `accessed` the day on which it was read (GB/T 7714 wants it of what is online).

    Raises:
        CivicatError: there is no such style, or the hash is none.
    """
    write = _WRITERS.get(style)
    if write is None:
        raise _unknown(style)
    if not re.fullmatch(r"[0-9a-f]{64}", manifest_sha256):
        raise CivicatError(
            Text(
                f"清单的 sha256 应为 64 位十六进制数，实为“{manifest_sha256}”。",
                f"a manifest’s sha256 has 64 hexadecimal digits, this is “{manifest_sha256}”.",
            )
        )
    return write(_cited(release, manifest_sha256, address, language or release.dataset.language, accessed))


def _unknown(style: str) -> CivicatError:
    near = get_close_matches(style, STYLES, n=1)
    zh = f"您是指“{near[0]}”吗？" if near else f"可用：{'、'.join(STYLES)}。"
    en = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(STYLES)}."
    return CivicatError(
        Text(f"没有“{style}”这种引用格式。", f"there is no citation style “{style}”."), remedy=Text(zh, en)
    )


def _cited(release: Release, manifest: str, address: str, language: Language, accessed: date | None) -> _Cited:
    dataset = release.dataset
    return _Cited(
        language=language,
        id=dataset.id,
        author=_line(release.department.title.within(language) or release.department.code),
        title=_line(dataset.title.within(language) or dataset.name),
        version=str(release.version),
        released=_day(release),
        manifest=manifest,
        address=_line(address),
        accessed=accessed,
    )


def _line(text: str) -> str:
    """A text in one line: a line break would end a field of RIS."""
    return " ".join(text.split())


def _day(release: Release) -> date:
    try:
        return datetime.fromisoformat(release.released).date()
    except ValueError as error:
        raise CivicatError(
            Text(
                f"{release.dataset.id} {release.version} 的发布时间无法读取：“{release.released}”。"
                "请运行 civicat verify。",
                f"{release.dataset.id} {release.version} has no readable date of release: “{release.released}”. "
                "Run civicat verify.",
            )
        ) from error


def _plain(cited: _Cited) -> str:
    return {"zh": _plain_chinese, "en": _plain_english}[cited.language](cited)


def _plain_english(cited: _Cited) -> str:
    day = f"{cited.released.day} {_MONTHS[cited.released.month - 1]} {cited.released.year}"
    title = _ended(cited.title, ".")
    return (
        f"{cited.author} ({cited.released.year}). {title} Version {cited.version}, {day} [data set]. "
        f"{_PUBLISHER}. {_where(cited)}. Manifest sha256: {cited.manifest[:SHORT]}."
    )


def _plain_chinese(cited: _Cited) -> str:
    day = f"{cited.released.year} 年 {cited.released.month} 月 {cited.released.day} 日"
    return (
        f"{cited.author}（{cited.released.year}）：《{cited.title}》，{cited.version} 版，{day}发布［数据集］。"
        f"{_PUBLISHER}。{_where(cited)}。清单 sha256：{cited.manifest[:SHORT]}。"
    )


def _ended(text: str, mark: str) -> str:
    return text if text.endswith((".", "。", "?", "？", "!", "！")) else text + mark


def _where(cited: _Cited) -> str:
    return cited.address or cited.name


def _gbt7714(cited: _Cited) -> str:
    """Section 4.6 and 8.8 of the standard: author, title [DS/OL], edition, (updated)[read], address; then the hash.

    Without an address it is not said to be online: `[DS]`, and the name.
    """
    kind = "DS/OL" if cited.address else "DS"
    version = f"{cited.version} 版" if cited.language == "zh" else f"Version {cited.version}"
    manifest = "清单 sha256: " if cited.language == "zh" else "Manifest sha256: "
    read = f"[{cited.accessed.isoformat()}]" if cited.accessed else ""
    return (
        f"{cited.author}. {cited.title}[{kind}]. {version}. ({cited.released.isoformat()}){read}. {_where(cited)}. "
        f"{manifest}{cited.manifest[:SHORT]}."
    )


# BibTeX counts braces even behind a backslash, so `\{` alone would leave an entry open: these are balanced.
_TEX: Mapping[int, str] = {
    ord("\\"): r"\textbackslash{}",
    ord("{"): r"\textbraceleft{}",
    ord("}"): r"\textbraceright{}",
    ord("~"): r"\textasciitilde{}",
    ord("^"): r"\textasciicircum{}",
    **{ord(mark): f"\\{mark}" for mark in "&%$#_"},
}
_IN_AN_ADDRESS: Mapping[int, str] = {ord("{"): "%7B", ord("}"): "%7D", ord("\\"): "%5C"}


def _tex(text: str) -> str:
    return text.translate(_TEX)


def _bibtex(cited: _Cited) -> str:
    """An `@misc`, which every style of BibTeX and biblatex knows; the second braces keep a name or a title whole."""
    fields = {
        "author": f"{{{{{_tex(cited.author)}}}}}",
        "title": f"{{{{{_tex(cited.title)}}}}}",
        "year": f"{{{cited.released.year}}}",
        "month": _MONTHS[cited.released.month - 1][:3].lower(),
        "version": f"{{{cited.version}}}",
        "publisher": f"{{{_PUBLISHER}}}",
        "howpublished": f"{{{_released(cited)}}}",
        "url": f"{{{cited.address.translate(_IN_AN_ADDRESS)}}}" if cited.address else "",
        "note": f"{{{_tex(_noted(cited))}}}",
    }
    lines = [f"  {name} = {value}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(cited)},", *lines, "}"]) + "\n"


def _released(cited: _Cited) -> str:
    day = cited.released.isoformat()
    return Text(f"数据集，{cited.version} 版，{day} 发布", f"Data set, version {cited.version}, released {day}").within(
        cited.language
    )


def _noted(cited: _Cited) -> str:
    """The hash; before it the name, where no address says which dataset it is."""
    return cited.proof if cited.address else f"{cited.name}{_SEMICOLON.within(cited.language)}{cited.proof}"


def _key(cited: _Cited) -> str:
    return f"{cited.id.replace('/', '-')}-{cited.version}"


def _ris(cited: _Cited) -> str:
    """One field a line, each line ended as the format has it: carriage return and line feed."""
    fields = (
        ("TY", "DATA"),
        ("ID", _key(cited)),
        ("AU", cited.author),
        ("TI", cited.title),
        ("ET", cited.version),
        ("PY", str(cited.released.year)),
        ("DA", cited.released.strftime("%Y/%m/%d")),
        ("PB", _PUBLISHER),
        ("AN", cited.name),
        ("UR", cited.address),
        ("Y2", cited.accessed.strftime("%Y/%m/%d") if cited.accessed else ""),
        ("LA", cited.language),
        ("N1", cited.proof),
    )
    lines = [f"{tag}  - {value}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def _csl(cited: _Cited) -> str:
    item = {
        "id": _key(cited),
        "type": "dataset",
        "title": cited.title,
        "author": [{"literal": cited.author}],
        "issued": _parts(cited.released),
        **({"accessed": _parts(cited.accessed)} if cited.accessed else {}),
        "version": cited.version,
        "publisher": _PUBLISHER,
        "number": cited.name,
        **({"URL": cited.address} if cited.address else {}),
        "language": {"zh": "zh-CN", "en": "en"}[cited.language],
        "note": cited.proof,
    }
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _parts(day: date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}


_WRITERS: Mapping[str, Callable[[_Cited], str]] = {
    "plain": _plain,
    "bibtex": _bibtex,
    "ris": _ris,
    "csl": _csl,
    "gbt7714": _gbt7714,
}
STYLES: Mapping[str, Text] = {
    "plain": Text("文字", "Text"),
    "bibtex": Text("BibTeX", "BibTeX"),
    "ris": Text("RIS（EndNote、Zotero、NoteExpress）", "RIS (EndNote, Zotero, NoteExpress)"),
    "csl": Text("CSL-JSON（Zotero、Pandoc）", "CSL-JSON (Zotero, Pandoc)"),
    "gbt7714": Text("GB/T 7714—2015", "GB/T 7714—2015"),
}
