"""The key that releases are signed with (Ed25519, RFC 8032), and the public keys that a store trusts.

A signature is the raw 64 bytes of `manifest.sig`, so that `openssl pkeyutl -verify -rawin` needs nothing of ours. A key
is known by its id, the sha256 of its 32 raw public bytes in hex; its public half lies in the store as keys/<id>.pem.

A store may begin to sign after it has published without a key. The file of its first key then says above the key itself
(RFC 7468 leaves room for words there) what was the newest release of each dataset at that moment, signed with the key:
those and the ones before them need no signature, and whatever else has none was tampered with.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from civicat.errors import CivicatError, StoreError
from civicat.layout import MANIFEST, SIGNATURE, Layout
from civicat.publish import staging
from civicat.publish.jsontext import sha256_of
from civicat.publish.manifest import Link, Manifest, canonical_json, content, load, read_unsigned
from civicat.text import Text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE_BYTES = 64
SETTING, FILE_SETTING = "CIVICAT_SIGNING_KEY", "CIVICAT_SIGNING_KEY_FILE"

LINKED = Text(
    "是链接：版本须是独立的目录。请放回原来的目录。",
    "is a link: a release must be a folder of its own. Put the folder itself back in its place.",
)

_ID = re.compile(r"[0-9a-f]{64}")
_SEED_BYTES = 32
_OF_OTHERS = 0o077
_PRIVATE = 0o600
_MOST_BYTES = 64 * 1024  # a PEM of a key has a few hundred
_MOST_PUBLIC_BYTES = 16 * 2**20  # one with room for 100,000 datasets that had been published before it came
_WORDS = b"civicat: published without a signature before this key came, and that list signed with this key"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its id, and its public half as PEM. The private half is never shown."""

    key_id: str
    public_pem: str
    private: Ed25519PrivateKey = field(repr=False, compare=False)

    def sign(self, whole: bytes) -> bytes:
        """The signature of some bytes: 64 bytes, the same each time."""
        return self.private.sign(whole)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: its id, and itself as PEM."""

    key_id: str
    pem: bytes

    def holds(self, whole: bytes, signature: bytes) -> bool:
        """Whether a signature is that of some bytes by this key."""
        return signature_holds(whole, signature, self.pem)

    @property
    def unsigned(self) -> Mapping[str, Link]:
        """The newest release of each dataset that was published without a key before this one came."""
        words, _, rest = self.pem.partition(b"\n")
        listed, _, rest = rest.partition(b"\n")
        try:
            signature = base64.b64decode(rest.partition(b"\n")[0], validate=True)
            return read_unsigned(listed) if words == _WORDS and self.holds(listed, signature) else {}
        except (CivicatError, ValueError):  # words of somebody else's
            return {}


PublicKeys = Mapping[str, PublicKey]
"""Keys by their ids, one of which must have signed."""


def read_signer(text: str, file: Path | None) -> Signer | None:
    """The key of the settings: itself (PEM, or its seed in base64) or the file that holds it; None without either.

    Raises:
        CivicatError: both are set, the file cannot be read or can be read by others, or it holds no Ed25519 key.
    """
    if text and file:
        raise CivicatError(
            Text(
                f"{SETTING} 与 {FILE_SETTING} 只能设置一个。请去掉其中一个。",
                f"{SETTING} and {FILE_SETTING} are both set. Unset one of them.",
            )
        )
    if file:
        return _signer(_private_text(file), str(file))
    return _signer(text, SETTING) if text else None


def new_key(path: Path) -> Signer:
    """Makes a private key in a new file that only its owner can read (PEM, PKCS8).

    Raises:
        CivicatError: there is such a file already, or it cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - see _signer

    key = Ed25519PrivateKey.generate()
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE)
        with os.fdopen(number, "wb") as stream:
            stream.write(_private_pem(key))
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError as error:
        raise _told(
            str(path), Text("已存在，不会覆盖。请换一个名称。", "it is there already and stays. Choose another name.")
        ) from error
    except OSError as error:
        raise _told(
            str(path), Text(f"无法写入（{error.strerror}）。", f"it cannot be written ({error.strerror}).")
        ) from error
    return _of(key)


