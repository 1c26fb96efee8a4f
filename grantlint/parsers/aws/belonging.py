"""Which key each answer is of: what stands together is of one key, also where it does not say so.

`get-key-policy` names no key. It is of the key that the other answers of its group name, else of
the one key of its file, of the key whose id is in the file's name, or of the one key of the
directory. Where none of these tells, it is the policy of a key of which nothing else is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from grantlint.parsers.aws.answers import Answer, Group, Kind
from grantlint.parsers.aws.naming import Names, arn, id_in
from grantlint.value import Value


@dataclass(frozen=True, slots=True)
class File:
    """The answers in one file."""

    path: str
    groups: tuple[Group, ...]

    @property
    def directory(self) -> str:
        """Where it lies."""
        return self.path.rpartition("/")[0]


@dataclass(slots=True)
class Facts:
    """What is known of a key: the answers of describe-key, get-key-policy and the rotation."""

    key: Value | None = None
    policy: Value | None = None
    rotation: Value | None = None
    others: list[Value] = field(default_factory=list)
    """Further policies of the same key, in other words."""


def names_in(files: Sequence[File]) -> Names:
    """Everything that keys are called in the answers."""
    names = Names()
    groups = [group for file in files for group in file.groups]
    for group in groups:
        for called in (*_named(group), group.named or ""):
            names.add(called)
        for alias in group.of(Kind.ALIAS):
            names.add_alias(alias)
    for group in groups:
        keys = {names.key(text) for text in _named(group)}
        if group.named is not None and group.named.startswith("alias/") and len(keys) == 1:
            names.call(keys.pop(), group.named)
    for group in groups:
        for key in group.of(Kind.KEY):
            manager, text = key.get("KeyManager"), _name(key)
            if manager is not None and manager.text == "AWS" and text is not None:
                names.managed.add(names.key(text))
    return names


def facts(files: Sequence[File], names: Names) -> dict[str, Facts]:
    """What is known of each key that is described, by its ARN or what else it is called."""
    found: dict[str, Facts] = {}
    beside = {directory: _shared(files, directory, names) for directory in _directories(files)}
    for file in files:
        named = id_in(file.path)
        around = (
            _only(file.groups, names),
            {names.key(named)} if named else set[str](),
            beside[file.directory],
        )
        for group in file.groups:
            about = [one for one in group.answers if one.kind in _ABOUT_KEYS]
            together = _keys([group], names)
            for one in about:
                text = _name(one.value)
                keys = together if text is None else _keys_of_name(names.key(text), together)
                if not keys:
                    keys = next((option for option in around if option), keys)
                key = next(iter(keys)) if len(keys) == 1 else _unnamed(file, found)
                _add(found.setdefault(key, Facts()), one)
    return found


_ABOUT_KEYS: Final = (Kind.KEY, Kind.POLICY, Kind.ROTATION)


def _only(groups: Sequence[Group], names: Names) -> set[str]:
    """The keys of some groups, if there is but one policy among them of which nobody says whose."""
    loose = [one for one in groups if one.of(Kind.POLICY) and not _keys([one], names)]
    return _keys(groups, names) if len(loose) < 2 else set()


def _shared(files: Sequence[File], directory: str, names: Names) -> set[str]:
    """The same of all files of a directory."""
    here = [group for file in files if file.directory == directory for group in file.groups]
    return _only(here, names)


def _directories(files: Sequence[File]) -> set[str]:
    return {file.directory for file in files}


def _keys_of_name(name: str, together: set[str]) -> set[str]:
    """The key of that name; of a bare id that several have, the one beside it."""
    own = {one for one in together if one.endswith(f"/{name}")}
    return own or {name}


def _unnamed(file: File, found: dict[str, Facts]) -> str:
    number = sum(one == file.path or one.startswith(f"{file.path}#") for one in found)
    return f"{file.path}#{number + 1}" if number else file.path


def _keys(groups: Sequence[Group], names: Names) -> set[str]:
    """The keys that the answers name."""
    texts = [text for one in groups for text in (*_named(one), one.named) if text]
    found = {names.key(text) for text in texts}
    ids = {own.name for own in map(arn, found) if own is not None}
    return found - ids  # keys of many Regions have one id, and what stands together is of one


def _named(group: Group) -> list[str]:
    answers = group.of(Kind.GRANT, Kind.KEY, Kind.ROTATION)
    return [text for text in map(_name, answers) if text is not None]


def _name(answer: Value) -> str | None:
    """How an answer calls its key, by its ARN if it can."""
    for member in ("Arn", "KeyId"):
        value = answer.get(member)
        if value is not None and value.text:
            return value.text
    return None


def _add(known: Facts, answer: Answer) -> None:
    """One more answer about a key; of two that ask the same the first counts."""
    value = answer.value
    if answer.kind is Kind.KEY:
        known.key = known.key or value
    elif answer.kind is Kind.ROTATION:
        known.rotation = known.rotation or value
    else:
        name = value.get("PolicyName")
        ours = name is None or name.text in {None, "default"}
        if ours and known.policy is None:
            known.policy = value
        elif not ours or known.policy is None or _text(value) != _text(known.policy):
            known.others.append(value)


def _text(policy: Value) -> str | None:
    text = policy.get("Policy")
    return text.text if text is not None else None
