"""From tree-sitter's nodes to the syntax tree, mended where the grammar differs from HashiCorp's.

Theory of operation. A node's *kind* and *bounds* are trusted, its text never: text is read from
the bytes, most often without looking at the children at all, because a reference or a plain string
is cheaper to take from its bytes. What the grammar allows and HCL does not is found here:

* Line breaks end an expression except in brackets. `sensitive` says that they do where we are; it
  is off as soon as a stretch of text holds none.
* `a ? b : c ? d : e` comes grouped to the left and is grouped to the right here.
* What follows `.*` or `[*]` comes attached to the splat; here the whole chain is taken as one flat
  list of steps and grouped as hclsyntax does.

Depth is counted in nodes of our tree, and what lies deeper than 200 is Invalid, so that nothing
that walks the tree can overflow.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from grantlint.parsers.terraform import grammar as g
from grantlint.parsers.terraform import template_text as tt
from grantlint.parsers.terraform.number import parse_number
from grantlint.parsers.terraform.tree import (
    Binary,
    Call,
    Conditional,
    Element,
    Expression,
    For,
    GetAttr,
    Index,
    Invalid,
    Item,
    Literal,
    Object,
    Parentheses,
    Splat,
    Tuple,
    Unary,
    Variable,
)
from grantlint.source import Span
from grantlint.value import Number

DEEPEST = 200
AMBIGUOUS_KEY = (
    "If this expression is intended to be a reference, wrap it in parentheses. If it's instead "
    "intended as a literal name containing periods, wrap it in quotes to create a string literal."
)
_LITERALS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}
_PLAIN_STRING = re.compile(rb'"[^"\\$%\r\n]*"')
_REFERENCE = re.compile(rb"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")
_DIGITS = re.compile(rb"[0-9]+")
_NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TRIVIA = re.compile(rb"/\*.*?\*/|(?:#|//)[^\n]*", re.DOTALL)
_GLUED = re.compile(rb"[.]?[0-9]|[A-Za-z_]")


def line_break(gap: bytes) -> bool:
    """Whether bytes between two tokens (blanks and comments) hold a line break that counts."""
    return b"\n" in gap and (b"/*" not in gap or b"\n" in _TRIVIA.sub(b"", gap))


def without_trivia(gap: bytes) -> bytes:
    """Bytes between two tokens without the comments."""
    return _TRIVIA.sub(b"", gap)


def number(text: str) -> Number | None:
    """A number literal's value; None for one too large or too exact to be handled here."""
    if text.isdigit() and len(text) < 150:
        return int(text)
    return parse_number(text)


