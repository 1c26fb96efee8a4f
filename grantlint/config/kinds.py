"""The kinds of values that keys have: what is wrong with one, and its JSON Schema.

Both come from the same object, so that an editor accepts what a run accepts.
"""

from __future__ import annotations

# ruff: noqa: D102  # what each does is said in Kind
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from grantlint.config.document import Path
from grantlint.extent import parse
from grantlint.spelling import nearest

Schema = dict[str, object]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong below a key, and at which path; `key` where it is the key and not its value."""

    at: Path
    message: str
    key: bool = False


class Kind(Protocol):
    """What a value has to be."""

    @property
    def noun(self) -> str:
        """What it is called, with its article."""

    def faults(self, value: object) -> Iterator[Fault]:
        """What is wrong with a value."""

    def schema(self, rules: Sequence[str]) -> Schema:
        """The JSON Schema; `rules` are the ids of our own rules."""


def called(value: object) -> str:
    """What a value is, in TOML's and YAML's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else "a date or time"


def texts(value: object) -> list[str]:
    """The texts of a list, whatever else is in it."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def noun(self) -> str:
        return "one of " + ", ".join(f'"{word}"' for word in self.words)

    def faults(self, value: object) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault((), f"it is {self.noun}, not {called(value)}")
        elif value not in self.words:
            near = nearest(value, sorted(self.words))
            hint = f'did you mean "{near}"?' if near else f"it is {self.noun}"
            yield Fault((), f'"{value}" cannot stand here; {hint}')

    def schema(self, rules: Sequence[str]) -> Schema:
        del rules
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a form. `form` says it in words; `number` that digits alone make one."""

    pattern: str
    form: str
    noun: str = "a text"
    number: bool = False

    def faults(self, value: object) -> Iterator[Fault]:
        if self.number and isinstance(value, int) and not isinstance(value, bool):
            yield Fault((), f'it is a text: write "{value}", a number loses the zeros before it')
        elif not isinstance(value, str):
            yield Fault((), f"it is {self.noun}, not {called(value)}")
        elif not re.search(self.pattern, value, re.ASCII):
            yield Fault((), f'"{value}" is not {self.form}')

    def schema(self, rules: Sequence[str]) -> Schema:
        del rules
        return {"type": "string", "pattern": self.pattern}


@dataclass(frozen=True, slots=True)
class RuleId:
    """The id of a rule. Which ones there are is known where the rules are; see `reader.named`."""

    noun: str = "the id of a rule"
    every: bool = False

    def faults(self, value: object) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault((), f"it is {self.noun}, not {called(value)}")

    def schema(self, rules: Sequence[str]) -> Schema:
        words = [*EVERY, *rules] if self.every else list(rules)
        return {"type": "string", "anyOf": [{"enum": words}, {"pattern": ID}]}


ID: Final = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
EVERY: Final = ("*", "all")
"""What stands for all rules."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of one kind, of at least so many."""

    of: Kind
    several: str
    least: int = 0

    @property
    def noun(self) -> str:
        return f"a list of {self.several}"

    def faults(self, value: object) -> Iterator[Fault]:
        if not isinstance(value, list):
            hint = f': write ["{value}"]' if isinstance(value, str) else ""
            yield Fault((), f"it is {self.noun}, not {called(value)}{hint}")
            return
        if len(value) < self.least:
            yield Fault((), f"it is empty: at least one of the {self.several} belongs here")
        for number, one in enumerate(value):
            for fault in self.of.faults(one):
                yield Fault((number, *fault.at), fault.message)

    def schema(self, rules: Sequence[str]) -> Schema:
        shown: Schema = {"type": "array", "items": self.of.schema(rules)}
        return shown | ({"minItems": self.least} if self.least else {})


@dataclass(frozen=True, slots=True)
class ByRule:
    """A table: the id of a rule → a value."""

    of: Kind
    noun: str

    def faults(self, value: object) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault((), f"it is {self.noun}, not {called(value)}")
            return
        for name, one in value.items():
            for fault in self.of.faults(one):
                yield Fault((name, *fault.at), fault.message)

    def schema(self, rules: Sequence[str]) -> Schema:
        of = self.of.schema(rules)
        return {
            "type": "object",
            "properties": dict.fromkeys(rules, of),
            "patternProperties": {ID: of},
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class Day:
    """A day, as TOML has it or as text."""

    noun: str = "a day"

    def faults(self, value: object) -> Iterator[Fault]:
        if isinstance(value, datetime) or not isinstance(value, date | str):
            yield Fault((), f"it is a day, 2027-03-31, not {called(value)}")
        elif isinstance(value, str) and day(value) is None:
            yield Fault((), f'"{value}" is no day: write 2027-03-31')

    def schema(self, rules: Sequence[str]) -> Schema:
        del rules
        return {"type": "string", "format": "date", "pattern": _DAY}


_DAY: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def day(value: object) -> date | None:
    """The day that a value says."""
    if isinstance(value, date):
        return value
    try:
        fits = isinstance(value, str) and re.fullmatch(_DAY, value)
        return date.fromisoformat(fits.string) if fits else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Access:
    """How much access was accepted, as `grantlint check --add-ignore` writes it."""

    noun: str = "a text"

    def faults(self, value: object) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault((), f"it is {self.noun}, not {called(value)}")
        elif parse(value) is None:
            yield Fault((), f'"{value}" says no access: grantlint writes what is to stand here')

    def schema(self, rules: Sequence[str]) -> Schema:
        del rules
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of files as in .gitignore."""

    noun: str = "a pattern"

    def faults(self, value: object) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault((), f"it is {self.noun}, not {called(value)}")
        elif not value.strip() or value.startswith("#"):
            yield Fault((), f'"{value}" is no pattern of files: write "modules/**"')
        elif re.search(_EXPRESSION, value):
            yield Fault(
                (),
                f'"{value}" looks like a regular expression: write a pattern as in .gitignore, '
                '"modules/**/*.tf"',
            )
        elif re.search(_OUTSIDE, value):
            yield Fault((), f'"{value}" leads out of the directory of the configuration')

    def schema(self, rules: Sequence[str]) -> Schema:
        del rules
        return {
            "type": "string",
            "pattern": r"^\s*[^\s#]",
            "not": {"pattern": f"{_EXPRESSION}|{_OUTSIDE}|^#"},
        }


_EXPRESSION: Final = r"^\^|\$$|\\\.|\.\+|\(\?|\([^()]*\|[^()]*\)"
_OUTSIDE: Final = r"^!?(\.\./|\.\.$)|/\.\.(/|$)|^~|^[A-Za-z]:"
