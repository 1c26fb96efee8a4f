r"""Access is kept for a principal that was deleted.

## Why it matters

AWS KMS keeps the unique id of a role or a user, not its ARN, and shows the id (`AROA…`, `AIDA…`)
once that role or user is gone. One that is made anew under the same name gets another id and
none of the access. So nobody can use what is left, and whoever looks at it cannot tell who that
was. A grant still counts towards the quota of its key. A key policy with such an id cannot be
put again as it stands: AWS KMS refuses it with *MalformedPolicyDocumentException: Policy contains a
statement with one or more invalid principals*, also when something else in it was changed.

## What it finds

A unique id as principal of a key policy, which is mostly copied from what AWS shows of a key. It
is of low severity, and of medium severity in a denial, which does not stop the role that was made
anew:

```hcl bad
resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DelegateToIAM"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = "AROA1234567890EXAMPLE" } # finding
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
    ]
  })
}
```

And, of the grants that `aws kms list-grants` shows, those whose grantee or retiring principal is
such an id. In a configuration such a principal is one that AWS KMS refuses: `invalid-grantee` says
so.

## How to fix it

Find out what it was for: CloudTrail shows the id as `principalId` of its former calls. Name the
role that has taken its place, by a reference where the configuration makes it, or take it out:

```hcl good
resource "aws_kms_key" "orders" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DelegateToIAM"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:role/reports" }
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
    ]
  })
}
```

A grant is ended by `aws kms revoke-grant` with its key and its id.

## In CloudFormation

The same in `KeyPolicy`, best with `!GetAtt`, which makes CloudFormation put the policy again when
the role is replaced:

```yaml
- Sid: Read
  Effect: Allow
  Principal:
    AWS: !GetAtt Reports.Arn
  Action: kms:Decrypt
  Resource: "*"
```

## When it is fine

Never. Unique ids in conditions (`aws:userid`) are another matter and are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from grantlint.iam.naming import told
from grantlint.iam.statements import Statement
from grantlint.model import LIVE, Grant, Inventory
from grantlint.rule import Hit, Object, Severity, rule

_KIND = "unique_id"
_GONE = "was deleted: AWS shows its unique id"
_COPIED = "is a unique id, as AWS shows it of one that was deleted"
_REFUSED = "AWS KMS refuses a policy that names it"


@rule(
    Severity.LOW,
    since="0.1.0",
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html",
        "https://repost.aws/knowledge-center/kms-policy-error-invalid-principals",
        "https://github.com/hashicorp/terraform-provider-aws/issues/25163",
    ),
)
def check(object: Object, inventory: Inventory) -> Iterator[Hit]:
    """One hit for each principal that is gone."""
    del inventory
    if isinstance(object, Grant):
        yield from _of_grant(object)
        return
    for index, statement in enumerate(object.policy.statements):
        yield from _of_statement(statement, index, live=object.source == LIVE)


def _of_grant(grant: Grant) -> Iterator[Hit]:
    """Only of those that AWS shows: no other can be made."""
    if grant.source != LIVE:
        return
    for at, value, who, then in (
        ("grantee_principal", grant.grantee_principal, grant.grantee, "nobody can use the grant"),
        ("retiring_principal", grant.retiring_principal, grant.retiring, "it cannot end the grant"),
    ):
        if who is not None and who.kind.text == _KIND:
            called = at.replace("_principal", "").replace("retiring", "retiring principal")
            message = f"the {called} {value.text} was deleted: AWS shows its unique id, and {then}"
            yield Hit(at=(at,), message=message)


def _of_statement(statement: Statement, index: int, *, live: bool) -> Iterator[Hit]:
    for at, principal in enumerate(statement.principals):
        named = told(principal.value)
        if principal.kind.text != _KIND or named is None:
            continue
        denies = statement.effect.text == "Deny" and not statement.not_principal
        what = _GONE if live else _COPIED
        then = "a new one of the same name is not denied" if denies else _REFUSED
        yield Hit(
            at=("policy", "statements", index, "principals", at, "value"),
            message=f"the principal {named} {what}, and {then}",
            severity=Severity.MEDIUM if denies else None,
        )
