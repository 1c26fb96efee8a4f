"""A rule's documentation as one Markdown page: for `grantlint explain` and for docs/rules/."""

from __future__ import annotations

import re

from grantlint.rule import Rule


def page(rule: Rule) -> str:
    """Title, facts, documentation with its examples, references; ends with a line break."""
    facts = [f"`{rule.id}`", f"severity **{rule.severity.label}**"]
    if rule.since:
        facts.append(f"since {rule.since}")
    if rule.given_by:
        facts.append(f"given by `{rule.given_by}`")
    if rule.preview:
        facts.append("preview")
    if rule.opt_in:
        facts.append("only asked with `--extend-select`")
    doc = re.sub(r"^```([a-z]+) (?:bad|good)$", r"```\1", rule.doc, flags=re.M)
    lines = [f"# {rule.title}", "", " · ".join(facts)]
    if doc.strip():
        lines += ["", doc.rstrip()]
    if rule.references:
        lines += ["", "## References", "", *(f"- <{reference}>" for reference in rule.references)]
    if rule.mappings:
        lines += ["", "## Asked for by", "", *(f"- {mapping}" for mapping in rule.mappings)]
    return "\n".join(lines) + "\n"
