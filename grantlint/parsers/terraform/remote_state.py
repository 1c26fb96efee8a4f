"""`data "terraform_remote_state"`: the outputs of another root module of the same run.

Which one is told by where its state lies: the same file, the same object of a bucket. A state
holds what was applied last; taken for that is what the other root module says now. An output that
it does not have may still be in its state, so that one is unknown. Whether an output is sensitive
is kept here, as long as it is not cdktf that marks it; Terraform forgets it.
https://developer.hashicorp.com/terraform/language/state/remote-state-data
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grantlint.parsers.instance import READ, Content, Instance
from grantlint.parsers.passage import Passage
from grantlint.parsers.terraform import cdktf, evaluate, provider
from grantlint.parsers.terraform.content import Evaluated
from grantlint.value import DYNAMIC, Unknown, Value, object_, unknown

if TYPE_CHECKING:
    from grantlint.parsers.terraform.configuration import Configuration
    from grantlint.parsers.terraform.module_instance import ModuleInstance

_PLACES: Final[Mapping[str, Mapping[str, str | None]]] = {
    "local": {"path": "terraform.tfstate", "workspace_dir": ""},
    "s3": {"bucket": None, "key": None, "workspace_key_prefix": "env:"},
    "gcs": {"bucket": None, "prefix": ""},
    "azurerm": {"storage_account_name": None, "container_name": None, "key": None},
    "remote": {"hostname": "app.terraform.io", "organization": None, "workspaces.name": None},
}
"""Backends, and which of their arguments tell states apart; None for what has no default.

A `cloud` block is the backend remote. https://developer.hashicorp.com/terraform/language/backend
"""
_SOUGHT: Final = {
    "local": "path",
    "s3": "key",
    "gcs": "bucket",
    "azurerm": "key",
    "remote": "workspaces.name",
}
"""The argument whose text a root module has that keeps its state in such a place."""
_ABSOLUTE: Final = re.compile(r"[/\\]|[A-Za-z]:[/\\]")

Place = tuple[str, ...]
"""A backend's kind, and what its arguments are, in the order of `_PLACES`."""


def planned(instance: Instance, asking: Configuration) -> Value:
    """What the provider plans; of a state, the outputs too, if its root module is here."""
    found = provider.planned(instance)
    if instance.mode != "data" or instance.type != "terraform_remote_state":
        return found
    root = asking.states.root(instance.content, asking) if asking.states is not None else None
    cause = found.unknown
    if root is None or cause is None or asking.states is None:
        return found
    outputs = Unknown(READ, cause.refers_to, members=_Outputs(asking.states, root, asking))
    members = {**cause.members, "outputs": Value(DYNAMIC, outputs, instance.header)}
    return replace(found, raw=replace(cause, members=members))


@dataclass(slots=True, eq=False)
class States:
    """The root modules of a run by where they keep their states.

    `directories` are those with configuration, `texts` gives the files of one, and `open` its root
    module, which is evaluated apart from the one that is judged, as far as its outputs are asked
    for.
    """

    directories: Collection[Path]
    texts: Callable[[Path], Iterable[bytes]]
    open: Callable[[Path], ModuleInstance]
    _opened: dict[Path, ModuleInstance] = field(default_factory=dict)
    _found: dict[Place, tuple[ModuleInstance, ...]] = field(default_factory=dict)
    _active: set[tuple[Path, str]] = field(default_factory=set)

    def root(self, content: Content, asking: Configuration) -> ModuleInstance | None:
        """The root module that keeps the state that a data block reads; None if none or several.

        Of several the one that was synthesised together with what asks.
        """
        place = _asked(content, asking.directory)
        if place is None:
            return None
        if place not in self._found:
            self._found[place] = tuple(self._kept_at(place))
        found: Sequence[ModuleInstance] = self._found[place]
        own = cdktf.assembly(asking.directory) if len(found) > 1 else None
        if own is not None:
            found = [one for one in found if cdktf.assembly(one.module.directory) == own]
        if len(found) != 1 or found[0].module.directory.resolve() == asking.directory.resolve():
            return None
        return found[0] if _is_workspace(content, found[0]) else None

    def _kept_at(self, place: Place) -> Iterator[ModuleInstance]:
        for directory in self.directories:
            if self._may_keep(directory, place):
                root = self._root_of(directory)
                if _own(root) == place:
                    yield root

    def _may_keep(self, directory: Path, place: Place) -> bool:
        """Whether the text of a directory has what tells the place; that costs no parsing."""
        kind = place[0]
        sought = place[1 + list(_PLACES[kind]).index(_SOUGHT[kind])]
        if kind == "local":
            if Path(sought).parent == directory and Path(sought).name == _DEFAULT_STATE:
                return True
            sought = re.split(r"[/\\]", sought)[-1]
        texts = tuple(self.texts(directory))
        kinds = ('"remote"', "cloud") if kind == "remote" else (f'"{kind}"',)
        has_kind = any(one.encode() in text for text in texts for one in kinds)
        return has_kind and any(sought.encode() in text for text in texts)

    def _root_of(self, directory: Path) -> ModuleInstance:
        found = self._opened.get(directory)
        if found is None:
            found = self._opened[directory] = self.open(directory)
            found.configuration.states = self
        return found

    def output(self, root: ModuleInstance, name: str, asking: Configuration) -> Value:
        """An output of another root module, as what asks for it has it."""
        block, shared = root.module.outputs[name], root.configuration
        key = shared.directory, name
        if key in self._active:
            return unknown(f"output.{name} of {shared.path} depends on itself", block.header)
        self._active.add(key)
        depth = shared.depth
        shared.depth = max(depth, asking.depth)  # all roots together go as deep as one may
        try:
            value = root.recorded(name, block.header)
            sensitive = not name.startswith(cdktf.CROSS_STACK) and _is_sensitive(root, name)
        finally:
            shared.depth = depth
            self._active.discard(key)
        if value.is_null:  # a state does not record it, and may still have what was there before
            value = replace(value, raw=Unknown(READ))
        return Passage(shared.path, asking.path).carry(value).marked(sensitive)


