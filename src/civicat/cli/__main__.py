"""`python -m civicat.cli`."""

from civicat.cli import run

run()
