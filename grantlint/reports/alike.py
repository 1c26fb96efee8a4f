"""Findings that are one to a reader: of instances of one block, at one place.

`for_each`, `count` and modules that are called several times make a block many times. What is
wrong with it is found as often and mended once, so people see its source once. Nothing is lost:
each message that differs by more than the instance's address stays, and the addresses are listed,
or the calls where they are several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grantlint.finding import Finding
from grantlint.rule import Severity
from grantlint.source import Span

_INSTANCE = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_MODULES = re.compile(r"^(?:module\.[^.]+\.)+")
_CALL = re.compile(r"module\s")


@dataclass(frozen=True, slots=True)
class Alike:
    """Findings of one rule with the same places, in order; at least one.

    `heads` are those of them whose messages differ by more than the address.
    """

    findings: tuple[Finding, ...]
    heads: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The one whose places stand for all."""
        return self.findings[0]

    @property
    def severity(self) -> Severity | None:
        """The worst of them; None for a file that could not be read."""
        return max((one.severity for one in self.findings if one.severity), default=None)

    @property
    def certain(self) -> bool:
        """Whether one of them holds whatever the unknown values are."""
        return any(one.certain for one in self.findings)

    @property
    def calls(self) -> tuple[str, ...]:
        """Where the module is called too in which the fault is written, each once."""
        spans = dict.fromkeys(str(one.span) for one in self.findings if one.span)
        return tuple(span for span in spans if span not in self._shown)

    @property
    def _shown(self) -> frozenset[str]:
        return frozenset(str(head.span) for head in self.heads)

    @property
    def unnamed(self) -> tuple[str, ...]:
        """The addresses that no head says, each once.

        None where the only place is the heading of the only object.
        """
        here = (one for one in self.findings if str(one.span) in self._shown)
        addresses = dict.fromkeys(one.address for one in here if one.address)
        shown = [head.message for head in self.heads]
        if self.first.span and not self.first.related:
            shown.append(_address_of_heading(self.first.span))
        return tuple(at for at in addresses if not any(_says(text, at) for text in shown))

    @property
    def some_named(self) -> bool:
        """Whether a head says one of the addresses."""
        return any(one.address and _says(one.message, one.address) for one in self.heads)


def alike(findings: Sequence[Finding]) -> list[Alike]:
    """The findings in groups, in the order of the first of each."""
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_key(finding), []).append(finding)
    return [Alike(tuple(group), _heads(group)) for group in groups.values()]


def worst_first(groups: Iterable[Alike]) -> list[Alike]:
    """The groups by severity, what is certain before what is possible, else in their order."""
    return sorted(groups, key=lambda one: (-(one.severity or 0), not one.certain))


def _key(finding: Finding) -> tuple[object, ...]:
    """What findings share that are one to a reader.

    What is found at the heading of a call stands in the module, and is mended there for all calls.
    """
    block = _INSTANCE.sub("", finding.address or "")
    places = tuple(_place(place.span) for place in finding.related)
    if places and finding.span and _CALL.match(finding.span.text):
        return finding.rule, _MODULES.sub("", block), places
    return finding.rule, finding.path, block, _place(finding.span), places


def _heads(group: Sequence[Finding]) -> tuple[Finding, ...]:
    heads: dict[object, Finding] = {}
    for finding in group:
        without = finding.message.replace(finding.address, "") if finding.address else None
        said = finding.message if without is None else without
        heads.setdefault((finding.severity, finding.certain, said), finding)
    return tuple(heads.values())


def _place(span: Span | None) -> tuple[str, int, int] | None:
    return (span.path, span.start, span.end) if span else None


def _says(text: str, address: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(address)}(?![\w\[.-])", text) is not None


def _address_of_heading(span: Span) -> str:
    """`aws_kms_grant.g` of `resource "aws_kms_grant" "g"`."""
    keyword, _, labels = span.text.partition(" ")
    return ".".join(re.findall(r'"([^"]*)"', labels)) if keyword == "resource" else ""
