"""Fixes as their users meet them: what is offered, what is applied, and what is left alone."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import grantlint.mend
from grantlint.check import Terms, check
from grantlint.cli.app import run
from grantlint.config import Selection
from grantlint.fix import Applicability, Change, Edit, Fix, diff, edited, overlap
from grantlint.mend import mend, writing
from grantlint.parsers.settings import Options
from grantlint.rules import all_rules
from grantlint.source import Source, Span

ROOT = Path(__file__).parents[1]


def put(directory, files):
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, "utf-8")
    return directory


def fixes(directory, rule=None, paths=None, **options):
    found = check(paths or [str(directory)], Options(**options)).findings
    return [one.fix for one in found if rule in {None, one.rule} and one.fix is not None]


def mended(directory, *, unsafe=True, select=(), **options):
    asked = Terms(Selection(select=tuple(select)))
    return mend([str(directory)], Options(**options), asked, lambda _: None, unsafe=unsafe)


def grant(body, name="g", key="aws_kms_key.k.key_id", retired=True):
    by = '"arn:aws:iam::111122223333:role/deploy"' if retired else "null"
    return f"""\
resource "aws_kms_grant" "{name}" {{
  key_id             = {key}
  grantee_principal  = "arn:aws:iam::111122223333:role/app"
  retiring_principal = {by}
{body}
  constraints {{
    encryption_context_equals = {{ Department = "Orders" }}
  }}
}}
"""


KEY = 'resource "aws_kms_key" "k" {}\n\n'
SIGNING = KEY.replace("{}", '{\n  customer_master_key_spec = "ECC_NIST_P256"\n}')

ROWS = {
    "CreateGrant is dropped": (
        "delegable-grant",
        Applicability.SUGGESTED,
        KEY + grant('  operations         = ["Decrypt", "CreateGrant"]\n'),
        KEY + grant('  operations         = ["Decrypt"]\n'),
    ),
    "an operation without its prefix": (
        "invalid-operation",
        Applicability.SAFE,
        KEY + grant('  operations         = ["kms:Decrypt", "Encrypt"]\n'),
        KEY + grant('  operations         = ["Decrypt", "Encrypt"]\n'),
    ),
    "both halves of ReEncrypt": (
        "invalid-operation",
        Applicability.SAFE,
        KEY + grant('  operations = [\n    "Decrypt", # read\n    "kms:ReEncrypt*"\n  ]\n'),
        KEY
        + grant(
            '  operations = [\n    "Decrypt", # read\n    "ReEncryptFrom",\n'
            '    "ReEncryptTo"\n  ]\n'
        ),
    ),
    "an operation that is there twice": (
        "invalid-operation",
        Applicability.SAFE,
        KEY + grant('  operations         = ["Decrypt", "kms:Decrypt"]\n'),
        KEY + grant('  operations         = ["Decrypt"]\n'),
    ),
    "an operation that only a policy can allow": (
        "invalid-operation",
        Applicability.SAFE,
        KEY + grant('  operations         = ["Decrypt", "kms:ScheduleKeyDeletion"]\n'),
        KEY + grant('  operations         = ["Decrypt"]\n'),
    ),
    "a misspelt operation is a guess": (
        "invalid-operation",
        Applicability.SUGGESTED,
        KEY + grant('  operations         = ["Decript", "Encrypt"]\n'),
        KEY + grant('  operations         = ["Decrypt", "Encrypt"]\n'),
    ),
    "a constraint of a key without encryption context": (
        "invalid-constraint",
        Applicability.SAFE,
        SIGNING + grant('  operations         = ["Sign"]\n'),
        SIGNING
        + grant('  operations         = ["Sign"]').replace(
            '\n  constraints {\n    encryption_context_equals = { Department = "Orders" }\n  }', ""
        ),
    ),
    "retire_on_delete of a grant that nobody retires": (
        "orphan-grant",
        Applicability.SUGGESTED,
        KEY
        + grant('  operations         = ["Decrypt"]\n\n  retire_on_delete = true\n', retired=False),
        KEY + grant('  operations         = ["Decrypt"]\n', retired=False),
    ),
}


def policy(statement, name="k"):
    return f"""\
