# METADATA
# title: Condition does not keep grants to services of AWS
# description: |
#   ## Why it matters
#
#   `kms:GrantIsForAWSResource` is true where a service of AWS creates the grant for someone, to attach
#   an encrypted volume for example. A condition that it is true lets principals use such
#   services and keeps them from creating grants themselves, with which they could give every operation
#   to anyone. A condition that something else meets as well is no hindrance, and one that asks for
#   `false` turns the meaning round: the services are kept out, and the grants that an attacker would
#   create are let in.
#
#   ## What it finds
#
#   A statement that allows `kms:CreateGrant` with a condition on `kms:GrantIsForAWSResource` which a
#   call of the principal's own can meet: its value is `false`, its operator is `…IfExists`, or `Null`
#   asks no more than that the key is there.
#
#   ```hcl bad
#   resource "aws_kms_key" "volumes" {
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [
#         {
#           Sid       = "DelegateToIAM"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:root" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = { Bool = { "kms:GrantIsForAWSResource" = "false" } } # finding
#         },
#         {
#           Sid       = "Partner"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::444455556666:root" }
#           Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
#           Resource  = "*"
#           Condition = { BoolIfExists = { "kms:GrantIsForAWSResource" = "true" } } # finding
#         },
#       ]
#     })
#   }
#   ```
#
#   ## How to fix it
#
#   `Bool` and `true`:
#
#   ```hcl good
#   resource "aws_kms_key" "volumes" {
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
#           Sid       = "GrantsForVolumes"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::444455556666:root" }
#           Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
#           Resource  = "*"
#           Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
#         },
#       ]
#     })
#   }
#   ```
#
#   Where an application has to create grants itself, say instead what they may be, with `ForAllValues` on
#   `kms:GrantOperations` and with `kms:GranteePrincipal`.
#
#   ## In CloudFormation
#
#   The same in the `KeyPolicy` of `AWS::KMS::Key` and in IAM policies:
#
#   ```yaml bad
#   Resources:
#     Volumes:
#       Type: AWS::KMS::Key
#       Properties:
#         KeyPolicy:
#           Version: '2012-10-17'
#           Statement:
#             - Sid: DelegateToIAM
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:root}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 Bool:
#                   kms:GrantIsForAWSResource: 'false' # finding
#             - Sid: Partner
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::444455556666:root}
#               Action: [kms:CreateGrant, kms:ListGrants, kms:RevokeGrant]
#               Resource: '*'
#               Condition:
#                 BoolIfExists:
#                   kms:GrantIsForAWSResource: 'true' # finding
#   ```
#
#   ```yaml good
#   Resources:
#     Volumes:
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
#             - Sid: GrantsForVolumes
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::444455556666:root}
#               Action: [kms:CreateGrant, kms:ListGrants, kms:RevokeGrant]
#               Resource: '*'
#               Condition:
#                 Bool:
#                   kms:GrantIsForAWSResource: 'true'
#   ```
#
#   ## When it is fine
#
#   To deny, `false` is what one wants: nobody but services may create grants. `StringEquals` with
#   `true` does what `Bool` does. And a condition beside it that says what grants may be is a restriction
#   of its own:
#
#   ```hcl good
#   resource "aws_kms_key" "volumes" {
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
#           Sid       = "OnlyServices"
#           Effect    = "Deny"
#           Principal = { AWS = "*" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = { Bool = { "kms:GrantIsForAWSResource" = "false" } }
#         },
#         {
#           Sid       = "GrantsForReaders"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/broker" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = {
#             Bool                        = { "kms:GrantIsForAWSResource" = "false" }
#             StringEquals                = { "kms:GranteePrincipal" = "arn:aws:iam::111122223333:role/reader" }
#             "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] }
#           }
#         },
#       ]
#     })
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
#   - https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
# schemas:
#   - input: schema.holder
# custom: {severity: high, since: 0.1.0}
package grantlint.loose_aws_resource_condition

import data.grantlint.lib

hit(i, j, how) := {
	"at": ["policy", "statements", i, "conditions", j, "values", 0],
	"message": sprintf("kms:GrantIsForAWSResource does not keep grants to services of AWS: %s", [how]),
}

# A negated operator is met by requests without the key, of which AWS does not say that there are any.
how(condition) := "…IfExists is also met by requests that do not say who asks" if {
	lib.is(condition.if_exists, true)
} else := "Null only asks whether the key is there" if {
	lib.is(condition.operator, "Null")
	lib.has(condition.values, "false")
} else := "false admits the grants that nobody but the caller asks for" if {
	lib.is_not_negated(condition)
	some value in condition.values
	lib.is_action(value, "false")
} else := "the value is met by false as well" if {
	lib.is(condition.operator, "StringLike")
}

deny contains hit(i, j, how(condition)) if {
	some i, statement in lib.of_kms(input)
	lib.is(statement.effect, "Allow")
	lib.has(statement.covers, "CreateGrant")
	some j, condition in statement.conditions
	lib.is(condition.name, "kms:GrantIsForAWSResource")
	every one in statement.conditions {
		lib.is(one.pins.grant, false)
	}
}

warn contains lib.provided(hit(i, j, how(condition)), clauses) if {
	some i, statement in lib.of_kms(input)
	lib.may_be(statement.effect, "Allow")
	lib.may_have(statement.covers, "CreateGrant")
	some j, condition in statement.conditions
	lib.is(condition.name, "kms:GrantIsForAWSResource")
	lib.is(condition.pins.grant, false)
	every one in statement.conditions {
		lib.may_be(one.pins.grant, false)
	}
	unsure := {one | some one in statement.conditions; lib.may_be(one.pins.grant, true)}
	clauses := [
		lib.if_allows(statement),
		lib.if_covers(statement, "CreateGrant"),
		lib.clause(
			{1 | count(unsure) == 0},
			"no other condition limits the grants",
			sort([leaf | some one in unsure; some leaf in [one.key, one.values]]),
		),
	]
}
