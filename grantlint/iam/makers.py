"""Which service of AWS made a grant that AWS lists, as its principals and its issuer tell.

CreateGrant takes no service as `GranteePrincipal` or `RetiringPrincipal`; whoever wants one writes
`GranteeServicePrincipal`, and the list then shows that field. A service in the plain fields, a
session that a service makes for itself or "AWS Internal" is therefore AWS's own doing.
https://docs.aws.amazon.com/kms/latest/developerguide/grant-view.html
"""

from __future__ import annotations

import re
from typing import Final

from grantlint.iam.grantee import NULL, WHOLE, constant
from grantlint.iam.principals import grantee
from grantlint.value import Value

INTERNAL: Final = "AWS Internal"
"""What AWS shows in the place of a principal of its own that has no name for its customers.

https://docs.aws.amazon.com/healthimaging/latest/devguide/encryption-at-rest.html
"""
_INFRASTRUCTURE: Final = re.compile(
    r"(?:[0-9]{12}:|arn:[^:]*:sts::[0-9]{12}:assumed-role/)(aws:.+)"
)
"""Roles that no customer can have, for the colon in their names: `aws:ec2-infrastructure`."""


def maker(grantee_principal: Value, retiring_principal: Value, issuer: Value, key: Value) -> Value:
    """The service that made a grant for itself or for its customer; null where nothing shows it.

    `issuer` is the account or service that issued it, `key` the account of its key. A service that
    may only retire a grant vouches for a grantee of that account, and for no account as a whole:
    else whoever gives a key away could hide it behind a service.
    """
    for principal in (issuer, grantee_principal):
        found = _service(principal)
        if found is not None:
            return found
    found, who = _service(retiring_principal), grantee(grantee_principal)
    own = who.account.text is not None and who.account.text == key.text
    if found is not None and own and who.kind.text not in WHOLE:
        return found
    return NULL


def _service(principal: Value) -> Value | None:
    """What AWS calls a principal of its own; None for those of customers."""
    text = principal.text
    if text is None:
        return None
    infrastructure = _INFRASTRUCTURE.fullmatch(text)
    if infrastructure is not None:
        return constant(infrastructure[1].partition("/")[0].partition(":i-")[0])
    own = text == INTERNAL or grantee(principal).kind.text == "service"
    return constant(text) if own else None
