"""Parameters of a template: what is given, what is left at its default, what may be chosen.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from grantlint.parsers.cloudformation.choices import MOST
from grantlint.parsers.cloudformation.syntax import scalar_text
from grantlint.parsers.json_text import Member, Node
from grantlint.parsers.number import parse_number
from grantlint.source import Source, Span
from grantlint.value import DYNAMIC, STRING, Unknown, Value, number, string, tuple_, unknown

_LISTS: Final = ("CommaDelimitedList", "List<")
_READ: Final = "AWS::SSM::Parameter::Value<"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter's value. `kind` is that of the step by which a reference takes it."""

    value: Value
    kind: str


def parameters(
    root: Node, source: Source, given: Mapping[str, Value], *, applied: bool
) -> dict[str, Parameter]:
    """The parameters that a template declares; `given` are values as texts or lists."""
    section = root.member("Parameters")
    if section is None:
        return {}
    return {
        member.key: _parameter(member, source, given.get(member.key), applied=applied)
        for member in section.members
    }


def _parameter(member: Member, source: Source, given: Value | None, *, applied: bool) -> Parameter:
    fields = {one.key: one.value for one in member.value.members}
    type = _scalar(fields.get("Type")) or "String"
    hidden = (_scalar(fields.get("NoEcho")) or "").lower() == "true"
    span = Span(source, member.start, member.value.end)
    if type.startswith(_READ):
        reason = f"the parameter {member.key} is read from Systems Manager at deployment"
        return Parameter(unknown(reason, span).marked(hidden), "variable")
    if given is not None:
        return Parameter(_typed(given, type).marked(hidden), "variable")
    default = fields.get("Default")
    written = _scalar(default)
    if default is not None and written is not None:
        place = Span(source, default.start, default.end)
        value = _typed(string(written, place), type).marked(hidden)
        return Parameter(value, "default" if applied else "assumed")
    value = _open(member.key, fields.get("AllowedValues"), type, span, source)
    return Parameter(value.marked(hidden), "variable")


def _scalar(node: Node | None) -> str | None:
    return None if node is None else scalar_text(node)


def _typed(value: Value, type: str) -> Value:
    """A text as a value of the parameter's type."""
    if value.text is None:
        return value
    if type.startswith(_LISTS):
        members = [string(part.strip(), value.written) for part in value.text.split(",")]
        listed = tuple_(members if value.text else [], value.written)
        return replace(listed, trail=value.trail, sensitive=value.sensitive)
    if type == "Number":
        amount = parse_number(value.text)
        known = None if amount is None else number(amount, value.written)
        return value if known is None else replace(known, trail=value.trail)
    return value


def _open(name: str, allowed: Node | None, type: str, span: Span, source: Source) -> Value:
    """A parameter without a value: one of those allowed, if they are few."""
    reason = f"the parameter {name} has no value"
    nodes = (allowed.elements if allowed is not None else None) or []
    texts = [(scalar_text(node), node) for node in nodes]
    if type.startswith(_LISTS):
        return unknown(reason, span)
    if not 0 < len(texts) <= MOST or any(text is None for text, _ in texts):
        return Value(STRING, Unknown(reason), span)
    choices = tuple(
        _typed(string(text or "", Span(source, node.start, node.end)), type) for text, node in texts
    )
    if len(choices) == 1:
        return choices[0]
    when = tuple(f'{name} is "{text}"' for text, _ in texts)
    kind = STRING if all(one.text is not None for one in choices) else DYNAMIC
    return Value(kind, Unknown(reason, choices=choices, when=when), span)
