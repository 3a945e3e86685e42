"""The encoding of a file is verified over the whole file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from frictionless import Resource

from civicat.errors import DescriptorError, SourceError
from civicat.validators.delimited import record_at
from civicat.validators.encodings import CHUNK, Damage, damage, declared, detect, doubt, examine, with_mark
from civicat.validators.messages import say

CHINESE = "代码,名称\n110115,大兴区清源街道办事处\n"
TRADITIONAL = "代碼,名稱\n110115,臺北市大安區公所辦事處\n110116,高雄市鳳山區服務處\n"
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
        ("Hotels\n·\xa0\xa0\xa0\xa0\xa0\xa0 Small ones\n", "cp1252", "cp1252"),
        ("Город;Население\nМосква;13149803\nКазань;1318604\n" * 5, "cp1251", "cp1251"),
        ("Zażółć gęślą jaźń, pałac, małpa, złoty, żaba\n", "cp1250", "cp1250"),
        ("Běžel příklad přes dřevěné příběhy města, měl\n", "cp1250", "cp1250"),
        (TRADITIONAL, "big5", "big5"),
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


def test_damage_says_which_byte_and_what_frictionless_says_of_it(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,name\n" + b"1,abc\n" * 3000 + b"2,a\xffb\n")
    found = damage(path, "utf-8")
    assert found is not None
    assert (found.line, found.offset, found.bad[:1]) == (3002, 8 + 6 * 3000 + 3, b"\xff")
    (error,) = (
        Resource.from_descriptor({"name": "x", "path": "x.csv", "encoding": "utf-8"}, basepath=str(tmp_path))
        .validate()
        .tasks[0]
        .errors
    )
    assert found.note == error.note


@pytest.mark.parametrize("before", ["", "价" * (CHUNK // 3), "a" * (CHUNK - 1)])
def test_the_byte_is_right_where_a_character_lies_across_pieces(tmp_path: Path, before: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(before.encode() + "价".encode() + b"\xfe")
    found = damage(path, "utf-8")
    assert found is not None
    assert found.offset == len(before.encode()) + 3


def test_a_character_that_is_cut_off_at_the_end_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1," + "价".encode()[:2])
    found = damage(path, "utf-8")
    assert found is not None
    assert (found.line, found.offset) == (2, 6)
    path.write_bytes(b"a,b\n1," + "价".encode())
    assert damage(path, "utf-8") is None


def test_utf16_without_its_mark_is_damage_from_the_first_byte(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,name\n1,a\n")
    found = damage(path, "utf-16")
    assert found is not None
    assert (found.line, found.offset) == (1, 0)


def test_the_record_and_the_column_of_a_byte_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    text = b'id,name\n1,"two\nlines"\n2,a\xffb\n'
    path.write_bytes(text)
    assert record_at(path, "utf-8", text.index(0xFF), ",") == (3, 2)
    assert record_at(path, "utf-8", text.index(b"2,"), ",") == (3, 1)


def test_one_look_at_a_file_tells_encoding_and_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(CHINESE.encode())
    assert (examine(path).encoding, examine(path).damage) == ("utf-8", None)
    path.write_bytes(CHINESE.encode() * 20 + b"\xff\n")
    assert examine(path).encoding == "utf-8"
    assert examine(path).damage == damage(path, "utf-8")


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "better"),
    [
        (CHINESE, "utf-8", "latin-1", "代码,名称"),
        ("Göteborg\n", "utf-8", "cp1252", "öteborg"),
        (CHINESE, "gb18030", "latin-1", "代码,名称"),
        (CHINESE, "gb18030", "cp1252", "代码,名称"),
        (TRADITIONAL, "big5", "gb18030", "代碼,名稱"),
        (TRADITIONAL, "big5", "latin-1", "代碼,名稱"),
        ("北京市大兴\n", "gb18030", "big5", "北京市大兴"),
    ],
)
def test_a_declared_encoding_that_makes_nonsense_is_doubted(
    tmp_path: Path, text: str, encoding: str, declared: str, better: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    assert damage(path, declared) is None, "it decodes, so nobody would notice"
    found = doubt(path, declared)
    assert found is not None
    assert (found.likely, found.better) == (encoding, better)
    assert found.garbled != found.better
    words = say("encoding-doubtful", encoding=declared, likely=encoding, garbled=found.garbled, better=better)
    assert f"read as {encoding}, it says “{better}”" in words.message.en
    assert f"按 {encoding} 读是“{better}”" in words.message.zh


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gb18030", "gbk"),
        (TRADITIONAL, "big5", "cp950"),
        (FRENCH, "cp1252", "cp1252"),
        (FRENCH, "cp1252", "latin-1"),
        ("Amount\n£25,000.00 – paid\n", "cp1252", "cp1252"),
        ("Hotels\n·\xa0\xa0\xa0\xa0\xa0\xa0 Small ones\n", "cp1252", "cp1252"),
        ("Город;Население\nМосква;13149803\nКазань;1318604\n" * 5, "cp1251", "cp1251"),
        ("a,b\n1,2\n", "ascii", "cp1252"),
    ],
)
def test_a_right_declaration_is_not_doubted(tmp_path: Path, text: str, encoding: str, declared: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    assert doubt(path, declared) is None


@pytest.mark.parametrize(
    ("text", "declared", "found"),
    [
        (CHINESE.encode("utf-8-sig"), "utf-8", "utf-8-sig"),
        (CHINESE.encode("utf-8"), "utf-8", "utf-8"),
        (CHINESE.encode("utf-16"), "utf-16-le", "utf-16"),
        (CHINESE.encode("utf-16-le"), "utf-16-le", "utf-16-le"),
        (CHINESE.encode("gb18030"), "gb18030", "gb18030"),
    ],
)
def test_a_byte_order_mark_is_taken_off_whatever_is_declared(
    tmp_path: Path, text: bytes, declared: str, found: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text)
    assert with_mark(path, declared) == found
    assert path.read_text(found) == CHINESE


def test_a_declared_encoding_of_a_long_file_is_soon_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"abcdefgh,12345678\n" * (1 << 19) + "café\n".encode("cp1252"))
    begun = time.process_time()
    assert doubt(path, "cp1252") is None
    assert time.process_time() - begun < 1, "9 MB, of which one byte is beyond ASCII"


@pytest.mark.parametrize(
    ("text", "offset", "line"),
    [
        (b"a,b\n1,\xff\xfe2\n3,4\n", 6, 2),
        (b"id,name,x\n1,\x80\x81\xff,2\n2,b,3\n", 12, 2),
        ("a\nГород\n".encode("cp1251"), 2, 2),
        (b"a,b\n1,\x81\n", 6, 2),
    ],
)
def test_what_fits_no_encoding_is_utf8_with_its_first_bad_byte(
    tmp_path: Path, text: bytes, offset: int, line: int
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text)
    found = examine(path)
    assert found.encoding == "utf-8"
    assert found.damage is not None
    assert (found.damage.offset, found.damage.line) == (offset, line)


@pytest.mark.parametrize(
    ("first", "second", "line"),
    [
        (f"{CHINESE}上海市黄浦区,学校\n".encode() * 67, "浙江省杭州市,教育局\n".encode("gb18030") * 200, 202),
        (f"{CHINESE}上海市黄浦区,学校\n".encode() * 67, "臺北市大安區,辦事處\n".encode("big5") * 200, 202),
        ("上海市黄浦区,学校\n".encode() * 80, "浙江省杭州市,教育局\n".encode("gb18030") * 200, 81),
        ("上海市黄浦区,学校\n".encode() * 20, "浙江省杭州市,教育局\n".encode("gb18030") * 200, 21),
        ("Москва\n".encode() * 9, "Казань\n".encode("cp1251") * 9, 10),
        (b"caf\xc3\xa9\n", b"caf\xe9\n", 2),
        (b"caf\xc3\xa9\n" * 3, b"r\xe9sum\n" * 2, 4),
    ],
)
def test_a_file_that_is_utf8_in_part_is_damaged_utf8(tmp_path: Path, first: bytes, second: bytes, line: int) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(first + second)
    found = examine(path)
    assert found.encoding == "utf-8"
    assert found.damage is not None
    assert (found.damage.line, found.damage == damage(path, "utf-8")) == (line, True)
    assert len(first) <= found.damage.offset <= len(first + second.partition(b"\n")[0])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("性别\n女\n女\n男\n" * 9, "gb18030"),
        ("是否,单位\n是,元\n无,米\n女,台\n" * 9, "gb18030"),
        ("是\n否\n有\n年\n" * 9, "big5"),
        ("a\n«CAFÉ»\n", "cp1252"),
        ("a\n“Café”\n", "cp1252"),
        ("Crème brûlée, gâteau\nFrançois, Zoë, Noël\nÃ©\n" * 3, "cp1252"),
        ("Раз\nСам\nГород\nМосква\nНаселение\n" * 5, "cp1251"),
    ],
)
def test_what_is_utf8_by_chance_keeps_its_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    assert examine(path).encoding == encoding
    assert examine(path).damage is None


@pytest.mark.parametrize(("text", "encoding"), [(CHINESE, "gb18030"), (TRADITIONAL, "big5")])
def test_chinese_with_a_character_cut_in_two_is_damaged_chinese(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "x.csv"
    before = (text * 20).encode(encoding)
    path.write_bytes(before + text.split(",")[1].encode(encoding)[:3] + b"\n" + before)
    found = examine(path)
    assert found.encoding == encoding
    assert found.damage is not None
    assert (found.damage.offset, found.damage.line) == (len(before) + 2, before.count(b"\n") + 1)
