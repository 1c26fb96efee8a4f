r"""Key policy lets anyone in any AWS account use the key.

## Why it matters

A statement whose principal is `*` admits every AWS account there is, and no account's IAM policy
can take that back. Whoever learns the key's ARN, which stands in error messages, in CloudTrail
and in the metadata of what is encrypted, may do what the statement allows: read the data,
encrypt with the key at the owner's expense, or, with `kms:CreateGrant` or `kms:PutKeyPolicy`,
keep that access for good.

## What it finds

A statement with `"Effect": "Allow"` for everyone: `"Principal": "*"`, `{"AWS": "*"}`,
`{"AWS": ["*"]}`, or `NotPrincipal`, which admits everyone but those it names. And no condition
that ties the caller to a fixed account, organization, principal or network.

`kms:ViaService`, `kms:GrantIsForAWSResource` and `kms:EncryptionContext:…` are no such
conditions: everyone can call by way of a service of AWS, with the encryption context they like.
Nor is a condition whose value is a wildcard, that is negated, or that is true when its key is
missing (`…IfExists`, `ForAllValues:…`).

```hcl bad
resource "aws_kms_key" "exports" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = "*" # finding
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
      },
    ]
  })
}
```

A service in between does not help, since anyone can use it:

```hcl bad
data "aws_iam_policy_document" "exports" {
  statement {
    sid       = "ThroughS3"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"] # finding
    }

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["s3.*.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "exports" {
  policy = data.aws_iam_policy_document.exports.json
}
```

## How to fix it

Name the accounts or roles that need the key. `arn:aws:iam::111122223333:root` admits an account,
which then decides by IAM policies of its own:

```hcl good
resource "aws_kms_key" "exports" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
```

Where the callers are not known one by one, fix what they have in common:

```hcl good
resource "aws_kms_key" "exports" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Organization"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["kms:Decrypt", "kms:DescribeKey"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
    }]
  })
}
```

## When it is fine

AWS writes `*` itself, in the policies of the keys that services manage, together with a fixed
`kms:CallerAccount`. That is everyone of one account, by way of one service, and is not reported:

```hcl good
variable "account_id" {
  type = string
}

resource "aws_kms_key" "exports" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant"]
      Resource  = "*"
      Condition = {
        StringEquals = {
          "kms:CallerAccount" = var.account_id
          "kms:ViaService"    = "s3.eu-west-1.amazonaws.com"
        }
      }
    }]
  })
}
```

A statement that denies everyone outside the organization closes the key as well, and is taken
into account. A condition that depends on an unknown value gives a possible finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grantlint.model import Condition, Inventory, Key, Principal, Statement
from grantlint.rule import Hit, Severity, rule
from grantlint.value import Failure, Truth, Unknown, Value


@rule(
    Severity.CRITICAL,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-5",
    ),
)
def check(key: Key, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each statement that is open to everyone."""
    del inventory
    statements = key.policy.statements
    for index, statement in enumerate(statements):
        open_, at, where = _everyone(statement)
        open_ &= statement.effect.equals("Allow")
        if open_ is Truth.NO:
            continue
        guarded = Truth.any(_guard(condition) for condition in statement.conditions)
        guarded |= Truth.any(_closes(other, statement) for other in statements)
        yield Hit(
            at=("policy", "statements", index, *at),
            message=_message(statement, key) + where,
            truth=open_ & ~guarded,
        )


# -- who -----------------------------------------------------------------------------------


def _everyone(statement: Statement) -> tuple[Truth, tuple[str | int, ...], str]:
    """Whether a statement names everyone, the path to it, and what else to say of that."""
    if statement.not_principal:
        return Truth.YES, (), ""
    answers = [_is_everyone(principal) for principal in statement.principals]
    for truth in (Truth.YES, Truth.MAYBE):
        if truth in answers:
            index = answers.index(truth)
            cause = statement.principals[index].value.unknown
            where = ""
            if cause is not None and cause.choices:
                where = f", by one of the values it can have ({cause.reason})"
            elif cause is not None:
                where = f", should that be who it is for ({cause.reason})"
            return truth, ("principals", index, "value"), where
    return Truth.NO, (), ""


