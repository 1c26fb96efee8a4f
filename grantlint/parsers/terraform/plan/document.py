"""The JSON of `terraform show -json`, of a plan or a state, as resources; also OpenTofu's.

What is not as it should be is left out: a resource without an address is none. The text is read
once; places in it are looked for only where they are shown (`Places`).
https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from grantlint.source import Source, Span

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

PLAN: Final = "terraform-plan"
STATE: Final = "terraform-state"
RAW_STATE: Final = (
    "this is a state as Terraform keeps it: give what `terraform show -json` says of it"
)
_MAJORS: Final = ("0", "1")
_KEPT: Final = frozenset({"create", "update", "no-op", "read"})
_ENDED: Final = frozenset({"delete", "forget"})


@dataclass(frozen=True, slots=True)
class Described:
    """One resource or data source: what the plan or state says of it.

    `unknown` and `sensitive` have `true` at the paths of `values` that are so. `replaced` is
    whether the plan destroys it and makes it anew.
    """

    address: str
    mode: str  # "managed" or "data"
    type: str
    name: str
    module: str
    values: Mapping[str, Json]
    unknown: Json
    sensitive: Json
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """What a plan or a state says. `notes` are what is to be said of it as a whole.

    `configuration` is Terraform's, with references instead of expressions; empty for a state.
    """

    kind: str  # PLAN or STATE
    source: Source
    resources: tuple[Described, ...]
    variables: Mapping[str, Json] = field(default_factory=dict)
    configuration: Mapping[str, Json] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def document(source: Source, content: Json) -> Document | None:
    """The plan or state that this JSON is; None for what is neither."""
    whole = members(content)
    if text(whole.get("format_version")) is None:
        is_raw = whole.get("version") == 4 and "lineage" in whole
        return Document(STATE, source, (), notes=(RAW_STATE,)) if is_raw else None
    if {"planned_values", "resource_changes", "configuration"} & whole.keys():
        return _plan(source, whole)
    found = tuple(_of_module(members(whole.get("values")).get("root_module")))
    return Document(STATE, source, found, notes=tuple(_version(whole, "state")))


def _plan(source: Source, whole: Mapping[str, Json]) -> Document:
    changes = [one for one in elements(whole.get("resource_changes")) if "deposed" not in one]
    changed = {text(one.get("address")) for one in changes}
    prior = members(members(whole.get("prior_state")).get("values")).get("root_module")
    found = [*_of_changes(changes)]
    found += [one for one in _of_module(prior) if one.address not in changed]
    notes = [*_version(whole, "plan")]
    if whole.get("errored") is True:
        notes.append("the plan ended with an error: what it holds is not whole")
    variables = {
        name: members(given)["value"]
        for name, given in members(whole.get("variables")).items()
        if "value" in members(given)
    }
    configuration = members(whole.get("configuration"))
    return Document(PLAN, source, tuple(found), variables, configuration, tuple(notes))


def _version(whole: Mapping[str, Json], what: str) -> Iterator[str]:
    version = text(whole.get("format_version")) or ""
    if version.partition(".")[0] not in _MAJORS:
        yield f'format version "{version}" of a {what} is not known, it is read as version 1'


def _of_changes(changes: Sequence[Mapping[str, Json]]) -> Iterator[Described]:
    """What the plan leaves behind: what it destroys or forgets is not there any more."""
    for one in changes:
        change = members(one.get("change"))
        listed = change.get("actions")
        actions = {text(word) for word in listed} if isinstance(listed, list) else set()
        after = change.get("after")
        if not actions & _KEPT or not isinstance(after, dict):
            continue
        yield from _described(
            one,
            text(one.get("module_address")) or "",
            after,
            change.get("after_unknown"),
            change.get("after_sensitive"),
            replaced=bool(actions & _ENDED),
        )


def _of_module(module: Json) -> Iterator[Described]:
    """The resources of a module and of those that it calls."""
    pending = [module]
    while pending:
        current = members(pending.pop())
        for one in elements(current.get("resources")):
            if "deposed_key" not in one:
                values, sensitive = one.get("values"), one.get("sensitive_values")
                address = text(current.get("address")) or ""
                yield from _described(one, address, members(values), None, sensitive)
        pending.extend(reversed(elements(current.get("child_modules"))))


def _described(
    one: Mapping[str, Json],
    module: str,
    values: Mapping[str, Json],
    unknown: Json,
    sensitive: Json,
    *,
    replaced: bool = False,
) -> Iterator[Described]:
    address, type, name = (text(one.get(key)) for key in ("address", "type", "name"))
    mode = text(one.get("mode"))
    if address and type and name and mode in {"managed", "data"}:
        yield Described(
            address, mode, type, name, module, values, unknown, sensitive, replaced=replaced
        )


# -- addresses -----------------------------------------------------------------------------

_KEY: Final = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_CALL: Final = re.compile(r"module\.([^.\[]+)")


def without_keys(address: str) -> str:
    """An address without the keys of instances: `module.a.aws_kms_key.b`."""
    return _KEY.sub("", address)


def names(module: str) -> tuple[str, ...]:
    """The names of the calls that lead to a module."""
    return tuple(_CALL.findall(without_keys(module)))


# -- places --------------------------------------------------------------------------------

_ADDRESS: Final = re.compile(rb'"address"\s*:\s*"((?:[^"\\]|\\.)*)"')
_BEGINS: Final = {PLAN: b'"resource_changes"', STATE: b'"values"'}


@dataclass(slots=True, eq=False)
class Places:
    """Where the file says of a resource which one it is: its address, between the quotes."""

    document: Document
    _found: dict[str, Span] | None = None

    def of(self, address: str) -> Span:
        """The place of an address; the file's beginning where it is not to be found."""
        if self._found is None:
            self._found = dict(self._all())
        return self._found.get(address) or Span(self.document.source, 0, 0)

    def _all(self) -> Iterator[tuple[str, Span]]:
        source = self.document.source
        start = max(source.data.find(_BEGINS[self.document.kind]), 0)
        seen: set[bytes] = set()
        for before in (start, 0):  # what a plan leaves alone stands in its prior state only
            for match in _ADDRESS.finditer(source.data, before):
                if match[1] not in seen:
                    seen.add(match[1])
                    span = Span(source, match.start(1), match.end(1))
                    yield str(json.loads(b'"%s"' % match[1])), span


# -- what a value is -----------------------------------------------------------------------


def members(value: Json) -> Mapping[str, Json]:
    """The members of an object; of anything else none."""
    return value if isinstance(value, dict) else {}


def elements(value: Json) -> list[dict[str, Json]]:
    """The objects in an array; of anything else none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Json) -> str | None:
    """A text; None for anything else."""
    return value if isinstance(value, str) else None
