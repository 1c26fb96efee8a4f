"""The answers of all files as one estate: its keys, aliases and grants as resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from grantlint.parsers.aws.answers import Group, Kind, goes_on
from grantlint.parsers.aws.belonging import File, facts, names_in
from grantlint.parsers.aws.grant import grant_resource, text_of
from grantlint.parsers.aws.key import Resource, key_resource, resource
from grantlint.parsers.aws.naming import arn, grant_names, key_names
from grantlint.parsers.kms.notes import Notes
from grantlint.parsers.settings import Local
from grantlint.source import Problem
from grantlint.value import Value, object_, string

GOES_ON: Final = (
    "AWS has more grants than this list shows: `aws kms list-grants` without `--max-items`"
)
DIFFERS: Final = "the policy of a key is there twice, in other words: the first one counts"
SHARED: Final = "the policy that AWS RAM keeps for a shared key is not judged"


class Estate:
    """Everything that the answers in some files say is there."""

    def __init__(self, files: Sequence[File], settings: Local) -> None:
        self.files, self.settings, self.notes = files, settings, Notes()
        self.names = names_in(files)
        self.known = facts(files, self.names)
        self.grants = self._grants()
        self.makers: dict[tuple[str, str], str] = {}
        called = (*self.known, *(key for key, _ in self.grants))
        self.addresses = key_names(called, self.names)

    def resources(self) -> list[Resource]:
        """The keys that are described and are the customer's, their aliases, and all grants."""
        return [*self._key_resources(), *self._grant_resources()]

    def problems(self) -> Iterator[Problem]:
        """The answers that say that a call failed."""
        for file in self.files:
            for one in (value for group in file.groups for value in group.of(Kind.ERROR)):
                if one.written is not None:
                    code = text_of(one, "__type") or text_of(one.get("Error") or one, "Code")
                    said = f"a call failed with {code}: there is no answer here"
                    yield Problem(said, one.written)

    def counted(self, file: File) -> str:
        """What a file was taken for."""
        grants = [self._of(group, one) for group in file.groups for one in group.of(Kind.GRANT)]
        makers = Counter(self.makers[one] for one in grants if one in self.makers)
        told = ", ".join(f"{name} {number}" for name, number in sorted(makers.items()))
        keys = sum(len(group.of(Kind.KEY)) for group in file.groups)
        said = f"{file.path}: answers of AWS KMS, {_plural(keys, 'key')}, "
        said += _plural(len(grants), "grant")
        return f"{said}, {makers.total()} made by services of AWS: {told}" if told else said

    # -- keys ------------------------------------------------------------------------------

    def _key_resources(self) -> Iterator[Resource]:
        ids = Counter(found.name for key in self.known if (found := arn(key)) is not None)
        aliases = self.names.aliases()
        for key, known in self.known.items():
            if key in self.names.managed:
                continue
            for other in known.others:
                shared = text_of(other, "PolicyName") not in {"", "default"}
                self.notes.add(SHARED if shared else DIFFERS, other.written)
            if (known.key or known.policy or known.rotation) is None:
                continue
            found, address = arn(key), self.addresses[key]
            alone = found is None or ids[found.name] == 1
            made = key_resource(key, address, known, self.settings, alone=alone)
            yield made
            for name in aliases.get(key, ()):
                place, provider = made[0].span, made[0].provider
                planned = object_({"name": string(name, place), "target_key_id": string(key)})
                yield resource("aws_kms_alias", f"{address} {name}", planned, place, provider)

    # -- grants ----------------------------------------------------------------------------

    def _of(self, group: Group, grant: Value) -> tuple[str, str]:
        """The key that a grant is on, and its id."""
        return self.names.key(text_of(grant, "KeyId") or group.named or ""), text_of(
            grant, "GrantId"
        )

    def _grants(self) -> dict[tuple[str, str], Value]:
        """Each grant once: it may stand in several lists."""
        found: dict[tuple[str, str], Value] = {}
        for group in (group for file in self.files for group in file.groups):
            for one in group.of(Kind.GRANTS):
                if goes_on(one):
                    self.notes.add(GOES_ON, one.written)
            for one in group.of(Kind.GRANT):
                found.setdefault(self._of(group, one), one)
        return found

    def _grant_resources(self) -> Iterator[Resource]:
        told = [
            (self.addresses[key], text_of(one, "Name"), id)
            for (key, id), one in self.grants.items()
        ]
        for (which, one), address in zip(self.grants.items(), grant_names(told), strict=True):
            key = which[0]
            managed = key in self.names.managed
            made = grant_resource(one, key, address, self.settings, managed=managed)
            maker = made[1].get("made_by")
            if maker is not None and maker.text is not None:
                self.makers[which] = maker.text
            yield made


def _plural(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
