"""`--add-ignore`: comments where they belong, and a run behind them that says nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grantlint.cli.app import run as program

ROOT = Path(__file__).parents[1]
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = "arn:aws:iam::111122223333:role/etl"
GRANT = f"""\
resource "aws_kms_grant" "g" {{
  key_id             = "{KEY}"
  grantee_principal  = "{ROLE}"
  retiring_principal = "{ROLE}"
  operations         = ["Decrypt", "CreateGrant"]
  constraints {{
    encryption_context_equals = {{ Stage = "Final" }}
  }}
}}
"""
PUBLIC = '{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*" }'
OWN = (
    '{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, '
    'Action = "kms:*", Resource = "*" }'
)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """The program in a directory of its own: its exit code, and what it wrote to both streams."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = program(["check", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def lines_with(path):
    return [line for line in Path(path).read_text().split("\n") if "grantlint:" in line]


def test_what_is_found_is_accepted_above_its_block_and_stays_accepted(run):
    Path("main.tf").write_text(f"# head\n\n{GRANT}")
    code, out, err = run("--add-ignore", 'see "T-1"', "--until", "2999-01-31", ".")
    assert (code, err) == (0, "grantlint: accepted 1 finding in 1 file\n")
    assert out.startswith("no findings")
    (line,) = lines_with("main.tf")
    assert line.startswith(
        '# grantlint: ignore[delegable-grant] until=2999-01-31 reason="see \\"T-1\\"" '
        'accepts="CreateGrant Decrypt +'
    )
    assert Path("main.tf").read_text() == f"# head\n\n{line}\n{GRANT}"
    assert run("-q", ".")[:2] == (0, "")
    assert run("-q", "--today", "2999-02-01", ".")[0] == 1


def test_what_then_allows_more_is_found_again(run):
    Path("main.tf").write_text(GRANT)
    run("--add-ignore", "it is so", ".")
    text = Path("main.tf").read_text()
    Path("main.tf").write_text(text.replace('["Decrypt", ', '["Decrypt", "Encrypt", '))
    code, out, _ = run("-q", ".")
    assert code == 1
    assert "outgrown-suppression: more is allowed than was accepted: Encrypt is new" in out
    assert "delegable-grant" in out


def test_carriage_returns_and_a_byte_order_mark_stay(run):
    Path("main.tf").write_bytes(b"\xef\xbb\xbf" + GRANT.replace("\n", "\r\n").encode())
    run("--add-ignore", "it is so", ".")
    data = Path("main.tf").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf# grantlint: ignore[delegable-grant] ")
    assert data.count(b"\n") == data.count(b"\r\n") == GRANT.count("\n") + 1


def test_a_statement_has_its_own_comment_with_its_indentation(run):
    policy = f"""\
resource "aws_kms_key" "k" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {OWN},
      {PUBLIC},
    ]
  }})
}}
"""
    Path("main.tf").write_text(policy)
    assert run("--add-ignore", "it is so", ".")[0] == 0
    lines = Path("main.tf").read_text().split("\n")
    assert lines[5].startswith("      # grantlint: ignore[")
    assert "public-key-policy" in lines[5]
    assert len(lines_with("main.tf")) == 1


def test_what_stands_in_a_heredoc_is_accepted_above_the_block(run):
    text = """\
resource "aws_kms_key" "k" {
  policy = <<EOT
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
   "Action": "kms:*", "Resource": "*"},
  {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]}
EOT
}
"""
    Path("main.tf").write_text(text)
    assert run("--add-ignore", "it is so", ".")[0] == 0
    assert Path("main.tf").read_text().endswith(text)


def test_what_is_in_a_module_is_accepted_at_the_call_of_the_root(run):
    shutil.copytree(ROOT / "fixtures/terraform/example", "infra")
    code, _, err = run("--add-ignore", "it is so", "infra")
    assert (code, err) == (0, "grantlint: accepted 3 findings in 2 files\n")
    text = Path("infra/main.tf").read_text()
    line = lines_with("infra/main.tf")[0]
    assert f'{line}\nmodule "reader" {{' in text
    assert "ignore[delegable-grant, unconstrained-grant]" in line


def test_a_template_in_yaml_is_accepted_too(run):
    text = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: "arn:aws:iam::111122223333:root"}
            Action: kms:*
            Resource: "*"
          - Effect: Allow
            Principal: "*"
            Action: kms:Decrypt
            Resource: "*"
