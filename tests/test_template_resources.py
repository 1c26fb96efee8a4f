"""Resources of templates in Terraform's words: what is written, and what AWS makes of the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from blocks import SPAN
from hypothesis import given, settings
from hypothesis import strategies as some
from template_values import VALUES, Template, plain

from grantlint.parsers import kms
from grantlint.parsers.cloudformation import resources
from grantlint.parsers.instance import Instance, Settled
from grantlint.parsers.settings import Settings
from grantlint.parsers.settings import given as provider
from grantlint.value import STRING, Referent, Truth, Unknown, Value, boolean, null, string

TRUTH = Path(__file__).parent.parent / "fixtures/truth/cdk"
PROVIDER = provider(Settings())
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt"}]}


def value(document) -> Value:
    return Template({}).value(document)


def planned(type, properties):
    found = resources.planned(type, value(properties), SPAN)
    return found.type, found.attributes


def instance(name, found) -> Instance:
    content = Settled(SPAN, found.attributes)
    return Instance(name, "managed", found.type, name, "", Truth.YES, None, content, SPAN, PROVIDER)


def inventory(*written):
    """The inventory of resources, by name, type and properties."""
    found = [(name, resources.planned(type, value(one), SPAN)) for name, type, one in written]
    listed = [(instance(name, one), one.attributes) for name, one in found if one is not None]
    return kms.inventory(listed, evidence=listed)


# -- keys ----------------------------------------------------------------------------------


def test_a_key_has_what_aws_gives_it():
    type, attributes = planned("AWS::KMS::Key", {})
    assert type == "aws_kms_key"
    assert plain(attributes) == {
        "bypass_policy_lockout_safety_check": False,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "deletion_window_in_days": None,
        "description": None,
        "enable_key_rotation": False,
        "is_enabled": True,
        "key_usage": "ENCRYPT_DECRYPT",
        "multi_region": False,
        "origin": "AWS_KMS",
        "policy": None,
        "rotation_period_in_days": None,
    }
    (key,) = inventory(("K", "AWS::KMS::Key", {})).keys
    assert (key.origin.text, key.policy.default.raw, key.enabled.raw) == ("AWS_KMS", True, True)


@pytest.mark.parametrize(
    ("property", "written", "attribute", "expected"),
    [
        ("Enabled", "false", "is_enabled", False),
        ("Enabled", False, "is_enabled", False),
        ("EnableKeyRotation", "True", "enable_key_rotation", True),
        ("MultiRegion", "true", "multi_region", True),
        ("PendingWindowInDays", "7", "deletion_window_in_days", 7),
        ("PendingWindowInDays", 7, "deletion_window_in_days", 7),
        ("KeySpec", "HMAC_256", "customer_master_key_spec", "HMAC_256"),
        ("KeyUsage", "SIGN_VERIFY", "key_usage", "SIGN_VERIFY"),
        ("Description", 5, "description", "5"),
        ("BypassPolicyLockoutSafetyCheck", "true", "bypass_policy_lockout_safety_check", True),
    ],
)
def test_text_that_cloudformation_takes_for_something_else(property, written, attribute, expected):
    _, attributes = planned("AWS::KMS::Key", {property: written})
    assert plain(attributes.get(attribute)) == expected


def test_a_key_whose_material_is_imported():
    (key,) = inventory(("K", "AWS::KMS::Key", {"Origin": "EXTERNAL", "Enabled": "false"})).keys
    assert (key.origin.text, key.imported.raw, key.enabled.raw) == ("EXTERNAL", False, False)
    assert (key.spec.text, key.usage.text) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")


def test_an_origin_that_is_not_known_stays_so():
    (key,) = inventory(("K", "AWS::KMS::Key", {"Origin": {"Ref": "Where"}})).keys
    assert key.origin.unknown.reason == '⟦{"Ref":"Where"}⟧'


def test_alternatives_with_no_value_in_them():
    choices = (boolean(False), null())
    either = Value(STRING, Unknown("IsProd", choices=choices, when=("IsProd", "not IsProd")))
    _, attributes = planned("AWS::KMS::Key", {"Enabled": either})
    enabled = attributes.get("is_enabled").unknown
    assert [one.raw for one in enabled.choices] == [False, True]
    assert enabled.when == ("IsProd", "not IsProd")


def test_properties_that_are_not_known_leave_nothing_at_its_default():
    found = resources.planned("AWS::KMS::Key", Value(STRING, Unknown("a macro")), SPAN)
    assert {one.unknown.reason for _, one in found.attributes.items()} == {"a macro"}
    (key,) = kms.inventory([(instance("K", found), found.attributes)]).keys
    assert key.policy.default.unknown.reason == "a macro"


@pytest.mark.parametrize("policy", [ALLOW, json.dumps(ALLOW)])
def test_policies_as_objects_and_as_text(policy):
    (key,) = inventory(("K", "AWS::KMS::Key", {"KeyPolicy": policy})).keys
    (statement,) = key.policy.statements
    assert [one.text for one in statement.actions.elements()] == ["kms:Decrypt"]
    assert key.policy.default.raw is False


def test_a_policy_that_is_one_of_two_keeps_when():
    other = {"Statement": [{"Effect": "Deny", "Action": "kms:Sign"}]}
    choices = (value(ALLOW), value(other))
    either = Value(STRING, Unknown("IsProd", choices=choices, when=("IsProd", "not IsProd")))
    (key,) = inventory(("K", "AWS::KMS::Key", {"KeyPolicy": either})).keys
    assert [(one.effect.text, one.exists) for one in key.policy.statements] == [
        ("Allow", Truth.MAYBE),
        ("Deny", Truth.MAYBE),
    ]


def test_replicas_and_aliases_find_their_key():
    ref = Value(STRING, Unknown("known after apply", Referent("aws_kms_key", "K", None, "arn")))
    found = inventory(
        ("K", "AWS::KMS::Key", {"MultiRegion": True, "KeySpec": "RSA_2048"}),
        ("A", "AWS::KMS::Alias", {"AliasName": "alias/a", "TargetKeyId": ref}),
        ("R", "AWS::KMS::ReplicaKey", {"PrimaryKeyArn": ref, "KeyPolicy": ALLOW}),
    )
    key, replica = found.keys
    assert [one.text for one in key.aliases] == ["alias/a"]
    assert (replica.primary.text, replica.spec.text, replica.enabled.raw) == ("K", "RSA_2048", True)


# -- IAM -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "properties", "expected", "owner"),
    [
        ("AWS::IAM::Policy", {"Roles": ["r"]}, "aws_iam_role_policy", ("role", "r")),
        ("AWS::IAM::Policy", {"Users": ["u"]}, "aws_iam_user_policy", ("user", "u")),
        (
            "AWS::IAM::Policy",
            {"Groups": ["g"], "Users": []},
            "aws_iam_group_policy",
            ("group", "g"),
        ),
        ("AWS::IAM::RolePolicy", {"RoleName": "r"}, "aws_iam_role_policy", ("role", "r")),
        ("AWS::IAM::UserPolicy", {"UserName": "u"}, "aws_iam_user_policy", ("user", "u")),
        ("AWS::IAM::GroupPolicy", {"GroupName": "g"}, "aws_iam_group_policy", ("group", "g")),
        ("AWS::IAM::ManagedPolicy", {"Path": "/x/"}, "aws_iam_policy", ("path", "/x/")),
    ],
)
def test_policies_of_their_own(type, properties, expected, owner):
    written = {"PolicyName": "p", "PolicyDocument": ALLOW, **properties}
    name, attributes = planned(type, written)
    assert name == expected
    assert attributes.get(owner[0]).text == owner[1]
    (identity,) = inventory(("P", type, written)).identities
    assert identity.address == "P"


@pytest.mark.parametrize("type", ["AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"])
def test_each_inline_policy_is_one_identity(type):
    policies = [{"PolicyName": name, "PolicyDocument": ALLOW} for name in "ab"]
    assert len(inventory(("R", type, {"Policies": policies})).identities) == 2


def test_inline_policies_that_may_not_be_there():
    policy = value({"PolicyName": "a", "PolicyDocument": ALLOW})
    either = Value(STRING, Unknown("IsProd", choices=(policy, null()), when=("a", "b")))
    for policies in ([either], Value(STRING, Unknown("c", choices=(value([policy]), null())))):
        (identity,) = inventory(("R", "AWS::IAM::Role", {"Policies": policies})).identities
        assert [one.exists for one in identity.policy.statements] == [Truth.MAYBE]


def test_attached_policies_of_aws_are_seen():
    arn = "arn:aws:iam::aws:policy/AmazonMSKFullAccess"
    for type, name in (
        ("AWS::IAM::Role", "ManagedPolicyArns"),
        ("AWS::IAM::User", "ManagedPolicyArns"),
        ("AWS::SSO::PermissionSet", "ManagedPolicies"),
    ):
        found = inventory(("R", type, {name: [arn, "arn:aws:iam::aws:policy/Other"]}))
        assert [one.managed.text for one in found.identities] == [arn]


@pytest.mark.parametrize("policy", [ALLOW, json.dumps(ALLOW)])
def test_permission_sets(policy):
    properties = {"Name": "p", "InlinePolicy": policy}
    assert len(inventory(("P", "AWS::SSO::PermissionSet", properties)).identities) == 1


# -- what grants are for -------------------------------------------------------------------

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
EBS = {"Ebs": {"KmsKeyId": KEY}}
SSE = {
    "ServerSideEncryptionConfiguration": [
        {"ServerSideEncryptionByDefault": {"KMSMasterKeyID": KEY}}
    ]
}
REPLICA = {"Destination": {"EncryptionConfiguration": {"ReplicaKmsKeyID": KEY}}}


@pytest.mark.parametrize(
    ("type", "properties", "service"),
    [
        ("AWS::EC2::Volume", {"KmsKeyId": KEY}, "ec2"),
        ("AWS::EC2::Instance", {"BlockDeviceMappings": [{}, EBS]}, "ec2"),
        (
            "AWS::EC2::LaunchTemplate",
            {"LaunchTemplateData": {"BlockDeviceMappings": [EBS]}},
            "ec2",
        ),
        (
            "AWS::S3::Bucket",
            {"BucketEncryption": SSE},
            "s3",
        ),
        ("AWS::S3::Bucket", {"ReplicationConfiguration": {"Rules": [REPLICA]}}, "s3"),
    ],
)
def test_what_encrypts_with_a_key_says_what_its_grants_are_for(type, properties, service):
    found = resources.planned(type, value(properties), SPAN)
    user = instance("U", found), found.attributes
    attributes = {"key_id": string(KEY), "grantee_principal": string("x")}
    settled = value(attributes)
    content = Settled(SPAN, settled)
    grant = Instance(
        "G", "managed", "aws_kms_grant", "G", "", Truth.YES, None, content, SPAN, PROVIDER
    )
    (one,) = kms.inventory([(grant, settled)], evidence=[user]).grants
    assert [(shown.service, shown.address) for shown in one.integrations] == [
        (f"{service}.amazonaws.com", "U")
    ]


# -- real templates, and anything ----------------------------------------------------------


def speaks_of_kms(properties) -> int:
    """How many policies of an IAM resource have actions of AWS KMS, by their text."""
    inline = [one["PolicyDocument"] for one in properties.get("Policies", ())]
    documents = [*inline, properties.get("PolicyDocument")]
    return sum('"kms:' in json.dumps(one) for one in documents)


def test_the_keys_and_policies_of_real_templates():
    seen = 0
    for path in sorted(TRUTH.rglob("*.template.json")):
        template = Template.read(path)
        found = inventory(*template.resources())
        written = [(one["Type"], one) for one in template.document["Resources"].values()]
        keys = [type for type, _ in written if type == "AWS::KMS::Key"]
        policies = [
            one.get("Properties", {}) for type, one in written if type.startswith("AWS::IAM::")
        ]
        assert len(found.keys) == len(keys), path
        assert len(found.identities) == sum(map(speaks_of_kms, policies)), path
        seen += len(found.keys) + len(found.identities)
    assert seen > 60


@given(some.sampled_from(sorted(resources.TYPES)), VALUES)
@settings(max_examples=300, deadline=None)
def test_no_properties_are_too_strange(type, properties):
    found = resources.planned(type, properties, SPAN)
    kms.inventory([(instance("X", found), found.attributes)])


def test_types_of_no_interest():
    assert resources.planned("AWS::SNS::Topic", value({}), SPAN) is None
