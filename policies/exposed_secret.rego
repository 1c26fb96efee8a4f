# METADATA
# title: Grant shows a secret in its name or constraints
# description: |
#   ## Why it matters
#
#   The name of a grant and the encryption context in its constraints are no secrets to AWS. They stand
#   in plain text in CloudTrail, in every entry for the grant and for the calls that use it, and
#   `kms:ListGrants` shows them to auditors and scanners. A password or a token among them is known to
#   all of these, for as long as the logs are kept.
#
#   ## What it finds
#
#   A name or a value that Terraform or CloudFormation (`NoEcho`) keeps as sensitive:
#
#   ```hcl bad
#   variable "token" {
#     type      = string
#     sensitive = true
#   }
#
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" {
#     name               = var.token # finding
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Tenant = "orders" }
#     }
#   }
#   ```
#
#   And a literal that has the form of a credential (an access key id of AWS, a token of GitHub, GitLab,
#   Slack or Stripe, a private key), or that is the value of a pair called `password`, `api_key`,
#   `private_key` or the like:
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
#       encryption_context_equals = { password = "correct horse" } # finding
#     }
#   }
#   ```
#
#   Terraform keeps all constraints of a grant as sensitive when one value among them is, so that the
#   finding stands at the grant:
#
#   ```hcl bad
#   variable "token" {
#     type      = string
#     sensitive = true
#   }
#
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "etl" { # finding
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/etl"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_equals = { Tenant = var.token }
#     }
#   }
#   ```
#
#   All are of low severity: many values that are kept as sensitive are not. The finding never shows
#   the value.
#
#   ## How to fix it
#
#   Let the encryption context say what the data is, by a name that everybody may know, and change what
#   was in it, since the logs have it:
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
#       encryption_context_equals = { Tenant = "orders" }
#     }
#   }
#   ```
#
#   ## In CloudFormation
#
#   CloudFormation has no resource for grants; a custom resource makes them with `CreateGrant`. Its
#   parameters `Name` and `Constraints` take no parameter with `NoEcho` and no `{{resolve:…}}` of Secrets
#   Manager.
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Parameters:
#     Token:
#       Type: String
#       NoEcho: true
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
#               Name: !Ref Token # finding
#               KeyId: !Ref Orders
#               GranteePrincipal: arn:aws:iam::111122223333:role/etl
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt]
#               Constraints:
#                 EncryptionContextEquals: {Tenant: orders}
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
#                 EncryptionContextEquals:
#                   password: correct horse # finding
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
#                 EncryptionContextEquals: {Tenant: orders}
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
#   A value that is sensitive only because of what it comes with, as everything that is read from
#   Parameter Store, can be taken out of that with `nonsensitive`. The name of a secret is not the secret,
#   and Secrets Manager itself sends its ARN:
#
#   ```hcl good
#   resource "aws_kms_key" "secrets" {}
#
#   resource "aws_kms_grant" "app" {
#     key_id             = aws_kms_key.secrets.key_id
#     grantee_principal  = "arn:aws:iam::111122223333:role/app"
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt"]
#
#     constraints {
#       encryption_context_subset = {
#         SecretARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/password-AbCdEf"
#       }
#     }
#   }
#   ```
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/ct-creategrant.html
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
#   - https://developer.hashicorp.com/terraform/language/functions/nonsensitive
# schemas:
#   - input: schema.grant
# custom: {severity: low, since: 0.1.0}
package grantlint.exposed_secret

import data.grantlint.lib

kinds := {"encryption_context_equals", "encryption_context_subset"}

deny contains told(["name"], "the name of this grant", "is sensitive") if lib.is_sensitive(input.name)

deny contains told(["name"], "the name of this grant", "looks like a credential") if is_credential(input.name)

# Terraform keeps all constraints of a grant as sensitive when one of their values is.
deny contains told([], "a value in the constraints of this grant", "is sensitive") if {
	some kind in kinds
	lib.is_sensitive(input.constraints[kind])
}

deny contains told(["constraints", kind, pair], of_pair(pair), "is sensitive") if {
	some [kind, pair, value] in pairs
	lib.is_sensitive(value)
}

deny contains told(["constraints", kind, pair], of_pair(pair), "looks like a credential") if {
	some [kind, pair] in credentials
}

deny contains told(["constraints", kind, pair], of_pair(pair), "is a secret by its name") if {
	some [kind, pair] in named - credentials
}

# What is one of a few values.
warn contains lib.provided(told(["name"], "the name of this grant", "looks like a credential"), [taken]) if {
	is_credential(lib.first_text(input.name))
}

warn contains lib.provided(told(["constraints", kind, pair], of_pair(pair), "looks like a credential"), [taken]) if {
	some [kind, pair, value] in pairs
	is_credential(lib.first_text(value))
}

warn contains lib.provided(told(["constraints", kind, pair], of_pair(pair), "is a secret by its name"), [taken]) if {
	some [kind, pair, value] in pairs
	is_plain(lib.first_text(value))
	is_secret(pair)
}

taken := lib.clause(set(), "that one is taken", [])

# A grant with more than 8 pairs is never made: invalid-constraint says so.
pairs contains [kind, pair, value] if {
	some kind in kinds
	lib.known(input.constraints[kind])
	count(input.constraints[kind]) <= 8
	some pair, value in input.constraints[kind]
}

credentials contains [kind, pair] if {
	some [kind, pair, value] in pairs
	is_credential(value)
}

named contains [kind, pair] if {
	some [kind, pair, value] in pairs
	is_plain(value)
	is_secret(pair)
}

is_plain(value) if {
	count(value) > 0
	lib.starts_not_with(value, "arn:")
	count(split(value, "/")) == 1
}

# Keys of pairs whose values are secrets, without case, hyphens and underscores. "secret" and "token"
# are not among them: these pairs mostly name one.
is_secret(pair) if {
	replace(replace(lower(pair), "-", ""), "_", "") in {
		"accesstoken", "apikey", "authtoken", "awssecretaccesskey", "clientsecret", "databasepassword", "dbpassword",
		"passwd", "password", "privatekey", "secretaccesskey",
	}
}

of_pair(pair) := sprintf("the value of %q", [pair])

# Credentials that can be told by how they begin, the shortest of 20 characters.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
is_credential(value) if {
	count(value) >= 20
	some beginning in {
		"-----BEGIN", "AKIA", "ASIA", "ghp_", "github_pat_", "glpat-", "sk_live_", "xoxb-", "xoxp-",
	}
	startswith(value, beginning)
}

told(at, what, why) := {
	"at": at,
	"message": sprintf("%s %s, and CloudTrail and kms:ListGrants show it in plain text", [what, why]),
}
