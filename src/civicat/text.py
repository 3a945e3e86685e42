"""A text in the two languages of the house, Chinese and English, as equals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and English. A blank side means that nobody has written it yet."""

    zh: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)

    def within(self, language: Language) -> str:
        """The words in one language, or in the other where that side is blank."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)

    def spoken(self, language: Language) -> Language:
        """The language that `within` really answers in (for the `lang` attribute of a page)."""
        other: Language = "en" if language == "zh" else "zh"
        return language if getattr(self, language) or not self else other

    def to_descriptor(self) -> dict[str, str]:
        """Both sides as JSON holds them."""
        return {"zh": self.zh, "en": self.en}

    def missing(self) -> tuple[Language, ...]:
        """The languages that are still blank."""
        return tuple(language for language in LANGUAGES if not getattr(self, language).strip())
