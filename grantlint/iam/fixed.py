"""Whether the value of a condition stands for someone or something in particular.

Each function takes one value and whether it is compared as it is: equality takes a wildcard for a
character, but not what IAM puts into it of the request (`${aws:PrincipalAccount}`). The answer is
NO for a value that meets too much, MAYBE where that is not known.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from typing import Final

from grantlint.value import Failure, Truth, Unknown, Value

_WILD: Final = re.compile(r"[*?]|\$\{")
_VARIABLE: Final = re.compile(
    r"\$\{(?!\*\}|\?\}|\$\}|aws:Resource(?:Account|OrgID|OrgPaths)\})", re.I
)
"""A variable of IAM, but for those that stand for a character or for the owner of the key."""
_CALLERS: Final = re.compile(r"\$\{aws:(?:Principal|Source)(?:Account|OrgID)\}", re.I)
_HOLE: Final = "\ufffc"
_IDENTIFIER: Final = "-"  # what AWS makes, in the middle of a text: no wildcard, no separator
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


def a_name(value: Value, exact: bool) -> Truth:
    """An account, an organization, a network: no wildcard anywhere."""
    if exact or is_made_by_aws(value):
        return _no_variable(value)
    text = _text(value)
    if _is_wild(text):
        return Truth.NO
    return Truth.MAYBE if _HOLE in text else Truth.YES


def a_path(value: Value, exact: bool) -> Truth:
    """`o-a1b2c3/*`, `AROAEXAMPLE:*`: what stands before the first separator is fixed."""
    if exact or is_made_by_aws(value) or is_made_by_aws(_first_hole(value)):
        return _no_variable(value)
    return _piece(re.split(r"[/:]", _text(value))[0])


def an_arn(value: Value, exact: bool) -> Truth:
    """An ARN with a fixed account, or, as those of buckets have none, with a fixed name."""
    if exact or is_made_by_aws(value) or is_made_by_aws(_first_hole(value)):
        return _no_variable(value)
    text = _text(value)
    fields = text.split(":", 5)
    if len(fields) == 6:
        return _piece(fields[4] or _named(fields[2], fields[5]))
    if _HOLE not in text:
        return _piece(text)
    return _piece(fields[4] if len(fields) == 5 else fields[0])


def a_network(value: Value, exact: bool) -> Truth:
    """A part of the internet."""
    del exact
    if value.text is None:
        return Truth.MAYBE
    return Truth.of(not value.text.endswith("/0"))


def a_yes(value: Value, exact: bool) -> Truth:
    """The text of true."""
    del exact
    return Truth.of(value.text.lower() == "true") if value.text is not None else Truth.MAYBE


def the_callers(value: Value, exact: bool) -> Truth:
    """What IAM puts in of the caller: it compares the owner of the key with it."""
    del exact
    if value.text is None:
        return Truth.MAYBE
    return Truth.of(_CALLERS.fullmatch(value.text) is not None)


def an_owner(value: Value, exact: bool) -> Truth:
    """Something that tells whose it is: an ARN or an account, of anyone in particular."""
    text = value.text
    if text is not None and ":" not in text:
        return Truth.of(_ACCOUNT.fullmatch(text) is not None)
    if text is not None and exact:
        fields = text.split(":", 5)
        return Truth.of(len(fields) == 6) & _no_variable(value)
    return an_arn(value, exact)


def anything(value: Value, exact: bool) -> Truth:
    """A value that at least leaves something out: it is not all wildcards."""
    if value.text is None:
        return Truth.MAYBE
    return Truth.of(exact or value.text.strip("*?") != "")


def a_grantee(value: Value, exact: bool) -> Truth:
    """Who a grant may be for: not roles of a certain name in any account.

    A variable of the caller's (`${aws:PrincipalAccount}`) does leave others out.
    """
    if value.text is None or exact:
        return anything(value, exact)
    return an_arn(Value(value.type, re.sub(r"\$\{[^}]*\}", "-", value.text)), exact)


def is_made_by_aws(value: Value | None) -> bool:
    """Whether an unknown is an identifier that AWS makes: an ARN, an id, never a wildcard.

    A text with one inside is not: what stands around it may be a wildcard.
    """
    cause = value.unknown if value is not None else None
    if cause is None or cause.refers_to is None or cause.failure is not Failure.NONE or cause.parts:
        return False
    made_by = cause.refers_to.type
    return made_by.startswith("aws_") and not made_by.startswith(_ANY_TEXT)


_ANY_TEXT: Final = (
    "aws_ssm_parameter",
    "aws_secretsmanager_secret_version",
    "aws_s3_bucket_object",
    "aws_s3_object",
    "aws_dynamodb_table_item",
    "aws_cloudformation_",
    "aws_appconfig",
    "aws_lambda_invocation",
    "aws_kms_secrets",
)
"""Types whose attributes can hold a text of anyone's choice."""


def _named(service: str, resource: str) -> str:
    """The part of an ARN without an account that names something: a bucket, `hostedzone/Z1`."""
    parts = [part for part in re.split(r"[/:]", resource) if part]
    return "/".join(parts[: 1 if service == "s3" else 2])


# -- texts with holes ----------------------------------------------------------------------


def _text(value: Value) -> str:
    """The text, with one character for each piece that is not known."""
    if value.text is not None:
        return value.text
    parts = value.unknown.parts if value.unknown is not None else ()
    return "".join(map(_shown, parts)) or _HOLE


def _shown(part: str | Value) -> str:
    if isinstance(part, str):
        return part
    return _IDENTIFIER if is_made_by_aws(part) else _HOLE


def _first_hole(value: Value) -> Value | None:
    cause: Unknown | None = value.unknown
    first = cause.parts[0] if cause is not None and cause.parts else None
    return first if isinstance(first, Value) else None


def _piece(text: str) -> Truth:
    if _is_wild(text):
        return Truth.NO
    return Truth.MAYBE if _HOLE in text else Truth.YES


def _is_wild(text: str) -> bool:
    return _WILD.search(text) is not None


def _no_variable(value: Value) -> Truth:
    """Equality is with a fixed text, so that an unknown text is as good as a known one."""
    return Truth.of(not _VARIABLE.search(_text(value)))
