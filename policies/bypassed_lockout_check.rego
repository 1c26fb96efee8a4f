# METADATA
# title: Key is made without the check for a lockout
# description: |
#   ## Why it matters
#
#   Before it takes a key policy, AWS KMS makes sure that the caller may change the policy again.
#   `bypass_policy_lockout_safety_check` switches that off. With the next mistake in the policy, such as
#   a role that has been renamed, a wrong account or one `Deny` too many, nobody can use or mend the
#   key. What is encrypted with it is lost unless AWS Support restores the access. It is also how an
#   attacker locks the owner out: AWS offers a control that forbids the flag in a whole organization.
#
#   ## What it finds
#
#   A key, a replica or an `aws_kms_key_policy` with the flag:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {
#     bypass_policy_lockout_safety_check = true # finding
#
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [{
#         Effect    = "Allow"
#         Principal = { AWS = "arn:aws:iam::111122223333:role/key-admin" }
#         Action    = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*"]
#         Resource  = "*"
#       }]
#     })
#   }
#   ```
#
#   ## How to fix it
#
#   Leave the argument out. If the role that runs Terraform is not to administer the key, let the
#   account delegate, as in AWS's default policy. The check then passes for a role whose IAM policy
#   allows `kms:PutKeyPolicy`, and that can be taken away in IAM:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {
#     policy = jsonencode({
#       Version = "2012-10-17"
#       Statement = [{
#         Effect    = "Allow"
#         Principal = { AWS = "arn:aws:iam::111122223333:root" }
#         Action    = "kms:*"
#         Resource  = "*"
#       }]
#     })
#   }
#   ```
#
#   ## In CloudFormation
#
#   Leave out `BypassPolicyLockoutSafetyCheck`, whose default is false:
#
#   ```yaml bad
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#       Properties:
#         BypassPolicyLockoutSafetyCheck: true # finding
#         KeyPolicy:
#           Version: '2012-10-17'
#           Statement:
#             - Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:role/key-admin}
#               Action: [kms:Describe*, kms:Get*, kms:List*, kms:Put*, kms:Revoke*]
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
#             - Effect: Allow
#               Principal: {AWS: arn:aws:iam::111122223333:root}
#               Action: kms:*
#               Resource: '*'
#   ```
#
#   ## When it is fine
#
#   AWS names one case: the principal that makes the key must not be able to change its policy
#   afterwards. Then allow this rule in a comment that says who can:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {
#     bypass_policy_lockout_safety_check = false
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
#   - https://docs.aws.amazon.com/controltower/latest/controlreference/ct-kms-pv-3.html
# schemas:
#   - input: schema.key
# custom: {severity: high, since: 0.1.0, mappings: [Control Tower CT.KMS.PV.3]}
package grantlint.bypassed_lockout_check

import data.grantlint.lib

hit := {
	"at": ["policy", "bypass_policy_lockout_safety_check"],
	"message": sprintf("AWS does not check whether anyone can change the policy of %s again: a mistake in it locks everyone out", [input.address]),
}

deny contains hit if lib.is(input.policy.bypass_policy_lockout_safety_check, true)

warn contains lib.provided(hit, clauses) if {
	lib.shows(input.policy.bypass_policy_lockout_safety_check, true)
	clauses := [lib.clause(
		{1 | lib.is(input.policy.bypass_policy_lockout_safety_check, true)},
		"the check is bypassed",
		[input.policy.bypass_policy_lockout_safety_check],
	)]
}
