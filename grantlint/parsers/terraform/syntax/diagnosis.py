"""What is wrong in a block that does not parse, and where.

python-hcl2 says what would have been right at the first wrong token. It takes long to load, so
only a fault brings it in, and only a small block is shown to it.
"""

from __future__ import annotations

from grantlint.parsers.terraform.syntax import grammar as g
from grantlint.parsers.terraform.syntax.respelling import masked
from grantlint.source import Source

_LARGEST = 20_000
_NOWHERE = Source("", b"")
_UNKNOWN = "a syntax error"
_WORDS = {
    "EQ": "`=`", "LBRACE": "`{`", "RBRACE": "`}`", "LSQB": "`[`", "RSQB": "`]`", "LPAR": "`(`",
    "RPAR": "`)`", "COMMA": "`,`", "COLON": "`:`", "NL_OR_COMMENT": "a line break",
    "NAME": "a name", "DBLQUOTE": "a string", "QMARK": "`?`",
}  # fmt: skip
_VALUES = frozenset(("INT_LITERAL", "LPAR", "MINUS", "HEREDOC_TEMPLATE"))


def described(piece: bytes) -> tuple[str, int]:
    """A message and the byte it belongs to, for a piece of text that does not parse."""
    if len(piece) <= _LARGEST:
        told = _second_opinion(piece.decode())
        if told is not None:
            return told
    return _first_error(piece)


def _second_opinion(text: str) -> tuple[str, int] | None:
    import hcl2  # noqa: PLC0415 - takes 0.2 s to load, up to 1.5 s where it cannot cache
    from lark.exceptions import LarkError, UnexpectedToken  # noqa: PLC0415

    try:
        hcl2.loads(text + "\n")
    except UnexpectedToken as fault:
        wanted = _wanted(fault.expected)
        found = fault.token.value.split("\n")[0].strip()
        at = len(text[: fault.pos_in_stream].encode())
        if wanted is None or at >= len(text.encode()):
            return None
        found = f"`{found}` was found" if found else "the line ends"
        return f"{wanted} was expected, {found}", at
    except (LarkError, RecursionError, ValueError):
        return None
    return None


def _wanted(expected: set[str]) -> str | None:
    """What could have stood there, in words."""
    if expected >= _VALUES:
        return "a value"
    words = [word for name, word in _WORDS.items() if name in expected]
    if "a name" in words and "`=`" not in words:
        words.remove("a name")
    if not words:
        return None
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _first_error(piece: bytes) -> tuple[str, int]:
    """Where tree-sitter stumbles first."""
    tree = g.Region(_NOWHERE, piece, 0, masked(piece)).root()
    first = len(piece)
    message = _UNKNOWN
    pending = [tree]
    while pending:
        node = pending.pop()
        if not node.has_error or node.start_byte >= first:
            continue
        if node.is_missing:
            first, message = node.start_byte, f"`{node.type}` is missing"
        elif node.is_error:
            first, message = node.start_byte, _UNKNOWN
        pending.extend(node.children)
    return message, min(first, max(0, len(piece) - 1))
