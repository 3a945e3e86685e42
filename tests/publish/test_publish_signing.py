from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from civicat.errors import CivicatError, StoreError
from civicat.layout import Layout
from civicat.publish.manifest import manifest, previous, seal
from civicat.publish.signing import (
    Signer,
    check_trust,
    key_file,
    new_key,
    public_key,
    publish_key,
    read_public_key,
    read_signer,
    signature_holds,
    trusted_keys,
)
from civicat.release import Version

DATASET = "transport/counters"


def pem(key: object, encryption: KeySerializationEncryption | None = None) -> str:
    private: ed25519.Ed25519PrivateKey = key  # type: ignore[assignment] # all kinds have this method
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


def signer_of(tmp_path: Path, name: str) -> Signer:
    return new_key(tmp_path / f"{name}.pem")


def publish(layout: Layout, signer: Signer | None, patch: int) -> Path:
    """A tiny release, signed or not, as publish makes it."""
    before = previous(layout, DATASET)
    version = Version(1, 0, patch)
    folder = layout.dataset(DATASET) / str(version)
    folder.mkdir(parents=True)
    (folder / "report.json").write_text("{}\n")
    key = signer.key_id if signer else ""
    whole = manifest(folder, dataset=DATASET, version=version, released="", inputs="", previous=before, key=key)
    if signer:
        publish_key(layout, signer)
    seal(folder, whole, signer)
    return folder


def test_a_key_is_read_from_its_file_itself_or_its_seed(tmp_path: Path) -> None:
    made = signer_of(tmp_path, "key")
    text = (tmp_path / "key.pem").read_text()
    seed = base64.b64encode(made.private.private_bytes_raw()).decode()

    read = [
        read_signer("", tmp_path / "key.pem"),
        read_signer(text, None),
        read_signer(text.replace("\n", "\\n"), None),
        read_signer(f" {seed}\n", None),
    ]

    assert read == [made] * 4
    assert [one.sign(b"a") for one in read if one] == [made.sign(b"a")] * 4
    assert read_signer("", None) is None


def test_a_seed_in_a_file_will_do(tmp_path: Path) -> None:
    file = tmp_path / "seed"
    file.write_text(base64.b64encode(bytes(32)).decode() + "\n")
    file.chmod(0o600)

    assert read_signer("", file) == read_signer(base64.b64encode(bytes(32)).decode(), None)


def test_the_id_of_a_key_is_the_sha256_of_its_public_bytes(tmp_path: Path) -> None:
    made = signer_of(tmp_path, "key")
    raw = made.private.public_key().public_bytes_raw()

    assert made.key_id == hashlib.sha256(raw).hexdigest()


def test_a_signer_never_shows_its_private_half(tmp_path: Path) -> None:
    made = signer_of(tmp_path, "key")

    assert "private" not in repr(made)
    assert base64.b64encode(made.private.private_bytes_raw()).decode()[:20] not in repr(made)


def test_a_new_key_is_for_its_owner_alone_and_never_replaces_another(tmp_path: Path) -> None:
    signer_of(tmp_path, "key")
    before = (tmp_path / "key.pem").read_bytes()

    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(CivicatError, match=r"it is there already and stays\. Choose another name") as caught:
        new_key(tmp_path / "key.pem")
    assert "已存在，不会覆盖。请换一个名称。" in caught.value.message.zh
    (tmp_path / "link.pem").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CivicatError, match="there already"):
        new_key(tmp_path / "link.pem")
    with pytest.raises(CivicatError, match=r"it cannot be written \(No such file or directory\)") as caught:
        new_key(tmp_path / "none/key.pem")
    assert "无法写入" in caught.value.message.zh
    assert (tmp_path / "key.pem").read_bytes() == before


def test_both_settings_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CivicatError) as caught:
        read_signer("a", tmp_path / "key.pem")
    assert caught.value.message.en == (
        "CIVICAT_SIGNING_KEY and CIVICAT_SIGNING_KEY_FILE are both set. Unset one of them."
    )
    assert caught.value.message.zh == "CIVICAT_SIGNING_KEY 与 CIVICAT_SIGNING_KEY_FILE 只能设置一个。请去掉其中一个。"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o601, 0o644])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    signer_of(tmp_path, "key")
    file = tmp_path / "key.pem"
    file.chmod(mode)

    with pytest.raises(CivicatError) as caught:
        read_signer("", file)
    assert caught.value.message.en == f"{file}: other users can read this private key. Run chmod 600 {file}."
    assert caught.value.message.zh == f"{file}：其他用户也能读取这个私钥。请运行 chmod 600 {file}。"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_that_its_owner_alone_can_read_is_read(tmp_path: Path, mode: int) -> None:
    made = signer_of(tmp_path, "key")
    (tmp_path / "key.pem").chmod(mode)

    assert read_signer("", tmp_path / "key.pem") == made


@pytest.mark.parametrize("name", ["none.pem", "."])
def test_a_key_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(CivicatError, match="it cannot be read") as caught:
        read_signer("", tmp_path / name)
    assert "无法读取" in caught.value.message.zh


