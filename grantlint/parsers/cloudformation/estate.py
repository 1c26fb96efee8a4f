"""Templates and how they are deployed to what they hold of KMS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from grantlint.model import Inventory, Note
from grantlint.parsers import kms
from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.cloudformation.files import read_file
from grantlint.parsers.cloudformation.instances import evidence, judged
from grantlint.parsers.cloudformation.parameter_file import ParameterFileError, read_parameters
from grantlint.parsers.cloudformation.run import Group, Run
from grantlint.parsers.cloudformation.stack import Stack
from grantlint.parsers.reading import Reading, together
from grantlint.parsers.settings import Options

_SHARED: Final = (b"Fn::ImportValue", b"!ImportValue", b"Export")


def read(
    deployments: Sequence[Deployment],
    options: Options,
    progress: Callable[[str], None] = lambda _: None,
) -> Reading:
    """Everything of KMS in the templates, and in those nested in them."""
    try:
        given = read_parameters(options)
    except ParameterFileError as error:
        return Reading(Inventory((), ()), (error.problem,))
    run = Run(read_file)
    stacks = list(_stacks(run, deployments, given, options, progress))
    names = {name for stack in _all(stacks) for name in stack.parameters}
    found: list[Inventory] = []
    for root, group in _groups(stacks):
        progress(f"evaluating {root}")
        found.append(_inventory(root, list(_all(group))))
    notes = [Note(why, len(spans), spans[0]) for why, spans in run.notes.items()]
    found.append(Inventory((), (), tuple(notes)))
    undeclared = tuple(name for name in given if name not in names)
    said = tuple(_dates(run))
    return Reading(together(found), tuple(run.problems), len(run.files), undeclared, said)


def _dates(run: Run) -> Iterator[str]:
    """Where a Version has no quotes, which other readers of YAML take for a date."""
    for template in run.templates.values():
        if template.dates:
            first = template.dates[0]
            yield f"{first}: {first.text} has no quotes, YAML may read it as a date"


def _stacks(
    run: Run,
    deployments: Sequence[Deployment],
    given: dict[str, str],
    options: Options,
    progress: Callable[[str], None],
) -> Iterator[Stack]:
    """The stacks that are not nested in others of the run."""
    made: list[Stack] = []
    for deployment in deployments:
        progress(f"reading {deployment.source.path}")
        mine = {**deployment.parameters, **given}
        applied = deployment.applied or bool(options.parameters or options.parameter_files)
        stack = Stack.of(run, replace(deployment, parameters=mine, applied=applied))
        if stack is not None and stack.is_template:
            made.append(stack)
    run.stacks.extend(made)
    nested = {
        child.deployment.source.path
        for stack in made
        for child in _all([stack])
        if child is not stack
    }
    top = [stack for stack in made if stack.deployment.source.path not in nested]
    run.stacks[:], run.exports = _all(top), None  # collected again, from nested ones too
    yield from top


def _all(stacks: Sequence[Stack]) -> Iterator[Stack]:
    """Stacks and those nested in them, at any depth."""
    for stack in stacks:
        yield stack
        yield from _all(list(stack.children()))


def _groups(stacks: Sequence[Stack]) -> Iterator[tuple[str, list[Stack]]]:
    """Stacks that may refer to each other's resources, and what they are called together.

    Those of one CDK app are together, and so are templates that export or import.
    """
    groups: dict[str, list[Stack]] = {}
    for stack in stacks:
        root = stack.deployment.root
        if not root:
            shares = any(text in stack.template.source.data for text in _SHARED)
            root = "exports" if shares else stack.deployment.source.path
        groups.setdefault(root, []).append(stack)
    for root, group in groups.items():
        _tell_apart(group)
        shown = group[0].deployment.source.path if root == "exports" else root
        yield shown, group


def _tell_apart(group: Sequence[Stack]) -> None:
    """Put the file's name before logical ids that two templates of a group have."""
    for stack in group:
        own = {id for id in stack.resources() if id not in stack.deployment.constructs}
        others = (other for other in group if other is not stack)
        if any(own & other.resources().keys() for other in others):
            name = stack.deployment.stack or Path(stack.name).name.partition(".")[0]
            stack.label = f"{name}."


def _inventory(root: str, stacks: Sequence[Stack]) -> Inventory:
    Group(stacks)
    resources = [found for stack in stacks for found in judged(stack)]
    notes = [note for stack in stacks for note in stack.told()]
    shown: list[kms.Resource] = []
    if any(instance.type == "aws_kms_grant" for instance, _ in resources):
        shown = [found for stack in stacks for found in evidence(stack)]
    return kms.inventory(resources, notes, shown, root)