def _is_everyone(principal: Principal) -> Truth:
    """YES also where one of a few literal alternatives is everyone: each of them can be applied."""
    of_aws = principal.type.equals("AWS") | principal.type.equals("*")
    cause = principal.value.unknown
    choices = cause.choices if cause is not None else ()
    if cause is not None and not choices and _is_made_by_aws(cause):
        return Truth.NO
    if any(choice.text == "*" for choice in choices):
        return of_aws
    return of_aws & principal.kind.equals("*")


_ANY_TEXT = (
    "aws_ssm_parameter",
    "aws_secretsmanager_secret_version",
    "aws_s3_",
    "aws_dynamodb_table_item",
    "aws_cloudformation_",
    "aws_appconfig",
    "aws_lambda_invocation",
    "aws_kms_secrets",
)
"""Types whose attributes can hold a text of anyone's choice."""


def _is_made_by_aws(cause: Unknown) -> bool:
    """Whether an unknown is an identifier that AWS makes: an ARN, an id, never a wildcard."""
    referent = cause.refers_to
    if referent is None or cause.failure is not Failure.NONE:
        return False
    return referent.type.startswith("aws_") and not referent.type.startswith(_ANY_TEXT)


# -- conditions that tie the caller to something -------------------------------------------

_ALWAYS = frozenset({"kms:calleraccount", "aws:principalaccount", "aws:principalarn"})
"""Keys that every signed request has: for them a missing key never counts."""

_NAMES = frozenset(
    {
        "kms:calleraccount",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:principalservicename",
    }
)
_PATHS = frozenset({"aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"})
_ARNS = frozenset({"aws:principalarn", "aws:sourcearn"})
_NETWORKS = frozenset({"aws:sourceip", "aws:vpcsourceip"})
_BY_SERVICE = frozenset({"aws:principalisawsservice"})

_WILD = re.compile(r"[*?]|\$\{")
_VARIABLE = re.compile(r"\$\{(?!\*\}|\?\}|\$\})")


def _guard(condition: Condition, *, negated: bool = False) -> Truth:
    """Whether a condition holds only for callers of a fixed account, organization or place.

    `negated` asks it of a statement that denies: whether it spares only such callers.
    """
    if condition.key.unknown or condition.operator.unknown or condition.set.unknown:
        return Truth.MAYBE
    key = (condition.key.text or "").lower()
    operator = condition.operator.text or ""
    if negated:
        if not operator.startswith(("StringNot", "ArnNot", "NotIp")):
            return Truth.NO
        operator = operator.replace("Not", "", 1)
        return _fixed_values(key, operator, condition.values)
    lenient = condition.if_exists.equals(True) | condition.set.equals("ForAllValues")
    passes_without_key = lenient & Truth.of(key not in _ALWAYS)
    return _fixed_values(key, operator, condition.values) & ~passes_without_key


def _fixed_values(key: str, operator: str, values: Value) -> Truth:
    """Whether every value that meets the condition belongs to someone in particular."""
    if key in _BY_SERVICE:
        return values.contains("true") if operator == "Bool" else Truth.NO
    like = operator in {"StringLike", "ArnLike", "ArnEquals"}
    equal = operator in {"StringEquals", "StringEqualsIgnoreCase"}
    if key in _NETWORKS:
        judge = _is_part_of_the_internet if operator == "IpAddress" else None
    elif not (like or equal):
        judge = None
    elif equal:
        judge = _has_no_variable if key in _NAMES | _PATHS | _ARNS | {"aws:userid"} else None
    elif key in _NAMES:
        judge = _has_no_wildcard
    elif key in _PATHS | {"aws:userid"}:
        judge = _begins_fixed
    else:
        judge = _names_an_owner if key in _ARNS else None
    if judge is None:
        return Truth.NO
    if values.unknown and not values.unknown.choices:
        return Truth.YES if equal else Truth.MAYBE
    options = values.unknown.choices if values.unknown else (values,)
    answers = [judge(value) for option in options for value in option.elements()]
    return Truth.all(answers)


def _has_no_variable(value: Value) -> Truth:
    """Equality is with a fixed text, unless IAM puts something of the request into it.

    So an unknown text is as good as a known one.
    """
    return Truth.of(value.text is None or not _VARIABLE.search(value.text))


