"""Condition keys in policies about AWS KMS: their types, and which requests have them.

A key that is not in the table is one that AWS has added since, or one of the user's identity
provider: nothing is concluded from it. Of a key that is in it the requests that never have it are
known. Where the sources of AWS differ, an action has the key that one of them gives it.

Names are compared without regard to case. One that ends in `:` or `/` is the start of many
(`kms:EncryptionContext:Department`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from grantlint.iam.actions import ACTIONS
from grantlint.iam.conditions import Condition
from grantlint.iam.operations import OPERATIONS, WITH_CONTEXT
from grantlint.value import TUPLE, Value, string

_GUIDE: Final = "https://docs.aws.amazon.com/kms/latest/developerguide/"
_KMS: Final = f"{_GUIDE}conditions-kms.html#conditions-kms-"
_GLOBAL: Final = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
    "reference_policies_condition-keys.html#condition-keys-"
)

NOT_OF_A_KEY: Final = frozenset(
    {
        "ConnectCustomKeyStore",
        "CreateCustomKeyStore",
        "CreateKey",
        "DeleteCustomKeyStore",
        "DescribeCustomKeyStores",
        "DisconnectCustomKeyStore",
        "GenerateRandom",
        "ListAliases",
        "ListKeys",
        "ListRetirableGrants",
        "UpdateCustomKeyStore",
    }
)
"""Actions that are not authorized for a key: only IAM policies can allow them.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

_OF_A_KEY: Final = ACTIONS - NOT_OF_A_KEY
_OF_STORES: Final = frozenset(one for one in NOT_OF_A_KEY if one.endswith(("Store", "Stores")))
_OF_PROPERTIES: Final = (_OF_A_KEY - {"RetireGrant"}) | {"CreateKey"}
_CREATE_GRANT: Final = frozenset({"CreateGrant"})
_GRANTS: Final = frozenset({"CreateGrant", "ListGrants", "RevokeGrant"})
_CONTEXT: Final = WITH_CONTEXT | {"CreateGrant", "RetireGrant"}
_BY_ALIAS: Final = OPERATIONS - {"CreateGrant", "RetireGrant"}
_PAIRS: Final = frozenset({"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"})
_SIGNING: Final = frozenset({"Sign", "Verify"})
_MACS: Final = frozenset({"GenerateMac", "VerifyMac"})
_IMPORT: Final = frozenset({"ImportKeyMaterial"})
_WRAPPING: Final = frozenset({"GetParametersForImport"})
_ENCLAVE: Final = frozenset(
    {"Decrypt", "DeriveSharedSecret", "GenerateDataKey", "GenerateDataKeyPair", "GenerateRandom"}
)

STRING: Final = "String"
ARN: Final = "ARN"
BOOL: Final = "Bool"
NUMERIC: Final = "Numeric"
DATE: Final = "Date"
ADDRESS: Final = "IPAddress"


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """One condition key, with the page that says so.

    `actions` are the actions of AWS KMS whose requests can have it, None where that is a matter
    of the caller and not of the action. `several` is whether it has many values, which needs a
    set operator; `always` whether every request has it that can.
    """

    name: str
    type: str
    actions: frozenset[str] | None
    source: str
    several: bool = False
    always: bool = False


