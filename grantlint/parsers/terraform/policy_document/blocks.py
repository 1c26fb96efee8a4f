"""The blocks of data.aws_iam_policy_document: a statement with its principals and conditions.

https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/d/iam_policy_document.html.markdown
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from zlib import crc32

from grantlint.parsers.instance import Content
from grantlint.parsers.terraform import convert
from grantlint.parsers.terraform.policy_document.arguments import (
    RefusedError,
    argument,
    argument_list,
    expected,
    required,
    required_list,
)
from grantlint.parsers.terraform.policy_document.merge import everybody, maybe, reversed_
from grantlint.value import (
    Truth,
    Unknown,
    Value,
    failure,
    null,
    object_,
    string,
    tuple_,
    unknown,
)

_NO_VARIABLES: Final = "2008-10-17"
"""The document version in which `&{…}` is refused."""


def statement(block: Content, version: Value) -> Value:
    """The object that one statement block becomes."""
    if block.broken is not None:
        return unknown(block.broken, block.span)
    members: dict[str, Value] = {}
    sid = argument(block, "sid")
    if sid is not None and sid.text != "":
        members["Sid"] = sid
    effect = argument(block, "effect") or string("Allow", block.span)
    if effect.text is not None and effect.text not in {"Allow", "Deny"}:
        raise RefusedError(expected("effect", '["Allow" "Deny"]', effect))
    members["Effect"] = effect
    for name, key in _LISTS.items():
        texts = argument_list(block, name)
        if texts is not None and texts.raw != ():
            replaced = _with_variables(texts, version) if "resources" in name else texts
            members[key] = _plain(replaced, reversed_)
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        principals = _principals(block.nested(name), version)
        if principals is not None:
            members[key] = principals
    conditions = _conditions(block.nested("condition"), version)
    if conditions is not None:
        members["Condition"] = conditions
    return object_(members, block.span)


_LISTS: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def _plain(texts: Value, order: Callable[[Value], Value]) -> Value:
    """A set of texts as the provider writes it: a lone one without brackets."""
    cause = texts.unknown
    if cause is not None:
        choices = tuple(_plain(choice, order) for choice in cause.choices)
        choices = tuple(null() if choice.raw == () else choice for choice in choices)
        bare = Unknown(cause.reason, cause.refers_to, choices=choices, has=cause.has)
        return replace(texts, type=convert.DYNAMIC, raw=bare, encodes=None)
    distinct = _distinct(texts.elements())
    if len(distinct) == 1:
        return distinct[0]
    return order(tuple_(distinct, texts.written))


def _distinct(texts: Sequence[Value]) -> list[Value]:
    """Each known text once, where it was first written; unknown ones stay."""
    seen: set[str] = set()
    kept = []
    for text in texts:
        if text.text is None or text.text not in seen:
            kept.append(text)
        if text.text is not None:
            seen.add(text.text)
    return kept


def _with_variables(texts: Value, version: Value) -> Value:
    """`&{x}` written as `${x}` in every text of a list."""
    if texts.unknown is not None:
        choices = tuple(_with_variables(choice, version) for choice in texts.unknown.choices)
        has = tuple(_with_variable(text, version) for text in texts.unknown.has)
        raw = replace(texts.unknown, choices=choices, has=has)
        return replace(texts, raw=raw, encodes=None)
    members = [_with_variable(text, version) for text in texts.elements()]
    return Value(texts.type, tuple(members), texts.written)


def _with_variable(text: Value, version: Value) -> Value:
    raw = text.raw
    if isinstance(raw, str) and "&{" in raw:
        if version.text == _NO_VARIABLES:
            reason = f"found &{{ sequence in ({raw}), which is not supported in document version "
            raise RefusedError(failure(reason + _NO_VARIABLES, text.written))
        return replace(text, raw=raw.replace("&{", "${"), encodes=None)
    if isinstance(raw, Unknown) and (raw.parts or raw.choices):
        pieces = [part for part in raw.parts if isinstance(part, str)]
        ends = any(piece.endswith("&") or piece.startswith("{") for piece in pieces)
        texts = [choice.text or "" for choice in raw.choices]
        if ends or any("&{" in piece for piece in (*pieces, *texts)):
            return replace(text, raw=_cause(text), encodes=None)
    return text


# -- principals and conditions ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Group:
    """One principals or condition block: what it is filed under, and its texts."""

    keys: tuple[Value, ...]
    texts: Value
    span_of: Content

    @property
    def known(self) -> bool:
        """Whether its place among others is known."""
        whole = all(key.text is not None for key in self.keys) and self.texts.wholly_known()
        return whole and self.span_of.exists is Truth.YES


def _principals(blocks: Sequence[Content], version: Value) -> Value | None:
    """Blocks of one type are joined, in the order in which the provider's set holds them."""
    groups = []
    for block in blocks:
        if block.broken is not None:
            return unknown(block.broken, block.span)
        type_ = required(block, "type")
        texts = _with_variables(required_list(block, "identifiers"), version)
        groups.append(_Group((type_,), texts, block))
    if not groups:
        return None
    for group in groups:
        if group.keys[0].text is None:
            return _hidden(group.keys[0], group.span_of)
    members: dict[str, list[Value]] = {}
    listed: set[str] = set()
    for group in _in_set_order(groups, _principal_hash):
        type_name = group.keys[0].text or ""
        identifiers = _plain(group.texts, reversed_)
        if identifiers.unknown is None and identifiers.text is None:
            listed.add(type_name)
        members.setdefault(type_name, []).extend(_spread(identifiers, group.span_of))
    joined = {
        type_name: texts[0] if len(texts) == 1 and type_name not in listed else tuple_(texts)
        for type_name, texts in members.items()
    }
    sensitive = any(group.keys[0].sensitive for group in groups)
    whole = everybody(joined) or object_(joined, groups[0].span_of.span)
    return whole.marked(sensitive)


