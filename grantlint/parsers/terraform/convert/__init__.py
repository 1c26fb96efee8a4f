"""Terraform's type system in one place: what a value's type is and what it can become.

Theory and code stand in `typed` (types of values, and how certain they are), `unify` (types among
each other), `conversion` and `defaults` (values into types), `sets`, `equality`, `constraint`
(`type = ...` of a variable) and `naming` (types in messages).
"""

from __future__ import annotations

from grantlint.parsers.terraform.convert.constraint import parse_constraint
from grantlint.parsers.terraform.convert.conversion import convert
from grantlint.parsers.terraform.convert.equality import values_equal
from grantlint.parsers.terraform.convert.naming import constraint_text, notation, type_text
from grantlint.parsers.terraform.convert.sets import make_set
from grantlint.parsers.terraform.convert.typed import (
    alternatives,
    list_of,
    loosen,
    map_of,
    object_of,
    primitive_text,
    set_of,
    tuple_of,
    type_of,
    uncertain,
)
from grantlint.parsers.terraform.convert.unify import convertible, unify
from grantlint.value import BOOL, DYNAMIC, NUMBER, STRING

__all__ = [
    "BOOL",
    "DYNAMIC",
    "NUMBER",
    "STRING",
    "alternatives",
    "constraint_text",
    "convert",
    "convertible",
    "list_of",
    "loosen",
    "make_set",
    "map_of",
    "notation",
    "object_of",
    "parse_constraint",
    "primitive_text",
    "set_of",
    "tuple_of",
    "type_of",
    "type_text",
    "uncertain",
    "unify",
    "values_equal",
]
