"""Write the parts of the documentation that come from the program itself.

Usage: python docs/generate.py

docs/rules/ is written whole, a page a rule, and so are the manual page docs/man/grantlint.1 and
docs/grantlint.schema.json. In every other Markdown file of the project, the fenced block behind
`<!-- output: COMMAND -->` becomes what COMMAND writes, so that no page can show what the program
does not do; what stands between `<!-- keys -->` and its end becomes a table of the keys of a
configuration.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from manual import manual

from grantlint.config.keys import KEYS as KEYS_OF_FILE
from grantlint.config.keys import published
from grantlint.config.table import Key, Tables
from grantlint.reports.page import page
from grantlint.rules import all_rules, own

ROOT = Path(__file__).parents[1]
GENERATED = "<!-- Written by `make docs` from the rules: do not edit. -->\n\n"
KEYS = re.compile(r"(<!-- keys -->\n).*?(?=<!-- end of keys -->)", re.S)
BLOCK = re.compile(r"(<!-- output: (?P<command>.+?) -->\n```text\n).*?(?=^```$)", re.M | re.S)


def main() -> None:
    """Write everything."""
    write_rules(ROOT / "docs" / "rules")
    (ROOT / "docs/man/grantlint.1").write_text(manual(), encoding="utf-8")
    write_schema(ROOT / "docs" / "grantlint.schema.json")
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for path in pages:
        before = path.read_text(encoding="utf-8")
        after = BLOCK.sub(lambda match: match[1] + output(match["command"]), before)
        after = KEYS.sub(lambda match: match[1] + keys_table(), after)
        if after != before:
            path.write_text(after, encoding="utf-8")


def write_rules(directory: Path) -> None:
    """One page for each rule, and a table of them."""
    directory.mkdir(exist_ok=True)
    for old in directory.glob("*.md"):
        old.unlink()
    table = ["# Rules", "", "| rule | severity | finds |", "|---|---|---|"]
    for rule in all_rules():
        (directory / f"{rule.id}.md").write_text(GENERATED + page(rule), encoding="utf-8")
        asked = " (opt-in)" if rule.opt_in else ""
        table.append(f"| [{rule.id}]({rule.id}.md) | {rule.severity.label} | {rule.title}{asked} |")
    index = GENERATED + "\n".join(table) + "\n"
    (directory / "index.md").write_text(index, encoding="utf-8")


def write_schema(path: Path) -> None:
    """The JSON Schema of a configuration, for editors."""
    shown = published([rule.id for rule in own()])
    path.write_text(json.dumps(shown, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def keys_table() -> str:
    """Every key of a configuration, as tables."""
    tables = [("", KEYS_OF_FILE)]
    tables += [(key.name, key.kind.keys) for key in KEYS_OF_FILE if isinstance(key.kind, Tables)]
    parts = []
    for name, keys in tables:
        rows = [f"| `{key.name}` | {_about(key)} | `{_example(key)}` |" for key in keys]
        head = f"### `[[{name}]]`\n\n" if name else ""
        parts.append(f"{head}| key | | example |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    return "\n" + "\n".join(parts) + "\n"


def _example(key: Key) -> str:
    return f"[[{key.name}]]" if isinstance(key.kind, Tables) else key.example


def _about(key: Key) -> str:
    usual = f" (`{key.default}`)" if key.default not in {"", "[]", "{}"} else ""
    marks = [mark for mark, so in (("required", key.required), ("of the run", key.run)) if so]
    shown = f"{key.about}{usual}" + "".join(f"; *{mark}*" for mark in marks)
    return shown.replace("|", "\\|")


def output(command: str) -> str:
    """What a shell command writes to standard output, the program being the one of this Python."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TF_", "COLUMNS"))
    }
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment |= {"NO_COLOR": "1", "COLUMNS": "96", "TERMINAL_WIDTH": "96"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in {0, 1}:
        sys.exit(f"{command}: exit code {done.returncode}")
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().split("\n")) + "\n"


if __name__ == "__main__":
    main()
