# METADATA
# title: Key is not rotated
# description: |
#   ## Why it matters
#
#   AWS KMS can make new key material each year, and keeps the old for what is encrypted with it, so
#   that rotation changes nothing for those who use the key. It limits how much is encrypted with the
#   same material. Many catalogues of controls ask for it. It is no answer to a key that is misused:
#   whoever may use the key may use its new material too. So this rule is asked only where it is named.
#
#   ## What it finds
#
#   An enabled symmetric encryption key, with material that AWS KMS made, without
#   `enable_key_rotation = true`:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" { # finding
#     description = "orders"
#   }
#   ```
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {
#     enable_key_rotation = false # finding
#   }
#   ```
#
#   ## How to fix it
#
#   Turn it on:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {
#     enable_key_rotation = true
#   }
#   ```
#
#   ## In CloudFormation
#
#   Set `EnableKeyRotation` of `AWS::KMS::Key`, whose default is false too, to true:
#
#   ```yaml bad
#   Resources:
#     Orders: # finding
#       Type: AWS::KMS::Key
#       Properties:
#         Description: orders
#   ```
#
#   ```yaml bad
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#       Properties:
#         EnableKeyRotation: false # finding
#   ```
#
#   ```yaml good
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#       Properties:
#         EnableKeyRotation: true
#   ```
#
#   ## When it is fine
#
#   AWS KMS does not rotate asymmetric keys, HMAC keys, imported key material and keys in a custom key
#   store by itself. A replica has the rotation of its primary. A disabled key encrypts nothing. None of
#   these is reported:
#
#   ```hcl good
#   resource "aws_kms_key" "signing" {
#     customer_master_key_spec = "ECC_NIST_P256"
#     key_usage                = "SIGN_VERIFY"
#   }
#
#   resource "aws_kms_key" "old" {
#     is_enabled = false
#   }
#
#   resource "aws_kms_external_key" "imported" {
#     enabled = true
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
#   - https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-4
#   - https://docs.aws.amazon.com/config/latest/developerguide/cmk-backing-key-rotation-enabled.html
#   - https://docs.aws.amazon.com/controltower/latest/controlreference/kms-rules.html
# schemas:
#   - input: schema.key
# custom:
#   severity: low
#   since: 0.1.0
#   opt_in: true
#   mappings:
#     - Security Hub KMS.4
#     - Control Tower CT.KMS.PR.1
#     - CIS AWS Foundations 3.6
#     - NIST 800-53 SC-12
package grantlint.disabled_key_rotation

import data.grantlint.lib

hit := {
	"at": ["enable_key_rotation"],
	"message": sprintf("the key material of %s stays the same for as long as the key exists", [input.address]),
}

deny contains hit if {
	lib.is(input.enable_key_rotation, false)
	rotatable
}

# What is rotated is a key that can be. A replica has no enable_key_rotation.
rotatable if {
	lib.is(input.origin, "AWS_KMS")
	lib.is(input.enabled, true)
	lib.is_symmetric(input)
}

warn contains lib.provided(hit, clauses) if {
	lib.shows(input.enable_key_rotation, false)
	rotatable
	clauses := [lib.clause(
		{1 | lib.is(input.enable_key_rotation, false)},
		"its rotation is not enabled",
		[input.enable_key_rotation],
	)]
}
