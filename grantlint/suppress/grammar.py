r"""The text of comments: the acceptances in it, and what is wrong with those that were meant.

    comment    = acceptance { blanks acceptance } [ blanks ( "#" | "//" ) anything ]
    acceptance = "grantlint:" [ blanks ] "ignore" "[" rule { "," rule } "]" { blanks option }
    option     = "until=" day | "reason=" text | "accepts=" text
    text       = '"' { any but " and \, or \" or \\ } '"' | any but blanks and quotes
    day        = year "-" month "-" day, as 2027-03-31

What begins as ours and is none of this was meant all the same: it is a fault, at its place, with
what would be right. Places are indexes of characters in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from grantlint.extent import Extent, parse
from grantlint.spelling import nearest

OPTIONS: Final = ("until", "reason", "accepts")
_RIGHT: Final = 'grantlint: ignore[{}] reason="…"'
_BEGIN: Final = re.compile(r"grantlint:[ \t]*ignore\[")
_MEANT: Final = re.compile(
    r"(?P<ours>grantlint)(?P<sign>[ \t]*[:.=/_-][ \t]*|[ \t]+)(?P<word>[a-z]+)(?P<next>[ \t]*\S?)",
    re.IGNORECASE,
)
_ALIKE: Final = frozenset(
    {"ignore", "ignored", "noqa", "nolint", "disable", "skip", "suppress", "allow", "accept"}
)
"""What others call it; behind a blank only as a word of its own."""
_RULES: Final = re.compile(r"[ \t]*[\[(:=]?[ \t]*(?P<rules>[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)")
_RULE: Final = re.compile(r"[^\s,\]\"#]+")
_NEXT: Final = re.compile(r"(?!(?:until|reason|accepts)[ \t]*=)[^\s,\]\"#]+")
_BLANKS: Final = re.compile(r"[ \t]*")
_REST: Final = re.compile(r"(?:^|(?<=[ \t]))(?:#+|//+)[ \t]*")
_WORD: Final = re.compile(r"(?P<name>[^\s=:\"]+)(?P<sign>[ \t]*[=:][ \t]*)?")
_BARE: Final = re.compile(r"[^\s\"]*")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_OTHER_QUOTES: Final = "'“”„‘’«»`"
_MEANINGS: Final = {
    "because": "reason", "why": "reason", "comment": "reason", "justification": "reason",
    "exp": "until", "expires": "until", "expiry": "until", "expired_at": "until", "date": "until",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong, from one character to another."""

    message: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Named:
    """The id of a rule, and where it stands."""

    id: str
    start: int
    end: int


@dataclass(slots=True)
class Said:
    """One acceptance as it is written. With anything `wrong` it is not in force."""

    start: int
    end: int
    rules: list[Named] = field(default_factory=list)
    reason: str | None = None
    until: date | None = None
    accepts: Extent | None = None
    wrong: list[Wrong] = field(default_factory=list)


def read(text: str) -> Iterator[Said]:
    """The acceptances in one line of a comment, its marks taken off."""
    at = _past_blanks(text, 0)
    while at < len(text):
        begin = _BEGIN.match(text, at)
        said = _Reader(text, at, begin.end()).said if begin else _meant(text, at)
        if said is not None:
            yield said
            at = _past_blanks(text, said.end)
        if said is None or text[at : at + 9].lower() != "grantlint":
            rest = _REST.search(text, at)
            at = rest.end() if rest else len(text)


def day(text: str) -> date | str:
    """The day that a text says, else what is wrong with it."""
    if not _DAY.fullmatch(text):
        return f"{text} is no day: write it as 2027-03-31" if text else "the day is missing"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return f"there is no day {text}"


def accepted(text: str) -> Extent | str:
    """The extent that a text says, else what is wrong with it."""
    found = parse(text)
    if found is None:
        return f"{text} says no access: `grantlint check --add-ignore` writes what is to stand here"
    return found


def _past_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


# -- what was meant ------------------------------------------------------------------------


def _meant(text: str, at: int) -> Said | None:
    """What begins as ours and goes on otherwise; None for what says something else."""
    match = _MEANT.match(text, at)
    if match is None or not _is_meant(match):
        return None
    rules = _RULES.match(text, match.end("word"))
    named = rules["rules"] if rules is not None else ""
    if named in OPTIONS or match["next"].strip() not in {"[", "(", ":", "=", ""} | set(named[:1]):
        named = ""
    right = _RIGHT.format(re.sub(r"[ \t]+", "", named).replace(",", ", ") or "rule")
    rest = _REST.search(text, match.end())
    end = rest.start() if rest else len(text)
    wrong = Wrong(f"this accepts nothing: write `{right}`", at, match.end("word"))
    return Said(at, max(end, match.end("word")), wrong=[wrong])


def _is_meant(match: re.Match[str]) -> bool:
    word, sign, next = match["word"].lower(), match["sign"].strip(), match["next"].strip()
    if not sign:
        return word in _ALIKE and (next in {"", "[", "(", ":", "="} or word == "ignore")
    if word in _ALIKE or next in {"[", "("}:
        return True
    return nearest(word, ["ignore"]) is not None


# -- one acceptance ------------------------------------------------------------------------


