"""The layers of the package, as the contracts in pyproject.toml say them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_imports_point_down_only():
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_is_told_without_importing_anything_of_ours():
    code = (
        "import sys; sys.argv = ['grantlint', '--version'];"
        "from grantlint.__main__ import main; main();"
        "print(sorted(name for name in sys.modules if name.startswith('grantlint.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[1] == "['grantlint.__main__']"


def test_the_help_imports_no_parser_and_no_schema_validator():
    code = (
        "import sys; from grantlint.cli.app import run; run(['check', '--help']);"
        "heavy = {'tree_sitter', 'hcl2', 'jsonschema', 'yaml', 'rich', 'opa_client'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
