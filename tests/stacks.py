"""Templates as stacks, for tests of what values they have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.cloudformation.files import read_file
from grantlint.parsers.cloudformation.intrinsics import plain
from grantlint.parsers.cloudformation.run import Run
from grantlint.parsers.cloudformation.stack import Stack
from grantlint.parsers.json_decode import decode
from grantlint.parsers.settings import Settings, given
from grantlint.source import Source
from grantlint.value import Truth, Value

ACCOUNT, REGION = "123456789012", "us-east-1"


def stack_of(
    text: str | bytes,
    parameters: Mapping[str, str] | None = None,
    *,
    path: str = "template.yaml",
    account: str | None = ACCOUNT,
    region: str | None = REGION,
) -> Stack:
    """The stack of a template's text."""
    data = text.encode() if isinstance(text, str) else text
    provider = given(Settings(account, region))
    stack = Stack.of(
        Run(read_file), Deployment(Source(path, data), provider, None, dict(parameters or {}))
    )
    assert stack is not None
    return stack


def stack_at(path: Path, parameters: Mapping[str, str], region: str) -> Stack:
    """The stack of a template's file."""
    return stack_of(path.read_bytes(), parameters, path=path.as_posix(), region=region)


def properties(stack: Stack, logical: str) -> Value:
    """The properties of a resource of a stack or of one nested in it."""
    for one in (stack, *stack.children()):
        if logical in one.resources():
            return one.resources()[logical].field("Properties")
    raise AssertionError(f"there is no resource {logical}")


def exists(stack: Stack, logical: str) -> bool:
    """Whether a resource is deployed."""
    found = stack.resources().get(logical)
    return found is not None and found.exists is Truth.YES


def tree(text: Value) -> Value:
    """What the JSON in a text says."""
    return text.encodes if text.encodes is not None else decode(text)


def known(value: Value) -> object:
    """A value in Python's types; what is not known of it is None."""
    return plain(value) if value.wholly_known() else None
