"""format and formatlist. An unknown argument leaves a hole in the text.

https://github.com/zclconf/go-cty/blob/v1.16.0/cty/function/stdlib/format.go
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from grantlint.parsers.holes import UnknowableError, like, parts_of, text_of
from grantlint.parsers.terraform.convert import convert
from grantlint.parsers.terraform.functions.characters import clusters
from grantlint.parsers.terraform.functions.decimals import Verb, float_text, short_text, whole_text
from grantlint.parsers.terraform.functions.declaration import FunctionError, Parameter, function
from grantlint.parsers.terraform.functions.encoding import encoded_pieces
from grantlint.parsers.terraform.functions.unknowns import first_unknown
from grantlint.value import BOOL, DYNAMIC, NUMBER, STRING, Type, Unknown, Value

LIST_OF_STRING = Type("list", STRING)
MOST_WIDTH = 100_000
SEQUENCES = frozenset({"list", "set", "tuple"})
Pieces = list[str | Value]
_FORMAT = Parameter("format", STRING)
_ARGUMENTS = Parameter("args", null=True, unknown=True)
_BARE_NULL = "Terraform does not compute a text of a null without a type"


@function(_FORMAT, rest=_ARGUMENTS)
def format_(format: Value, *arguments: Value) -> Value:
    """Text, with holes where arguments are unknown."""
    if any(argument.is_null and argument.kind == "dynamic" for argument in arguments):
        return Value(DYNAMIC, Unknown(_BARE_NULL))
    return text_of(_formatted(format.text or "", arguments))


@function(_FORMAT, rest=_ARGUMENTS)
def formatlist(format: Value, *arguments: Value) -> Value:
    """One text for each member of the lists; what is no list is the same in all of them."""
    if any(argument.is_null and argument.kind == "dynamic" for argument in arguments):
        return Value(DYNAMIC, Unknown(_BARE_NULL))
    if not arguments:
        return Value(LIST_OF_STRING, (text_of(_formatted(format.text or "", ())),))
    hidden = next((each for each in arguments if _of_unknown_length(each)), None)
    count = _common_length(arguments)
    if hidden is not None:
        return like(first_unknown([hidden]) or hidden, LIST_OF_STRING)
    texts = []
    for at in range(count):
        row = [_member(argument, at) for argument in arguments]
        try:
            texts.append(text_of(_formatted(format.text or "", row)))
        except FunctionError as error:
            text = f"error on format iteration {at}: {error.text}"
            raise FunctionError(text) from None
    return Value(LIST_OF_STRING, tuple(texts))


def _is_list(argument: Value) -> bool:
    return argument.kind in SEQUENCES and not argument.is_null


def _of_unknown_length(argument: Value) -> bool:
    if argument.kind == "set" and len(argument.elements()) > 1:
        return first_unknown([argument]) is not None
    return argument.unknown is not None and (_is_list(argument) or argument.kind == "dynamic")


def _common_length(arguments: Sequence[Value]) -> int:
    count, chooser = -1, 0
    for at, argument in enumerate(arguments, 1):
        if not _is_list(argument) or _of_unknown_length(argument):
            continue
        length = len(argument.elements())
        if count == -1:
            count, chooser = length, at
        elif length != count:
            text = (
                f"argument {at} has length {length}, which is inconsistent with argument "
                f"{chooser} of length {count}"
            )
            raise FunctionError(text, at)
    return 1 if count == -1 else count


def _member(argument: Value, at: int) -> Value:
    return argument.elements()[at] if _is_list(argument) else argument


# -- the format string ---------------------------------------------------------------------


def _formatted(format: str, arguments: Sequence[Value]) -> Pieces:
    hidden = first_unknown(arguments)
    pieces: Pieces = []
    highest = 0
    for piece in _verbs(format):
        if isinstance(piece, str):
            pieces.append(piece)
            continue
        highest = max(highest, piece.argument)
        if piece.argument > len(arguments) or piece.argument == 0:
            raise FunctionError(
                f'not enough arguments for "{piece.text}" at {piece.offset}: '
                f"need index {piece.argument} but have {len(arguments)} total"
            )
        pieces += _one(piece, arguments[piece.argument - 1])
    if highest < len(arguments) and hidden is None:
        used = f"only {highest} used by format string" if highest else "no verbs in format string"
        raise FunctionError(f"too many arguments; {used}", highest + 1)
    return pieces


def _verbs(format: str) -> Iterator[str | Verb]:
    """Text and verbs in order."""
    at, following = 0, 1
    while at < len(format):
        start = format.find("%", at)
        if start < 0:
            yield format[at:]
            return
        yield format[at:start]
        if format[start + 1 : start + 2] == "%":
            yield "%"
            at = start + 2
            continue
        verb, at = _verb(format, start, following)
        following = verb.argument + 1
        yield verb


def _verb(format: str, start: int, following: int) -> tuple[Verb, int]:
    at = _skip(format, start + 1, "0#-+ ")
    flags = format[start + 1 : at]
    end = _skip(format, at, "0123456789")
    width, at = _count(format[at:end]), end
    precision = None
    if format[at : at + 1] == ".":
        end = _skip(format, at + 1, "0123456789")
        precision, at = _count(format[at + 1 : end] or "0"), end
    argument = following
    if format[at : at + 1] == "[":
        end = _skip(format, at + 1, "0123456789")
        if end == at + 1 or format[at + 1] == "0" or format[end : end + 1] != "]":
            wrong = at + 1 if format[at + 1 : at + 2] == "0" else end
            raise _bad_character(format, wrong)
        argument, at = int(format[at + 1 : end][:9]), end + 1
    mode = format[at : at + 1]
    if not (mode.isascii() and mode.isalpha()):
        raise _bad_character(format, at)
    offset = len(format[:start].encode())
    return Verb(format[start : at + 1], offset, argument, mode, flags, width, precision), at + 1


def _skip(text: str, at: int, letters: str) -> int:
    while at < len(text) and text[at] in letters:
        at += 1
    return at


def _count(digits: str) -> int | None:
    if not digits:
        return None
    if len(digits) > 6 or int(digits) > MOST_WIDTH:
        raise UnknowableError(f"a format wider than {MOST_WIDTH} characters")
    return int(digits)


def _bad_character(format: str, at: int) -> FunctionError:
    offset = len(format[:at].encode())
    if at >= len(format):
        return FunctionError(f"invalid format string starting at offset {offset}")
    return FunctionError(f"unrecognized format character '{format[at]}' at offset {offset}")


# -- one verb ------------------------------------------------------------------------------


def _one(verb: Verb, argument: Value) -> Pieces:
    if verb.mode != "v" and argument.is_null:
        raise _unsupported(verb, "null value cannot be formatted")
    if verb.mode == "v":
        return _as_is(verb, argument)
    if verb.mode == "t":
        return _truth(verb, argument)
    if verb.mode in "bdoxXeEfgG":
        return _number(verb, argument)
    if verb.mode in "sq":
        return _string(verb, argument)
    raise FunctionError(
        f"unsupported format verb '{verb.mode}' in \"{verb.text}\" at offset {verb.offset}"
    )


def _unsupported(verb: Verb, text: str) -> FunctionError:
    return FunctionError(f'unsupported value for "{verb.text}" at {verb.offset}: {text}')


def _as(verb: Verb, argument: Value, type: Type) -> Value:
    converted = convert(argument, type)
    if converted.failed:
        raise _unsupported(verb, converted.failed.reason)
    return converted


def _as_is(verb: Verb, argument: Value) -> Pieces:
    raw = argument.raw
    if "#" not in verb.flags and argument.kind in {"string", "number"} and raw is not None:
        if isinstance(raw, str):
            return _padded(verb, [raw])
        if isinstance(raw, int | Fraction):
            return _padded(verb, [short_text(raw)])
    if argument.unknown is not None and "#" not in verb.flags:
        whole = argument.unknown.parts or (like(argument, STRING),)
        return _padded(verb, list(whole))
    return _padded(verb, encoded_pieces(argument))


def _truth(verb: Verb, argument: Value) -> Pieces:
    truth = _as(verb, argument, BOOL)
    if truth.unknown is not None:
        return [like(truth, STRING)]
    return ["true" if truth.raw else "false"]


def _number(verb: Verb, argument: Value) -> Pieces:
    amount = _as(verb, argument, NUMBER)
    if amount.unknown is not None:
        return [like(amount, STRING)]
    assert isinstance(amount.raw, int | Fraction)
    if verb.mode not in "bdoxX":
        return [float_text(verb, amount.raw)]
    if isinstance(amount.raw, Fraction):
        raise _unsupported(verb, "an integer is required")
    return [whole_text(verb, amount.raw)]


def _string(verb: Verb, argument: Value) -> Pieces:
    text = _as(verb, argument, STRING)
    if text.unknown is not None and (verb.mode == "q" or verb.precision):
        return [like(text, STRING)]
    if verb.precision:
        text = Value(STRING, "".join(clusters(text.text or "")[: verb.precision]))
    if verb.mode == "q":
        return _padded(verb, encoded_pieces(text))
    return _padded(verb, list(parts_of(text)))


def _padded(verb: Verb, pieces: Pieces) -> Pieces:
    if verb.width is None:
        return pieces
    hole = next((piece for piece in pieces if isinstance(piece, Value)), None)
    if hole is not None:
        return [like(hole, STRING)]
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    missing = max(verb.width - len(clusters(text)), 0)
    padding = ("0" if "0" in verb.flags else " ") * missing
    return [text + padding if "-" in verb.flags else padding + text]
