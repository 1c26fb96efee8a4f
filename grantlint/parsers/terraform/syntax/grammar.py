"""The one place that knows tree-sitter: its HCL grammar, node kinds, and how long trees are kept.

A C tree takes about seventy times the memory of its text. So a `Region` (bytes that are parsed
together: a file, or one block of a big one) gives its tree back when newer ones need the room, and
parses again in the unlikely case that it is asked later.
"""

from __future__ import annotations

from collections import deque

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser, Tree

from grantlint.source import Source

_LANGUAGE = Language(tree_sitter_hcl.language())
_PARSER = Parser(_LANGUAGE)
_KEPT_BYTES = 1 << 19


def _kind(name: str, *, named: bool = True) -> int:
    found = _LANGUAGE.id_for_node_kind(name, named)
    if found is None:
        raise LookupError(name)
    return found


BODY = _kind("body")
ATTRIBUTE = _kind("attribute")
BLOCK = _kind("block")
BLOCK_START = _kind("block_start")
IDENTIFIER = _kind("identifier")
COMMENT = _kind("comment")
EXPRESSION = _kind("expression")
STRING_LIT = _kind("string_lit")
COLLECTION_VALUE = _kind("collection_value")
TUPLE = _kind("tuple")
OBJECT_ELEM = _kind("object_elem")
FOR_EXPR = _kind("for_expr")
FOR_TUPLE = _kind("for_tuple_expr")
FOR_INTRO = _kind("for_intro")
FOR_COND = _kind("for_cond")
ELLIPSIS = _kind("ellipsis")
VARIABLE = _kind("variable_expr")
CALL = _kind("function_call")
OPERATION = _kind("operation")
UNARY = _kind("unary_operation")
CONDITIONAL = _kind("conditional")
GET_ATTR = _kind("get_attr")
INDEX = _kind("index")
LEGACY_INDEX = _kind("legacy_index")
SPLAT = _kind("splat")
TEMPLATE_EXPR = _kind("template_expr")
QUOTED_TEMPLATE = _kind("quoted_template")
TEMPLATE_LITERAL = _kind("template_literal")
INTERPOLATION = _kind("template_interpolation")
DIRECTIVE = _kind("template_directive")
TEMPLATE_FOR = _kind("template_for")
TEMPLATE_IF = _kind("template_if")
STRIP_MARKER = _kind("strip_marker")
OPEN_PARENTHESIS = _kind("(", named=False)
CLOSE_PARENTHESIS = _kind(")", named=False)


def anonymous(sign: str) -> int:
    """The kind of an operator, bracket or keyword."""
    return _kind(sign, named=False)


class Region:
    """Bytes of one source that are parsed together.

    `text` is what tree-sitter gets where that must differ from `data` (same length, see
    `respelling.py`); everything is read from `data`. A place in it is `base` bytes further on in
    the source.
    """

    __slots__ = ("_tree", "base", "data", "source", "text")

    def __init__(self, source: Source, data: bytes, base: int, text: bytes | None = None) -> None:
        self.source = source
        self.data = data
        self.base = base
        self.text = data if text is None else text
        self._tree: Tree | None = None

    def root(self) -> Node:
        """The tree of the whole region."""
        if self._tree is None:
            self._tree = _PARSER.parse(self.text)
            _keep(self)
        return self._tree.root_node

    def node(self, start: int, end: int, kind: int) -> Node:
        """The outermost node of that kind with exactly these bounds; it is known to be there."""
        cursor = self.root().walk()
        while cursor.goto_first_child_for_byte(start) is not None:
            node = cursor.node
            if node is None:
                break
            if node.start_byte == start and node.end_byte == end and node.kind_id == kind:
                return node
        raise LookupError((start, end, kind))

    def forget(self) -> None:
        """Let the tree go."""
        self._tree = None


_kept: deque[Region] = deque()
_kept_bytes = 0


def _keep(region: Region) -> None:
    global _kept_bytes  # noqa: PLW0603 - one bounded store a process, as the parser is one
    _kept.append(region)
    _kept_bytes += len(region.data)
    while _kept_bytes > _KEPT_BYTES and len(_kept) > 1:
        oldest = _kept.popleft()
        _kept_bytes -= len(oldest.data)
        oldest.forget()
