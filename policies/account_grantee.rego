# METADATA
# title: Grant is given to a whole account
# description: |
#   ## Why it matters
#
#   A grant to an account instead of one of its roles leaves open who uses the key. The account's own
#   IAM policies decide that, and they change without anyone looking at the key; in another account
#   they are written by people who do not answer for it.
#
#   ## What it finds
#
#   A grant whose grantee is the root of an account (`arn:aws:iam::111122223333:root`). The bare number of
#   one is refused by the provider and reported by invalid-grantee. In the key's own account, and where
#   that is not known, it is of medium severity:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "reports" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:root" # finding
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["DescribeKey"]
#   }
#   ```
#
#   In an account that is not the key's it is high. foreign-grantee does not repeat it: that one is
#   about single principals of another account.
#
#   ```hcl bad
#   resource "aws_kms_grant" "partner" {
#     key_id             = "arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-1a2b-3c4d-5e6f1a2b3c4d"
#     grantee_principal  = "arn:aws:iam::444455556666:root" # finding
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["DescribeKey"]
#   }
#   ```
#
#   Of an account that is trusted (`trusted-accounts` in the configuration, or `--trusted-account`) it is
#   of medium severity again: whoever answers for both accounts still cannot see who uses the key.
#
#   ## How to fix it
#
#   Name the role that uses the key as `grantee_principal`, with a grant for each if there are several:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "reports" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/reports"
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
#   `AwsCustomResource` with the action `createGrant`. Name the role as
#   `GranteePrincipal` there, with `Fn::GetAtt` if it is in the same template.
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Reports:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Orders
#               GranteePrincipal: arn:aws:iam::111122223333:root # finding
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [DescribeKey]
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
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
#               GranteePrincipal: arn:aws:iam::444455556666:root # finding
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [DescribeKey]
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
#     Orders:
#       Type: AWS::KMS::Key
#     Reports:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Orders
#               GranteePrincipal: arn:aws:iam::111122223333:role/reports
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
#   An account may be the one that retires a grant, which gives nobody the use of the key:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "reports" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/reports"
#     retiring_principal = "arn:aws:iam::111122223333:root"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   Some vendors ask for a grant to their whole account. Ask them for the role that uses the key, and
#   where there is none, let the constraints say what the grant is for.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
# schemas:
#   - input: schema.grant
# custom:
#   severity: medium
#   since: 0.1.0
#   mappings:
#     - NIST 800-53 AC-6
package grantlint.account_grantee

import data.grantlint.lib

foreign if {
	lib.differs(input.grantee.account, input.key.account)
	lib.is_stranger(input.grantee)
}

hit := {
	"at": ["grantee_principal"],
	"message": sprintf("all of %s, which is not the key's account, may use the key: %s", [account, open]),
	"severity": "high",
} if {
	foreign
} else := {
	"at": ["grantee_principal"],
	"message": sprintf("all of %s may use the key: %s", [account, open]),
}

open := "nothing here says which of its principals do"

account := input.who if {
	lib.known(input.grantee.account)
} else := "an account"

deny contains hit if lib.is_whole_account(input.grantee)

warn contains lib.provided(hit, clauses) if {
	lib.shows_whole_account(input.grantee)
	clauses := [lib.clause({1 | lib.is_whole_account(input.grantee)}, "that one is taken", [input.grantee.kind])]
}
