"""Where the header of a table is, and what its columns are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

LOOKED_AT = 30  # rows that are looked at for the header
_AS_FULL = 0.6  # of the cells that most rows fill, those that a header fills at least
_SIGNS = frozenset("0123456789.,-+/%: ")

Row = Sequence[object]


def find_header(rows: Sequence[Row]) -> int:
    """The row (from 1) that holds the labels: the first that is filled as most rows are. Titles stand above it."""
    filled = [sum(not _is_empty(cell) for cell in row) for row in rows[:LOOKED_AT]]
    if not any(filled):
        return 1
    times = Counter(count for count in filled if count)
    usual = max(times, key=lambda count: (times[count], count))
    return next(number for number, count in enumerate(filled, 1) if count >= max(1, usual * _AS_FULL))


def find_headers(rows: Sequence[Row]) -> list[int]:
    """The rows of the header: one, or two where groups of columns stand above their labels.

    Two only where both rows together give each column a name of its own, as frictionless joins them; where the second
    row does so by itself, it alone.
    """
    first = find_header(rows)
    if not _has_second(rows, first):
        return [first]
    both = [first, first + 1]
    return next((one for one in (both, [first + 1]) if _is_whole(joined(rows, one))), [first])


def joined(rows: Sequence[Row], headers: Sequence[int]) -> list[str]:
    """The labels as frictionless joins them: row by row with a blank, a cell that repeats the one above it left out."""
    labels: list[str] = []
    above: dict[int, str] = {}
    for number in headers:
        for place, cell in enumerate(rows[number - 1] if number <= len(rows) else ()):
            text = "" if cell is None else str(cell).strip()
            if above.get(place) == text:
                continue
            above[place] = text
            if place < len(labels):
                labels[place] = f"{labels[place]} {text}"
            else:
                labels.append(text)
    return labels


def names_of(labels: Sequence[object]) -> list[str]:
    """A name for each column: its label, numbered where it is empty or taken."""
    names: dict[str, None] = {}
    following: dict[str, int] = {}  # the number to try next: counting from 2 each time takes the square of the labels
    for number, label in enumerate(labels, 1):
        name = wanted = ("" if label is None else str(label).strip()) or f"field{number}"
        while name in names:
            suffix = following.get(wanted, 2)
            name, following[wanted] = f"{wanted}{suffix}", suffix + 1
        names[name] = None
    return list(names)


def _has_second(rows: Sequence[Row], first: int) -> bool:
    """Whether the next row is labels as well: texts without a figure, where the first names fewer columns.

    And below it there are figures, so that a row of texts is no row like the others.
    """
    if first + 1 >= len(rows):
        return False
    header, second, below = rows[first - 1], rows[first], rows[first + 1]
    named = [cell for cell in second if not _is_empty(cell)]
    different = {str(cell) for cell in header if not _is_empty(cell)}
    gaps = len(different) < len(second)  # blank beside a group, or the group's name again
    texts = bool(named) and not any(map(_is_figure, named))
    return gaps and texts and any(_is_figure(cell) for cell in below)


def _is_whole(labels: Sequence[str]) -> bool:
    return len(set(labels)) == len(labels) and all(label and label == label.strip() for label in labels)


def _is_figure(cell: object) -> bool:
    return not _is_empty(cell) and (not isinstance(cell, str) or set(cell) <= _SIGNS)


def _is_empty(cell: object) -> bool:
    return cell is None or cell == ""
