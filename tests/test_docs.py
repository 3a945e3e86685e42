"""The documents know every command, option, setting, Makefile target and decision; a missing one fails here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import click
import pytest

from civicat.cli import cli

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SHARED_OPTIONS = {"--help", "--lang", "--store", "--version"}


def words(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_its_words(name: str) -> None:
    assert f"civicat {name}" in words("docs/commands.md")


def options() -> list[tuple[str, str]]:
    return [
        (name, max(parameter.opts, key=len))
        for name, command in sorted(cli.commands.items())
        for parameter in command.params
        if isinstance(parameter, click.Option)
    ]


@pytest.mark.parametrize(("name", "option"), [pair for pair in options() if pair[1] not in SHARED_OPTIONS])
def test_every_option_has_its_words(name: str, option: str) -> None:
    section = words("docs/commands.md").split(f"## civicat {name}")[1].split("\n## ")[0]
    assert option in section


def test_every_setting_has_its_words() -> None:
    settings = set(re.findall(r"\bCIVICAT_[A-Z_]+\b|SOURCE_DATE_EPOCH", words("src/civicat/settings.py")))
    documented = set(re.findall(r"\bCIVICAT_[A-Z_]+\b", words("docs/settings.md")))
    assert settings == documented


def test_every_make_target_says_what_it_does() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", words("Makefile"), re.MULTILINE)
    assert phony
    for target in phony[1].split():
        assert re.search(rf"^{target}:.*## \S", words("Makefile"), re.MULTILINE), target


def test_every_decision_is_listed() -> None:
    for page in sorted((DOCS / "decisions").glob("0*.md")):
        assert f"({page.name})" in words("docs/decisions/README.md")


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_shows_every_kind_of_exit_status() -> None:
    assert "exit status 0 means valid or done, 1 that the data is\ninvalid, 2" in words("README.md")


def test_no_pin_names_an_address() -> None:
    for name in ("constraints.txt", "constraints-dev.txt"):
        pins = words(name)
        assert "://" not in pins
        assert "index-url" not in pins
        packages = re.findall(r"^[a-z0-9-]+==", pins, re.MULTILINE)
        assert len(packages) <= pins.count("--hash=sha256:")


@pytest.mark.parametrize(("given", "own"), [("", True), ("somebody.pem", False)])
def test_make_run_signs_with_a_key_of_its_own_where_none_is_named(given: str, own: bool) -> None:  # noqa: FBT001
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CIVICAT_", "MAKE"))}
    named = {"CIVICAT_SIGNING_KEY_FILE": given} if given else {}
    told = subprocess.run(
        ["make", "-n", "run"],  # noqa: S607 (as people type it)
        cwd=ROOT,
        env={**clean, **named},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert ('test -z "yes"' in told) is own