class _Reader:
    """Reads one acceptance; the first fault that hides what follows ends it."""

    def __init__(self, text: str, start: int, at: int) -> None:
        self.text = text
        self.at = at
        self.said = Said(start, at)
        if self._rules():
            while self._option():
                pass
        said = self.said
        said.end = max(said.end, self.at)
        while said.end > start and text[said.end - 1] in " \t":
            said.end -= 1
        if said.reason is None and not said.wrong:
            self._wrong('why is not said: add reason="…"', start, said.end)

    def _wrong(self, message: str, start: int, end: int) -> None:
        self.said.wrong.append(Wrong(message, start, end))

    def _blanks(self) -> None:
        self.at = _past_blanks(self.text, self.at)

    def _rules(self) -> bool:
        """The ids up to `]`; False where that is missing."""
        opening = self.at - 1
        while True:
            self._blanks()
            match = _RULE.match(self.text, self.at)
            if match is not None:
                if any(match[0] == one.id for one in self.said.rules):
                    self._wrong(f"{match[0]} is named twice", match.start(), match.end())
                self.said.rules.append(Named(match[0], match.start(), match.end()))
                self.at = match.end()
                self._blanks()
            sign = self.text[self.at : self.at + 1]
            if sign == "]" and (match is not None or not self.said.rules):
                self.at += 1
                if not self.said.rules:
                    message = "no rule is named: `grantlint rules` lists their ids"
                    self._wrong(message, opening, self.at)
                return True
            if match is None and sign in {",", "]"}:
                self._wrong("the id of a rule is missing", self.at, self.at + 1)
                self.at += 1
                if sign == "]":
                    return True
            elif sign == ",":
                self.at += 1
            elif (next := _NEXT.match(self.text, self.at)) is not None and match is not None:
                self._wrong("there is no comma between the ids of two rules", *next.span())
            else:
                self._wrong("`]` is missing behind the ids of the rules", opening, self.at)
                return False

    def _option(self) -> bool:
        """One option; False at the end."""
        self.said.end = self.at
        self._blanks()
        text, start = self.text, self.at
        rest = _REST.match(text, start)
        if start >= len(text) or rest is not None or _BEGIN.match(text, start):
            self.at = self.said.end
            return False
        word = _WORD.match(text, start)
        if word is None or word["sign"] is None:
            end = word.end() if word else start + 1
            self._stray(text[start:end], start, end)
            return False
        name = word["name"]
        if start == self.said.end:
            self._wrong(f"a blank is missing before {name}", start, word.end("name"))
        if word["sign"] != "=":
            self._wrong(f"write {name}=…, without blanks", start, word.end())
        self.at = word.end()
        value = self._value(name)
        if value is not None:
            self._take(name, value, start, word.end("name"), word.end())
        return value is not None

    def _stray(self, word: str, start: int, end: int) -> None:
        """What is no option; what follows it cannot be told from it."""
        if word.lower().startswith("grantlint") and _MEANT.match(self.text, start):
            self.at = self.said.end
            return
        message = f"{word} means nothing here: a reason of several words stands between quotes"
        if self.said.reason is None:
            message = f'{word} means nothing here: write reason="…"'
        self._wrong(message, start, end)
        rest = _REST.search(self.text, end)
        self.at = rest.start() if rest else len(self.text)

    def _value(self, name: str) -> str | None:
        """What stands behind `=`; None where its end cannot be told."""
        text, start = self.text, self.at
        if text[start : start + 1] in _OTHER_QUOTES and start < len(text):
            self._wrong(f'write {name} between straight double quotes, "…"', start, start + 1)
            rest = _REST.search(text, start)
            self.at = rest.start() if rest else len(text)
            return None
        if text[start : start + 1] == '"':
            return self._quoted(start)
        match = _BARE.match(text, start)
        self.at = match.end() if match else start
        return text[start : self.at]

    def _quoted(self, start: int) -> str | None:
        text, found, at = self.text, list[str](), start + 1
        while at < len(text) and text[at] != '"':
            if text[at] == "\\":
                if text[at + 1 : at + 2] not in {'"', "\\"}:
                    self._wrong(r"only \" and \\ can stand here", at, min(at + 2, len(text)))
                else:
                    at += 1
            found.append(text[at])
            at += 1
        self.at = min(at + 1, len(text))
        if at >= len(text):
            self._wrong("the quote is not closed", start, len(text))
            return None
        return "".join(found)

    def _take(self, name: str, value: str, start: int, end: int, at: int) -> None:
        said = self.said
        if name not in OPTIONS:
            near = _MEANINGS.get(name.lower()) or nearest(name, OPTIONS)
            hint = f"write {near}=" if near else "there are until=, reason= and accepts="
            self._wrong(f"there is no {name}=: {hint}", start, end)
            if near == "reason":
                said.reason = value
        elif getattr(said, name) is not None:
            self._wrong(f"{name} is given twice", start, end)
        elif name == "reason":
            said.reason = value
            if not value.strip():
                self._wrong("the reason is empty: say why", at, max(self.at, at + 1))
        else:
            made = day(value) if name == "until" else accepted(value)
            if isinstance(made, str):
                self._wrong(made, at, max(self.at, at + 1))
            elif isinstance(made, date):
                said.until = made
            else:
                said.accepts = made
