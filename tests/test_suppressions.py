"""Findings that somebody accepts: where, by whom, for how long, and for how much."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grantlint.check import Terms, check
from grantlint.config import Selection, UsageError
from grantlint.extent import Extent
from grantlint.finding import Acceptance
from grantlint.parsers.settings import Options
from grantlint.rules import all_rules
from grantlint.suppress.accepting import Accepting
from grantlint.suppress.ignore import Ignore
from grantlint.suppress.report import ABOUT

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = "arn:aws:iam::111122223333:role"
SAYS = 'grantlint: ignore[delegable-grant] reason="it is so"'
ONLY = Selection(select=("delegable-grant", *sorted(ABOUT)))
GRANT = f"""\
resource "aws_kms_grant" "g" {{
  name              = "g"
  key_id            = "{KEY}"
  grantee_principal = "{ROLE}/etl"
  operations = [
    "Decrypt",
    "CreateGrant",
  ]
}}
"""
TEMPLATE = """\
Resources:
  Grant:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Sid: Admin
            Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: kms:*
            Resource: "*"
          - Sid: Everyone
            Effect: Allow
            Principal: {AWS: "*"}
            Action: kms:Decrypt
            Resource: "*"
"""


def written(directory, files):
    """The files in a directory."""
    for name, text in files.items():
        path = Path(directory, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return directory


def report_on(directory, files, selection=ONLY, options=None, **accepting):
    """The report on a directory with these files."""
    written(directory, files)
    terms = Terms(selection, accepting=Accepting(**accepting))
    return check([str(directory)], options or Options(), terms)


def commented(text, line, comment):
    """A text with a comment above a line (counted from 1), indented as that is."""
    lines = text.split("\n")
    above = lines[line - 1]
    indent = above[: len(above) - len(above.lstrip())]
    return "\n".join([*lines[: line - 1], f"{indent}{comment}", *lines[line - 1 :]])


def ended(text, line, comment):
    """A text with a comment at the end of a line."""
    lines = text.split("\n")
    lines[line - 1] += f" {comment}"
    return "\n".join(lines)


def said(report):
    return [(one.rule, one.certain) for one in report.findings]


# -- where a comment may stand -------------------------------------------------------------

COVERING = {
    "above the block": commented(GRANT, 1, f"# {SAYS}"),
    "above it, with slashes": commented(GRANT, 1, f"// {SAYS}"),
    "above it, in a block comment": commented(GRANT, 1, f"/* {SAYS} */"),
    "above it, in lines of a block comment": f"/*\n * of our own\n * {SAYS}\n */\n{GRANT}",
    "above it and a blank line": f"# {SAYS}\n\n{GRANT}",
    "above it and other comments": f"# {SAYS}\n# it is\n// so\n{GRANT}",
    "at the end of its first line": ended(GRANT, 1, f"# {SAYS}"),
    "above the argument": commented(GRANT, 5, f"# {SAYS}"),
    "at the end of the argument's first line": ended(GRANT, 5, f"# {SAYS}"),
    "above the element": GRANT.replace("[\n    ", '["CreateGrant", ').replace(
        "  operations", f"  # {SAYS}\n  operations"
    ),
    "before code on its line": GRANT.replace("  operations", f"  /* {SAYS} */ operations"),
    "with carriage returns": commented(GRANT, 1, f"# {SAYS}").replace("\n", "\r\n"),
    "behind a byte order mark": "\ufeff" + commented(GRANT, 1, f"# {SAYS}"),
}


@pytest.mark.parametrize("text", COVERING.values(), ids=COVERING)
def test_a_comment_speaks_of_all_that_begins_where_it_points(tmp_path, text):
    report = report_on(tmp_path, {"main.tf": text})
    assert said(report) == []
    (one,) = report.suppressed
    assert (one.finding.rule, one.by.kind) == ("delegable-grant", Acceptance.COMMENT)
    assert (one.by.reason, one.by.who) == ("it is so", "caller")
    assert one.by.span.text == SAYS


MISSING = {
    "above another argument": commented(GRANT, 2, f"# {SAYS}"),
    "at the end of another argument": ended(GRANT, 4, f"# {SAYS}"),
    "above another element": commented(GRANT, 6, f"# {SAYS}"),
    "behind the block": f"{GRANT}# {SAYS}\n",
    "at the end of the closing brace": ended(GRANT, 9, f"# {SAYS}"),
    "above another block": f"# {SAYS}\nlocals {{}}\n{GRANT}",
    "as the first line in the block": commented(GRANT, 2, f"# {SAYS}"),
}


@pytest.mark.parametrize("text", MISSING.values(), ids=MISSING)
def test_a_comment_speaks_of_nothing_else_and_is_unused(tmp_path, text):
    report = report_on(tmp_path, {"main.tf": text})
    assert sorted(said(report)) == [("delegable-grant", True), ("unused-suppression", True)]


@pytest.mark.parametrize(
    "text",
    [
        GRANT.replace('name              = "g"', "name              = " + json.dumps(f"# {SAYS}")),
        f"{GRANT}locals {{\n  x = <<EOT\n# {SAYS}\nEOT\n}}\n",
    ],
    ids=["string", "heredoc"],
)
def test_what_stands_in_a_text_is_no_comment(tmp_path, text):
    report = report_on(tmp_path, {"main.tf": text})
    assert said(report) == [("delegable-grant", True)]


IN_YAML = {
    "above the resource": commented(TEMPLATE, 2, "# {}"),
    "above the statement": commented(TEMPLATE, 13, "# {}"),
    "at the end of the statement's first line": ended(TEMPLATE, 13, "# {}"),
    "above the line": commented(TEMPLATE, 15, "# {}"),
    "at the end of the line": ended(TEMPLATE, 15, "# {}"),
    "above the list": commented(TEMPLATE, 7, "# {}"),
    "with carriage returns": commented(TEMPLATE, 13, "# {}").replace("\n", "\r\n"),
}
OF_YAML = 'grantlint: ignore[public-key-policy] reason="it is so"'
IN_TEMPLATES = Selection(select=("public-key-policy", *sorted(ABOUT)))


@pytest.mark.parametrize("text", IN_YAML.values(), ids=IN_YAML)
def test_a_comment_in_yaml_speaks_of_what_begins_there(tmp_path, text):
    files = {"template.yaml": text.replace("{}", OF_YAML)}
    report = report_on(tmp_path, files, IN_TEMPLATES)
    assert said(report) == []
    assert [one.by.span.text for one in report.suppressed] == [OF_YAML]


@pytest.mark.parametrize("line", [8, 14, 17])
def test_a_comment_elsewhere_in_yaml_is_unused(tmp_path, line):
    files = {"template.yaml": commented(TEMPLATE, line, f"# {OF_YAML}")}
    report = report_on(tmp_path, files, IN_TEMPLATES)
    assert sorted(said(report)) == [("public-key-policy", True), ("unused-suppression", True)]


# -- Metadata ------------------------------------------------------------------------------


def with_metadata(text, ignore, form="yaml"):
    import yaml

    tree = yaml.safe_load(text)
    tree["Resources"]["Grant"]["Metadata"] = {"grantlint": {"ignore": ignore}}
    return json.dumps(tree, indent=1) if form == "json" else yaml.safe_dump(tree)


ENTRY = {"rules": ["public-key-policy"], "reason": "it is so", "until": "2027-03-31"}


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("ignore", [[ENTRY], ENTRY, {**ENTRY, "rules": "public-key-policy"}])
def test_metadata_accept_for_the_whole_resource(tmp_path, form, ignore):
    text = with_metadata(TEMPLATE, ignore, form)
    report = report_on(tmp_path, {f"template.{form}": text}, IN_TEMPLATES, today=date(2027, 3, 31))
    assert said(report) == []
    (one,) = report.suppressed
    assert (one.by.kind, one.by.reason) == (Acceptance.METADATA, "it is so")
    assert one.by.until == date(2027, 3, 31)


WRONG_METADATA = [
    ({"rules": ["public-key-policy"]}, "why is not said: add a reason"),
    ({**ENTRY, "reason": " "}, "the reason is empty: say why"),
    ({**ENTRY, "rules": []}, "no rule is named: add rules: […]"),
    ({"reason": "x"}, "no rule is named: add rules: […]"),
    ({**ENTRY, "until": "2027-02-30"}, "there is no day 2027-02-30"),
    ({**ENTRY, "unitl": "2027-02-28"}, "there is no unitl: did you mean until?"),
    ({**ENTRY, "accepts": "!"}, "! says no access: `grantlint check --add-ignore` writes"),
    ({**ENTRY, "rules": [1]}, "the id of a rule is a text"),
    ({**ENTRY, "reason": ["x"]}, "reason is a text"),
    ("public-key-policy", "an entry is a map: {rules: […], reason: …}"),
    ({**ENTRY, "rules": ["public-key-polcy"]}, "there is no rule public-key-polcy: did you mean"),
]


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize(("entry", "message"), WRONG_METADATA)
def test_metadata_are_held_to_the_same(tmp_path, form, entry, message):
    text = with_metadata(TEMPLATE, [entry], form)
    report = report_on(tmp_path, {f"template.{form}": text}, IN_TEMPLATES)
    first, *_ = [one for one in report.findings if one.rule == "invalid-suppression"]
    assert first.message.startswith(message)
    assert first.span.text in text
    assert first.span.line > 2
    assert any(one.rule == "public-key-policy" for one in report.findings)


def test_what_the_cdk_synthesised_is_accepted_in_metadata(tmp_path):
    source = Path(__file__).parents[1] / "fixtures/cdk/debug-2.276.0"
    files = {
        str(path.relative_to(source)): path.read_bytes()
        for path in source.rglob("*")
        if path.is_file()
    }
    every = Selection()
    before = report_on(tmp_path / "before", files, every)
    found = next(one for one in before.findings if one.construct)
    names = [name for name in files if name.endswith(".template.json")]
    changed = {}
    for name in names:
        tree = json.loads(files[name])
        for resource in tree["Resources"].values():
            ours = {"ignore": [{"rules": [found.rule], "reason": "it is so"}]}
            resource.setdefault("Metadata", {})["grantlint"] = ours
        changed[name] = json.dumps(tree, indent=1)
    after = report_on(tmp_path / "after", {**files, **changed}, every)
    assert found.rule not in {one.rule for one in after.findings}
    by = [one.by for one in after.suppressed if one.finding.construct == found.construct]
    assert {one.kind for one in by} == {Acceptance.METADATA}
    assert by[0].span.path.endswith((".ts", ".js"))


# -- modules -------------------------------------------------------------------------------

MODULE = GRANT.replace(f'"{ROLE}/etl"', "var.grantee")
CALL = f"""\
module "etl" {{
  source   = "./etl"
  for_each = toset(["a", "b"])
  grantee  = "{ROLE}/${{each.key}}"
}}
"""
VARIABLE = 'variable "grantee" { type = string }\n'


def test_the_author_of_a_module_accepts_for_all_its_callers(tmp_path):
    files = {"main.tf": CALL, "etl/main.tf": commented(MODULE, 1, f"# {SAYS}") + VARIABLE}
    report = report_on(tmp_path, files)
    assert said(report) == []
    assert [(one.by.who, one.by.kind) for one in report.suppressed] == [
        ("module", Acceptance.COMMENT)
    ] * 2


def test_the_caller_of_a_module_accepts_at_the_call(tmp_path):
    files = {"main.tf": commented(CALL, 1, f"# {SAYS}"), "etl/main.tf": MODULE + VARIABLE}
    report = report_on(tmp_path, files)
    assert said(report) == []
    assert [one.by.who for one in report.suppressed] == ["caller"] * 2


def test_where_both_accept_the_caller_is_told(tmp_path):
    caller = SAYS.replace("it is so", "we too")
    files = {
        "main.tf": commented(CALL, 1, f"# {caller}"),
        "etl/main.tf": commented(MODULE, 1, f"# {SAYS}") + VARIABLE,
    }
    report = report_on(tmp_path, files)
    assert said(report) == []
    assert [(one.by.who, one.by.reason) for one in report.suppressed] == [("caller", "we too")] * 2


def test_what_a_variable_file_gives_is_accepted_there(tmp_path):
    files = {
        "main.tf": GRANT.replace('[\n    "Decrypt",\n    "CreateGrant",\n  ]', "var.what")
        + 'variable "what" { type = list(string) }\n',
        "terraform.tfvars": f'# {SAYS}\nwhat = ["Decrypt", "CreateGrant"]\n',
    }
    report = report_on(tmp_path, files)
    assert said(report) == []
    assert report.suppressed[0].by.who == "caller"


def test_instances_of_a_block_are_all_spoken_of(tmp_path):
    text = GRANT.replace("  name  ", '  for_each          = toset(["a", "b"])\n  name  ')
    report = report_on(tmp_path, {"main.tf": f"# {SAYS}\n{text}"})
    assert said(report) == []
    assert len(report.suppressed) == 2


def test_a_plan_is_accepted_in_the_configuration_beside_it(tmp_path):
    values = {
        "name": "g",
        "key_id": KEY,
        "grantee_principal": f"{ROLE}/etl",
        "operations": ["CreateGrant", "Decrypt"],
    }
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
    resource = {"address": "aws_kms_grant.g", "mode": "managed", "type": "aws_kms_grant"}
    plan = {
        "format_version": "1.2",
        "resource_changes": [{**resource, "name": "g", "change": change}],
        "configuration": {},
    }
    written(tmp_path, {"infra/main.tf": f"# {SAYS}\n{GRANT}", "plan.json": json.dumps(plan)})
    terms = Terms(ONLY)
    path = str(tmp_path / "plan.json")
    assert said(check([path], Options(), terms)) == [("delegable-grant", True)]
    report = check([path], Options(sources=str(tmp_path / "infra")), terms)
    assert said(report) == []
    assert report.suppressed[0].by.span.path.endswith("infra/main.tf")


# -- how long, how much --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "left"),
    [
        (date(2027, 3, 30), []),
        (date(2027, 3, 31), []),
        (date(2027, 4, 1), ["expired-suppression", "delegable-grant"]),
    ],
)
def test_an_acceptance_holds_until_the_end_of_its_day(tmp_path, today, left):
    files = {"main.tf": f"# {SAYS} until=2027-03-31\n{GRANT}"}
    report = report_on(tmp_path, files, today=today)
    assert [one.rule for one in report.findings] == left
    if left:
        finding = report.findings[1]
        assert finding.related[-1].text == "accepted until 2027-03-31"
        assert finding.related[-1].span.line == 1


def test_an_acceptance_ends_when_more_is_allowed(tmp_path):
    before = report_on(tmp_path, {"main.tf": GRANT})
    extent = before.findings[0].extent
    assert isinstance(extent, Extent)
    comment = f'# {SAYS} accepts="{extent}"'
    assert said(report_on(tmp_path, {"main.tf": f"{comment}\n{GRANT}"})) == []
    narrow = GRANT.replace('    "Decrypt",\n', "")
    assert said(report_on(tmp_path, {"main.tf": f"{comment}\n{narrow}"})) == []
    wide = GRANT.replace('"Decrypt",', '"Decrypt", "Encrypt",')
    report = report_on(tmp_path, {"main.tf": f"{comment}\n{wide}"})
    assert [one.rule for one in report.findings] == ["outgrown-suppression", "delegable-grant"]
    assert report.findings[0].message == "more is allowed than was accepted: Encrypt is new"
    assert report.findings[1].related[-1].text == "accepted for less: Encrypt is new"


def test_without_accepts_a_comment_holds_for_whatever_its_rules_find(tmp_path):
    wide = GRANT.replace('"Decrypt",', '"Decrypt", "Encrypt",')
    assert said(report_on(tmp_path, {"main.tf": f"# {SAYS}\n{wide}"})) == []


def test_of_two_acceptances_the_one_that_holds_counts(tmp_path):
    files = {"main.tf": f"# {SAYS} until=2020-01-01\n# {SAYS} until=2030-01-01\n{GRANT}"}
    report = report_on(tmp_path, files, today=date(2027, 1, 1))
    assert [one.rule for one in report.findings] == ["expired-suppression"]
    assert report.suppressed[0].by.until == date(2030, 1, 1)


# -- what nobody accepts -------------------------------------------------------------------


def test_a_mandatory_rule_is_reported_and_the_attempt_too(tmp_path):
    files = {"main.tf": f"# {SAYS}\n{GRANT}"}
    report = report_on(tmp_path, files, mandatory=frozenset({"delegable-grant"}))
    assert [one.rule for one in report.findings] == ["invalid-suppression", "delegable-grant"]
    assert report.findings[0].span.text == "delegable-grant"
    assert not report.suppressed


def test_a_mandatory_rule_must_exist(tmp_path):
    with pytest.raises(
        UsageError, match=r"--mandatory delegable-grnt: .* did you mean delegable-grant"
    ):
        report_on(tmp_path, {"main.tf": GRANT}, mandatory=frozenset({"delegable-grnt"}))


def test_without_ignores_nothing_is_accepted_and_nothing_said(tmp_path):
    files = {"main.tf": f"# {SAYS} until=2020-01-01\n# grantlint: noqa\n{GRANT}"}
    report = report_on(tmp_path, files, ignores=False)
    assert said(report) == [("delegable-grant", True)]


def test_a_file_that_cannot_be_read_is_always_reported(tmp_path):
    comment = '# grantlint: ignore[unreadable-file] reason="x"\n'
    report = report_on(tmp_path, {"main.tf": f"{comment}{GRANT}resource {{\n"})
    assert report.unreadable
    assert "invalid-suppression" in {one.rule for one in report.findings}


@pytest.mark.parametrize("rule", sorted(ABOUT))
def test_rules_about_suppressions_cannot_be_suppressed(tmp_path, rule):
    files = {"main.tf": f'# grantlint: ignore[{rule}] reason="x"\n{GRANT}'}
    report = report_on(tmp_path, files)
    about = [one for one in report.findings if one.rule == "invalid-suppression"]
    assert [one.span.text for one in about] == [rule]


# -- what is wrong -------------------------------------------------------------------------


def test_a_fault_is_shown_at_its_column(tmp_path):
    text = f'# ä grantlint\n  # grantlint: ignore[delegable-grnt] reason="ä"\n{GRANT}'
    report = report_on(tmp_path, {"main.tf": text})
    first = report.findings[0]
    assert (first.rule, first.span.line, first.span.column) == ("invalid-suppression", 2, 23)
    assert first.message == "there is no rule delegable-grnt: did you mean delegable-grant?"


def test_one_unknown_id_does_not_undo_the_others(tmp_path):
    text = f'# grantlint: ignore[delegable-grant, orphan-grnt] reason="x"\n{GRANT}'
    report = report_on(tmp_path, {"main.tf": text})
    assert said(report) == [("invalid-suppression", True)]


def test_an_id_like_none_of_ours_may_be_of_policies_that_are_not_asked(tmp_path):
    text = f'# grantlint: ignore[zzz] reason="x"\n{GRANT}'
    report = report_on(tmp_path, {"main.tf": text})
    assert said(report) == [("invalid-suppression", False), ("delegable-grant", True)]


# -- what is of no use ---------------------------------------------------------------------


def test_only_the_id_that_is_of_no_use_is_shown(tmp_path):
    text = f'# grantlint: ignore[delegable-grant, orphan-grant] reason="x"\n{GRANT}'
    asked = Selection(select=(*ONLY.select, "exposed-secret", "orphan-grant"))
    text = text.replace("orphan-grant", "exposed-secret")
    report = report_on(tmp_path, {"main.tf": text}, asked)
    unused = [one for one in report.findings if one.rule == "unused-suppression"]
    assert [one.span.text for one in unused] == ["exposed-secret"]


def test_a_rule_that_is_not_asked_is_not_unused(tmp_path):
    text = f'# grantlint: ignore[exposed-secret, disabled-key-rotation] reason="x"\n{GRANT}'
    report = report_on(tmp_path, {"main.tf": text})
    assert said(report) == [("delegable-grant", True)]


def test_a_possible_finding_is_use_enough(tmp_path):
    text = GRANT.replace('[\n    "Decrypt",\n    "CreateGrant",\n  ]', "var.what")
    text = f'# {SAYS}\n{text}variable "what" {{ default = ["CreateGrant"] }}\n'
    report = report_on(tmp_path, {"main.tf": text})
    assert [one for one in said(report) if one[0] == "unused-suppression"] == []


def test_where_a_variable_has_no_value_it_may_be_of_use(tmp_path):
    text = GRANT.replace('"CreateGrant"', "var.what")
    text = f'# {SAYS}\n{text}variable "what" {{ type = string }}\n'
    report = report_on(tmp_path, {"main.tf": text})
    assert ("unused-suppression", True) not in said(report)


def test_a_module_that_is_not_here_may_need_it(tmp_path):
    text = f'# {SAYS}\nmodule "kms" {{\n  source = "terraform-aws-modules/kms/aws"\n}}\n'
    report = report_on(tmp_path, {"main.tf": text + GRANT})
    assert said(report) == [("delegable-grant", True)]


def test_callers_that_are_not_judged_may_need_it(tmp_path):
    (tmp_path / ".git").mkdir()
    module = MODULE.replace('"CreateGrant"', "var.more") + VARIABLE
    module += 'variable "more" { type = string }\n'
    call = CALL.replace("  grantee ", '  more     = "Encrypt"\n  grantee ')
    written(
        tmp_path,
        {
            "one/main.tf": call,
            "one/etl/main.tf": commented(module, 1, f"# {SAYS}"),
            "two/main.tf": call.replace("./etl", "../one/etl"),
        },
    )

    def unused(path):
        report = check([str(tmp_path / path)], Options(), Terms(ONLY))
        return [one.certain for one in report.findings if one.rule == "unused-suppression"]

    assert unused(".") == [True]
    assert unused("one") == []
    assert unused("two") == []
    assert unused("one/etl") == [True], "its callers are looked for in the whole repository"


def test_changed_files_do_not_show_that_it_is_of_no_use(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {"main.tf": f"# {SAYS}\n{GRANT}".replace('    "CreateGrant",\n', "")}
    assert said(report_on(tmp_path, files)) == [("unused-suppression", True)]
    terms = Terms(ONLY)
    assert said(check(["main.tf"], Options(changed=True), terms)) == []


def test_one_in_a_directory_that_has_nothing_of_kms_any_more_is_unused(tmp_path):
    text = f'# {SAYS}\nresource "aws_s3_bucket" "b" {{}}\nterraform {{\n  backend "s3" {{}}\n}}\n'
    report = report_on(tmp_path, {"main.tf": text.replace("kms", "k")})
    assert said(report) == [("unused-suppression", True)]


def test_a_comment_of_an_installed_module_is_not_ours_to_mend(tmp_path):
    manifest = {
        "Modules": [
            {"Key": "", "Source": "", "Dir": "."},
            {"Key": "etl", "Source": "registry/etl", "Dir": ".terraform/modules/etl"},
        ]
    }
    author = f"# grantlint: noqa\n# {SAYS}\n{MODULE}{VARIABLE}"
    files = {
        "main.tf": CALL.replace("./etl", "registry/etl"),
        ".terraform/modules/modules.json": json.dumps(manifest),
        ".terraform/modules/etl/main.tf": author,
    }
    report = report_on(tmp_path, files)
    assert said(report) == []
    assert [one.by.who for one in report.suppressed] == ["module"] * 2


# -- configurations ------------------------------------------------------------------------

CONFIGURED = Ignore(Acceptance.CONFIGURATION, ("delegable-grant",), "it is so")


@pytest.mark.parametrize(
    ("patterns", "accepted"),
    [
        ({}, True),
        ({"address": "aws_kms_grant.g"}, True),
        ({"address": "aws_kms_grant.*"}, True),
        ({"address": "aws_kms_grant.?"}, True),
        ({"address": "aws_kms_grant.h"}, False),
        ({"address": "kms_grant.g"}, False),
        ({"path": "main.tf"}, True),
        ({"path": "*.tf"}, True),
        ({"path": "other/"}, False),
        ({"path": "main.tf", "address": "x"}, False),
        ({"construct": "*"}, True),
        ({"construct": "App/*"}, False),
    ],
)
def test_what_a_configuration_accepts_is_told_by_patterns(
    tmp_path, monkeypatch, patterns, accepted
):
    monkeypatch.chdir(tmp_path)
    one = replace(CONFIGURED, **patterns)
    report = report_on(tmp_path, {"main.tf": GRANT}, configured=(one,))
    assert said(report) == ([] if accepted else [("delegable-grant", True)])
    assert len(report.suppressed) == accepted


def test_brackets_of_an_address_are_brackets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = GRANT.replace("  name  ", '  for_each          = toset(["a", "b"])\n  name  ')
    one = replace(CONFIGURED, address='aws_kms_grant.g["a"]')
    report = report_on(tmp_path, {"main.tf": text}, configured=(one,))
    assert [one.address for one in report.findings] == ['aws_kms_grant.g["b"]']


# -- laws ----------------------------------------------------------------------------------

EVERY = sorted({rule.id for rule in all_rules()} - ABOUT)
LAW = f"""\
{GRANT}
resource "aws_kms_grant" "h" {{
  key_id            = "{KEY}"
  grantee_principal = "{ROLE}/other"
  operations        = ["Decrypt", "CreateGrant"]
}}
"""


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rule=st.sampled_from(["delegable-grant", "orphan-grant"]), line=st.integers(1, 15))
def test_a_comment_never_takes_out_another_rule_or_object(tmp_path, rule, line):
    plain = report_on(tmp_path, {"main.tf": LAW}, Selection())
    text = commented(LAW, line, f'# grantlint: ignore[{rule}] reason="x"')
    report = report_on(tmp_path, {"main.tf": text}, Selection())

    def others(found):
        return sorted((one.rule, one.address) for one in found if one.rule not in {rule, *ABOUT})

    assert others(report.findings) == others(plain.findings)
    beside = "aws_kms_grant.h" if line <= 9 else "aws_kms_grant.g"
    here = [one for one in report.findings if (one.rule, one.address) == (rule, beside)]
    assert here
    gone = {(one.finding.rule, one.finding.address) for one in report.suppressed}
    assert gone <= {(rule, "aws_kms_grant.g" if line <= 9 else "aws_kms_grant.h")}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n\0")))
def test_no_comment_text_crashes_the_run(tmp_path, text):
    for name, body in (("main.tf", GRANT), ("template.yaml", TEMPLATE)):
        printable = text if name == "main.tf" else "".join(c for c in text if c.isprintable())
        files = {name: f"# grantlint: ignore[{printable}\n# grantlint{printable}\n{body}"}
        report = report_on(tmp_path, files)
        assert not report.suppressed or "]" in text


# -- examples of the rules -----------------------------------------------------------------

OURS = [rule for rule in all_rules() if rule.id in ABOUT]
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in OURS
    for number, example in enumerate(rule.examples)
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_is_found_on_its_marked_lines_and_nowhere_else(tmp_path, rule, example):
    report = report_on(tmp_path, {"main.tf": example.text}, Selection())
    found = [one.span.line for one in report.findings if one.rule == rule.id and one.certain]
    assert sorted(found) == list(example.marked)
    assert bool(found) is example.bad
    if not example.bad:
        assert [one.message for one in report.findings] == []


def test_every_rule_about_suppressions_has_both_examples():
    assert {rule.id for rule in OURS} == ABOUT
    for rule in OURS:
        assert {example.bad for example in rule.examples} == {True, False}