class Lowering:
    """Makes expressions of a region's nodes.

    With `span` every node gets that place: the text of a JSON string has no places of its own.
    """

    __slots__ = ("base", "data", "source", "span")

    def __init__(self, region: g.Region, span: Span | None = None) -> None:
        self.data = region.data
        self.base = region.base
        self.source = region.source
        self.span = span

    def place(self, start: int, end: int) -> Span:
        """The place of these bytes of the region."""
        return self.span or Span(self.source, self.base + start, self.base + end)

    def refuse(self, reason: str, start: int, end: int) -> Invalid:
        """What HCL does not accept."""
        return Invalid(reason, self.place(start, end))

    # -- expressions -----------------------------------------------------------------------

    def expression(self, node: Node, depth: int, sensitive: bool) -> Expression:
        """The tree of an `expression` node."""
        start, end = node.start_byte, node.end_byte
        quick = self.quick(start, end)
        if quick is not None:
            return quick
        if depth > DEEPEST:
            return Invalid("nested deeper than 200", self.place(start, end), refused=False)
        if sensitive and self.data.find(b"\n", start, end) < 0:
            sensitive = False
        children = _without_comments(node)
        if children[0].kind_id == g.CONDITIONAL:
            return self._conditional(children[0], depth, sensitive)
        return self._term(children, depth, sensitive)

    def quick(self, start: int, end: int) -> Expression | None:
        """Plain strings, references and whole numbers straight from their bytes."""
        data = self.data
        first = data[start]
        if first == 34:
            if _PLAIN_STRING.fullmatch(data, start, end):
                text = data[start + 1 : end - 1].decode()
                return Literal(tt.normal(text), self.place(start, end))
        elif first < 58:
            if 48 <= first and end - start < 19 and _DIGITS.fullmatch(data, start, end):
                return Literal(int(data[start:end]), self.place(start, end))
        elif _REFERENCE.fullmatch(data, start, end):
            return self._reference(start, end)
        return None

    def _reference(self, start: int, end: int) -> Expression:
        text = self.data[start:end]
        root, *steps = text.decode().split(".")
        stop = start + len(root)
        span = self.place(start, stop)
        word = self.data[start:stop]
        made: Expression = (
            Literal(_LITERALS[word], span) if word in _LITERALS else Variable(root, span)
        )
        for step in steps:
            stop += 1 + len(step)
            made = GetAttr(made, step, self.place(start, stop))
        return made

    def _conditional(self, node: Node, depth: int, sensitive: bool) -> Expression:
        """A conditional; the grammar nests a chain in its first operand, HCL in its last."""
        start, end = node.start_byte, node.end_byte
        operands: list[Node] = []
        while True:
            parts = _without_comments(node)
            if sensitive and self._broken_over_lines(parts):
                return self.refuse("a line break inside a conditional", start, end)
            operands[:0] = [parts[2], parts[4]]
            head = _without_comments(parts[0])
            if head[0].kind_id != g.CONDITIONAL:
                operands.insert(0, parts[0])
                break
            node = head[0]
        return self._chain(operands, end, depth, sensitive)

    def _chain(
        self, operands: list[Node], end: int, depth: int, sensitive: bool
    ) -> Expression:
        """`a ? b : c ? d : e` from its operands in order."""
        arms = (len(operands) - 1) // 2
        last = operands[-1]
        made: Expression
        if depth + arms > DEEPEST:
            arms = DEEPEST - depth
            cut = self.place(operands[2 * arms].start_byte, end)
            made = Invalid("nested deeper than 200", cut, refused=False)
        else:
            made = self.expression(last, depth + arms, sensitive)
        for at in range(arms - 1, -1, -1):
            condition, then = operands[2 * at], operands[2 * at + 1]
            below = depth + at + 1
            made = Conditional(
                self.expression(condition, below, sensitive),
                self.expression(then, below, sensitive),
                made,
                self.place(condition.start_byte, end),
            )
        return made

    def _term(self, children: list[Node], depth: int, sensitive: bool) -> Expression:
        """A primary and the steps behind it, given as flat children."""
        first = children[0]
        used = 1
        if first.kind_id == g.OPEN_PARENTHESIS:
            used = 3
        if len(children) == used:
            return self._primary(children, depth, sensitive)
        if sensitive and self._broken_over_lines(children[used - 1 :]):
            start, end = first.start_byte, children[-1].end_byte
            return self.refuse("a line break inside a reference", start, end)
        steps = self._steps(children[used:])
        start = first.start_byte
        if depth + len(steps) > DEEPEST:
            span = self.place(start, children[-1].end_byte)
            return Invalid("nested deeper than 200", span, refused=False)
        made = self._primary(children[:used], depth + len(steps), sensitive)
        return self._walk(made, start, steps, depth, sensitive)

    def _primary(self, children: list[Node], depth: int, sensitive: bool) -> Expression:
        first = children[0]
        start, end = first.start_byte, first.end_byte
        kind = first.kind_id
        if kind == g.OPEN_PARENTHESIS:
            inner = self.expression(children[1], depth + 1, sensitive=False)
            return Parentheses(inner, self.place(start, children[2].end_byte))
        if kind == g.OPERATION:
            return self._operation(first, depth, sensitive)
        if kind == g.CALL:
            return self._call(first, depth, sensitive)
        if kind == g.COLLECTION_VALUE:
            only = _without_comments(first)[0]
            if only.kind_id == g.TUPLE:
                return self._tuple(only, depth)
            return self._object(only, depth)
        if kind == g.FOR_EXPR:
            return self._for(_without_comments(first)[0], depth)
        if kind == g.TEMPLATE_EXPR:
            return self.template(_without_comments(first)[0], depth)
        return self.quick(start, end) or self._leaf(first, depth)

    def _leaf(self, node: Node, depth: int) -> Expression:
        start, end = node.start_byte, node.end_byte
        text = self.data[start:end]
        if node.kind_id == g.VARIABLE:
            name = text.decode()
            if "::" in name:
                return self.refuse("a function name must be followed by `(`", start, end)
            return Variable(name, self.place(start, end))
        if text[:1] == b'"':
            return self.template(_without_comments(node)[0], depth)
        if not _NUMBER.fullmatch(text) or _GLUED.match(self.data, end):
            return self.refuse("not a number", start, end)
        amount = number(text.decode())
        if amount is None:
            reason = "a number too large to be handled here"
            return Invalid(reason, self.place(start, end), refused=False)
        return Literal(amount, self.place(start, end))

    # -- steps behind a term ---------------------------------------------------------------

    def _steps(self, nodes: list[Node]) -> list[Node]:
        """The steps one by one; a splat's own marker stands before those attached to it."""
        steps: list[Node] = []
        for node in nodes:
            if node.kind_id == g.SPLAT:
                inner = _without_comments(node)[0]
                marker, *attached = _without_comments(inner)
                steps.append(marker)
                steps.extend(attached)
            else:
                steps.append(node)
        return steps

    def _walk(
        self, made: Expression, start: int, steps: list[Node], depth: int, sensitive: bool
    ) -> Expression:
        """Apply steps in order; a splat takes those behind it that HCL gives it."""
        at = 0
        while at < len(steps):
            step = steps[at]
            kind = step.kind_id
            at += 1
            if kind == g.GET_ATTR or kind == g.INDEX:
                made = self._step(made, start, step, depth, sensitive)
                continue
            full = self.data[step.start_byte] == 91
            stop = len(steps) if full else _attributes_end(steps, at)
            inner_start = step.start_byte
            each: Expression = Element(self.place(inner_start, step.end_byte))
            if not full and stop < len(steps) and self._is_attribute_splat(steps[stop]):
                return self.refuse("a `.*` inside another `.*`", start, steps[stop].end_byte)
            each = self._walk(each, inner_start, steps[at:stop], depth + 1, sensitive)
            end = steps[stop - 1].end_byte
            made = Splat(made, each, self.place(start, end))
            at = stop
        return made

    def _is_attribute_splat(self, step: Node) -> bool:
        return self.data[step.start_byte] == 46 and step.kind_id not in (g.GET_ATTR, g.INDEX)

    def _step(
        self, of: Expression, start: int, step: Node, depth: int, sensitive: bool
    ) -> Expression:
        span = self.place(start, step.end_byte)
        parts = _without_comments(step)
        if step.kind_id == g.GET_ATTR:
            name = self.data[parts[1].start_byte : parts[1].end_byte].decode()
            if "::" in name or (sensitive and self._broken_over_lines(parts)):
                return self.refuse("not an attribute name", start, step.end_byte)
            return GetAttr(of, name, span)
        inner = parts[0]
        if inner.kind_id == g.LEGACY_INDEX:
            digits = self.data[inner.start_byte + 1 : inner.end_byte].strip()
            amount = number(digits.decode()) if digits.isdigit() else None
            if amount is None or _GLUED.match(self.data, inner.end_byte):
                reason = (
                    "two legacy indexes may not be chained; use the proper index syntax instead"
                )
                return self.refuse(reason, start, step.end_byte)
            key: Expression = Literal(amount, self.place(inner.start_byte + 1, inner.end_byte))
            return Index(of, key, span)
        key_node = _without_comments(inner)[1]
        return Index(of, self.expression(key_node, depth + 1, sensitive=False), span)

    # -- operations and calls --------------------------------------------------------------

    def _operation(self, node: Node, depth: int, sensitive: bool) -> Expression:
        inner = _without_comments(node)[0]
        start, end = inner.start_byte, inner.end_byte
        if depth > DEEPEST:
            return Invalid("nested deeper than 200", self.place(start, end), refused=False)
        parts = _without_comments(inner)
        if sensitive and self._broken_over_lines(parts):
            return self.refuse("a line break inside an operation", start, end)
        span = self.place(start, end)
        if inner.kind_id == g.UNARY:
            operator = chr(self.data[start])
            return Unary(operator, self._term(parts[1:], depth + 1, sensitive), span)
        at = next(i for i in range(1, len(parts)) if parts[i].kind_id in _OPERATORS)
        operator = self.data[parts[at].start_byte : parts[at].end_byte].decode()
        left = self._term(parts[:at], depth + 1, sensitive)
        right = self._term(parts[at + 1 :], depth + 1, sensitive)
        return Binary(operator, left, right, span)

    def _call(self, node: Node, depth: int, sensitive: bool) -> Expression:
        start, end = node.start_byte, node.end_byte
        children = _without_comments(node)
        if sensitive and self._broken_over_lines(children[:2]):
            return self.refuse("a line break before `(`", start, end)
        name_node = children[0]
        name = self.data[name_node.start_byte : name_node.end_byte].decode()
        if "::" in name:
            name = "".join(name.split())
        if "::" in name and not _function_name(name):
            return self.refuse(f"`{name}` is not a function's name", start, end)
        arguments: list[Expression] = []
        expand = False
        if len(children) == 4:
            for part in children[2].children:
                kind = part.kind_id
                if kind == g.EXPRESSION:
                    arguments.append(self.expression(part, depth + 1, sensitive=False))
                elif kind == g.ELLIPSIS:
                    expand = True
        return Call(name, tuple(arguments), expand, self.place(start, end))

    # -- collections -----------------------------------------------------------------------

    def _tuple(self, node: Node, depth: int) -> Expression:
        items = [
            self.expression(child, depth + 1, sensitive=False)
            for child in node.children
            if child.kind_id == g.EXPRESSION
        ]
        return Tuple(tuple(items), self.place(node.start_byte, node.end_byte))

    def _object(self, node: Node, depth: int) -> Expression:
        start, end = node.start_byte, node.end_byte
        items: list[Item] = []
        multiline = self.data.find(b"\n", start, end) >= 0
        before = -1
        for child in node.children:
            if child.kind_id != g.OBJECT_ELEM:
                continue
            if before >= 0 and not self._separated(before, child.start_byte):
                reason = "a line break or a comma is needed between two items of an object"
                return self.refuse(reason, before, child.start_byte)
            before = child.end_byte
            key, *middle, value = _without_comments(child)
            if multiline and self._broken_over_lines([key, *middle, value]):
                return self.refuse("a line break inside an item of an object", start, end)
            items.append(
                Item(
                    self._key(key, depth + 1, multiline),
                    self.expression(value, depth + 1, multiline),
                )
            )
        if before >= 0 and not self._ended(before, end - 1):
            return self.refuse("a comma may not stand after a line break", before, end)
        return Object(tuple(items), self.place(start, end))

    def _ended(self, before: int, end: int) -> bool:
        gap = self.data[before:end]
        return b"," not in gap or self._separated(before, end)

    def _separated(self, end: int, start: int) -> bool:
        """Whether one comma or a line break stands between two items, the comma first."""
        gap = self.data[end:start]
        if b"#" in gap or b"/" in gap:
            gap = _TRIVIA.sub(b"", gap)
        gap = gap.lstrip(b" \t\r")
        return gap[:1] == b"," or (gap[:1] == b"\n" and b"," not in gap)

    def _key(self, node: Node, depth: int, sensitive: bool) -> Expression:
        start, end = node.start_byte, node.end_byte
        text = self.data[start:end]
        made = self.expression(node, depth, sensitive)
        if text[:1] == b"(" or not isinstance(made, (Variable, Literal, GetAttr, Index)):
            return made
        if isinstance(made, Variable) or text in _LITERALS:
            return self._bare_key(text.decode(), start, end)
        return self.refuse(AMBIGUOUS_KEY, start, end) if _is_reference(made) else made

    def _bare_key(self, name: str, start: int, end: int) -> Expression:
        if name == "for":
            return self.refuse("not a complete `for` expression", start, end)
        return Literal(tt.normal(name), self.place(start, end))

    def _for(self, node: Node, depth: int) -> Expression:
        start, end = node.start_byte, node.end_byte
        results: list[Expression] = []
        names: list[str] = []
        collection = condition = None
        grouping = False
        for child in node.children:
            kind = child.kind_id
            if kind == g.FOR_INTRO:
                names, collection = self._intro(child, depth)
            elif kind == g.EXPRESSION:
                results.append(self.expression(child, depth + 1, sensitive=False))
            elif kind == g.FOR_COND:
                condition = self._last_expression(child, depth)
            elif kind == g.ELLIPSIS:
                grouping = True
        if collection is None or not names or not results:
            return self.refuse("not a complete `for` expression", start, end)
        key = None if node.kind_id == g.FOR_TUPLE else results[0]
        key_name = names[0] if len(names) > 1 else None
        return For(
            key_name, names[-1], collection, key, results[-1], condition, grouping,
            self.place(start, end),
        )  # fmt: skip

    def _intro(self, node: Node, depth: int) -> tuple[list[str], Expression | None]:
        names: list[str] = []
        collection = None
        for child in node.children:
            if child.kind_id == g.IDENTIFIER:
                names.append(self.data[child.start_byte : child.end_byte].decode())
            elif child.kind_id == g.EXPRESSION:
                collection = self.expression(child, depth + 1, sensitive=False)
        return names, collection

    def _last_expression(self, node: Node, depth: int) -> Expression | None:
        for child in node.children:
            if child.kind_id == g.EXPRESSION:
                return self.expression(child, depth + 1, sensitive=False)
        return None

    # -- templates -------------------------------------------------------------------------

    def template(self, node: Node, depth: int) -> Expression:
        """A quoted template, a string literal or a heredoc."""
        children = node.children
        start, end = node.start_byte, node.end_byte
        span = self.place(start, end)
        quoted = node.kind_id in (g.QUOTED_TEMPLATE, g.STRING_LIT)
        try:
            if quoted:
                pieces = self._pieces(children[1:-1], start + 1, end - 1, True, depth)
                return tt.assemble(pieces, span)
            return self._heredoc(children, span, depth)
        except tt.BadText as fault:
            return Invalid(str(fault), span)

    def _heredoc(self, children: list[Node], span: Span, depth: int) -> Expression:
        opening, word, *content, closing = children
        at = word.end_byte
        after = self.data[at : at + 2]
        begins = at + 1 if after[:1] == b"\n" else at + 2 if after == b"\r\n" else -1
        if begins < 0 or opening.end_byte != word.start_byte or at == opening.end_byte:
            raise tt.BadText("a heredoc begins with `<<`, a word and a line break")
        ends = self.data.rfind(b"\n", begins - 1, closing.start_byte) + 1
        pieces = self._pieces(content, begins, ends, False, depth)
        return tt.assemble(pieces, span, flush=opening.end_byte - opening.start_byte == 3)

    def bare_template(self, node: Node, start: int, end: int) -> Expression:
        """The text from `start` to `end` of a heredoc node, read as a template file is."""
        span = self.place(start, end)
        try:
            return tt.assemble(self._pieces(node.children[2:-1], start, end, False, 0), span)
        except tt.BadText as fault:
            return Invalid(str(fault), span)

    def _pieces(
        self, nodes: list[Node], start: int, end: int, quoted: bool, depth: int
    ) -> list[tt.Piece]:
        """The pieces between two bytes; directives are opened up, one after another."""
        pieces: list[tt.Piece] = []
        pending = nodes[::-1]
        at = start
        while pending:
            node = pending.pop()
            kind = node.kind_id
            if kind in _OPENED:
                pending.extend(node.children[::-1])
                continue
            if kind == g.TEMPLATE_LITERAL:
                continue
            self._text(pieces, at, node.start_byte, quoted)
            at = node.end_byte
            pieces.append(
                self._hole(node, depth)
                if kind == g.INTERPOLATION
                else self._directive(node, depth)
            )
        self._text(pieces, at, end, quoted)
        return pieces

    def _text(self, pieces: list[tt.Piece], start: int, end: int, quoted: bool) -> None:
        if start >= end:
            return
        raw = self.data[start:end].decode()
        span = self.place(start, end)
        pieces.extend(tt.quoted_texts(raw, span) if quoted else tt.bare_texts(raw, span))

    def _hole(self, node: Node, depth: int) -> tt.Hole:
        inner, trims = self._inside(node, depth)
        span = self.place(node.start_byte, node.end_byte)
        return tt.Hole(inner or Invalid("missing expression", span), trims, span)

    def _inside(self, node: Node, depth: int) -> tuple[Expression | None, tuple[bool, bool]]:
        """The expression of an interpolation or directive, and which side `~` trims."""
        start, end = node.start_byte, node.end_byte
        inner = None
        trims = (self.data[start + 2] == 126, self.data[end - 2] == 126)
        markers = 0
        for child in node.children:
            if child.kind_id == g.EXPRESSION:
                inner = self.expression(child, depth + 1, sensitive=False)
            elif child.kind_id == g.STRIP_MARKER:
                markers += 1
        if markers != sum(trims):
            raise tt.BadText("`~` must touch the brace")
        return inner, trims

    def _directive(self, node: Node, depth: int) -> tt.Directive:
        subject, trims = self._inside(node, depth)
        span = self.place(node.start_byte, node.end_byte)
        word = ""
        names: list[str] = []
        for child in node.children:
            if child.kind_id == g.IDENTIFIER:
                names.append(self.data[child.start_byte : child.end_byte].decode())
            elif child.kind_id in _WORDS:
                word = child.type
        key_name = names[0] if len(names) > 1 else None
        return tt.Directive(word, trims, span, subject, (key_name, names[-1] if names else ""))

    # -- line breaks -----------------------------------------------------------------------

    def _broken_over_lines(self, parts: list[Node]) -> bool:
        """Whether a line break stands between two of these parts."""
        return any(
            line_break(self.data[before.end_byte : after.start_byte])
            for before, after in zip(parts, parts[1:])  # noqa: B905 - meant to be one shorter
        )


