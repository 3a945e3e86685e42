"""The command line: the only package that prints or exits. Its names are the contract of docs/commands.md.

Exit status: 0 valid or done; 1 the data is invalid; 2 it could not be checked or done (one line on stderr).

terminal    what every command shares       checking    validate, describe, new, suggest-bounds
process     main and run                    releasing   publish, versions, retract, verify, new-key
                                            comparing   diff
                                            exporting   export
                                            serving     index, serve
"""

from civicat.cli import checking, comparing, exporting, releasing, serving  # noqa: F401 - their commands join the group
from civicat.cli.process import main, run
from civicat.cli.terminal import DONE, INVALID, NOT_DONE, cli

__all__ = ["DONE", "INVALID", "NOT_DONE", "cli", "main", "run"]
