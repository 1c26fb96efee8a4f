# METADATA
# title: Principal of a grant is one that AWS KMS refuses
# description: |
#   ## Why it matters
#
#   Nobody gets such a grant: what is no ARN fails in the plan, and the rest, as a wildcard or a group,
#   only while the change is being applied. What was planned together with the grant is then made by
#   half.
#
#   Often something else was meant: a grant has no wildcards, so `role/app-*` is not all roles whose
#   names begin like that but no role at all.
#
#   ## What it finds
#
#   A grantee, or a principal that may retire the grant, which cannot be one:
#
#   - a wildcard, alone or in an ARN: a grant is for one exact principal;
#   - a group, an organization or a part of one: these are no principals;
#   - the ARN of anything else that is no principal (an instance profile, a function, a policy), or
#     that has no account of twelve digits;
#   - a name, the number of an account, or a unique id of IAM (`AROA…`) where the provider wants an ARN;
#   - an empty text as grantee, one with characters that ARNs do not have, or of more than 256.
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "workers" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/worker-*" # finding
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   ```hcl bad
#   data "aws_iam_role" "deploy" {
#     name = "deploy"
#   }
#
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "operators" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:group/operators" # finding
#     retiring_principal = data.aws_iam_role.deploy.name               # finding
#     operations         = ["DescribeKey"]
#   }
#   ```
#
#   ## How to fix it
#
#   Name one role by its ARN, and write a grant for each role that needs one. `for_each` keeps that
#   short:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "workers" {
#     for_each = toset(["worker-a", "worker-b"])
#
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/${each.key}"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   Of a role or a user of the configuration take the attribute `arn`, not `name`, `id` or `unique_id`.
#   For a group, give the grant to the role that its members assume.
#
#   ## In CloudFormation
#
#   CloudFormation has no resource for grants. A custom resource makes them, in the CDK an
#   `AwsCustomResource` with the action `createGrant`. What is right for
#   `GranteePrincipal` and `RetiringPrincipal` there is the same; a service of AWS goes into
#   `GranteeServicePrincipal`.
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Workers:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Orders
#               GranteePrincipal: arn:aws:iam::111122223333:role/worker-* # finding
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   The `Ref` of a role is its name, the ARN is `Fn::GetAtt Role.Arn`:
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Role:
#       Type: AWS::IAM::Role
#       Properties:
#         RoleName: deploy
#         AssumeRolePolicyDocument:
#           Version: '2012-10-17'
#           Statement:
#             - Effect: Allow
#               Principal: {Service: lambda.amazonaws.com}
#               Action: sts:AssumeRole
#     Operators:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Orders
#               GranteePrincipal: arn:aws:iam::111122223333:group/operators # finding
#               RetiringPrincipal: !Ref Role # finding
#               Operations: [DescribeKey]
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ```yaml good
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Fn::ForEach::Grants:
#       - Name
#       - [a, b]
#       - Worker${Name}:
#           Type: Custom::AWS
#           Properties:
#             ServiceToken: !ImportValue AwsCustomResource
#             Create:
#               Fn::ToJsonString:
#                 service: KMS
#                 action: createGrant
#                 parameters:
#                   KeyId: !Ref Orders
#                   GranteePrincipal: !Sub arn:aws:iam::111122223333:role/worker-${Name}
#                   RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#                   Operations: [Decrypt]
#                   Constraints: {EncryptionContextEquals: {Department: Orders}}
#                 physicalResourceId: {responsePath: GrantId}
#             Delete:
#               Fn::ToJsonString:
#                 service: KMS
#                 action: revokeGrant
#                 parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ## When it is fine
#
#   Roles, users, sessions of both, and the roots of accounts are principals, in every partition. The
#   names of services are not reported either. AWS documents them for an argument that the provider
#   does not have (`GranteeServicePrincipal`), but the provider takes them for this one, and its own
#   tests make such grants:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "table" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "dynamodb.eu-west-1.amazonaws.com"
#     retiring_principal = "dynamodb.eu-west-1.amazonaws.com"
#     operations         = ["Decrypt", "DescribeKey"]
#
#     constraints {
#       encryption_context_subset = { "aws:dynamodb:tableName" = "orders" }
#     }
#   }
#   ```
#
#   Nothing is said of a text of which only a part is known, unless that part is refused with whatever
#   stands in its holes.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
#   - https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/kms_grant.html.markdown
# schemas:
#   - input: schema.grant
# custom: {severity: high, since: 0.1.0, written: true}
package grantlint.invalid_grantee

import data.grantlint.lib

deny contains hit("grantee_principal", "grantee", input.grantee_refused) if {
	lib.is_given(input.grantee_refused)
}

deny contains hit("retiring_principal", "retiring principal", input.retiring_refused) if {
	lib.is_given(input.retiring_refused)
}

warn contains hit("grantee_principal", "grantee", input.grantee_refused) if {
	lib.shows_given(input.grantee_refused)
}

warn contains hit("retiring_principal", "retiring principal", input.retiring_refused) if {
	lib.shows_given(input.retiring_refused)
}

hit(name, role, refused) := {
	"at": [name],
	"message": sprintf("apply fails: the %s %s", [role, lib.first_text(refused)]),
}
