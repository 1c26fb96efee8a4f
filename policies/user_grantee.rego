# METADATA
# title: Grant is given to an IAM user
# description: |
#   ## Why it matters
#
#   A user's access keys do not expire. They are copied into configuration files, build systems and
#   laptops, and whoever finds them years later has what the user has. A grant adds the key to that,
#   and neither the key policy nor the user's own policies show it: whoever cleans up the user's
#   permissions does not find it. The sessions of a role end by themselves.
#
#   ## What it finds
#
#   A grant whose grantee is an IAM user, by its ARN or by a reference. It is of low severity, as there
#   is no hole in the grant itself:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:user/etl" # finding
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   ## How to fix it
#
#   Give the grant to a role that the user, or better the workload itself, assumes:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   ## In CloudFormation
#
#   CloudFormation has no resource for grants; a custom resource makes them with `CreateGrant`. There it
#   is the parameter `GranteePrincipal` that should be the ARN of an `AWS::IAM::Role`.
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Etl:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Orders
#               GranteePrincipal: arn:aws:iam::111122223333:user/etl # finding
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
#   ```yaml good
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Etl:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Orders
#               GranteePrincipal: arn:aws:iam::111122223333:role/etl
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
#   ## When it is fine
#
#   Where something outside of AWS can hold nothing but access keys. IAM Roles Anywhere, or an identity
#   provider that IAM trusts, gives temporary credentials to most of these too. A user may be the one
#   that retires a grant, which gives it no use of the key:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:user/operator"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html
# schemas:
#   - input: schema.grant
# custom: {severity: low, since: 0.1.0}
package grantlint.user_grantee

import data.grantlint.lib

hit := {
	"at": ["grantee_principal"],
	"message": sprintf("%s uses the key with access keys that do not expire, a role has temporary ones", [who]),
}

who := input.who if {
	lib.is(input.grantee.kind, "user")
} else := "a user"

deny contains hit if lib.is(input.grantee.kind, "user")

warn contains lib.provided(hit, clauses) if {
	some one in lib.each(input.grantee)
	lib.shows(one.kind, "user")
	clauses := [lib.clause({1 | lib.is(input.grantee.kind, "user")}, "that one is taken", [input.grantee.kind])]
}