WORDS = "c2VjcmV0LXNlY3JldA"
OTHER_KEYS: dict[str, Callable[[], str]] = {
    "rsa": lambda: pem(rsa.generate_private_key(65537, 2048)),
    "ec": lambda: pem(ec.generate_private_key(ec.SECP256R1())),
    "x25519": lambda: pem(x25519.X25519PrivateKey.generate()),
    "encrypted": lambda: pem(ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"p")),
}


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        (
            "!" + WORDS,
            "no private key is in it. It must hold an Ed25519 private key",
            "其中没有私钥。应为 Ed25519 私钥",
        ),
        (WORDS + "==", "no private key is in it", "其中没有私钥"),
        ("键" + WORDS, "no private key is in it", "其中没有私钥"),
        (f"-----BEGIN PRIVATE KEY-----\n{WORDS}\n-----END PRIVATE KEY-----", "no private key is in it", "没有私钥"),
        (f"-----BEGIN PUBLIC KEY-----\n{WORDS}\n-----END PUBLIC KEY-----", "this is a public key", "这是公钥"),
        ("rsa", "this is a key of the kind RSA, it must be Ed25519", "RSA 密钥"),
        ("ec", "this is a key of the kind EC", "应为 Ed25519"),
        ("x25519", "this is a key of the kind X25519", "这是 X25519 密钥，应为 Ed25519"),
        (
            pem(ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"p")),
            "this private key is encrypted, and nobody is there to type its password",
            "这个私钥有密码保护",
        ),
    ],
    ids=["no base64", "short seed", "not ascii", "garbage", "public", "rsa", "ec", "x25519", "encrypted"],
)
def test_what_is_no_key_is_told_and_never_repeated(text: str, en: str, zh: str) -> None:
    with pytest.raises(CivicatError) as caught:
        read_signer(OTHER_KEYS.get(text, lambda: text)(), None)

    assert caught.value.message.en.startswith(f"CIVICAT_SIGNING_KEY: {en}")
    assert zh in caught.value.message.zh
    assert "\n" not in caught.value.message.en
    assert WORDS not in caught.value.message.en + caught.value.message.zh


def test_the_public_key_is_published_once(tmp_path: Path) -> None:
    layout, made = Layout(tmp_path / "store"), signer_of(tmp_path, "key")

    file = publish_key(layout, made)
    first = file.stat()
    publish_key(layout, made)

    assert file == layout.keys / f"{made.key_id}.pem"
    assert file.read_bytes() == made.public_pem.encode()
    assert file.stat() == first
    assert first.st_mode & 0o777 == 0o444
    assert trusted_keys(layout) == [made.key_id]


def test_of_two_first_publishers_one_key_is_trusted(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "store")
    signers = [signer_of(tmp_path, str(number)) for number in range(8)]

    def tried(signer: Signer) -> bool:
        try:
            return bool(publish_key(layout, signer))
        except StoreError:
            return False

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(tried, signers))

    assert done.count(True) == 1
    assert trusted_keys(layout) == [signers[done.index(True)].key_id]


