"""The user's own lines in the stack traces that an assembly records.

A trace is a list of texts, the innermost call first. Newer versions of the CDK leave out what is
not the user's and say so (`...new Key2 in aws-cdk-lib...`), older ones keep V8's frames of
libraries and of Node. In a frame `new Grant (/app/lib/grant.js:53:9)` stand a function, a file of
the machine that synthesised, a line and a column; other languages than JavaScript have no column,
Java no directory. The first of the user's frames is the one with `new X(`, later ones its callers.
https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/stack-trace.ts
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in a program, as the machine that ran it names it.

    `line` and `column` count from 1, the column in UTF-16 units; 0 is a column that is not known.
    """

    file: str
    line: int
    column: int = 0


class Traces:
    """Reads traces; each text is looked at once, as most stand in many traces."""

    def __init__(self) -> None:
        self._known: dict[str, Frame | None] = {}

    def user_frames(self, trace: Iterable[str]) -> tuple[Frame, ...]:
        """The user's frames, the innermost first.

        None where the user's code only asked for the synthesis that made the construct.
        """
        found: dict[Frame, None] = {}
        before = ""
        for one in trace:
            frame = self._frame(one)
            if frame is None:
                before = before if found else one[:LONGEST]
            elif not found and _SYNTHESIS.search(before):
                return ()
            else:
                found[frame] = None
        return tuple(found)

    def made_by(self, trace: Sequence[str], constructor: re.Pattern[str]) -> tuple[Frame, ...]:
        """The user's frames, if what the first of them calls is such a constructor."""
        first = next((at for at, one in enumerate(trace) if self._frame(one) is not None), 0)
        called = first > 0 and constructor.match(trace[first - 1]) is not None
        return self.user_frames(trace[first - 1 :]) if called else ()

    def _frame(self, text: str) -> Frame | None:
        if text not in self._known:
            self._known[text] = _frame(text) if len(text) <= LONGEST else None
        return self._known[text]


LONGEST: Final = 4_000
"""Characters of a frame."""
_SYNTHESIS: Final = re.compile(r"^(?:\w+\.)?synth \(|\b(?:\w+\.)?synth in [^,]*\.\.\.$")
_PLACE: Final = re.compile(
    r"(?:(?P<function>[^(]*) \()?(?P<file>[^\0:][^\0]*?):(?P<at>\d+(?::\d+)?)\)?$"
)
_SHARP: Final = re.compile(r"(?P<function>.*) in (?P<file>.+):line (?P<at>\d+)$")
_FOREIGN: Final = re.compile(
    r"(?:^|/)node_modules/|^node:|^internal/|(?:^|/)aws-cdk-lib/|<|^\.\.\."
    r"|/site-packages/|/dist-packages/|/lib/python\d|/pkg/mod/|^webpack/"
)
_FOREIGN_JAVA: Final = re.compile(
    r"(?:software\.amazon|java|javax|jdk|sun|com\.sun|kotlin|scala|groovy|org\.codehaus"
    r"|org\.apache\.maven|org\.gradle)\."
)
_JVM: Final = (".java", ".kt", ".scala", ".groovy")


def _frame(text: str) -> Frame | None:
    """The user's frame that a text is; None for any other."""
    text = text.strip().removeprefix("at ")
    if text.startswith(("...", "(", "eval at ")):
        return None
    match = _SHARP.match(text) or _PLACE.match(text)
    if match is None:
        return None
    function, file = match["function"] or "", _plain(match["file"])
    if file.endswith(_JVM) and "/" not in file:
        if _FOREIGN_JAVA.match(function):
            return None
        file = "/".join((*function.split(".")[:-2], file))
    if not file or _FOREIGN.search(file) or "eval at " in function:
        return None
    line, _, column = match["at"].partition(":")
    return Frame(file, _number(line), _number(column)) if _number(line) else None


def _number(digits: str) -> int:
    return int(digits) if 0 < len(digits) < 10 else 0


def _plain(file: str) -> str:
    """A file's path with `/` between its parts, without scheme, drive and steps up and down."""
    file = re.sub(r"^file:/*(?=/)", "", file).replace("\\", "/")
    file = re.sub(r"^/?[A-Za-z]:(?=/)", "", file)
    return posixpath.normpath(file) if file else ""
