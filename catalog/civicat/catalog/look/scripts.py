"""Chinese in two scripts: what is written in simplified characters, for readers of traditional ones.

OpenCC turns the characters (by words: 头发 becomes 頭髮, 发展 becomes 發展), as Hong Kong writes them. A column, here
列, is a row to some readers there: it becomes 欄, by the words around it. A few words of software are other words, too.
Converted are words of the house and of descriptors; values of the data stay as they are.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal

import opencc

Script = Literal["zh-Hans", "zh-Hant", "zh"]

_REMEMBERED = 20_000  # texts: titles, descriptions and messages of a large catalogue
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_COUNTED = "0-9一二兩三四五六七八九十百千萬億每各逐該此首末幾空整某同多任意選擇"
_QUOTES = str.maketrans("“”‘’", "「」『』")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(wanted), said)
    for wanted, said in (
        (r"字段", "欄位"),
        (r"本列", "本欄"),
        (r"列規則", "欄位規則"),
        (r"列名", "欄名"),
        (rf"(?:(?<=[{_COUNTED}])|(?<=[{_COUNTED}s] ))列(?![出表為入席車明印在])", "欄"),
        (r"質量", "品質"),
        (r"信息", "資訊"),
        (r"默認", "預設"),
        (r"鏈接", "連結"),
        (r"屏幕", "螢幕"),
        (r"搜索", "搜尋"),
        (r"文件夾", "資料夾"),
        (r"(?<!公)文件", "檔案"),
        (r"字節", "位元組"),
        (r"字符", "字元"),
        (r"哈希", "雜湊"),
        (r"密鑰", "金鑰"),
        (r"程序", "程式"),
        (r"打印", "列印"),
        (r"單元格", "儲存格"),
        (r"加載", "載入"),
        (r"逐周", "逐週"),
        (r"每周", "每週"),
        (r"發布", "發佈"),
    )
)


@lru_cache(_REMEMBERED)
def script(words: str) -> Script | None:
    """The script of a text by its characters: `zh` where both scripts write it alike, None where nothing is Chinese."""
    if not _HAN.search(words):
        return None
    simplified, turned = (_unlike(words, str(one.convert(words))) for one in (_simplifier(), _converter()))
    if simplified == turned:
        return "zh"
    return "zh-Hant" if simplified > turned else "zh-Hans"


def _unlike(words: str, converted: str) -> int:
    """How many characters a conversion changed. A few (覆, 于, 后) are written in both scripts, so the most decide."""
    return sum(one != other for one, other in zip(words, converted, strict=False)) + abs(len(words) - len(converted))


@lru_cache(_REMEMBERED)
def traditional(words: str) -> str:
    """Words of the house or of a descriptor as a reader of traditional Chinese expects them. HTML stays HTML."""
    if not _HAN.search(words):
        return words
    turned = str(_converter().convert(words))
    for wanted, said in _WORDS:
        turned = wanted.sub(said, turned)
    return turned.translate(_QUOTES)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2hk")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