def test_openssl_verifies_a_release_without_anything_of_ours(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed")
    layout, made = Layout(tmp_path / "store"), signer_of(tmp_path, "key")
    folder = publish(layout, made, 0)
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", str(key_file(layout, made.key_id)), "-rawin"]
    command += ["-in", str(folder / "manifest.json"), "-sigfile", str(folder / "manifest.sig")]

    good = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - what a reader would type
    (folder / "manifest.json").chmod(0o644)
    (folder / "manifest.json").write_bytes((folder / "manifest.json").read_bytes() + b" ")
    bad = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - what a reader would type

    assert (good.returncode, "Signature Verified Successfully" in good.stdout) == (0, True)
    assert bad.returncode == 1
    assert (folder / "manifest.sig").stat().st_size == 64
    assert (folder / "manifest.sig").stat().st_mode & 0o777 == 0o444


def test_openssl_keys_are_read(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed")
    file = tmp_path / "key.pem"
    subprocess.run([openssl, "genpkey", "-algorithm", "ed25519", "-out", file], check=True)  # noqa: S603 - as typed
    file.chmod(0o600)

    found = read_signer("", file)

    assert found is not None
    assert signature_holds(b"a", found.sign(b"a"), found.public_pem.encode())


def test_a_signature_is_of_these_bytes_by_this_key(tmp_path: Path) -> None:
    made, other = signer_of(tmp_path, "key"), signer_of(tmp_path, "other")
    signature = made.sign(b"a")

    assert signature_holds(b"a", signature, made.public_pem.encode())
    assert not signature_holds(b"b", signature, made.public_pem.encode())
    assert not signature_holds(b"a", signature, other.public_pem.encode())
    assert not signature_holds(b"a", signature[:-1], made.public_pem.encode())
    assert not signature_holds(b"a", b"", made.public_pem.encode())
    with pytest.raises(ValueError, match="no Ed25519 public key"):
        signature_holds(b"a", signature, b"x")


def test_a_public_key_is_read_from_its_file(tmp_path: Path) -> None:
    made = signer_of(tmp_path, "key")
    (tmp_path / "public.pem").write_text(made.public_pem)

    assert read_public_key(tmp_path / "public.pem").key_id == made.key_id
    for name in ("key.pem", "none.pem"):
        with pytest.raises(CivicatError, match=r"it holds no Ed25519 public key|it cannot be read"):
            read_public_key(tmp_path / name)


def test_a_trusted_key_is_what_its_name_says(tmp_path: Path) -> None:
    layout, made, other = Layout(tmp_path / "store"), signer_of(tmp_path, "key"), signer_of(tmp_path, "other")
    file = publish_key(layout, made)
    file.chmod(0o644)
    file.write_text(other.public_pem)

    with pytest.raises(StoreError, match=f"it does not hold the key {made.key_id}") as caught:
        public_key(layout, made.key_id)
    assert f"其中不是密钥 {made.key_id}" in caught.value.message.zh
    assert public_key(layout, other.key_id) is None


def test_the_first_key_is_trusted_and_then_no_other(tmp_path: Path) -> None:
    layout, made, other = Layout(tmp_path / "store"), signer_of(tmp_path, "key"), signer_of(tmp_path, "other")
    check_trust(layout, made, None)
    folder = publish(layout, made, 0)
    check_trust(layout, made, folder)

    for attempt in (lambda: check_trust(layout, other, folder), lambda: publish_key(layout, other)):
        with pytest.raises(StoreError) as caught:
            attempt()
        assert caught.value.message.en == (
            f"The key {other.key_id} is not trusted here; {made.key_id} is. Sign with that one, "
            f"or first put its public key into {layout.keys}/{other.key_id}.pem."
        )
        assert caught.value.message.zh.startswith(f"密钥 {other.key_id} 不在受信之列（{made.key_id}）。")
    assert trusted_keys(layout) == [made.key_id]


def test_a_key_that_was_put_there_by_hand_is_trusted(tmp_path: Path) -> None:
    layout, made, other = Layout(tmp_path / "store"), signer_of(tmp_path, "key"), signer_of(tmp_path, "other")
    folder = publish(layout, made, 0)
    key_file(layout, other.key_id).write_text(other.public_pem)

    check_trust(layout, other, folder)
    publish(layout, other, 1)

    assert trusted_keys(layout) == sorted([made.key_id, other.key_id])


def test_a_signed_chain_cannot_go_on_unsigned(tmp_path: Path) -> None:
    layout, made = Layout(tmp_path / "store"), signer_of(tmp_path, "key")
    folder = publish(layout, made, 0)

    with pytest.raises(StoreError) as caught:
        check_trust(layout, None, folder)
    assert caught.value.message.en == (
        f"{folder} is signed (key {made.key_id}), and what follows must be too. Set CIVICAT_SIGNING_KEY_FILE."
    )
    assert caught.value.message.zh.endswith("其后的版本也须签名。请设置 CIVICAT_SIGNING_KEY_FILE。")


def test_a_chain_can_be_unsigned_and_signed_later(tmp_path: Path) -> None:
    layout, made = Layout(tmp_path / "store"), signer_of(tmp_path, "key")
    check_trust(layout, None, None)
    folder = publish(layout, None, 0)

    check_trust(layout, None, folder)
    check_trust(layout, made, folder)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "key"])
def test_nothing_follows_a_release_that_is_not_proved_any_more(tmp_path: Path, name: str) -> None:
    layout, made = Layout(tmp_path / "store"), signer_of(tmp_path, "key")
    folder = publish(layout, made, 0)
    file = key_file(layout, made.key_id) if name == "key" else folder / name
    file.chmod(0o644)
    if name == "manifest.json":
        file.write_bytes(file.read_bytes().replace(b'"inputs":""', b'"inputs":"b"'))
    else:
        file.unlink()

    with pytest.raises(StoreError, match=r"does not hold: nothing can follow it\. Run civicat verify") as caught:
        check_trust(layout, made, folder)
    assert "的签名不成立，不能在其后发布。请运行 civicat verify。" in caught.value.message.zh


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
def test_what_is_damaged_can_be_taken_down_still(tmp_path: Path, name: str) -> None:
    layout, made, other = Layout(tmp_path / "store"), signer_of(tmp_path, "key"), signer_of(tmp_path, "other")
    folder = publish(layout, made, 0)
    (folder / name).unlink()

    check_trust(layout, made, folder, even_if_damaged=True)
    with pytest.raises(StoreError, match="is not trusted here"):
        check_trust(layout, other, folder, even_if_damaged=True)


def test_a_signed_release_is_taken_down_by_a_signature_only(tmp_path: Path) -> None:
    layout, made = Layout(tmp_path / "store"), signer_of(tmp_path, "key")
    folder = publish(layout, made, 0)

    with pytest.raises(StoreError, match="what follows must be too"):
        check_trust(layout, None, folder, even_if_damaged=True)


def test_a_file_that_is_not_named_by_an_id_is_no_key(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "store")
    layout.keys.mkdir(parents=True)
    (layout.keys / "readme.pem").write_text("no key")

    assert trusted_keys(layout) == []
    check_trust(layout, None, None)
