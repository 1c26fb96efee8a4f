"""An assembly to deployments: every stack in it, where it is deployed, and what made it.

assembly = deployments("infra/cdk.out", options)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from grantlint.model import Note
from grantlint.parsers.cdk.checkout import Checkout
from grantlint.parsers.cdk.manifest import MANIFEST, Manifests, Stack
from grantlint.parsers.cdk.metadata import Metadata
from grantlint.parsers.cdk.nested import Nesting
from grantlint.parsers.cdk.trace import Traces
from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.instance import Provider
from grantlint.parsers.settings import Options, Settings, given, partition
from grantlint.source import Problem, Span
from grantlint.value import string

NO_LINES: Final = (
    "the assembly does not say which line of the program makes a construct: "
    "`cdk synth --debug` records it (aws-cdk-lib 2.60 or newer)"
)
"""JavaScript programs need it before 2.253, those in other languages always."""


@dataclass(frozen=True, slots=True, eq=False)
class Assembly:
    """What an assembly comes to.

    Nested stacks are inside the `deployments` of their stacks. `files` are all that was read: the
    manifests, templates and metadata files.
    """

    deployments: tuple[Deployment, ...]
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()


def is_assembly(directory: Path) -> bool:
    """Whether a directory is an assembly: it has a manifest and a file `cdk.out`.

    Where only the manifest was kept, what it holds tells.
    """
    try:
        manifest = directory / MANIFEST
        if not manifest.is_file():
            return False
        if (directory / "cdk.out").is_file():
            return True
        with manifest.open("rb") as file:
            start = file.read(_SNIFFED)
    except (OSError, ValueError):
        return False
    return b'"artifacts"' in start and _ARTIFACT.search(start) is not None


_SNIFFED: Final = 1_000_000
_ARTIFACT: Final = re.compile(rb'"(?:aws:cloudformation:stack|cdk:cloud-assembly|cdk:tree)"')


def deployments(directory: str, options: Options) -> Assembly:
    """All stacks of the assembly in a directory, those of its stages too."""
    path = Path(directory)
    manifests = Manifests()
    stacks: list[Stack] = []
    metadata: list[Metadata] = []
    traces = Traces()
    settings = options.settings_in(path)
    for stack in manifests.stacks(path, path.as_posix()):
        metadata.append(Metadata(stack.metadata, _name(stack), traces))
        stacks.append(replace(stack, metadata={}))

    @cache
    def checkout() -> Checkout:
        return Checkout(path, (file for one in metadata for file in one.files()))

    problems, files = list(manifests.problems), list(manifests.files)
    found: list[Deployment] = []
    for stack, known in zip(stacks, metadata, strict=True):
        nesting = Nesting(stack, provider(stack.environment, settings), checkout, known)
        found.append(nesting.deployment())
        problems += nesting.problems
        files += nesting.files
    notes = [Note(reason, 1, span) for reason, span in manifests.unread]
    notes += _no_lines(found, metadata, checkout)
    return Assembly(tuple(found), tuple(notes), tuple(problems), tuple(dict.fromkeys(files)))


def _name(stack: Stack) -> str:
    return stack.template.path.rpartition("/")[2]


# -- where it is deployed ------------------------------------------------------------------

_ENVIRONMENT: Final = re.compile(r"aws://(?P<account>[^/]*)/(?P<region>.*)")
_ACCOUNT: Final = re.compile(r"\d{12}")
_REGION: Final = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+")


def provider(environment: str, settings: Settings) -> Provider:
    """Where a stack is deployed: what its environment says, else what the user does.

    "aws://111122223333/us-east-1"; unknown-account and unknown-region are what they say.
    """
    match = _ENVIRONMENT.fullmatch(environment)
    said = given(settings)
    account, region = said.account, said.region
    if match is not None and _ACCOUNT.fullmatch(match["account"]):
        account = string(match["account"])
    if match is not None and _REGION.fullmatch(match["region"]):
        region = string(match["region"])
    return Provider(account, region, partition(settings, region))


# -- what is not told ----------------------------------------------------------------------


def _no_lines(
    found: Sequence[Deployment], metadata: Sequence[Metadata], checkout: Callable[[], Checkout]
) -> Iterator[Note]:
    """Why there are no lines of the program, where there is anything of KMS and no line at all."""
    of_kms = next((one.source for one in _all(found) if _KMS.search(one.source.data)), None)
    if of_kms is None:
        return
    place = Span(of_kms, 0, 0)
    if not any(one.has_lines for one in metadata):
        yield Note(NO_LINES, 1, place)
    elif not checkout().here:
        file = checkout().files[0]
        yield Note(f"the files of the CDK program are not in this checkout ({file})", 1, place)


_KMS: Final = re.compile(rb"kms", re.IGNORECASE)


def _all(found: Iterable[Deployment]) -> Iterator[Deployment]:
    for one in found:
        yield one
        yield from _all(one.nested.values())
