# METADATA
# title: Grant lets its grantee hand out further grants
# description: |
#   ## Why it matters
#
#   With `CreateGrant` among its operations, a grantee may give what the grant allows to whoever it
#   likes, also to principals of other accounts. Nobody sees that in the key policy, in IAM or in this
#   configuration, and each of these grants has to be found and ended by itself. An attacker who gets
#   hold of the grantee for a minute can keep the key for good.
#
#   ## What it finds
#
#   A grant with `CreateGrant` whose grantee is a role, a user or an account:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt", "CreateGrant"] # finding
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   ## How to fix it
#
#   Leave `CreateGrant` out and give each principal a grant of its own, where it is seen and reviewed.
#   What a principal needs to hand a key to a service of AWS is an IAM or key policy statement for
#   `kms:CreateGrant` with the condition `kms:GrantIsForAWSResource`, not a grant:
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
#   CloudFormation has no resource for grants. A custom resource makes them, in the CDK an
#   `AwsCustomResource` with the action `createGrant`. Leave `CreateGrant` out of the
#   `Operations` there.
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
#               GranteePrincipal: arn:aws:iam::111122223333:role/etl
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt, CreateGrant] # finding
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
#   Service-linked roles and services of AWS pass a key on to what they run. AWS documents this grant
#   for Auto Scaling, and nobody but the service can use the role:
#
#   ```hcl good
#   resource "aws_kms_key" "volumes" {}
#
#   resource "aws_kms_grant" "autoscaling" {
#     key_id            = aws_kms_key.volumes.key_id
#     grantee_principal = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
#
#     operations = [
#       "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey",
#       "GenerateDataKeyWithoutPlaintext", "DescribeKey", "CreateGrant",
#     ]
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
#   - https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
# schemas:
#   - input: schema.grant
# custom:
#   severity: high
#   since: 0.1.0
#   mappings:
#     - NIST 800-53 AC-6
package grantlint.delegable_grant

import data.grantlint.lib

hit := {
	"at": ["operations"],
	"message": sprintf("%s may pass on what this grant allows, in grants that %s", [input.who, which]),
}

# Of a grant that AWS shows, its own grants stand in the same list.
which := "look like any other of the key and stay when this one ends" if {
	lib.is(input.source, "aws")
} else := "this configuration neither shows nor ends"

fixed := object.union(hit, {"fix": {"at": ["operations", at], "op": "remove"}}) if {
	some at, "CreateGrant" in input.operations
} else := hit

deny contains fixed if {
	lib.has(input.operations, "CreateGrant")
	lib.is_application(input.grantee)
}

warn contains lib.provided(hit, clauses) if {
	lib.shows_member(input.operations, "CreateGrant")
	lib.may_be_application(input.grantee)
	clauses := [
		lib.clause(
			{1 | lib.has(input.operations, "CreateGrant")},
			"CreateGrant is among its operations",
			[input.operations],
		),
		lib.if_application(input.grantee),
	]
}
