"""What a release consists of: every file with its size and sha256, and the sha256 of the manifest before.

`manifest.json` is canonical JSON (RFC 8785) of texts, whole numbers below 2^53, lists and mappings with ASCII keys: one
spelling for one content. Its bytes on disk are what the next manifest names and what the signature is of.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from civicat.errors import StoreError
from civicat.layout import MANIFEST, SIGNATURE, Layout
from civicat.mapping import Block
from civicat.publish import staging
from civicat.publish.inputs import sha256
from civicat.publish.jsontext import canonical, sha256_of
from civicat.release import Version
from civicat.text import Text

if TYPE_CHECKING:
    from civicat.publish.signing import Signer  # signing reads manifests

FORMAT = "civicat-manifest-1"
# Room for more than 100,000 files; a larger one was not written here, and is not read into memory.
MOST_BYTES = 16 * 2**20

_END_OF_EXACT_NUMBERS = (
    2**53
)  # from here on a reader that holds numbers as doubles sees another one (RFC 8785, 3.2.2.3)
_OWN = frozenset({MANIFEST, SIGNATURE})
_KEYS = frozenset({"format", "dataset", "version", "released", "inputs", "previous", "files", "key"})
_FILE_KEYS = frozenset({"path", "bytes", "sha256"})
_LINK_KEYS = frozenset({"version", "sha256"})
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Hashed(Protocol):
    """A file whose size in bytes and sha256 in hex are known already."""

    @property
    def bytes(self) -> int:
        """The size."""

    @property
    def sha256(self) -> str:
        """In hex."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a release: its name in the folder, size in bytes, sha256 in hex; `rows` where it is a table."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The release before: its version, and the sha256 of the bytes of its manifest.json, in hex."""

    version: Version
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it was read: `sha256` is that of its own bytes, `key` the id of its key, or blank if unsigned."""

    dataset: str
    version: Version
    released: str
    inputs: str
    key: str
    previous: Link | None
    files: tuple[Entry, ...]
    sha256: str

    def entry(self, path: str) -> Entry | None:
        """The file of that name; None where the release has none."""
        return next((entry for entry in self.files if entry.path == path), None)


def manifest(  # noqa: PLR0913 - what a manifest says, by name
    folder: Path,
    *,
    dataset: str,
    version: Version,
    released: str,
    inputs: str,
    previous: Manifest | None,
    key: str = "",
    rows: Mapping[str, int] | None = None,
    known: Mapping[str, Hashed] | None = None,
) -> bytes:
    """The content of manifest.json for the files that lie in a folder, without itself and its signature.

    `rows` says by file name how many rows a table's file has; what is in `known` is not hashed again.

    Raises:
        StoreError: something in the folder is no plain file, or has another size than is known of it.
    """
    files = sorted(file for file in folder.iterdir() if file.name not in _OWN)
    entries = [_entry(file, (rows or {}).get(file.name), (known or {}).get(file.name)) for file in files]
    link = previous and {"version": str(previous.version), "sha256": previous.sha256}
    return canonical_json(
        {
            "format": FORMAT,
            "dataset": dataset,
            "version": str(version),
            "released": released,
            "inputs": inputs,
            "previous": link,
            "files": entries,
            "key": key,
        }
    )


def previous(layout: Layout, dataset: str) -> Manifest | None:
    """The manifest of the highest version that a dataset ever had, taken down or not; None before the first.

    Raises:
        StoreError: it is missing, or cannot be read as the manifest of that release.
    """
    last = max(layout.numbers(dataset), default=None)
    return load(layout.dataset(dataset) / str(last)) if last else None


def load(folder: Path) -> Manifest:
    """The manifest of the release in a folder `<department>/<dataset>/<version>`.

    Raises:
        StoreError: it is missing, or cannot be read as the manifest of that release.
    """
    file = folder / MANIFEST
    found = content(file)
    if found is None:
        raise _refused(str(file), Text("无法读取。请运行 civicat verify。", "it cannot be read. Run civicat verify."))
    read = read_manifest(found, str(file))
    if (read.dataset, str(read.version)) != (f"{folder.parent.parent.name}/{folder.parent.name}", folder.name):
        raise _refused(str(file), of_another(read))
    return read


