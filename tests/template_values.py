"""Templates as Values, with as little of the intrinsic functions as real synth output needs.

What is not known has the text of its function as the reason, between double brackets, as the
recorded truth has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as some

from grantlint.parsers.holes import text_of
from grantlint.value import (
    DYNAMIC,
    STRING,
    Referent,
    Unknown,
    Value,
    boolean,
    null,
    number,
    object_,
    string,
    tuple_,
    unknown,
)


@dataclass
class Template:
    document: dict
    account: str | None = None
    region: str | None = None

    @classmethod
    def read(cls, path: Path, environment: str = "aws://unknown-account/unknown-region"):
        account, region = environment.removeprefix("aws://").split("/")
        known = [None if one.startswith("unknown") else one for one in (account, region)]
        return cls(json.loads(path.read_text()), *known)

    def resources(self):
        for name, resource in self.document.get("Resources", {}).items():
            yield name, resource["Type"], self.value(resource.get("Properties", {}))

    def attribute(self, address: str, name: str) -> Value | None:
        resource = self.document["Resources"].get(address, {})
        if resource.get("Type") != "Custom::AWSCDKCfnJsonStringify":
            return None
        return self.value(resource["Properties"][name])

    def value(self, plain) -> Value:
        if isinstance(plain, Value):
            return plain
        if isinstance(plain, Mapping):
            if len(plain) == 1 and next(iter(plain)).startswith(("Fn::", "Ref")):
                return self.function(*next(iter(plain.items())), plain)
            return object_({key: self.value(one) for key, one in plain.items()})
        if isinstance(plain, list):
            return tuple_(map(self.value, plain))
        if isinstance(plain, bool):
            return boolean(plain)
        if isinstance(plain, int):
            return number(plain)
        return null() if plain is None else string(plain)

    def function(self, name: str, argument, whole) -> Value:
        reason = f"⟦{json.dumps(whole, separators=(',', ':'))}⟧"
        if name == "Ref":
            return self.reference(argument, reason)
        if name == "Fn::Join":
            delimiter, pieces = argument
            parts: list[str | Value] = []
            for piece in pieces:
                one = self.value(piece)
                parts += [delimiter] if parts else []
                parts.append(one.text if one.text is not None else one)
            return text_of(parts)
        if name == "Fn::If":
            choices = tuple(map(self.value, argument[1:]))
            return Value(DYNAMIC, Unknown(reason, choices=choices))
        if name == "Fn::GetAtt":
            return Value(STRING, Unknown(reason, Referent("", *argument[:1], None, argument[1])))
        return Value(DYNAMIC, Unknown(reason))

    def reference(self, name: str, reason: str) -> Value:
        known = {
            "AWS::Partition": "aws",
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
        }
        if known.get(name) is not None:
            return string(known[name])
        parameter = self.document.get("Parameters", {}).get(name, {})
        if "Default" in parameter and not parameter["Type"].startswith("AWS::SSM"):
            if parameter["Type"] == "CommaDelimitedList":
                return tuple_(map(string, parameter["Default"].split(",")))
            return string(parameter["Default"])
        return Value(STRING, Unknown(reason, Referent("", name, None, "Ref")))


def plain(value: Value):
    """A Value as the recorded truth writes it."""
    raw = value.raw
    if isinstance(raw, Unknown):
        if raw.parts:
            return "".join(one if isinstance(one, str) else plain(one) for one in raw.parts)
        return raw.reason
    if isinstance(raw, tuple):
        return [plain(one) for one in raw]
    if isinstance(raw, Mapping):
        return {key: plain(one) for key, one in raw.items()}
    return raw


# -- anything ------------------------------------------------------------------------------

CALL = json.dumps(
    {
        "service": "KMS",
        "action": "createGrant",
        "parameters": {"KeyId": "k", "GranteePrincipal": "p", "Operations": ["Decrypt"]},
    }
)
WORDS = some.sampled_from(
    "Create Update Delete service action parameters KMS createGrant KeyId GranteePrincipal "
    "Operations Grants Constraints DryRun DefinitionString Definition States Resource Parameters "
    "DefinitionSubstitutions Code ZipFile Who Value".split()
) | some.text(max_size=6)
LEAVES = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    WORDS,
    some.just("arn:aws:states:::aws-sdk:kms:createGrant"),
    some.just(CALL),
    some.just(CALL[:-9]),
)
VALUES = some.recursive(
    LEAVES.map(Template({}).value)
    | some.builds(
        lambda choices: Value(
            STRING, Unknown("it depends", choices=tuple(map(Template({}).value, choices)))
        ),
        some.lists(LEAVES, max_size=3),
    )
    | some.builds(
        lambda parts: Value(STRING, Unknown("holes", parts=(*parts, unknown("a hole"), "x"))),
        some.lists(some.text(max_size=9), max_size=2),
    )
    | some.just(string("${Who} ${x}"))
    | some.just(Value(STRING, Unknown("a token", Referent("", "Ref", None, "Value")))),
    lambda inner: (
        some.lists(inner, max_size=3).map(Template({}).value)
        | some.dictionaries(WORDS, inner, max_size=5).map(object_)
    ),
    max_leaves=25,
)
