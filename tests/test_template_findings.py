"""What rules find in templates, where these are written in ways that Terraform does not have.

A row is a key policy, or whole resources, and all findings with the line of each. What templates
and configurations say alike stands in the examples of the rules.
"""

from pathlib import Path

import pytest

from grantlint.finding import by_address, concrete
from grantlint.laws import read
from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.cloudformation.estate import read as read_templates
from grantlint.parsers.settings import Options, given
from grantlint.rules import all_rules
from grantlint.source import Source

CDK = Path(__file__).parents[1] / "fixtures" / "truth" / "cdk"
RULES = [rule for rule in all_rules() if not rule.opt_in]
HEAD = """\
Parameters: {Env: {Type: String}, Who: {Type: String, AllowedValues: ["*", "111122223333"]}}
Conditions: {IsProd: !Equals [!Ref Env, prod]}
Resources:
"""
ROLE = "  Role: {Type: AWS::IAM::Role, Properties: {%s}}\n"
KEY = """\
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
"""
ADMIN = """\
          - Effect: Allow
            Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}
            Action: kms:*
            Resource: '*'
"""
TO = """\
          - Effect: Allow
            Principal: {AWS: %s}
            Action: %s
            Resource: '*'
"""
UNLESS_PROD = "            Condition: !If [IsProd, {%s}, !Ref AWS::NoValue]\n"
ORGANIZATION = "StringEquals: {aws:PrincipalOrgID: o-a1b2c3d4e5}"
BY_ACCOUNT = "{Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: kms:*, Resource: '*'}"
BY_ROLE = BY_ACCOUNT.replace("!Ref AWS::AccountId", "arn:aws:iam::111122223333:role/a")
FOR_SERVICES = "Bool: {kms:GrantIsForAWSResource: true}"