def checked(folder: Path) -> Manifest:
    """The manifest of a release that is handed out, if all holds that can be told at once: no table is hashed.

    It must be in canonical form and signed as it says, unsigned only where it may be, be the one that the next release
    names, and list datapackage.json as it lies there and the tables with the hashes that are in that.

    Raises:
        StoreError: it does not, with the file's name.
    """
    from civicat.publish.handed_out import only_as_published  # noqa: PLC0415 - reads manifests and signatures

    read = load(folder)
    only_as_published(folder, read)
    return read


def content(file: Path) -> bytes | None:
    """The bytes of a manifest, signature or tombstone; None where it is missing, a link, a folder or a pipe.

    Of a file that is larger than any of them only so much that this is seen.
    """
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return None
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError:
        return None


def seal(stage: Path, whole: bytes, signer: Signer | None) -> None:
    """Writes the manifest as the last file of a release, and before it the signature of its bytes.

    Raises:
        OSError: they cannot be written.
    """
    if signer is not None:
        staging.write(stage / SIGNATURE, signer.sign(whole))
    staging.write(stage / MANIFEST, whole)


def canonical_json(value: object) -> bytes:
    """A value as canonical JSON.

    Raises:
        StoreError: it holds something else than texts, whole numbers below 2^53, nothing, lists and mappings with
            ASCII keys.
    """
    try:
        _only_canonical(value)
        return canonical(value)
    except UnicodeEncodeError as error:  # half of a surrogate pair is no text
        raise _not_canonical(error.object) from error


def read_canonical(whole: bytes, file: str) -> dict[str, object]:
    """The mapping that canonical JSON holds; `file` is named in errors.

    Raises:
        StoreError: it is no JSON, no mapping, not canonical, or larger than any that is written here.
    """
    if len(whole) > MOST_BYTES:
        raise _refused(file, Text(f"大于 {MOST_BYTES} 字节，不予读取。", f"it is larger than {MOST_BYTES} bytes."))
    try:
        value = json.loads(whole)
        same = canonical_json(value) == whole
    except json.JSONDecodeError as error:
        at = Text(f"第 {error.lineno} 行第 {error.colno} 列", f"line {error.lineno}, column {error.colno}")
        raise _refused(file, Text(f"{at.zh}起不再是 JSON。", f"it is no JSON from {at.en} on.")) from error
    except (ValueError, RecursionError) as error:  # not UTF-8, a number of 5,000 digits, 100,000 lists in each other
        raise _refused(file, Text("不是 JSON。", "it is no JSON.")) from error
    except StoreError as error:
        raise _refused(file, error.message) from error
    if not same or not isinstance(value, dict):
        raise _refused(file, Text("不是规范的 JSON（RFC 8785）。", "it is not in canonical JSON (RFC 8785)."))
    return value


def read_manifest(whole: bytes, file: str = MANIFEST) -> Manifest:
    """A Manifest from the bytes of its file, which is named in errors.

    Raises:
        StoreError: they are not canonical JSON.
        DescriptorError: they are, and no manifest: a key too many or missing, a value of another kind, a path that
            leaves the folder.
    """
    block = Block(read_canonical(whole, file), file)
    _only(block, _KEYS)
    if block.text("format") != FORMAT:
        raise block.wrong(Text(f"这里应为 {FORMAT}。", f"this must be {FORMAT}."), "format")
    version = _version(block)
    link = _link(block.block("previous"), version) if block.values["previous"] is not None else None
    key = block.text("key")
    return Manifest(
        dataset=_dataset(block),
        version=version,
        released=block.text("released"),
        inputs=block.text("inputs"),
        key=_hex(block, "key") if key else "",
        previous=link,
        files=_files(block),
        sha256=sha256_of(whole),
    )


def read_unsigned(whole: bytes) -> dict[str, Link]:
    """The releases that were published before there was a key, the newest of each dataset; from canonical JSON.

    Raises:
        StoreError: it is not canonical JSON.
        DescriptorError: it is, and lists something else.
    """
    block = Block(read_canonical(b'{"unsigned":' + whole + b"}", "unsigned"), "unsigned")
    listed = list(block.blocks("unsigned"))
    for one in listed:
        _only(one, _LINK_KEYS | {"dataset"})
    return {_dataset(one): Link(_version(one), _hex(one, "sha256")) for one in listed}


def of_another(read: Manifest) -> Text:
    """Says that a manifest lies in a folder that is not its own."""
    told = f"{read.dataset} {read.version}"
    return Text(f"属于另一版本 {told}。请从备份恢复。", f"it is that of {told}. Restore it from a backup.")


