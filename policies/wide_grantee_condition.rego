# METADATA
# title: Condition on the grantee admits any account
# description: |
#   ## Why it matters
#
#   `kms:GranteePrincipal` limits for whom someone may create grants. With a wildcard in the place of the
#   account it limits no more than a name: an attacker makes a role of that name in an account of their
#   own, has a grant created for it, and uses the key from there, where nobody of this account
#   sees it.
#
#   ## What it finds
#
#   A statement that allows `kms:CreateGrant` with `StringLike`, `ArnLike` or `ArnEquals` on
#   `kms:GranteePrincipal` and a value without a fixed account. It is of high severity, and medium where
#   another condition of the statement limits the grants:
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
#           Sid       = "GrantsForReaders"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/broker" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = {
#             StringLike                  = { "kms:GranteePrincipal" = "arn:aws:iam::*:role/reader-*" } # finding
#             "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] }
#           }
#         },
#       ]
#     })
#   }
#   ```
#
#   ## How to fix it
#
#   Write the account, or the whole ARN with `StringEquals`:
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
#           Sid       = "GrantsForReaders"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/broker" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = {
#             StringLike                  = { "kms:GranteePrincipal" = "arn:aws:iam::111122223333:role/reader-*" }
#             "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] }
#           }
#         },
#       ]
#     })
#   }
#   ```
#
#   ## In CloudFormation
#
#   The same in the `KeyPolicy` of `AWS::KMS::Key`, where `${AWS::AccountId}` is the key's own account:
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
#             - Sid: GrantsForReaders
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/broker}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 StringLike:
#                   kms:GranteePrincipal: arn:aws:iam::*:role/reader-* # finding
#                 ForAllValues:StringEquals:
#                   kms:GrantOperations: [Decrypt]
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
#             - Sid: GrantsForReaders
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/broker}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 StringLike:
#                   kms:GranteePrincipal: arn:aws:iam::111122223333:role/reader-*
#                 ForAllValues:StringEquals:
#                   kms:GrantOperations: [Decrypt]
#   ```
#
#   ## When it is fine
#
#   A wildcard behind the account is fine, as whoever may make roles there answers for them. So is a
#   condition with which grants are denied, and a wildcard where a service creates the grant:
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
#           Sid       = "ThroughEC2"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = {
#             Bool       = { "kms:GrantIsForAWSResource" = "true" }
#             StringLike = { "kms:GranteePrincipal" = "arn:aws:sts::*:assumed-role/aws:ec2-infrastructure/*" }
#           }
#         },
#       ]
#     })
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grantee-principal
#   - https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
# schemas:
#   - input: schema.holder
# custom: {severity: high, since: 0.1.0}
package grantlint.wide_grantee_condition

import data.grantlint.lib

hit(i, j, statement) := {
	"at": ["policy", "statements", i, "conditions", j, "values", 0],
	"message": "kms:GranteePrincipal names no account: a grant may be for a principal of any",
	"severity": severity,
} if {
	limiting := {k | some k, one in statement.conditions; lib.may_be(one.pins.grant, true)}
	severity := {true: "high", false: "medium"}[count(limiting) == 0]
}

deny contains hit(i, j, statement) if {
	some i, statement in lib.of_kms(input)
	lib.is(statement.effect, "Allow")
	lib.has(statement.covers, "CreateGrant")
	some j, condition in statement.conditions
	is_wide(condition)
	count(by_service(statement)) == 0
}

warn contains lib.provided(hit(i, j, statement), clauses) if {
	some i, statement in lib.of_kms(input)
	lib.may_be(statement.effect, "Allow")
	lib.may_have(statement.covers, "CreateGrant")
	some j, condition in statement.conditions
	is_wide(condition)
	count(by_service(statement)) == 0
	clauses := [lib.if_allows(statement), lib.if_covers(statement, "CreateGrant")]
}

# A pattern that some principal of each account meets.
is_wide(condition) if {
	lib.is(condition.name, "kms:GranteePrincipal")
	some operator in {"StringLike", "ArnLike", "ArnEquals"}
	lib.is(condition.operator, operator)
	lib.is(condition.pins.grant, false)
}

# The conditions with which perhaps only a service can create the grant.
by_service(statement) := {k |
	some k, one in statement.conditions
	some name in {"kms:GrantIsForAWSResource", "kms:ViaService", "aws:CalledVia", "aws:ViaAWSService"}
	lib.may_be(one.name, name)
	lib.may_be(one.pins.grant, true)
}
