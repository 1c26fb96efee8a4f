# METADATA
# title: Condition has a value that no request has
# description: |
#   ## Why it matters
#
#   A value that never occurs makes a condition that is never met, and nothing says so: AWS takes the
#   policy as it is. To allow, that costs the access that the statement was written for. To deny, it is
#   worse: what was to be kept out is not.
#
#   ## What it finds
#
#   A wildcard under `StringEquals`, which compares it as a character like any other, for keys whose values
#   never have one. Accounts that are no accounts, aliases by their ARN, services without a Region, and
#   operations that no grant has, in conditions on `kms:GrantOperations`:
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
#           Sid       = "ThroughS3"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
#           Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
#           Resource  = "*"
#           Condition = { StringEquals = { "kms:ViaService" = "s3.*.amazonaws.com" } } # finding
#         },
#         {
#           Sid       = "NotForVisitors"
#           Effect    = "Deny"
#           Principal = { AWS = "*" }
#           Action    = "kms:Decrypt"
#           Resource  = "*"
#           Condition = { StringEquals = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/visitor-*" } } # finding
#         },
#         {
#           Sid       = "NoGrantsToRead"
#           Effect    = "Deny"
#           Principal = { AWS = "*" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = { "ForAnyValue:StringEquals" = { "kms:GrantOperations" = ["kms:Decrypt"] } } # finding
#         },
#       ]
#     })
#   }
#   ```
#
#   Its severity says what follows: high where something is let in that was to be kept out (a statement
#   that denies, or a negated condition of one that allows), medium where a statement allows less than
#   was meant, and low for a service without a Region.
#
#   ## How to fix it
#
#   `StringLike` for patterns, and for ARNs `ArnLike`. Operations of grants have no prefix:
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
#           Sid       = "ThroughS3"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
#           Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
#           Resource  = "*"
#           Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
#         },
#         {
#           Sid       = "NotForVisitors"
#           Effect    = "Deny"
#           Principal = { AWS = "*" }
#           Action    = "kms:Decrypt"
#           Resource  = "*"
#           Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/visitor-*" } }
#         },
#         {
#           Sid       = "NoGrantsToRead"
#           Effect    = "Deny"
#           Principal = { AWS = "*" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = { "ForAnyValue:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] } }
#         },
#       ]
#     })
#   }
#   ```
#
#   ## In CloudFormation
#
#   The same in the `KeyPolicy` of `AWS::KMS::Key`:
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
#             - Sid: ThroughS3
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/app}
#               Action: [kms:Decrypt, kms:GenerateDataKey]
#               Resource: '*'
#               Condition:
#                 StringEquals:
#                   kms:ViaService: s3.*.amazonaws.com # finding
#             - Sid: NotForVisitors
#               Effect: Deny
#               Principal: {AWS: '*'}
#               Action: kms:Decrypt
#               Resource: '*'
#               Condition:
#                 StringEquals:
#                   aws:PrincipalArn: arn:aws:iam::111122223333:role/visitor-* # finding
#             - Sid: NoGrantsToRead
#               Effect: Deny
#               Principal: {AWS: '*'}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 ForAnyValue:StringEquals:
#                   kms:GrantOperations: [kms:Decrypt] # finding
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
#             - Sid: ThroughS3
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/app}
#               Action: [kms:Decrypt, kms:GenerateDataKey]
#               Resource: '*'
#               Condition:
#                 StringLike:
#                   kms:ViaService: s3.*.amazonaws.com
#             - Sid: NotForVisitors
#               Effect: Deny
#               Principal: {AWS: '*'}
#               Action: kms:Decrypt
#               Resource: '*'
#               Condition:
#                 ArnLike:
#                   aws:PrincipalArn: arn:aws:iam::111122223333:role/visitor-*
#             - Sid: NoGrantsToRead
#               Effect: Deny
#               Principal: {AWS: '*'}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 ForAnyValue:StringEquals:
#                   kms:GrantOperations: [Decrypt]
#   ```
#
#   ## When it is fine
#
#   `ArnEquals` takes wildcards as `ArnLike` does. An encryption context of your own may really have an
#   asterisk in it; there the finding is a possible one. An operation newer than this rule would be
#   reported although AWS has it. Nothing is said of values that IAM puts in (`${aws:username}`), nor of
#   what is not known:
#
#   ```hcl good
#   variable "region" {
#     type = string
#   }
#
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
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
#           Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
#           Resource  = "*"
#           Condition = {
#             StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }
#             ArnEquals    = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/app-*" }
#           }
#         },
#       ]
#     })
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
#   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-operations
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
# schemas:
#   - input: schema.holder
# custom: {severity: medium, since: 0.1.0}
package grantlint.unmatched_condition_value

import data.grantlint.lib

hit(at, condition, why, follows, severity) := {
	"at": array.concat(["policy", "statements"], at),
	"message": sprintf("%s: no request has it as %s, so %s", [why, condition.key, follows.means]),
	"severity": severity,
}

# What follows, by the effect and whether the condition is negated.
effect(statement, condition) := {"means": "the statement does not deny it", "severity": "high"} if {
	lib.is(statement.effect, "Deny")
	lib.is_not_negated(condition)
} else := {"means": "the condition spares nothing", "severity": "medium"} if {
	lib.is(statement.effect, "Deny")
} else := {"means": "the condition keeps nothing out", "severity": "high"} if {
	lib.is_negated(condition)
} else := {"means": "the statement allows nothing by it", "severity": "medium"}

# A service without a Region is so written by AWS itself in one place.
harm(follows, condition, kind) := "low" if {
	follows.severity == "medium"
	kind == "form"
	lib.is(condition.name, "kms:ViaService")
} else := follows.severity

deny contains hit([i, "conditions", j, "values", k], condition, one.why, follows, severity) if {
	some i, statement in lib.of_kms(input)
	lib.known(statement.effect)
	some j, condition in statement.conditions
	some k, one in condition.unmatched
	is_string(one.why)
	follows := effect(statement, condition)
	severity := harm(follows, condition, one.kind)
}

warn contains lib.provided(hit([i, "conditions", j, "values", k], condition, why, follows, severity), clauses) if {
	some i, statement in lib.of_kms(input)
	some j, condition in statement.conditions
	some k, one in condition.unmatched
	lib.shows_given(one.why)
	why := lib.first_text(one.why)
	follows := effect(statement, condition)
	severity := harm(follows, condition, one.kind)
	clauses := [
		lib.clause({1 | lib.known(statement.effect)}, "that is its effect", [statement.effect]),
		lib.clause({1 | is_string(one.why)}, "that is the value", [one.why]),
	]
}
