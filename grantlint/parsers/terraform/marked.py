"""The files of a run that have our name in them, and whether all is judged that they speak of.

What a comment in a root module speaks of is judged where the whole directory was asked for. What
one in a called module speaks of depends on who calls it: all callers are judged only where the
whole repository was asked for. Where a value is not known, or a module is not here, a rule may be
silent that is not in another run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from grantlint.model import NOT_HERE
from grantlint.parsers.reading import Marked, is_marked, once
from grantlint.parsers.terraform.discovery import Survey, below, boundary
from grantlint.parsers.terraform.module import Module
from grantlint.parsers.terraform.module_instance import ModuleInstance
from grantlint.source import Source
from grantlint.value import Truth

CALLER: Final = "caller"
MODULE: Final = "module"


def marked(
    asked: Sequence[Path],
    survey: Survey,
    modules: Mapping[Path, Module],
    judged: Sequence[ModuleInstance],
) -> tuple[Marked, ...]:
    """The files in the given paths, of the root modules that are judged, and of their modules."""
    files = _Files(asked, survey, modules, judged)
    sources = [one for one in survey.reader.sources.values() if isinstance(one, Source)]
    sources += [source for module in modules.values() for source in module.sources]
    sources += [source for root in judged for source in root.configuration.given]
    return once(files.of(source) for source in sources if is_marked(source))


def of_changed(
    modules: Mapping[Path, Module], judged: Sequence[ModuleInstance]
) -> tuple[Marked, ...]:
    """The files of these root modules and what they call, of which not all may be judged."""
    roots = {root.module.directory.resolve() for root in judged}

    def found() -> Iterator[Marked]:
        for root in judged:
            yield from (Marked(one, who=CALLER) for one in root.configuration.given)
        for key, module in modules.items():
            who, own = (CALLER if key in roots else MODULE), not _is_installed(key)
            yield from (Marked(one, who=who, own=own) for one in module.sources)

    return once(one for one in found() if is_marked(one.source))


class _Files:
    """What of a file's comments can be told, by its directory."""

    def __init__(
        self,
        asked: Sequence[Path],
        survey: Survey,
        modules: Mapping[Path, Module],
        judged: Sequence[ModuleInstance],
    ) -> None:
        self.asked = asked
        self.directories = [path for path in asked if path.is_dir()]
        self.evaluated = modules.keys()
        self.known = survey.directories
        self.called = {call for one in survey.directories.values() for call in one.calls}
        self.roots = {root.module.directory.resolve(): root for root in judged}
        self.certain = Truth.all(_settled(root) for root in judged)
        self._whole: dict[Path, Truth] = {}

    def of(self, source: Source) -> Marked:
        """One file."""
        home = Path(os.path.realpath(Path(source.path).parent))
        variables = source.path.endswith(".tfvars")
        root = self.roots.get(home)
        if home not in self._whole:
            self._whole[home] = self._judged(home, root)
        asked = below(Path(source.path), self.asked)
        return Marked(
            source,
            who=CALLER if root is not None or variables else MODULE,
            whole=self._whole[home] if asked else Truth.NO,
            own=(asked or root is not None) and not _is_installed(home),
        )

    def _judged(self, home: Path, root: ModuleInstance | None) -> Truth:
        if not below(home, self.directories):
            return Truth.NO
        known = self.known.get(home)
        if home in self.called or known is None:
            top = boundary(home)
            return self.certain if top == home or below(top, self.directories) else Truth.NO
        if root is not None:
            return _settled(root)
        if home in self.evaluated:  # by callers that were looked for
            return self.certain
        return Truth.YES if known.deployed else Truth.MAYBE


def _settled(root: ModuleInstance) -> Truth:
    """Whether another run would judge the same: nothing in it is left open."""
    module, configuration = root.module, root.configuration
    gone = any(reason.endswith(NOT_HERE) for reason in configuration.notes)
    broken = any(block.broken for block in module.resources.values())
    if gone or broken or module.incomplete is not None:
        return Truth.NO
    if configuration.notes or (module.variables and not module.deployed):
        return Truth.MAYBE
    given = configuration.assigned
    unset = (name for name, one in module.variables.items() if one.body.argument("default") is None)
    return Truth.MAYBE if any(name not in given for name in unset) else Truth.YES


def _is_installed(home: Path) -> bool:
    return ".terraform" in home.parts
