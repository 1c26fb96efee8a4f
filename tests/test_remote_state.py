"""What one root module reads from the state of another one of the same run."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from grantlint.check import Terms, check
from grantlint.config import Selection
from grantlint.model import Grant, Inventory
from grantlint.model.json import value_json
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate

Lay = Callable[..., None]
S3 = 'terraform {\n  backend "s3" {\n    bucket = "states"\n    key    = "%s.tfstate"\n  }\n}\n'
READ = """
data "terraform_remote_state" "%s" {
  backend = "s3"
  config = {
    bucket = "states"
    key    = "%s.tfstate"
  }
}
"""
ROLE = "arn:aws:iam::111122223333:role/app"
KEYS = (
    S3 % "keys"
    + """
variable "who" {
  default = "arn:aws:iam::111122223333:role/app"
}
resource "aws_kms_key" "k" {
  customer_master_key_spec = "RSA_2048"
  key_usage                = "SIGN_VERIFY"
}
resource "aws_iam_role" "r" {
  name               = "app"
  assume_role_policy = "{}"
}
output "key" { value = aws_kms_key.k.key_id }
output "whole" { value = aws_kms_key.k }
output "arn" { value = "arn:aws:kms:eu-west-1:111122223333:key/${aws_kms_key.k.key_id}" }
output "alias" { value = "alias/${aws_kms_key.k.key_id}" }
output "role" { value = aws_iam_role.r.arn }
output "who" { value = var.who }
output "nested" { value = { keys = [{ id = aws_kms_key.k.key_id }] } }
output "null" { value = null }
output "refused" { value = tonumber("x") }
output "secret" {
  value     = var.who
  sensitive = true
}
"""
)
OUTPUTS = "data.terraform_remote_state.keys.outputs"


def grant(key_id: str = f"{OUTPUTS}.key", who: str = f'"{ROLE}"', name: str = "g") -> str:
    body = f'key_id = {key_id}\n grantee_principal = {who}\n operations = ["Sign"]'
    return f'resource "aws_kms_grant" "{name}" {{\n {body}\n}}\n'


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lay:
    """Write root modules, each of one file, by their directories."""
    monkeypatch.chdir(tmp_path)

    def write(**roots: str) -> None:
        for name, text in roots.items():
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "main.tf").write_text(text)

    return write


def inventory(*paths: str, **options: str) -> Inventory:
    found = estate.read(list(paths) or ["."], Options(**options))
    assert not found.unreadable
    return found.inventory


def the_grant(found: Inventory) -> Grant:
    (one,) = found.grants
    return one


# -- the key -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key_id",
    [
        f"{OUTPUTS}.key",
        f'{OUTPUTS}["key"]',
        f"{OUTPUTS}.whole.arn",
        f"{OUTPUTS}.arn",
        f"{OUTPUTS}.nested.keys[0].id",
        f"try({OUTPUTS}.key, null)",
        "local.key",
        "aws_kms_alias.a.target_key_id",
    ],
)
def test_a_grant_is_for_the_key_whose_id_another_state_has(lay: Lay, key_id: str) -> None:
    own = f"""
