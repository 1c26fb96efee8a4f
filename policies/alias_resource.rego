# METADATA
# title: IAM policy names a key by an alias, which allows nothing
# description: |
#   ## Why it matters
#
#   The resource of an operation on a key is the key. A statement whose resource is the ARN of an alias
#   allows the operations on the alias itself (`kms:CreateAlias`, `kms:UpdateAlias`, `kms:DeleteAlias`)
#   and nothing else: `kms:Decrypt` on it is denied, at run time, in production. The usual repair
#   under pressure is `*` as the resource, which allows it on every key.
#
#   ## What it finds
#
#   A statement of an IAM policy with `"Effect": "Allow"` that names an operation on keys, while all of
#   its resources are aliases:
#
#   ```hcl bad
#   resource "aws_iam_policy" "app" {
#     name = "app"
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [{
#         Effect   = "Allow"
#         Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
#         Resource = "arn:aws:kms:eu-west-1:111122223333:alias/orders" # finding
#       }]
#     })
#   }
#   ```
#
#   A statement that denies them so denies nothing, and is of high severity:
#
#   ```hcl bad
#   data "aws_iam_policy_document" "app" {
#     statement {
#       effect    = "Deny"
#       actions   = ["kms:Decrypt"]
#       resources = ["arn:aws:kms:*:*:alias/payments"] # finding
#     }
#   }
#
#   resource "aws_iam_policy" "app" {
#     name   = "app"
#     policy = data.aws_iam_policy_document.app.json
#   }
#   ```
#
#   ## How to fix it
#
#   Name the key, by reference where it is in the same configuration. A key that is known by its alias
#   only is named with a condition on `kms:ResourceAliases`, or in a data source:
#
#   ```hcl good
#   resource "aws_iam_policy" "app" {
#     name = "app"
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [{
#         Effect    = "Allow"
#         Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
#         Resource  = "arn:aws:kms:eu-west-1:111122223333:key/*"
#         Condition = { "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/orders" } }
#       }]
#     })
#   }
#   ```
#
#   ```hcl good
#   data "aws_kms_alias" "orders" {
#     name = "alias/orders"
#   }
#
#   resource "aws_iam_policy" "app" {
#     name = "app"
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [{
#         Effect   = "Allow"
#         Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
#         Resource = data.aws_kms_alias.orders.target_key_arn
#       }]
#     })
#   }
#   ```
#
#   ## In CloudFormation
#
#   The same in the `PolicyDocument` of `AWS::IAM::Policy`, `AWS::IAM::ManagedPolicy`,
#   `AWS::IAM::RolePolicy` or the `Policies` of `AWS::IAM::Role`:
#
#   ```yaml bad
#   Resources:
#     App:
#       Type: AWS::IAM::ManagedPolicy
#       Properties:
#         ManagedPolicyName: app
#         PolicyDocument:
#           Version: '2012-10-17'
#           Statement:
#             - Effect: Allow
#               Action: [kms:Decrypt, kms:GenerateDataKey]
#               Resource: arn:aws:kms:eu-west-1:111122223333:alias/orders # finding
#   ```
#
#   ```yaml good
#   Resources:
#     App:
#       Type: AWS::IAM::ManagedPolicy
#       Properties:
#         ManagedPolicyName: app
#         PolicyDocument:
#           Version: '2012-10-17'
#           Statement:
#             - Effect: Allow
#               Action: [kms:Decrypt, kms:GenerateDataKey]
#               Resource: arn:aws:kms:eu-west-1:111122223333:key/*
#               Condition:
#                 ForAnyValue:StringEquals:
#                   kms:ResourceAliases: alias/orders
#   ```
#
#   ## When it is fine
#
#   The operations on aliases need a permission on the alias and one on the key:
#
#   ```hcl good
#   resource "aws_iam_policy" "aliases" {
#     name = "aliases"
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [{
#         Effect   = "Allow"
#         Action   = ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"]
#         Resource = ["arn:aws:kms:eu-west-1:111122223333:alias/orders"]
#       }]
#     })
#   }
#   ```
#
#   A statement that names a key beside the alias is not reported. A resource or an action that is not
#   known accuses nobody.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
# schemas:
#   - input: schema.identity
# custom: {severity: medium, since: 0.1.0}
package grantlint.alias_resource

import data.grantlint.lib

consequence := {
	"Allow": {"says": "this statement allows nothing", "severity": "medium"},
	"Deny": {"says": "this statement denies nothing", "severity": "high"},
}

faults contains [at, effect, hit] if {
	some at, statement in input.policy.statements
	lib.is_about_aliases(statement)
	some effect, what in consequence
	hit := {
		"at": ["policy", "statements", at, "resources", 0],
		"message": sprintf("%s is not an operation on an alias but on its key: %s", [lib.of_keys(statement), what.says]),
		"severity": what.severity,
	}
}

deny contains hit if {
	some [at, effect, hit] in faults
	lib.is(input.policy.statements[at].effect, effect)
}

warn contains lib.provided(hit, [effective]) if {
	some [at, effect, hit] in faults
	written := input.policy.statements[at].effect
	lib.shows(written, effect)
	effective := lib.clause({1 | lib.is(written, effect)}, sprintf("its effect is %s", [effect]), [written])
}
