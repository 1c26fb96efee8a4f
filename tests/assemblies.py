"""Assemblies for tests: those of real programs, and small ones written on the spot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from grantlint.parsers.cdk.assembly import Assembly, deployments
from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.settings import Options

ROOT = Path(__file__).parent.parent
TRUTH = ROOT / "fixtures/truth/cdk"
SYNTHESISED = ROOT / "fixtures/cdk"

KEY = {"Type": "AWS::KMS::Key", "Properties": {}}


def read(directory: Path, options: Options | None = None) -> Assembly:
    return deployments(str(directory), options or Options())


def every(found: Iterable[Deployment]) -> Iterator[Deployment]:
    """Deployments and those of their nested stacks."""
    for one in found:
        yield one
        yield from every(one.nested.values())


def at(found: Assembly, template: str) -> Deployment:
    """The deployment of a template whose path ends so."""
    return next(one for one in every(found.deployments) if one.source.path.endswith(template))


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    return path


def stack(template: str = "App.template.json", **more: object) -> dict[str, object]:
    """A stack's artifact."""
    artifact: dict[str, object] = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://111122223333/eu-west-1",
        "properties": {"templateFile": template},
    }
    return artifact | more


def stage(directory: object) -> dict[str, object]:
    return {"type": "cdk:cloud-assembly", "properties": {"directoryName": directory}}


def assembly(
    directory: Path,
    artifacts: object,
    resources: Mapping[str, object] | None = None,
    version: object = "55.0.0",
) -> Path:
    """An assembly with a manifest, and a template App.template.json with some resources."""
    write(directory / "cdk.out", {"version": version})
    write(directory / "manifest.json", {"version": version, "artifacts": artifacts})
    write(directory / "App.template.json", {"Resources": resources or {"Key1": KEY}})
    return directory


def entry(path: str, logical_id: str, *trace: str) -> dict[str, list[dict[str, object]]]:
    """What the metadata says of one construct."""
    made = [{"type": "aws:cdk:creationStack", "data": list(trace)}] if trace else []
    return {path: [{"type": "aws:cdk:logicalId", "data": logical_id}, *made]}