resource "aws_kms_key" "k" {{}}
resource "aws_kms_alias" "a" {{
  name          = "alias/a"
  target_key_id = {OUTPUTS}.key
}}
locals {{
  key = {OUTPUTS}.key
}}
"""
    lay(keys=KEYS, use=S3 % "use" + READ % ("keys", "keys") + own + grant(key_id))
    found = inventory()
    one = the_grant(found)
    assert one.key.address.text == "aws_kms_key.k in keys"
    assert (one.key.spec.text, one.key.usage.text) == ("RSA_2048", "SIGN_VERIFY")
    assert {key.root: key.grants for key in found.keys} == {
        "keys": ("aws_kms_grant.g in use",),
        "use": (),
    }
    key = found.key_at(one.key.address, one)
    assert key is not None
    assert key.root == "keys"


@pytest.mark.parametrize(
    "key_id",
    [f"{OUTPUTS}.alias", f"{OUTPUTS}.null", f"{OUTPUTS}.refused", f"{OUTPUTS}.gone", OUTPUTS],
)
def test_what_is_no_key_of_another_state_is_no_key(lay: Lay, key_id: str) -> None:
    lay(keys=KEYS, use=READ % ("keys", "keys") + grant(key_id))
    found = inventory()
    assert the_grant(found).key.address.text is None
    assert [key.grants for key in found.keys] == [()]


def test_a_choice_of_keys_joins_none_for_certain(lay: Lay) -> None:
    key_id = f"var.own ? aws_kms_key.k.key_id : {OUTPUTS}.key"
    use = 'variable "own" {}\nresource "aws_kms_key" "k" {}\n'
    lay(keys=KEYS, use=use + READ % ("keys", "keys") + grant(key_id))
    found = inventory()
    assert the_grant(found).key.address.text is None
    assert [key.grants for key in found.keys] == [(), ()]


def test_what_comes_home_has_its_own_address(lay: Lay) -> None:
    """A key's id that goes to another state and back is that of the key itself."""
    home = grant("data.terraform_remote_state.use.outputs.back") + READ % ("use", "use")
    back = S3 % "use" + READ % ("keys", "keys") + f'output "back" {{\n value = {OUTPUTS}.key\n}}\n'
    lay(keys=KEYS + home, use=back)
    found = inventory()
    assert the_grant(found).key.address.text == "aws_kms_key.k"
    assert [key.grants for key in found.keys] == [("aws_kms_grant.g",)]


def test_grants_for_keys_of_one_name_are_no_duplicates(lay: Lay) -> None:
    use = READ % ("keys", "keys") + 'resource "aws_kms_key" "k" {}\n'
    lay(keys=KEYS, use=use + grant() + grant("aws_kms_key.k.key_id", name="own"))
    assert not check(["."], Options(), Terms(Selection(("duplicate-grant",)))).findings
    lay(use=use + grant() + grant(name="again"))
    (found,) = check(["."], Options(), Terms(Selection(("duplicate-grant",)))).findings
    assert found.address == "aws_kms_grant.again"


def test_a_key_s_policy_denies_a_grant_elsewhere(lay: Lay) -> None:
    policy = """
resource "aws_kms_key" "k" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Principal = "*", Action = "kms:Decrypt", Resource = "*" },
    ]
  })
}
output "key" { value = aws_kms_key.k.key_id }
"""
    own = 'resource "aws_kms_key" "k" {}\n'
    granted = grant().replace("Sign", "Decrypt")
    lay(keys=S3 % "keys" + policy, use=READ % ("keys", "keys") + own + granted)
    (found,) = check(["."], Options(), Terms(Selection(("denied-grant",)))).findings
    assert found.certain
    assert found.span.path == "use/main.tf"
    assert [place.span.path for place in found.related][-1] == "keys/main.tf"
    assert "aws_kms_key.k in keys denies" in found.message


# -- other values --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "text", "said"),
    [
        (f"{OUTPUTS}.who", ROLE, "role app"),
        (f'"${{{OUTPUTS}.who}}"', ROLE, "role app"),
        (f"{OUTPUTS}.role", None, "aws_iam_role.r in keys"),
    ],
)
def test_a_grantee_comes_over(lay: Lay, who: str, text: str | None, said: str) -> None:
    lay(keys=KEYS, use=READ % ("keys", "keys") + grant(who=who))
    one = the_grant(inventory())
    assert (one.grantee_principal.text, one.who) == (text, said)
    assert one.grantee.kind.text == "role"


def test_what_another_root_module_hides_stays_hidden(lay: Lay) -> None:
    """Terraform forgets that an output is sensitive; here it is never shown."""
    lay(keys=KEYS, use=READ % ("keys", "keys") + grant(who=f"{OUTPUTS}.secret"))
    one = the_grant(inventory())
    assert one.grantee_principal.sensitive
    assert value_json(one.grantee_principal) == {"$sensitive": True}


def test_a_value_tells_by_which_state_it_came(lay: Lay) -> None:
    lay(keys=KEYS, use=READ % ("keys", "keys") + grant(who=f"{OUTPUTS}.who"))
    value = the_grant(inventory()).grantee_principal
    steps = [(step.name, step.kind, step.span.path if step.span else "") for step in value.trail]
    assert steps == [
        ("var.who", "default", "keys/main.tf"),
        ("output.who", "output", "keys/main.tf"),
        ("data.terraform_remote_state.keys", "data", "use/main.tf"),
    ]
    assert value.use is not None
    assert value.use.path == "use/main.tf"


