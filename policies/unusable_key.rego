# METADATA
# title: Grant on a key that AWS KMS does not find or use
# description: |
#   ## Why it matters
#
#   Terraform passes `key_id` on as it is, so neither validate nor plan says anything. `CreateGrant`
#   takes the id or the ARN of a key in the account of the caller, or the ARN of one in another account,
#   and no alias. It makes no grant on a key that is disabled or still waits for its key material. Such a
#   grant fails while the change is being applied, and what was planned with it is then made by half.
#
#   ## What it finds
#
#   An alias where the key should be, by its name or its ARN:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_alias" "orders" {
#     name          = "alias/orders"
#     target_key_id = aws_kms_key.orders.key_id
#   }
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_alias.orders.name # finding
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   A key that the configuration disables, of medium severity. A grant that was made before is kept, and
#   allows nothing until the key is enabled:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {
#     is_enabled = false
#   }
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.key_id # finding
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   A key of another account by its bare id, which AWS KMS looks up among the caller's own keys:
#
#   ```hcl bad
#   provider "aws" {
#     allowed_account_ids = ["111122223333"]
#   }
#
#   data "aws_kms_key" "shared" {
#     key_id = "arn:aws:kms:eu-west-1:444455556666:alias/shared"
#   }
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = data.aws_kms_key.shared.id # finding
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   A key with external material (`aws_kms_external_key`) without `key_material_base64` is a possible
#   finding: someone may import the material by other means, but hardly before the same apply makes the
#   grant.
#
#   ## How to fix it
#
#   Name the key by `key_id` or `arn`, through an alias by `target_key_arn`, never by the alias itself:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_alias" "orders" {
#     name          = "alias/orders"
#     target_key_id = aws_kms_key.orders.key_id
#   }
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = aws_kms_key.orders.arn
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   A key of another account is always named by its ARN:
#
#   ```hcl good
#   data "aws_kms_key" "shared" {
#     key_id = "arn:aws:kms:eu-west-1:444455556666:alias/shared"
#   }
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = data.aws_kms_key.shared.arn
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   Remove the grant together with the key, or keep the key enabled for as long as it has grants. Apply a
#   key without material first, import the material, and then add its grants.
#
#   ## In CloudFormation
#
#   Give `!GetAtt Key.Arn` or `!Ref Key` as the parameter `KeyId` of the custom resource that calls
#   `CreateGrant`, not the `!Ref` of an `AWS::KMS::Alias`. The key must not have `Enabled: false`; one with
#   `Origin: EXTERNAL` has no material while the stack is being created.
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Alias:
#       Type: AWS::KMS::Alias
#       Properties:
#         AliasName: alias/orders
#         TargetKeyId: !Ref Orders
#     Etl:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Alias # finding
#               GranteePrincipal: arn:aws:iam::111122223333:role/etl
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: !Ref Alias, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#       Properties:
#         Enabled: false
#     Etl:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Orders # finding
#               GranteePrincipal: arn:aws:iam::111122223333:role/etl
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
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
#     Alias:
#       Type: AWS::KMS::Alias
#       Properties:
#         AliasName: alias/orders
#         TargetKeyId: !Ref Orders
#     Etl:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !GetAtt Orders.Arn
#               GranteePrincipal: arn:aws:iam::111122223333:role/etl
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: !GetAtt Orders.Arn, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ## When it is fine
#
#   Data sources that look a key up by its alias give the key itself:
#
#   ```hcl good
#   data "aws_kms_alias" "orders" {
#     name = "alias/orders"
#   }
#
#   resource "aws_kms_grant" "etl" {
#     key_id             = data.aws_kms_alias.orders.target_key_arn
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Department = "Orders" }
#     }
#   }
#   ```
#
#   An incident in which a key is disabled is no reason to give up its grants: allow the finding for as
#   long as it lasts.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
#   - https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/kms_grant.html.markdown
# schemas:
#   - input: schema.grant
# custom: {severity: high, since: 0.1.0}
package grantlint.unusable_key

import data.grantlint.lib

# -- not found -----------------------------------------------------------------------------

refused := {"at": ["key_id"], "message": sprintf("apply fails: key_id %s", [lib.first_text(input.key_refused)])}

deny contains refused if lib.is_given(input.key_refused)

warn contains lib.provided(refused, clauses) if {
	lib.shows_given(input.key_refused)
	certainly := {1 | lib.is_given(input.key_refused)}
	clauses := [lib.clause(certainly, "that one is taken", [input.key_refused])]
}

# -- not usable ----------------------------------------------------------------------------

key := lib.text(input.key.address, "the key")

disabled := {
	"at": ["key_id"],
	"message": sprintf("%s is disabled: AWS KMS makes no grant on it, and one that exists allows nothing", [key]),
	"severity": "medium",
}

deny contains disabled if lib.is(input.key.enabled, false)

warn contains lib.provided(disabled, clauses) if {
	lib.shows(input.key.enabled, false)
	clauses := [lib.clause({1 | lib.is(input.key.enabled, false)}, "that is its state", [input.key.enabled])]
}

# Material may be imported by hand, between one apply and the next.
warn contains lib.provided(waiting, [lib.clause(set(), "nobody imports it otherwise", [])]) if {
	lib.shows(input.key.imported, false)
}

waiting := {
	"at": ["key_id"],
	"message": sprintf("apply fails: %s has no key material here, and AWS KMS makes no grant before it has", [key]),
}
