# METADATA
# title: Grant names nobody to retire it
# description: |
#   ## Why it matters
#
#   Grants do not expire, and one without a retiring principal waits for an administrator to end it.
#   Whoever is done with the key, or finds that the grantee is compromised, cannot give the access
#   back: that takes `kms:RevokeGrant` on the key, or the rights of the account that made the grant.
#   So grants stay that nobody needs, and each counts towards the quota of the key.
#
#   ## What it finds
#
#   A grant to a role, a user or an account that has no `retiring_principal` and whose operations do
#   not include `RetireGrant`, with which the grantee could end it. Terraform revokes a grant that is
#   removed from the configuration, so this is advice, of low severity:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" { # finding
#     key_id            = aws_kms_key.orders.key_id
#     grantee_principal = "arn:aws:iam::111122223333:role/etl"
#     operations        = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   It is of medium severity where ending the grant in time matters more: the grantee is in another
#   account than the key which is not trusted, or may make grants of its own with `CreateGrant`. The worst case is
#   `retire_on_delete = true`. Terraform then does not revoke the grant but retires it, which is up to
#   those whom the grant names, and it names nobody. If IAM does not let Terraform's role retire grants
#   of its account either, the destroy fails and the access stays:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id            = aws_kms_key.orders.key_id
#     grantee_principal = "arn:aws:iam::111122223333:role/etl"
#     operations        = ["Decrypt"]
#     retire_on_delete  = true # finding
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   ## How to fix it
#
#   Name the role that should end the grant as `retiring_principal`. It may be the one that runs
#   Terraform, the one that answers incidents, or the grantee itself, which then can give up what it
#   has and nothing more:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/etl"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   The operation `RetireGrant` does the same for the grantee alone:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id            = aws_kms_key.orders.key_id
#     grantee_principal = "arn:aws:iam::111122223333:role/etl"
#     operations        = ["Decrypt", "RetireGrant"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   With `retire_on_delete = true`, name the role that runs Terraform; or leave the argument out, so
#   that Terraform revokes the grant.
#
#   ## In CloudFormation
#
#   CloudFormation has no resource for grants. A custom resource makes them, in the CDK an
#   `AwsCustomResource` with the action `createGrant`. It revokes nothing by itself when
#   the stack is deleted (surviving-grant tells that): name a `RetiringPrincipal` and write what `Delete`
#   does, `revokeGrant` with the id of the grant.
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Etl: # finding
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
#   That is no better where `Delete` retires the grant instead of revoking it. Whether it may is then up to
#   IAM, as the grant names nobody:
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Etl: # finding
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
#               Operations: [Decrypt]
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: retireGrant
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
#               RetiringPrincipal: arn:aws:iam::111122223333:role/etl
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
#   A grant to a service-linked role or a service of AWS may be left to be revoked: nobody but the
#   service can act as its grantee, and AWS documents that for Auto Scaling without a retiring principal:
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
#   A grant that lives and dies with its Terraform configuration, and that nobody else has to end, needs
#   no retiring principal: that is why this is of low severity.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
#   - https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/kms_grant.html.markdown
# schemas:
#   - input: schema.grant
# custom: {severity: low, since: 0.1.0}
package grantlint.orphan_grant

import data.grantlint.lib

# The first case that applies: what its maker cannot end, what spreads, what is far away, the rest.
hit := {
	"at": ["retire_on_delete"],
	"message": sprintf("%s: with retire_on_delete it outlives a destroy unless IAM lets Terraform retire it", [unnamed]),
	"severity": "medium",
	"fix": {"at": ["retire_on_delete"], "op": "remove"},
} if {
	input.ends_by == "retire"
	startswith(input.source, "terraform")
} else := {
	"at": [],
	"message": sprintf("%s: the call that is to retire it fails unless IAM allows it", [unnamed]),
	"severity": "medium",
} if {
	input.ends_by == "retire"
} else := {
	"at": [],
	"message": sprintf("%s: it and the grants it makes with CreateGrant last until an administrator ends each", [unnamed]),
	"severity": "medium",
} if {
	lib.has(input.operations, "CreateGrant")
} else := {
	"at": [],
	"message": sprintf("%s: access from another account lasts until an administrator ends it", [unnamed]),
	"severity": "medium",
} if {
	lib.differs(input.grantee.account, input.key.account)
	lib.is_stranger(input.grantee)
} else := {
	"at": [],
	"message": sprintf("%s: it lasts until an administrator ends it", [unnamed]),
}

unnamed := sprintf("nobody is named to retire what %s is granted", [input.who])

deny contains hit if {
	names_nobody
	lib.has_not(input.operations, "RetireGrant")
	lib.is_application(input.grantee)
}

warn contains lib.provided(hit, clauses) if {
	clauses := [
		lib.clause(
			{1 | names_nobody},
			"retiring_principal is not set",
			[object.get(input, "retiring_principal", null)],
		),
		lib.clause(
			{1 | lib.has_not(input.operations, "RetireGrant")},
			"RetireGrant is not among its operations",
			[input.operations],
		),
		lib.if_application(input.grantee),
	]
	shows_nobody
	lib.may_lack(input.operations, "RetireGrant")
	lib.shows_application(input.grantee)
}

# The provider takes an empty text as not written.
names_nobody if lib.absent(input, "retiring_principal")

names_nobody if lib.is(input.retiring_principal, "")

shows_nobody if names_nobody

shows_nobody if {
	some nobody in {"", null}
	lib.shows(input.retiring_principal, nobody)
}