def _entry(file: Path, rows: int | None, known: Hashed | None) -> dict[str, object]:
    if file.is_symlink() or not file.is_file():
        raise _refused(str(file), Text("不是普通文件，不能发布。", "it is no plain file and cannot be published."))
    size = file.stat().st_size
    if known is not None and known.bytes != size:
        raise _refused(
            str(file), Text(f"应为 {known.bytes} 字节，实为 {size}。", f"it has {size} bytes instead of {known.bytes}.")
        )
    told = {"path": file.name, "bytes": size, "sha256": known.sha256 if known else sha256(file)}
    return told if rows is None else {**told, "rows": rows}


def _only_canonical(value: object) -> None:
    match value:
        case None | str():
            return
        case int() if not isinstance(value, bool) and abs(value) < _END_OF_EXACT_NUMBERS:
            return
        case list() | tuple():
            for one in value:
                _only_canonical(one)
        case dict() if all(isinstance(key, str) and key.isascii() for key in value):
            _only_canonical(list(value.values()))
        case _:
            raise _not_canonical(value)


def _not_canonical(value: object) -> StoreError:
    found = f"{type(value).__name__} {value!a:.40}"
    return StoreError(
        Text(
            f"这里只能有文字、小于 2^53 的整数、列表和键为 ASCII 的键值组，实有 {found}。",
            f"only texts, whole numbers below 2^53, lists and mappings with ASCII keys can stand here, not {found}.",
        )
    )


def _refused(file: str, what: Text) -> StoreError:
    return StoreError(Text(f"{file}：{what.zh}", f"{file}: {what.en}"))


def _only(block: Block, needed: Collection[str], optional: Collection[str] = ()) -> None:
    """Refuses any other keys than these."""
    keys = block.values.keys()
    wrong = sorted((needed - keys) | (keys - needed - set(optional)))
    if wrong:
        names = ", ".join(ascii(name)[:40] for name in wrong[:3])
        raise block.wrong(Text(f"多出或缺少 {names}。", f"one key too many or too few: {names}."))


def _dataset(block: Block) -> str:
    dataset = block.text("dataset")
    if not dataset.isprintable() or dataset.count("/") != 1:
        raise block.wrong(Text("这里应为 部门/数据集。", "this must be a department/dataset."), "dataset")
    return dataset


def _version(block: Block) -> Version:
    version = Version.parse(block.text("version"))
    if version is None:
        raise block.wrong(Text("这里应为版本号，例如 1.0.0。", "this must be a version such as 1.0.0."), "version")
    return version


def _link(block: Block, version: Version) -> Link:
    _only(block, _LINK_KEYS)
    before = _version(block)
    if before >= version:
        raise block.wrong(Text(f"这里应早于 {version}。", f"this must come before {version}."), "version")
    return Link(before, _hex(block, "sha256"))


def _hex(block: Block, key: str) -> str:
    text = block.text(key)
    if not _SHA256.fullmatch(text):
        raise block.wrong(Text("这里应为 64 位十六进制的 sha256。", "this must be a sha256 of 64 hex digits."), key)
    return text


def _files(block: Block) -> tuple[Entry, ...]:
    files = tuple(_file(one) for one in block.blocks("files"))
    names: Sequence[str] = [file.path for file in files]
    if list(names) != sorted(set(names)):
        raise block.wrong(Text("文件应按名称排序且不重复。", "the files must be sorted by name, each once."), "files")
    return files


def _file(block: Block) -> Entry:
    _only(block, _FILE_KEYS, ("rows",))
    size, rows = block.get("bytes", int, -1), block.get("rows", int, 0)
    if size < 0 or rows < 0:
        raise block.wrong(Text("这里不能小于 0。", "this cannot be less than 0."), "bytes" if size < 0 else "rows")
    return Entry(_path(block), size, _hex(block, "sha256"), rows if "rows" in block.values else None)


def _path(block: Block) -> str:
    """The name of a file that lies in the release's folder itself, so that no manifest can lead out of it."""
    path = block.text("path")
    if not path or path in {".", "..", *_OWN} or any(sign in path for sign in "/\\\0"):
        raise block.wrong(
            Text(f"{path!a:.80} 不是版本目录中的文件名。", f"{path!a:.80} is no name of a file in its folder."), "path"
        )
    return path
