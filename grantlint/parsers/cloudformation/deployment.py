"""A template and what is known of how it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from grantlint.model import Construct
from grantlint.parsers.instance import Provider
from grantlint.source import Source


@dataclass(frozen=True, slots=True)
class Deployment:
    """One template of a stack.

    `provider` is where the stack is deployed, `stack` its name where that is known. `parameters`
    are values that are given; `applied` says that what is left at its default is deployed so.
    `root` is what all stacks of one app have in common, its assembly's directory. `kind` is what
    wrote it, cloudformation or cdk. `constructs` are the CDK constructs by logical
    id; `nested` the templates of nested stacks by the logical id of their resource, where they are
    not found by its TemplateURL.
    """

    source: Source
    provider: Provider
    stack: str | None = None
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    applied: bool = False
    root: str = ""
    kind: str = "cloudformation"
    constructs: Mapping[str, Construct] = field(default_factory=lambda: MappingProxyType({}))
    nested: Mapping[str, Deployment] = field(default_factory=lambda: MappingProxyType({}))
