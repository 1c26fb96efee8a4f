# METADATA
# title: Constraint that AWS KMS refuses or that no call meets
# description: |
#   ## Why it matters
#
#   Such a grant is refused, or it allows nothing, and Terraform's validate and plan say neither. AWS
#   KMS refuses it while the change is being applied, and what was planned together with it is then
#   made by half. Or it makes the grant, and the grantee's calls are denied.
#
#   ## What it finds
#
#   Both kinds of constraints at once, in one block or in two, or two blocks of the same kind. A grant
#   has one constraint on the encryption context:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" } # finding
#       encryption_context_subset = { Stage = "Final" }
#     }
#   }
#   ```
#
#   A constraint on the encryption context where the key is an asymmetric or an HMAC key, whose
#   operations have no encryption context:
#
#   ```hcl bad
#   resource "aws_kms_key" "signing" {
#     customer_master_key_spec = "ECC_NIST_P256"
#     key_usage                = "SIGN_VERIFY"
#   }
#
#   resource "aws_kms_grant" "release" {
#     key_id             = aws_kms_key.signing.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/release"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Sign"]
#
#     constraints {
#       encryption_context_subset = { Department = "Release" } # finding
#     }
#   }
#   ```
#
#   More than 8 pairs in one constraint, or a value of more than 384 characters.
#
#   A value with an asterisk, of medium severity. Constraints have no wildcards: the asterisk is
#   compared as it stands, and no service of AWS sends one:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { "aws:s3:arn" = "arn:aws:s3:::orders/*" } # finding
#     }
#   }
#   ```
#
#   Two pairs whose keys differ by case only, of low severity. A constraint does not tell their keys
#   apart, the calls do:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Stage = "Final", stage = "final" } # finding
#     }
#   }
#   ```
#
#   ## How to fix it
#
#   Give the grant one constraint with the exact pairs of the calls, and none on a key without
#   encryption context. Keep `encryption_context_equals` if the calls have these pairs and no others,
#   `encryption_context_subset` if they have further ones, with the pairs of both in it:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_subset = {
#         Department = "Orders"
#         Stage      = "Final"
#       }
#     }
#   }
#   ```
#
#   Remove the block from a grant on an asymmetric or HMAC key. What it can do is bounded by its
#   operations alone, so use such a key for one purpose only.
#
#   In place of a wildcard, constrain a pair that all the calls have: with a bucket key, S3 sends the
#   bucket's own ARN for every object. Or allow the calls in the key policy, where `StringLike` compares
#   `kms:EncryptionContext:aws:s3:arn` with wildcards.
#
#   ## In CloudFormation
#
#   CloudFormation has no resource for grants. A custom resource makes them, in the CDK an
#   `AwsCustomResource` with the action `createGrant`. Its `Constraints` take one of
#   `EncryptionContextEquals` and `EncryptionContextSubset`, under the same limits.
#
#   ```yaml bad
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
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints:
#                 EncryptionContextEquals: {Department: Orders} # finding
#                 EncryptionContextSubset: {Stage: Final}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Signing:
#       Type: AWS::KMS::Key
#       Properties:
#         KeySpec: ECC_NIST_P256
#         KeyUsage: SIGN_VERIFY
#     Release:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Signing
#               GranteePrincipal: arn:aws:iam::111122223333:role/release
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Sign]
#               Constraints:
#                 EncryptionContextSubset: {Department: Release} # finding
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: !Ref Signing, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ```yaml bad
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
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints:
#                 EncryptionContextEquals: # finding
#                   aws:s3:arn: arn:aws:s3:::orders/*
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
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
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints:
#                 EncryptionContextSubset: {Department: Orders, Stage: Final}
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
#   An empty map, or null, is no constraint: a module may write both arguments and fill one.
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#       encryption_context_subset = {}
#     }
#   }
#   ```
#
#   Nothing is said where the key, or whether a constraint is set, is not known. An asterisk in a context
#   of your own, which your code may really send, is a possible finding.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
#   - https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/kms_grant.html.markdown
# schemas:
#   - input: schema.grant
# custom: {severity: high, since: 0.1.0}
package grantlint.invalid_constraint

import data.grantlint.lib

kinds := {"encryption_context_equals", "encryption_context_subset"}

equals := input.constraints.encryption_context_equals

subset := input.constraints.encryption_context_subset

# -- more than one -------------------------------------------------------------------------

both := {
	"at": ["constraints", "encryption_context_equals"],
	"message": "apply fails: encryption_context_equals and encryption_context_subset are both set, a grant takes one",
	"related": [{"at": ["constraints", "encryption_context_subset"], "text": "the other constraint"}],
}

