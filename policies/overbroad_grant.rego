# METADATA
# title: Grant allows more than one use of a key needs
# description: |
#   ## Why it matters
#
#   Whoever reads data needs `Decrypt`, whoever writes it `Encrypt` or `GenerateDataKey`, and both
#   `ReEncrypt` operations are for moving data from one key to another. A grantee with all of them has
#   the whole key, and so has whoever gets hold of it: with `ReEncryptFrom` what was encrypted under
#   the key can be put under a key of an attacker's own.
#
#   Such lists are copied, mostly from the example for Auto Scaling, whose role does need them.
#
#   ## What it finds
#
#   A grant to a role, a user or an account on a symmetric encryption key which allows to encrypt
#   (`Encrypt`, `GenerateDataKey` or `GenerateDataKeyPair`), to decrypt, and to re-encrypt both from and
#   to the key:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey"] # finding
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   It is of low severity where constraints bind all this to an encryption context, or may do so, and
#   where the configuration shows that EC2 or EKS uses the key: volumes need most of it, see below.
#
#   ## How to fix it
#
#   Keep what the grantee calls: `Decrypt` to read, `GenerateDataKey` to write, both for an application
#   that does both. A job that moves data to another key needs `ReEncryptFrom` on the old key and
#   `ReEncryptTo` on the new one, in two grants:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Encrypt", "Decrypt", "GenerateDataKey"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   What CloudTrail shows of the grantee's calls in the last weeks is a good list to begin with.
#
#   ## In CloudFormation
#
#   CloudFormation has no resource for grants. A custom resource makes them, in the CDK an
#   `AwsCustomResource` with the action `createGrant`. Name in `Operations` what the
#   grantee does with the key, and nothing more.
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
#               Operations: [Encrypt, Decrypt, ReEncryptFrom, ReEncryptTo, GenerateDataKey] # finding
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
#               Operations: [Encrypt, Decrypt, GenerateDataKey]
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
#   Services of AWS need the full set, and AWS documents it for service-linked roles, as that of Auto
#   Scaling, and for services such as Keyspaces. Grants to these are not reported:
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
#
#   Who makes encrypted volumes of EBS or copies their snapshots needs `ReEncrypt` both ways, and beside
#   it no other operation to encrypt but `GenerateDataKeyWithoutPlaintext`, which AWS asks for. That set
#   is not reported whoever has it:
#
#   ```hcl good
#   resource "aws_kms_key" "volumes" {}
#
#   resource "aws_kms_grant" "restore" {
#     key_id             = aws_kms_key.volumes.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/restore"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#
#     operations = [
#       "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
#     ]
#
#     constraints {
#       encryption_context_subset = { "aws:ebs:id" = "vol-0123456789abcdef0" }
#     }
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
#   - https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
#   - https://docs.aws.amazon.com/keyspaces/latest/devguide/encryption.customermanaged.html
#   - https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
# schemas:
#   - input: schema.grant
# custom:
#   severity: medium
#   since: 0.1.0
#   mappings:
#     - NIST 800-53 AC-6
package grantlint.overbroad_grant

import data.grantlint.lib

# GenerateDataKeyWithoutPlaintext is not among them: beside ReEncrypt it is what volumes need.
encrypting := {"Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"}

others := {"Decrypt", "ReEncryptFrom", "ReEncryptTo"}

services_of_volumes := {"ec2.amazonaws.com", "eks.amazonaws.com"}

hit := {
	"at": ["operations"],
	"message": sprintf("%s, unless it is for volumes: %s", [message, evidence[0]]),
	"severity": "low",
} if {
	count(evidence) > 0
} else := {
	"at": ["operations"],
	"message": message,
	"severity": severity,
}

message := sprintf(
	"%s may encrypt, decrypt and re-encrypt from and to this key, more than one use of it needs",
	[input.who],
)

evidence := [one.evidence | some one in input.integrations; one.service in services_of_volumes]

severity := "medium" if {
	lib.absent(input.constraints, "encryption_context_equals")
	lib.absent(input.constraints, "encryption_context_subset")
} else := "low"

deny contains hit if {
	some operation in encrypting
	lib.has_all(input.operations, others | {operation})
	lib.is_for_symmetric(input)
	lib.is_application(input.grantee)
}

warn contains lib.provided(hit, clauses) if {
	clauses := [
		lib.clause(
			{1 | some one in encrypting; lib.has_all(input.operations, others | {one})},
			"all of these are among its operations",
			[input.operations],
		),
		lib.if_symmetric(input),
		lib.if_application(input.grantee),
	]
	some operation in encrypting
	lib.shows_all(input.operations, others | {operation})
	lib.may_be_symmetric(input.key)
	lib.may_be_application(input.grantee)
}