def _has_no_wildcard(value: Value) -> Truth:
    if value.text is None:
        return _certainly_wild(value, r".*[*?]")
    return Truth.of(not _WILD.search(value.text))


def _begins_fixed(value: Value) -> Truth:
    """`o-a1b2c3/*`, `AROAEXAMPLE:*`: what stands before the first separator is fixed."""
    parts = value.unknown.parts if value.unknown is not None else ()
    first = parts[0].unknown if parts and isinstance(parts[0], Value) else None
    if first is not None and _is_made_by_aws(first):
        return Truth.YES
    if value.text is None:
        return _certainly_wild(value, r"[^/:]*[*?]")
    return Truth.of(not _WILD.search(re.split(r"[/:]", value.text)[0]))


def _names_an_owner(value: Value) -> Truth:
    """An ARN with a fixed account, or, as those of buckets have none, with a fixed name."""
    if value.text is None:
        prefix = value.unknown.prefix if value.unknown else ""
        fields = prefix.split(":")
        fixed = len(fields) > 5 and fields[4] and not _WILD.search(fields[4])
        return Truth.YES if fixed else _certainly_wild(value, r"(?:[^:]*:){0,4}\*$")
    fields = value.text.split(":", 5)
    if len(fields) < 6:
        return Truth.of(not _WILD.search(value.text))
    account, name = fields[4], re.split(r"[/:]", fields[5])[0]
    return Truth.of(not _WILD.search(account or name))


def _is_part_of_the_internet(value: Value) -> Truth:
    if value.text is None:
        return Truth.MAYBE
    return Truth.of(not value.text.endswith("/0"))


def _certainly_wild(value: Value, pattern: str) -> Truth:
    """NO for an unknown text whose known beginning already is too wide, else MAYBE."""
    prefix = value.unknown.prefix if value.unknown else ""
    return Truth.NO if prefix and re.match(pattern, prefix) else Truth.MAYBE


# -- another statement that denies ---------------------------------------------------------


def _closes(other: Statement, statement: Statement) -> Truth:
    """Whether another statement denies to everyone but fixed callers what this one allows."""
    if other is statement or other.effect.equals("Deny") is Truth.NO:
        return Truth.NO
    everyone = Truth.any(principal.kind.equals("*") for principal in other.principals)
    denies = everyone & other.effect.equals("Deny") & other.exists
    spared = [_guard(condition, negated=True) for condition in other.conditions]
    if Truth.MAYBE not in spared and Truth.YES not in spared:
        return Truth.NO
    # All conditions of a statement must hold for it to deny: a second one may open it again.
    rest = [c for c, s in zip(other.conditions, spared, strict=True) if s is not Truth.YES]
    only = Truth.YES if all(_is_about_services(condition) for condition in rest) else Truth.MAYBE
    return denies & Truth.any(spared) & only & _covers(other, statement)


def _is_about_services(condition: Condition) -> bool:
    key = (condition.key.text or "").lower()
    return key in {"aws:principalisawsservice", "aws:viaawsservice"}


def _covers(other: Statement, statement: Statement) -> Truth:
    """Whether the actions of one statement are among those of the other."""
    if other.not_action or statement.not_action:
        return Truth.MAYBE
    if Truth.any(other.actions.contains(every) for every in ("kms:*", "*")) is Truth.YES:
        return Truth.YES
    texts = {(action.text or "").lower() for action in other.actions.elements()}
    wanted = {(action.text or "").lower() for action in statement.actions.elements()}
    return Truth.YES if wanted and "" not in wanted and wanted <= texts else Truth.MAYBE


# -- what it says --------------------------------------------------------------------------


def _message(statement: Statement, key: Key) -> str:
    who = "everyone but those in NotPrincipal" if statement.not_principal else "anyone"
    who += " in any AWS account"
    if statement.not_action or statement.sensitive or statement.actions.has_sensitive():
        return f"{who} may use {key.address}"
    named = [action.text for action in statement.actions.elements() if action.text]
    if not named:
        return f"{who} may use {key.address}"
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return f"{who} may call {', '.join(named[:3])}{more} on {key.address}"
