"""What a condition pins: the caller, the source that a service acts for, or what a grant may be.

A condition pins something when the statement is not met without it, and is met by a fixed value
alone. It does not if it is negated, if its value is a wildcard, or if it holds where its key is
missing (`…IfExists`, `ForAllValues:…`). `spares=True` asks the same of a statement that denies:
whether it leaves alone only what is so pinned.

An unknown key or operator is a MAYBE. An unknown value is one too where everyone is the question;
where a restriction is asked for it is taken as what it is meant to be.
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from grantlint.iam import fixed
from grantlint.iam.condition_keys import CONDITION_KEYS
from grantlint.iam.conditions import Condition
from grantlint.value import Truth, Value

_EXACT: Final = frozenset({"StringEquals", "StringEqualsIgnoreCase"})
_TEXTS: Final = _EXACT | {"StringLike", "ArnLike", "ArnEquals"}  # ArnEquals takes wildcards too


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a key is compared: by which operators, and what a fixed value of it is."""

    is_fixed: Callable[[Value, bool], Truth]
    operators: frozenset[str] = _TEXTS


@dataclass(frozen=True, slots=True)
class _Family:
    """Condition keys that pin the same thing, in lower case; those that end in `:` begin others.

    `always` are keys that no request is without, so that a missing key never counts. `sets` have
    many values, all of which must be pinned. `optional` are keys whose presence alone is a pin.
    With `trusting` an unknown value is taken as a fixed one.
    """

    shapes: Mapping[str, _Shape]
    always: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    trusting: bool = False

    def known_as(self, key: str, among: Mapping[str, _Shape] | frozenset[str]) -> str | None:
        """The name under which a key is listed."""
        if key in among:
            return key
        return next((one for one in among if one.endswith(":") and key.startswith(one)), None)


# -- the families --------------------------------------------------------------------------

_NAME: Final = _Shape(fixed.a_name)
_PATH: Final = _Shape(fixed.a_path)
_ARN: Final = _Shape(fixed.an_arn)
_FLAG: Final = _Shape(fixed.a_yes, _TEXTS | {"Bool"})
_NETWORK: Final = _Shape(fixed.a_network, frozenset({"IpAddress"}))
_OWNER: Final = _Shape(fixed.an_owner)
_SAME: Final = _Shape(fixed.the_callers)
_ANY: Final = _Shape(fixed.anything)

_ALWAYS: Final = frozenset(name for name, key in CONDITION_KEYS.items() if key.always)
_SERVICE_KEYS: Final = frozenset({"aws:principalisawsservice", "aws:principalservicename"})
_CALLER: Final = _Family(
    MappingProxyType(
        {
            "kms:calleraccount": _NAME,
            "aws:principalaccount": _NAME,
            "aws:principalorgid": _NAME,
            "aws:sourceaccount": _NAME,
            "aws:sourceorgid": _NAME,
            "aws:sourceowner": _NAME,
            "aws:sourcevpc": _NAME,
            "aws:sourcevpce": _NAME,
            "aws:vpceaccount": _NAME,
            "aws:vpceorgid": _NAME,
            "aws:principalservicename": _NAME,
            "aws:principalorgpaths": _PATH,
            "aws:sourceorgpaths": _PATH,
            "aws:vpceorgpaths": _PATH,
            "aws:userid": _PATH,
            "aws:principalarn": _ARN,
            "aws:sourcearn": _ARN,
            "aws:sourceip": _NETWORK,
            "aws:vpcsourceip": _NETWORK,
            "aws:principalisawsservice": _FLAG,
            "aws:resourceaccount": _SAME,
            "aws:resourceorgid": _SAME,
        }
    ),
    always=_ALWAYS,
)
_SOURCE: Final = _Family(
    MappingProxyType(
        {
            # Keys of the caller that a service's own calls lack pin its source as well: they are
            # never met. Were they met, they would name an account.
            **{key: shape for key, shape in _CALLER.shapes.items() if key not in _SERVICE_KEYS},
            "kms:encryptioncontext:": _OWNER,
        }
    ),
    trusting=True,
)
_OF_SERVICES: Final = MappingProxyType(
    {
        "aws:sourcearn": _ANY,
        "aws:sourceaccount": _ANY,
        "aws:sourceorgid": _ANY,
        "aws:sourceorgpaths": _ANY,
        "aws:principalisawsservice": _FLAG,
    }
)
"""What only the calls of services have: no one else can then make a grant."""
_GRANT: Final = _Family(
    MappingProxyType(
        {
            "kms:grantisforawsresource": _FLAG,
            "kms:grantconstrainttype": _ANY,
            "kms:grantconstraintsourcearn": _ANY,
            "kms:granteeprincipal": _Shape(fixed.a_grantee),
            "kms:granteeserviceprincipal": _ANY,
            "kms:grantoperations": _ANY,
            "kms:encryptioncontext:": _ANY,
            "kms:encryptioncontextkeys": _ANY,
            "kms:viaservice": _ANY,
            "aws:viaawsservice": _FLAG,
            "aws:calledvia": _ANY,
            "aws:calledviafirst": _ANY,
            "aws:calledvialast": _ANY,
            **_OF_SERVICES,
        }
    ),
    always=_ALWAYS,
    sets=frozenset({"kms:grantoperations"}),
    optional=frozenset(
        {
            "kms:grantconstrainttype",
            "kms:grantconstraintsourcearn",
            "kms:granteeserviceprincipal",
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:viaservice",
        }
    ),
    trusting=True,
)
_BY_SERVICE: Final = _Family(
    MappingProxyType(
        {
            "kms:grantisforawsresource": _FLAG,
            "kms:viaservice": _ANY,
            **_OF_SERVICES,
        }
    ),
    always=_ALWAYS,
    optional=frozenset({"kms:viaservice"}),
    trusting=True,
)


