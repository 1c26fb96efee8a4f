"""The configuration that a plan was made of, beside it: where things are written, and what else.

It is read as any root module is, with the variables of the plan. What stands there is put to the
plan's resources by address; of an instance that is not to be found the block still tells where.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from grantlint.model import Note
from grantlint.parsers.instance import Content, Instance, Provider, Settled
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform.discovery import Directory, Reader
from grantlint.parsers.terraform.estate import open_root
from grantlint.parsers.terraform.module import Module, configuration_files
from grantlint.parsers.terraform.module_instance import ModuleInstance
from grantlint.parsers.terraform.plan.document import Document, without_keys
from grantlint.parsers.terraform.plan.instances import WRITE_ONLY
from grantlint.parsers.terraform.plan.merge import Merge, equal
from grantlint.parsers.terraform.plan.values import value
from grantlint.parsers.terraform.variables import ConstantScope, Variable
from grantlint.source import Problem, Span
from grantlint.value import Truth, Unknown, Value, object_

Resource = tuple[Instance, Value]

DISAGREE = (
    "the configuration beside the plan says something else than the plan, which counts: "
    "it was made with other files or variables"
)


def directory_of(path: str, options: Options) -> str | None:
    """The directory with the configuration of a plan: the one given, else the plan's own."""
    if options.sources is not None:
        return options.sources
    parent = Path(path).parent
    return parent.as_posix() if configuration_files(parent) else None


@dataclass(slots=True, eq=False)
class Sources:
    """The root module beside a plan."""

    root: ModuleInstance
    modules: dict[Path, Module]
    verbose: list[str]
    _exact: dict[str, Resource] = field(default_factory=dict)
    _alike: dict[str, list[Resource]] = field(default_factory=dict)
    _differing: list[Span | None] = field(default_factory=list)

    @classmethod
    def of(cls, directory: str, document: Document, options: Options) -> Sources:
        """Those in a directory, with what the plan says of its variables."""
        seen = Directory(Path(directory), Path(directory).as_posix())
        modules: dict[Path, Module] = {}
        verbose: list[str] = []
        root = open_root(seen, modules, Reader().read, options, verbose)
        assigned = root.configuration.assigned
        root.configuration.assigned = {**assigned, **_given(root, document, assigned)}
        root.module.deployed = True  # a plan is made to be applied
        return cls(root, modules, verbose)

    def look_for(self, kinds: Iterable[tuple[str, str]]) -> None:
        """Evaluate the blocks of these modes and types."""
        wanted = {("data" if mode == "data" else "resource", type) for mode, type in kinds}
        for found in self.root.all_planned(lambda block: (block.type, block.labels[0]) in wanted):
            address = found[0].address
            self._exact.setdefault(address, found)
            self._alike.setdefault(without_keys(address), []).append(found)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with its files."""
        return tuple(problem for module in self.modules.values() for problem in module.problems)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What could not be found, and where it is not what the plan says."""
        found = [
            Note(reason, len(asking), asking[0])
            for reason, asking in self.root.configuration.notes.items()
        ]
        if self._differing:
            place = next((span for span in self._differing if span is not None), None)
            found.append(Note(DISAGREE, len(self._differing), place))
        return tuple(found)

    # -- one resource ----------------------------------------------------------------------

    def merged(self, resource: Resource) -> Resource:
        """A resource of the plan with what its block says of it."""
        instance, planned = resource
        found = self._counterpart(instance.address)
        if found is None:
            alike = self._alike.get(without_keys(instance.address))
            return _placed(resource, alike[0][0]) if alike else resource
        own, expected = found
        if not isinstance(instance.content, Settled):
            return resource
        quiet, telling = Merge(lambda _: None), Merge(self._differs)
        content = Merged(own.content, instance.content, quiet)
        known, written = {name for name, _ in planned.items()}, set(own.content.names())
        attributes = {
            name: _both(
                telling if name in written or own.content.nested(name) else quiet,
                _attribute(expected, name),
                planned.get(name),
            )
            for name in sorted(known | written)
        }
        merged = replace(
            instance,
            content=content,
            header=own.header,
            provider=_provider(quiet, own.provider, instance.provider),
            calls=own.calls,
        )
        kept = {name: one for name, one in attributes.items() if one is not None}
        return merged, object_(kept, own.header)

    def _differs(self, written: Value) -> None:
        self._differing.append(written.use)

    def _counterpart(self, address: str) -> Resource | None:
        """The instance of that address, or the symbolic one that stands for all of its block."""
        found = self._exact.get(address)
        if found is not None:
            return found
        for one in self._alike.get(without_keys(address), ()):
            if one[0].exists is Truth.MAYBE and one[0].address == without_keys(address):
                return one
        return None


