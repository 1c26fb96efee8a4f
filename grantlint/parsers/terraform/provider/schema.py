"""What the AWS provider's schema says of KMS, roles, and the data sources that tell who and where.

A compact form of `terraform providers schema -json`, the attributes of versions 5 and 6 together:
an attribute that only one of them has is not an error.
https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/kms_key.html.markdown
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from grantlint.value import BOOL, DYNAMIC, NUMBER, STRING, Type

TEXTS: Final = Type("set", STRING)
LIST: Final = Type("list", STRING)
MAP: Final = Type("map", STRING)


class Use(Enum):
    """What an attribute is when it is not written, or null."""

    REQUIRED = "required"
    OPTIONAL = "optional"  # its default, which may be null
    COMPUTED = "computed"  # known after apply
    EITHER = "either"  # optional and computed


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. `policy` marks the text of an IAM policy, which the provider rewrites."""

    type: Type
    use: Use
    default: str | bool | int | None = None
    policy: bool = False


Schema = Mapping[str, Attribute]


def _optional(type: Type, default: str | bool | int | None = None) -> Attribute:
    return Attribute(type, Use.OPTIONAL, default)


_REQUIRED: Final = Attribute(STRING, Use.REQUIRED)
_TEXT: Final = _optional(STRING)
_FALSE: Final = _optional(BOOL, default=False)
_TRUE: Final = _optional(BOOL, default=True)
_COMPUTED: Final = Attribute(STRING, Use.COMPUTED)
_EITHER: Final = Attribute(STRING, Use.EITHER)
_EITHER_BOOL: Final = Attribute(BOOL, Use.EITHER)
_POLICY: Final = Attribute(STRING, Use.EITHER, policy=True)

_ANY_KEY: Final[Schema] = {
    "arn": _COMPUTED,
    "bypass_policy_lockout_safety_check": _FALSE,
    "id": _EITHER,
    "policy": _POLICY,
    "region": _EITHER,
    "tags": _optional(MAP),
    "tags_all": Attribute(MAP, Use.EITHER),
}
_IMPORTED: Final[Schema] = {
    **_ANY_KEY,
    "deletion_window_in_days": _optional(NUMBER, 30),
    "description": _TEXT,
    "enabled": _EITHER_BOOL,
    "expiration_model": _COMPUTED,
    "key_material_base64": _TEXT,
    "key_spec": _EITHER,
    "key_state": _COMPUTED,
    "key_usage": _EITHER,
    "valid_to": _TEXT,
}

MANAGED: Final[Mapping[str, Schema]] = {
    "aws_kms_key": {
        **_ANY_KEY,
        "custom_key_store_id": _TEXT,
        "customer_master_key_spec": _optional(STRING, "SYMMETRIC_DEFAULT"),
        "deletion_window_in_days": _optional(NUMBER),
        "description": _EITHER,
        "enable_key_rotation": _FALSE,
        "is_enabled": _TRUE,
        "key_id": _COMPUTED,
        "key_usage": _optional(STRING, "ENCRYPT_DECRYPT"),
        "multi_region": _EITHER_BOOL,
        "rotation_period_in_days": Attribute(NUMBER, Use.EITHER),
        "xks_key_id": _TEXT,
    },
    "aws_kms_external_key": {**_IMPORTED, "multi_region": _EITHER_BOOL},
    "aws_kms_replica_key": {
        **_ANY_KEY,
        "deletion_window_in_days": _optional(NUMBER, 30),
        "description": _TEXT,
        "enabled": _TRUE,
        "key_id": _COMPUTED,
        "key_rotation_enabled": Attribute(BOOL, Use.COMPUTED),
        "key_spec": _COMPUTED,
        "key_usage": _COMPUTED,
        "primary_key_arn": _REQUIRED,
    },
    "aws_kms_replica_external_key": {
        **_IMPORTED,
        "key_id": _COMPUTED,
        "primary_key_arn": _REQUIRED,
    },
    "aws_kms_key_policy": {
        "bypass_policy_lockout_safety_check": _FALSE,
        "id": _EITHER,
        "key_id": _REQUIRED,
        "policy": Attribute(STRING, Use.REQUIRED, policy=True),
        "region": _EITHER,
    },
    "aws_kms_grant": {
        "grant_creation_tokens": _optional(TEXTS),
        "grant_id": _COMPUTED,
        "grant_token": _COMPUTED,
        "grantee_principal": _REQUIRED,
        "id": _EITHER,
        "key_id": _REQUIRED,
        "name": _TEXT,
        "operations": Attribute(TEXTS, Use.REQUIRED),
        "region": _EITHER,
        "retire_on_delete": _FALSE,
        "retiring_principal": _TEXT,
    },
    "aws_kms_alias": {
        "arn": _COMPUTED,
        "id": _EITHER,
        "name": _EITHER,
        "name_prefix": _EITHER,
        "region": _EITHER,
        "target_key_arn": _COMPUTED,
        "target_key_id": _REQUIRED,
    },
    "aws_iam_role": {
        "arn": _COMPUTED,
        "assume_role_policy": Attribute(STRING, Use.REQUIRED, policy=True),
        "create_date": _COMPUTED,
        "description": _TEXT,
        "force_detach_policies": _FALSE,
        "id": _EITHER,
        "inline_policy": Attribute(DYNAMIC, Use.COMPUTED),
        "managed_policy_arns": Attribute(TEXTS, Use.EITHER),
        "max_session_duration": _optional(NUMBER, 3600),
        "name": _EITHER,
        "name_prefix": _EITHER,
        "path": _optional(STRING, "/"),
        "permissions_boundary": _TEXT,
        "tags": _optional(MAP),
        "tags_all": Attribute(MAP, Use.EITHER),
        "unique_id": _COMPUTED,
    },
    "terraform_data": {
        "id": _COMPUTED,
        "input": _optional(DYNAMIC),
        "output": Attribute(DYNAMIC, Use.COMPUTED),
        "triggers_replace": _optional(DYNAMIC),
    },
}
"""`constraints` of a grant and `timeouts` of a key are blocks and not listed."""