def caller(condition: Condition, *, spares: bool = False) -> Truth:
    """Whether a condition pins the caller: an account, an organization, a principal, a network."""
    return _pins(_CALLER, condition, spares)


def source(condition: Condition, *, spares: bool = False) -> Truth:
    """Whether a condition pins for whom a service acts, by an account or something in one.

    `kms:ViaService` does not: it tells the service in between, not who is behind it.
    """
    return _pins(_SOURCE, condition, spares)


def grant(condition: Condition, *, spares: bool = False) -> Truth:
    """Whether a condition pins what a grant may be, or which service makes it."""
    return _pins(_GRANT, condition, spares)


def by_service(condition: Condition, *, spares: bool = False) -> Truth:
    """Whether a condition keeps grants to those that a service of AWS asks for."""
    return _pins(_BY_SERVICE, condition, spares)


def trusted_caller(condition: Condition, *, spares: bool = False) -> Truth:
    """Whether a condition pins the caller to whom the user trusts (see `trust`)."""
    return caller(condition, spares=spares) & condition.trusted.equals(True)


def trusted_source(condition: Condition, *, spares: bool = False) -> Truth:
    """Whether a condition pins the source to whom the user trusts."""
    return source(condition, spares=spares) & condition.trusted.equals(True)


# -- one condition -------------------------------------------------------------------------


def _pins(family: _Family, condition: Condition, spares: bool) -> Truth:
    if condition.key.unknown is not None:
        return Truth.MAYBE
    key = (condition.key.text or "").lower()
    listed = family.known_as(key, family.shapes)
    if listed is None:
        return Truth.NO
    if condition.operator.unknown is not None or condition.set.unknown is not None:
        return Truth.MAYBE
    if condition.operator.text == "Null":
        if family.known_as(key, family.optional) is None:
            return Truth.NO
        return _all(condition.values, lambda value: value.equals("true" if spares else "false"))
    shape = family.shapes[listed]
    operator = condition.operator.text or ""
    if not spares:
        met = _is_fixed(family, shape, operator, condition.values)
    elif operator == "Bool" and shape is _FLAG:
        met = _all(condition.values, lambda value: value.equals("false"))
    elif "Not" in operator:
        met = _is_fixed(family, shape, operator.replace("Not", "", 1), condition.values)
    else:
        met = Truth.NO
    return met & _quantified(family, key, condition, spares) & _is_there(condition.values)


def _is_fixed(family: _Family, shape: _Shape, operator: str, values: Value) -> Truth:
    """Whether every value that meets the condition stands for something in particular."""
    if operator not in shape.operators:
        return Truth.NO
    exact = operator in _EXACT
    if exact and values.unknown is not None and not values.unknown.choices:
        return Truth.YES
    met = _all(values, lambda value: shape.is_fixed(value, exact))
    return Truth.YES if met is Truth.MAYBE and family.trusting else met


def _quantified(family: _Family, key: str, condition: Condition, spares: bool) -> Truth:
    """Whether a missing key, or a second value, does not slip past the condition."""
    every = condition.set.equals("ForAnyValue" if spares else "ForAllValues")
    if key in family.sets:  # without a set operator: AWS asks for one, and says no more
        return Truth.MAYBE if condition.set.is_null else every
    if key in family.always:
        return Truth.YES
    return ~every if spares else ~(every | condition.if_exists.equals(True))


def _is_there(values: Value) -> Truth:
    """Whether the condition certainly exists: a value that may be null is one that may not."""
    for value in (values, *values.elements()):
        if value.unknown is not None and any(one.is_null for one in value.unknown.choices):
            return Truth.MAYBE
    return Truth.YES


def _all(values: Value, judge: Callable[[Value], Truth]) -> Truth:
    """What holds for every value, whichever alternative of a list or of a value is taken."""
    if values.unknown is None:
        return Truth.all(_each(value, judge) for value in values.elements())
    if not values.unknown.choices:
        return Truth.MAYBE
    return Truth.all(_all(choice, judge) for choice in values.unknown.choices)


def _each(value: Value, judge: Callable[[Value], Truth]) -> Truth:
    choices = value.unknown.choices if value.unknown is not None else ()
    return Truth.all(map(judge, choices)) if choices else judge(value)
