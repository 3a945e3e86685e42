"""The fields of the search index: one list, from which documents are written and queries are made."""

from __future__ import annotations

import tantivy

KEY = "id"
ALL = "all"  # decides what matches and what is counted: one posting list for each word, wherever it stands
TITLE = "title"
SOUND = "sound"
BOOSTS = {TITLE: 10.0, "tags": 5.0, "cols": 3.0}  # where a word weighs more than in the rest
FACETS = ("theme", "department", "frequency", "licence")
ORDERS = ("released", "title_zh", "title_en")


def schema() -> tantivy.Schema:
    """The fields. Tokens are made by us and parted by blanks; positions are kept for titles alone, for phrases."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(KEY, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(TITLE, tokenizer_name="whitespace", index_option="position")
    for name in (ALL, SOUND, *(name for name in BOOSTS if name != TITLE)):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in (*FACETS, *ORDERS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    return builder.build()