resource "aws_kms_key" "{name}" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{
        Sid       = "Administer"
        Effect    = "Allow"
        Principal = {{ AWS = "arn:aws:iam::111122223333:root" }}
        Action    = "kms:*"
        Resource  = "*"
      }},
      {{
        Effect    = "Allow"
{statement}
        Resource  = "*"
      }},
    ]
  }})
}}
"""


CREATOR = """\
        Principal = { AWS = "arn:aws:iam::111122223333:role/cluster" } # of the cluster
        Action    = ["kms:CreateGrant", "kms:ListGrants"]"""
DEPUTY = """\
        Principal = { Service = "logs.eu-west-1.amazonaws.com" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*"]"""
SOURCE = '        Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }\n'
RESOURCE = '        Resource  = "*"\n      },\n    ]'
ROWS |= {
    "grants for resources of AWS only": (
        "unrestricted-create-grant",
        Applicability.SUGGESTED,
        policy(CREATOR),
        policy(CREATOR).replace(
            RESOURCE,
            '        Resource  = "*"\n'
            '        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }\n'
            "      },\n    ]",
        ),
    ),
    "the own account as source": (
        "confused-deputy",
        Applicability.SUGGESTED,
        policy(DEPUTY),
        policy(DEPUTY).replace(RESOURCE, f'        Resource  = "*"\n{SOURCE}      }},\n    ]'),
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_rule_mends_what_it_finds(row, tmp_path):
    rule, applicability, before, after = ROWS[row]
    put(tmp_path, {"main.tf": before})
    assert [fix.applicability for fix in fixes(tmp_path, rule)] == [applicability]
    done = mended(tmp_path, unsafe=applicability is not Applicability.SAFE, select=[rule])
    assert done.refused == []
    assert (tmp_path / "main.tf").read_text("utf-8") == after
    again = mended(tmp_path, select=[rule])
    assert again.applied == []
    assert (tmp_path / "main.tf").read_text("utf-8") == after
    left = [one.fix for one in again.report.findings if one.certain]
    assert not any(left)


@pytest.mark.parametrize("row", ROWS)
def test_only_safe_fixes_are_applied_unasked(row, tmp_path):
    rule, applicability, before, _ = ROWS[row]
    put(tmp_path, {"main.tf": before})
    done = mended(tmp_path, unsafe=False, select=[rule])
    changed = (tmp_path / "main.tf").read_text("utf-8") != before
    assert changed is bool(done.applied) is (applicability is Applicability.SAFE)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs terraform")
@pytest.mark.parametrize("row", ROWS)
def test_what_was_formatted_stays_so(row, tmp_path):
    rule, _, before, _ = ROWS[row]
    put(tmp_path, {"main.tf": before})
    command = ["terraform", "fmt", "-check", "-diff", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    mended(tmp_path, select=[rule])
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout == ""


@pytest.mark.parametrize("rule", [rule.id for rule in all_rules()])
def test_every_fix_of_an_example_mends_it(rule, tmp_path):
    """Of every bad example: what can be applied is gone, and a second run changes nothing."""
    found = next(one for one in all_rules() if one.id == rule)
    for number, example in enumerate(found.examples):
        if example.language == "hcl" and example.bad:
            directory = put(tmp_path / str(number), {"main.tf": example.text})
            done = mended(directory, account="111122223333")
            assert done.refused == []
            assert not [one for one in done.report.findings if one.certain and one.fix]
            text = (directory / "main.tf").read_text("utf-8")
            assert mended(directory, account="111122223333").applied == []
            assert (directory / "main.tf").read_text("utf-8") == text


@pytest.mark.parametrize("rule", [rule.id for rule in all_rules()])
def test_a_safe_fix_loses_no_comment(rule, tmp_path):
    found = next(one for one in all_rules() if one.id == rule)
    for number, example in enumerate(found.examples):
        if example.language == "hcl":
            directory = put(tmp_path / str(number), {"main.tf": example.text})
            mended(directory, unsafe=False, account="111122223333")
            text = (directory / "main.tf").read_text("utf-8")
            assert text.count("#") == example.text.count("#")


ESTATES = sorted(
    path
    for kind in ("terraform", "truth/terraform", "documented_but_reported", "documented")
    for path in (ROOT / "fixtures" / kind).iterdir()
    if path.is_dir()
)


@pytest.mark.parametrize("estate", ESTATES, ids=lambda path: path.name)
def test_every_fix_of_an_estate_mends_it(estate, tmp_path):
    """No fix is taken back, none is left, and nothing can be done twice."""
    copy = shutil.copytree(estate, tmp_path / "estate", symlinks=True)
    done = mended(copy, account="111122223333")
    assert done.refused == []
    assert not [one for one in done.report.findings if one.fix is not None]
    if done.applied:
        assert mended(copy, account="111122223333").applied == []


# -- what is not offered -------------------------------------------------------------------

LIST = '["Decrypt", "CreateGrant"]'
LOCAL = f"locals {{\n  operations = {LIST}\n}}\n"


def calls(body):
    return 'module "a" {\n  source     = "./m"\n' + body + "}\n"


PASSED = 'variable "operations" {\n  type = set(string)\n}\n' + KEY
PASSED += grant("  operations         = var.operations\n")
ONCE = {
    "written in the resource": {"main.tf": KEY + grant(f"  operations = {LIST}\n")},
    "a local of one": {"main.tf": LOCAL + KEY + grant("  operations = local.operations\n")},
    "an argument of a call": {
        "main.tf": calls(f"  operations = {LIST}\n"),
        "m/main.tf": PASSED,
    },
    "written in a module that is called once": {
        "main.tf": calls(""),
        "m/main.tf": KEY + grant(f"  operations = {LIST}\n"),
    },
    "all members of a for_each": {
        "main.tf": KEY + grant(f'  operations = {LIST}\n  for_each = toset(["a", "b"])\n')
    },
    "a module that is called twice": {
        "main.tf": calls("") + calls("").replace('"a"', '"b"'),
        "m/main.tf": KEY + grant(f"  operations = {LIST}\n"),
    },
    "one member of a map": {
        "main.tf": KEY
        + grant("  for_each = { a = " + LIST + ', b = ["Decrypt"] }\n  operations = each.value\n')
    },
    "concatenated": {
        "main.tf": KEY + grant('  operations = concat(["CreateGrant", "Encrypt"], ["Decrypt"])\n')
    },
}
SHARED = {
    "a local of two": {
        "main.tf": LOCAL
        + KEY
        + grant("  operations = local.operations\n")
        + 'output "all" {\n  value = local.operations\n}\n'
    },
    "one local of two grants, one of them as it should be": {
        "main.tf": LOCAL
        + KEY
        + grant("  operations = local.operations\n")
        + grant("  operations = local.operations\n", "other").replace(
            "role/app",
            "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
        )
    },
    "some members of a for_each": {
        "main.tf": KEY
        + grant(f'  operations = {LIST}\n  for_each = toset(["a", "b"])\n').replace(
            '"arn:aws:iam::111122223333:role/app"',
            'each.key == "a" ? "arn:aws:iam::111122223333:role/app" : "arn:aws:iam::111122223333:'
            'role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"',
        )
    },
    "the key of a for_each": {
        "main.tf": KEY
        + grant('  operations = ["Decrypt", each.key]\n  for_each = toset(["CreateGrant"])\n')
    },
    "another reads it": {
        "main.tf": KEY
        + grant(f"  operations = {LIST}\n")
        + 'output "all" {\n  value = aws_kms_grant.g.operations\n}\n'
    },
    "the only operation": {"main.tf": KEY + grant('  operations = ["CreateGrant"]\n')},
    "computed": {"main.tf": KEY + grant('  operations = split(",", "Decrypt,CreateGrant")\n')},
    "a template": {"main.tf": KEY + grant('  operations = ["Decrypt", "Create${"Grant"}"]\n')},
    "one of two": {
        "main.tf": KEY
        + 'variable "on" {}\n'
        + grant(f'  operations = var.on ? {LIST} : ["Decrypt"]\n')
    },
    "unknown": {
        "main.tf": KEY
        + 'variable "more" {}\n'
        + grant('  operations = concat(["Decrypt", "CreateGrant"], var.more)\n')
    },
    "a default that nothing shows to be applied": {
        "main.tf": f'variable "operations" {{\n  default = {LIST}\n}}\n'
        + KEY
        + grant("  operations = var.operations\n")
    },
    "JSON": {
        "main.tf.json": json.dumps(
            {
                "resource": {
                    "aws_kms_key": {"k": {}},
                    "aws_kms_grant": {
                        "g": {
                            "key_id": "${aws_kms_key.k.key_id}",
                            "grantee_principal": "arn:aws:iam::111122223333:role/app",
                            "operations": ["Decrypt", "CreateGrant"],
                        }
                    },
                }
            }
        )
    },
    "an override file": {
        "main.tf": KEY + grant(f"  operations = {LIST}\n"),
        "override.tf": 'resource "aws_kms_grant" "g" {\n  operations = ' + LIST + "\n}\n",
    },
    "a hidden directory": {
        "main.tf": calls("").replace("./m", "./.modules/m"),
        ".modules/m/main.tf": KEY + grant(f"  operations = {LIST}\n"),
    },
}


@pytest.mark.parametrize("case", ONCE)
def test_what_is_written_in_one_place_is_mended(case, tmp_path):
    put(tmp_path, ONCE[case])
    assert fixes(tmp_path, "delegable-grant")
    done = mended(tmp_path, select=["delegable-grant"])
    assert done.refused == []
    assert [one for one in done.report.findings if one.certain] == []


@pytest.mark.parametrize("case", SHARED)
def test_what_is_shared_or_computed_has_no_fix(case, tmp_path):
    put(tmp_path, SHARED[case])
    found = check([str(tmp_path)], Options()).findings
    assert [one for one in found if one.rule in {"delegable-grant", "invalid-operation"}]
    assert fixes(tmp_path, "delegable-grant") == []


def test_a_policy_of_a_template_has_no_fix(tmp_path):
    text = json.dumps(
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "logs.amazonaws.com"},
                    "Action": "kms:Decrypt",
                    "Resource": "*",
                },
            ]
        }
    )
    call = 'templatefile("${path.module}/policy.tftpl", {})'
    put(
        tmp_path, {"policy.tftpl": text, "main.tf": KEY.replace("{}", f"{{\n  policy = {call}\n}}")}
    )
    assert [one.rule for one in check([str(tmp_path)], Options()).findings] == ["confused-deputy"]
    assert fixes(tmp_path, account="111122223333") == []