def test_the_other_root_module_gets_the_same_variables(lay: Lay) -> None:
    lay(keys=KEYS, use=READ % ("keys", "keys") + grant(who=f"{OUTPUTS}.who"))
    found = estate.read(["."], Options(variables=(("who", "arn:aws:iam::111122223333:role/b"),)))
    value = the_grant(found.inventory).grantee_principal
    assert value.text == "arn:aws:iam::111122223333:role/b"


# -- which root module ---------------------------------------------------------------------

PLACES = {
    "local": ('backend "local" {}', '"local"', '{ path = "../keys/terraform.tfstate" }'),
    "local with a path": (
        'backend "local" {\n path = "../states/k.tfstate"\n}',
        '"local"',
        '{ path = "${path.module}/../states/k.tfstate" }',
    ),
    "no backend": ("", '"local"', '{ path = "../keys/terraform.tfstate" }'),
    "gcs": (
        'backend "gcs" {\n bucket = "b"\n prefix = "p"\n}',
        '"gcs"',
        '{ bucket = "b", prefix = "p" }',
    ),
    "azurerm": (
        'backend "azurerm" {\n storage_account_name = "s"\n container_name = "c"\n key = "k"\n}',
        '"azurerm"',
        '{ storage_account_name = "s", container_name = "c", key = "k", use_msi = true }',
    ),
    "cloud": (
        'cloud {\n organization = "o"\n workspaces {\n name = "w"\n }\n}',
        '"remote"',
        '{ organization = "o", workspaces = { name = "w" } }',
    ),
    "remote": (
        'backend "remote" {\n organization = "o"\n workspaces {\n name = "w"\n }\n}',
        '"remote"',
        '{ organization = "o", hostname = "app.terraform.io", workspaces = { name = "w" } }',
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_state_is_found_where_it_lies(lay: Lay, place: str) -> None:
    kept, backend, config = PLACES[place]
    keys = KEYS.replace(S3 % "keys", f"terraform {{\n{kept}\n}}\n")
    read = (
        f'data "terraform_remote_state" "keys" {{\n backend = {backend}\n config = {config}\n}}\n'
    )
    lay(keys=keys, use=read + grant())
    assert the_grant(inventory()).key.address.text == "aws_kms_key.k in keys"


OTHERS = {
    "another object": READ % ("keys", "other"),
    "another bucket": (READ % ("keys", "keys")).replace("states", "others"),
    "another backend": (READ % ("keys", "keys")).replace('"s3"', '"gcs"'),
    "a prefix of its own": (READ % ("keys", "keys")).replace(
        "config = {", 'config = {\n workspace_key_prefix = "x"'
    ),
    "no config": 'data "terraform_remote_state" "keys" {\n backend = "s3"\n}\n',
    "an unknown key": (READ % ("keys", "keys")).replace('"keys.tfstate"', "var.key")
    + 'variable "key" {}\n',
    "a backend that is none": (READ % ("keys", "keys")).replace('"s3"', '"swift"'),
    "another workspace": (READ % ("keys", "keys")).replace(
        "config =", 'workspace = "prod"\n config ='
    ),
}


@pytest.mark.parametrize("read", OTHERS)
def test_another_state_stays_unknown(lay: Lay, read: str) -> None:
    lay(keys=KEYS, use=OTHERS[read] + grant(who=f"{OUTPUTS}.who"))
    one = the_grant(inventory(workspace="dev" if read == "another workspace" else "default"))
    assert one.grantee_principal.unknown is not None
    assert one.key.address.text is None


@pytest.mark.parametrize(("asked", "own", "known"), [("dev", "dev", True), ("dev", "prod", False)])
def test_a_state_is_of_one_workspace(lay: Lay, asked: str, own: str, known: bool) -> None:
    read = (READ % ("keys", "keys")).replace("config =", f'workspace = "{asked}"\n config =')
    lay(keys=KEYS, use=read + grant())
    assert (the_grant(inventory(workspace=own)).key.address.text is not None) is known


def test_of_two_that_keep_one_state_neither_is_read(lay: Lay) -> None:
    lay(keys=KEYS, copy=KEYS, use=READ % ("keys", "keys") + grant())
    assert the_grant(inventory()).key.address.text is None


def test_its_own_state_is_not_read(lay: Lay) -> None:
    lay(keys=KEYS + READ % ("keys", "keys") + grant())
    assert the_grant(inventory()).key.address.text is None


def test_what_is_not_asked_for_is_not_read(lay: Lay) -> None:
    lay(keys=KEYS, use=READ % ("keys", "keys") + grant())
    assert the_grant(inventory("use")).key.address.text is None


# -- cycles and order ----------------------------------------------------------------------


def test_states_that_depend_on_each_other_are_unknown(lay: Lay) -> None:
    def root(name: str, other: str) -> str:
        outputs = f"data.terraform_remote_state.{other}.outputs"
        mine = (
            f'output "o" {{\n value = {outputs}.o\n}}\noutput "plain" {{\n value = "{ROLE}"\n}}\n'
        )
        granted = grant(f'"alias/{name}"', f"{outputs}.o") + grant(
            f'"alias/{name}"', f"{outputs}.plain", "plain"
        )
        return S3 % name + READ % (other, other) + mine + granted

    lay(a=root("a", "b"), b=root("b", "a"))
    for one in inventory().grants:
        value = one.grantee_principal
        if one.address == "aws_kms_grant.plain":
            assert value.text == ROLE
        else:
            assert value.unknown is not None
            assert "depends on itself" in value.unknown.reason


def test_a_chain_of_states_is_followed(lay: Lay) -> None:
    roots = {"r0": S3 % "r0" + f'output "o" {{\n value = "{ROLE}"\n}}\n'}
    for at in range(1, 40):
        value = f"data.terraform_remote_state.r{at - 1}.outputs.o"
        roots[f"r{at}"] = (
            S3 % f"r{at}"
            + READ % (f"r{at - 1}", f"r{at - 1}")
            + f'output "o" {{\n value = {value}\n}}\n'
        )
    use = READ % ("keys", "r39") + grant('"alias/a"', f"{OUTPUTS}.o")
    lay(**roots, use=use)
    assert the_grant(inventory()).grantee_principal.text == ROLE


def test_the_order_of_directories_changes_nothing(lay: Lay) -> None:
    """The one that is read may be judged before the one that reads it, or after."""
    shown = set()
    for keys, use in itertools.permutations(("first", "second")):
        lay(**{keys: KEYS, use: S3 % "use" + READ % ("keys", "keys") + grant()})
        found = inventory()
        address = the_grant(found).key.address.text or ""
        (key,) = found.keys
        shown.add((address.replace(keys, "K"), key.grants[0].replace(f" in {use}", " in U")))
    assert shown == {("aws_kms_key.k in K", "aws_kms_grant.g in U")}


# -- what Terraform says -------------------------------------------------------------------


def test_values_are_those_that_terraform_reads(lay: Lay) -> None:
    """As `terraform plan` (1.11.4) of the second showed after an apply of the first."""
    lay(
        a="""
variable "w" { default = "x" }
output "s" { value = "secret-${var.w}" }
output "o" { value = { n = [1, "two"], s = toset(["a"]) } }
output "gone" { value = null }
""",
        b="""
data "terraform_remote_state" "a" {
  backend  = "local"
  config   = { path = "../a/terraform.tfstate" }
  defaults = { d = "dd", s = "def" }
}
locals { a = data.terraform_remote_state.a.outputs }
resource "aws_kms_grant" "g" {
  key_id            = "alias/a"
  grantee_principal = local.a.s
  operations        = [local.a["o"].n[1], one(local.a.o.s), local.a.d, local.a.gone]
}
""",
    )
    one = the_grant(inventory())
    assert one.grantee_principal.text == "secret-x"
    members = [member.text for member in one.operations_written.elements()]
    assert members == ["two", "a", None, None]  # `d` is "dd" there: unknown is allowed
