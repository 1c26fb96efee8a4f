"""The names in a sentence told from its words, for what shows them as code: Markdown and HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r'\s+|(?:"[^"]*"|(?<=\w)\([^()]*\)|[^\s"])+|"')
_PLAIN = re.compile(
    r"""(?P<open>[("“‘]*)
        (?:[^\W\d_]+(?:['’-][^\W\d_]+)*|\d{1,6}(?![.)])|\d{4}-\d\d-\d\d)
        (?P<close>[)"”’,;:.?!]*)""",
    re.X,
)
_NAME = re.compile(r"(?P<name>.*?)(?P<close>[,;:.]*)", re.S)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """A sentence cut into ("text", words) and ("name", what is code in it).

    Words have nothing but letters and what punctuates a sentence; whatever else there is (an
    address, an ARN, an action, what a user has quoted) is a name. So in Markdown and HTML all that
    could mean something to a reader, `@name`, `#1`, `*`, `<`, comes out as code.
    """
    words = ""
    for token in _TOKEN.findall(text):
        if token.isspace() or _PLAIN.fullmatch(token) or token in {"–", "/"}:
            words += " " if token.isspace() else token
            continue
        match = _NAME.fullmatch(token)
        name, close = (match["name"], match["close"]) if match else (token, "")
        if words:
            yield "text", words
        if name:
            yield "name", name
        words = close
    if words:
        yield "text", words
