# METADATA
# title: Grant is given to a principal of another account
# description: |
#   ## Why it matters
#
#   Whoever administers the other account decides who can be the grantee, and thereby who may use this
#   key. They write the role's trust policy, create the user's credentials, and need not answer to those
#   who answer for the key. The key policy does not show that the account has access, and the grant
#   lasts until someone ends it, also when the account has changed hands.
#
#   ## What it finds
#
#   A grant whose grantee is a role, a user or a session of an account that is known, on a key whose
#   account is known too, when they are not the same:
#
#   ```hcl bad
#   resource "aws_kms_grant" "partner" {
#     key_id             = "arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"
#     grantee_principal  = "arn:aws:iam::444455556666:role/import" # finding
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   The account of a key is known from its ARN, from the provider (`allowed_account_ids` with one
#   account, the role that it assumes), from the root of the one account that its policy lets do
#   everything, or from the option `--account`; that of a grantee from its ARN, or from the provider of
#   the role or user in the configuration. A grant to another account as a whole is reported by
#   account-grantee instead.
#
#   An account that is trusted, by `trusted-accounts` in the configuration or by `--trusted-account`, is as
#   the key's own: a grant to one of its principals is no finding.
#
#   ## How to fix it
#
#   Give the grant to a role in the key's own account, which the other account's principal may assume:
#
#   ```hcl good
#   resource "aws_kms_grant" "partner" {
#     key_id             = "arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"
#     grantee_principal  = "arn:aws:iam::111122223333:role/partner-import"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   Where the other account has to call AWS KMS itself, allow it in the key policy: there it is seen and
#   reviewed, and conditions can narrow it.
#
#   ## In CloudFormation
#
#   CloudFormation has no resource for grants. A custom resource makes them, in the CDK an
#   `AwsCustomResource` with the action `createGrant`. Name a role of the key's own
#   account as `GranteePrincipal` there, and let the other account take on that role.
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Partner:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d
#               GranteePrincipal: arn:aws:iam::444455556666:role/import # finding
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ```yaml good
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Partner:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d
#               GranteePrincipal: arn:aws:iam::111122223333:role/partner-import
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ## When it is fine
#
#   A service-linked role can be used by its service alone, whoever administers its account. AWS
#   documents this grant for an Auto Scaling group whose volumes are encrypted with another account's
#   key:
#
#   ```hcl good
#   resource "aws_kms_grant" "autoscaling" {
#     key_id            = "arn:aws:kms:us-west-2:444455556666:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"
#     grantee_principal = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
#
#     operations = [
#       "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey",
#       "GenerateDataKeyWithoutPlaintext", "DescribeKey", "CreateGrant",
#     ]
#   }
#   ```
#
#   It is also fine where both accounts are run by the same people, as those of one workload are: say
#   that it is trusted. Then the constraints still decide what the other account can decrypt.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
#   - https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
# schemas:
#   - input: schema.grant
# custom:
#   severity: high
#   since: 0.1.0
#   mappings:
#     - NIST 800-53 AC-3
package grantlint.foreign_grantee

import data.grantlint.lib

hit := {
	"at": ["grantee_principal"],
	"message": sprintf("%s: whoever administers that account decides who may use the key", [where]),
}

where := sprintf("%s is in account %s, the key in %s", [input.who, input.grantee.account, input.key.account]) if {
	lib.known(input.grantee.account)
	lib.known(input.key.account)
} else := sprintf("%s is in another account than the key", [input.who])

deny contains hit if {
	lib.differs(input.grantee.account, input.key.account)
	lib.is_stranger(input.grantee)
	lib.is_application(input.grantee)
	lib.is_not_whole_account(input.grantee)
}

warn contains lib.provided(hit, clauses) if {
	clauses := [
		lib.clause(
			{1 | lib.differs(input.grantee.account, input.key.account)},
			"that one is taken",
			[input.grantee.account, input.key.account],
		),
		lib.if_application(input.grantee),
	]
	some one in lib.each(input.grantee)
	lib.shows_difference(one.account, input.key.account)
	lib.may_be_stranger(one)
	lib.may_be_application(one)
	lib.may_not_be_whole_account(one)
}
