"""The named classes of characters of Go's regular expressions, all of them ASCII."""

from __future__ import annotations

from collections.abc import Callable

Test = Callable[[str], bool]

_DIGIT = [("0", "9")]
_WORD = [("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")]
_SPACE = [("\t", "\n"), ("\f", "\r"), (" ", " ")]
PERL = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
POSIX = {
    "alnum": [("0", "9"), ("A", "Z"), ("a", "z")],
    "alpha": [("A", "Z"), ("a", "z")],
    "ascii": [("\x00", "\x7f")],
    "blank": [("\t", "\t"), (" ", " ")],
    "cntrl": [("\x00", "\x1f"), ("\x7f", "\x7f")],
    "digit": _DIGIT,
    "graph": [("!", "~")],
    "lower": [("a", "z")],
    "print": [(" ", "~")],
    "punct": [("!", "/"), (":", "@"), ("[", "`"), ("{", "~")],
    "space": [("\t", "\r"), (" ", " ")],
    "upper": [("A", "Z")],
    "word": _WORD,
    "xdigit": [("0", "9"), ("A", "F"), ("a", "f")],
}


def ranges_test(ranges: list[tuple[str, str]], negated: bool = False) -> Test:
    """Whether a character lies in one of the ranges."""
    return lambda letter: any(low <= letter <= high for low, high in ranges) != negated
