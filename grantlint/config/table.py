"""Tables: what keys they have, what is wrong in one, and its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from grantlint.config.kinds import Fault, Kind, Schema, called
from grantlint.spelling import nearest


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `about` and `example` are for people; `default` is TOML, "" where there is none.

    A key of a `run` goes for a whole run and not for each root module by itself.
    """

    name: str
    kind: Kind
    about: str
    example: str
    default: str = ""
    run: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """A list of tables with keys of their own."""

    name: str
    keys: tuple[Key, ...]
    noun: str = "a list of tables"

    def faults(self, value: object) -> Iterator[Fault]:
        """What is wrong with any of them."""
        if not isinstance(value, list):
            yield Fault((), f"it is {self.noun}, not {called(value)}: write [[{self.name}]]")
            return
        for number, one in enumerate(value):
            if not isinstance(one, dict):
                yield Fault((number,), f"it is a table, not {called(one)}")
                continue
            for fault in faults(one, self.keys, {}):
                yield Fault((number, *fault.at), fault.message, fault.key)

    def schema(self, rules: Sequence[str]) -> Schema:
        """The JSON Schema of all."""
        return {"type": "array", "items": schema(self.keys, rules)}


def faults(
    table: Mapping[str, object], keys: Sequence[Key], elsewhere: Mapping[str, str]
) -> Iterator[Fault]:
    """What is wrong in a table. `elsewhere` says of other names where they belong."""
    known = {key.name: key for key in keys}
    for name, value in table.items():
        key = known.get(name)
        if key is not None:
            for fault in key.kind.faults(value):
                yield Fault((name, *fault.at), _of_key(key, fault), fault.key)
            continue
        near = nearest(name, sorted(known))
        usual = name.strip().lower().replace("_", "-")
        if usual in elsewhere and usual not in known:
            yield Fault((name,), f'"{name}" {elsewhere[usual]}', key=True)
        else:
            hint = f'did you mean "{near}"?' if near else f"there are {', '.join(known)}"
            yield Fault((name,), f'unknown key "{name}"; {hint}', key=True)
    for key in keys:
        if key.required and key.name not in table:
            yield Fault((), f'"{key.name}" is missing, as in {key.name} = {key.example}', key=True)


def _of_key(key: Key, fault: Fault) -> str:
    """A fault's message, with the key where it is about what kind of value that has."""
    if fault.message.startswith("it is ") and not fault.at:
        return f'"{key.name}" {fault.message.removeprefix("it ")}'
    return fault.message


def schema(keys: Sequence[Key], rules: Sequence[str]) -> Schema:
    """The JSON Schema of a table."""
    import tomllib  # noqa: PLC0415  # a run that finds a file has it, others need none

    def written(text: str) -> object:
        value: object = tomllib.loads(f"x = {text}")["x"]
        return value.isoformat() if isinstance(value, date) else value

    properties: Schema = {}
    for key in keys:
        shown = {"description": f"{key.about}."} | key.kind.schema(rules)
        if not isinstance(key.kind, Tables):
            shown["examples"] = [written(key.example)]
        if key.default:
            shown["default"] = written(key.default)
        properties[key.name] = shown
    required = [key.name for key in keys if key.required]
    table: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return table | ({"required": required} if required else {})
