# METADATA
# title: Condition asks nothing of requests without its key
# description: |
#   ## Why it matters
#
#   `ForAllValues` is met where every value that the request has for the key is among those of the policy.
#   A request that does not have the key at all has no value that is not among them, and meets it. A
#   statement with nothing else to ask for is then open to exactly those requests that its author did
#   not think of: `Decrypt` without any encryption context, which is how an attacker with the
#   role's credentials would call it, or an action that never has the key.
#
#   ## What it finds
#
#   A statement that allows, with `ForAllValues` on a key that requests can be without, and no other
#   condition on that key:
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
#           Sid       = "ReadWithContext"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
#           Action    = "kms:Decrypt"
#           Resource  = "*"
#           Condition = {
#             "ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = ["Department"] } # finding
#           }
#         },
#         {
#           Sid       = "ThroughS3"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/reports" }
#           Action    = "kms:GenerateDataKey"
#           Resource  = "*"
#           Condition = {
#             "ForAllValues:StringLike" = { "kms:ViaService" = "s3.*.amazonaws.com" } # finding
#           }
#         },
#       ]
#     })
#   }
#   ```
#
#   And an action beside those that have the key. Only requests to create a grant have
#   `kms:GrantOperations`, so that `kms:Decrypt` is allowed as if there were no condition:
#
#   ```hcl bad
#   data "aws_iam_policy_document" "orders" {
#     statement {
#       actions   = ["kms:CreateGrant", "kms:Decrypt"]
#       resources = ["*"]
#
#       principals {
#         type        = "AWS"
#         identifiers = ["arn:aws:iam::111122223333:role/cluster"]
#       }
#
#       condition {
#         test     = "ForAllValues:StringEquals"
#         variable = "kms:GrantOperations"
#         values   = ["Encrypt", "DescribeKey"] # finding
#       }
#     }
#   }
#
#   resource "aws_kms_key" "orders" {
#     policy = data.aws_iam_policy_document.orders.json
#   }
#   ```
#
#   The severity is high, and medium where the action beside neither uses the key nor controls it.
#
#   ## How to fix it
#
#   Put actions that the condition is not about into a statement of their own, and ask for the key beside
#   `ForAllValues`: with `Null` and `false`, with `ForAnyValue`, or, for the encryption context, with the
#   pair that must be there:
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
#           Sid       = "ReadWithContext"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
#           Action    = "kms:Decrypt"
#           Resource  = "*"
#           Condition = {
#             StringEquals                = { "kms:EncryptionContext:Department" = "Orders" }
#             "ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = ["Department"] }
#           }
#         },
#         {
#           Sid       = "ThroughS3"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/reports" }
#           Action    = "kms:GenerateDataKey"
#           Resource  = "*"
#           Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
#         },
#         {
#           Sid       = "Grants"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/cluster" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = {
#             "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Encrypt", "DescribeKey"] }
#           }
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
#             - Sid: ReadWithContext
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/app}
#               Action: kms:Decrypt
#               Resource: '*'
#               Condition:
#                 ForAllValues:StringEquals:
#                   kms:EncryptionContextKeys: [Department] # finding
#             - Sid: ThroughS3
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/reports}
#               Action: kms:GenerateDataKey
#               Resource: '*'
#               Condition:
#                 ForAllValues:StringLike:
#                   kms:ViaService: s3.*.amazonaws.com # finding
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
#             - Sid: ReadWithContext
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/app}
#               Action: kms:Decrypt
#               Resource: '*'
#               Condition:
#                 StringEquals:
#                   kms:EncryptionContext:Department: Orders
#                 ForAllValues:StringEquals:
#                   kms:EncryptionContextKeys: [Department]
#             - Sid: ThroughS3
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/reports}
#               Action: kms:GenerateDataKey
#               Resource: '*'
#               Condition:
#                 StringLike:
#                   kms:ViaService: s3.*.amazonaws.com
#             - Sid: Grants
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/cluster}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 ForAllValues:StringEquals:
#                   kms:GrantOperations: [Encrypt, DescribeKey]
#   ```
#
#   ## When it is fine
#
#   No grant can be created without operations, so that `ForAllValues` on `kms:GrantOperations` needs no
#   other condition. Nor does an action matter that only describes the key, or one that another
#   condition of the statement limits:
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
#           Sid       = "GrantsThroughEKS"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/cluster" }
#           Action    = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey"]
#           Resource  = "*"
#           Condition = {
#             StringEquals                = { "kms:ViaService" = "eks.eu-west-1.amazonaws.com" }
#             "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Encrypt", "DescribeKey"] }
#           }
#         },
#       ]
#     })
#   }
#   ```
#
#   `ForAllValues` on a pair of the encryption context is refused by AWS KMS, which wrong-set-operator
#   reports. `…IfExists` says openly that the key may be missing, and is not reported.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context-keys
#   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-operations
#   - https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
# schemas:
#   - input: schema.holder
# custom: {severity: high, since: 0.1.0}
package grantlint.vacuous_condition

