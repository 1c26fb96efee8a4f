"""Which templates of a run are read, those of cloud assemblies and those that stand alone.

A template that has nothing of KMS is not parsed. Where another one has, those are that may give it
something: the stacks that others are nested in, and, if any imports, those that export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantlint.model import Inventory, Note
from grantlint.parsers.reading import Marked, Reading, is_marked
from grantlint.parsers.relevance import is_of_kms
from grantlint.parsers.settings import Options, given
from grantlint.source import Problem, Source
from grantlint.value import Truth

if TYPE_CHECKING:
    from grantlint.parsers.cloudformation.deployment import Deployment

_NESTING: Final = b"AWS::CloudFormation::Stack"
_IMPORTING: Final = b"ImportValue"
_EXPORTING: Final = b"Export"


@dataclass(slots=True)
class Templates:
    """The deployments of a run, and what was said while they were found.

    `files` are the paths of all that was read.
    """

    deployments: list[Deployment] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)


def templates(assemblies: Iterable[Path], alone: Sequence[Source], options: Options) -> Templates:
    """The stacks of cloud assemblies, and templates of which nothing else is known."""
    found = Templates()
    for directory in assemblies:
        _add_assembly(found, directory, options)
    if alone:
        from grantlint.parsers.cloudformation.deployment import Deployment  # noqa: PLC0415

        where = cache(lambda directory: given(options.settings_in(directory)))
        found.deployments += (
            Deployment(source, where(Path(source.path).parent)) for source in alone
        )
        found.files.update(source.path for source in alone)
        bearing = [source for source in alone if is_of_kms(source.data)]
        found.said += (f"{source.path}: CloudFormation template" for source in bearing)
        if left := len(alone) - len(bearing):
            found.said.append(f"{_count(left, 'CloudFormation template')} with nothing of KMS")
    return found


def _add_assembly(found: Templates, directory: Path, options: Options) -> None:
    from grantlint.parsers.cdk.assembly import deployments  # noqa: PLC0415  # see above

    shown = directory.as_posix()
    assembly = deployments(shown, options)
    found.deployments += (replace(one, root=shown) for one in assembly.deployments)
    found.notes += assembly.notes
    found.problems += assembly.problems
    found.files.update(assembly.files)
    found.said.append(f"{shown}: CDK assembly of {_count(len(assembly.deployments), 'stack')}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def reading(found: Templates, options: Options, progress: Callable[[str], None]) -> Reading:
    """What is in the templates. Undeclared are parameters that no text has, parsed or not."""
    parsed = Reading(Inventory((), ()))
    wanted = wanted_of(found.deployments)
    if wanted:
        from grantlint.parsers.cloudformation import estate  # noqa: PLC0415

        parsed = estate.read(wanted, options, progress)
    read = {one.source.path for one in _with_nested(wanted)}
    everything = [one.source.data for one in _with_nested(found.deployments)]
    return Reading(
        Inventory(
            parsed.inventory.keys,
            parsed.inventory.grants,
            (*found.notes, *parsed.inventory.notes),
            parsed.inventory.identities,
        ),
        (*found.problems, *parsed.unreadable),
        parsed.files + len(found.files - read),
        tuple(_undeclared(everything, options)),
        (*found.said, *parsed.verbose),
        marked=tuple(_marked(found.deployments, options, bool(parsed.inventory.notes))),
    )


def _marked(deployments: Sequence[Deployment], options: Options, unseen: bool) -> Iterator[Marked]:
    """The templates with our name in them; what another run may judge otherwise is MAYBE whole."""
    for one in _with_nested(deployments):
        if is_marked(one.source):
            given = one.applied or options.parameters or options.parameter_files
            left_open = b"Parameters" in one.source.data and not given
            shared = any(word in one.source.data for word in (_EXPORTING, _IMPORTING))
            whole = Truth.MAYBE if unseen or left_open or shared else Truth.YES
            whole = Truth.NO if options.changed else whole
            yield Marked(one.source, template=True, whole=whole, constructs=one.constructs)


def wanted_of(deployments: Sequence[Deployment]) -> list[Deployment]:
    """Those that have something of KMS, and those that may give it something; in order."""
    bearing = {one.source for one in deployments if _bears(one)}
    if not bearing:
        return []
    imports = any(_IMPORTING in one.source.data for one in _with_nested(deployments))
    return [
        one
        for one in deployments
        if one.source in bearing
        or _NESTING in one.source.data
        or (imports and _EXPORTING in one.source.data)
    ]


def _bears(deployment: Deployment) -> bool:
    return any(is_of_kms(one.source.data) for one in _with_nested([deployment]))


def _with_nested(deployments: Iterable[Deployment]) -> Iterator[Deployment]:
    for one in deployments:
        yield one
        yield from _with_nested(one.nested.values())


def _undeclared(texts: Sequence[bytes], options: Options) -> Iterator[str]:
    """Names of `--parameter` that stand in no template; changed files are not all of them."""
    if not options.changed:
        for name in dict.fromkeys(name for name, _ in options.parameters):
            if not any(name.encode() in text for text in texts):
                yield name
