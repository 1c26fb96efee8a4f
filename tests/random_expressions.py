"""Random expressions of every kind of type over fixtures/truth/terraform/console, by seed."""

from __future__ import annotations

import random

ATOMS = {
    "num": ["1", "0", "3.5", "-2", "var.n", "length(local.grants)", "local.users.alice.age"],
    "str": [
        '"a"',
        "var.env",
        '"x-${var.env}"',
        "local.acct",
        '"é"',
        '""',
        "var.nul",
        "var.notnull",
    ],
    "bool": ["true", "false", 'var.env == "prod"', "var.nul == null", "var.obj.nested.b"],
    "list": [
        "var.list_any",
        "var.list_str",
        "var.set_str",
        '["b", "a", "c"]',
        "[]",
        "local.grants[*].name",
        "local.grants",
        "var.tup",
        "var.obj.list",
        'toset(["z", "y"])',
        '[null, "a"]',
        "[[1], [2, 3], []]",
    ],
    "map": [
        "local.users",
        "var.map_num",
        "var.objs",
        '{a = 1, b = "x"}',
        "{}",
        "var.obj",
        "{for g in local.grants : g.name => g}",
        "{k = [1, 2], j = {x = null}}",
    ],
}
"""Leaves by kind; of what type a leaf really is, Terraform decides."""

SHAPES = {
    "num": [
        "(<num> + <num>)",
        "(<num> % <num>)",
        "(<num> / <num>)",
        "length(<any>)",
        "max(<num>, <num>)",
        "sum(<list>)",
        "index(<list>, <str>)",
        "(<bool> ? <num> : <str>)",
        "try(<num>, <num>)",
        "tonumber(<str>)",
    ],
    "str": [
        '"p${<str>}s${<num>}"',
        'join("-", <list>)',
        'format("%s/%v", <str>, <any>)',
        '"%{ for x in <list> ~} <${jsonencode(x)}> %{ endfor ~}"',
        '"%{ if <bool> }y${<str>}%{ else }n%{ endif }"',
        'replace(<str>, "a", <str>)',
        "coalesce(<str>, <num>)",
        "jsonencode(<any>)",
        "(<bool> ? <str> : <num>)",
        "tostring(<any>)",
        "element(<list>, <num>)",
        'lookup(<map>, <str>, "d")',
        "try(<any>, <str>)",
    ],
    "bool": [
        "(<any> == <any>)",
        "(<any> != <any>)",
        "(<num> < <num>)",
        "(<bool> && <bool>)",
        "(<bool> || <bool>)",
        "!<bool>",
        "contains(<list>, <any>)",
        "can(<any>)",
        "alltrue(<list>)",
        "startswith(<str>, <str>)",
    ],
    "list": [
        "[<any>, <any>]",
        "[for v in <list> : v]",
        "[for k, v in <map> : {k = k, v = v} if <bool>]",
        '[for i, v in <list> : "${i}" if v != <any>]',
        "concat(<list>, <list>)",
        "flatten(<list>)",
        "distinct(<list>)",
        "sort(<list>)",
        "toset(<list>)",
        "tolist(<list>)",
        "compact(<list>)",
        "keys(<map>)",
        "values(<map>)",
        "(<any>)[*]",
        "(<list>).*.name",
        "(<bool> ? <list> : <list>)",
        "setsubtract(<list>, <list>)",
        "try(<any>, <list>)",
        "jsondecode(jsonencode(<list>))",
        'formatlist("%s-x", <list>)',
    ],
    "map": [
        "{a = <any>, (tostring(<str>)) = <any>}",
        "{for k, v in <map> : k => v}",
        "{for v in <list> : jsonencode(v) => v...}",
        "{for k, v in <list> : upper(k) => <any> if <bool>}",
        "merge(<map>, <map>)",
        "zipmap(<list>, <list>)",
        "tomap(<map>)",
        "(<bool> ? <map> : <map>)",
        "try(<any>, <map>)",
        "yamldecode(yamlencode(<map>))",
    ],
}


def expressions(seed: int, count: int, depth: int = 3) -> list[str]:
    """So many expressions, the same for the same seed."""
    chance = random.Random(seed)

    def make(kind: str, left: int) -> str:
        if kind == "any":
            kind = chance.choice(["num", "str", "bool", "list", "map", "list", "map"])
        if left <= 0 or chance.random() < 0.25:
            return chance.choice(ATOMS[kind])
        text = chance.choice(SHAPES[kind])
        while "<" in text:
            start = next((at for at in range(len(text)) if is_hole(text, at)), None)
            if start is None:
                break
            end = text.index(">", start)
            text = text[:start] + make(text[start + 1 : end], left - 1) + text[end + 1 :]
        return text

    found: list[str] = []
    while len(found) < count:
        text = make("any", chance.randint(2, depth))
        if len(text) < 900:
            found.append(text)
    return found


def is_hole(text: str, at: int) -> bool:
    return any(text.startswith(f"<{kind}>", at) for kind in (*SHAPES, "any"))
