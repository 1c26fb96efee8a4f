# METADATA
# title: Grant is given to a service that uses no such grant
# description: |
#   ## Why it matters
#
#   AWS documents no service as the `GranteePrincipal` of a grant that a customer makes. Services that
#   work with grants make them themselves, when the table, the domain or the file system is created
#   with the key. So such a grant is refused, or it is made and nobody uses it: the service still
#   lacks the permission that it was written for, and the grant stays in the list of those who may use
#   the key.
#
#   ## What it finds
#
#   A grant to a service of AWS by a name without a Region. Those that AWS's own grants have are
#   Regional, as `dynamodb.eu-west-1.amazonaws.com`:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "files" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "elasticfilesystem.amazonaws.com" # finding
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Decrypt", "GenerateDataKey"]
#   }
#   ```
#
#   And one to a service that uses keys by the key policy or with the permissions of its caller, whatever
#   its name: CloudFront, CloudTrail, CloudWatch, CloudWatch Logs, EventBridge, S3, SES, SNS and SQS.
#
#   ```hcl bad
#   resource "aws_kms_key" "logs" {}
#
#   resource "aws_kms_grant" "logs" {
#     key_id             = aws_kms_key.logs.key_id
#     grantee_principal  = "logs.eu-west-1.amazonaws.com" # finding
#     retiring_principal = "arn:aws:iam::111122223333:role/deploy"
#     operations         = ["Encrypt", "Decrypt", "GenerateDataKey"]
#   }
#   ```
#
#   ## How to fix it
#
#   Remove the grant, and allow the service in the key policy, for requests of your account only:
#
#   ```hcl good
#   resource "aws_kms_key" "logs" {
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
#           Sid       = "Logs"
#           Effect    = "Allow"
#           Principal = { Service = "logs.eu-west-1.amazonaws.com" }
#           Action    = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]
#           Resource  = "*"
#           Condition = {
#             ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:eu-west-1:111122223333:*" }
#           }
#         },
#       ]
#     })
#   }
#   ```
#
#   A service that makes a grant itself needs `kms:CreateGrant` for whoever creates its resource, with the
#   condition `kms:GrantIsForAWSResource` or `kms:ViaService`.
#
#   ## In CloudFormation
#
#   The statement is the same in the `KeyPolicy` of an `AWS::KMS::Key`. A custom resource that calls
#   `CreateGrant` may name a service as `GranteeServicePrincipal`, which needs a source ARN as its
#   constraint and somebody to retire the grant; AWS documents that for a few services only.
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Files:
#       Type: Custom::AWS
#       Properties:
#         ServiceToken: !ImportValue AwsCustomResource
#         Create:
#           Fn::ToJsonString:
#             service: KMS
#             action: createGrant
#             parameters:
#               KeyId: !Ref Orders
#               GranteePrincipal: elasticfilesystem.amazonaws.com # finding
#               RetiringPrincipal: arn:aws:iam::111122223333:role/deploy
#               Operations: [Decrypt, GenerateDataKey]
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ```yaml good
#   Resources:
#     Logs:
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
#             - Sid: Logs
#               Effect: Allow
#               Principal: {Service: logs.eu-west-1.amazonaws.com}
#               Action: [kms:Encrypt, kms:Decrypt, kms:GenerateDataKey*, kms:DescribeKey]
#               Resource: '*'
#               Condition:
#                 ArnLike: {'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:111122223333:*'}
#   ```
#
#   ## When it is fine
#
#   Regional names of services whose grants AWS shows in its documentation are not reported, as the
#   provider's own tests make such grants, nor is `mq.amazonaws.com`:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "table" {
#     key_id             = aws_kms_key.orders.key_id
#     grantee_principal  = "dynamodb.eu-west-1.amazonaws.com"
#     retiring_principal = "dynamodb.eu-west-1.amazonaws.com"
#     operations         = ["Decrypt", "DescribeKey"]
#
#     constraints {
#       encryption_context_subset = { "aws:dynamodb:tableName" = "orders" }
#     }
#   }
#   ```
#
#   Service-linked roles are roles, and AWS documents grants to some of them.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-services.html
#   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
#   - https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/data-protection.html
# schemas:
#   - input: schema.grant
# custom: {severity: medium, since: 0.1.0, written: true}
package grantlint.service_grantee

import data.grantlint.lib

hit := {
	"at": ["grantee_principal"],
	"message": sprintf(
		"AWS documents no grant to %s: AWS KMS refuses it, or nobody uses it and the service lacks what it needs",
		[who],
	),
}

who := input.who if certainly else := "that service"

certainly if {
	every one in lib.each(input.grantee) {
		lib.is(one.kind, "service")
		undocumented(one.service)
	}
}

deny contains hit if certainly

warn contains lib.provided(hit, [lib.clause({1 | certainly}, "that one is taken", leaves)]) if {
	some one in lib.each(input.grantee)
	lib.shows(one.kind, "service")
	undocumented(lib.first_text(one.service))
}

leaves := [input.grantee.kind, input.grantee.service]

# Services that AWS documents with statements of the key policy, or that call in the name of whoever
# calls them: the page of each on encryption shows no grant.
undocumented(service) if {
	some name in {
		"cloudfront.", "cloudtrail.", "cloudwatch.", "delivery.logs.", "events.", "logs.", "s3.", "ses.", "sns.",
		"sqs.",
	}
	lib.starts_with(service, name)
}

# Without a Region, and not the one that AWS shows so. The name of a service has three parts or more.
# https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/data-protection.html
undocumented(service) if {
	some suffix in {".amazonaws.com", ".amazonaws.com.cn"}
	name := trim_suffix(service, suffix)
	count(split(name, ".")) == 1
	lib.is_not(name, "mq")
}
