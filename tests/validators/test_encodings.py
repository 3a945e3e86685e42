"""The encoding of a file is verified over the whole file."""

from __future__ import annotations

from pathlib import Path

import pytest

from civicat.errors import DescriptorError, SourceError
from civicat.validators.encodings import CHUNK, Damage, damage, declared, detect

CHINESE = "代码,名称\n110115,大兴区清源街道办事处\n"
FRENCH = "département;préfecture\nVal-d'Oise;Cergy\nHérault;Sète, près de la côte\n"


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("a,b\n", "ascii", "utf-8"),
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "gb18030", "gb18030"),
        ("名称\n𠮷野家\n镕基\n" * 3, "gb18030", "gb18030"),
        (CHINESE, "utf-16", "utf-16"),
        ("a,b\n1,2\n", "utf-16-le", "utf-16-le"),
        ("a,b\n1,2\n", "utf-16-be", "utf-16-be"),
        (CHINESE, "utf-32", "utf-32"),
        (FRENCH, "cp1252", "cp1252"),
        ("Amount\n£25,000.00 – paid\n", "cp1252", "cp1252"),
        ("Город;Население\nМосква;13149803\nКазань;1318604\n" * 5, "cp1251", "cp1251"),
        ("", "ascii", "utf-8"),
    ],
)
def test_the_encoding_of_a_text_is_found_and_reads_it(tmp_path: Path, text: str, encoding: str, found: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    assert detect(path) == found
    assert path.read_text(detect(path)) == text.replace("\r", "")


def test_the_last_line_counts_as_much_as_the_first(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"ascii\n" * (CHUNK // 4) + "北京市大兴区\n".encode("gb18030"))
    assert detect(path) == "gb18030"


def test_a_few_bad_bytes_do_not_make_it_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(CHINESE.encode() * 20 + b"\xff\n")
    assert detect(path) == "utf-8"
    found = damage(path, "utf-8")
    assert found is not None
    assert found.line == 41


@pytest.mark.parametrize("before", [0, CHUNK - 3, CHUNK + 5])
def test_the_line_of_the_damage_is_right_across_pieces(tmp_path: Path, before: int) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a" * before + b"\n\n" + "价\n".encode() + b"\xff\n")
    found = damage(path, "utf-8")
    assert isinstance(found, Damage)
    assert found.line == 4


def test_a_name_that_nobody_knows_is_refused() -> None:
    assert declared("GB18030", "x") == "gb18030"
    for name in ("utf-88", "hex", "rot13"):
        with pytest.raises(DescriptorError, match=f"there is no encoding “{name}”"):
            declared(name, "x")


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 \xff", b"\x00\x01\x02\x03", b"\x7fELF\x02\x01\x01\x00\x00\x03\x00>", b"\x89PNG\r\n"]
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(SourceError, match="not text"):
        detect(tmp_path / "x.csv")
