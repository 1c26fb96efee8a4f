"""Templates of tree-sitter's nodes: strings, heredocs, interpolations and directives.

The grammar drops blanks at the edges of text, so text is what lies between two other nodes.
"""

from __future__ import annotations

from tree_sitter import Node

from grantlint.parsers.terraform.syntax import grammar as g
from grantlint.parsers.terraform.syntax import template_text as tt
from grantlint.parsers.terraform.syntax.nodes import Nodes
from grantlint.parsers.terraform.tree import Expression, Invalid
from grantlint.source import Span

_OPENED = frozenset((g.DIRECTIVE, g.TEMPLATE_FOR, g.TEMPLATE_IF))
_WORDS = frozenset(g.anonymous(word) for word in ("if", "else", "endif", "for", "in", "endfor"))


class TemplateNodes(Nodes):
    """Makes templates."""

    __slots__ = ()

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
        except tt.BadTextError as fault:
            return Invalid(str(fault), span)

    def _heredoc(self, children: list[Node], span: Span, depth: int) -> Expression:
        opening, word, *content, closing = children
        at = word.end_byte
        after = self.data[at : at + 2]
        begins = at + 1 if after[:1] == b"\n" else at + 2 if after == b"\r\n" else -1
        if begins < 0 or opening.end_byte != word.start_byte or at == opening.end_byte:
            raise tt.BadTextError("a heredoc begins with `<<`, a word and a line break")
        ends = self.data.rfind(b"\n", begins - 1, closing.start_byte) + 1
        pieces = self._pieces(content, begins, ends, False, depth)
        return tt.assemble(pieces, span, flush=opening.end_byte - opening.start_byte == 3)

    def bare_template(self, node: Node, start: int, end: int, rest: bytes) -> Expression:
        """The text from `start` to `end` of a heredoc node, read as a template file is.

        `rest` is text behind it that is not read as a template.
        """
        span = self.place(start, end + len(rest))
        try:
            pieces = self._pieces(node.children[2:-1], start, end, False, 0)
        except tt.BadTextError as fault:
            return Invalid(str(fault), span)
        if rest:
            pieces.append(tt.Text(tt.plain(rest.decode()), self.place(end, end + len(rest))))
        return tt.assemble(pieces, span)

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
                self._hole(node, depth) if kind == g.INTERPOLATION else self._directive(node, depth)
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
            raise tt.BadTextError("`~` must touch the brace")
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
                if self.runs_on(child):
                    raise tt.BadTextError("not a directive's keyword")
                word = word or child.type
        key_name = names[0] if len(names) > 1 else None
        return tt.Directive(word, trims, span, subject, (key_name, names[-1] if names else ""))
