"""JUnit XML, for GitLab, Jenkins and whatever else shows tests: a suite a rule, a case a finding.

A certain finding is a failure; a possible or suppressed one is skipped, with the reason; a file
that could not be read is an error; a rule that found nothing is a test that passed. GitLab knows a
case by `classname` and `name` and would overwrite one with the same, so these are unique, and hold
no line: what only moved is the same case. The line is in the text. All of it is ASCII.

Valid by junit-10.xsd of Jenkins' xUnit plugin, which takes no `file` on a case.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from grantlint.finding import UNREADABLE, Finding, Report, Suppressed
from grantlint.place import Place
from grantlint.reports import Look
from grantlint.reports.accepted import reasons
from grantlint.reports.concise import line
from grantlint.reports.paths import shown
from grantlint.reports.snippet import printable
from grantlint.rule import Rule

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a reference: https://www.w3.org/TR/xml/#charsets."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A test case; `outcome` is the name of its element, "" for one that passed."""

    name: str
    outcome: str = ""
    type: str = ""
    message: str = ""
    text: str = ""


def render(report: Report, look: Look) -> str:
    """One document, ASCII, which ends with a line break."""
    suites = ET.Element("testsuites", name="grantlint", time="0")
    total: Counter[str] = Counter()
    for name, cases in _suites(report, look).items():
        counted = Counter(case.outcome for case in cases)
        counted["tests"] = len(cases)
        total += counted
        suite = ET.SubElement(suites, "testsuite", name=_text(name))
        suite.attrib.update(_counts(counted), skipped=str(counted["skipped"]), time="0")
        for case in _unique(cases):
            _append(suite, f"grantlint.{name}", case)
    suites.attrib.update(_counts(total))
    ET.indent(suites)
    document: bytes = ET.tostring(suites, "us-ascii", xml_declaration=True)
    return document.decode("ascii") + "\n"


def _suites(report: Report, look: Look) -> dict[str, list[_Case]]:
    """The cases of each rule: those that were asked in their order, then what else was found."""
    suites: dict[str, list[_Case]] = {rule.id: [] for rule in report.rules}
    for finding in report.findings:
        suites.setdefault(finding.rule, []).append(_found(finding, look))
    for one in report.suppressed:
        suites.setdefault(one.finding.rule, []).append(_accepted(one, look))
    for rule in report.rules:
        suites[rule.id] = suites[rule.id] or [_passed(rule)]
    return suites


def _passed(rule: Rule) -> _Case:
    return _Case(rule.title)


def _found(finding: Finding, look: Look) -> _Case:
    text = _places(finding, look)
    if finding.severity is None:
        return _Case(shown(finding.path, look), "error", UNREADABLE, finding.message, text)
    name = _name(finding, look)
    if not look.counts(finding):
        why = f"possible: {finding.message}; --certainty possible makes it count"
        return _Case(name, "skipped", "possible", why, f"{why}\n{text}")
    return _Case(name, "failure", finding.severity.label, finding.message, text)


def _accepted(one: Suppressed, look: Look) -> _Case:
    by = one.by
    said = "; ".join([by.kind.value, *reasons(by)])
    text = f"{said}\n{_places(one.finding, look)}"
    return _Case(_name(one.finding, look), "skipped", by.kind.value, said, text)


def _name(finding: Finding, look: Look) -> str:
    """What a finding is of, without its line."""
    path = shown(finding.path, look)
    return f"{path}: {finding.address}" if finding.address else path


def _places(finding: Finding, look: Look) -> str:
    """The finding as a line, and a line for each related place."""

    def other(place: Place) -> str:
        at = f"{shown(place.span.path, look)}:{place.span.line}:{place.span.column}"
        return printable(f"  {at}: {place.text}")

    first = line(finding, shown(finding.path, look))
    return "\n".join([first, *(other(place) for place in finding.related)])


def _unique(cases: Iterable[_Case]) -> Iterator[_Case]:
    """The cases; of those with one name the second and later get a number."""
    seen: Counter[str] = Counter()
    for case in cases:
        seen[case.name] += 1
        number = seen[case.name]
        name = f"{case.name} ({number})" if number > 1 else case.name
        yield _Case(name, case.outcome, case.type, case.message, case.text)


def _append(suite: ET.Element, classname: str, case: _Case) -> None:
    name = _text(printable(case.name))
    element = ET.SubElement(suite, "testcase", classname=_text(classname), name=name, time="0")
    if case.outcome:
        message = _text(printable(case.message))
        said = ET.SubElement(element, case.outcome, type=case.type, message=message)
        said.text = _text(case.text)


def _counts(counted: Counter[str]) -> dict[str, str]:
    wanted = {"tests": "tests", "failures": "failure", "errors": "error"}
    return {name: str(counted[outcome]) for name, outcome in wanted.items()}


def _text(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
