"""Timestamps (RFC 3339). What depends on the clock is unknown.

https://github.com/zclconf/go-cty/blob/v1.16.0/cty/function/stdlib/datetime.go
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from grantlint.parsers.holes import UnknowableError
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
    plain,
)
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.value import NUMBER, STRING, Value, unknown

_SECOND = 1_000_000_000
_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@dataclass(frozen=True, slots=True)
class Moment:
    """Nanoseconds since the year 1 in UTC, and minutes east of UTC in which it is shown."""

    nanoseconds: int
    offset: int

    @property
    def day(self) -> date:
        """The local day."""
        return date(1, 1, 1) + timedelta(days=self._local // (86_400 * _SECOND))

    @property
    def second(self) -> int:
        """Seconds since local midnight."""
        return self._local // _SECOND % 86_400

    @property
    def _local(self) -> int:
        return self.nanoseconds + self.offset * 60 * _SECOND

    def __str__(self) -> str:
        hours, rest = divmod(self.second, 3600)
        clock = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
        return f"{self.day.isoformat()}T{clock}{self.zone('Z', ':')}"

    def zone(self, utc: str, colon: str) -> str:
        """The offset from UTC."""
        if utc and self.offset == 0:
            return utc
        hours, minutes = divmod(abs(self.offset), 60)
        return f"{'-' if self.offset < 0 else '+'}{hours:02d}{colon}{minutes:02d}"


@function(returns=STRING)
def timestamp() -> Value:
    """Another one in every run."""
    return unknown("timestamp() is only known when terraform runs", type=STRING)


@function(returns=STRING)
def plantimestamp() -> Value:
    """Another one in every plan."""
    return unknown("plantimestamp() is only known when terraform runs", type=STRING)


@plain(Parameter("timestamp", STRING), Parameter("duration", STRING), returns=STRING)
def timeadd(time: str, duration: str) -> str:
    """In the zone of the given time; fractions of seconds are not shown."""
    moment = _moment(time, None)
    later = moment.nanoseconds + _duration(duration)
    _check_year(later)
    return str(Moment(later, moment.offset))


@plain(Parameter("timestamp_a", STRING), Parameter("timestamp_b", STRING), returns=NUMBER)
def timecmp(left: str, right: str) -> int:
    """-1, 0 or 1."""
    first, second = (
        _moment(left, 0, strict=False).nanoseconds,
        _moment(right, 1, strict=False).nanoseconds,
    )
    return (first > second) - (first < second)


@plain(Parameter("format", STRING), Parameter("time", STRING), returns=STRING)
def formatdate(format: str, time: str) -> str:
    """Runs of one letter are verbs, text in single quotes is itself."""
    moment = _moment(time, 1)
    return "".join(_token(match[0], moment) for match in _TOKEN.finditer(format))


_TOKEN = re.compile(r"''|'(?:[^']|'')*'|'.*|([A-Za-z])\1*|[^A-Za-z']+", re.DOTALL)


def _token(piece: str, moment: Moment) -> str:
    if piece == "''":
        return "'"
    if piece[0] == "'":
        if piece[-1] != "'" or len(piece) == 1:
            raise FunctionError("unterminated literal '", 0)
        return piece[1:-1].replace("''", "'")
    if not (piece[0].isascii() and piece[0].isalpha()):
        return piece
    shown = _shown(piece, moment)
    if shown is None:
        hint = _HINTS.get(piece[0])
        letters = f'"{piece[0] * 2}"'
        detail = f": {hint.format(letters)}" if hint else ""
        raise FunctionError(f'invalid date format verb "{piece}"{detail}', 0)
    return shown


_HINTS = {
    "Y": 'year must either be "YY" or "YYYY"',
    "M": 'month must be "M", "MM", "MMM", or "MMMM"',
    "D": 'day of month must either be "D" or "DD"',
    "E": 'day of week must either be "EEE" or "EEEE"',
    "h": '24-hour must either be "h" or "hh"',
    "H": '12-hour must either be "H" or "HH"',
    "A": "must be {}",
    "a": "must be {}",
    "m": 'minute must either be "m" or "mm"',
    "s": 'second must either be "s" or "ss"',
    "Z": "timezone must be Z, ZZZZ, or ZZZZZ",
}


def _shown(token: str, moment: Moment) -> str | None:
    day, second = moment.day, moment.second
    hour = second // 3600
    half = "am" if hour < 12 else "pm"
    month, weekday = _MONTHS[day.month - 1], _DAYS[day.weekday()]
    spelled = {
        "YY": f"{day.year % 100:02d}",
        "YYYY": f"{day.year:04d}",
        "MMM": month[:3],
        "MMMM": month,
        "EEE": weekday[:3],
        "EEEE": weekday,
        "AA": half.upper(),
        "aa": half,
        "Z": moment.zone("Z", ":"),
        "ZZZ": moment.zone("UTC", ""),
        "ZZZZ": moment.zone("", ""),
        "ZZZZZ": moment.zone("", ":"),
    }
    numbers = {
        "M": day.month,
        "D": day.day,
        "h": hour,
        "H": hour % 12 or 12,
        "m": second // 60 % 60,
        "s": second % 60,
    }
    if token in spelled:
        return spelled[token]
    if token[0] in numbers and len(token) <= 2:
        return f"{numbers[token[0]]:0{len(token)}d}"
    return None


# -- reading -------------------------------------------------------------------------------


def _moment(text: str, parameter: int | None, strict: bool = True) -> Moment:
    """A timestamp; a FunctionError tells the first piece that does not fit."""
    numbers, at = [], 0
    for pattern, name, most in _PIECES:
        match = pattern.match(text, at)
        if match is None:
            raise _refusal(_missing(pattern.pattern, name, text[at:], strict), parameter)
        if name:
            numbers.append(int(match[1]))
            if int(match[1]) > most or (name == "month" and match[1] == "00"):
                raise _refusal(_unusable(name, text[match.end(1) :], strict), parameter)
        at = match.end()
    zone = _ZONE.match(text, at)
    if zone is None or int(zone[4] or 0) > 59:
        raise _refusal(_missing("", "UTC offset", text[at:], strict), parameter)
    if int(zone[3] or 0) > 23:
        raise _refusal("end of string before UTC offset", parameter)
    if zone.end() < len(text):
        raise _refusal(_unusable("timestamp segment", text[zone.end() :], strict), parameter)
    seconds = _days(numbers, parameter) * 86_400
    seconds += numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
    offset = (int(zone[3] or 0) * 60 + int(zone[4] or 0)) * (-1 if zone[2] == "-" else 1)
    fraction = int((zone[1] or "")[:9].ljust(9, "0"))
    return Moment((seconds - offset * 60) * _SECOND + fraction, offset)


_ZONE = re.compile(r"(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
_PIECES = tuple(
    (re.compile(pattern, re.ASCII), name, most)
    for pattern, name, most in (
        (r"(\d{4})", "year", 9999),
        ("-", "", 0),
        (r"(\d\d)", "month", 12),
        ("-", "", 0),
        (r"(\d\d)", "day of month", 99),
        ("T", "", 0),
        (r"(\d\d)", "hour", 23),
        (":", "", 0),
        (r"(\d\d)", "minute", 59),
        (":", "", 0),
        (r"(\d\d)", "second", 59),
    )
)


def _days(numbers: list[int], parameter: int | None) -> int:
    year, month, day = numbers[:3]
    if year == 0:
        raise UnknowableError("the year 0 is not computed with")
    try:
        return (date(year, month, day) - date(1, 1, 1)).days
    except ValueError:
        text = "not a valid RFC3339 timestamp: day out of range"
        raise FunctionError(text, parameter) from None


def _refusal(text: str, parameter: int | None) -> FunctionError:
    return FunctionError(f"not a valid RFC3339 timestamp: {text}", parameter)


def _missing(wanted: str, name: str, rest: str, strict: bool) -> str:
    if name:
        return _unusable(name, rest, strict) if rest else f"end of string before {name}"
    if wanted == "T":
        return "missing required time introducer 'T'"
    if not rest:
        return f'end of string where "{wanted}" is expected'
    return f'found "{rest}" where "{wanted}" is expected'


def _unusable(name: str, rest: str, strict: bool) -> str:
    """The functions formatdate and timeadd are stricter, and say so, than timecmp."""
    if strict and name == "hour":
        if re.match(r"\d:", rest, re.ASCII):
            return "hour must have exactly two digits"
        if ":" in rest:
            return "hour must be between 0 and 23 inclusive"
    if strict and name == "minute" and len(rest) != 2:
        return "minute must have exactly two digits"
    if not strict and name == "hour" and re.match(r"\d:", rest, re.ASCII):
        raise UnknowableError("an hour of one digit")
    return f"cannot use {quoted(rest)} as {name}"


def _duration(text: str) -> int:
    """Nanoseconds of Go's notation, such as -1h30m."""
    bare = text[1:] if text[:1] in {"-", "+"} else text
    if bare == "0":
        return 0
    total = Fraction(0)
    at = 0
    if not bare:
        raise FunctionError(f'time: invalid duration "{text}"')
    while at < len(bare):
        match = re.compile(r"(\d+\.?\d*|\.\d+)([^\d.]*)", re.ASCII).match(bare, at)
        if match is None:
            raise FunctionError(f'time: invalid duration "{text}"')
        if not match[2]:
            raise FunctionError(f'time: missing unit in duration "{text}"')
        if match[2] not in _UNITS:
            raise FunctionError(f'time: unknown unit "{match[2]}" in duration "{text}"')
        total += Fraction(match[1] if match[1][-1] != "." else match[1][:-1]) * _UNITS[match[2]]
        at = match.end()
    if total >= 2**63:
        raise FunctionError(f'time: invalid duration "{text}"')
    return -int(total) if text[0] == "-" else int(total)


def _check_year(nanoseconds: int) -> None:
    if not 86_400 * _SECOND <= nanoseconds < 9_998 * 365 * 86_400 * _SECOND:
        raise UnknowableError("the year is out of range")