def test_a_possible_finding_has_no_fix(tmp_path):
    text = KEY + 'variable "who" {}\n' + grant(f"  operations = {LIST}\n")
    put(tmp_path, {"main.tf": text.replace('"arn:aws:iam::111122223333:role/app"', "var.who")})
    found = check([str(tmp_path)], Options()).findings
    assert all(not one.certain for one in found if one.rule == "delegable-grant")
    assert fixes(tmp_path, "delegable-grant") == []


def test_a_condition_that_would_deny_others_is_not_added(tmp_path):
    both = (
        'Principal = { Service = "logs.amazonaws.com", AWS = "arn:aws:iam::111122223333:role/a" }'
    )
    put(tmp_path, {"main.tf": policy(f'        {both}\n        Action = "kms:Decrypt"')})
    assert fixes(tmp_path, "confused-deputy") == []
    for service, action in (("dnssec-route53", "kms:CreateGrant"), ("events", "kms:*")):
        lone = f'        Principal = {{ Service = "{service}.amazonaws.com" }}'
        put(tmp_path, {"main.tf": policy(f'{lone}\n        Action    = "{action}"')})
        found = check([str(tmp_path)], Options(), Terms(Selection(("confused-deputy",)))).findings
        assert [(one.rule, one.fix) for one in found] == [("confused-deputy", None)]
    mixed = CREATOR.replace("kms:ListGrants", "kms:Decrypt")
    put(tmp_path, {"main.tf": policy(mixed)})
    assert fixes(tmp_path, "unrestricted-create-grant") == []


