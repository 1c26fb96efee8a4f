# METADATA
# title: Condition has the wrong set operator, or none
# description: |
#   ## Why it matters
#
#   A condition key with many values needs to be told how they are compared: `ForAllValues` asks that each
#   value of the request is among those of the policy, `ForAnyValue` that one is. The one in the place
#   of the other reads well and does something else. With `ForAnyValue` on `kms:GrantOperations`,
#   someone who may create grants for `Encrypt` creates one for `Encrypt` and `Decrypt`, and reads what
#   they were to write only.
#
#   ## What it finds
#
#   | statement | condition | what happens | severity |
#   |---|---|---|---|
#   | Allow | `ForAnyValue` on `kms:GrantOperations` | other operations come along | high |
#   | Deny | `ForAllValues` on `kms:GrantOperations` | with one more operation a grant is not denied | high |
#   | Allow | `ForAllValues` on `kms:EncryptionContext:…` or `aws:RequestTag/…` | AWS KMS refuses the policy | high |
#   | both | none, on a key with many values | AWS leaves open what is compared | medium |
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
#           Sid       = "GrantsForWriters"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/ingest" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = {
#             StringEquals               = { "kms:GranteePrincipal" = "arn:aws:iam::111122223333:role/writer" }
#             "ForAnyValue:StringEquals" = { "kms:GrantOperations" = ["Encrypt", "GenerateDataKey"] } # finding
#           }
#         },
#         {
#           Sid       = "NoGrantsForReaders"
#           Effect    = "Deny"
#           Principal = { AWS = "*" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = {
#             "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] } # finding
#           }
#         },
#       ]
#     })
#   }
#   ```
#
#   The keys with many values are `kms:GrantOperations`, `kms:EncryptionContextKeys`, `kms:ResourceAliases`,
#   `aws:TagKeys`, `aws:CalledVia`, `aws:PrincipalServiceNamesList` and those that end in `OrgPaths`:
#
#   ```hcl bad
#   data "aws_iam_policy_document" "orders" {
#     statement {
#       actions   = ["kms:Decrypt"]
#       resources = ["*"]
#
#       principals {
#         type        = "AWS"
#         identifiers = ["arn:aws:iam::111122223333:role/app"]
#       }
#
#       condition {
#         test     = "StringEquals"
#         variable = "kms:EncryptionContextKeys"
#         values   = ["Department"] # finding
#       }
#     }
#   }
#
#   resource "aws_kms_key" "orders" {
#     policy = data.aws_iam_policy_document.orders.json
#   }
#   ```
#
#   `kms:EncryptionContext:Department` has one value or none. `ForAllValues` would also be met by a request
#   without it, so AWS KMS answers `OverlyPermissiveCondition`:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [{
#         Effect    = "Allow"
#         Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
#         Action    = "kms:Decrypt"
#         Resource  = "*"
#         Condition = {
#           "ForAllValues:StringEquals" = { "kms:EncryptionContext:Department" = "Orders" } # finding
#         }
#       }]
#     })
#   }
#   ```
#
#   ## How to fix it
#
#   To allow: `ForAllValues` on `kms:GrantOperations`, `StringEquals` on a pair of the encryption context.
#   To deny: `ForAnyValue`.
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
#           Sid       = "GrantsForWriters"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/ingest" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = {
#             StringEquals                = { "kms:GranteePrincipal" = "arn:aws:iam::111122223333:role/writer" }
#             "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Encrypt", "GenerateDataKey"] }
#           }
#         },
#         {
#           Sid       = "NoGrantsForReaders"
#           Effect    = "Deny"
#           Principal = { AWS = "*" }
#           Action    = "kms:CreateGrant"
#           Resource  = "*"
#           Condition = {
#             "ForAnyValue:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] }
#           }
#         },
#         {
#           Sid       = "Use"
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
#           Action    = "kms:Decrypt"
#           Resource  = "*"
#           Condition = { StringEquals = { "kms:EncryptionContext:Department" = "Orders" } }
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
#             - Sid: GrantsForWriters
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/ingest}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 StringEquals:
#                   kms:GranteePrincipal: arn:aws:iam::111122223333:role/writer
#                 ForAnyValue:StringEquals:
#                   kms:GrantOperations: [Encrypt, GenerateDataKey] # finding
#             - Sid: NoGrantsForReaders
#               Effect: Deny
#               Principal: {AWS: '*'}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 ForAllValues:StringEquals:
#                   kms:GrantOperations: [Decrypt] # finding
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
#             - Sid: GrantsForWriters
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/ingest}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 StringEquals:
#                   kms:GranteePrincipal: arn:aws:iam::111122223333:role/writer
#                 ForAllValues:StringEquals:
#                   kms:GrantOperations: [Encrypt, GenerateDataKey]
#             - Sid: NoGrantsForReaders
#               Effect: Deny
#               Principal: {AWS: '*'}
#               Action: kms:CreateGrant
#               Resource: '*'
#               Condition:
#                 ForAnyValue:StringEquals:
#                   kms:GrantOperations: [Decrypt]
#             - Sid: Use
#               Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/app}
#               Action: kms:Decrypt
#               Resource: '*'
#               Condition:
#                 StringEquals:
#                   kms:EncryptionContext:Department: Orders
#   ```
#
#   ## When it is fine
#
#   `ForAnyValue` on `kms:GrantOperations` beside `ForAllValues` on the same key asks for one operation and
#   limits the others. `Null` needs no set operator, it only asks whether the key is there. And
#   `ForAnyValue` on a key with one value does what is meant:
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
#           Effect    = "Allow"
#           Principal = { AWS = "arn:aws:iam::111122223333:role/app" }
#           Action    = "kms:Encrypt"
#           Resource  = "*"
#           Condition = { Null = { "kms:EncryptionContextKeys" = "false" } }
#         },
#       ]
#     })
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-operations
#   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
# schemas:
#   - input: schema.holder
# custom: {severity: high, since: 0.1.0}
package grantlint.wrong_set_operator

