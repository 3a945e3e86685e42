"""The templates of the kit: each page is a pure function of what is said of a release, and of a language."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import jinja2

from civicat.publish.kit import words
from civicat.publish.kit.fitting import cut
from civicat.publish.kit.pictures import spark
from civicat.text import Language

TAGS = {"zh": "zh-Hans", "en": "en"}  # as pages name a language


def page(name: str, language: Language, **said: object) -> str:
    """A template filled in one language.

    `t` in it is a word of `words.py`, `say` a Text in the page's language, `both` the one of two words.
    """
    other: Language = "en" if language == "zh" else "zh"
    return (
        _environment()
        .get_template(name)
        .render(
            lang=language,
            tag=TAGS[language],
            other=other,
            other_tag=TAGS[other],
            t=lambda key: words.WORDS[key].within(language),
            say=lambda text: text.within(language),
            both=lambda zh, en: {"zh": zh, "en": en}[language],
            in_language=lambda text: TAGS[text.spoken(language)],
            rows=lambda number: words.rows(number, language),
            n_columns=lambda number: words.columns(number, language),
            size=words.size,
            cut=cut,
            spark=lambda column: spark(column.figures, language, lambda value: column.called(value).within(language)),
            **said,
        )
    )


def stylesheet(name: str) -> str:
    """A stylesheet as it is stored beside the templates."""
    return (files("civicat.publish.kit") / "templates" / name).read_text("utf-8")


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("civicat.publish.kit"),
        autoescape=jinja2.select_autoescape(("html",)),  # README.txt is read as it is
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