import data.grantlint.lib

# -- no other condition on the key ---------------------------------------------------------

alone(i, j, condition) := {
	"at": ["policy", "statements", i, "conditions", j, "values", 0],
	"message": sprintf(
		"ForAllValues is also met by requests without %s, and nothing else in the statement asks for it",
		[condition.key],
	),
}

deny contains alone(i, j, condition) if {
	some i, statement in lib.of_kms(input)
	lib.is(statement.effect, "Allow")
	some j, condition in statement.conditions
	lib.is_for_all(condition)
	stands_alone(statement, condition)
}

warn contains lib.provided(alone(i, j, condition), [lib.if_allows(statement)]) if {
	some i, statement in lib.of_kms(input)
	lib.may_be(statement.effect, "Allow")
	some j, condition in statement.conditions
	lib.is_for_all(condition)
	stands_alone(statement, condition)
}

# Whether requests can be without the key, and no other condition may be on it. aws:TagKeys is what its
# actions are about, and the refused ones are left to wrong-set-operator.
stands_alone(statement, condition) if {
	lib.is(condition.always, false)
	every refused in {"kms:EncryptionContext:", "aws:RequestTag/", "aws:TagKeys"} {
		lib.is_not(condition.name, refused)
	}
	on_it := {k | some k, other in statement.conditions; lib.may_be(other.name, condition.name)}
	pairs := {k |
		condition.name == "kms:EncryptionContextKeys"
		some k, other in statement.conditions
		lib.may_be(other.name, "kms:EncryptionContext:")
	}
	count(on_it | pairs) == 1
}

# -- an action without the key -------------------------------------------------------------

beside(i, j, condition, unlimited) := {
	"at": ["policy", "statements", i, "conditions", j, "values", 0],
	"message": sprintf(
		"ForAllValues is met by every request for kms:%s, as none has %s: nothing limits it",
		[concat(" and kms:", named), condition.key],
	),
	"severity": severity,
} if {
	serious := {action | some action in unlimited; lib.harm(action) == "high"}
	named := array.slice(array.concat(sort(serious), sort(unlimited - serious)), 0, 3)
	severity := {true: "high", false: "medium"}[count(serious) > 0]
}

deny contains beside(i, j, condition, actions) if {
	some i, statement in lib.of_kms(input)
	lib.is(statement.effect, "Allow")
	some j, condition in statement.conditions
	lib.is_for_all(condition)
	actions := unlimited(statement, condition)
	count(actions) > 0
}

warn contains lib.provided(beside(i, j, condition, actions), [lib.if_allows(statement)]) if {
	some i, statement in lib.of_kms(input)
	lib.may_be(statement.effect, "Allow")
	some j, condition in statement.conditions
	lib.is_for_all(condition)
	actions := unlimited(statement, condition)
	count(actions) > 0
}

# The actions of consequence that no condition of the statement asks anything of, though the key of
# this one is what others of its actions have.
unlimited(statement, condition) := {action |
	some action in lib.consequential
	lib.has(condition.missing_for, action)
	every one in statement.conditions {
		lib.is_for_all(one)
		lib.has(one.missing_for, action)
	}
}
