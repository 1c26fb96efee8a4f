# METADATA
# title: Key policy speaks of kms:RetireGrant, to no effect
# description: |
#   ## Why it matters
#
#   Who may retire a grant is said by the grant: its retiring principal, its grantee if `RetireGrant` is
#   among the operations, and the account in which it was created. AWS does not regard `kms:RetireGrant` in
#   a key policy. Whoever relies on such a statement finds that grants cannot be retired, or, where the
#   statement denies, that they are: an attacker with the role of a grantee retires the grant that an
#   application needs.
#
#   ## What it finds
#
#   A statement of a key policy that names `kms:RetireGrant` itself. It is low, and medium where the
#   statement denies, as it protects nothing:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [
#         {
#           Sid       = "Administer"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:root" }
#           Action    = "kms:*"
#           Resource  = "*"
#         },
#         {
#           Sid       = "EndGrants"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/deploy" }
#           Action = [
#             "kms:ListGrants",
#             "kms:RetireGrant", # finding
#           ]
#           Resource = "*"
#         },
#         {
#           Sid       = "KeepGrants"
#           Effect    = "Deny"
#           Principal = { AWS = "*" }
#           Action    = "kms:RetireGrant" # finding
#           Resource  = "*"
#         },
#       ]
#     })
#   }
#   ```
#
#   ## How to fix it
#
#   Set `retiring_principal` on the grant, or allow `kms:RevokeGrant`, which ends a grant as well and is
#   decided by the key policy:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [
#         {
#           Sid       = "Administer"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:root" }
#           Action    = "kms:*"
#           Resource  = "*"
#         },
#         {
#           Sid       = "EndGrants"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/deploy" }
#           Action    = ["kms:ListGrants", "kms:RevokeGrant"]
#           Resource  = "*"
#         },
#       ]
#     })
#   }
#   ```
#
#   In an IAM policy `kms:RetireGrant` is effective, to deny it too.
#
#   ## In CloudFormation
#
#   CloudFormation has no resource for grants. What makes them, a custom resource with `CreateGrant`, names
#   the `RetiringPrincipal`; in the `KeyPolicy` allow `kms:RevokeGrant`.
#
#   ```yaml bad
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#       Properties:
#         KeyPolicy:
#           Version: '2012-10-17'
#           Statement:
#             - Sid: Administer
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:root}
#               Action: kms:*
#               Resource: '*'
#             - Sid: EndGrants
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/deploy}
#               Action:
#                 - kms:ListGrants
#                 - kms:RetireGrant # finding
#               Resource: '*'
#             - Sid: KeepGrants
#               Effect: Deny
#               Principal: {AWS: '*'}
#               Action: kms:RetireGrant # finding
#               Resource: '*'
#   ```
#
#   ```yaml good
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#       Properties:
#         KeyPolicy:
#           Version: '2012-10-17'
#           Statement:
#             - Sid: Administer
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:root}
#               Action: kms:*
#               Resource: '*'
#             - Sid: EndGrants
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/deploy}
#               Action: [kms:ListGrants, kms:RevokeGrant]
#               Resource: '*'
#   ```
#
#   ## When it is fine
#
#   `kms:*` has the action among others. AWS itself lists `kms:RetireGrant` beside `kms:CreateGrant`, in
#   the statements for SageMaker, so that a statement which allows both is not reported:
#
#   ```hcl good
#   resource "aws_kms_key" "features" {
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [
#         {
#           Sid       = "Administer"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:root" }
#           Action    = "kms:*"
#           Resource  = "*"
#         },
#         {
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/science" }
#           Action    = ["kms:Decrypt", "kms:CreateGrant", "kms:RetireGrant"]
#           Resource  = "*"
#           Condition = { StringLike = { "kms:ViaService" = "sagemaker.*.amazonaws.com" } }
#         },
#       ]
#     })
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
#   - https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-security.html
# schemas:
#   - input: schema.key
# custom: {severity: low, since: 0.1.0}
package grantlint.ineffective_retire_grant

import data.grantlint.lib

hit(i, j, statement) := {
	"at": ["policy", "statements", i, "actions", j],
	"message": "kms:RetireGrant cannot be denied by a key policy: whoever the grant says may retire it",
	"severity": "medium",
} if {
	lib.is(statement.effect, "Deny")
} else := {
	"at": ["policy", "statements", i, "actions", j],
	"message": "kms:RetireGrant cannot be allowed by a key policy: only a grant says who may retire it",
}

deny contains hit(i, j, statement) if {
	some i, statement in input.policy.statements
	lib.is(statement.not_action, false)
	some j, action in statement.actions
	lib.is_action(action, "kms:RetireGrant")
	is_relied_on(statement)
}

warn contains lib.provided(hit(i, j, statement), [chosen]) if {
	some i, statement in input.policy.statements
	lib.is(statement.not_action, false)
	some j, action in statement.actions
	lib.shows_action(action, "kms:RetireGrant")
	is_relied_on(statement)
	chosen := lib.clause({1 | lib.is_action(action, "kms:RetireGrant")}, "that one is taken", [action])
}

is_relied_on(statement) if lib.is(statement.effect, "Deny")

is_relied_on(statement) if lib.has_not(statement.covers, "CreateGrant")
