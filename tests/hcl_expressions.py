"""Random expressions as text, all of them valid HCL when they stand behind an `=`."""

from __future__ import annotations

import random

_NAMES = (
    "a",
    "b1",
    "var",
    "local",
    "each",
    "aws_kms_key",
    "a-b",
    "_c",
    "ключ",
    "truex",
    "nullable",
)
_OPERATORS = ("||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%")
_NUMBERS = ("0", "1", "42", "1.5", "0.1", "1e3", "2E-2", "3.25e+4", "007", "98765432109876543210")
_TEXTS = (
    "",
    " ",
    "a",
    "x y ",
    "  z",
    "\\n",
    '\\"',
    "\\u00e9",
    "$",
    "%",
    "$${q}",
    "%%{",
    "#",
    "//",
    "é",
)


def expression(chance: random.Random, depth: int, *, lines: bool = False) -> str:
    """An expression of at most this depth; `lines` where line breaks may stand in it."""
    if depth <= 0:
        return _leaf(chance)
    maker = chance.choice(_MAKERS)
    return maker(chance, depth - 1, lines)


def _leaf(chance: random.Random) -> str:
    kind = chance.randrange(6)
    if kind == 0:
        return chance.choice(_NUMBERS)
    if kind == 1:
        return chance.choice(("true", "false", "null"))
    if kind == 2:
        return f'"{chance.choice(_TEXTS)}{chance.choice(_TEXTS)}"'
    return chance.choice(_NAMES)


def _gap(chance: random.Random, lines: bool) -> str:
    if lines and chance.random() < 0.3:
        return chance.choice(("\n", " # note\n  ", "\n\n", " /* a */ "))
    return chance.choice((" ", " ", "  ", "\t", " /* b */ "))


def _binary(chance: random.Random, depth: int, lines: bool) -> str:
    operands = [_operand(chance, depth, lines) for _ in range(chance.randint(2, 4))]
    made = operands[0]
    for operand in operands[1:]:
        operator = chance.choice(_OPERATORS)
        made += f"{_gap(chance, lines)}{operator}{_gap(chance, lines)}{operand}"
    return made


def _operand(chance: random.Random, depth: int, lines: bool) -> str:
    sign = chance.choice(("", "", "", "-", "!", "- -", "!!"))
    return sign + _term(chance, depth, lines)


def _term(chance: random.Random, depth: int, lines: bool) -> str:
    if chance.random() < 0.5:
        return _leaf(chance)
    maker = chance.choice((_group, _tuple, _object, _call, _template, _steps))
    return maker(chance, depth, lines)


def _conditional(chance: random.Random, depth: int, lines: bool) -> str:
    parts = [expression(chance, depth, lines=lines) for _ in range(3)]
    gaps = [_gap(chance, lines) for _ in range(4)]
    return f"{parts[0]}{gaps[0]}?{gaps[1]}{parts[1]}{gaps[2]}:{gaps[3]}{parts[2]}"


def _group(chance: random.Random, depth: int, _lines: bool) -> str:
    return f"({_gap(chance, True)}{expression(chance, depth, lines=True)}{_gap(chance, True)})"


def _tuple(chance: random.Random, depth: int, _lines: bool) -> str:
    items = [expression(chance, depth, lines=True) for _ in range(chance.randrange(4))]
    trailing = "," if items and chance.random() < 0.3 else ""
    return f"[{f',{_gap(chance, True)}'.join(items)}{trailing}]"


def _object(chance: random.Random, depth: int, _lines: bool) -> str:
    items = []
    for _ in range(chance.randrange(4)):
        key = chance.choice((*_NAMES, '"k"', '"${a}-k"', "(b.c)", "null", "1"))
        value = expression(chance, depth)
        items.append(f"{key} {chance.choice('=:')} {value}")
    separator = chance.choice((", ", "\n", ",\n", " # note\n"))
    return (
        f"{{{chance.choice((' ', chr(10)))}{separator.join(items)}{chance.choice((' ', chr(10)))}}}"
    )


def _call(chance: random.Random, depth: int, _lines: bool) -> str:
    name = chance.choice(("f", "jsonencode", "provider::a::b", "core::upper"))
    items = [expression(chance, depth, lines=True) for _ in range(chance.randrange(4))]
    ending = chance.choice(("", "", ",", "...")) if items else ""
    return f"{name}({', '.join(items)}{ending})"


def _steps(chance: random.Random, depth: int, _lines: bool) -> str:
    made = chance.choice((*_NAMES[:7], "(a)", "f(b)"))
    starred = False
    for _ in range(chance.randint(1, 5)):
        step = chance.choice((".b", ".c-d", ".0", "[0]", '["k"]', "[*]", ".*", "index"))
        if step == "index":
            step = f"[{expression(chance, depth, lines=True)}]"
        if step == ".*" and starred:
            continue
        if step == ".0" and made[-1].isdigit():
            continue
        starred = starred or step == ".*"
        made += step
    return made


def _template(chance: random.Random, depth: int, _lines: bool) -> str:
    return f'"{_inside(chance, depth, chance.randint(1, 4))}"'


def _inside(chance: random.Random, depth: int, pieces: int) -> str:
    made = ""
    for _ in range(pieces):
        kind = chance.randrange(4)
        if kind == 0 or depth <= 0:
            made += chance.choice(("a", " ", " b ", "\\t", "é", "1"))
        elif kind == 3 and depth > 1:
            made += _directive(chance, depth)
        else:
            left, right = chance.choice(("", "~")), chance.choice(("", " ~"))
            made += f"${{{left} {expression(chance, depth - 1, lines=True)}{right}}}"
    return made


def _directive(chance: random.Random, depth: int) -> str:
    subject = expression(chance, depth - 2, lines=True)
    body = _inside(chance, depth - 1, 2)
    if chance.random() < 0.5:
        return f"%{{ for k, v in {subject} ~}}{body}%{{~ endfor }}"
    other = f"%{{ else }}{_inside(chance, depth - 1, 1)}" if chance.random() < 0.5 else ""
    return f"%{{~ if {subject} }}{body}{other}%{{ endif ~}}"


def _for(chance: random.Random, depth: int, _lines: bool) -> str:
    names = chance.choice(("v", "k, v"))
    collection, value = (expression(chance, depth, lines=True) for _ in range(2))
    condition = chance.choice(("", f" if {expression(chance, depth, lines=True)}"))
    if chance.random() < 0.5:
        return f"[for {names} in {collection} : {value}{condition}]"
    key = expression(chance, depth, lines=True)
    grouping = chance.choice(("", "..."))
    return f"{{for {names} in {collection} : {key} => {value}{grouping}{condition}}}"


def _heredoc(chance: random.Random, depth: int, _lines: bool) -> str:
    flush = chance.choice(("", "-"))
    body = "".join(
        f"{' ' * chance.randrange(5)}{_inside(chance, depth, 2)}\n"
        for _ in range(chance.randrange(4))
    ).replace("\\", "/")
    return f"f(<<{flush}EOT\n{body}  EOT\n)"


_MAKERS = (
    _binary, _binary, _conditional, _group, _tuple, _object, _call, _steps, _template, _for,
    _heredoc,
)  # fmt: skip