def shown(inventory):
    """Each finding as line, rule and the end of the message that says where it holds."""
    objects = by_address(inventory)
    found = [
        concrete(rule, judged, hit, objects)
        for rule in RULES
        for judged, hit in rule.hits(inventory)
    ]
    found.sort(key=lambda one: (one.span.line, one.rule))
    return [
        f"{one.span.line} {one.rule}"
        + ("" if one.certain else " possible")
        + (f": {one.message[at:]}" if (at := one.message.find(", where")) >= 0 else "")
        for one in found
    ]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param(ADMIN, [], id="aws-default"),
        pytest.param(
            TO % ("!Ref AWS::AccountId", "kms:*"), [], id="the-account-by-its-number-is-its-root"
        ),
        pytest.param(
            TO % ("!Ref AWS::AccountId", "kms:PutKeyPolicy"),
            ["7 unmanaged-grants"],
            id="the-account-may-not-do-all",
        ),
        pytest.param(
            ADMIN + TO % ("!GetAtt Role.Arn", "kms:CreateGrant") + ROLE % "Path: /",
            ["16 unrestricted-create-grant"],
            id="a-role-that-AWS-names",
        ),
        pytest.param(
            ADMIN + TO % ("!GetAtt Role.Arn", "kms:CreateGrant") + ROLE % "RoleName: app",
            ["16 unrestricted-create-grant"],
            id="a-role-with-a-name",
        ),
        pytest.param(
            ADMIN + TO % ("!Ref Role", "kms:Decrypt") + ROLE % "RoleName: app",
            ["15 invalid-principal"],
            id="a-name-is-no-arn",
        ),
        pytest.param(
            ADMIN + TO % ("'*'", "kms:Decrypt") + UNLESS_PROD % ORGANIZATION,
            ["15 public-key-policy: , where not IsProd"],
            id="everyone-where-the-condition-is-left-out",
        ),
        pytest.param(
            ADMIN
            + TO % ("arn:aws:iam::111122223333:role/a", "kms:CreateGrant")
            + UNLESS_PROD % FOR_SERVICES,
            ["16 unrestricted-create-grant: , where not IsProd"],
            id="the-alternatives-of-a-statement-do-not-defeat-each-other",
        ),
        pytest.param(
            ADMIN + UNLESS_PROD % ORGANIZATION, [], id="somebody-may-whatever-the-condition-is"
        ),
        pytest.param(
            f"          - !If [IsProd, {BY_ACCOUNT}, {BY_ROLE}]\n",
            [],
            id="one-administrator-or-the-other",
        ),
        pytest.param(
            ADMIN + "          - Effect: Allow\n"
            "            Principal: !If [IsProd, '*', {AWS: !Ref AWS::AccountId}]\n"
            "            Action: kms:Decrypt\n            Resource: '*'\n",
            ["15 public-key-policy: , where IsProd"],
            id="principals-of-either-kind",
        ),
        pytest.param(
            ADMIN + TO % ("!Ref Who", "kms:Decrypt"),
            ['15 public-key-policy: , where Who is "*"'],
            id="allowed-values",
        ),
        pytest.param(
            ADMIN
            + TO % ("'*'", "kms:Decrypt")
            + """\
          - Effect: Deny
            NotPrincipal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}
            Action: kms:Decrypt
            Resource: '*'
""",
            [],
            id="everyone-but-the-account-is-denied",
        ),
        pytest.param(
            ADMIN
            + TO % ("arn:aws:iam::111122223333:role/a", "kms:CreateGrant")
            + "            Condition: {Bool: {kms:GrantIsForAWSResource: true}}\n"
            + TO % ("arn:aws:iam::111122223333:role/b", "kms:CreateGrant")
            + "            Condition: {Bool: {kms:GrantIsForAWSResource: 'true'}}\n",
            [],
            id="true-is-the-text-true",
        ),
        pytest.param(
            "          - effect: Allow\n            principal: '*'\n"
            "            action: kms:*\n            resource: '*'\n",
            ["11 public-key-policy"],
            id="elements-in-lower-case",
        ),
    ],
)
def test_a_key_policy(template, expected):
    assert shown(read(HEAD + KEY + template, "yaml")) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param("  Key: {Type: AWS::KMS::Key}\n", [], id="no-policy"),
        pytest.param(
            """\
  Key:
    Type: AWS::KMS::Key
    Properties:
      Description: !If [IsProd, a, !Ref AWS::NoValue]
      KeyPolicy:
        Statement: {Effect: Allow, Principal: '*', Action: kms:*, Resource: '*'}
""",
            ["9 public-key-policy"],
            id="beside-a-property-that-may-be-absent",
        ),
        pytest.param(
            """\
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Fn::If:
          - IsProd
          - Statement: {Effect: Allow, Principal: '*', Action: kms:*, Resource: '*'}
          - !Ref AWS::NoValue
""",
            ["10 public-key-policy: , where IsProd"],
            id="a-policy-that-may-be-absent",
        ),
        pytest.param(
            """\
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: !Sub |
        {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Principal": {"AWS": "${AWS::AccountId}"},
          "Action": "kms:*", "Resource": "*"},
         {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${AWS::AccountId}:role/app"},
          "Action": "kms:CreateGrant", "Resource": "*"}]}
""",
            ["12 unrestricted-create-grant"],
            id="a-policy-as-text",
        ),
        pytest.param(
            "  Key:\n    Type: AWS::KMS::Key\n    Properties:\n"
            "      BypassPolicyLockoutSafetyCheck: 'true'\n",
            ["7 bypassed-lockout-check"],
            id="a-bool-as-text",
        ),
        pytest.param(
            """\
  Role:
    Type: AWS::IAM::Role
    Properties:
      PermissionsBoundary: !If [IsProd, arn:aws:iam::aws:policy/X, !Ref AWS::NoValue]
      ManagedPolicyArns:
        - !If [IsProd, !Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonMSKFullAccess', a]
      Policies:
        - PolicyName: one
          PolicyDocument:
            Statement: {Effect: Allow, Action: kms:CreateGrant, Resource: '*'}
        - PolicyName: two
          PolicyDocument:
            Statement: [{Effect: Allow, Action: kms:Decrypt, Resource: '*'}]
""",
            [
                "9 open-managed-policy: , where IsProd",
                "13 create-grant-on-any-key",
                "16 decrypt-on-any-key",
            ],
            id="policies-of-a-role",
        ),
        pytest.param(
            """\
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: one
      Roles: [a, b]
      Users: [c]
      PolicyDocument:
        Statement: {Effect: Allow, Action: kms:CreateGrant, Resource: '*'}
""",
            ["11 create-grant-on-any-key"],
            id="one-policy-of-several-roles-is-one",
        ),
    ],
)
def test_a_template(template, expected):
    assert shown(read(HEAD + template, "yaml")) == expected


def test_a_policy_that_is_too_large():
    arns = "".join(
        f"                - arn:aws:iam::111122223333:role/{n:0200d}\n" for n in range(160)
    )
    statement = TO % ("'*'", "kms:Decrypt") + "            Condition:\n"
    statement += "              ArnNotEquals:\n                aws:PrincipalArn:\n" + arns
    found = read(HEAD + KEY + ADMIN + statement.replace("Allow", "Deny"), "yaml")
    assert shown(found) == ["7 oversized-key-policy"]


# -- what the CDK writes -------------------------------------------------------------------

MEANT = {
    "01-key-default/KeyDefault": ["key-policy-lockout", "public-key-policy"],
    "02-key-grants/Agnostic": ["confused-deputy"],
    "02-key-grants/Concrete": ["confused-deputy"],
    "15-services/Svc": ["confused-deputy"],
}
"""What somebody wrote so on purpose, and `grantDecrypt` for SNS, which has no source."""


@pytest.mark.parametrize(
    "path",
    sorted(path for name in ("01", "02", "15") for path in CDK.glob(f"{name}-*/*/*.template.json")),
    ids=lambda path: path.name,
)
def test_keys_and_grants_of_the_cdk_are_silent(path):
    options = Options()
    source = Source(path.as_posix(), path.read_bytes())
    provider = given(options.settings_in(path.parent))
    found = read_templates([Deployment(source, provider)], options).inventory
    assert found.keys
    scenario = f"{path.parents[1].name}/{path.name.removesuffix('.template.json')}"
    hits = [rule.id for rule in RULES for _ in rule.hits(found)]
    assert sorted(hits) == MEANT.get(scenario, [])
