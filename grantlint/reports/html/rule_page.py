"""A rule's documentation as HTML: Markdown without images and without HTML of its own."""

from __future__ import annotations

from dataclasses import dataclass

from markdown_it import MarkdownIt
from markupsafe import Markup

from grantlint.reports.snippet import printable
from grantlint.rule import Rule

_BELOW = 2
"""How many levels a heading of the documentation stands below its own in the page."""


@dataclass(frozen=True, slots=True)
class RulePage:
    """A rule as the page shows it; `doc` is HTML already."""

    id: str
    title: str
    severity: str
    facts: tuple[str, ...]
    doc: Markup
    references: tuple[str, ...]
    mappings: tuple[str, ...]


def rule_page(rule: Rule) -> RulePage:
    """The rule with its documentation as HTML."""
    facts = {
        f"since {rule.since}": rule.since,
        f"given by {rule.given_by}": rule.given_by,
        "preview": rule.preview,
        "only asked with --extend-select": rule.opt_in,
    }
    return RulePage(
        id=printable(rule.id),
        title=printable(rule.title),
        severity=rule.severity.label,
        facts=tuple(printable(said) for said, so in facts.items() if so),
        doc=_html(rule.doc),
        references=tuple(url for url in rule.references if url.startswith("https://")),
        mappings=tuple(map(printable, rule.mappings)),
    )


def _html(text: str) -> Markup:
    lines = (printable(line) for line in text.split("\n"))
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = reader.parse("\n".join(lines))
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + _BELOW, 6)}"
        if token.type == "fence":
            language, _, kind = token.info.partition(" ")
            token.info = language
            if kind in {"bad", "good"}:
                token.attrJoin("class", kind)
    # markdown-it has escaped all text, and made no HTML but its own.
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704
