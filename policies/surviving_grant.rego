# METADATA
# title: Nothing ends the grant when its resource is deleted
# description: |
#   ## Why it matters
#
#   CloudFormation has no resource for grants, and knows nothing of one that a custom resource makes but
#   its id. What becomes of the grant when that resource is taken out of the template, is replaced
#   because a property changed, or goes with its stack, is what the resource itself does at its deletion.
#   If that is nothing, all looks well: the resource is gone, and the grant stays in force. No template
#   shows it any more and grants do not expire, so its grantee keeps the use of the key until someone
#   lists the grants of the key and ends it.
#
#   ## What it finds
#
#   An `AwsCustomResource` of the CDK that makes a grant and has no `Delete`, which `onDelete` becomes in
#   the template:
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Etl: # finding
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
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#   ```
#
#   And one whose `Delete` calls something else:
#
#   ```yaml bad
#   Transform: AWS::LanguageExtensions
#   Resources:
#     Orders:
#       Type: AWS::KMS::Key
#     Etl: # finding
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
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: describeKey
#             parameters: {KeyId: !Ref Orders}
#   ```
#
#   Other custom resources end their grants in their own code, which is not seen, and a state machine may
#   run another one for that: nothing is said of these. Terraform ends each grant of its own, so the rule
#   finds nothing in a configuration.
#
#   ## How to fix it
#
#   Revoke the grant in `Delete` (`onDelete` in the CDK), with its id as the physical id of the resource:
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
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: revokeGrant
#             parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   With the same call in `Update` as in `Create`, a change makes a new grant under a new id, and CloudFormation
#   has the old one deleted. `retireGrant` ends a grant as well, if the grant names the role of the function
#   as its `RetiringPrincipal`, or IAM lets that role do it:
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
#               Constraints: {EncryptionContextEquals: {Department: Orders}}
#             physicalResourceId: {responsePath: GrantId}
#         Delete:
#           Fn::ToJsonString:
#             service: KMS
#             action: retireGrant
#             parameters: {KeyId: !Ref Orders, GrantId: 'PHYSICAL:RESOURCEID:'}
#   ```
#
#   ## In CloudFormation
#
#   The examples above are what the CDK writes: `onCreate` is `Create`, `onDelete` is `Delete`,
#   `new PhysicalResourceIdReference()` is `PHYSICAL:RESOURCEID:`, and
#   `PhysicalResourceId.fromResponse("GrantId")` is `responsePath: GrantId`. A grant that was left behind is
#   found with `aws kms list-grants` and ended with `aws kms revoke-grant`.
#
#   ## When it is fine
#
#   A grant on a key that is deleted with the same stack ends when the key does, after its waiting period,
#   but one that is replaced or removed before does not. Where a grant is meant to outlive its stack, allow the
#   finding and name a `RetiringPrincipal` that ends it.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
#   - https://docs.aws.amazon.com/kms/latest/developerguide/grant-best-practices.html
#   - https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-delete.html
#   - https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
# schemas:
#   - input: schema.grant
# custom: {severity: medium, since: 0.1.0}
package grantlint.surviving_grant

deny contains {
	"at": [],
	"message": sprintf("nothing ends this grant when its resource is deleted: %s keeps the use of the key, unseen", [input.who]),
} if {
	input.ends_by == "never"
}