def _conditions(blocks: Sequence[Content], version: Value) -> Value | None:
    """The values of blocks with the same test and variable are joined."""
    groups = []
    for block in blocks:
        if block.broken is not None:
            return unknown(block.broken, block.span)
        keys = (required(block, "test"), required(block, "variable"))
        texts = _with_variables(required_list(block, "values"), version)
        groups.append(_Group(keys, texts, block))
    if not groups:
        return None
    members: dict[str, dict[str, list[Value]]] = {}
    for group in _in_set_order(groups, _condition_hash):
        test, variable = group.keys
        if test.text is None or variable.text is None:
            return _hidden(test if test.text is None else variable, group.span_of)
        joined = members.setdefault(test.text, {}).setdefault(variable.text, [])
        joined.extend(_spread(group.texts, group.span_of))
    tests = {
        test: object_({name: _lone(values) for name, values in variables.items()})
        for test, variables in members.items()
    }
    sensitive = any(key.sensitive for group in groups for key in group.keys)
    return object_(tests, groups[0].span_of.span).marked(sensitive)


def _lone(texts: list[Value]) -> Value:
    return texts[0] if len(texts) == 1 else tuple_(texts)


def _spread(texts: Value, block: Content) -> list[Value]:
    """The members of a list, each as a `maybe` where the block may not exist."""
    members = list(texts.elements()) if isinstance(texts.raw, tuple) else [texts]
    if block.exists is Truth.YES:
        return members
    reason = "whether this block exists is not known"
    return [maybe(member, reason) for member in members]


def _hidden(value: Value, block: Content) -> Value:
    return Value(convert.DYNAMIC, _cause(value), block.span, value.trail, value.sensitive)


def _in_set_order(groups: list[_Group], serialize: Callable[[_Group], str]) -> list[_Group]:
    """Distinct blocks in the order of the plugin SDK's sets: by CRC-32, written as text.

    https://github.com/hashicorp/terraform-plugin-sdk/blob/main/helper/schema/set.go
    """
    if not all(group.known for group in groups):
        return groups
    by_code = {
        str(crc32(serialize(group).encode("utf-8", "surrogatepass"))): group
        for group in reversed(groups)
    }
    return [by_code[code] for code in sorted(by_code)]


def _principal_hash(group: _Group) -> str:
    codes = {
        str(crc32(f"{text};".encode("utf-8", "surrogatepass"))): text
        for text in _known_texts(group.texts)
    }
    members = "".join(f"{codes[code]};" for code in sorted(codes))
    return f"identifiers:{{{members}}};type:{group.keys[0].text};"


def _condition_hash(group: _Group) -> str:
    test, variable = group.keys
    values = "".join(f"{text};" for text in _known_texts(group.texts))
    return f"test:{test.text};values:({values});variable:{variable.text};"


def _known_texts(texts: Value) -> list[str]:
    return [member.text for member in texts.elements() if member.text is not None]


def _cause(value: Value) -> Unknown:
    """Why a value is unknown, without what narrows it."""
    cause = value.unknown or Unknown("not known")
    return Unknown(cause.reason, cause.refers_to)