def _without_comments(node: Node) -> list[Node]:
    children = node.children
    for child in children:
        if child.kind_id == g.COMMENT:
            return [child for child in children if child.kind_id != g.COMMENT]
    return children


def _attributes_end(steps: list[Node], at: int) -> int:
    """How far the steps go that belong to a `.*`: names and legacy indexes."""
    while at < len(steps):
        step = steps[at]
        if step.kind_id == g.INDEX:
            if _without_comments(step)[0].kind_id != g.LEGACY_INDEX:
                break
        elif step.kind_id != g.GET_ATTR:
            break
        at += 1
    return at


def _function_name(name: str) -> bool:
    return all(part and (part[0] == "_" or part[0].isalpha()) for part in name.split("::"))


def _is_reference(node: Expression) -> bool:
    """Whether it is a reference with constant steps only, what HCL calls a traversal."""
    while True:
        if isinstance(node, GetAttr):
            node = node.of
        elif isinstance(node, Index) and isinstance(node.key, Literal):
            node = node.of
        else:
            return isinstance(node, Variable)


_OPERATORS = frozenset(
    g.anonymous(sign)
    for sign in ("||", "&&", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%")
)
_OPENED = frozenset((g.DIRECTIVE, g.TEMPLATE_FOR, g.TEMPLATE_IF))
_WORDS = frozenset(g.anonymous(word) for word in ("if", "else", "endif", "for", "endfor"))
