"""What a function may need beside its arguments: the project's files, and a way to render."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from grantlint.source import Source
from grantlint.value import Value

TEMPLATE_STRING = "<templatestring argument>"
"""The path of the source that `templatestring` renders."""


class Context(Protocol):
    """Where a call stands."""

    @property
    def root(self) -> Path:
        """The project's root, which no file function may leave."""

    @property
    def directory(self) -> Path:
        """The root module's directory, as the user gave it: relative paths start there."""

    @property
    def module_directory(self) -> Path:
        """The directory of the module whose text holds the call."""

    def consult(self, path: Path) -> None:
        """Remember that a file, or what is in a directory, is asked for, be it there or not."""

    def render(self, source: Source, variables: Mapping[str, Value]) -> Value:
        """A template's text, when every variable it names is given."""


@runtime_checkable
class TemplateContext(Context, Protocol):
    """A call inside a template: some functions refuse to work there."""

    @property
    def template(self) -> str:
        """The function whose template is rendered: templatefile or templatestring."""


@runtime_checkable
class ConsoleContext(Context, Protocol):
    """A call in `terraform console`, which has `type` and lacks `plantimestamp`."""

    @property
    def console(self) -> bool:
        """Whether it is the console that asks."""
