"""HTML to PDF by WeasyPrint, which needs Pango and fonts of the system; what is missing is said in one line."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from civicat.errors import CivicatError
from civicat.text import Text

if TYPE_CHECKING:
    from weasyprint import Document

_PANGO = "libpango-1.0-0 libpangoft2-1.0-0"
_EAST_ASIAN = 0x2E80  # where the scripts begin that fonts-noto-cjk is for
_MISSING = ".notdef glyph"  # how WeasyPrint begins its warning of a character that no font has


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page to print: its HTML, and its stylesheet."""

    html: str
    css: str


def print_first_that_fits(make: Sequence[Callable[[], Sheet]]) -> bytes:
    """The first of several sheets, each shorter than the one before, that fits one page, as PDF/UA-1; else the last.

    Raises:
        CivicatError: Pango is missing, or a font for a character.
    """
    first, last = 0, len(make) - 1
    rendered: dict[int, Document] = {}

    def fits(step: int) -> bool:
        rendered[step] = _rendered(make[step]())
        return len(rendered[step].pages) == 1

    while first < last:  # the steps shrink, so the first that fits is found by halving
        middle = (first + last) // 2
        first, last = (first, middle) if fits(middle) else (middle + 1, last)
    return _written(rendered.get(first) or _rendered(make[first]()))


def _rendered(sheet: Sheet) -> Document:
    with _said_in_a_line():
        from weasyprint import CSS, HTML  # noqa: PLC0415 - half a second, and a library that may not be there

        return HTML(string=sheet.html).render(stylesheets=[CSS(string=sheet.css)], pdf_variant="pdf/ua-1")


def _written(document: Document) -> bytes:
    heard = _Listener()
    with heard.listening():
        content = document.write_pdf(pdf_variant="pdf/ua-1")
    if heard.missing:
        raise _no_font(heard.missing[0])
    return bytes(content or b"")


@contextlib.contextmanager
def _said_in_a_line() -> Iterator[None]:
    """WeasyPrint prints a page of advice where it cannot load Pango: ours is one line, with the packages to install."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except (OSError, ImportError) as error:
        raise CivicatError(
            Text(
                f"无法制作 PDF：缺少 Pango。请安装 Debian 软件包 {_PANGO}。",
                f"no PDF can be made: Pango is missing. Install the Debian packages {_PANGO}.",
            )
        ) from error


def _no_font(letter: str) -> CivicatError:
    package = "fonts-noto-cjk" if ord(letter) >= _EAST_ASIAN else "fonts-noto-core"
    return CivicatError(
        Text(
            f"无法制作 PDF：没有字体含“{letter}”字（U+{ord(letter):04X}）。请安装 Debian 软件包 {package}。",
            f"no PDF can be made: no font has “{letter}” (U+{ord(letter):04X}). Install the Debian package {package}.",
        )
    )


class _Listener(logging.Handler):
    """Hears which characters no font has: such a character is printed as a box, and never by us."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.missing: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Takes in one line of WeasyPrint's log."""
        if str(record.msg).startswith(_MISSING) and isinstance(record.args, tuple):
            self.missing.append(str(record.args[0]))

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listens while the document is written."""
        log = logging.getLogger("weasyprint")
        log.addHandler(self)
        try:
            yield
        finally:
            log.removeHandler(self)
