"""The stacks of an assembly and of all assemblies inside it (stages), as their manifests tell.

The manifest alone says what belongs to an assembly: what an earlier synthesis left beside is not
read. Its version is not looked at, because everything read here has kept its shape from 5.0.0 on.
What it names must lie inside the outermost assembly's directory, over all symbolic links.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.parsers.cdk.document import (
    Document,
    Json,
    document,
    fields,
    is_directory,
    read,
    text,
    within,
)
from grantlint.source import Problem, Source, Span

MANIFEST: Final = "manifest.json"
DEEPEST: Final = 100
"""Stages inside one another."""
MOST: Final = 10_000
"""Assemblies in all."""
MOST_BYTES: Final = 2_000_000_000
"""Bytes of all templates and metadata, one that several stacks name counted for each."""
MOST_PROBLEMS: Final = 100
"""Problems of one manifest that are told."""


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """The directory of one assembly. `root` is the outermost one's, without symbolic links."""

    path: Path
    shown: str
    root: Path

    def file(self, name: str) -> Path | None:
        """A file or directory that the assembly names; None when it lies outside.

        An absolute path is another machine's, whatever is there on this one.
        """
        if "\0" in name or Path(name).is_absolute():
            return None
        path = self.path / name
        return path if within(path, self.root) else None

    def show(self, name: str) -> str:
        """A name in it as the user would write it."""
        return os.path.normpath(name if self.shown == "." else f"{self.shown}/{name}")


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """One stack. `environment` is as written, `metadata` the entries by construct path.

    `asset_files` are the names of the manifests of its assembly's assets.
    """

    name: str
    folder: Folder
    template: Source
    environment: str
    parameters: Mapping[str, str]
    metadata: Mapping[str, Json]
    asset_files: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Manifests:
    """All manifests that one leads to; `files` are those read, as they are shown."""

    problems: list[Problem] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    unread: list[tuple[str, Span]] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _complaints: int = 0
    _bytes: int = 0

    def stacks(self, directory: Path, shown: str) -> Iterator[Stack]:
        """The stacks of an assembly, then those of its stages."""
        pending = [(Folder(directory, shown, Path(os.path.realpath(directory))), 0)]
        self._seen.add(os.path.realpath(directory))
        while pending:
            folder, depth = pending.pop(0)
            manifest = self._manifest(folder)
            if manifest is None:
                continue
            stages: list[str] = []
            yield from self._stacks(manifest, folder, stages)
            for stage in stages:
                inside = self._stage(manifest, folder, stage, depth)
                if inside is not None:
                    pending.append((inside, depth + 1))

    def _manifest(self, folder: Folder) -> Document | None:
        """The manifest of a folder, if it is one."""
        source = read(folder.path / MANIFEST, folder.show(MANIFEST))
        if isinstance(source, Problem):
            self.problems.append(source)
            return None
        self.files.append(source.path)
        found = document(source)
        self._complaints = 0
        if isinstance(found, Problem):
            self.problems.append(found)
            return None
        artifacts = fields(found.content).get("artifacts")
        if not isinstance(found.content, dict) or not isinstance(artifacts, dict | None):
            self._complain("a manifest is an object that has its artifacts by name", found)
            return None
        return found

    def _complain(self, message: str, manifest: Document, *route: str) -> None:
        self._complaints += 1
        if self._complaints <= MOST_PROBLEMS:
            self.problems.append(Problem(message, manifest.place("artifacts", *route)))

    # -- stages ----------------------------------------------------------------------------

    def _stage(self, manifest: Document, folder: Folder, id: str, depth: int) -> Folder | None:
        """The directory of a stage that is not read yet."""
        name = text(_properties(_artifact(manifest, id)).get("directoryName"))
        where = (id, "properties", "directoryName")
        if name is None:
            self._complain(f"the stage {_quoted(id)} names no directory", manifest, *where)
            return None
        path = folder.file(name)
        if path is None:
            self._complain(f"{_quoted(name)} lies outside of the assembly", manifest, *where)
        elif not is_directory(path):
            self._complain(f"there is no directory {_quoted(name)} here", manifest, *where)
        elif os.path.realpath(path) in self._seen:
            self._complain(f"{_quoted(name)} is an assembly that is read already", manifest, *where)
        elif depth >= DEEPEST:
            self._complain(f"stages deeper than {DEEPEST} are not read", manifest, *where)
        elif len(self._seen) >= MOST:
            self._complain(f"more than {MOST:,} assemblies are not read", manifest, *where)
        else:
            self._seen.add(os.path.realpath(path))
            return Folder(path, folder.show(name), folder.root)
        return None

    # -- stacks ----------------------------------------------------------------------------

    def _stacks(self, manifest: Document, folder: Folder, stages: list[str]) -> Iterator[Stack]:
        """The stacks of one manifest; `stages` gets the ids of its stages."""
        artifacts = fields(fields(manifest.content).get("artifacts"))
        assets = tuple(
            file
            for artifact in artifacts.values()
            if fields(artifact).get("type") == "cdk:asset-manifest"
            and (file := text(_properties(artifact).get("file"))) is not None
        )
        for id, artifact in artifacts.items():
            if not isinstance(artifact, dict):
                self._complain(f"the artifact {_quoted(id)} is no object", manifest, id)
            elif artifact.get("type") == "cdk:cloud-assembly":
                stages.append(id)
            elif artifact.get("type") == "aws:cloudformation:stack":
                if self._bytes > MOST_BYTES:
                    self._complain(f"stacks behind {MOST_BYTES:,} bytes are not read", manifest, id)
                    return
                template = self._template(manifest, folder, id)
                if template is not None:
                    yield self._stack(manifest, folder, id, template, assets)

    def _stack(
        self,
        manifest: Document,
        folder: Folder,
        id: str,
        template: Source,
        assets: tuple[str, ...],
    ) -> Stack:
        artifact = _artifact(manifest, id)
        properties = _properties(artifact)
        parameters = fields(properties.get("parameters"))
        return Stack(
            text(properties.get("stackName")) or id,
            folder,
            template,
            text(fields(artifact).get("environment")) or "",
            {name: value for name, value in parameters.items() if isinstance(value, str)},
            self._metadata(manifest, folder, id),
            assets,
        )

    def _template(self, manifest: Document, folder: Folder, id: str) -> Source | None:
        """The template of a stack, if it can be read."""
        name = text(_properties(_artifact(manifest, id)).get("templateFile"))
        where = (id, "properties", "templateFile")
        if name is None:
            self._complain(f"the stack {_quoted(id)} names no template", manifest, *where)
            return None
        path = folder.file(name)
        if path is None:
            self._complain(f"{_quoted(name)} lies outside of the assembly", manifest, *where)
            return None
        found = read(path, folder.show(name))
        if isinstance(found, Problem):
            self._complain(f"the template {_quoted(name)}: {found.message}", manifest, *where)
            return None
        self.files.append(found.path)
        self._bytes += len(found.data)
        return found

    def _metadata(self, manifest: Document, folder: Folder, id: str) -> Mapping[str, Json]:
        """The entries by construct path: those inline, and those in a file of their own.

        Without the file the stack is judged all the same.
        """
        artifact = fields(_artifact(manifest, id))
        inline = fields(artifact.get("metadata"))
        name = text(artifact.get("additionalMetadataFile"))
        if name is None:
            return inline
        path = folder.file(name)
        if path is None:
            message = f"{_quoted(name)} lies outside of the assembly"
            self._complain(message, manifest, id, "additionalMetadataFile")
            return inline
        source = read(path, folder.show(name))
        if isinstance(source, Problem):
            place = manifest.place("artifacts", id, "additionalMetadataFile")
            reason = f"constructs have no lines: {_quoted(name)}: {source.message}"
            self.unread.append((reason, place))
            return inline
        self.files.append(source.path)
        self._bytes += len(source.data)
        found = document(source)
        if isinstance(found, Problem):
            self.problems.append(found)
            return inline
        return {**inline, **fields(found.content)}


def _artifact(manifest: Document, id: str) -> Json:
    return fields(fields(manifest.content).get("artifacts")).get(id)


def _properties(artifact: Json) -> Mapping[str, Json]:
    return fields(fields(artifact).get("properties"))


def _quoted(name: str) -> str:
    """A name in quotes, of a very long one the beginning."""
    return f'"{name}"' if len(name) <= 200 else f'"{name[:200]}…"'
