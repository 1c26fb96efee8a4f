"""Answers of AWS KMS as tests write them, and what is found in them."""

import json

from grantlint.finding import by_address, concrete
from grantlint.parsers import aws
from grantlint.parsers.settings import Options
from grantlint.rules import all_rules
from grantlint.source import Source

ACCOUNT = "111122223333"
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_ID = "0987dcba-09fe-87dc-65ba-ab0987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
TRUSTING = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def arn(id=ID, region="eu-west-1"):
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{id}"


def grant(**members):
    """A grant that no rule reports."""
    whole = {
        "KeyId": arn(),
        "GrantId": "ab" * 32,
        "Name": "app",
        "CreationDate": "2024-03-01T10:00:00+01:00",
        "GranteePrincipal": ROLE,
        "RetiringPrincipal": ROLE,
        "IssuingAccount": f"arn:aws:iam::{ACCOUNT}:root",
        "Operations": ["Decrypt"],
        "Constraints": {"EncryptionContextEquals": {"Department": "Orders"}},
    }
    return {key: value for key, value in (whole | members).items() if value is not None}


def grants(*listed):
    return {"Grants": list(listed)}


def key(id=ID, **members):
    return {
        "KeyMetadata": {
            "KeyId": id,
            "Arn": arn(id),
            "Enabled": True,
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": "Enabled",
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "MultiRegion": False,
        }
        | members
    }


def policy(*statements, **members):
    document = {"Version": "2012-10-17", "Statement": list(statements or [TRUSTING])}
    return {"Policy": json.dumps(document), "PolicyName": "default"} | members


def text(*documents, indent=2):
    return "\n".join(json.dumps(one, indent=indent) for one in documents).encode()


def read(**files):
    """The reading of files, given by their names without `.json` as documents or bytes."""
    sources = [
        Source(
            f"{name}.json",
            said if isinstance(said, bytes) else text(*(said if type(said) is tuple else (said,))),
        )
        for name, said in files.items()
    ]
    return aws.read(sources, Options())


def findings(reading):
    inventory = reading.inventory
    objects = by_address(inventory)
    return [
        concrete(rule, judged, hit, objects)
        for rule in all_rules()
        for judged, hit in rule.hits(inventory)
    ]
