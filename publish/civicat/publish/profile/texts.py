"""A column of texts: all its values while they are few, else their hashes, lengths and a sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.publish.profile.counted import EXACT_VALUES, Counted, Counts, counted, weighted
from civicat.publish.profile.heavy import Heavy
from civicat.publish.profile.language import language
from civicat.publish.profile.rounding import figure
from civicat.publish.profile.semantics import FREE_TEXT, WITHOUT_LANGUAGE, Evidence, is_coded, semantic
from civicat.publish.profile.sketch import Smallest, hashes
from civicat.sketches import Hashes

TOP = 10
# Texts that are counted one by one take no more than this; a table of one block may have more.
EXACT_BYTES = 16 * 1024 * 1024
LONGEST_TOLD = 100  # characters of a value that a profile quotes

_SAMPLED_AT_ONCE, _SAMPLED = 40, 2_000
_JUDGED = 500  # characters


@dataclass(slots=True)
class Lengths:
    """Characters of texts: fewest, most, all together, and how many texts."""

    least: int = 0
    most: int = 0
    total: int = 0
    texts: int = 0

    def add(self, texts: pa.Array[Any], counts: Counts | None = None) -> None:
        """Takes in texts without nulls; `counts` says how often each occurs where that is not once."""
        sizes = pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
        least, most = int(sizes.min()), int(sizes.max())
        self.least, self.most = (min(self.least, least), max(self.most, most)) if self.texts else (least, most)
        self.total += int(sizes.sum() if counts is None else (sizes * counts).sum())
        self.texts += len(texts) if counts is None else int(counts.sum())

    @property
    def mean(self) -> float:
        """Of all texts; 0 where there is none."""
        return self.total / self.texts if self.texts else 0.0


class _All:
    """Every distinct text in order of first appearance, with its count."""

    def __init__(self) -> None:
        self.texts: pa.Array[Any] = pa.array([], pa.string())
        self.counts: Counts = np.empty(0, np.int64)

    @property
    def is_full(self) -> bool:
        return len(self.texts) > EXACT_VALUES or self.texts.nbytes > EXACT_BYTES

    def add(self, texts: pa.Array[Any]) -> None:
        block = texts.dictionary_encode()
        counts = np.bincount(block.indices.to_numpy(), minlength=len(block.dictionary))
        if not len(self.texts):
            self.texts, self.counts = block.dictionary, counts
            return
        # The texts known already come first, so that they keep their places.
        both = pa.concat_arrays([self.texts, block.dictionary]).dictionary_encode()
        weights = np.concatenate([self.counts, counts])  # as floating numbers they are exact up to 2^53
        self.texts = both.dictionary
        self.counts = np.bincount(both.indices.to_numpy(), weights).astype(np.int64)


class _Many:
    """What is kept of more distinct texts than can be counted."""

    def __init__(self, *, unique: bool) -> None:
        self._unique = unique
        self.smallest = Smallest()
        self.heavy = Heavy()
        self.lengths = Lengths()
        self.bounds: tuple[str, str] | None = None
        self.sample: list[str] = []
        self._every = 1
        self._turn = 0
        self._quoted: dict[int, str] = {}

    def add(self, texts: pa.Array[Any], counts: Counts | None = None) -> None:
        self.lengths.add(texts, counts)
        self._widen(texts)
        self._pick(texts)
        hashed = hashes(texts)
        if self._unique:
            self.smallest.add(hashed)
            return
        block = counted(hashed) if counts is None else _in_order(hashed, counts)
        self.smallest.add(block.values)
        self._quote(self.heavy.add(block), hashed, texts)

    def _widen(self, texts: pa.Array[Any]) -> None:
        low, high = pc.min_max(texts).as_py().values()
        if self.bounds is not None:
            low, high = min(low, self.bounds[0]), max(high, self.bounds[1])  # Python compares by code point too
        self.bounds = low, high

    def _quote(self, kept: Counted, hashed: Hashes, texts: pa.Array[Any]) -> None:
        """Remembers the text of each hash that is frequent enough to be told, when it becomes so.

        That is in a block where it occurs: its count only grows there, and what is missed only grows too.
        """
        told = kept.values[kept.counts > self.heavy.missed]
        wanted = set(told.tolist())
        self._quoted = {one: text for one, text in self._quoted.items() if one in wanted}
        new = np.array(sorted(wanted - self._quoted.keys()), np.uint64)
        if not len(new):
            return
        places = np.flatnonzero(new[np.minimum(np.searchsorted(new, hashed), len(new) - 1)] == hashed)
        found, first = np.unique(hashed[places], return_index=True)
        self._quoted.update(zip(found.tolist(), texts.take(pa.array(places[first])).to_pylist(), strict=True))

    def _pick(self, texts: pa.Array[Any]) -> None:
        """Texts from even places of a block; of every second block, fourth, eighth ... as blocks go on."""
        self._turn += 1
        if self._turn % self._every:
            return
        places = np.linspace(0, len(texts) - 1, min(_SAMPLED_AT_ONCE, len(texts))).astype(np.int64)
        self.sample += _beginnings(texts.take(pa.array(places)))
        if len(self.sample) > 2 * _SAMPLED:
            self.sample = self.sample[::2]
            self._every *= 2

    def top(self) -> list[tuple[str, int]]:
        kept = self.heavy.kept
        if kept is None:
            return []
        return [(self._quoted[int(kept.values[place])], count) for place, count in self.heavy.top(TOP)]


def _in_order(hashed: Hashes, counts: Counts) -> Counted:
    order = np.argsort(hashed)
    return weighted(hashed[order], counts[order])


class TextColumn:
    """The figures of a column of strings; `unique` is that of a key, whose values are all different."""

    def __init__(self, *, unique: bool) -> None:
        self.count = 0
        self._unique = unique
        self._all: _All | None = _All()
        self._many = _Many(unique=unique)

    def add(self, values: pa.Array[Any]) -> None:
        """Takes in the next block."""
        texts = values.drop_null()
        if not len(texts):
            return
        self.count += len(texts)
        if self._all is not None and self._all.is_full:
            self._many.add(self._all.texts, self._all.counts)
            self._all = None
        (self._many if self._all is None else self._all).add(texts)

    def figures(self, evidence: Evidence) -> dict[str, object]:
        """What profile.json says of it; `evidence` is what is known of the column beside its values."""
        if not self.count:
            return {"distinct": {"value": 0, "exact": True}}
        if self._all is None:
            return self._of_many(self._many, evidence)
        return self._of_all(self._all, evidence)

    def _of_all(self, known: _All, evidence: Evidence) -> dict[str, object]:
        distinct = len(known.texts)
        bounds = pc.min_max(known.texts).as_py()
        lengths, smallest = Lengths(), Smallest()
        lengths.add(known.texts, known.counts)
        smallest.add(hashes(known.texts))
        best = np.argsort(-known.counts, kind="stable")[:TOP].tolist()
        top = [(known.texts[place].as_py(), int(known.counts[place])) for place in best]
        sample = _evenly(known.texts, _SAMPLED)
        found = replace(
            evidence,
            exact=len(sample) == distinct,
            distinct=distinct,
            texts=sample,
            counts=_evenly(pa.array(known.counts), _SAMPLED),
            mean_length=lengths.mean,
        )
        return {
            "distinct": {"value": distinct, "exact": True},
            "min": shortened(bounds["min"]),
            "max": shortened(bounds["max"]),
            **told_top(top, distinct, 0),
            **_meaning(lengths, found, smallest),
        }

    def _of_many(self, kept: _Many, evidence: Evidence) -> dict[str, object]:
        low, high = kept.bounds or ("", "")
        found = replace(evidence, texts=kept.sample, counts=[1] * len(kept.sample), mean_length=kept.lengths.mean)
        distinct = {"value": self.count, "exact": True} if self._unique else kept.smallest.distinct()
        return {
            "distinct": distinct,
            "min": shortened(low),
            "max": shortened(high),
            **told_top(kept.top(), self.count, kept.heavy.missed),
            **_meaning(kept.lengths, found, kept.smallest),
        }


def _meaning(lengths: Lengths, evidence: Evidence, smallest: Smallest) -> dict[str, object]:
    """Lengths, language, semantic type, and the sketch where values are short enough to be looked up by."""
    meant = semantic(evidence)
    kind = meant["type"] if meant else None
    spoken = None if kind in WITHOUT_LANGUAGE or is_coded(evidence) else language(evidence.texts)
    length = {"min": lengths.least, "mean": figure(lengths.mean), "max": lengths.most}
    sketch = smallest.sketch().to_descriptor() if lengths.mean <= FREE_TEXT else None
    told = {"length": length, "language": spoken, "semantic": meant, "sketch": sketch}
    return {name: value for name, value in told.items() if value is not None}


def told_top(top: list[tuple[str, int]], distinct: int, missed: int) -> dict[str, object]:
    """The most frequent values; nothing where no value stands out."""
    if not top or (top[0][1] == 1 and distinct > TOP):
        return {}
    values = [{"value": shortened(value), "count": count} for value, count in top]
    return {"top": {"exact": not missed, **({"error": missed} if missed else {}), "values": values}}


def shortened(text: str) -> str:
    """A text as a profile quotes it: of a long one the beginning, and three dots."""
    return text if len(text) <= LONGEST_TOLD else text[:LONGEST_TOLD] + "…"


def _evenly(values: pa.Array[Any], most: int) -> list[Any]:
    """At most so many values, from even places."""
    places = np.linspace(0, len(values) - 1, min(most, len(values))).astype(np.int64)
    found = values.take(pa.array(places))
    return _beginnings(found) if pa.types.is_string(found.type) else list(found.to_pylist())


def _beginnings(texts: pa.Array[Any]) -> list[str]:
    """Texts to be judged: of a very long one its beginning says enough."""
    found: list[str] = pc.utf8_slice_codeunits(texts, 0, _JUDGED).to_pylist()
    return found
