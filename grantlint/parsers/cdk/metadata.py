"""What a stack's metadata says: which construct each resource is of, and where that was made.

A stack's metadata holds entries by construct path: the logical id of what came of the construct
(`aws:cdk:logicalId`), the template of a nested stack (`aws:cdk:templateFile`), and traces. Logical
ids are only told apart in one template, so that a nested stack's are those below its construct.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from grantlint.parsers.cdk.document import Json, fields, text, texts
from grantlint.parsers.cdk.trace import Frame, Traces

_LOGICAL_ID: Final = "aws:cdk:logicalId"
_TEMPLATE_FILE: Final = "aws:cdk:templateFile"
_CREATION: Final = "aws:cdk:creationStack"
_ASSIGNMENT: Final = "aws:cdk:propertyAssignment"
_MESSAGES: Final = frozenset({"aws:cdk:warning", "aws:cdk:info", "aws:cdk:error"})
_GRANTING: Final = re.compile(r"new AwsCustomResource\d* \(")
_NESTED: Final = re.compile(
    r"(?P<above>.*/)?(?P<id>[^/]+)\.NestedStack/(?P=id)\.NestedStackResource"
)
LONGEST: Final = 4_000
"""Characters of a construct path; a longer one is none."""

Frames = tuple[Frame, ...]


class Metadata:
    """The metadata of one stack, whose template is called `template`.

    Construct paths have no slash at their beginning. `templates` are the files of nested stacks
    by the path of their construct, where that is told. Of the entries only what is asked for later
    is kept: they are most of an assembly.
    """

    def __init__(self, entries: Mapping[str, Json], template: str, traces: Traces) -> None:
        self.templates: dict[str, str] = {}
        self._nested: set[str] = set()
        self._made: dict[str, Frames] = {}
        self._warned: dict[str, Frames] = {}
        self._assigned: dict[str, list[tuple[str, Frames]]] = {}
        self._by_stack: dict[str, dict[str, str]] = {}
        ids: list[tuple[str, str]] = []
        for path, value in entries.items():
            if len(path) <= LONGEST:
                ids += self._take(path.lstrip("/"), value, traces)
        self.templates = {path: file for path, file in self.templates.items() if file != template}
        self._nested |= self.templates.keys()
        for path, logical_id in ids:
            self._by_stack.setdefault(self._stack(path), {})[logical_id] = path

    def _take(self, path: str, value: Json, traces: Traces) -> Iterator[tuple[str, str]]:
        """Keep what the entries of a construct say; its logical ids are returned."""
        inside = nested_stack(path)
        if inside is not None:
            self._nested.add(inside)
        for one in value if isinstance(value, list) else ():
            entry = fields(one)
            type, data, trace = (
                text(entry.get("type")),
                entry.get("data"),
                texts(entry.get("trace")),
            )
            if type == _LOGICAL_ID and isinstance(data, str):
                self._made.setdefault(path, traces.user_frames(trace))
                yield path, data
            elif type == _CREATION:
                self._made[path] = traces.user_frames(texts(data)) or self._made.get(path, ())
            elif type == _TEMPLATE_FILE and isinstance(data, str):
                self.templates[path] = data
            elif type == _ASSIGNMENT and (name := text(fields(data).get("propertyName"))):
                frames = traces.user_frames(texts(fields(data).get("stackTrace")))
                self._assigned.setdefault(path, []).append((name, frames))
            elif type in _MESSAGES and (frames := traces.made_by(trace, _GRANTING)):
                self._warned.setdefault(path, frames)

    def _stack(self, path: str) -> str:
        """The nested stack that a construct is in; "" is the stack itself."""
        while self._nested and (path := path.rpartition("/")[0]):
            if path in self._nested:
                return path
        return ""

    def paths(self, stack: str) -> Mapping[str, str]:
        """The construct paths in a nested stack, by logical id; "" is the stack itself."""
        return self._by_stack.get(stack, {})

    # -- lines -----------------------------------------------------------------------------

    @property
    def has_lines(self) -> bool:
        """Whether it is recorded where constructs are made."""
        return any(self._made.values()) or any(map(any, self._assigned.values()))

    def files(self) -> Iterator[str]:
        """The files of the user's program that are named."""
        assigned = (frames for found in self._assigned.values() for _, frames in found)
        for frames in {*self._made.values(), *self._warned.values(), *assigned}:
            yield from (frame.file for frame in frames)

    def made(self, path: str) -> Frames:
        """The frames of the user's program that made a construct, the innermost first.

        Versions without them record where an AwsCustomResource was made that they warn about.
        """
        found = self._made.get(path)
        if found or not path.endswith("/Resource/Default"):
            return found or ()
        return self._warned.get(path.removesuffix("/Resource/Default"), ())

    def assigned(self, path: str) -> Iterator[tuple[str, Frame]]:
        """The properties that were set on a construct after it was made, in order, and where.

        The column is left out: it is the one behind the property.
        """
        for name, frames in self._assigned.get(path, ()):
            for frame in frames[:1]:
                yield name, replace(frame, column=0)


def nested_stack(path: str) -> str | None:
    """The construct path of a nested stack, of the path of its AWS::CloudFormation::Stack."""
    if not path.endswith(".NestedStackResource"):
        return None
    match = _NESTED.fullmatch(path)
    return (match["above"] or "") + match["id"] if match is not None else None
