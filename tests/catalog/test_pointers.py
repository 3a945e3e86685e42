"""The latest release, the public keys, and the documents of a release."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import httpx
import pytest

from civicat.layout import Layout
from civicat.publish.signing import new_key, publish_key
from civicat.release import Release

Get = Callable[..., httpx.Response]
MakeRelease = Callable[..., Release]


@pytest.mark.parametrize("rest", ["", "/towns.csv", "/towns.parquet?x=1", "/no/such/file"])
def test_latest_leads_to_the_newest_and_is_not_kept(get: Get, make_release: MakeRelease, rest: str) -> None:
    for version in ("2026.11.2", "2026.11.2.1"):
        make_release("demo/towns", version)
    answer = get(f"/d/demo/towns/latest{rest}")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/d/demo/towns/2026.11.2.1{rest}"
    assert answer.headers["cache-control"] == "public, max-age=10, must-revalidate"


def test_there_is_no_latest_of_nothing(get: Get, make_release: MakeRelease) -> None:
    make_release()
    assert get("/d/demo/nothing/latest").status_code == 404
    assert get("/d/demo/towns/latestly").status_code == 404


def test_versions_of_four_numbers_have_pages_and_files(get: Get, make_release: MakeRelease) -> None:
    make_release("demo/towns", "2026.11.2.1")
    assert get("/d/demo/towns/2026.11.2.1").status_code == 200
    assert get("/d/demo/towns/2026.11.2.1/towns.csv").status_code == 200
    assert get("/d/demo/towns/2026.11.2.1.1").status_code == 404


def test_the_public_keys_are_handed_out_and_nothing_else_of_the_folder(
    get: Get, layout: Layout, make_release: MakeRelease
) -> None:
    make_release()
    assert "Nothing here is signed yet." in get("/keys/").text
    signer = new_key(layout.store / "private.pem")
    file = publish_key(layout, signer)
    (layout.keys / "secret.pem").write_text("not a key", "ascii")
    answer = get(f"/keys/{signer.key_id}.pem")
    assert answer.content == file.read_bytes()
    assert answer.headers["content-type"] == "application/x-pem-file"
    page = get("/keys/", accept_language="zh").text
    assert f'href="/keys/{signer.key_id}.pem"' in page
    assert "secret" not in page
    assert get("/keys/secret.pem").status_code == 404
    assert get("/keys").headers["location"] == "/keys/"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("profile.json", "application/json; charset=utf-8"),
        ("conversion.json", "application/json; charset=utf-8"),
        ("provenance.json", "application/ld+json"),
        ("manifest.json", "application/json; charset=utf-8"),
    ],
)
def test_documents_are_handed_out_as_published(get: Get, make_release: MakeRelease, name: str, kind: str) -> None:
    documents: dict[str, dict[str, list[object]]] = {
        "profile.json": {"tables": []},
        "conversion.json": {"resources": []},
    }
    release = make_release(documents=documents, manifest=True)
    content = (release.folder / name).read_bytes()
    answer = get(f"/d/demo/towns/1.0.0/{name}")
    assert answer.content == content
    assert answer.headers["content-type"] == kind
    assert answer.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert get(f"/d/demo/towns/1.0.0/{name}", if_none_match=answer.headers["etag"]).status_code == 304
    assert f'href="/d/demo/towns/1.0.0/{name}"' in get("/d/demo/towns").text


def test_what_a_release_does_not_have_is_not_there_and_not_listed(get: Get, make_release: MakeRelease) -> None:
    make_release()
    page = get("/d/demo/towns").text
    for name in (
        "profile.json",
        "conversion.json",
        "manifest.json",
        "manifest.sig",
        "changes.parquet",
        "tombstone.json",
    ):
        assert get(f"/d/demo/towns/1.0.0/{name}").status_code == 404
        assert f"1.0.0/{name}" not in page
