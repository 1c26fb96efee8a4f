"""What is in force for a directory, setting by setting, and where each comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grantlint.config.asked import Selection
from grantlint.config.configuration import Configuration
from grantlint.config.entries import Override
from grantlint.config.keys import KEYS
from grantlint.config.profiles import PROFILES, layers, profile_of
from grantlint.rule import Rule, Severity
from grantlint.suppress.ignore import Ignore

Value = str | tuple[str, ...] | Mapping[str, "Value"]

OPTION = "command line"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """A key with its value, None where nothing sets it, and what says so."""

    key: str
    value: Value | None
    origin: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule, whether it is asked, and what says so; the same of its severity."""

    rule: Rule
    asked: bool
    origin: str
    severity: Severity
    by: str


@dataclass(frozen=True, slots=True)
class Effective:
    """Everything that is in force for a directory, before patterns of files are looked at."""

    configuration: Configuration
    settings: tuple[Setting, ...]
    rules: tuple[Asked, ...]


def effective(
    configuration: Configuration,
    options: Mapping[str, Value],
    selection: Selection,
    rules: Sequence[Rule],
) -> Effective:
    """What is in force; `options` are the keys that options set, `selection` theirs too."""
    return Effective(
        configuration,
        tuple(_settings(configuration, options)),
        tuple(_rules(configuration, selection, rules)),
    )


def _settings(one: Configuration, options: Mapping[str, Value]) -> Iterator[Setting]:
    profile = profile_of(one)
    by_profile = {"fail-on": profile.fail_on, "certainty": profile.certainty}
    usual = PROFILES["default"]
    default = {"fail-on": usual.fail_on, "certainty": usual.certainty}
    said: dict[str, Value | None] = {
        "profile": one.profile,
        "fail-on": one.fail_on,
        "certainty": one.certainty,
        "mandatory": tuple(sorted(one.mandatory)),
        "account": one.account,
        "region": one.region,
        "partition": one.partition,
        "trusted-accounts": tuple(sorted(one.trusted_accounts)),
        "trusted-organizations": tuple(sorted(one.trusted_organizations)),
        "policies": tuple(_from_file(path, one) for path in one.policies),
        "baseline": _from_file(one.baseline, one) if one.baseline is not None else None,
    }
    for key in (key.name for key in KEYS if key.name in said):
        if key in options:
            yield Setting(key, options[key], OPTION)
        elif key in one.said:
            yield Setting(key, said[key], place(one, key))
        elif key in by_profile and by_profile[key] != default[key]:
            yield Setting(key, by_profile[key], f"profile {one.profile}")
        elif key == "profile":
            yield Setting(key, DEFAULT, DEFAULT)
        else:
            yield Setting(key, default.get(key) or said[key] or None, DEFAULT)


def _from_file(path: str, one: Configuration) -> str:
    """A path as it stands in the file: from there on."""
    return Path(os.path.relpath(path, one.directory)).as_posix()


def place(one: Configuration, key: str) -> str:
    """Where a key stands."""
    span = one.said[key]
    return span.path if span.path.startswith("--") else f"{span.path}:{span.line}"


def _rules(one: Configuration, selection: Selection, rules: Sequence[Rule]) -> Iterator[Asked]:
    profile = profile_of(one)
    name = f"profile {one.profile}"
    origins = {
        "profile": dict.fromkeys(("select", "extend-select", "ignore"), name),
        "trust": {"extend-select": _trust(one)},
        "file": {key: place(one, key) for key in one.said},
        "mandatory": {"extend-select": _mandatory(one)},
        OPTION: dict.fromkeys(("select", "extend-select", "ignore"), OPTION),
    }
    asking = (*layers(one), (OPTION, selection))
    for rule in rules:
        asked, origin = not rule.opt_in, "default: opt-in" if rule.opt_in else DEFAULT
        for layer, places in ((layer, origins[by]) for by, layer in asking):
            if layer.select:
                asked, origin = rule.id in layer.select, places["select"]
            if rule.id in layer.extend:
                asked, origin = True, places["extend-select"]
            if rule.id in layer.ignore:
                asked, origin = False, places["ignore"]
        severity, by = rule.severity, DEFAULT
        if rule.id in profile.severity:
            severity, by = profile.severity[rule.id], name
        if rule.id in one.severity:
            severity, by = one.severity[rule.id], place(one, "severity")
        yield Asked(rule, asked, origin, severity, by)


def _trust(one: Configuration) -> str:
    keys = ("trusted-accounts", "trusted-organizations")
    return next((place(one, key) for key in keys if key in one.said), DEFAULT)


def _mandatory(one: Configuration) -> str:
    return place(one, "mandatory") if "mandatory" in one.said else DEFAULT


# -- as TOML -------------------------------------------------------------------------------


def as_toml(shown: Effective) -> Iterator[str]:
    """Lines of TOML, each with a comment that says where it comes from."""
    rows = [(f"{one.key} = {_toml(one.value)}", one.origin) for one in shown.settings if one.value]
    yield from _commented(rows)
    unset = [one.key for one in shown.settings if not one.value]
    if unset:
        yield f"# not set: {', '.join(unset)}"
    yield ""
    yield "select = ["
    yield from _commented(
        [(f"  {_toml(one.rule.id)},", one.origin) for one in shown.rules if one.asked]
    )
    yield "]"
    yield from (
        f"# not asked: {one.rule.id} ({one.origin})" for one in shown.rules if not one.asked
    )
    changed = [one for one in shown.rules if one.by != DEFAULT]
    if changed:
        yield ""
        yield "[severity]"
        rows = [(f"{one.rule.id} = {_toml(one.severity.label)}", one.by) for one in changed]
        yield from _commented(rows)
    for override in shown.configuration.overrides:
        yield from _table(
            "overrides", override_keys(override), place(shown.configuration, "overrides")
        )
    for ignore in shown.configuration.ignores:
        at = f"{ignore.span.path}:{ignore.span.line}" if ignore.span is not None else ""
        yield from _table("ignores", ignore_keys(ignore), at)


def override_keys(one: Override) -> dict[str, Value]:
    """An override as it is written."""
    keys: dict[str, Value] = {"paths": one.paths}
    keys |= {"ignore": tuple(sorted(one.ignore))} if one.ignore else {}
    by_rule: dict[str, Value] = {id: severity.label for id, severity in one.severity.items()}
    return keys | ({"severity": by_rule} if by_rule else {})


def ignore_keys(one: Ignore) -> dict[str, Value]:
    """An acceptance as it is written."""
    written: dict[str, Value | None] = {
        "rules": one.rules,
        "reason": one.reason,
        "until": one.until.isoformat() if one.until is not None else None,
        "path": one.path,
        "address": one.address,
        "construct": one.construct,
        "accepts": str(one.accepts) if one.accepts is not None else None,
    }
    return {key: value for key, value in written.items() if value is not None}


def _table(name: str, keys: Mapping[str, Value], origin: str) -> Iterator[str]:
    yield ""
    yield f"[[{name}]] # {origin}"
    yield from (f"{key} = {_toml(value)}" for key, value in keys.items())


def _commented(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = min(max((len(text) for text, _ in rows), default=0), 60)
    yield from (f"{text:<{width}} # {origin}" for text, origin in rows)


def _toml(value: Value | None) -> str:
    """A value in TOML; texts as JSON has them, which TOML reads alike but for one character."""
    import json  # noqa: PLC0415  # only who asks for it needs it

    if value is None or isinstance(value, str):
        return json.dumps(value or "", ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return "{" + ", ".join(f"{_toml(key)} = {_toml(one)}" for key, one in value.items()) + "}"