def check_trust(layout: Layout, signer: Signer | None, folder: Path | None, *, even_if_damaged: bool = False) -> None:
    """Whether the next release, or a tombstone, may be signed as the settings say.

    `folder` is that of the release before (or to be taken down); None where there is none. The first key that signs
    anything in a store is trusted; after that only those in keys/ are, and all is signed. `even_if_damaged` is for a
    tombstone: nothing follows on what is damaged, yet it can be taken down.

    Raises:
        StoreError: that release is not proved any more or is a link, the key is not a trusted one, or there would be an
            unsigned release after a signed one.
    """
    if folder is not None and folder.is_symlink():
        raise StoreError(Text(f"{folder} {LINKED.zh}", f"{folder} {LINKED.en}"))
    signed = _signed(layout, folder, even_if_damaged=even_if_damaged) if folder else ""
    if signer is None and signed:
        raise StoreError(
            Text(
                f"{folder} 已用密钥 {signed} 签名，其后的版本也须签名。请设置 {FILE_SETTING}。",
                f"{folder} is signed (key {signed}), and what follows must be too. Set {FILE_SETTING}.",
            )
        )
    if signer is None and (trusted := trusted_keys(layout)):
        raise StoreError(
            Text(
                f"{layout.store} 已有密钥 {'、'.join(trusted)}，此后的一切都须签名。请设置 {FILE_SETTING}。",
                f"{layout.store} has the key {', '.join(trusted)}: all that follows must be signed. "
                f"Set {FILE_SETTING}.",
            )
        )
    if signer is not None:
        _only_trusted(layout, signer)


def unsigned_before(layout: Layout) -> Mapping[str, Link] | None:
    """The newest release of each dataset that needs no signature, as no key was there yet; None where none is yet.

    Nothing vouches for unsigned releases of a store without keys.
    """
    keys = trusted_keys(layout)
    if not keys:
        return None
    last: dict[str, Link] = {}
    for key in keys:
        for dataset, link in _unsigned(layout, key).items():
            last[dataset] = max(link, last.get(dataset, link), key=lambda one: one.version)
    return last


def may_be_unsigned(layout: Layout, read: Manifest) -> bool:
    """Whether a manifest without a key was there before the store had one."""
    before = unsigned_before(layout)
    if before is None:
        return True
    last = before.get(read.dataset)
    return last is not None and (
        read.version < last.version or (read.version, read.sha256) == (last.version, last.sha256)
    )


def publish_key(layout: Layout, signer: Signer) -> Path:
    """Puts the public key into keys/ if it is the first there; answers its file. Nothing happens where it is there.

    What was published before it without a key is listed in its file.

    Raises:
        StoreError: other keys are trusted and this is not, or it cannot be written.
    """
    file = key_file(layout, signer.key_id)
    was_killed = (layout.keys / staging.STAGING).exists()  # or another one is at it: its turn comes first
    if was_killed or public_key(layout, signer.key_id) is None:
        with staging.staging(layout.keys) as stage:
            _only_trusted(layout, signer)  # under the lock: another first publisher may just have finished
            if not file.exists():
                staging.write(stage / file.name, _listing_unsigned(layout, signer) + signer.public_pem.encode())
                (stage / file.name).rename(file)
            staging.sync(layout.keys)
    return file


def key_file(layout: Layout, key: str) -> Path:
    """Where the public key of an id lies."""
    return layout.keys / f"{key}.pem"


def trusted_keys(layout: Layout) -> list[str]:
    """The ids of the keys that a store trusts, sorted; a file that is not named by an id is none."""
    return sorted(file.stem for file in layout.keys.glob("*.pem") if _ID.fullmatch(file.stem))


def public_key(layout: Layout, key: str) -> PublicKey | None:
    """The trusted key of an id; None where there is none.

    Raises:
        StoreError: its file does not hold it.
    """
    file = key_file(layout, key)
    if not file.exists():
        return None
    found = _readable_key(file)
    if found is None or found.key_id != key:
        raise StoreError(
            Text(
                f"{file}：其中不是密钥 {key}。请从备份恢复。",
                f"{file}: it does not hold the key {key}. Restore it from a backup.",
            )
        )
    return found