def _given(
    root: ModuleInstance, document: Document, assigned: Mapping[str, Value]
) -> dict[str, Value]:
    """The variables of the plan; those that are the configuration's keep their places."""
    constant = ConstantScope(root.scope.owner, {})
    found: dict[str, Value] = {}
    for name, written in document.variables.items():
        block = root.module.variables.get(name)
        if block is None:
            continue
        planned = value(written, None, None, lambda: Unknown("not known"))
        own = assigned.get(name)
        if own is None:
            own = Variable.read(block, constant).default
        if own is None or not equal(own, planned):
            found[name] = planned.at(block.header)
    return found


def _attribute(planned: Value, name: str) -> Value | None:
    """An attribute of what is planned, also of a type that is not known."""
    cause = planned.unknown
    return planned.get(name) if cause is None else cause.members.get(name)


def _both(merge: Merge, written: Value | None, planned: Value | None) -> Value | None:
    if written is None or planned is None:
        return planned if written is None else written
    return merge.of(written, planned)


def _provider(merge: Merge, own: Provider, planned: Provider) -> Provider:
    return Provider(
        merge.of(own.account, planned.account),
        merge.of(own.region, planned.region),
        merge.of(own.partition, planned.partition),
    )


def _placed(resource: Resource, block: Instance) -> Resource:
    """A resource where its block stands, of which this very instance is not to be found."""
    instance, planned = resource
    content = instance.content
    if isinstance(content, Settled):
        content = replace(content, place=block.span)
    placed = replace(instance, content=content, header=block.header, calls=block.calls)
    return placed, planned.at(block.header)


# -- arguments -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Merged(Content):
    """The arguments of a block as it is written, with what the plan knows of them."""

    own: Content
    planned: Settled
    merge: Merge
    _made: dict[str, Value] = field(default_factory=dict)

    @property
    def span(self) -> Span:
        """The block in the configuration."""
        return self.own.span

    @property
    def exists(self) -> Truth:
        """The plan says so."""
        return Truth.YES

    @property
    def broken(self) -> str | None:
        """Nothing is missing from a plan."""
        return None

    def names(self) -> Iterable[str]:
        """The arguments that are written, or that the plan has."""
        return dict.fromkeys((*self.own.names(), *self.planned.names()))

    def argument(self, name: str) -> Value | None:
        """The value of an argument; None when neither has it."""
        known = self._made.get(name)
        if known is not None:
            return known
        written, planned = self.own.argument(name), self.planned.arguments.get(name)
        if written is not None and planned is not None and planned.is_null:
            planned = None if name.endswith(WRITE_ONLY) else planned
        found = _both(self.merge, written, planned)
        if found is not None and found.is_null and written is None:
            return None
        if found is not None:
            self._made[name] = found
        return found

    def nested(self, type: str) -> tuple[Content, ...]:
        """The nested blocks that the plan has, each with the one that it is written as."""
        own, planned = self.own.nested(type), self.planned.nested(type)
        listed = self.planned.arguments.get(type)
        if listed is None or listed.unknown is not None:
            return own
        if len(own) != len(planned):
            return planned
        pairs = zip(own, planned, strict=True)
        return tuple(
            Merged(written, one, self.merge) if isinstance(one, Settled) else one
            for written, one in pairs
        )
