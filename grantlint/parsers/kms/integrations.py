"""What shows that a service of AWS uses a key in the name of a grant's grantee.

A volume or a bucket that is encrypted with the key, a trust policy that lets EC2, EKS or S3 take
on the grantee's role, or AWS's own policy for the volumes of EKS. What such a service asks of AWS
KMS has an encryption context that the service chooses: the id of a volume, the ARN of an object.
https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from grantlint.iam.principals import Principal
from grantlint.iam.statements import Statement, statements
from grantlint.model import Integration, Namesake
from grantlint.parsers.instance import Content, Instance
from grantlint.parsers.kms import namesake, policy
from grantlint.parsers.kms.join import Keys, Target
from grantlint.source import Span
from grantlint.value import Referent, Truth, Value

Resource = tuple[Instance, Value]

_EC2, _EKS, _S3 = "ec2.amazonaws.com", "eks.amazonaws.com", "s3.amazonaws.com"


@dataclass(frozen=True, slots=True)
class _User:
    """A resource type that uses keys: for which service, what for, and by which arguments."""

    service: str
    purpose: str
    paths: tuple[str, ...]


def _of_disks(*blocks: str) -> _User:
    return _User(_EC2, "volumes", tuple(f"{block}.kms_key_id" for block in blocks))


_BY_DEFAULT: Final = "rule.apply_server_side_encryption_by_default.kms_master_key_id"
USERS: Final[Mapping[str, _User]] = {
    "aws_ami_copy": _User(_EC2, "snapshots", ("kms_key_id",)),
    "aws_ebs_default_kms_key": _User(_EC2, "volumes", ("key_arn",)),
    "aws_ebs_snapshot_copy": _User(_EC2, "snapshots", ("kms_key_id",)),
    "aws_ebs_snapshot_import": _User(_EC2, "snapshots", ("kms_key_id",)),
    "aws_ebs_volume": _User(_EC2, "volumes", ("kms_key_id",)),
    "aws_instance": _of_disks("root_block_device", "ebs_block_device"),
    "aws_launch_template": _of_disks("block_device_mappings.ebs"),
    "aws_s3_bucket": _User(
        _S3,
        "objects",
        (
            f"server_side_encryption_configuration.{_BY_DEFAULT}",
            "replication_configuration.rules.destination.replica_kms_key_id",
        ),
    ),
    "aws_s3_bucket_object": _User(_S3, "objects", ("kms_key_id",)),
    "aws_s3_bucket_replication_configuration": _User(
        _S3, "replicas", ("rule.destination.encryption_configuration.replica_kms_key_id",)
    ),
    "aws_s3_bucket_server_side_encryption_configuration": _User(_S3, "objects", (_BY_DEFAULT,)),
    "aws_s3_object": _User(_S3, "objects", ("kms_key_id",)),
    "aws_s3_object_copy": _User(_S3, "objects", ("kms_key_id",)),
    "aws_spot_fleet_request": _of_disks(
        "launch_specification.root_block_device", "launch_specification.ebs_block_device"
    ),
    "aws_spot_instance_request": _of_disks("root_block_device", "ebs_block_device"),
}
"""Resource types that use keys; a launch configuration cannot name one."""

_TRUSTED: Final = {_EC2: _EC2, _EKS: _EKS, "pods.eks.amazonaws.com": _EKS, _S3: _S3}
"""Principals of trust policies, and the service that then uses the role."""

_SUFFIX: Final = "amazonaws.com"

DRIVER: Final = "AmazonEBSCSIDriverPolicy"
"""AWS's policy for the driver that makes volumes for EKS."""
_DRIVER_ACCOUNT: Final = re.compile(r"system:serviceaccount:([^:]*:.*ebs-csi.*)")


def referents(value: Value) -> tuple[Referent, ...]:
    """The objects of which a value is an attribute, one for each of its alternatives."""
    cause = value.unknown
    if cause is None:
        steps = (step for step in reversed(value.trail) if step.kind == "resource")
        return tuple(Referent("", step.name) for step in steps)[:1]
    if cause.choices:
        return tuple(one for choice in cause.choices for one in referents(choice))
    return () if cause.refers_to is None else (cause.refers_to,)


