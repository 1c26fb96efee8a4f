"""The CDK's AwsCustomResource: calls of AWS KMS in the properties Create, Update and Delete.

What a resource does when it is created and updated is mostly the same, and then is one grant.
Where it is not, both grants can be there: the one of its creation and that of an update after it.
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from grantlint.model import Note
from grantlint.parsers.cloudformation.custom import parameters as grant_parameters
from grantlint.parsers.cloudformation.custom.call import (
    CREATE,
    ENDS,
    POLICY,
    Call,
    Phase,
    phase,
)
from grantlint.parsers.cloudformation.custom.made import (
    AWS_CUSTOM_RESOURCE,
    Attribute,
    Made,
    Outcome,
    WrittenPolicy,
    empty,
    joined,
    member,
    same,
)
from grantlint.value import (
    STRING,
    Truth,
    Unknown,
    Value,
    boolean,
    null,
    unknown,
)

_PHYSICAL_ID: Final = "PHYSICAL:RESOURCEID:"
"""What AwsCustomResource puts the resource's physical id in the place of."""
_UPDATED: Final = "the resource is updated"
_RIGHT_CALL: Final = "it calls CreateGrant of AWS KMS"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What a resource calls when it is created, updated and deleted.

    `update` is empty where it is what `create` is.
    """

    create: Phase
    update: Phase
    delete: Phase

    @property
    def calls(self) -> bool:
        """Whether any call can be read."""
        return any(one.calls for one in (self.create, self.update, self.delete))


def lifecycle(properties: Value, attribute: Attribute) -> Lifecycle:
    """The three phases of a resource with these properties; most are created as updated."""
    created, updated, deleted = (
        member(properties, name) for name in ("Create", "Update", "Delete")
    )
    create = phase(created, attribute)
    again = created is not None and updated is not None and same(created, updated)
    update = Phase() if again else phase(updated, attribute)
    return Lifecycle(create, update, phase(deleted, attribute))


def outcome(type: str, life: Lifecycle) -> Outcome:
    """All that comes of a resource's calls."""
    return Outcome(_grants(life), _policies(life), tuple(_notes(type, life)))


# -- grants --------------------------------------------------------------------------------


def _grants(life: Lifecycle) -> tuple[Made, ...]:
    """The grants that a resource makes, those of its creation first."""
    created = [_grant(call, life.delete) for call in life.create.calls]
    created += _unread(life.create)
    updated = [
        _grant(call, life.delete)
        for call in life.update.calls
        if not any(same(call.tree, one.tree) for one in life.create.calls)
    ]
    updated += _unread(life.update)
    late = [_late(made) for made in updated if made is not None]
    return tuple(_numbered([one for one in created if one is not None], late))


def _grant(call: Call, delete: Phase) -> Made | None:
    written = call.parameters or empty(call.tree)
    found = grant_parameters.named(written)[0] if written.unknown is None else written
    certain, dry = call.does(CREATE), grant_parameters.makes_none(found)
    standing = certain & ~dry
    if standing is Truth.NO or (certain is Truth.MAYBE and found.get("GranteePrincipal") is None):
        return None
    return Made(
        name="",
        parameters=found,
        ends_by=_ends_by(delete, call),
        kind=AWS_CUSTOM_RESOURCE,
        region=call.region,
        role=call.role,
        standing=standing if call.condition is None else standing & Truth.MAYBE,
        condition=joined(
            call.condition,
            None if certain is Truth.YES else _RIGHT_CALL,
            "DryRun is not set" if dry is Truth.MAYBE else None,
        ),
    )


def _unread(of: Phase) -> list[Made | None]:
    """A grant of which no more is known than that it is made, for each text that says so."""
    return [
        Made(
            name="",
            parameters=unknown(one.reason, one.value.written),
            ends_by="unknown",
            kind=AWS_CUSTOM_RESOURCE,
            standing=Truth.MAYBE,
            condition=joined(one.condition, _RIGHT_CALL),
        )
        if one.speaks_of(CREATE)
        else None
        for one in of.unread
    ]


def _late(made: Made) -> Made:
    """A grant that only an update makes."""
    condition = joined(made.condition, _UPDATED)
    return replace(made, standing=made.standing & Truth.MAYBE, condition=condition)


