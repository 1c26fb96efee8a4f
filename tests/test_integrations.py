"""What shows that a service of AWS uses a grant's key in the name of its grantee."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grantlint.model import Grant, Inventory
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate

Read = Callable[..., Inventory]

HEAD = """
variable "on" {
  type = bool
}
variable "arn" {}
data "aws_partition" "here" {}
data "aws_kms_key" "other" {
  key_id = "alias/other"
}
resource "aws_kms_key" "k" {}
resource "aws_kms_key" "unused" {}
resource "aws_kms_alias" "k" {
  name          = "alias/k"
  target_key_id = aws_kms_key.k.key_id
}
"""
ROLE = '"arn:aws:iam::111122223333:role/app"'
K = "aws_kms_key.k.arn"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The inventory of a root module made of this text (and of modules)."""

    def inventory(text: str, **modules: str) -> Inventory:
        (tmp_path / "main.tf").write_text(HEAD + text)
        for name, content in modules.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / "main.tf").write_text(content)
        return estate.read([str(tmp_path)], Options()).inventory

    return inventory


def grant(key_id: str = "aws_kms_key.k.key_id", grantee: str = ROLE) -> str:
    body = f'key_id = {key_id}\n grantee_principal = {grantee}\n operations = ["Decrypt"]'
    return f'resource "aws_kms_grant" "g" {{\n {body}\n}}\n'


def the_grant(inventory: Inventory) -> Grant:
    (found,) = inventory.grants
    return found


def shown(inventory: Inventory) -> list[tuple[str, str]]:
    return [(one.service, one.evidence) for one in the_grant(inventory).integrations]


def user(type: str, body: str) -> str:
    return f'resource "{type}" "u" {{\n{body}\n}}\n'


# -- resources that use the key ------------------------------------------------------------

BY_DEFAULT = (
    "rule {\n apply_server_side_encryption_by_default {\n"
    f'  sse_algorithm = "aws:kms"\n  kms_master_key_id = {K}\n }}\n}}'
)


@pytest.mark.parametrize(
    ("type", "body", "service", "purpose"),
    [
        ("aws_ebs_volume", f"kms_key_id = {K}", "ec2", "volumes"),
        ("aws_ebs_default_kms_key", f"key_arn = {K}", "ec2", "volumes"),
        ("aws_ebs_snapshot_copy", f"kms_key_id = {K}", "ec2", "snapshots"),
        ("aws_ebs_snapshot_import", f"kms_key_id = {K}", "ec2", "snapshots"),
        ("aws_ami_copy", f"kms_key_id = {K}", "ec2", "snapshots"),
        (
            "aws_launch_template",
            f"block_device_mappings {{\n ebs {{\n kms_key_id = {K}\n }}\n}}",
            "ec2",
            "volumes",
        ),
        ("aws_instance", f"root_block_device {{\n kms_key_id = {K}\n}}", "ec2", "volumes"),
        ("aws_instance", f"ebs_block_device {{\n kms_key_id = {K}\n}}", "ec2", "volumes"),
        (
            "aws_spot_instance_request",
            f"root_block_device {{\n kms_key_id = {K}\n}}",
            "ec2",
            "volumes",
        ),
        (
            "aws_spot_fleet_request",
            f"launch_specification {{\n root_block_device {{\n kms_key_id = {K}\n }}\n}}",
            "ec2",
            "volumes",
        ),
        ("aws_s3_bucket_server_side_encryption_configuration", BY_DEFAULT, "s3", "objects"),
        (
            "aws_s3_bucket",
            f"server_side_encryption_configuration {{\n{BY_DEFAULT}\n}}",
            "s3",
            "objects",
        ),
        ("aws_s3_object", f"kms_key_id = {K}", "s3", "objects"),
        ("aws_s3_bucket_object", f"kms_key_id = {K}", "s3", "objects"),
        ("aws_s3_object_copy", f"kms_key_id = {K}", "s3", "objects"),
        (
            "aws_s3_bucket",
            (
                "replication_configuration {\n rules {\n destination {\n"
                f" replica_kms_key_id = {K}\n }}\n }}\n}}"
            ),
            "s3",
            "objects",
        ),
        (
            "aws_s3_bucket_replication_configuration",
            (
                "rule {\n destination {\n encryption_configuration {\n"
                f" replica_kms_key_id = {K}\n }}\n }}\n}}"
            ),
            "s3",
            "replicas",
        ),
    ],
)
def test_a_resource_that_encrypts_with_the_key_shows_it(
    read: Read, type: str, body: str, service: str, purpose: str
) -> None:
    found = read(grant() + user(type, body))
    assert shown(found) == [
        (f"{service}.amazonaws.com", f"{type}.u encrypts {purpose} with the key")
    ]