_TABLE: Final = (
    # -- who calls, and by what way
    ConditionKey(
        "kms:CallerAccount",
        STRING,
        _OF_A_KEY | _OF_STORES | {"CreateKey"},
        f"{_KMS}caller-account",
        always=True,
    ),
    ConditionKey("kms:ViaService", STRING, _OF_A_KEY | {"CreateKey"}, f"{_KMS}via-service"),
    # -- what the key is
    ConditionKey("kms:KeySpec", STRING, _OF_PROPERTIES, f"{_KMS}key-spec", always=True),
    ConditionKey("kms:KeyUsage", STRING, _OF_PROPERTIES, f"{_KMS}key-usage", always=True),
    ConditionKey("kms:KeyOrigin", STRING, _OF_PROPERTIES, f"{_KMS}key-origin", always=True),
    ConditionKey("kms:MultiRegion", BOOL, _OF_PROPERTIES, f"{_KMS}multiregion", always=True),
    ConditionKey("kms:MultiRegionKeyType", STRING, _OF_PROPERTIES, f"{_KMS}multiregion-key-type"),
    ConditionKey("kms:CustomerMasterKeySpec", STRING, _OF_PROPERTIES, f"{_KMS}key-spec-replaced"),
    ConditionKey("kms:CustomerMasterKeyUsage", STRING, _OF_PROPERTIES, f"{_KMS}key-usage-replaced"),
    ConditionKey("kms:ResourceAliases", STRING, _OF_A_KEY, f"{_KMS}resource-aliases", several=True),
    ConditionKey("kms:RequestAlias", STRING, _BY_ALIAS, f"{_KMS}request-alias"),
    ConditionKey(
        "kms:TrailingDaysWithoutKeyUsage",
        NUMERIC,
        frozenset({"DisableKey", "ScheduleKeyDeletion"}),
        f"{_KMS}trailing-days-without-key-usage",
    ),
    # -- the encryption context
    ConditionKey("kms:EncryptionContext:", STRING, _CONTEXT, f"{_KMS}encryption-context"),
    ConditionKey(
        "kms:EncryptionContextKeys",
        STRING,
        _CONTEXT,
        f"{_KMS}encryption-context-keys",
        several=True,
    ),
    # -- grants
    ConditionKey("kms:GrantIsForAWSResource", BOOL, _GRANTS, f"{_KMS}grant-is-for-aws-resource"),
    ConditionKey(
        "kms:GrantOperations",
        STRING,
        _CREATE_GRANT,
        f"{_KMS}grant-operations",
        several=True,
        always=True,
    ),
    ConditionKey(
        "kms:GrantConstraintType",
        STRING,
        _CREATE_GRANT | {"RetireGrant"},
        f"{_KMS}grant-constraint-type",
    ),
    ConditionKey(
        "kms:GrantConstraintSourceArn", ARN, _CREATE_GRANT, f"{_KMS}grant-constraint-source-arn"
    ),
    ConditionKey("kms:GranteePrincipal", STRING, _CREATE_GRANT, f"{_KMS}grantee-principal"),
    ConditionKey(
        "kms:GranteeServicePrincipal", STRING, _CREATE_GRANT, f"{_KMS}grantee-service-principal"
    ),
    ConditionKey("kms:RetiringPrincipal", STRING, _CREATE_GRANT, f"{_KMS}retiring-principal"),
    ConditionKey(
        "kms:RetiringServicePrincipal", STRING, _CREATE_GRANT, f"{_KMS}retiring-service-principal"
    ),
    # -- parameters of other requests
    ConditionKey(
        "kms:EncryptionAlgorithm", STRING, WITH_CONTEXT, f"{_KMS}encryption-algorithm", always=True
    ),
    ConditionKey(
        "kms:ReEncryptOnSameKey",
        BOOL,
        frozenset({"ReEncryptFrom", "ReEncryptTo"}),
        f"{_KMS}reencrypt-on-same-key",
    ),
    ConditionKey("kms:DataKeyPairSpec", STRING, _PAIRS, f"{_KMS}data-key-spec", always=True),
    ConditionKey(
        "kms:KeyAgreementAlgorithm",
        STRING,
        frozenset({"DeriveSharedSecret"}),
        f"{_KMS}key-agreement-algorithm",
        always=True,
    ),
    ConditionKey("kms:SigningAlgorithm", STRING, _SIGNING, f"{_KMS}signing-algorithm", always=True),
    ConditionKey("kms:MessageType", STRING, _SIGNING, f"{_KMS}message-type"),
    ConditionKey("kms:MacAlgorithm", STRING, _MACS, f"{_KMS}mac-algorithm", always=True),
    ConditionKey(
        "kms:RotationPeriodInDays",
        NUMERIC,
        frozenset({"EnableKeyRotation"}),
        f"{_KMS}rotation-period-in-days",
    ),
    ConditionKey(
        "kms:ScheduleKeyDeletionPendingWindowInDays",
        NUMERIC,
        frozenset({"ScheduleKeyDeletion"}),
        f"{_KMS}schedule-key-deletion-pending-window-in-days",
    ),
    ConditionKey(
        "kms:BypassPolicyLockoutSafetyCheck",
        BOOL,
        frozenset({"CreateKey", "PutKeyPolicy"}),
        f"{_KMS}bypass-policy-lockout-safety-check",
    ),
    ConditionKey("kms:ExpirationModel", STRING, _IMPORT, f"{_KMS}expiration-model"),
    ConditionKey("kms:ValidTo", DATE, _IMPORT, f"{_KMS}valid-to"),
    ConditionKey("kms:WrappingAlgorithm", STRING, _WRAPPING, f"{_KMS}wrapping-algorithm"),
    ConditionKey("kms:WrappingKeySpec", STRING, _WRAPPING, f"{_KMS}wrapping-key-spec"),
    ConditionKey(
        "kms:PrimaryRegion", STRING, frozenset({"UpdatePrimaryRegion"}), f"{_KMS}primary-region"
    ),
    ConditionKey("kms:ReplicaRegion", STRING, frozenset({"ReplicateKey"}), f"{_KMS}replica-region"),
    ConditionKey(
        "kms:RecipientAttestation:",
        STRING,
        _ENCLAVE,
        f"{_GUIDE}conditions-nitro-enclaves.html#conditions-kms-recipient-pcrs",
    ),
    # -- global keys that say who calls
    ConditionKey("aws:PrincipalAccount", STRING, None, f"{_GLOBAL}principalaccount", always=True),
    ConditionKey("aws:PrincipalArn", ARN, None, f"{_GLOBAL}principalarn", always=True),
    ConditionKey("aws:PrincipalOrgID", STRING, None, f"{_GLOBAL}principalorgid"),
    ConditionKey(
        "aws:PrincipalOrgPaths", STRING, None, f"{_GLOBAL}principalorgpaths", several=True
    ),
    ConditionKey("aws:PrincipalIsAWSService", BOOL, None, f"{_GLOBAL}principalisawsservice"),
    ConditionKey("aws:PrincipalServiceName", STRING, None, f"{_GLOBAL}principalservicename"),
    ConditionKey(
        "aws:PrincipalServiceNamesList",
        STRING,
        None,
        f"{_GLOBAL}principalservicenameslist",
        several=True,
    ),
    ConditionKey("aws:PrincipalTag/", STRING, None, f"{_GLOBAL}principaltag"),
    ConditionKey("aws:PrincipalType", STRING, None, f"{_GLOBAL}principaltype", always=True),
    ConditionKey("aws:userid", STRING, None, f"{_GLOBAL}userid"),
    ConditionKey("aws:username", STRING, None, f"{_GLOBAL}username"),
    # -- global keys that say from where, and for whom
    ConditionKey("aws:SourceAccount", STRING, None, f"{_GLOBAL}sourceaccount"),
    ConditionKey("aws:SourceArn", ARN, None, f"{_GLOBAL}sourcearn"),
    ConditionKey("aws:SourceOrgID", STRING, None, f"{_GLOBAL}sourceorgid"),
    ConditionKey("aws:SourceOrgPaths", STRING, None, f"{_GLOBAL}sourceorgpaths", several=True),
    ConditionKey("aws:SourceIp", ADDRESS, None, f"{_GLOBAL}sourceip"),
    ConditionKey("aws:SourceVpc", STRING, None, f"{_GLOBAL}sourcevpc"),
    ConditionKey("aws:SourceVpce", STRING, None, f"{_GLOBAL}sourcevpce"),
    ConditionKey("aws:VpcSourceIp", ADDRESS, None, f"{_GLOBAL}vpcsourceip"),
    ConditionKey("aws:CalledVia", STRING, None, f"{_GLOBAL}calledvia", several=True),
    ConditionKey("aws:CalledViaFirst", STRING, None, f"{_GLOBAL}calledviafirst"),
    ConditionKey("aws:CalledViaLast", STRING, None, f"{_GLOBAL}calledvialast"),
    ConditionKey("aws:ViaAWSService", BOOL, None, f"{_GLOBAL}viaawsservice", always=True),
    # -- global keys that say what is asked of what, and when
    ConditionKey("aws:ResourceAccount", STRING, None, f"{_GLOBAL}resourceaccount", always=True),
    ConditionKey("aws:ResourceOrgID", STRING, None, f"{_GLOBAL}resourceorgid"),
    ConditionKey("aws:ResourceOrgPaths", STRING, None, f"{_GLOBAL}resourceorgpaths", several=True),
    ConditionKey("aws:ResourceTag/", STRING, None, f"{_GLOBAL}resourcetag"),
    ConditionKey(
        "aws:RequestTag/",
        STRING,
        frozenset({"CreateKey", "ReplicateKey", "TagResource"}),
        f"{_GLOBAL}requesttag",
    ),
    ConditionKey(
        "aws:TagKeys",
        STRING,
        frozenset({"CreateKey", "ReplicateKey", "TagResource", "UntagResource"}),
        f"{_GLOBAL}tagkeys",
        several=True,
    ),
    ConditionKey("aws:RequestedRegion", STRING, None, f"{_GLOBAL}requestedregion", always=True),
    ConditionKey("aws:SecureTransport", BOOL, None, f"{_GLOBAL}securetransport", always=True),
    ConditionKey("aws:CurrentTime", DATE, None, f"{_GLOBAL}currenttime", always=True),
    ConditionKey("aws:EpochTime", DATE, None, f"{_GLOBAL}epochtime", always=True),
    ConditionKey("aws:MultiFactorAuthPresent", BOOL, None, f"{_GLOBAL}multifactorauthpresent"),
    ConditionKey("aws:MultiFactorAuthAge", NUMERIC, None, f"{_GLOBAL}multifactorauthage"),
)
CONDITION_KEYS: Final = {one.name.lower(): one for one in _TABLE}
"""Every key that is known, by its name in lower case."""
_STARTS: Final = tuple(name for name in CONDITION_KEYS if name.endswith((":", "/")))


@lru_cache(maxsize=1024)
def condition_key(written: str) -> ConditionKey | None:
    """What a condition's key is; None for one that is not known."""
    name = written.lower()
    start = next((one for one in _STARTS if name.startswith(one) and name != one), name)
    return CONDITION_KEYS.get(start)


def lacking(key: ConditionKey, actions: frozenset[str]) -> frozenset[str]:
    """Those of these actions whose requests never have the key."""
    return frozenset() if key.actions is None else actions - key.actions


def missing_for(condition: Condition, covered: Value) -> Value:
    """Those of the actions that a statement is about whose requests never have the key, sorted.

    `covered` is as `actions.covered` gives it. Of a key that is not known there are none.
    """
    key = condition_key(condition.key.text or "")
    if key is None:
        return Value(TUPLE, ())
    known = frozenset(one.text or "" for one in covered.certain())
    found = tuple(map(string, sorted(lacking(key, known))))
    cause = covered.unknown
    if cause is None or key.actions is None:
        return Value(TUPLE, found)
    return Value(TUPLE, replace(cause, has=found))