"""
    Path("t.yaml").write_text(text)
    assert run("--add-ignore", "it is so", ".")[0] == 0
    (line,) = lines_with("t.yaml")
    assert line.startswith("          # grantlint: ignore[public-key-policy] ")
    assert Path("t.yaml").read_text().replace(f"{line}\n", "") == text
    assert run("-q", ".")[:2] == (0, "")


def test_what_takes_no_comment_is_told_for_a_configuration(run):
    shutil.copytree(ROOT / "fixtures/cdk/debug-2.276.0", "cdk.out")
    before = Path("cdk.out").stat().st_mtime_ns
    code, out, err = run("-q", "--add-ignore", "it is so", "cdk.out")
    assert out
    assert "no comment can stand there" in err
    assert '[[ignores]]\nrules = ["' in err
    assert 'reason = "it is so"\nconstruct = "' in err
    assert Path("cdk.out").stat().st_mtime_ns == before
    assert code == run("-q", "cdk.out")[0]


def test_json_of_terraform_takes_no_comment(run):
    Path("main.tf.json").write_text(
        '{"resource": {"aws_kms_grant": {"g": {"key_id": "' + KEY + '", "grantee_principal": "'
        + ROLE + '", "operations": ["Decrypt", "CreateGrant"]}}}}'
    )  # fmt: skip
    _, _, err = run("--add-ignore", "it is so", ".")
    assert 'path = "main.tf.json"\naddress = "aws_kms_grant.g"\naccepts = "' in err


def test_a_mandatory_rule_is_not_accepted(run):
    Path("main.tf").write_text(GRANT)
    code, _, err = run("--add-ignore", "x", "--mandatory", "delegable-grant", ".")
    assert code == 1
    assert "main.tf:5:24: delegable-grant is not accepted: its rule is mandatory" in err
    assert Path("main.tf").read_text() == GRANT


def test_files_beside_the_paths_are_left_alone(run):
    shutil.copytree(ROOT / "fixtures/terraform/example", "infra")
    Path(".git").mkdir()
    run("--add-ignore", "x", "infra/modules")
    assert not lines_with("infra/main.tf")


def test_a_file_that_changes_meanwhile_is_left_alone(run, monkeypatch):
    from grantlint.mend import ignores

    Path("main.tf").write_text(GRANT)
    judge = ignores.judge

    def judged(*arguments):
        found = judge(*arguments)
        Path("main.tf").write_text(f"{GRANT}# more\n")
        return found

    monkeypatch.setattr(ignores, "judge", judged)
    _, _, err = run("--add-ignore", "x", ".")
    assert "is not accepted: main.tf has changed meanwhile" in err
    assert Path("main.tf").read_text() == f"{GRANT}# more\n"


WRONG = [
    (["--until", "2027-01-01"], "--until 2027-01-01: it goes with --add-ignore REASON"),
    (["--add-ignore", " "], "the reason is empty"),
    (["--add-ignore", "a\nb"], "the reason stands on one line"),
    (["--add-ignore", "x", "--fix"], "--add-ignore and --fix: only one of them can be meant"),
    (["--add-ignore", "x", "--changed"], "--add-ignore and --changed: only one of them"),
    (["--add-ignore", "x", "--no-ignores"], "--add-ignore and --no-ignores: only one of them"),
    (["--add-ignore", "x", "--until", "2020-01-01"], "--until 2020-01-01: that day is past"),
    (["--add-ignore", "x", "--until", "soon"], "--until soon: soon is no day: write it as"),
    (["--today", "2027-02-30"], "--today 2027-02-30: there is no day 2027-02-30"),
    (["--mandatory", "delegabel-grant"], "did you mean delegable-grant?"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_what_cannot_be_meant_is_said(run, arguments, message):
    Path("main.tf").write_text(GRANT)
    code, _, err = run(*arguments, ".")
    assert code == 2
    assert message in err
    assert Path("main.tf").read_text() == GRANT


def test_the_program_takes_the_options(tmp_path):
    (tmp_path / "main.tf").write_text(f'# grantlint: ignore[delegable-grant] reason="x"\n{GRANT}')

    def code(*arguments):
        program = [sys.executable, "-m", "grantlint", "check", "-q", *arguments, "."]
        return subprocess.run(program, cwd=tmp_path, check=False).returncode

    assert code() == 0
    assert code("--no-ignores") == 1
    assert code("--mandatory", "delegable-grant") == 1


def test_an_action_cannot_write_lines_of_its_own(run):
    odd = PUBLIC.replace('"kms:Decrypt"', r'["kms:Decrypt", "x\"\nlocals { a = 1 }\n#"]')
    text = f"""\
resource "aws_kms_key" "k" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {OWN},
      {odd},
    ]
  }})
}}
"""
    Path("main.tf").write_text(text)
    run("--add-ignore", "it is so", ".")
    (line,) = lines_with("main.tf")
    assert Path("main.tf").read_text().replace(f"{line}\n", "") == text
    assert run("-q", ".")[:2] == (0, "")