def test_the_evidence_is_where_the_key_is_named(read: Read) -> None:
    (found,) = the_grant(read(user("aws_ebs_volume", f"kms_key_id = {K}") + grant())).integrations
    assert (found.address, found.span.text) == ("aws_ebs_volume.u", "aws_kms_key.k")


@pytest.mark.parametrize(
    ("key_id", "used"),
    [
        (K, "aws_kms_alias.k.arn"),
        (K, '"alias/k"'),
        (K, f"var.on ? {K} : null"),
        ("data.aws_kms_key.other.arn", "data.aws_kms_key.other.arn"),
        ("data.aws_kms_key.other.id", "data.aws_kms_key.other.arn"),
        (
            '"arn:aws:kms:eu-west-1:111122223333:key/a"',
            '"arn:aws:kms:eu-west-1:111122223333:key/a"',
        ),
    ],
)
def test_the_key_may_be_named_in_another_way(read: Read, key_id: str, used: str) -> None:
    found = read(grant(key_id) + user("aws_ebs_volume", f"kms_key_id = {used}"))
    assert shown(found) == [("ec2.amazonaws.com", "aws_ebs_volume.u encrypts volumes with the key")]


@pytest.mark.parametrize(
    ("type", "body"),
    [
        ("aws_ebs_volume", "kms_key_id = aws_kms_key.unused.arn"),
        ("aws_ebs_volume", "kms_key_id = var.arn"),
        ("aws_ebs_volume", "kms_key_id = data.aws_kms_key.other.arn"),
        ("aws_ebs_volume", "kms_key_id = null"),
        ("aws_ebs_volume", "encrypted = true\n tags = { kms = aws_kms_key.k.arn }"),
        ("aws_ebs_volume", f"count = 0\n kms_key_id = {K}"),
        ("aws_ebs_volume", f"kms_key_id = sensitive({K})"),
        ("aws_db_instance", f"kms_key_id = {K}"),  # its context is known: the instance's id
        ("aws_secretsmanager_secret", f"kms_key_id = {K}"),
        ("aws_s3_bucket_metric", f"kms_key_id = {K}"),
    ],
)
def test_what_uses_another_key_or_none_shows_nothing(read: Read, type: str, body: str) -> None:
    assert shown(read(grant() + user(type, body))) == []


def test_two_unknown_keys_are_not_one(read: Read) -> None:
    assert shown(read(grant("var.arn") + user("aws_ebs_volume", "kms_key_id = var.arn"))) == []


def test_a_dynamic_block_shows_it(read: Read) -> None:
    body = (
        f'dynamic "ebs_block_device" {{\n for_each = [1]\n content {{\n kms_key_id = {K}\n }}\n}}'
    )
    assert len(shown(read(grant() + user("aws_instance", body)))) == 1


def test_it_is_shown_through_modules(read: Read) -> None:
    volume = 'variable "key" {}\n' + user("aws_ebs_volume", "kms_key_id = var.key")
    call = f'module "disk" {{\n source = "./disk"\n key = {K}\n}}\n'
    assert shown(read(grant() + call, disk=volume)) == [
        ("ec2.amazonaws.com", "module.disk.aws_ebs_volume.u encrypts volumes with the key")
    ]


def test_a_volume_in_a_root_without_grants_is_not_looked_at(read: Read) -> None:
    found = read(user("aws_ebs_volume", "count = var.arn\n kms_key_id = var.arn"))
    assert found.notes == ()