def test_files_outside_the_given_paths_stay(tmp_path):
    put(tmp_path, ONCE["an argument of a call"])
    assert fixes(tmp_path, "delegable-grant")
    assert fixes(tmp_path, "delegable-grant", [str(tmp_path / "m")]) == []
    assert fixes(tmp_path, "delegable-grant", [str(tmp_path / "main.tf")])


# -- applying ------------------------------------------------------------------------------


def test_several_fixes_of_a_list_are_applied_in_rounds(tmp_path):
    text = KEY + grant('  operations = ["kms:Decrypt", "CreateGrant", "Sign", "ReEncrypt"]\n')
    put(tmp_path, {"main.tf": text})
    done = mended(tmp_path)
    assert len(done.applied) == 4
    written = (tmp_path / "main.tf").read_text("utf-8")
    assert '["Decrypt", "ReEncryptFrom", "ReEncryptTo"]' in written


def test_root_modules_may_share_addresses(tmp_path):
    right = KEY + grant('  operations = ["Decrypt", "DescribeKey"]\n')
    wrong = KEY + grant(f"  operations = {LIST}\n")
    put(tmp_path, {"prod/main.tf": right, "dev/main.tf": wrong, "test/main.tf": wrong})
    done = mended(tmp_path)
    assert (len(done.applied), done.refused) == (2, [])
    assert (tmp_path / "prod/main.tf").read_text("utf-8") == right


