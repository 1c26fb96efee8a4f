"""Plans and states of Terraform and OpenTofu, as `terraform show -json` writes them.

A plan knows every value that its configuration leads to, and nothing of where it is written; the
configuration knows where, and the structure of what is known only after the apply. Where both are
there, each fills what the other does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grantlint.model import Inventory, Note
from grantlint.parsers import kms
from grantlint.parsers.instance import Instance
from grantlint.parsers.kms.identity import WRITERS
from grantlint.parsers.kms.integrations import referents
from grantlint.parsers.kms.namesake import ARGUMENTS
from grantlint.parsers.kms.namesake import names as names_in
from grantlint.parsers.reading import Reading
from grantlint.parsers.settings import Options, Settings
from grantlint.parsers.terraform.marked import of_changed
from grantlint.parsers.terraform.plan.blocks import Blocks, expression
from grantlint.parsers.terraform.plan.document import Described, Document, Places, document
from grantlint.parsers.terraform.plan.file import read_data, read_file, sniff
from grantlint.parsers.terraform.plan.instances import Instances
from grantlint.parsers.terraform.plan.owned import Owned
from grantlint.parsers.terraform.plan.providers import Providers
from grantlint.parsers.terraform.plan.references import References
from grantlint.parsers.terraform.plan.sources import Sources, directory_of
from grantlint.parsers.terraform.wanted import PEOPLE, is_judged, shows
from grantlint.source import Problem, Source, Span
from grantlint.value import Value

__all__ = ["read_plan", "sniff"]

_REPLACED: Final = "the plan replaces {}: it is destroyed and made anew, with another id and ARN"
_NO_FILES: Final = "there are no Terraform files in {}, which --source names"
_NEITHER: Final = "this is neither a plan nor a state: give what `terraform show -json` says"


def read_plan(path: str, options: Options, piped: Source | None = None) -> Reading:
    """Everything of KMS in a plan or state, as far as possible with the places in its sources.

    `piped` is what came by standard input instead of the file.
    """
    read = read_file(path) if piped is None else read_data(path, piped.data)
    if isinstance(read, Problem):
        return Reading(Inventory((), ()), (read,), 1)
    source, content = read
    found = document(source, content)
    if found is None:
        return Reading(Inventory((), ()), (Problem(_NEITHER, Span(source, 0, 0)),), 1)
    directory = directory_of(path, options)
    sources = Sources.of(directory, found, options) if directory is not None else None
    return _Estate(found, sources, options).reading()


@dataclass(slots=True, eq=False)
class _Estate:
    """One plan or state, and the configuration beside it."""

    document: Document
    sources: Sources | None
    options: Options

    def reading(self) -> Reading:
        """What is in it."""
        wanted = [one for one in self.document.resources if _is_wanted(one)]
        if self.sources is not None:
            self.sources.look_for({(one.mode, one.type) for one in wanted})
        resources, evidence = self._resources(wanted)
        root = self.document.source.path
        inventory = kms.inventory(resources, self._notes(wanted), evidence, root)
        if self.sources is None:
            return Reading(inventory, (), 1, self._undeclared(), (self._said(),))
        module = self.sources.root.module
        return Reading(
            inventory,
            self.sources.problems,
            1 + len(module.sources),
            self._undeclared(),
            (self._said(), *(f"  {line}" for line in self.sources.verbose)),
            (self.sources.root.module.directory.as_posix(),),
            of_changed(self.sources.modules, [self.sources.root]),
        )

    def _resources(
        self, wanted: Sequence[Described]
    ) -> tuple[list[tuple[Instance, Value]], list[tuple[Instance, Value]]]:
        """What is judged, and what may show what the grants among it are for."""
        document = self.document
        blocks = Blocks.of(document)
        place = Span(document.source, 0, 0)
        instances = Instances(
            document,
            blocks,
            References.of(document, blocks),
            Providers.of(blocks, self._settings(), place, document.resources),
            Places(document),
        )
        made = {one.address: instances.of(one) for one in wanted}
        owned = Owned.of(tuple(made.values()))
        judged: list[tuple[Instance, Value]] = []
        for one in wanted:
            own = _written(blocks, one)
            made[one.address] = self._whole(owned.without(made[one.address], own))
            if is_judged(one.mode, one.type):
                judged.append(made[one.address])
        named = _Named.of(judged)
        showing = [made[one.address] for one in wanted if named.may_show(one)]
        return judged, showing

    def _settings(self) -> Settings:
        """Those of the root module, or of where the plan is."""
        if self.sources is not None:
            return self.sources.root.configuration.settings
        return self.options.settings_in(Path(self.document.source.path).parent)

    def _whole(self, resource: tuple[Instance, Value]) -> tuple[Instance, Value]:
        return resource if self.sources is None else self.sources.merged(resource)

    def _notes(self, wanted: Sequence[Described]) -> Iterator[Note]:
        places = Places(self.document)
        beginning = Span(self.document.source, 0, 0)
        for reason in self.document.notes:
            yield Note(reason, 1, beginning)
        for one in wanted:
            if one.replaced and one.type.startswith("aws_kms_"):
                yield Note(_REPLACED.format(one.address), 1, places.of(one.address))
        if self.sources is not None:
            if not self.sources.root.module.sources:
                yield Note(_NO_FILES.format(self.options.sources), 1, beginning)
            yield from self.sources.notes

    def _undeclared(self) -> tuple[str, ...]:
        declared = self.sources.root.module.variables.keys() if self.sources else ()
        return tuple(name for name, _ in self.options.variables if name not in declared)

    def _said(self) -> str:
        what = self.document.kind.removeprefix("terraform-")
        return f"{what} {self.document.source.path}"


@dataclass(frozen=True, slots=True)
class _Named:
    """Whom the grants of a plan name: by address, and by the names in their principals."""

    any_grants: bool
    addresses: frozenset[str]
    names: frozenset[str | None]

    @classmethod
    def of(cls, judged: Sequence[tuple[Instance, Value]]) -> _Named:
        """Those of the grants among these."""
        grants = [planned for instance, planned in judged if instance.type == "aws_kms_grant"]
        principals = [
            value
            for planned in grants
            for value in map(planned.get, ARGUMENTS)
            if value is not None
        ]
        return cls(
            bool(grants),
            frozenset(one.address for value in principals for one in referents(value)),
            frozenset(name.text for value in principals for name in names_in(value)),
        )

    def may_show(self, one: Described) -> bool:
        """Whether a resource may show what the grants are for."""
        if not self.any_grants or not shows(one.mode, one.type):
            return False
        if one.type not in PEOPLE or None in self.names:
            return True
        name = one.values.get("name")
        return one.address in self.addresses or not isinstance(name, str) or name in self.names


def _written(blocks: Blocks, one: Described) -> tuple[str, ...]:
    """Which of the arguments that another resource may write too its own block certainly writes."""
    block = blocks.resource(one)
    names = ("policy", "inline_policy", "managed_policy_arns")
    return tuple(name for name in names if expression(block, name) is not None)


def _is_wanted(one: Described) -> bool:
    """Whether a resource is judged or shows anything: policies without KMS are not followed."""
    if not (is_judged(one.mode, one.type) or shows(one.mode, one.type)):
        return False
    argument = WRITERS.get(one.type)
    written = one.values.get(argument) if argument is not None else None
    return not isinstance(written, str) or "kms:" in written.lower()
