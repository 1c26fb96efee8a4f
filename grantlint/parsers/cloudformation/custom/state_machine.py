"""State machines of AWS Step Functions that call CreateGrant, each time they run.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from grantlint.iam.elements import text as as_text
from grantlint.model import Note
from grantlint.parsers.cloudformation.custom import parameters as grant_parameters
from grantlint.parsers.cloudformation.custom.aws_custom_resource import misspelt
from grantlint.parsers.cloudformation.custom.call import (
    CREATE,
    ENDS,
    is_kms,
    mapped,
    named,
    plain,
    tree_of,
)
from grantlint.parsers.cloudformation.custom.made import (
    STATE_MACHINE,
    Attribute,
    Made,
    Outcome,
    alternatives,
    joined,
    member,
)
from grantlint.parsers.holes import UnknowableError, text_of
from grantlint.value import Truth, Unknown, Value, object_, unknown

TYPES: Final = frozenset({"AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"})

_ACTION: Final = re.compile(r"arn:[^:]*:states:[^:]*:[^:]*:aws-sdk:kms:([A-Za-z]+)(?:\..*)?")
_SUBSTITUTION: Final = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
_AT_RUN_TIME: Final = "it is decided when the state machine runs"
_DEEPEST: Final = 200


@dataclass(frozen=True, slots=True)
class _Task:
    """A state that calls AWS KMS: its name, which action, and what it is given."""

    name: str
    action: str
    parameters: Value
    region: Value | None
    condition: str | None


def outcome(properties: Value, attribute: Attribute) -> Outcome:
    """The grants that a state machine can make, and parameters that it does not accept."""
    tasks = list(_tasks(properties, attribute))
    ends = {ENDS[task.action] for task in tasks if task.action in ENDS}
    ends_by = ends.pop() if len(ends) == 1 else "unknown"
    calls = [task for task in tasks if task.action == CREATE]
    names = _distinct([task.name for task in calls]) if len(calls) > 1 else [""]
    made: list[Made] = []
    notes: list[Note] = []
    for name, task in zip(names, calls, strict=False):
        found, wrong = grant_parameters.named(task.parameters)
        if task.parameters.unknown is not None:
            found = task.parameters
        if grant_parameters.makes_none(found) is not Truth.YES:
            made.append(_made(name, task, found, ends_by))
            notes += map(misspelt, wrong)
    return Outcome(grants=tuple(made), notes=tuple(notes))


def _made(name: str, task: _Task, parameters: Value, ends_by: str) -> Made:
    return Made(
        name=name,
        parameters=parameters,
        ends_by=ends_by,
        kind=STATE_MACHINE,
        region=task.region,
        standing=Truth.MAYBE,
        condition=joined(task.condition, f"the state machine reaches {task.name}"),
    )


def _distinct(names: list[str]) -> list[str]:
    """The names of states in brackets; of those that have one name, with their number."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(f"[{name}]" if seen[name] == 1 else f"[{name}.{seen[name]}]")
    return found


# -- tasks ---------------------------------------------------------------------------------


def _tasks(properties: Value, attribute: Attribute) -> Iterator[_Task]:
    """The states that call AWS KMS, at any depth."""
    given = member(properties, "DefinitionSubstitutions")
    for name in ("DefinitionString", "Definition"):
        written = member(properties, name)
        for condition, one in () if written is None else alternatives(written):
            definition = _definition(one, given, attribute)
            if definition is not None:
                yield from _of_states(definition, condition)


def _definition(written: Value, given: Value | None, attribute: Attribute) -> Value | None:
    if given is not None and written.encodes is None:
        written = mapped(written, lambda leaf: _substituted(leaf, given))
    tree = tree_of(written, attribute)
    if isinstance(tree, str):
        return None
    if given is None or written.encodes is None:
        return tree
    return mapped(tree, lambda leaf: _substituted(leaf, given))


def _substituted(text: Value, given: Value) -> Value:
    """A text with what `${Name}` stands for; other values as they are."""
    parts = (text.raw,) if isinstance(text.raw, str) else text.unknown.parts if text.unknown else ()
    pieces: list[str | Value] = []
    for part in parts:
        if not isinstance(part, str):
            pieces.append(part)
            continue
        literal = True
        for piece in _SUBSTITUTION.split(part):  # every second one is a name
            pieces += [piece] if literal else _filled_in(piece, given)
            literal = not literal
    if not any(isinstance(part, str) and "${" in part for part in parts):
        return text
    try:
        found = text_of(pieces)
    except UnknowableError as error:
        return unknown(error.reason, text.written)
    sensitive = text.sensitive or given.has_sensitive()
    return replace(found, written=text.written, trail=text.trail).marked(sensitive)


def _filled_in(name: str, given: Value) -> list[str | Value]:
    if given.unknown is not None:
        return [unknown(given.unknown.reason, given.written)]
    value = given.get(name)
    if value is None:
        return [f"${{{name}}}"]
    value = as_text(value)
    if value.text is not None:
        return [value.text]
    if value.unknown is None:
        return [unknown(f"{name} is no text to put into a definition", value.written)]
    return [*value.unknown.parts] or [value]


def _of_states(definition: Value, condition: str | None) -> Iterator[_Task]:
    pending: list[tuple[str, Value, int]] = [("", definition, 0)]
    while pending:
        name, tree, depth = pending.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(tree.raw, tuple):
            pending += [(name, one, depth + 1) for one in reversed(tree.elements())]
            continue
        task = _task(name, tree, condition)
        if task is not None:
            yield task
        pending += [(key, one, depth + 1) for key, one in reversed(tree.items())]


def _task(name: str, state: Value, condition: str | None) -> _Task | None:
    resource = member(state, "Resource")
    if resource is None:
        return None
    given = _given(state)
    matched = _ACTION.fullmatch(_shown(resource))
    if matched is not None:
        return _Task(name, plain(matched[1]), given, None, condition)
    service, action = member(given, "service"), member(given, "action")
    if named(service, is_kms) is not Truth.YES or action is None or action.text is None:
        return None
    inner = member(given, "parameters")  # what CallAwsServiceCrossRegion gives its function
    written = inner or unknown(_AT_RUN_TIME, given.written)
    return _Task(name, plain(action.text), written, member(given, "region"), condition)


def _given(state: Value) -> Value:
    """What a task is given; without anything written that is the state's input."""
    written = state.get("Parameters") or state.get("Arguments")
    if written is None or not isinstance(written.raw, Mapping):
        return unknown(_AT_RUN_TIME, state.written)
    return _evaluated(written, 0)


def _evaluated(tree: Value, depth: int) -> Value:
    """Parameters, with paths and JSONata as what is not known before the machine runs."""
    if isinstance(tree.raw, tuple) and depth < _DEEPEST:
        return replace(tree, raw=tuple(_evaluated(one, depth + 1) for one in tree.elements()))
    if isinstance(tree.raw, Mapping) and depth < _DEEPEST:
        members = {}
        for key, value in tree.items():
            if key.endswith(".$"):
                members[key.removesuffix(".$")] = unknown(_AT_RUN_TIME, value.written)
            else:
                members[key] = _evaluated(value, depth + 1)
        return object_(members, tree.written)
    if (tree.text or "").strip().startswith("{%"):
        return unknown(_AT_RUN_TIME, tree.written)
    return tree


def _shown(text: Value) -> str:
    """A text, with a letter for each hole."""
    if text.text is not None:
        return text.text
    parts = text.unknown.parts if isinstance(text.raw, Unknown) and text.unknown else ()
    return "".join(part if isinstance(part, str) else "*" for part in parts)