import data.grantlint.lib

# -- the operations of a grant -------------------------------------------------------------

others_allowed(i, j) := {
	"at": ["policy", "statements", i, "conditions", j, "values", 0],
	"message": "a grant may have any operation beside one of these: only ForAllValues limits a grant to them",
}

deny contains others_allowed(i, j) if {
	some i, statement in lib.of_kms(input)
	lib.is(statement.effect, "Allow")
	some j, condition in statement.conditions
	of_operations(condition, "ForAnyValue")
	count(limits(statement)) == 0
}

warn contains lib.provided(others_allowed(i, j), [lib.if_allows(statement)]) if {
	some i, statement in lib.of_kms(input)
	lib.may_be(statement.effect, "Allow")
	some j, condition in statement.conditions
	of_operations(condition, "ForAnyValue")
	count(limits(statement)) == 0
}

others_spared(i, j) := {
	"at": ["policy", "statements", i, "conditions", j, "values", 0],
	"message": "a grant that has one operation more is not denied: only ForAnyValue denies it for any of them",
}

deny contains others_spared(i, j) if {
	some i, statement in lib.of_kms(input)
	lib.is(statement.effect, "Deny")
	some j, condition in statement.conditions
	of_operations(condition, "ForAllValues")
}

warn contains lib.provided(others_spared(i, j), [lib.if_denies(statement)]) if {
	some i, statement in lib.of_kms(input)
	lib.may_be(statement.effect, "Deny")
	some j, condition in statement.conditions
	of_operations(condition, "ForAllValues")
}

of_operations(condition, set) if {
	lib.is(condition.name, "kms:GrantOperations")
	lib.is(condition.set, set)
	lib.is_not(condition.operator, "Null")
}

# The conditions that may limit the operations, whatever else is asked of them.
limits(statement) := {j |
	some j, condition in statement.conditions
	lib.may_be(condition.name, "kms:GrantOperations")
	lib.may_be(condition.set, "ForAllValues")
}

# -- a key with one value ------------------------------------------------------------------

overly_permissive(i, j, condition) := {
	"at": ["policy", "statements", i, "conditions", j, "values", 0],
	"message": sprintf(
		"apply fails: AWS KMS refuses ForAllValues on %s, which has one value, as a request without it would do",
		[condition.key],
	),
}

deny contains overly_permissive(i, j, condition) if {
	some i, statement in lib.of_kms(input)
	lib.is(statement.effect, "Allow")
	some j, condition in statement.conditions
	is_refused(condition)
}

warn contains lib.provided(overly_permissive(i, j, condition), [lib.if_allows(statement)]) if {
	some i, statement in lib.of_kms(input)
	lib.may_be(statement.effect, "Allow")
	some j, condition in statement.conditions
	is_refused(condition)
}

is_refused(condition) if {
	some name in {"kms:EncryptionContext:", "aws:RequestTag/"}
	lib.is(condition.name, name)
	lib.is(condition.set, "ForAllValues")
	lib.is_not(condition.operator, "Null")
}

# -- none ----------------------------------------------------------------------------------

deny contains {
	"at": ["policy", "statements", i, "conditions", j, "values", 0],
	"message": sprintf(
		"%s has many values: without ForAllValues or ForAnyValue AWS leaves open how they are compared",
		[condition.name],
	),
	"severity": "medium",
} if {
	some i, statement in lib.of_kms(input)
	some j, condition in statement.conditions
	lib.is(condition.several, true)
	lib.absent(condition, "set")
	lib.is_not(condition.operator, "Null")
}