def read_public_keys(files: Path | Sequence[Path] | None) -> PublicKeys | None:
    """The public keys of one file or of several; None of none.

    Raises:
        CivicatError: one cannot be read, or is no public Ed25519 key.
    """
    named = [files] if isinstance(files, Path) else [*(files or ())]
    return {key.key_id: key for key in map(read_public_key, named)} or None


def read_public_key(file: Path) -> PublicKey:
    """A public key from its PEM file.

    Raises:
        CivicatError: it cannot be read, or is no public Ed25519 key.
    """
    found = _readable_key(file)
    if found is None:
        raise _told(
            str(file),
            Text(
                "其中没有 Ed25519 公钥（以 -----BEGIN PUBLIC KEY----- 开头的 PEM）。",
                "it holds no Ed25519 public key (a PEM that begins with -----BEGIN PUBLIC KEY-----).",
            ),
        )
    return found


def signature_holds(whole: bytes, signature: bytes, pem: bytes) -> bool:
    """Whether a signature is that of some bytes by a public Ed25519 key (PEM).

    Raises:
        ValueError: the PEM is no such key.
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - see _signer

    key = _public(pem)
    if key is None:
        msg = "no Ed25519 public key"
        raise ValueError(msg)
    try:
        key.verify(signature, whole)
    except InvalidSignature:
        return False
    return True


def _signed(layout: Layout, folder: Path, *, even_if_damaged: bool) -> str:
    """The id of the key that a release is signed with, blank if it is not; its signature has been checked."""
    try:
        manifest = load(folder)
    except CivicatError:
        if even_if_damaged:
            return ""
        raise
    if even_if_damaged:
        return manifest.key
    if not manifest.key:
        _only_unsigned_before(layout, folder, manifest)
        return ""
    whole, signature = content(folder / MANIFEST) or b"", content(folder / SIGNATURE) or b""
    key = public_key(layout, manifest.key)
    if key is None or not key.holds(whole, signature):
        raise StoreError(
            Text(
                f"{folder} 的签名不成立，不能在其后发布。请运行 civicat verify。",
                f"The signature of {folder} does not hold: nothing can follow it. Run civicat verify.",
            )
        )
    return manifest.key


def _only_unsigned_before(layout: Layout, folder: Path, manifest: Manifest) -> None:
    """Refuses to follow on a release that is not signed and was not there when the store's first key came."""
    if may_be_unsigned(layout, manifest):
        return
    raise StoreError(
        Text(
            f"{folder} 没有签名，而此存储已有密钥：不能在其后发布。请运行 civicat verify。",
            f"{folder} is not signed, and this store has a key: nothing can follow it. Run civicat verify.",
        ),
        Text(
            f"如果 {layout.keys} 中的公钥是在首次签名之前手工放入的，请先移出，再发布。",
            f"If the public keys in {layout.keys} were put there by hand before anything was signed, "
            "take them out and publish.",
        ),
    )


def _unsigned(layout: Layout, key: str) -> Mapping[str, Link]:
    try:
        found = public_key(layout, key)
    except CivicatError:  # told of where a manifest names it
        return {}
    return found.unsigned if found else {}


def _listing_unsigned(layout: Layout, signer: Signer) -> bytes:
    """The lines above the first key of a store; nothing where nothing was published before it."""
    if trusted_keys(layout) or not (last := list(_last(layout))):
        return b""
    listed = canonical_json([{"dataset": name, **link} for name, link in last])
    return b"\n".join((_WORDS, listed, base64.b64encode(signer.sign(listed)), b""))


def _last(layout: Layout) -> Iterator[tuple[str, dict[str, str]]]:
    """The last version of each dataset that has a manifest, taken down or not, and the sha256 of that."""
    for folder in sorted(layout.releases.glob("*/*")):
        name = f"{folder.parent.name}/{folder.name}"
        found = ((one, content(folder / str(one) / MANIFEST)) for one in reversed(layout.numbers(name)))
        last = next(((one, whole) for one, whole in found if whole is not None), None)
        if last is not None:
            yield name, {"version": str(last[0]), "sha256": sha256_of(last[1])}


