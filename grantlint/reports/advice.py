"""What a rule says to the reader of a finding, in a sentence each: why it matters, what to do.

All of it comes from the rule's documentation. What is written as a template is mended by the words
of *In CloudFormation* where that section says what to do, and never by arguments of Terraform's.
"""

from __future__ import annotations

import re

from grantlint.finding import TEMPLATES, Finding, in_words_of
from grantlint.reports.words import sentences
from grantlint.rule import Rule

_ASKS = re.compile(
    r"(?:Add|Allow|Attach|Give|Keep|Leave|Let|Name|Put|Refer|Remove|Revoke|Say|Set|Take|Turn|Write)\b"
)
"""How a sentence begins that says what to do."""


def why(rule: Rule) -> str:
    """Why it matters, "" if the rule does not say."""
    return _first(rule.section("Why it matters"))


def remedy(rule: Rule, finding: Finding) -> str:
    """How a finding is mended, in the words of what it is written in; "" if no rule says."""
    if finding.source in TEMPLATES:
        for sentence in sentences(rule.section("In CloudFormation")):
            if _ASKS.match(sentence):
                # In its section "there" is in the custom resource that was spoken of before.
                return _plain(re.sub(r" there\b(?! (?:is|are)\b)", "", sentence))
    return in_words_of(finding.source or "terraform", _first(rule.section("How to fix it")))


def more(rule: Rule) -> str:
    """The command that shows all that there is to say."""
    return f"grantlint explain {rule.id} {rule.given_by}".rstrip()


def _first(text: str) -> str:
    """The first sentence of a section, unless that is an example."""
    found = [] if text.startswith("```") else sentences(text)
    return _plain(found[0]) if found else ""


def _plain(text: str) -> str:
    return text.replace("`", "")
