"""IAM policy documents as data.aws_iam_policy_document reads, merges and writes them.

A document here is a list of statements, some of which may not exist. What cannot be known stays
in the tree as an unknown leaf; then the text is unknown. A statement, identifier or condition
that may be missing is an Unknown whose `choices` are the one thing it can be, and null.
The rules are the provider's: policy_model.go in
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service/iam
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from grantlint.parsers.terraform.policy_document import go_json
from grantlint.value import (
    STRING,
    Truth,
    Unknown,
    Value,
    null,
    object_,
    string,
    tuple_,
    unknown,
)

DOCUMENT_FIELDS: Final = ("Version", "Id", "Statement")
STATEMENT_FIELDS: Final = (
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
)
_ORDERS: Final = (DOCUMENT_FIELDS, STATEMENT_FIELDS)


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement, or with an unknown `value` any number of statements of an unknown document.

    `where` says what must be so for a statement to exist that may not.
    """

    value: Value
    exists: Truth = Truth.YES
    where: str = "the document has this statement"

    @property
    def sid(self) -> Value | None:
        """Its Sid; None when it certainly has none."""
        if self.value.unknown is not None:
            return self.value
        return self.value.get("Sid")


@dataclass(slots=True)
class Document:
    """A policy document. `certain` is whether the order of its statements is known."""

    version: Value | None = None
    id: Value | None = None
    entries: list[Entry] = field(default_factory=list)
    certain: bool = True

    def merge(self, new: Document) -> None:
        """Take `new` in: its Id, the later version, its statements over those of equal Sid."""
        self.id = new.id or self.id
        self.version = _later(self.version, new.version)
        self.certain = self.certain and new.certain
        for entry in new.entries:
            self._add(entry)

    def _add(self, new: Entry) -> None:
        sid = new.sid
        if sid is None:
            self.entries.append(new)
            return
        kept: list[Entry] = []
        replaced = False
        for entry in self.entries:
            same = _same(entry.sid, sid)
            if same is Truth.NO or entry.value.unknown is not None:
                kept.append(entry)
                self.certain = self.certain and same is Truth.NO
            elif same is Truth.YES and new.exists is Truth.YES:
                self.certain = self.certain and entry.exists is Truth.YES
                if not replaced:
                    kept.append(new)
                replaced = True
            else:
                kept.append(replace(entry, exists=Truth.MAYBE))
                self.certain = False
        self.entries = kept if replaced else [*kept, new]

    def tree(self) -> Value:
        """The document as an object, unknown leaves included."""
        members: dict[str, Value] = {}
        if self.version is not None:
            members["Version"] = self.version
        if self.id is not None:
            members["Id"] = self.id
        if self.entries:
            members["Statement"] = tuple_(_shown(entry) for entry in self.entries)
        return object_(members)

    def texts(self) -> tuple[Value, Value]:
        """The `json` and `minified_json` of the data source; both encode the same tree."""
        tree = self.tree()
        pretty = compact = None
        if self.certain and tree.wholly_known():
            pretty, compact = go_json.pretty(tree, _ORDERS), go_json.compact(tree, _ORDERS)
        hole = next(tree.unknowns(), None)
        cause = hole.unknown if hole is not None and hole.unknown is not None else _UNORDERED
        return _encoded(pretty, tree, cause, "\n"), _encoded(compact, tree, cause, "")


_UNORDERED: Final = Unknown("the order of the statements is not known")


def maybe(value: Value, reason: str, where: str = "") -> Value:
    """A value that exists or does not: it, or null. `where` says when, in words."""
    when = (where, "") if where else ()
    return replace(value, raw=Unknown(reason, choices=(value, null()), when=when), encodes=None)


def is_maybe(value: Value) -> Value | None:
    """The one thing that a `maybe` can be besides null."""
    if value.unknown is None or len(value.unknown.choices) != 2:
        return None
    first, second = value.unknown.choices
    return first if second.is_null and not first.is_null else None


def everybody(members: Mapping[str, Value]) -> Value | None:
    """`"*"` for principals of type `*` that are nothing but `*`, as the provider writes it."""
    only = members.get("*") if len(members) == 1 else None
    if only is None:
        return None
    if isinstance(only.raw, tuple) and len(only.raw) == 1:
        only = only.elements()[0]
    return only if only.text == "*" else None


def reversed_(texts: Value) -> Value:
    """A tuple of texts in descending byte order, the unknown ones behind."""
    known = [one for one in texts.elements() if one.text is not None]
    known.sort(key=lambda one: (one.text or "").encode("utf-8", "surrogatepass"), reverse=True)
    rest = [one for one in texts.elements() if one.text is None]
    return tuple_([*known, *rest], texts.written)


def _shown(entry: Entry) -> Value:
    if entry.exists is Truth.YES or entry.value.unknown is not None:
        return entry.value
    return maybe(entry.value, "whether this statement exists is not known", entry.where)


def _same(one: Value | None, other: Value) -> Truth:
    """Whether two Sids are the same."""
    if one is None:
        return Truth.NO
    if other.text is not None:
        return one.equals(other.text)
    return other.equals(one.text) if one.text is not None else Truth.MAYBE


def _later(old: Value | None, new: Value | None) -> Value | None:
    """The greater of two versions, compared as text; of one of several, if they all agree."""
    if new is None or old is None:
        return old if new is None else new
    if old.text is not None and new.text is not None:
        return new if new.text > old.text else old
    sure, other = (new, old) if new.text is not None else (old, new)
    texts = [choice.text for choice in other.unknown.choices] if other.unknown is not None else []
    if sure.text is not None and texts:
        text = sure.text
        if all(one is not None and one <= text for one in texts):
            return sure
    return other


def _encoded(text: str | None, tree: Value, cause: Unknown, newline: str) -> Value:
    if text is not None:
        return Value(STRING, text, encodes=tree, sensitive=tree.has_sensitive())
    hole = Value(STRING, Unknown(cause.reason, cause.refers_to))
    end = "}" if not newline else "\n}"
    parts = ("{" + newline, hole, end)
    whole = Unknown(cause.reason, cause.refers_to, parts=parts, unordered=True)
    return Value(STRING, whole, encodes=tree, sensitive=tree.has_sensitive())


# -- documents that are not known ------------------------------------------------------------


def union(documents: Sequence[Document]) -> Document:
    """One of several documents, or none: every statement may exist."""
    result = Document(certain=False)
    versions: dict[str | None, Value] = {"": string("")}
    for document in documents:
        if document.version is not None:
            versions.setdefault(document.version.text, document.version)
        result.id = result.id or document.id
        result.entries.extend(replace(entry, exists=Truth.MAYBE) for entry in document.entries)
    reason = "which of several documents it is, is not known"
    if len(versions) > 1:
        choices = () if None in versions else tuple(versions.values())
        result.version = unknown(reason, type=STRING, choices=choices)
    if result.id is not None:
        result.id = maybe(result.id, reason)
    return result


def opaque(value: Value) -> Document:
    """A document of which nothing is known."""
    cause = value.unknown or Unknown("the document is not known")
    bare = Value(STRING, Unknown(cause.reason, cause.refers_to), value.written, value.trail)
    hidden = replace(bare, sensitive=value.sensitive)
    return Document(hidden, hidden, [Entry(hidden, Truth.MAYBE)], certain=False)