def _only_trusted(layout: Layout, signer: Signer) -> None:
    trusted = trusted_keys(layout)
    if not trusted or signer.key_id in trusted:
        return
    raise StoreError(
        Text(
            f"密钥 {signer.key_id} 不在受信之列（{'、'.join(trusted)}）。"
            f"请换用受信的密钥，或先把其公钥放到 {key_file(layout, signer.key_id)}。",
            f"The key {signer.key_id} is not trusted here; {', '.join(trusted)} is. "
            f"Sign with that one, or first put its public key into {key_file(layout, signer.key_id)}.",
        )
    )


def _private_text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            found = stream.read(_MOST_BYTES)
    except OSError as error:
        raise _told(
            str(file), Text(f"无法读取（{error.strerror}）。", f"it cannot be read ({error.strerror}).")
        ) from error
    if mode & _OF_OTHERS:
        raise _told(
            str(file),
            Text(
                f"其他用户也能读取这个私钥。请运行 chmod 600 {file}。",
                f"other users can read this private key. Run chmod 600 {file}.",
            ),
        )
    return found.decode("ascii", "replace")


def _signer(text: str, source: str) -> Signer:
    """A Signer from PEM or base64; nothing of the text is ever repeated in an error."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - 30 ms, only where keys are used
        Ed25519PrivateKey,
    )

    text = text.replace("\\n", "\n").strip()  # as one line, which is how some places hand on a variable
    if "-----BEGIN" not in text:
        return _of(Ed25519PrivateKey.from_private_bytes(_seed(text, source)))
    key = _private_key(text, source)
    if not isinstance(key, Ed25519PrivateKey):
        kind = type(key).__name__.lstrip("_").removesuffix("PrivateKey")
        raise _told(
            source,
            Text(
                f"这是 {kind} 密钥，应为 Ed25519。请用 civicat new-key 新建。",
                f"this is a key of the kind {kind}, it must be Ed25519. Make one with civicat new-key.",
            ),
        )
    return _of(key)


def _private_key(pem: str, source: str) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - see _signer
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - see _signer

    try:
        return load_pem_private_key(pem.encode(), password=None)
    except TypeError as error:
        raise _told(
            source,
            Text(
                "这个私钥有密码保护，发布时无人输入。请提供无密码的 PEM。",
                "this private key is encrypted, and nobody is there to type its password. Give a PEM without one.",
            ),
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _no_key(source, is_public="BEGIN PUBLIC KEY" in pem) from error


def _seed(text: str, source: str) -> bytes:
    try:
        seed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _no_key(source) from error
    if len(seed) != _SEED_BYTES:
        raise _no_key(source)
    return seed


def _no_key(source: str, *, is_public: bool = False) -> CivicatError:
    found = (
        Text("这是公钥。", "this is a public key.") if is_public else Text("其中没有私钥。", "no private key is in it.")
    )
    return _told(
        source,
        Text(
            f"{found.zh}应为 Ed25519 私钥：PEM（PKCS8），或 32 字节种子的 base64。",
            f"{found.en} It must hold an Ed25519 private key: PEM (PKCS8), or its seed of 32 bytes in base64.",
        ),
    )


def _told(source: str, what: Text) -> CivicatError:
    return CivicatError(Text(f"{source}：{what.zh}", f"{source}: {what.en}"))


def _of(private: Ed25519PrivateKey) -> Signer:
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - see _signer
        Encoding,
        PublicFormat,
    )

    public = private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Signer(_id(public), pem.decode(), private)


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - see _signer
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _id(public: Ed25519PublicKey) -> str:
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()


def _readable_key(file: Path) -> PublicKey | None:
    try:
        with file.open("rb") as stream:
            pem = stream.read(_MOST_PUBLIC_BYTES)
    except OSError as error:
        raise _told(
            str(file), Text(f"无法读取（{error.strerror}）。", f"it cannot be read ({error.strerror}).")
        ) from error
    key = _public(pem)
    return PublicKey(_id(key), pem) if key else None


def _public(pem: bytes) -> Ed25519PublicKey | None:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - see _signer
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - see _signer
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415 - see _signer

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None