def _numbered(created: list[Made], updated: list[Made]) -> Iterator[Made]:
    if len(created) + len(updated) == 1:
        yield from (*created, *updated)
        return
    for phase_name, several in (("Create", created), ("Update", updated)):
        for index, made in enumerate(several):
            place = f".{index}" if len(several) > 1 else ""
            yield replace(made, name=f"[{phase_name}{place}]")


# -- how they end --------------------------------------------------------------------------


def _ends_by(delete: Phase, made_by: Call) -> str:
    """What the deletion of the resource does with its grant: nothing, if nothing is called."""
    outcomes = {_outcome(call, made_by) for call in delete.calls}
    if delete.unread:
        outcomes.add("unknown")
    if delete.idle or not outcomes:
        outcomes.add("never")
    return outcomes.pop() if len(outcomes) == 1 else "unknown"


def _outcome(call: Call, made_by: Call) -> str:
    answers = {ends: call.does(action) for action, ends in ENDS.items()}
    if all(answer is Truth.NO for answer in answers.values()):
        return "never"
    for ends, answer in answers.items():
        if answer is Truth.YES and _names_the_grant(call, made_by):
            return ends
    return "unknown"


def _names_the_grant(call: Call, made_by: Call) -> bool:
    """Whether the call is given the physical id, and that is what names the grant."""
    written = call.parameters
    if written is None:
        return False
    for name in ("GrantId", "GrantToken"):
        value = written.get(name)
        if value is not None and value.text == _PHYSICAL_ID:
            return made_by.response_path() == name
    return False


# -- key policies --------------------------------------------------------------------------


def _policies(life: Lifecycle) -> tuple[WrittenPolicy, ...]:
    """The key policies that a resource writes: that of an update takes the place of the first."""
    created = [one for one in map(_policy, life.create.calls) if one is not None]
    fresh = [
        call
        for call in life.update.calls
        if not any(same(call.tree, one.tree) for one in life.create.calls)
    ]
    updated = [one for one in map(_policy, fresh) if one is not None]
    if len(created) == len(updated) == 1 and same(created[0].key_id, updated[0].key_id):
        return (_either(created[0], updated[0]),)
    late = [
        replace(one, standing=Truth.MAYBE, condition=joined(one.condition, _UPDATED))
        for one in updated
    ]
    found = [*created, *late]
    if len(found) == 1:
        return tuple(found)
    return tuple(replace(one, name=f"[{index}]") for index, one in enumerate(found))


def _policy(call: Call) -> WrittenPolicy | None:
    standing = call.does(POLICY)
    written = call.parameters
    if standing is Truth.NO or written is None or member(written, "Policy") is None:
        return None
    return WrittenPolicy(
        name="",
        key_id=member(written, "KeyId") or null(STRING),
        policy=member(written, "Policy") or null(STRING),
        unchecked=member(written, "BypassPolicyLockoutSafetyCheck") or boolean(False),
        kind=AWS_CUSTOM_RESOURCE,
        region=call.region,
        role=call.role,
        standing=standing if call.condition is None else Truth.MAYBE,
        condition=call.condition,
    )


def _either(created: WrittenPolicy, updated: WrittenPolicy) -> WrittenPolicy:
    cause = Unknown(
        "the policy is another one after an update",
        choices=(created.policy, updated.policy),
        when=("the resource is created", _UPDATED),
    )
    return replace(created, policy=Value(STRING, cause, created.policy.written))


# -- notes ---------------------------------------------------------------------------------


def _notes(type: str, life: Lifecycle) -> Iterator[Note]:
    """What of the calls cannot be seen, or is not what it seems."""
    for part in (life.create, life.update):
        for one in part.unread:
            if type == "Custom::AWS" or one.speaks_of(CREATE):
                reason = f"what {type} calls is not known: {one.reason}"
                yield Note(reason, 1, one.value.written)
    seen = set()
    for call in (*life.create.calls, *life.update.calls):
        written = call.parameters
        if written is None or call.does(CREATE) is Truth.NO:
            continue
        for parameter in grant_parameters.named(written)[1]:
            if parameter.name not in seen:
                seen.add(parameter.name)
                yield misspelt(parameter)


def misspelt(one: grant_parameters.Misspelt) -> Note:
    """CreateGrant has no parameter of that name, and cannot do without it or ignores it."""
    reason = f'CreateGrant does not know "{one.name}": its parameter is "{one.right}"'
    return Note(reason, 1, one.value.written)
