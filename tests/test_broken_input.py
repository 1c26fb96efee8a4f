"""Wrong, hostile or missing input: told with its place, and everything else is still judged.

Each run below is the real command in a process of its own, which may take 60 s of CPU and 1 GB.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from grantlint import model
from grantlint.check import check, exit_code
from grantlint.config import Gate
from grantlint.finding import Finding, Report
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate as terraform

ROOT = Path(__file__).parents[1]
GRANT = """\
resource "aws_kms_key" "ok" {}

resource "aws_kms_grant" "ok" {
  key_id            = aws_kms_key.ok.key_id
  grantee_principal = "arn:aws:iam::111122223333:role/app"
  operations        = ["Decrypt"]
}
"""
ROLE = "arn:aws:iam::111122223333:role/app"
USING_LOCAL = """\
resource "aws_kms_grant" "x" {
  key_id            = "alias/x"
  grantee_principal = local.x
  operations        = ["GenerateDataKey"]
}
"""

WITNESSES = {"unconstrained-grant", "public-key-policy"}

# -- running it ----------------------------------------------------------------------------

CPU = 60  # seconds
MEMORY = 1 << 30  # bytes
LIKE_ANY_USER = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
LIMITED = f"""
import resource, runpy
resource.setrlimit(resource.RLIMIT_CPU, ({CPU}, {CPU}))
resource.setrlimit(resource.RLIMIT_AS, ({2 * MEMORY}, {2 * MEMORY}))
runpy.run_module("grantlint", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Run:
    """What a command line came to."""

    code: int
    output: str
    errors: str

    @property
    def report(self):
        return json.loads(self.output)

    @property
    def unreadable(self):
        """Path, line and message of what could not be read."""
        return [
            (f["path"], f["span"]["line"], f["message"])
            for f in self.report["findings"]
            if f["rule"] == "unreadable-file"
        ]

    @property
    def notes(self):
        """Path, line and reason of what could not be evaluated."""
        return [(n["span"]["path"], n["span"]["line"], n["reason"]) for n in self.report["notes"]]

    @property
    def accused(self):
        """The addresses of the certain findings of two rules that stand for all."""
        found = self.report["findings"]
        return [f["address"] for f in found if f["rule"] in WITNESSES and f["certain"]]


def grantlint(*arguments: object, cwd: Path, through: Sequence[str] = ()) -> Run:
    """One run, which keeps the law of every run: no trace, no internal error, not too much."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [*through, sys.executable, "-c", LIMITED, *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
        _, status, spent = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        run = Run(process.returncode, output.read().decode(), errors.read().decode())
    assert run.code in {0, 1, 2, 3}, run.errors
    assert "Traceback" not in run.errors
    assert spent.ru_utime + spent.ru_stime <= CPU
    assert spent.ru_maxrss * (1 if sys.platform == "darwin" else 1024) <= MEMORY
    return run


def write(directory: Path, files: Mapping[str, str | bytes]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., Run]:
    """Judge files beside an intact grant, which must always be found."""

    def judge(files: Mapping[str, str | bytes], *arguments: object) -> Run:
        write(tmp_path, {"main.tf": GRANT, **files})
        run = grantlint("check", "--format", "json", *arguments, cwd=tmp_path)
        assert "aws_kms_grant.ok" in run.accused
        return run

    return judge


# -- one bracket or quote is missing -------------------------------------------------------

TWO_GRANTS = (ROOT / "fixtures/broken/two_grants/main.tf").read_text()
CODE = TWO_GRANTS.index("resource")
TEXT = range(TWO_GRANTS.index("<<-EOT"), TWO_GRANTS.index("  EOT\n"))
SIGNS = [at for at, sign in enumerate(TWO_GRANTS) if at >= CODE and sign in '{}[]()"']
OPEN = {"aws_kms_key.open", "aws_kms_grant.any_context"}


def without(at: int) -> str:
    return TWO_GRANTS[:at] + TWO_GRANTS[at + 1 :]


def place(at: int) -> str:
    line = TWO_GRANTS.count("\n", 0, at) + 1
    return f"{TWO_GRANTS[at]} in line {line} column {at - TWO_GRANTS.rfind(chr(10), 0, at)}"


def block_of(at: int) -> tuple[str, range]:
    """The address of the block around an offset, and its lines."""
    start = TWO_GRANTS.rindex("\nresource", 0, at) + 1
    end = TWO_GRANTS.index("\n}\n", start)
    _, type, name = TWO_GRANTS[start : TWO_GRANTS.index(" {", start)].replace('"', "").split()
    first, last = (TWO_GRANTS.count("\n", 0, offset) + 1 for offset in (start, end + 1))
    return f"{type}.{name}", range(first, last + 1)


def witnessed(report: Report) -> list[Finding]:
    return [found for found in report.findings if found.rule in WITNESSES]


_OF_OTHERS = {"key", "key_id", "key_refused", "grants"}


def objects(directory: Path) -> dict[str, dict[str, object]]:
    """The model by address, without what is said of other objects than the one itself."""
    shown = model.to_json(terraform.read([str(directory)], Options()).inventory)
    return {
        item["address"]: {k: v for k, v in item.items() if k not in _OF_OTHERS}
        for kind in ("keys", "grants")
        for item in json.loads(json.dumps(shown[kind]))
    }


def test_the_grants_are_judged_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TWO_GRANTS)
    report = check([str(tmp_path)], Options())
    assert {finding.address for finding in witnessed(report)} == OPEN
    assert report.notes == ()
    assert len(SIGNS) > 80


@pytest.mark.parametrize("at", [at for at in SIGNS if at not in TEXT], ids=place)
def test_a_missing_bracket_or_quote_is_told_and_concerns_its_own_block_only(
    at: int, tmp_path: Path
) -> None:
    file = tmp_path / "main.tf"
    file.write_text(TWO_GRANTS)
    whole = objects(tmp_path)
    file.write_text(without(at))
    report = check([str(tmp_path)], Options())
    broken, lines = block_of(at)
    accused = {finding.address for finding in witnessed(report)}
    assert exit_code(report, Gate()) == 3
    assert all(f.path == str(file) and f.span.line in lines for f in report.unreadable)
    assert report.unreadable
    assert accused == OPEN - {broken}
    assert broken not in {finding.address for finding in report.judged(possible=True)}
    found = objects(tmp_path)
    assert broken not in found
    assert found == {address: item for address, item in whole.items() if address != broken}


@pytest.mark.parametrize("at", [at for at in SIGNS if at in TEXT], ids=place)
def test_a_policy_that_is_no_json_is_not_judged_and_its_place_is_told(
    at: int, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(without(at))
    report = check([str(tmp_path)], Options())
    _, lines = block_of(at)
    assert {finding.address for finding in witnessed(report)} == OPEN
    assert not report.unreadable
    assert [note.span.line in lines for note in report.notes if note.span] == [True]


@pytest.mark.parametrize("sign", '{}[]()"')
def test_a_missing_sign_gives_3_and_no_trace(sign: str, tmp_path: Path) -> None:
    at = TWO_GRANTS.rindex(sign)
    (tmp_path / "main.tf").write_text(without(at))
    for command in (["check"], ["model"]):
        run = grantlint(*command, cwd=tmp_path)
        assert run.code == 3
        assert "main.tf:" in (run.output if command == ["check"] else run.errors)


# -- files that cannot be read -------------------------------------------------------------

UNREADABLE: dict[str, tuple[dict[str, str | bytes], int, str]] = {
    "a byte that is not UTF-8": (
        {"x.tf": b'resource "aws_kms_key" "x" {\n  description = "\xff"\n}\n'},
        2,
        "not valid UTF-8",
    ),
    "UTF-16": ({"x.tf": GRANT.replace('"ok"', '"x"').encode("utf-16")}, 1, "not valid UTF-8"),
    "a comment in Latin-1": ({"x.tf": b"# caf\xe9 kms\n"}, 1, "not valid UTF-8"),
    "a NUL between blocks": (
        {"x.tf": 'resource "aws_kms_key" "x" {}\n\0\n'},
        2,
        "a block or an argument was expected",
    ),
    "a comment that does not end": ({"x.tf": "# kms\n/* a\n"}, 2, "the comment is never closed"),
    "JSON that ends early": (
        {"x.tf.json": '{"resource": {"aws_kms_key": {\n  "x": {}}}'},
        2,
        "the end of the file was found",
    ),
    "JSON that is text": ({"x.tf.json": "resource kms\n"}, 1, "a value was expected"),
    "JSON without anything": ({"x.tf.json": ""}, 1, "the end of the file was found"),
    "JSON that is a number": ({"x.tf.json": "1"}, 1, "an object is needed here"),
    "JSON where a block should be": (
        {"x.tf.json": '{\n"resource": "aws_kms_grant"}'},
        2,
        "an object is needed here",
    ),
    "10,000 brackets that are not closed": (
        {"x.tf": 'resource "aws_kms_grant" "x" {\n  operations = ' + "[" * 10_000 + "\n}\n"},
        2,
        "`[` is not closed before `}`",
    ),
    "10,000 interpolations": (
        {"x.tf": 'resource "aws_kms_key" "x" {\n  description = ' + '"${' * 10_000 + "\n}\n"},
        2,
        "",
    ),
    "a string of 5 MB": (
        {"x.tf": 'locals {\n  x = "' + "x" * 5_000_000 + '"\n}\n'},
        1,
        "a block of more than 2 MB is not read",
    ),
    "9 MB": ({"x.tf": "# " + "x" * 9_000_000}, 1, "is larger than 8,000,000 bytes"),
    "variables that do not parse": (
        {"terraform.tfvars": "a = 1\nb = [\n"},
        2,
        "",
    ),
    "variables that are not UTF-8": (
        {"x.auto.tfvars": b'a = 1\nb = "\xff"\n'},
        2,
        "not valid UTF-8",
    ),
    "variables in JSON that end early": (
        {"x.auto.tfvars.json": '{\n"a": 1'},
        2,
        "the end of the file was found",
    ),
}


@pytest.mark.parametrize(
    "name",
    list(UNREADABLE),
)
def test_an_unreadable_file_is_told_with_its_place(name: str, judged: Callable[..., Run]) -> None:
    files, line, message = UNREADABLE[name]
    run = judged(files)
    assert run.code == 3
    assert run.accused == ["aws_kms_grant.ok"]
    ((path, at, told),) = run.unreadable
    assert (path, at) == (next(iter(files)), line)
    assert message in told


def test_a_pipe_is_not_waited_for(judged: Callable[..., Run], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.tf")
    run = judged({})
    assert run.code == 3
    assert run.unreadable == [("x.tf", 1, "is not a regular file")]


def test_a_link_to_nothing_is_told(judged: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "x.tf").symlink_to("nowhere.tf")
    run = judged({})
    assert run.code == 3
    assert [path for path, _, _ in run.unreadable] == ["x.tf"]


@pytest.mark.parametrize(("locked", "path"), [("x.tf", "x.tf"), ("x", "x")])
def test_what_may_not_be_read_is_told(locked: str, path: str, tmp_path: Path) -> None:
    through = LIKE_ANY_USER if os.geteuid() == 0 else ()
    if through and not shutil.which(through[0]):
        pytest.skip("root may read everything, and setpriv is not there")
    other = GRANT.replace('"ok"', '"x"')
    write(tmp_path, {"main.tf": GRANT, ("x.tf" if locked == "x.tf" else "x/x.tf"): other})
    (tmp_path / locked).chmod(0)
    run = grantlint("check", "--format", "json", cwd=tmp_path, through=through)
    (tmp_path / locked).chmod(0o700)
    assert run.code == 3
    assert run.accused == ["aws_kms_grant.ok"]
    assert run.unreadable == [(path, 1, "cannot be read: permission denied")]


def test_a_broken_variable_file_does_not_let_the_default_count(
    judged: Callable[..., Run],
) -> None:
    declared = """
variable "who" {
  default = "arn:aws:iam::111122223333:role/default"
}
provider "aws" {}
"""
    given = 'who = "arn:aws:iam::111122223333:role/given"\nx = [\n'
    text = USING_LOCAL.replace("local.x", "var.who") + declared
    run = judged({"x.tf": text, "terraform.tfvars": given})
    assert run.code == 3
    assert run.accused == ["aws_kms_grant.ok"]


# -- what is not there ---------------------------------------------------------------------


def test_an_empty_directory_gives_3_unless_that_is_allowed(tmp_path: Path) -> None:
    run = grantlint("check", cwd=tmp_path)
    assert (run.code, run.errors) == (
        3,
        "grantlint: no Terraform, CloudFormation, CDK output or grants in .\n",
    )
    assert grantlint("check", "--allow-empty", cwd=tmp_path).code == 0


def test_a_path_that_does_not_exist_is_told_and_the_others_are_judged(
    judged: Callable[..., Run],
) -> None:
    run = judged({}, ".", "gone")
    assert run.code == 3
    assert run.unreadable == [("gone", 1, "there is no such file or directory")]


@pytest.mark.parametrize("text", ["", "\n", "# kms", "/* a\n */ // b\n# c\n", "\ufeff"])
def test_a_file_without_a_block_is_read_and_says_nothing(
    text: str, judged: Callable[..., Run]
) -> None:
    run = judged({"x.tf": text})
    assert (run.code, run.unreadable, run.notes) == (1, [], [])
    assert run.report["summary"]["files"] == 2


def test_a_directory_whose_name_ends_in_tf_is_a_directory(judged: Callable[..., Run]) -> None:
    run = judged({"x.tf/main.tf": USING_LOCAL + 'locals {\n  x = "*"\n}\n'})
    assert (run.code, run.unreadable) == (1, [])


def test_links_that_lead_in_a_circle_are_not_followed(
    judged: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "up").symlink_to("..")
    (tmp_path / "self").symlink_to("self")
    run = judged({})
    assert (run.code, run.accused, run.unreadable) == (1, ["aws_kms_grant.ok"], [])


# -- references and modules that lead nowhere ----------------------------------------------

CALL = 'module "{}" {{\n  source = "{}"\n}}\n'
NOT_KNOWN: dict[str, tuple[dict[str, str], tuple[str, int | None, str]]] = {
    "locals in a circle": (
        {"x.tf": USING_LOCAL + "locals {\n  x = local.y\n  y = local.x\n}\n"},
        ("x.tf", 8, "local.x refers to itself"),
    ),
    "a local that is itself": (
        {"x.tf": USING_LOCAL + "locals {\n  x = local.x\n}\n"},
        ("x.tf", 7, "local.x refers to itself"),
    ),
    "an output in a circle": (
        {
            "x.tf": USING_LOCAL
            + "locals {\n  x = module.a.x\n}\n"
            + 'module "a" {\n  source = "./a"\n  x = module.a.x\n}\n',
            "a/a.tf": 'variable "x" {}\noutput "x" {\n  value = var.x\n}\n',
        },
        ("x.tf", 11, "output.x refers to itself"),
    ),
    "a count of itself": (
        {"x.tf": 'resource "aws_kms_key" "x" {\n  count = length(aws_kms_key.x)\n}\n'},
        ("x.tf", 1, "what exists depends on whether length(aws_kms_key.x) is at least 1"),
    ),
    "a chain of 5,000 locals": (
        {
            "x.tf": USING_LOCAL
            + "locals {\n  x = local.l0\n"
            + "".join(f"  l{at} = local.l{at + 1}\n" for at in range(5000))
            + '  l5000 = "*"\n}\n'
        },
        ("x.tf", None, "references lead deeper than 2000 expressions"),
    ),
    "a module that calls itself": (
        {"x.tf": CALL.format("a", "./a"), "a/a.tf": CALL.format("b", "./")},
        ("a/a.tf", 1, "module.a.module.b: the module calls itself"),
    ),
    "a root that calls itself": (
        {"x.tf": CALL.format("a", "./.")},
        ("x.tf", 1, "module.a: the module calls itself"),
    ),
    "modules that call each other": (
        {
            "x.tf": CALL.format("a", "./a"),
            "a/a.tf": CALL.format("b", "../b"),
            "b/b.tf": CALL.format("a", "../a"),
        },
        ("b/b.tf", 1, "module.a.module.b.module.a: the module calls itself"),
    ),
    "a local module that is missing": (
        {"x.tf": "\n" + CALL.format("a", "./gone")},
        ("x.tf", 2, "module.a: there is no directory gone"),
    ),
    "a local module that is missing in a module": (
        {"x.tf": CALL.format("a", "./a"), "a/a.tf": "\n" + CALL.format("b", "../gone")},
        ("a/a.tf", 2, "module.a.module.b: there is no directory gone"),
    ),
    "a module of a registry": (
        {"x.tf": CALL.format("a", "terraform-aws-modules/kms/aws")},
        (
            "x.tf",
            1,
            "module terraform-aws-modules/kms/aws is not here: run `terraform init -backend=false`",
        ),
    ),
    "10,000 parentheses": (
        {
            "x.tf": 'resource "aws_kms_key" "x" {\n  policy = '
            + "(" * 10_000
            + '"x"'
            + ")" * 10_000
            + "\n}\n"
        },
        ("x.tf", 2, "nested deeper than 200"),
    ),
    "10,000 brackets in a policy": (
        {
            "x.tf": 'resource "aws_kms_key" "x" {\n  policy = <<EOT\n'
            + "[" * 10_000
            + "]" * 10_000
            + "\nEOT\n}\n"
        },
        ("x.tf", 1, "JSON nested deeper than 200"),
    ),
    "a product of a thousand million": (
        {
            "x.tf": USING_LOCAL
            + "locals {\n  r = range(1000)\n  x = setproduct(local.r, local.r, local.r)\n}\n"
        },
        ("x.tf", 8, "the product has more than 20000 members"),
    ),
    "a text of a thousand million blanks": (
        {"x.tf": USING_LOCAL + 'locals {\n  x = format("%1000000000s", "a")\n}\n'},
        ("x.tf", 7, "a format wider than 100000 characters"),
    ),
}


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_what_leads_nowhere_is_a_note_with_its_place_and_accuses_nobody(
    name: str, judged: Callable[..., Run]
) -> None:
    files, note = NOT_KNOWN[name]
    run = judged(files)
    assert run.code == 1
    assert run.accused == ["aws_kms_grant.ok"]
    path, line, reason = note
    assert (path, reason) in {(at, told) for at, _, told in run.notes}
    assert line is None or note in run.notes


def test_a_module_whose_source_is_a_variable_is_told(judged: Callable[..., Run]) -> None:
    run = judged({"x.tf": 'variable "s" {}\nmodule "a" {\n  source = var.s\n}\n'})
    ((path, line, reason),) = run.notes
    assert (run.code, path, line) == (1, "x.tf", 2)
    assert "module.a" in reason
    assert "terraform init" not in reason


def test_modules_that_only_call_each_other_are_judged(tmp_path: Path) -> None:
    grant = GRANT.replace('"ok"', '"{0}"').replace(".ok.", ".{0}.")
    write(
        tmp_path,
        {
            "a/a.tf": CALL.format("b", "../b") + grant.replace("{0}", "a"),
            "b/b.tf": CALL.format("a", "../a") + grant.replace("{0}", "b"),
        },
    )
    run = grantlint("check", "--format", "json", cwd=tmp_path)
    assert run.code == 1
    assert {"aws_kms_grant.a", "aws_kms_grant.b"} <= set(run.accused)


# -- files outside the project -------------------------------------------------------------

OUTSIDE = "arn:aws:iam::999999999999:role/outside"


@pytest.mark.parametrize(
    "expression",
    [
        'file("../outside.json")',
        'file("${path.module}/link.json")',
        'file("linked/outside.json")',
        'file("{absolute}/outside.json")',
        'templatefile("../outside.json", {})',
        'base64decode(filebase64("../outside.json"))',
        'filesha256("../outside.json")',
        'fileexists("../outside.json") ? "yes" : "no"',
        'join(",", fileset("..", "*.json"))',
        'join(",", fileset(path.module, "../*.json"))',
    ],
)
def test_a_file_outside_the_project_is_not_read(expression: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    expression = expression.replace("{absolute}", str(tmp_path))
    write(
        tmp_path,
        {
            "outside.json": json.dumps({"Statement": {"Principal": OUTSIDE}}),
            "project/main.tf": GRANT
            + f'resource "aws_kms_key" "x" {{\n  policy = {expression}\n}}\n',
        },
    )
    (project / "link.json").symlink_to("../outside.json")
    (project / "linked").symlink_to("..")
    run = grantlint("check", "--format", "json", cwd=project)
    assert (run.code, run.accused) == (1, ["aws_kms_grant.ok"])
    ((path, line, reason),) = run.notes
    assert (path, line) == ("main.tf", 9)
    assert "leaves the project" in reason
    for command in (["check", "-v"], ["model"]):
        run = grantlint(*command, cwd=project)
        assert OUTSIDE not in run.output + run.errors
        assert "outside.json" not in run.output.replace('outside.json" leaves', "").replace(
            expression, ""
        ).replace(expression.replace('"', '\\"'), "").replace('outside.json\\" leaves', "")


# -- too much of everything ----------------------------------------------------------------

BUCKET = 'resource "aws_s3_bucket" "b{0}" {{\n  bucket = "name-{0}"\n}}\n'


def test_a_file_of_5_megabytes_is_judged(judged: Callable[..., Run]) -> None:
    many = "".join(BUCKET.format(at) for at in range(5_000_000 // len(BUCKET)))
    run = judged({"x.tf": many + GRANT.replace('"ok"', '"x"').replace(".ok.", ".x.")})
    assert (run.code, run.unreadable) == (1, [])
    assert run.accused == ["aws_kms_grant.ok", "aws_kms_grant.x"]


def test_a_broken_file_of_5_megabytes_is_judged_up_to_the_fault(
    judged: Callable[..., Run],
) -> None:
    count = 5_000_000 // len(BUCKET)
    many = "".join(BUCKET.format(at) for at in range(count))
    whole = GRANT.replace('"ok"', '"x"').replace(".ok.", ".x.")
    run = judged({"x.tf": whole + many + 'resource "aws_kms_grant" "z" {\n'})
    assert (run.code, run.accused) == (3, ["aws_kms_grant.ok", "aws_kms_grant.x"])
    line = whole.count("\n") + 3 * count + 1
    assert run.unreadable == [("x.tf", line, "`{` is never closed")]


@pytest.mark.parametrize(
    "text",
    [
        "locals {\n  x = " + "[" * 10_000 + "]" * 10_000 + "\n}\n",
        "locals {\n  x = " + "{a=" * 10_000 + "1" + "}" * 10_000 + "\n}\n",
        'resource "aws_kms_grant" "x" {\n' + "constraints {\n" * 10_000 + "}\n" * 10_001,
        'resource "aws_kms_grant" "x" {\n  operations = ' + "[" * 10_000 + "]" * 10_000 + "\n}\n",
    ],
    ids=["brackets", "braces", "blocks", "brackets in a grant"],
)
def test_10_000_levels_accuse_nobody(text: str, judged: Callable[..., Run]) -> None:
    run = judged({"x.tf": text})
    assert (run.code, run.accused) == (1, ["aws_kms_grant.ok"])


def test_80_000_locals_are_read(judged: Callable[..., Run]) -> None:
    many = "".join(f'  l{at} = "role-{at}"\n' for at in range(80_000))
    chosen = '  x = "arn:aws:iam::111122223333:role/${local.l77777}"\n'
    run = judged({"x.tf": USING_LOCAL + "locals {\n" + chosen + many + "}\n"})
    assert run.accused == ["aws_kms_grant.ok", "aws_kms_grant.x"]
    assert "role role-77777 may call" in run.output


def doubling(expression: str, first: str, levels: int = 40) -> dict[str, str]:
    """Locals of which each has the next one twice."""
    lines = [f"  l{at} = {expression.replace('@', f'local.l{at + 1}')}" for at in range(levels)]
    text = "\n".join(["locals {", "  x = local.l0", *lines, f"  l{levels} = {first}", "}\n"])
    return {"x.tf": USING_LOCAL + 'variable "unknown" {}\n' + text}


DOUBLING = {
    "text": doubling('"${@}${@}"', '"a"'),
    "text with holes": doubling('"${@}${@}"', "var.unknown"),
    "tuple": doubling("[@, @]", '"a"'),
    "object": doubling("{ a = @, b = @ }", '"a"'),
    "concat": doubling("concat(@, @)", '["a"]'),
    "jsonencode": doubling("jsonencode([@, @])", '"a"'),
    "replace": doubling('replace(@, "a", @)', '"aaaaaaaaaa"', 12),
    "choices": doubling("var.unknown == 1 ? [@] : [@, 1]", '["a"]'),
    "for": doubling("[for at in range(1024) : @]", '"a"', 10),
    "join": doubling("join(@, range(1024))", '"a"', 10),
}


@pytest.mark.parametrize(
    "name",
    list(DOUBLING),
)
def test_locals_that_double_are_not_known(name: str, judged: Callable[..., Run]) -> None:
    run = judged(DOUBLING[name])
    assert (run.code, run.accused) == (1, ["aws_kms_grant.ok"])
    assert run.notes


def test_a_loop_of_a_thousand_million_turns_is_not_known(judged: Callable[..., Run]) -> None:
    loop = "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : 1]]]"
    run = judged({"x.tf": USING_LOCAL + f"locals {{\n  x = {loop}\n}}\n"})
    assert (run.code, run.accused) == (1, ["aws_kms_grant.ok"])
    assert run.notes


def test_modules_that_double_are_judged_up_to_a_limit(judged: Callable[..., Run]) -> None:
    twice = CALL.format("a", "../m{0}") + CALL.format("b", "../m{0}")
    files = {f"m{at}/m.tf": twice.replace("{0}", str(at + 1)) for at in range(30)}
    run = judged({"x.tf": CALL.format("m", "./m0"), **files, "m30/m.tf": "# kms\n"})
    assert run.code == 1
    assert run.notes


def test_a_million_instances_of_a_module_are_judged_up_to_a_limit(
    judged: Callable[..., Run],
) -> None:
    thousand = 'module "m" {{\n  source = "{}"\n  count  = 1000\n}}\n'
    key = 'resource "aws_kms_key" "x" {}\n'
    run = judged({"x.tf": thousand.format("./a"), "a/a.tf": thousand.format("../b"), "b/b.tf": key})
    assert (run.code, run.accused) == (1, ["aws_kms_grant.ok"])
    assert run.notes


@pytest.mark.parametrize(("count", "reason"), [("-1", "negative"), ("100000000", "100000000")])
def test_a_count_that_cannot_be_is_a_note(
    count: str, reason: str, judged: Callable[..., Run]
) -> None:
    run = judged({"x.tf": f'resource "aws_kms_key" "x" {{\n  count = {count}\n}}\n'})
    ((path, line, told),) = run.notes
    assert (run.code, path, line) == (1, "x.tf", 1)
    assert reason in told
    assert "is not known" not in told


MANY = """\
locals {
  names = toset([for at in range(1000) : "n${at}"])
}
resource "aws_kms_key" "x" {
  for_each = local.names
}
resource "aws_kms_grant" "x" {
  for_each          = local.names
  key_id            = aws_kms_key.x[each.key].key_id
  grantee_principal = "arn:aws:iam::111122223333:role/${each.key}"
  operations        = ["Decrypt"]

  dynamic "constraints" {
    for_each = each.key == "n7" ? [] : [1]
    content {
      encryption_context_equals = { for at in range(CONTEXTS) : "k${at}" => each.key }
    }
  }
}
"""


def test_a_policy_of_thousands_of_statements_is_judged(judged: Callable[..., Run]) -> None:
    allow = 'Effect = "Allow", Principal = { Service = "x.amazonaws.com" }, Action = "kms:Decrypt"'
    deny = 'Effect = "Deny", Principal = "*", Action = "kms:Decrypt", Resource = "*"'
    members = ",\n".join(f"{{ {text} }}" for text in [allow] * 2000 + [deny] * 2000)
    policy = f"jsonencode({{ Statement = [{members}] }})"
    run = judged({"x.tf": f'resource "aws_kms_key" "x" {{\n  policy = {policy}\n}}\n'})
    assert run.code == 1


def test_a_constraint_of_thousands_of_pairs_is_judged(judged: Callable[..., Run]) -> None:
    pairs = "\n".join(f'      k{number} = "v"' for number in range(20_000))
    context = f"  constraints {{\n    encryption_context_equals = {{\n{pairs}\n    }}\n  }}\n"
    run = judged(
        {"x.tf": USING_LOCAL.replace("local.x", f'"{ROLE}"').replace("\n}", f"\n{context}}}")}
    )
    assert "aws_kms_grant.x" in {found["address"] for found in run.report["findings"]}


@pytest.mark.parametrize("contexts", ["5", "100"])
def test_a_thousand_instances_are_judged_one_by_one(
    contexts: str, judged: Callable[..., Run]
) -> None:
    run = judged({"x.tf": MANY.replace("CONTEXTS", contexts)})
    assert (run.code, run.notes) == (1, [])
    assert run.accused == ["aws_kms_grant.ok", 'aws_kms_grant.x["n7"]']


@pytest.mark.parametrize("depth", [40, 150])
def test_modules_may_be_nested_deeply(depth: int, judged: Callable[..., Run]) -> None:
    handed = '  who = var.who\n}\nvariable "who" {}\n'
    call = CALL.format("m", "../m{0}").removesuffix("}\n") + handed
    files = {f"m{at}/m.tf": call.replace("{0}", str(at + 1)) for at in range(depth)}
    files[f"m{depth}/m.tf"] = USING_LOCAL.replace("local.x", "var.who") + 'variable "who" {}\n'
    first = CALL.format("m", "./m0").removesuffix("}\n")
    run = judged({"x.tf": first + '  who = "arn:aws:iam::111122223333:role/deep"\n}\n', **files})
    assert (run.code, run.notes) == (1, [])
    assert run.accused == ["aws_kms_grant.ok", "module.m." * (depth + 1) + "aws_kms_grant.x"]
    assert "role deep may call" in run.output


def test_a_chain_of_600_modules_is_told(judged: Callable[..., Run]) -> None:
    files = {f"m{at}/m.tf": CALL.format("m", f"../m{at + 1}") for at in range(600)}
    run = judged({"x.tf": CALL.format("m", "./m0"), **files, "m600/m.tf": "# kms\n"})
    assert (run.code, run.accused) == (1, ["aws_kms_grant.ok"])
    assert run.notes
