"""What all modules of one root module share: files read once, settings, notes.

A root module with everything it calls is what Terraform calls a configuration.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from grantlint.model import NOT_HERE
from grantlint.parsers.bounds import MOST_EVALUATIONS, Weights
from grantlint.parsers.settings import Settings
from grantlint.parsers.terraform.module import Module, load
from grantlint.source import Problem, Source, Span
from grantlint.value import Value

if TYPE_CHECKING:
    from grantlint.parsers.terraform.remote_state import States


@dataclass(slots=True, eq=False)
class Configuration:
    """What all module instances of one root share.

    `directory` is the root module's, `boundary` the directory that no file function may leave.
    `assigned` are the root variables that were given a value, by name, `given` the files that did.
    `notes` collects what
    could not be found, with the places that ask for it. `consulted` are the files and directories
    that functions asked for. `states` finds the other root modules of the run. `strict` lets a
    reference to what is not declared fail, as in Terraform; else it is unknown: its file may be
    made by a tool that runs before. `evaluations` are counted up to `bound`, which leaves half of
    those that are left to the values after this.
    """

    directory: Path
    boundary: Path
    path: str
    settings: Settings
    modules: dict[Path, Module]
    read: Callable[[Path, str], Source | Problem]
    assigned: Mapping[str, Value] = field(default_factory=dict)
    given: Sequence[Source] = ()
    strict: bool = False
    depth: int = 0
    evaluations: int = 0
    bound: int = MOST_EVALUATIONS
    module_instances: int = 0
    weights: Weights = field(default_factory=Weights)
    notes: dict[str, list[Span]] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    consulted: set[Path] = field(default_factory=set)
    states: States | None = None
    _installed: Mapping[str, str] | None = None

    def module(self, directory: Path, path: str) -> Module:
        """The parsed module of a directory."""
        key = directory.resolve()
        found = self.modules.get(key)
        if found is None:
            found = self.modules[key] = load(directory, path, self.read)
        return found

    def note(self, reason: str, span: Span) -> None:
        """Remember that something could not be found, and where it was asked for."""
        places = self.notes.setdefault(reason, [])
        if span not in places:
            places.append(span)

    def installed(self, name: tuple[str, ...]) -> str | None:
        """Where `terraform init` put the module of a call path, relative to the root module."""
        if self._installed is None:
            self._installed = _manifest(self.directory / ".terraform/modules/modules.json")
        return self._installed.get(".".join(name))


def _manifest(path: Path) -> dict[str, str]:
    try:
        entries = json.loads(path.read_bytes()).get("Modules", [])
        return {entry["Key"]: entry["Dir"] for entry in entries}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def joined(base: str, path: str) -> str:
    """Two relative paths as Terraform joins and cleans them."""
    parts: list[str] = []
    for part in f"{base}/{path}".replace("\\", "/").split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    joined = "/".join(parts) or "."
    return f"/{joined}" if base.startswith("/") else joined


def missing_module(source: str) -> str:
    """The note for a module that is not in the project and was not installed."""
    return f"module {_without_credentials(source)}{NOT_HERE}"


def _without_credentials(source: str) -> str:
    """A module's source without a user or token in its address."""
    scheme, separator, rest = source.partition("://")
    if not separator:
        return source
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
