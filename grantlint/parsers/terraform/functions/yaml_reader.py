"""yamldecode: YAML as go-cty-yaml reads it, a mixture of 1.1 and 1.2.

`yes`, `on` and `y` are bools, 012 is twelve, dates become timestamps, `<<` merges in the order in
which it stands. https://github.com/zclconf/go-cty-yaml/tree/v1.1.0
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import yaml

from grantlint.parsers.holes import UnknowableError, normalized
from grantlint.parsers.number import parse_number
from grantlint.parsers.places import places
from grantlint.parsers.terraform.convert import convert, type_of, type_text
from grantlint.parsers.terraform.functions.declaration import FunctionError, Parameter, function
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.source import Span
from grantlint.value import STRING, Number, Value, boolean, null, number, object_, string, tuple_

DEEPEST = 100
MOST_NODES = 100_000
_TAG = "tag:yaml.org,2002:"
_RESOLVABLE = {"", *(_TAG + name for name in "str bool int float null timestamp binary".split())}
_TRUE = "y Y yes Yes YES true True TRUE on On ON".split()
_FALSE = "n N no No NO false False FALSE off Off OFF".split()
_NULL = ["", "~", "null", "Null", "NULL"]
_INFINITE = [sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")]
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(Z|[+-]\d\d:\d\d))"
    r"|(?: (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?))?",
    re.ASCII,
)


@function(Parameter("src", STRING))
def yamldecode(text: Value) -> Value:
    """The document; members stand where they are in the text."""
    known = text.text or ""
    try:
        value = _Reader(known or "\n", places(text, known)).read()
    except yaml.reader.ReaderError:
        raise FunctionError("control characters are not allowed") from None
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error) from None
    return replace(value, trail=text.trail)


def _syntax_error(error: yaml.MarkedYAMLError) -> FunctionError:
    problem = error.problem or "invalid YAML syntax"
    mark = error.problem_mark
    if mark is not None and mark.line:
        scanning = isinstance(error, yaml.scanner.ScannerError)
        line, column = (mark.line + 1, 1) if scanning else (mark.line, mark.column + 1)
        return FunctionError(f"on line {line}, column {column}: {problem}")
    mark = error.context_mark
    if mark is not None and mark.line:
        return FunctionError(f"on line {mark.line}, column {mark.column + 1}: {problem}")
    return FunctionError(problem)


def _error(event: yaml.Event, text: str) -> FunctionError:
    mark = event.start_mark
    if mark is None or not mark.line:
        return FunctionError(text)
    return FunctionError(f"on line {mark.line}, column {mark.column + 1}: {text}")


class _Reader:
    def __init__(self, text: str, place: Callable[[int, int], Span | None]) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.events = yaml.parse(text, Loader=loader)
        self.place = place
        self.anchors: dict[str, tuple[Value, int]] = {}
        self.pending: set[str] = set()
        self.nodes = 0

    def read(self) -> Value:
        """The one document."""
        next(self.events)
        start = next(self.events)
        if not isinstance(start, yaml.DocumentStartEvent):
            raise _error(start, "missing start of document")
        value = self._value(next(self.events), 0)
        end = next(self.events)
        if not isinstance(end, yaml.DocumentEndEvent):
            raise _error(end, "unexpected extra content after value")
        behind = next(self.events)
        if not isinstance(behind, yaml.StreamEndEvent):
            raise _error(behind, "unexpected extra content after value")
        return value

    def _value(self, event: yaml.Event, depth: int) -> Value:
        assert isinstance(event, yaml.NodeEvent)  # a value stands here, says the grammar
        self._count(1)
        if depth > DEEPEST:
            raise UnknowableError(f"YAML nested deeper than {DEEPEST}")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        anchor = event.anchor
        before = self.nodes
        if anchor:
            self.pending.add(anchor)
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            value = self._mapping(event, depth)
        else:
            assert isinstance(event, yaml.SequenceStartEvent)
            value = self._sequence(event, depth)
        if anchor:
            self.pending.discard(anchor)
            self.anchors[anchor] = (value, self.nodes - before + 1)
        return value

    def _count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            raise UnknowableError(f"YAML with more than {MOST_NODES} values")

    def _alias(self, event: yaml.AliasEvent) -> Value:
        name = event.anchor or ""
        if name in self.pending:
            text = f"cannot refer to anchor {quoted(name)} from inside its own definition"
            raise _error(event, text)
        if name not in self.anchors:
            raise _error(event, f"reference to undefined anchor {quoted(name)}")
        value, size = self.anchors[name]
        self._count(size)
        return value

    def _at(self, value: Value, start: yaml.Event, end: yaml.Event) -> Value:
        first, last = start.start_mark, end.end_mark
        if first is None or last is None:
            return value
        return value.at(self.place(first.index, last.index))

    # -- kinds of nodes --------------------------------------------------------------------

    def _scalar(self, event: yaml.ScalarEvent) -> Value:
        value = _resolved(event)
        if value is None:
            value = string("<<")
        plain = event.style in {None, ""}
        if not plain and not event.tag:
            value = convert(value, STRING)  # a block scalar that looks like a number
        return self._at(value, event, event)

    def _sequence(self, event: yaml.SequenceStartEvent, depth: int) -> Value:
        if event.tag not in {None, _TAG + "seq"}:
            raise _error(event, f"can't interpret sequence as {event.tag}")
        members: list[Value] = []
        while not isinstance(following := next(self.events), yaml.SequenceEndEvent):
            members.append(self._value(following, depth + 1))
        return self._at(tuple_(members), event, following)

    def _mapping(self, event: yaml.MappingStartEvent, depth: int) -> Value:
        if event.tag not in {None, _TAG + "map"}:
            raise _error(event, f"can't interpret mapping as {event.tag}")
        members: dict[str, Value] = {}
        while not isinstance(key := next(self.events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                raise _error(key, "only strings are allowed as mapping keys")
            name = _resolved(key)
            value = self._value(next(self.events), depth + 1)
            if name is None:
                members.update(_merged(key, value))
                continue
            text = convert(name, STRING).text
            if text is None:
                raise _error(key, "mapping key cannot be null")
            members[normalized(text)] = value
        return self._at(object_(members), event, key)


def _merged(key: yaml.Event, value: Value) -> Mapping[str, Value]:
    if value.kind != "object":
        raise _error(key, f"cannot merge {type_text(type_of(value))} into mapping")
    return dict(value.items())


# -- scalars -------------------------------------------------------------------------------


def _resolved(event: yaml.ScalarEvent) -> Value | None:
    """The value of a scalar; None is the merge key."""
    tag, source = event.tag or "", event.value
    if tag not in _RESOLVABLE:
        raise _error(event, f"unsupported tag {quoted(tag)}")
    kind = tag.removeprefix(_TAG)
    if kind not in {"str", "binary"} and (not source or source[0] in "+-.0123456789yYnNtTfFoO~"):
        if event.style in {"'", '"'}:
            return string(normalized(source))
        if (found := _word(source)) is not None:
            return found
        if not kind and source in {".nan", ".NaN", ".NAN"}:
            raise _error(event, "floating point NaN is not supported")
        kind, found = _guessed(kind, source)
        if found is not None:
            return found
    if not kind and source == "<<":
        return None
    return _typed(event, kind, source)


def _word(source: str) -> Value | None:
    if source in _TRUE or source in _FALSE:
        return boolean(source in _TRUE)
    if source in _NULL:
        return null()
    if source in _INFINITE:
        raise UnknowableError("an infinite number")
    return None


def _guessed(kind: str, source: str) -> tuple[str, Value | None]:
    """What a scalar that begins like a number is."""
    if source[:1] == ".":
        amount = parse_number(source)
        return kind, None if amount is None else number(amount)
    if source[:1] and source[0] in "+-0123456789":
        if kind in {"", "timestamp"} and (moment := _timestamp(source)) is not None:
            return kind, string(moment)
        if _INTEGER.fullmatch(source):
            return "int", None
        if _FLOAT.fullmatch(source):
            return "float", None
    return kind, None


def _typed(event: yaml.ScalarEvent, kind: str, source: str) -> Value:
    wrong = _error(event, f"cannot parse {quoted(source)} as {_TAG}{kind}")
    if kind in {"", "str"}:
        return string(normalized(source))
    if kind == "binary":
        raise UnknowableError("binary YAML is not decoded")
    if kind == "null":
        return null()
    if kind in {"int", "float"}:
        return number(_number(source.replace("_", ""), wrong))
    raise wrong


def _number(text: str, wrong: FunctionError) -> Number:
    amount = parse_number(text)
    if amount is not None:
        return amount
    try:
        return int(text, 0)
    except ValueError:
        if _FLOAT.fullmatch(text):
            raise UnknowableError(f"the number {text[:40]} is not computed") from None
        raise wrong from None


def _timestamp(text: str) -> str | None:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(match[at]) for at in (1, 2, 3))
    hour, minute, second = (int(match[at] or match[at + 4] or 0) for at in (4, 5, 6))
    try:
        found = date(year or 4, month, day)
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone = match[7] or "Z"
    zone = "Z" if zone in {"+00:00", "-00:00"} else zone
    return f"{year:04d}-{found.month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{zone}"
