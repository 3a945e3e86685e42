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
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(wanted), said)
    for wanted, said in (
        (r"字段", "欄位"),
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
    )
)


@lru_cache(_REMEMBERED)
def script(words: str) -> Script | None:
    """The script of a text by its characters: `zh` where both scripts write it alike, None where nothing is Chinese."""
    if not _HAN.search(words):
        return None
    if _simplifier().convert(words) != words:
        return "zh-Hant"
    return "zh-Hans" if _converter().convert(words) != words else "zh"


@lru_cache(_REMEMBERED)
def traditional(words: str) -> str:
    """Words of the house or of a descriptor as a reader of traditional Chinese expects them. HTML stays HTML."""
    if not _HAN.search(words):
        return words
    turned = str(_converter().convert(words))
    for wanted, said in _WORDS:
        turned = wanted.sub(said, turned)
    return turned


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2hk")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
