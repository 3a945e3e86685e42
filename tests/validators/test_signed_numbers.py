"""Numbers with a sign beside them: £1,234.50, 12 %, ￥100. What a draft says of them, frictionless reads so."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
import pytest

from civicat.layout import Layout
from civicat.validators import describe, validate
from civicat.validators.engine.cells import blocks_of_cells
from civicat.validators.inference import Inferred, infer


def column(*values: str) -> Inferred:
    (one,) = infer(["amount"], lambda look: map(look, blocks_of_cells([[value] for value in values], 1, 1)))
    return one


BARE = {"type": "number", "bareNumber": False}


@pytest.mark.parametrize(
    ("values", "kind", "numbers"),
    [
        (["£1,234.50", "£5", "£-3.25"], {**BARE, "groupChar": ","}, ["1234.50", "5", "-3.25"]),
        (["12 %", "0.5%", "-3%"], BARE, ["12", "0.5", "-3"]),
        (["￥100", "￥7.5"], BARE, ["100", "7.5"]),
        (["$5", " $6 "], BARE, ["5", "6"]),
        (["US$5", "US$ 7"], BARE, ["5", "7"]),
        (["1.234,50 €", "5 €"], {**BARE, "decimalChar": ",", "groupChar": "."}, ["1234.50", "5"]),
        (["1 234,5 €", "5 €"], {**BARE, "decimalChar": ",", "groupChar": " "}, ["1234.5", "5"]),
        (["12,5 %", "7 %"], {**BARE, "decimalChar": ","}, ["12.5", "7"]),
        (["100万元", "3.5万元"], BARE, ["100", "3.5"]),
        (["5‰"], BARE, ["5"]),
    ],
)
def test_the_way_through_a_draft(
    values: list[str], kind: dict[str, object], numbers: list[str], tmp_path: Path
) -> None:
    one = column(*values).to_field()
    assert one == {"name": "amount", **kind}
    path = tmp_path / "x.csv"
    path.write_text("amount;name\n" + "".join(f'"{value}";x\n' for value in values), "utf-8")
    draft = tmp_path / "datapackage.yaml"
    draft.write_text(describe(path), "utf-8")
    report = validate(draft, None, Layout(tmp_path / "store"))
    assert {found.code for found in report.all_findings()} == {"todo-left"}
    assert read(path, kind) == [Decimal(number) for number in numbers]


def read(path: Path, kind: dict[str, object]) -> list[Any]:
    """The numbers as frictionless reads them."""
    described = {
        "name": "x",
        "path": path.name,
        "dialect": {"delimiter": ";"},
        "schema": {"fields": [{"name": "amount", **kind}, {"name": "name", "type": "string"}]},
    }
    resource = frictionless.Resource.from_descriptor(described, basepath=str(path.parent))
    assert resource.validate().valid
    with frictionless.Resource.from_descriptor(described, basepath=str(path.parent)) as opened:
        return [row["amount"] for row in opened.row_stream]


@pytest.mark.parametrize(
    "values",
    [
        ["£5", "$5"],  # two kinds of money
        ["5 %", "5"],  # which may be 500 %
        ["£.50"],  # frictionless would read 50
        [".5%"],
        ["-£5", "£6"],  # frictionless reads no number
        ["(1,234)", "£5"],  # frictionless would read 1234
        ["5 km", "6 km"],
        ["£", "£5"],
        ["£5%"],
    ],
)
def test_what_would_be_read_as_another_number_stays_text(values: list[str]) -> None:
    assert column(*values).type == "string"


def test_thousands_that_may_be_decimals_are_asked() -> None:
    one = column("£1,234", "£5")
    assert (one.type, one.doubt) == ("string", ("1,234 = 1234", "1,234 = 1.234"))


def test_nearly_all_are_not_enough() -> None:
    """A value without the sign would be read, and nobody would know."""
    assert column(*["5 %"] * 400, "x").type == "string"


def described(folder: Path, text: str) -> str:
    (folder / "x.csv").write_text(text, "utf-8")
    return describe(folder / "x.csv")


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        (["£5", "£6"], "GBP"),
        (["5%", "6%"], "'%'"),
        (["5元", "6元"], "CNY"),
        (["$5", "$6"], "'TODO: which money is $? (USD, HKD ...)'"),
        (["￥5", "￥6"], "'TODO: which money is ￥? (CNY, JPY)'"),
    ],
)
def test_the_sign_is_the_unit_or_the_unit_is_asked(values: list[str], unit: str, tmp_path: Path) -> None:
    draft = described(tmp_path, "amount,name\n" + "".join(f"{value},x\n" for value in values))
    assert re.search(rf"^ +unit: {re.escape(unit)}$", draft, re.MULTILINE)
    assert f"Each value bears “{values[0].strip('56')}”. With bareNumber: false it is read without" in draft


def test_negatives_of_accountants_are_told(tmp_path: Path) -> None:
    draft = described(tmp_path, 'name,amount\na,12\nb,"(1,234)"\nc,-£5\nd,£6\n')
    assert "accountants" not in draft  # 12 and £6 are not of one kind
    draft = described(tmp_path, 'name,amount\na,12\nb,"(1,234)"\nc,(5)\n')
    assert "Numbers, but for 2 negatives as accountants write them: row 3 “(1,234)”, row 4 “(5)”. Write -1234" in draft
    draft = described(tmp_path, '名称,金额\n甲,"￥1,200.50"\n乙,-￥5\n')
    assert "其余都是数字，只有 1 个值是会计上的负数写法：第 3 行“-￥5”。改成 -1234 的写法" in draft