def test_mode_and_line_ends_are_kept(tmp_path):
    path = tmp_path / "main.tf"
    text = b"\xef\xbb\xbf" + (KEY + grant(f"  operations = {LIST}\n")).encode()
    path.write_bytes(text.replace(b"\n", b"\r\n"))
    path.chmod(0o640)
    mended(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o640
    after = text.replace(LIST.encode(), b'["Decrypt"]').replace(b"\n", b"\r\n")
    assert path.read_bytes() == after
    assert [one.name for one in tmp_path.iterdir()] == ["main.tf"]


def test_what_goes_wrong_is_taken_back_and_told(tmp_path, monkeypatch):
    """An edit that does more than was meant: both operations instead of one."""
    text = KEY + grant(f"  operations = {LIST}\n")
    put(tmp_path, {"main.tf": text})
    monkeypatch.setattr(
        writing,
        "edited",
        lambda source, edits: edited(source, edits).replace(b"role/app", b"role/other"),
    )
    done = mended(tmp_path)
    ((finding, why),) = done.refused
    assert finding.rule == "delegable-grant"
    assert why == "grantee_principal of aws_kms_grant.g would change too"
    assert (tmp_path / "main.tf").read_text("utf-8") == text


def test_a_fix_that_mends_nothing_is_taken_back(tmp_path, monkeypatch):
    text = KEY + grant(f"  operations = {LIST}\n")
    put(tmp_path, {"main.tf": text})
    monkeypatch.setattr(writing, "edited", lambda source, _: source.data + b"# x\n")
    ((_, why),) = mended(tmp_path).refused
    assert why == "the finding would still be there"
    assert (tmp_path / "main.tf").read_text("utf-8") == text


def test_a_fix_that_breaks_a_file_is_taken_back_and_the_others_are_applied(tmp_path, monkeypatch):
    texts = {"a.tf": KEY + grant(f"  operations = {LIST}\n"), "b.tf": KEY.replace('"k"', '"l"')}
    texts["b.tf"] += grant(f"  operations = {LIST}\n", "h", "aws_kms_key.l.key_id")
    put(tmp_path, texts)

    def broken(source, edits):
        made = edited(source, edits)
        return made + b"}" if source.path.endswith("b.tf") and made != source.data else made

    monkeypatch.setattr(writing, "edited", broken)
    done = mended(tmp_path)
    assert [one.address for one in done.applied] == ["aws_kms_grant.g"]
    assert [one.address for one, _ in done.refused] == ["aws_kms_grant.h"]
    assert (tmp_path / "b.tf").read_text("utf-8") == texts["b.tf"]


def test_a_file_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    put(tmp_path, {"main.tf": KEY + grant(f"  operations = {LIST}\n")})

    def refuse(*_):
        raise PermissionError(13, "Permission denied", "main.tf")

    monkeypatch.setattr(writing, "write", refuse)
    ((_, why),) = mended(tmp_path).refused
    assert why == "main.tf: permission denied"


def test_a_run_that_is_interrupted_leaves_the_files_as_they_were(tmp_path, monkeypatch):
    text = KEY + grant(f"  operations = {LIST}\n")
    put(tmp_path, {"main.tf": text})

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(grantlint.mend, "surprise", interrupt)
    with pytest.raises(KeyboardInterrupt):
        mended(tmp_path)
    assert (tmp_path / "main.tf").read_text("utf-8") == text


# -- fixes as text -------------------------------------------------------------------------


def edit(source, start, end, text):
    return Edit(Span(source, start, end), text)


def test_edits_that_touch_do_not_overlap():
    source = Source("a.tf", b"0123456789")
    assert not overlap(edit(source, 0, 3, ""), edit(source, 3, 4, ""))
    assert overlap(edit(source, 0, 3, ""), edit(source, 2, 4, ""))
    assert overlap(edit(source, 2, 2, "a"), edit(source, 2, 4, ""))
    assert not overlap(edit(source, 2, 2, "a"), edit(source, 2, 2, "a"))
    assert not overlap(edit(source, 0, 3, ""), edit(Source("b.tf", b"0123"), 0, 3, ""))


def test_a_diff_is_unified():
    source = Source("a.tf", b"\xef\xbb\xbfa\r\nb\r\nc\r\n")
    fix = Fix("t", Applicability.SAFE, Change((), "set"), (), (edit(source, 6, 7, "x"),))
    assert diff(fix) == ["--- a.tf", "+++ a.tf", "@@ -1,4 +1,4 @@", " a", "-b", "+x", " c", " "]


# -- the command line ----------------------------------------------------------------------


def asked(capsys, *arguments):
    with pytest.raises(SystemExit) as done:
        raise SystemExit(run(["check", *map(str, arguments)]))
    return done.value.code, capsys.readouterr()


@pytest.fixture
def estate(tmp_path, monkeypatch):
    text = KEY + grant('  operations = ["kms:Decrypt", "CreateGrant"]\n')
    put(tmp_path, {"main.tf": text})
    monkeypatch.chdir(tmp_path)
    return tmp_path / "main.tf"


def test_fixes_are_shown_as_diffs(estate, capsys):
    before = estate.read_text("utf-8")
    _, said = asked(capsys, "--show-fixes", ".")
    assert '  = change: write "Decrypt"\n--- main.tf\n+++ main.tf\n@@ ' in said.out
    assert '+  operations = ["Decrypt", "CreateGrant"]\n' in said.out
    assert '  = change: remove "CreateGrant" (suggested)\n' in said.out
    assert "\n2 findings can be fixed: 1 with --fix, 1 more with --fix --unsafe-fixes\n" in said.out
    assert estate.read_text("utf-8") == before


def test_fix_applies_the_safe_ones_and_reports_the_rest(estate, capsys):
    code, said = asked(capsys, "--fix", ".")
    assert '["Decrypt", "CreateGrant"]' in estate.read_text("utf-8")
    assert said.err == "grantlint: fixed 1 finding in 1 file\n"
    assert (code, "invalid-operation" in said.out, "delegable-grant" in said.out) == (
        1,
        False,
        True,
    )


def test_unsafe_fixes_are_applied_on_demand(estate, capsys):
    code, said = asked(capsys, "--fix", "--unsafe-fixes", "--select", "delegable-grant", ".")
    assert '["kms:Decrypt"]' in estate.read_text("utf-8")
    assert (code, said.err) == (0, "grantlint: fixed 1 finding in 1 file\n")


@pytest.mark.usefixtures("estate")
def test_the_json_report_has_the_edits(capsys):
    _, said = asked(capsys, "--output", "json", "--select", "invalid-operation", ".")
    (found,) = json.loads(said.out)["findings"]
    assert found["fix"]["applicability"] == "safe"
    (made,) = found["fix"]["edits"]
    assert (made["text"], made["span"]["path"]) == ('"Decrypt"', "main.tf")


def test_no_fix_is_said_to_be_none(tmp_path, capsys):
    put(tmp_path, {"main.tf": KEY})
    assert "\nno fixes\n" in asked(capsys, "--show-fixes", tmp_path)[1].out


@pytest.mark.usefixtures("estate")
@pytest.mark.parametrize("options", [["--unsafe-fixes"], ["--quiet", "--show-fixes"]])
def test_options_that_make_no_sense_are_refused(options, capsys):
    code, said = asked(capsys, *options, ".")
    assert code == 2
    assert "-fixes" in said.err


def test_an_iam_policy_is_mended_too(tmp_path):
    text = (
        'resource "aws_iam_policy" "app" {\n'
        "  policy = jsonencode({\n"
        '    Statement = [{ Effect = "Allow", Action = ["kms:ListGrant"], Resource = "*" }]\n'
        "  })\n"
        "}\n"
    )
    put(tmp_path, {"main.tf": text})
    done = mended(tmp_path, select=["unmatched-action"])
    assert (done.refused, done.report.findings) == ([], ())
    assert (tmp_path / "main.tf").read_text("utf-8") == text.replace("ListGrant", "ListGrants")
