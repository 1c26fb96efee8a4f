"""Measure CPU time and memory of `grantlint check` on a large template and a large cdk.out.

Usage: python bench/inputs.py [--runs N] [--no-limits]

The template has 200 grants that custom resources make, as the CDK writes them, in 333 KB; the
assembly has three such. cfn-lint is the peer: it is measured on the same template, from a virtual
environment of its own, unless one is on PATH. The exit code is 1 where a limit is not kept.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from measure import Measure, measure

LIMITS = {"a template": (0.6, 200), "a cdk.out of three": (1.5, 200)}
"""CPU seconds and MB."""
GRANTS = 200
SIZE = 333_000


def template(stack: str) -> str:
    """A key, and 200 roles with a grant each; filled up to the size with topics."""
    resources: dict[str, object] = {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}}
    }
    for number in range(GRANTS):
        resources[f"Role{number}"] = _role()
        resources[f"Grant{number}"] = _grant(stack, number)
    text = json.dumps({"Resources": resources}, indent=1)
    number = 0
    while len(text) < SIZE:
        for _ in range(20):
            tags = [{"Key": f"key{tag}", "Value": f"value{tag}"} for tag in range(5)]
            resources[f"Topic{number}"] = {"Type": "AWS::SNS::Topic", "Properties": {"Tags": tags}}
            number += 1
        text = json.dumps({"Resources": resources}, indent=1)
    return text


def _role() -> dict[str, object]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}


def _grant(stack: str, number: int) -> dict[str, object]:
    create = [
        '{"service":"KMS","action":"createGrant","parameters":{"KeyId":"',
        {"Ref": "Key"},
        '","GranteePrincipal":"',
        {"Fn::GetAtt": [f"Role{number}", "Arn"]},
        f'","Operations":["Decrypt","GenerateDataKey"],"Name":"grant{number}"}},',
        '"physicalResourceId":{"responsePath":"GrantId"}}',
    ]
    delete = [
        '{"service":"KMS","action":"revokeGrant","parameters":{"KeyId":"',
        {"Ref": "Key"},
        '","GrantId":"PHYSICAL:RESOURCEID:"}}',
    ]
    return {
        "Type": "Custom::AWS",
        "Properties": {
            "ServiceToken": {"Fn::GetAtt": ["AWS679f53fac002430cb0da5b7982bd2287", "Arn"]},
            "Create": {"Fn::Join": ["", create]},
            "Delete": {"Fn::Join": ["", delete]},
            "InstallLatestAwsSdk": False,
        },
        "Metadata": {"aws:cdk:path": f"{stack}/Grant{number}/Resource/Default"},
    }


def assembly(directory: Path) -> None:
    """A cdk.out of three stacks."""
    artifacts: dict[str, object] = {}
    directory.mkdir()
    for stack in ("One", "Two", "Three"):
        (directory / f"{stack}.template.json").write_text(template(stack), "utf-8")
        artifacts[stack] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/eu-west-1",
            "properties": {"templateFile": f"{stack}.template.json"},
        }
    manifest = {"version": "48.0.0", "artifacts": artifacts}
    (directory / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (directory / "cdk.out").write_text('{"version": "48.0.0"}', "utf-8")


def cfn_lint(path: Path, runs: int, temporary: Path) -> Measure | str:
    """Measure cfn-lint on a template; or say why not."""
    program = shutil.which("cfn-lint")
    if program is None:
        home = temporary / "venv"
        venv.create(home, with_pip=True)
        pip = [str(home / "bin/pip"), "install", "-q", "cfn-lint"]
        done = subprocess.run(pip, capture_output=True, check=False)
        if done.returncode:
            return "pip install failed: " + done.stderr.decode(errors="replace").strip()[-200:]
        program = str(home / "bin/cfn-lint")
    return measure([program, str(path)], runs, range(64))


def main() -> int:
    """Measure, print, compare with the limits."""
    parser = argparse.ArgumentParser(description="CPU and memory of templates")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-limits", action="store_true", help="always exit with 0")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "app.json")
        path.write_text(template("One"), "utf-8")
        assembly(Path(temporary, "cdk.out"))
        ours = [sys.executable, "-m", "grantlint", "check", "--quiet", "--fail-on", "never"]
        results: dict[str, Measure | str] = {
            "a template": measure([*ours, str(path)], given.runs),
            "a cdk.out of three": measure([*ours, str(Path(temporary, "cdk.out"))], given.runs),
            "cfn-lint": cfn_lint(path, 1, Path(temporary)),
        }
    return _show(results) and not given.no_limits


def _show(results: dict[str, Measure | str]) -> int:
    peer = results["cfn-lint"]
    print(f"{SIZE:,} bytes with {GRANTS} grants each")
    print(f"{'':18} {'CPU':>8} {'memory':>8} {'to cfn-lint':>12}  limit")
    broken = 0
    for name, result in results.items():
        if isinstance(result, str):
            print(f"{name:18} skipped: {result}")
            continue
        ratio = f"{result.cpu / peer.cpu:.2f} x" if isinstance(peer, Measure) else ""
        text = ""
        if name in LIMITS:
            cpu, memory = LIMITS[name]
            kept = result.cpu <= cpu and result.memory <= memory
            broken += not kept
            text = f"{cpu} s, {memory} MB: {'kept' if kept else 'NOT KEPT'}"
        print(f"{name:18} {result.cpu:6.2f} s {result.memory:5.0f} MB {ratio:>12}  {text}")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