def test_what_is_not_judged_makes_no_note(read: Read) -> None:
    found = read(grant() + user("aws_ebs_volume", "count = var.arn\n kms_key_id = var.arn"))
    assert found.notes == ()


# -- the grantee's role --------------------------------------------------------------------


def role(trust: str, name: str = "r") -> str:
    return f'resource "aws_iam_role" "{name}" {{\n name = "{name}"\n {trust}\n}}\n'


def trust(principal: str, extra: str = "") -> str:
    statement = f'Effect = "Allow", Principal = {principal}, Action = "sts:AssumeRole"{extra}'
    return f"assume_role_policy = jsonencode({{ Statement = [{{ {statement} }}] }})"


def of_service(name: str) -> str:
    return trust(f'{{ Service = "{name}" }}')


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("ec2.amazonaws.com", "ec2.amazonaws.com"),
        ("ec2.amazonaws.com.cn", "ec2.amazonaws.com"),
        ("ec2.${data.aws_partition.here.dns_suffix}", "ec2.amazonaws.com"),
        ("eks.amazonaws.com", "eks.amazonaws.com"),
        ("pods.eks.amazonaws.com", "eks.amazonaws.com"),
        ("s3.amazonaws.com", "s3.amazonaws.com"),
    ],
)
def test_a_trust_policy_for_ec2_eks_or_s3_shows_it(read: Read, name: str, service: str) -> None:
    found = read(grant(grantee="aws_iam_role.r.arn") + role(of_service(name)))
    known = name.replace("${data.aws_partition.here.dns_suffix}", "amazonaws.com")
    known = known.removesuffix(".cn")
    assert shown(found) == [(service, f"the trust policy of aws_iam_role.r names {known}")]


@pytest.mark.parametrize(
    "written",
    [
        of_service("lambda.amazonaws.com"),
        of_service("ec2.application-autoscaling.amazonaws.com"),
        of_service("${var.arn}"),
        trust('{ AWS = "arn:aws:iam::111122223333:role/ec2.amazonaws.com" }'),
        of_service("ec2.amazonaws.com").replace('"Allow"', '"Deny"'),
        "assume_role_policy = var.arn",
        'assume_role_policy = "{}"',
        'assume_role_policy = "ec2.amazonaws.com"',
        f"assume_role_policy = sensitive({of_service('ec2.amazonaws.com').partition(' = ')[2]})",
        "",
    ],
)
def test_any_other_trust_policy_shows_nothing(read: Read, written: str) -> None:
    assert shown(read(grant(grantee="aws_iam_role.r.arn") + role(written))) == []


def test_a_trust_policy_may_be_a_document(read: Read) -> None:
    text = """
        data "aws_iam_policy_document" "d" {
          statement {
            actions = ["sts:AssumeRole"]
            principals {
              type        = "Service"
              identifiers = ["lambda.amazonaws.com", "ec2.amazonaws.com"]
            }
          }
        }
    """
    written = "assume_role_policy = data.aws_iam_policy_document.d.json"
    found = the_grant(read(text + grant(grantee="aws_iam_role.r.arn") + role(written)))
    (one,) = found.integrations
    assert one.span.text == '"ec2.amazonaws.com"'


def test_the_trust_policy_of_another_role_shows_nothing(read: Read) -> None:
    text = grant(grantee="aws_iam_role.r.arn") + role(of_service("ec2.amazonaws.com"), "other")
    assert shown(read(text + role(of_service("lambda.amazonaws.com")))) == []


def test_one_of_two_grantees_with_such_a_role_shows_nothing(read: Read) -> None:
    either = "var.on ? aws_iam_role.a.arn : aws_iam_role.b.arn"
    ec2, other = of_service("ec2.amazonaws.com"), of_service("lambda.amazonaws.com")
    assert shown(read(grant(grantee=either) + role(ec2, "a") + role(other, "b"))) == []


def test_two_grantees_that_both_have_such_a_role_show_it(read: Read) -> None:
    either = "var.on ? aws_iam_role.a.arn : aws_iam_role.b.arn"
    ec2, eks = of_service("ec2.amazonaws.com"), of_service("eks.amazonaws.com")
    found = shown(read(grant(grantee=either) + role(ec2, "a") + role(eks, "b")))
    assert [service for service, _ in found] == ["ec2.amazonaws.com", "eks.amazonaws.com"]


