"""data.aws_iam_policy_document: its blocks to the document that the provider makes of them.

`render` gives the exact text where everything is known. Whatever is not known, the text's
`encodes` is the whole document with every leaf's own place, so that a statement with one unknown
principal stays a statement. The rules are the provider's: policy_document_data_source.go in
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service/iam
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from grantlint.parsers.instance import Content
from grantlint.parsers.terraform.convert.typed import same
from grantlint.parsers.terraform.policy_document.arguments import (
    RefusedError,
    argument,
    argument_list,
    expected,
)
from grantlint.parsers.terraform.policy_document.blocks import statement
from grantlint.parsers.terraform.policy_document.merge import Document, Entry, opaque, union
from grantlint.parsers.terraform.policy_document.source import read
from grantlint.parsers.terraform.policy_document.text import decoded
from grantlint.value import STRING, Truth, Unknown, Value, failure, string, unknown


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the data source computes. All three are the same failure when it is refused."""

    json: Value
    minified_json: Value
    id: Value


def render(content: Content) -> Rendered:
    """The document of one data block."""
    if content.broken is not None:
        hidden = unknown(content.broken, content.span, type=STRING)
        return Rendered(hidden, hidden, hidden)
    try:
        document = _document(content)
    except RefusedError as refused:
        return Rendered(refused.value, refused.value, refused.value)
    pretty, minified = (text.at(content.span) for text in document.texts())
    if pretty.text is None:
        cause = pretty.unknown or Unknown("not known")
        hidden = replace(pretty, raw=Unknown(cause.reason, cause.refers_to), encodes=None)
        return Rendered(pretty, minified, hidden)
    number = string(str(crc32(pretty.text.encode("utf-8", "surrogatepass"))), content.span)
    return Rendered(pretty, minified, number.marked(pretty.sensitive))


def _document(content: Content) -> Document:
    merged = Document()
    seen: set[str] = set()
    for document in _documents(content, "source_policy_documents"):
        _refuse_repeated(document, seen, "source_policy_documents")
        merged.merge(document)
    merged.merge(_own(content))
    for document in _documents(content, "override_policy_documents"):
        merged.merge(document)
    return merged


def _own(content: Content) -> Document:
    version = argument(content, "version") or string("2012-10-17", content.span)
    if version.text is not None and version.text not in {"2008-10-17", "2012-10-17"}:
        raise RefusedError(expected("version", '["2008-10-17" "2012-10-17"]', version))
    identity = argument(content, "policy_id")
    document = Document(version, None if identity is None or identity.text == "" else identity)
    for block in content.nested("statement"):
        entry = Entry(statement(block, version), block.exists)
        if block.condition is not None:
            entry = replace(entry, where=block.condition)
        document.entries.append(entry)
        known = entry.exists is Truth.YES and entry.value.unknown is None
        document.certain = document.certain and known
    _refuse_repeated(document, set(), "statement")
    return document


def _refuse_repeated(document: Document, seen: set[str], where: str) -> None:
    for entry in document.entries:
        sid = entry.sid
        if entry.exists is not Truth.YES or sid is None or sid.text is None:
            continue
        if sid.text in seen:
            text = f"duplicate Sid ({sid.text}) in {where}. Remove the Sid or ensure it is unique."
            raise RefusedError(failure(text, sid.written or entry.value.written))
        seen.add(sid.text)


# -- source and override documents -----------------------------------------------------------


def _documents(content: Content, name: str) -> list[Document]:
    texts = argument_list(content, name)
    if texts is None:
        return []
    if texts.unknown is not None:
        return _one_of(texts, texts.unknown.choices)
    return [_parsed(text) for text in texts.elements() if text.text != ""]


def _one_of(texts: Value, choices: Sequence[Value]) -> list[Document]:
    """The documents of a list that is one of several: those of all of them, then the others."""
    found: list[Value] = []
    for choice in choices:
        if choice.unknown is not None:
            return [opaque(texts)]
        found.extend(one for one in choice.elements() if not any(same(one, two) for two in found))
    if not choices:
        return [opaque(texts)]
    every = [
        text
        for text in found
        if all(any(same(text, one) for one in choice.elements()) for choice in choices)
    ]
    others = [text for text in found if not any(text is one for one in every)]
    certain = [_parsed(text) for text in every if text.text != ""]
    possible = [_parsed(text) for text in others if text.text != ""]
    return [*certain, union(possible)] if possible else certain


def _parsed(text: Value) -> Document:
    cause = text.unknown
    if cause is not None and cause.choices and text.encodes is None:
        return union([_parsed(choice) for choice in cause.choices if choice.text != ""])
    document = read(decoded(text))
    if isinstance(document, Value):
        raise RefusedError(document)
    return document
