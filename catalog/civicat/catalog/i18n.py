"""The language of a page, and its script where that is Chinese: which one to speak, and the words in it.

English words are the message ids, in the templates as `_("…")` and `ngettext(…)` and in Python as `words.gettext`; the
Chinese ones stand in locale/zh_Hans/LC_MESSAGES/, a file for each page and common.po for what several of them say. They
are read once at start; no compiled file is needed. Traditional Chinese is made of them (scripts.py); what should read
otherwise stands in locale/zh_Hant/LC_MESSAGES/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from civicat.catalog.look.scripts import script, traditional
from civicat.text import Language, Text

Locale = Literal["zh-Hans", "zh-Hant", "en"]  # BCP 47: what stands in a page's `lang` attribute

CATALOGUE = Path(__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES"
TRADITIONAL = Path(__file__).parent / "locale" / "zh_Hant" / "LC_MESSAGES"
COOKIE = "lang"
DEFAULT: Locale = "en"
TAGS: Mapping[Language, str] = {"zh": "zh-Hans", "en": "en"}
NAMES: Mapping[Locale, str] = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}  # each in itself
CHOICES: Mapping[str, Locale] = {**{one: one for one in NAMES}, "zh": "zh-Hans"}  # `zh`: cookies of earlier days
_TRADITIONAL = frozenset(("hant", "tw", "hk", "mo"))  # subtags of those who read it

Messages = Mapping[str, tuple[str, ...]]  # message id -> its forms: one in Chinese, (one, many) in English


def read_messages(folder: Path = CATALOGUE) -> Messages:
    """The translated messages of the .po files in a folder, by message id; those without a translation are left out."""
    return dict(one for file in sorted(folder.glob("*.po")) for one in _translated(file))


def read_catalogues() -> Mapping[Locale, Messages]:
    """The messages of every locale; English ones are the message ids themselves."""
    simplified = read_messages()
    turned = {id_: tuple(map(traditional, forms)) for id_, forms in simplified.items()}
    return {"en": {}, "zh-Hans": simplified, "zh-Hant": {**turned, **read_messages(TRADITIONAL)}}


def _translated(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale="zh_Hans")
    for message in catalogue:
        if message.id and message.string:
            yield _id(message.id), _forms(message.string)


def _id(written: object) -> str:
    return str(written[0]) if isinstance(written, tuple | list) else str(written)


def _forms(written: object) -> tuple[str, ...]:
    return tuple(map(str, written)) if isinstance(written, tuple | list) else (str(written),)


def choose_locale(cookie: str, accept: str) -> Locale:
    """The locale of a page: what the reader chose (the cookie), else what the browser prefers, else English."""
    if cookie in CHOICES:
        return CHOICES[cookie]
    return next((locale for tag in _preferred(accept) for locale in _spoken(tag)), DEFAULT)


def _spoken(tag: str) -> Iterator[Locale]:
    """The locale that speaks to who prefers a language tag; none for other languages."""
    language, *subtags = tag.split("-")
    if language == "zh":
        yield "zh-Hant" if _TRADITIONAL.intersection(subtags) and "hans" not in subtags else "zh-Hans"
    elif language == "en":
        yield "en"


def language(locale: Locale) -> Language:
    """The language of a locale."""
    return "en" if locale == "en" else "zh"


def _preferred(accept: str) -> Iterator[str]:
    """The tags of an Accept-Language header (RFC 9110, 12.5.4), the most wanted first, those with q=0 left out."""
    weighed = [(_weight(parameters), tag.strip().lower()) for tag, _, parameters in _parts(accept)]
    yield from (tag for weight, tag in sorted(weighed, key=lambda one: -one[0]) if weight > 0)


def _parts(accept: str) -> Iterator[tuple[str, str, str]]:
    return (part.partition(";") for part in accept.split(","))


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0  # a weight that cannot be read asks for nothing


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one page in its language. Messages are plain text; what is put into them is escaped.

    `is_traditional` where the reader wants traditional characters.
    """

    language: Language
    messages: Messages = field(default_factory=dict)
    is_traditional: bool = False

    @property
    def tag(self) -> str:
        """The page's language for its `lang` attribute."""
        return "zh-Hant" if self.is_traditional else TAGS[self.language]

    def gettext(self, message: str, **values: object) -> Markup:
        """A message in the page's language, safe HTML, with `%(name)s` filled in."""
        return self._fill(self._forms((message,))[0], values)

    def ngettext(self, one: str, many: str, count: int, **values: object) -> Markup:
        """The message for a count, which is `%(n)s` in it unless `n` is given (as a formatted number)."""
        forms = self._forms((one, many))
        return self._fill(forms[0 if count == 1 else -1], {"n": count} | values)

    def plain(self, text: Text) -> str:
        """A Text in the page's language as plain words, for attributes and the title of a page."""
        return self.scripted(text.within(self.language))

    def scripted(self, words: str) -> str:
        """Words of the house or of a descriptor in the script that the reader wants; HTML stays HTML."""
        return traditional(words) if self.is_traditional else words

    def say(self, text: Text) -> Markup:
        """A Text in the page's language, or in the other one and marked as such."""
        return self.foreign(text.within(self.language), text.spoken(self.language))

    def foreign(self, words: str, language: Language) -> Markup:
        """Words of a known language, marked where it is not the page's."""
        if language == "zh":
            words = self.scripted(words)
        return self._marked(words, (script(words) or "zh") if language == "zh" else "en")

    def run(self, words: str) -> Markup:
        """A value of the data, as it is: Han is marked with its script; other scripts could be of any language."""
        found = script(words)
        return self._marked(words, found) if found else escape(words)

    def _marked(self, words: str, tag: str) -> Markup:
        """Words with their language, where the page's own is another. What both scripts write alike is of either."""
        if tag == self.tag or (tag == "zh" and self.language == "zh"):
            return escape(words)
        return Markup('<span lang="{}">{}</span>').format("zh-Hans" if tag == "zh" else tag, words)

    def _forms(self, message: tuple[str, ...]) -> tuple[str, ...]:
        return self.messages.get(message[0], message) if self.language == "zh" else message

    def _fill(self, message: str, values: Mapping[str, object]) -> Markup:
        return Markup("%s") % message if not values else escape(message) % values