def test_a_role_in_a_module_is_found(read: Read) -> None:
    inner = (
        role(of_service("ec2.amazonaws.com")) + 'output "arn" {\n value = aws_iam_role.r.arn\n}\n'
    )
    call = 'module "nodes" {\n source = "./nodes"\n}\n'
    found = read(call + grant(grantee="module.nodes.arn"), nodes=inner)
    assert [service for service, _ in shown(found)] == ["ec2.amazonaws.com"]


# -- pods of EKS ---------------------------------------------------------------------------


def of_service_account(name: str) -> str:
    provider = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"
    key = '"oidc.eks.eu-west-1.amazonaws.com/id/A:sub"'
    condition = f', Condition = {{ StringEquals = {{ {key} = "{name}" }} }}'
    return trust(f'{{ Federated = "{provider}" }}', condition)


def test_the_service_account_of_the_driver_for_volumes_shows_it(read: Read) -> None:
    written = of_service_account("system:serviceaccount:kube-system:ebs-csi-controller-sa")
    assert shown(read(grant(grantee="aws_iam_role.r.arn") + role(written))) == [
        (
            "ec2.amazonaws.com",
            (
                "the trust policy of aws_iam_role.r names the service account "
                "kube-system:ebs-csi-controller-sa"
            ),
        )
    ]


def test_any_other_service_account_is_an_application(read: Read) -> None:
    written = of_service_account("system:serviceaccount:orders:api")
    assert shown(read(grant(grantee="aws_iam_role.r.arn") + role(written))) == []


@pytest.mark.parametrize("of", ["aws_iam_role.r.name", '"r"', "aws_iam_role.r.id"])
@pytest.mark.parametrize("arn", ["arn:aws", "arn:${data.aws_partition.here.partition}"])
def test_the_policy_of_the_driver_for_volumes_shows_it(read: Read, of: str, arn: str) -> None:
    attachment = user(
        "aws_iam_role_policy_attachment",
        f'role = {of}\n policy_arn = "{arn}:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"',
    )
    text = grant(grantee="aws_iam_role.r.arn") + role(of_service("lambda.amazonaws.com"))
    assert shown(read(text + attachment)) == [
        (
            "ec2.amazonaws.com",
            ("aws_iam_role_policy_attachment.u attaches AmazonEBSCSIDriverPolicy to the grantee"),
        )
    ]


def test_another_policy_of_the_grantee_shows_nothing(read: Read) -> None:
    attachment = user(
        "aws_iam_role_policy_attachment",
        'role = aws_iam_role.r.name\n policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"',
    )
    text = grant(grantee="aws_iam_role.r.arn") + role(of_service("lambda.amazonaws.com"))
    assert shown(read(text + attachment)) == []


# -- service-linked roles ------------------------------------------------------------------


def test_a_service_linked_role_tells_its_service(read: Read) -> None:
    linked = user("aws_iam_service_linked_role", 'aws_service_name = "autoscaling.amazonaws.com"')
    found = the_grant(read(linked + grant(grantee="aws_iam_service_linked_role.u.arn")))
    assert found.grantee.service_linked.raw is True
    assert found.grantee.service.text == "autoscaling.amazonaws.com"


def test_an_unknown_service_of_a_service_linked_role_stays_unknown(read: Read) -> None:
    linked = user("aws_iam_service_linked_role", "aws_service_name = var.arn")
    found = the_grant(read(linked + grant(grantee="aws_iam_service_linked_role.u.arn")))
    assert found.grantee.service.unknown is not None


def test_a_sensitive_service_stays_sensitive(read: Read) -> None:
    name = 'sensitive("autoscaling.amazonaws.com")'
    linked = user("aws_iam_service_linked_role", f"aws_service_name = {name}")
    found = the_grant(read(linked + grant(grantee="aws_iam_service_linked_role.u.arn")))
    assert found.grantee.service.sensitive
