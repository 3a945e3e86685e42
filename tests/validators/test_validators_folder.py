"""The folder `validators/` must not hide the package of that name, which frictionless needs for e-mails and uuids."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path.cwd()))
from civicat.layout import Layout
from civicat.validators import validate
folder = Path(sys.argv[1])
report = validate(folder / "x.csv", folder / "schema.yaml", Layout(folder))
print([(finding.code, finding.rule, finding.place.row) for finding in report.all_findings()])
"""


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    (tmp_path / "x.csv").write_text("mail,id\na@example.org,\nnobody,x\n", "utf-8")
    (tmp_path / "schema.yaml").write_text(
        "fields: [{name: mail, type: string, format: email}, {name: id, type: string, format: uuid}]\n", "utf-8"
    )
    return tmp_path


def test_e_mail_cells_are_checked_with_the_root_first_on_the_path(mails: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(mails)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 (our own program)
    assert done.stdout.strip() == "[('type-error', 'email', 3), ('type-error', 'uuid', 3)]"


def test_no_top_level_folder_is_a_package() -> None:
    for name in ("validators", "publish", "catalog"):
        assert not (ROOT / name / "__init__.py").exists()
        assert not (ROOT / name / "civicat" / "__init__.py").exists()


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import sys, civicat.validators; print({'frictionless', 'pyarrow', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 (our own program)
    assert done.stdout.strip() == "set()"
