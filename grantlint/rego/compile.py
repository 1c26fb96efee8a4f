"""`policies/` to WebAssembly, by OPA: at development time, never when somebody's estate is judged.

Usage: python -m grantlint.rego.compile POLICIES OUT

What is wrong with a rule is told as `review` does. The same policies and the same OPA give the same
bytes, wherever they lie.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from grantlint.rego import bundle, opa
from grantlint.rego.opa import OpaError
from grantlint.rego.pack import Story
from grantlint.rego.review import OURS, review
from grantlint.rego.sources import sources


def compile_(policies: Path, out: Path) -> tuple[Story, ...]:
    """Check and compile the rules of a directory into `out`. Raises OpaError."""
    found = opa.version()
    if found != opa.PINNED:
        raise OpaError(f"policies are compiled with opa {opa.PINNED}, this is {found}")
    given = sources(policies)
    stories = review(given, OURS)
    made = bundle.build(given, [story.name for story in stories])
    out.mkdir(parents=True, exist_ok=True)
    (out / "rules.wasm").write_bytes(bundle.wasm(made))
    document = {"opa": opa.PINNED, "rules": [asdict(story) for story in stories]}
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (out / "rules.json").write_text(text, "utf-8")
    return stories


def main(arguments: Sequence[str]) -> int:
    """Compile; what is wrong goes to standard error, the exit code is 1 then."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m grantlint.rego.compile POLICIES OUT\n")
        return 2
    policies, out = map(Path, arguments)
    try:
        compile_(policies, out)
    except OpaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
