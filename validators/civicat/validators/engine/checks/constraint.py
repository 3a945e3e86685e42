"""row-constraint: a formula that each row must satisfy, worked out by simpleeval as frictionless does.

A formula that cannot be worked out is its author's error, though frictionless says of every row that it breaks it: what
`faults` says stands beside its list.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from civicat.text import Text
from civicat.validators.engine.block import Mask
from civicat.validators.engine.checks.theirs import Theirs
from civicat.validators.engine.checks.watch import Columns, Views, Watch, nothing, values
from civicat.validators.engine.problem import Problem
from civicat.validators.engine.view import View


class _Names(dict[str, object]):
    """The values of a row by name; frictionless has nothing for a name that is no column."""

    def __missing__(self, name: str) -> None:
        return None


@dataclass(slots=True)
class _Constraint:
    theirs: Theirs
    check: Any  # frictionless' Check, which is loaded late
    columns: Columns
    evaluator: Any  # simpleeval's, which is typed nowhere
    parsed: Any
    used: Mapping[str, int]  # the columns that the formula names
    reason: Text  # why it cannot be worked out, where that shows before the first row
    failures: int = 0  # rows for which it could not be worked out ...
    first: tuple[int | None, Text] = (None, Text())  # ... the first of them, and why

    def see(self, view: View, most: int) -> Mask | None:
        """See Watch."""
        mask = nothing(view)
        columns = [values(view, self.columns, place) for place in self.used.values()]
        wrong = 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for place, number in enumerate(view.block.numbers.tolist()):
                row = _Names(zip(self.used, (column[place] for column in columns), strict=True))
                mask[place] = not self._holds(number, row)
                wrong += int(mask[place])
                if most and wrong >= most:
                    break
        return mask

    def _holds(self, number: int, row: _Names) -> bool:
        if self.parsed is None:
            return False
        self.evaluator.names = row
        try:
            return bool(self.evaluator.eval(self.check.formula, previously_parsed=self.parsed))
        except Exception as error:  # noqa: BLE001 (a formula may raise anything, which frictionless swallows; it is told)
            self.failures += 1
            if not self.first[1]:
                self.first = (number, Text(f"计算时出错（{error}）。", f"it fails ({error})."))
            return False

    def row(self, number: int, row: Any, repeats: Mapping[int, int]) -> list[Problem]:  # noqa: ANN401 (frictionless' Row)
        """See Watch."""
        del number, repeats
        return self.theirs.of_row(self.check, row)

    def end(self, rows: int, again: Views) -> list[Problem]:
        """See Watch."""
        del rows, again
        return []

    def faults(self) -> list[Problem]:
        """Why the formula could not be worked out, for all rows or for the first one of some."""
        number, reason = (None, self.reason) if self.reason else self.first
        if not reason:
            return []
        told: dict[str, str | Text] = {"formula": self.check.formula, "note": reason, "count": f"{self.failures:,}"}
        rule = "formula" if self.reason else "formula-rows"
        return [Problem("rule-broken", dict, told, rule, reason.en, number)]


def watch(theirs: Theirs, check: Any, columns: Columns) -> Watch | None:  # noqa: ANN401 (frictionless is loaded late)
    """The watch of such a check."""
    from simpleeval import (  # type: ignore[import-untyped] # noqa: PLC0415 (comes with frictionless, untyped)
        EvalWithCompoundTypes,
        InvalidExpression,
    )

    evaluator = EvalWithCompoundTypes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = evaluator.parse(check.formula)
    except (SyntaxError, ValueError, RecursionError, MemoryError, InvalidExpression) as error:
        return _Constraint(theirs, check, columns, evaluator, None, {}, _no_formula(error))
    named = _names(parsed)
    used = {name: columns.names.index(name) for name in columns.names if name in named}
    unknown = sorted(name for name in named - set(used) if name not in evaluator.functions)
    reason = _unknown(unknown, columns) or _uncallable(_called(parsed), evaluator.functions)
    return _Constraint(theirs, check, columns, evaluator, parsed, used, reason)


def _names(parsed: ast.AST) -> set[str]:
    """The names that a formula asks for, those that it binds itself left out."""
    names = [one for one in ast.walk(parsed) if isinstance(one, ast.Name)]
    bound = {one.id for one in names if isinstance(one.ctx, ast.Store)}
    called = {id(one.func) for one in ast.walk(parsed) if isinstance(one, ast.Call)}
    return {one.id for one in names if id(one) not in called} - bound


def _called(parsed: ast.AST) -> list[str]:
    """The functions that a formula calls by name, in order."""
    calls = [one.func for one in ast.walk(parsed) if isinstance(one, ast.Call)]
    return sorted({one.id for one in calls if isinstance(one, ast.Name)})


def _no_formula(error: Exception) -> Text:
    return Text(f"它不是有效的表达式（{error}）。", f"it is no expression ({error}).")


def _unknown(names: list[str], columns: Columns) -> Text:
    if not names:
        return Text()
    near = get_close_matches(names[0], columns.names, n=1)
    zh = f"您是指“{near[0]}”吗？" if near else ""
    en = f" Did you mean “{near[0]}”?" if near else ""
    return Text(f"表里没有“{names[0]}”这一列。{zh}", f"the table has no column “{names[0]}”.{en}")


def _uncallable(called: list[str], known: Mapping[str, object]) -> Text:
    unknown = next((name for name in called if name not in known), None)
    if unknown is None:
        return Text()
    return Text(
        f"规则里没有“{unknown}”这个函数，可用的只有：{'、'.join(known)}。",
        f"there is no function “{unknown}”; there is only {', '.join(known)}.",
    )