deny contains both if {
	lib.is_given(equals)
	lib.is_given(subset)
}

warn contains lib.provided(both, [both_given]) if {
	lib.is_given(equals)
	lib.shows_given(subset)
}

warn contains lib.provided(both, [both_given]) if {
	lib.shows_given(equals)
	lib.is_given(subset)
}

both_given := lib.clause({1 | lib.is_given(equals); lib.is_given(subset)}, "both are", [equals, subset])

# Two blocks of the same kind; of both kinds the first is told.
deny contains {
	"at": ["constraints", kind],
	"message": sprintf("apply fails: %d blocks constrain the encryption context, a grant takes one", [blocks]),
} if {
	blocks := input.constraints.blocks
	blocks > 1
	some kind in kinds
	some other in (kinds - {kind})
	lib.absent(input.constraints, other)
}

# -- on a key without encryption context ---------------------------------------------------

contextless(kind) := {
	"at": ["constraints", kind],
	"message": sprintf(
		"apply fails: %s is no key for symmetric encryption, the only ones with an encryption context",
		[lib.text(input.key.address, "the key")],
	),
	"fix": {"at": ["constraints", kind], "op": "remove", "safe": true},
}

deny contains contextless(kind) if {
	lib.is_not_symmetric(input.key)
	some kind in kinds
	lib.is_given(input.constraints[kind])
}

warn contains lib.provided(contextless(kind), [contextless_key, given(kind)]) if {
	lib.is_not_symmetric(input.key)
	some kind in kinds
	lib.shows_given(input.constraints[kind])
}

warn contains lib.provided(contextless(kind), [contextless_key, given(kind)]) if {
	lib.shows_not_symmetric(input.key)
	some kind in kinds
	lib.is_given(input.constraints[kind])
}

contextless_key := lib.clause(
	{1 | lib.is_not_symmetric(input.key)},
	"that is its kind",
	[input.key.spec, input.key.usage],
)

given(kind) := lib.clause(
	{1 | lib.is_given(input.constraints[kind])},
	"the constraint is set",
	[input.constraints[kind]],
)

# -- its limits ----------------------------------------------------------------------------

deny contains {
	"at": ["constraints", kind],
	"message": sprintf("apply fails: %s has %d pairs, a grant takes at most 8", [kind, pairs]),
} if {
	some kind in kinds
	lib.known(input.constraints[kind])
	pairs := count(input.constraints[kind])
	pairs > 8
}

deny contains {
	"at": ["constraints", kind],
	"message": sprintf("apply fails: the value of %q has more than the 384 characters that a grant takes", [pair]),
} if {
	some kind in kinds
	lib.known(input.constraints[kind])
	count(input.constraints[kind]) <= 8
	some pair, value in input.constraints[kind]
	is_string(value)
	count(value) > 384
}

# -- keys alike ------------------------------------------------------------------------------

deny contains {
	"at": ["constraints", kind],
	"message": sprintf("%q and %q differ by case only, and a constraint does not tell such keys apart", [pair, other]),
	"severity": "low",
} if {
	some kind in kinds
	lib.known(input.constraints[kind])
	count(input.constraints[kind]) <= 8
	some pair, _ in input.constraints[kind]
	some other, _ in input.constraints[kind]
	pair < other
	lower(pair) == lower(other)
}

# -- a wildcard that is none ---------------------------------------------------------------

literal(kind, pair) := {
	"at": ["constraints", kind],
	"message": sprintf(
		"no call meets %s: a constraint has no wildcards, the asterisk in %q is compared as it is",
		[kind, pair],
	),
	"severity": "medium",
}

# What services of AWS send are ARNs and ids; what else there is may really have an asterisk.
deny contains literal(kind, pair) if {
	some [kind, pair] in starred
	startswith(pair, "aws:")
}

deny contains literal(kind, pair) if {
	some [kind, pair] in starred
	lib.starts_with(input.constraints[kind][pair], "arn:")
}

warn contains lib.provided(literal(kind, pair), [unsent]) if {
	some [kind, pair] in starred
}

unsent := lib.clause([], "your code does not send it", [])

starred contains [kind, pair] if {
	some kind in kinds
	lib.known(input.constraints[kind])
	count(input.constraints[kind]) <= 8
	some pair, value in input.constraints[kind]
	has_asterisk(value)
}

has_asterisk(value) if {
	is_string(value)
	contains(value, "*")
}

has_asterisk(value) if contains(value["$unknown"].prefix, "*")

has_asterisk(value) if contains(value["$unknown"].suffix, "*")