_DEFAULT_STATE: Final = "terraform.tfstate"


class _Outputs(Mapping[str, Value]):
    """The outputs of another root module, each evaluated when it is first asked for."""

    __slots__ = ("_asking", "_made", "_root", "_states")

    def __init__(self, states: States, root: ModuleInstance, asking: Configuration) -> None:
        self._states, self._root, self._asking = states, root, asking
        self._made: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._made:
            if name not in self._root.module.outputs:
                raise KeyError(name)
            self._made[name] = self._states.output(self._root, name, self._asking)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._root.module.outputs)

    def __len__(self) -> int:
        return len(self._root.module.outputs)


def _is_sensitive(root: ModuleInstance, name: str) -> bool:
    argument = root.module.outputs[name].body.argument("sensitive")
    return argument is not None and evaluate.evaluate(argument.expression, root.scope).raw is True


# -- where a state lies --------------------------------------------------------------------


def _asked(content: Content, directory: Path) -> Place | None:
    """The place that a data block reads from."""
    backend, config = content.argument("backend"), content.argument("config")
    kind = backend.text if backend is not None else None
    if config is not None:
        return _place(kind, config if isinstance(config.raw, Mapping) else None, directory)
    blocks = content.nested("config")
    return _place(kind, _arguments(blocks[0]) if len(blocks) == 1 else None, directory)


def _own(root: ModuleInstance) -> Place | None:
    """The place that a root module keeps its state in."""
    block, directory = root.module.backend, root.module.directory
    if block is None:
        return _place("local", object_({}), directory)
    kind = "remote" if block.type == "cloud" else "".join(block.labels)
    return _place(kind, _arguments(Evaluated(block.body, root.scope, block.span)), directory)


def _arguments(content: Content) -> Value:
    """What is written in a block, as the object that `config` would be."""
    members = {name: content.argument(name) for name in content.names()}
    for workspaces in content.nested("workspaces"):
        members["workspaces"] = _arguments(workspaces)
    return object_({name: value for name, value in members.items() if value is not None})


def _place(kind: str | None, config: Value | None, directory: Path) -> Place | None:
    names = _PLACES.get(kind or "")
    if kind is None or names is None or config is None:
        return None
    found = [kind]
    for name, default in names.items():
        value: Value | None = config
        for part in name.split("."):
            value = value.get(part) if value is not None else None
        text = default if value is None or value.is_null else value.text
        if text is None:
            return None
        found.append(_file(directory, text) if name == "path" else text)
    return tuple(found)


def _file(directory: Path, path: str) -> str:
    """A state's file; terraform runs in the root module's directory."""
    return path if _ABSOLUTE.match(path) else os.path.normpath(directory.resolve() / path)


def _is_workspace(content: Content, root: ModuleInstance) -> bool:
    """Whether a root module is seen here in the workspace whose state is read."""
    block = root.module.backend
    own = root.terraform("workspace", block.header if block else content.span).text
    asked = content.argument("workspace")
    wanted = "default" if asked is None or asked.is_null else asked.text
    return own is None or own == wanted
