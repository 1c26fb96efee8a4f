"""Edits of an estate that change nothing of what it makes, for its keys, grants and policies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from faults import Edit, root_of

from grantlint.model import Inventory
from grantlint.rule import Object
from grantlint.source import Span
from grantlint.value import Value

NAME = "grantlint_renamed"

_HEREDOC = re.compile(rb"<<-?(\w+)\n.*?\n\s*\1\n", re.S)
_PLAIN = re.compile(r'"(?:[^"\\$%\n]|\$(?!\{)|%(?!\{))*"')
_HEAD = re.compile(r'(resource|data)\s+"(\w+)"\s+"([\w-]+)"')


@dataclass(frozen=True, slots=True)
class Harmless:
    """A change that no rule may find a fault in: the files as they are then, by path.

    `renamed` is what a message may have for the old name.
    """

    kind: str
    root: str
    address: str
    line: int
    files: Mapping[str, bytes]
    renamed: tuple[str, str] = ("", "")


def changes(inventory: Inventory) -> Iterator[Harmless]:
    """Every change that can be made, each once."""
    seen = set()
    objects: tuple[Object, ...] = (*inventory.grants, *inventory.keys)
    for judged in objects:
        if judged.address.startswith("module.") and not judged.calls:
            continue
        spans = [judged.span, *_places(judged)]
        for one in (*_renamed(judged), *_laid_out(judged, spans), *_moved(judged)):
            key = (one.kind, tuple(sorted(one.files.items())))
            if key not in seen:
                seen.add(key)
                yield one


def _places(judged: Object) -> Iterator[Span]:
    """Where the statements of a key's policy stand."""
    for statement in getattr(getattr(judged, "policy", None), "statements", ()):
        if statement.span is not None:
            yield statement.span


# -- other names ---------------------------------------------------------------------------


def _renamed(judged: Object) -> Iterator[Harmless]:
    """The resource gets another name, in its block and wherever its module speaks of it."""
    head = _HEAD.match(judged.span.text)
    if head is None:
        return
    old, new = f"{head[2]}.{head[3]}", f"{head[2]}.{NAME}"
    found = {}
    for file in Path(judged.span.path).parent.glob("*.tf"):
        text = file.read_text("utf-8", errors="surrogateescape")
        changed = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", new, text)
        block = rf'^({head[1]}\s+"{head[2]}"\s+)"{head[3]}"'
        changed = re.sub(block, rf'\1"{NAME}"', changed, flags=re.M)
        if changed != text:
            found[str(file)] = changed.encode("utf-8", errors="surrogateescape")
    yield _harmless("renamed", judged, judged.span, found, (old, new))


# -- another layout ------------------------------------------------------------------------


def _laid_out(judged: Object, spans: list[Span]) -> Iterator[Harmless]:
    """Comments, blank lines, blocks in another order, lists in another order."""
    for span in spans:
        data = span.source.data
        commented = _commented(data)
        yield _harmless("comments and blank lines", judged, span, {span.path: commented})
        turned = _other_order(data)
        if turned is not None:
            yield _harmless("blocks in another order", judged, span, {span.path: turned})
        edit = _list_turned(span)
        if edit is not None:
            found = {span.path: edit.applied(data)}
            yield _harmless("a list in another order", judged, span, found)


def _commented(data: bytes) -> bytes:
    """A comment above each block and each argument that begins a line, outside heredocs."""
    pieces, last = [], 0
    for match in _HEREDOC.finditer(data):
        pieces += [_with_comments(data[last : match.start()]), data[match.start() : match.end()]]
        last = match.end()
    return b"".join([*pieces, _with_comments(data[last:])])


def _with_comments(data: bytes) -> bytes:
    outside = re.sub(rb"/\*.*?\*/", lambda match: match[0], data, flags=re.S)
    return re.sub(
        rb"^([ \t]*)(\w+[ \t]+=|resource |data )", rb"\n\1# as before\n\1\2", outside, flags=re.M
    )


def _other_order(data: bytes) -> bytes | None:
    """The top-level blocks of a file, the last one first; None where that cannot be told."""
    if _HEREDOC.search(data) or b"/*" in data or not data.endswith(b"\n"):
        return None
    blocks = re.split(rb"(?<=^\}\n)", data, flags=re.M)
    return b"\n".join(reversed(blocks)) if len(blocks) > 2 else None


def _list_turned(span: Span) -> Edit | None:
    """The first list of two or more plain texts in a place, turned around."""
    element = _PLAIN.pattern
    for match in re.finditer(rf"=\s*\[\s*({element}(?:\s*,\s*{element})+)\s*,?\s*\]", span.text):
        texts = _PLAIN.findall(match[1])
        first, last = (span.start + len(span.text[:at].encode()) for at in match.span(1))
        if not _in_heredoc(span.source.data, first):
            return Edit(span.path, first, last, ", ".join(reversed(texts)))
    return None


def _in_heredoc(data: bytes, at: int) -> bool:
    return any(match.start() <= at < match.end() for match in _HEREDOC.finditer(data))


# -- another way to the same value ---------------------------------------------------------


def _moved(judged: Object) -> Iterator[Harmless]:
    """A text that is written in place comes from a local, a variable or a module."""
    for value in _texts(judged):
        span = value.written
        if span is None or not _PLAIN.fullmatch(span.text) or not span.path.endswith(".tf"):
            continue
        if _in_heredoc(span.source.data, span.start) or _is_key(span):
            continue
        for kind, reference, files in _ways(span):
            edit = Edit(span.path, span.start, span.end, reference)
            found = {span.path: edit.applied(span.source.data), **files}
            yield _harmless(kind, judged, span, found)


def _texts(judged: Object) -> Iterator[Value]:
    for name in ("grantee_principal", "retiring_principal"):
        if isinstance(value := getattr(judged, name, None), Value):
            yield value
    operations = getattr(judged, "operations_written", None)
    yield from operations.elements() if isinstance(operations, Value) else ()
    for statement in getattr(getattr(judged, "policy", None), "statements", ()):
        yield from (one.value for one in statement.principals)
        yield from statement.actions.elements()
        yield from (value for one in statement.conditions for value in one.values.elements())


def _is_key(span: Span) -> bool:
    """Whether the text is a key of an object, which has to be in parentheses as an expression."""
    return re.match(rb"\s*[:=]", span.source.data[span.end :]) is not None


def _ways(span: Span) -> Iterator[tuple[str, str, dict[str, bytes]]]:
    directory = span.path.rpartition("/")[0]
    own = f"{directory}/{NAME}.tf"
    local = f"locals {{\n  {NAME} = {span.text}\n}}\n"
    yield "moved to a local", f"local.{NAME}", {own: local.encode()}
    variable = f'variable "{NAME}" {{\n  default = {span.text}\n}}\n'
    yield "moved to a variable", f"var.{NAME}", {own: variable.encode()}
    call = f'module "{NAME}" {{\n  source = "./{NAME}"\n  value  = {span.text}\n}}\n'
    passing = 'variable "value" {}\n\noutput "value" {\n  value = var.value\n}\n'
    files = {own: call.encode(), f"{directory}/{NAME}/main.tf": passing.encode()}
    yield "passed through a module", f"module.{NAME}.value", files


def _harmless(
    kind: str,
    judged: Object,
    span: Span,
    files: dict[str, bytes],
    renamed: tuple[str, str] = ("", ""),
) -> Harmless:
    return Harmless(kind, root_of(judged), judged.address, span.line, files, renamed)
