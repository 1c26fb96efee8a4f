"""The comments of a template in YAML, and what begins on each line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

import yaml

from grantlint.parsers.cloudformation.syntax import Template
from grantlint.parsers.json_text import Member, Node
from grantlint.parsers.outline import Outline
from grantlint.source import Source

_COMMENT: Final = re.compile(r"(?:^|(?<=[ \t\r\n]))#[^\r\n]*")


def outline(template: Template) -> Outline | None:
    """A template by its lines; None for one in JSON, which has no comments."""
    source = template.source
    if source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        return None
    found = Outline(source, list(_comments(source)))
    found.take(_parts(template.root))
    return found


def _comments(source: Source) -> Iterator[tuple[int, int]]:
    """Every `#` that no scalar holds, to the end of its line."""
    text = source.data.decode("utf-8", "replace").removeprefix("\ufeff")
    mark = len(source.data) - len(text.encode())
    texts = list(_scalars(text))
    starts = list(accumulate((len(one.encode()) for one in text), initial=mark))
    at = number = 0
    while (match := _COMMENT.search(text, at)) is not None:
        while number < len(texts) and texts[number][1] <= match.start():
            number += 1
        if number < len(texts) and texts[number][0] <= match.start():
            at = texts[number][1]
            continue
        at = match.end()
        yield starts[match.start()], starts[at]


def _scalars(text: str) -> Iterator[tuple[int, int]]:
    """Where scalars stand, in characters; up to where the text is no YAML any more."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.ScalarEvent) and event.start_mark and event.end_mark:
                yield event.start_mark.index, event.end_mark.index
    except yaml.YAMLError:
        return


def _parts(root: Node) -> Iterator[tuple[int, int]]:
    """Members of mappings, and elements of sequences; not what stands elsewhere (aliases)."""
    pending: list[tuple[Node, int]] = [(root, 0)]
    seen: set[int] = set()
    while pending:
        node, after = pending.pop()
        if id(node) in seen or not isinstance(node.value, list):
            continue
        seen.add(id(node))
        for one in node.value:
            value = one.value if isinstance(one, Member) else one
            start = one.start
            if start >= after and value.end >= start:
                yield start, value.end
            pending.append((value, start))
