"""Members of a list or object: taken out and put in, with the commas that belong to them.

Comments stay, and so does the layout: one line stays one line, and what stands in a line of its
own goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from grantlint.parsers.terraform.edit.lines import (
    Splice,
    Token,
    back_over_blanks,
    begins_line,
    between,
    end_of_line,
    first_of_line,
    indent,
    line_break,
    line_gone,
    skip_blanks,
)
from grantlint.parsers.terraform.edit.node import Collection


def removal(data: bytes, within: Collection, gone: Sequence[int]) -> list[Splice] | None:
    """Without these members; None if none would be left."""
    kept = [at for at in range(len(within.members)) if at not in gone]
    if not kept:
        return None
    splices = [splice for at in gone for splice in _removed(data, within, at)]
    last = kept[-1]
    if last != len(within.members) - 1 and _comma(data, within, -1) is None:
        comma = _comma(data, within, last)
        if comma is not None:
            splices.append(Splice(comma.start, comma.end))
    return _joined(splices)


def _removed(data: bytes, within: Collection, at: int) -> list[Splice]:
    member = within.members[at]
    comma = _comma(data, within, at)
    stop = member.end if comma is None else comma.end
    if comma is not None and data[member.end : comma.start].strip():
        return [Splice(member.start, member.end), Splice(comma.start, comma.end)]
    behind = skip_blanks(data, stop)
    ends_line = behind == end_of_line(data, stop) or data[behind : behind + 1] in {b"#", b"/"}
    if begins_line(data, member.start) and first_of_line(data, member.start) > within.start:
        return line_gone(data, member.start, stop) if ends_line else [Splice(member.start, behind)]
    if ends_line or behind == within.close:
        before = back_over_blanks(data, member.start)
        if at == 0:  # `[ "a" ]` keeps its blanks
            before = member.start
        return [Splice(before, stop)]
    return [Splice(member.start, behind)]


def _comma(data: bytes, within: Collection, at: int) -> Token | None:
    """The comma behind a member."""
    members = within.members
    at = at % len(members)
    end = members[at + 1].start if at + 1 < len(members) else within.close
    found = between(data, members[at].end, end)
    return next((token for token in found if token.comma), None)


def _joined(splices: list[Splice]) -> list[Splice]:
    """The same deletions in order; those that touch are one."""
    joined: list[Splice] = []
    for splice in sorted(splices, key=lambda one: one.start):
        if joined and splice.start <= joined[-1].end and not splice.text:
            joined[-1] = Splice(joined[-1].start, max(joined[-1].end, splice.end))
        else:
            joined.append(splice)
    return joined


def addition(data: bytes, within: Collection, text: bytes) -> list[Splice] | None:
    """With one more member behind the others; None where an empty one has comments in it."""
    if not within.members:
        if data[within.start + 1 : within.close].strip():
            return None
        edge = b" " if within.keyed and not within.json else b""
        return [Splice(within.start + 1, within.close, edge + text + edge)]
    last = within.members[-1]
    comma = _comma(data, within, -1)
    behind = last.end if comma is None else comma.end
    if first_of_line(data, within.close) <= last.end:
        if comma is None:
            return [Splice(last.end, last.end, b", " + text)]
        return [Splice(behind, behind, b" " + text + b",")]
    below = end_of_line(data, behind)
    own_line = line_break(data, behind) + indent(data, last.start) + text
    if comma is not None:
        return [Splice(below, below, own_line + b",")]
    if within.keyed and not within.json:
        return [Splice(below, below, own_line)]
    if below == last.end:
        return [Splice(below, below, b"," + own_line)]
    return [Splice(last.end, last.end, b","), Splice(below, below, own_line)]
