"""The normalized model: every grant and key of an estate, whatever file it came from.

`Inventory` and its parts are what rules judge; `to_json` is what `grantlint model` prints and
what a Rego rule sees one element of.
"""

from grantlint.iam.conditions import Condition
from grantlint.iam.grantee import Grantee
from grantlint.iam.principals import Principal
from grantlint.iam.statements import Statement
from grantlint.model.inventory import (
    LIVE,
    NOT_HERE,
    Constraints,
    Construct,
    Grant,
    Holder,
    Identity,
    Integration,
    Inventory,
    Key,
    KeyReference,
    Namesake,
    Note,
    Owner,
    Policy,
)
from grantlint.model.json import element_json, rego_input, schema, to_json

__all__ = [
    "LIVE",
    "NOT_HERE",
    "Condition",
    "Constraints",
    "Construct",
    "Grant",
    "Grantee",
    "Holder",
    "Identity",
    "Integration",
    "Inventory",
    "Key",
    "KeyReference",
    "Namesake",
    "Note",
    "Owner",
    "Policy",
    "Principal",
    "Statement",
    "element_json",
    "rego_input",
    "schema",
    "to_json",
]