DATA: Final[Mapping[str, Schema]] = {
    "aws_kms_key": {
        "arn": _COMPUTED,
        "aws_account_id": _COMPUTED,
        "cloud_hsm_cluster_id": _COMPUTED,
        "creation_date": _COMPUTED,
        "custom_key_store_id": _COMPUTED,
        "customer_master_key_spec": _COMPUTED,
        "deletion_date": _COMPUTED,
        "description": _COMPUTED,
        "enabled": Attribute(BOOL, Use.COMPUTED),
        "expiration_model": _COMPUTED,
        "grant_tokens": _optional(LIST),
        "id": _EITHER,
        "key_id": _REQUIRED,
        "key_manager": _COMPUTED,
        "key_spec": _COMPUTED,
        "key_state": _COMPUTED,
        "key_usage": _COMPUTED,
        "multi_region": Attribute(BOOL, Use.COMPUTED),
        "multi_region_configuration": Attribute(DYNAMIC, Use.COMPUTED),
        "origin": _COMPUTED,
        "pending_deletion_window_in_days": Attribute(NUMBER, Use.COMPUTED),
        "region": _EITHER,
        "valid_to": _COMPUTED,
        "xks_key_configuration": Attribute(DYNAMIC, Use.COMPUTED),
    },
    "aws_kms_alias": {
        "arn": _COMPUTED,
        "id": _EITHER,
        "name": _REQUIRED,
        "region": _EITHER,
        "target_key_arn": _COMPUTED,
        "target_key_id": _COMPUTED,
    },
    "aws_iam_policy_document": {
        "id": _EITHER,
        "json": _COMPUTED,
        "minified_json": _COMPUTED,
        "override_json": _TEXT,
        "override_policy_documents": _optional(LIST),
        "policy_id": _TEXT,
        "source_json": _TEXT,
        "source_policy_documents": _optional(LIST),
        "statement": Attribute(DYNAMIC, Use.COMPUTED),
        "version": _optional(STRING, "2012-10-17"),
    },
    "aws_caller_identity": {
        "account_id": _COMPUTED,
        "arn": _COMPUTED,
        "id": _EITHER,
        "user_id": _COMPUTED,
    },
    "aws_partition": {
        "dns_suffix": _COMPUTED,
        "id": _EITHER,
        "partition": _COMPUTED,
        "reverse_dns_prefix": _COMPUTED,
    },
    "aws_region": {
        "description": _COMPUTED,
        "endpoint": _EITHER,
        "id": _EITHER,
        "name": _EITHER,
        "region": _EITHER,
    },
}


def schema(mode: str, type: str) -> Schema | None:
    """The schema of a resource type ("managed") or data source ("data"), when it is known."""
    return (DATA if mode == "data" else MANAGED).get(type)
