"""The syntax tree of Terraform's language: what was written, without any meaning.

Both notations, native (`.tf`) and JSON (`.tf.json`), become this tree. It follows HashiCorp's own
parser (hclsyntax): associativity, template text, heredoc indentation and `~` are already settled
here, escapes are decoded. https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md

A node is itself and no other: the comparison and the text that a dataclass would have are never
asked for, and cost 7 ms at every start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from grantlint.source import Problem, Source, Span
from grantlint.value import Number


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Literal:
    """A number, bool, null, or text without interpolation (also a bare object key)."""

    value: str | Number | bool | None
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Template:
    """Text with interpolations: Literal texts, expressions, TemplateIf and TemplateFor in order.

    `"${x}"` alone is an `Interpolation` instead, because it keeps the type of `x`.
    """

    parts: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Interpolation:
    """A template that is nothing but one `${…}`: the value itself, of any type."""

    inner: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TemplateIf:
    """`%{ if … }…%{ else }…%{ endif }`; without an else the other branch is an empty Template."""

    condition: Expression
    then: Template
    otherwise: Template
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TemplateFor:
    """`%{ for k, v in … }…%{ endfor }`; `key_name` is None when only the value is named."""

    key_name: str | None
    value_name: str
    collection: Expression
    body: Template
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Variable:
    """The first name of a reference: `var` in `var.a[0]`, or a name bound by a for."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GetAttr:
    """`of.name`. The legacy `of.0` is an Index with a number."""

    of: Expression
    name: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Index:
    """`of[key]`."""

    of: Expression
    key: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Splat:
    """`of[*]…` or `of.*…`: `each` is evaluated for every element, which it reads as Element.

    After `.*` only attributes belong to `each` (a following index applies to the whole result);
    after `[*]` attributes and indexes do.
    """

    of: Expression
    each: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Element:
    """The current element inside a Splat's `each`."""

    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call:
    """`name(arguments)`; `expand` when the last argument is followed by `...`.

    `name` keeps its namespaces (`core::upper`, `provider::aws::arn_parse`).
    """

    name: str
    arguments: tuple[Expression, ...]
    expand: bool
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unary:
    """`-x` or `!x`."""

    operator: str
    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binary:
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parentheses:
    """`(inner)`."""

    inner: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tuple:
    """`[…]`."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Item:
    """One `key = value` of an object. A bare name as key is a Literal; `(key)` is Parentheses."""

    key: Expression
    value: Expression


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Object:
    """`{…}`."""

    items: tuple[Item, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class For:
    """`[for …]` when `key` is None, else `{for … : key => value}`; `grouping` is its `...`."""

    key_name: str | None
    value_name: str
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouping: bool
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Invalid:
    """An expression that Terraform would not parse, or that is nested deeper than 200.

    `refused` tells the two apart: Terraform accepts the deep one.
    """

    reason: str
    span: Span
    refused: bool = True


Expression = (
    Literal
    | Template
    | Interpolation
    | TemplateIf
    | TemplateFor
    | Variable
    | GetAttr
    | Index
    | Splat
    | Element
    | Call
    | Unary
    | Binary
    | Conditional
    | Parentheses
    | Tuple
    | Object
    | For
    | Invalid
)


@dataclass(slots=True, eq=False)
class Argument:
    """`name = expression`; the expression's tree is made when it is first asked for."""

    name: str
    span: Span
    name_span: Span
    _make: Callable[[], Expression] | None
    _expression: Expression | None = None

    @property
    def expression(self) -> Expression:
        """The tree of what stands behind the `=`."""
        if self._expression is None:
            assert self._make is not None
            self._expression, self._make = self._make(), None
        return self._expression


@dataclass(slots=True, eq=False)
class Block:
    """`type "label" "label" { body }`. `header` is the place of type and labels.

    `broken` says why the block cannot be judged (a syntax error in it or touching it); what is
    absent from a broken block is not known to be absent.
    """

    type: str
    labels: tuple[str, ...]
    span: Span
    header: Span
    broken: str | None = None
    _make: Callable[[], Body] | None = None
    _body: Body | None = None

    @property
    def body(self) -> Body:
        """What stands between the braces, parsed when it is first asked for."""
        if self._body is None:
            assert self._make is not None
            self._body, self._make = self._make(), None
        return self._body


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Body:
    """Arguments and nested blocks.

    In JSON the two look alike, and only the reader knows which it wants: there a key is found by
    `argument()` as an expression and by `nested()` as blocks, and `blocks` is empty.
    """

    arguments: Mapping[str, Argument]
    blocks: tuple[Block, ...] = ()
    span: Span | None = None
    as_blocks: Callable[[str], tuple[Block, ...]] | None = field(default=None, repr=False)

    def argument(self, name: str) -> Argument | None:
        """The argument of that name."""
        return self.arguments.get(name)

    def nested(self, type: str) -> tuple[Block, ...]:
        """The nested blocks of that type, in order, `dynamic` ones not expanded."""
        if self.as_blocks is not None:
            return self.as_blocks(type)
        return tuple(block for block in self.blocks if block.type == type)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class File:
    """A parsed file: its top-level arguments (tfvars) and blocks, and what was wrong in it."""

    source: Source
    body: Body
    problems: tuple[Problem, ...] = ()


_PARTS: Final[Mapping[type, tuple[str, ...]]] = {
    Template: ("parts",),
    Interpolation: ("inner",),
    TemplateIf: ("condition", "then", "otherwise"),
    TemplateFor: ("collection", "body"),
    GetAttr: ("of",),
    Index: ("of", "key"),
    Splat: ("of", "each"),
    Call: ("arguments",),
    Unary: ("operand",),
    Binary: ("left", "right"),
    Conditional: ("condition", "then", "otherwise"),
    Parentheses: ("inner",),
    Tuple: ("items",),
    Object: ("items",),
    Item: ("key", "value"),
    For: ("collection", "key", "value", "condition"),
}


def children(node: Expression | Item) -> Iterator[Expression]:
    """The direct sub-expressions of a node, in written order."""
    for name in _PARTS.get(type(node), ()):
        part = getattr(node, name)
        for one in part if isinstance(part, tuple) else (part,):
            if isinstance(one, Item):
                yield from children(one)
            elif one is not None:
                yield one