# -- what they show ------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Evidence:
    """What the resources of a root module show, by key and by role."""

    _keys: Keys
    _users: dict[str, list[Integration]] = field(default_factory=dict)
    _people: dict[str, Resource] = field(default_factory=dict)
    _drivers: dict[str, Integration] = field(default_factory=dict)
    _persons: list[Instance] | None = None

    @classmethod
    def of(cls, resources: Iterable[Resource], keys: Keys) -> Evidence:
        """Everything among resources that show something."""
        evidence = cls(keys)
        for instance, planned in resources:
            if instance.exists is Truth.NO or instance.content.broken is not None:
                continue
            if instance.type in USERS:
                evidence._add_user(instance, USERS[instance.type])
            elif instance.type == "aws_iam_role_policy_attachment":
                evidence._add_driver(instance)
            else:
                evidence._people[instance.address] = instance, planned
        return evidence

    def integrations(self, key_id: Value, key: Target, grantee: Value) -> tuple[Integration, ...]:
        """Those of a grant: of its key, then of its grantee."""
        found: dict[str, Integration] = {}
        if not key_id.sensitive:
            used = (one for name in _names(key_id, key) for one in self._users.get(name, ()))
            found |= {one.address: one for one in used}
        if not grantee.sensitive:
            of_each = [tuple(self._of_role(one)) for one in referents(grantee)]
            if all(of_each):
                found |= {one.address: one for shown in of_each for one in shown}
        return tuple(found.values())

    def namesakes(self, grant: Instance, planned: Value) -> tuple[Namesake, ...]:
        """The roles and users that the principals of a grant name by their texts."""
        if self._persons is None:
            made = (one for one, _ in self._people.values() if one.mode == "managed")
            self._persons = [one for one in made if one.type in namesake.KINDS]
        return tuple(namesake.namesakes(grant, planned, self._persons))

    def linked_service(self, grantee: Value) -> Value | None:
        """The service that a service-linked role of this configuration is written for."""
        found = referents(grantee)
        person = self._people.get(found[0].address) if len(found) == 1 else None
        if person is None or person[0].type != "aws_iam_service_linked_role":
            return None
        return person[0].content.argument("aws_service_name")

    def account(self, grantee: Value) -> Value | None:
        """The account that the provider of a grantee's role or user is configured for.

        Not that of the whole run: a provider that names none may be another account's.
        """
        found = referents(grantee)
        person = self._people.get(found[0].address) if len(found) == 1 else None
        account = person[0].provider.account if person is not None else None
        return account if account is not None and account.written is not None else None

    # -- resources that use a key ----------------------------------------------------------

    def _add_user(self, instance: Instance, user: _User) -> None:
        for path in user.paths:
            for value in _arguments(instance.content, path.split(".")):
                if value.sensitive or value.is_null:
                    continue
                evidence = f"{instance.address} encrypts {user.purpose} with the key"
                place = value.use or instance.header
                shown = Integration(user.service, instance.address, evidence, place)
                for name in _names(value, self._keys.target(value, instance.provider)):
                    self._users.setdefault(name, []).append(shown)

    # -- roles -----------------------------------------------------------------------------

    def _add_driver(self, instance: Instance) -> None:
        """An attachment of AWS's policy for the driver that makes volumes for EKS."""
        role, attached = map(instance.content.argument, ("role", "policy_arn"))
        if role is None or attached is None or role.sensitive or attached.sensitive:
            return
        if not _known_text(attached).endswith(DRIVER):
            return
        evidence = f"{instance.address} attaches {DRIVER} to the grantee"
        place = attached.use or instance.header
        names = [role.text] if role.text else [one.address for one in referents(role)]
        for name in names:
            self._drivers[name] = Integration(_EC2, instance.address, evidence, place)

    def _of_role(self, referent: Referent) -> Iterator[Integration]:
        driver = self._drivers.get(referent.address) or self._drivers.get(referent.name or "")
        person = self._people.get(referent.address)
        type = referent.type or (person[0].type if person is not None else "")
        if type == "aws_iam_role" and driver is not None:
            yield driver
        if person is None or person[0].type != "aws_iam_role" or person[0].mode == "data":
            return
        instance, planned = person
        document = policy.document(instance, planned, "assume_role_policy")
        if document is None or document.has_sensitive():
            return
        for statement in statements(document, instance.header):
            if statement.effect.text == "Allow" and not statement.not_principal:
                yield from _trusted(statement, instance)


def _arguments(content: Content, path: list[str]) -> Iterator[Value]:
    """The values of an argument in nested blocks."""
    name, *rest = path
    if rest:
        for block in content.nested(name):
            yield from _arguments(block, rest)
    elif (value := content.argument(name)) is not None:
        yield value


def _names(value: Value, target: Target) -> list[str]:
    """What a key is known by: its address, or that of the data source, or its literal ARN."""
    names = [address for address in target.addresses if address is not None]
    if value.text is not None:
        names.append(value.text)
    names += [one.address for one in referents(value) if one.type.startswith("aws_kms_")]
    return list(dict.fromkeys(names))


def _trusted(statement: Statement, instance: Instance) -> Iterator[Integration]:
    """The services that a statement of a trust policy lets take on the role."""
    says = f"the trust policy of {instance.address} names"
    for principal in statement.principals:
        name = _service(principal)
        if name is not None:
            place = _place(principal.value, instance)
            yield Integration(_TRUSTED[name], instance.address, f"{says} {name}", place)
    for condition in statement.conditions:
        for value in condition.values.elements():
            account = _DRIVER_ACCOUNT.fullmatch(_known_text(value))
            if account is not None:
                evidence = f"{says} the service account {account[1]}"
                yield Integration(_EC2, instance.address, evidence, _place(value, instance))


def _service(principal: Principal) -> str | None:
    """Which of `_TRUSTED` it is; the end of the name depends on the partition."""
    if principal.type.text != "Service":
        return None
    cause = principal.value.unknown
    for value in cause.choices if cause is not None and cause.choices else (principal.value,):
        start = _known_text(value)
        for name in _TRUSTED:
            certain = {name, f"{name}.cn"} if value.text else {name.removesuffix(_SUFFIX)}
            if start in certain:
                return name
    return None


def _known_text(value: Value) -> str:
    """A text; of one with holes what is between them."""
    if value.unknown is None:
        return value.text or ""
    return "".join(part for part in value.unknown.parts if isinstance(part, str))


def _place(value: Value, instance: Instance) -> Span:
    return value.written or value.use or instance.header
