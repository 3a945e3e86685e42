"""What python-stdnum says of a number, in words of both languages."""

from __future__ import annotations

from collections.abc import Callable

from civicat.text import Text
from civicat.validators.identifiers.writing import check_digit

LENGTH = Text("位数不对", "it has too few or too many characters")
CHARACTERS = Text("含有不该有的字符", "it holds a character that does not belong there")
PART = Text("其中一段不存在", "one of its parts does not exist")


def refused(validate: Callable[[str], str], text: str, due: Callable[[str], tuple[str, str]]) -> Text | None:
    """Why stdnum's `validate` does not take a text; None where it does.

    `due` says of a text which check digits it must have, and which it has.
    """
    from stdnum import exceptions  # noqa: PLC0415 (only columns of such numbers pay for it)

    whys: dict[type[Exception], Text] = {exceptions.InvalidLength: LENGTH, exceptions.InvalidFormat: CHARACTERS}
    try:
        validate(text)
    except exceptions.InvalidChecksum:
        return check_digit(*due(text))
    except exceptions.ValidationError as error:
        return whys.get(type(error), PART)
    return None
