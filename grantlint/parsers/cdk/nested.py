"""The deployment of a stack with those of its nested stacks.

A nested stack has a template in the assembly, but nothing in the manifest. Three things tie it to
its AWS::CloudFormation::Stack: the file's name in the resource's own metadata, the hash in its
TemplateURL, which the assets' manifest knows, and the metadata of its construct. Any may be absent.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Final

from grantlint.parsers.cdk.checkout import Checkout
from grantlint.parsers.cdk.constructs import Constructs
from grantlint.parsers.cdk.document import Document, Json, document, fields, is_file, read, text
from grantlint.parsers.cdk.manifest import Stack
from grantlint.parsers.cdk.metadata import Metadata, nested_stack
from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.instance import Provider
from grantlint.source import Problem, Source, Span

DEEPEST: Final = 30
"""Nested stacks inside one another."""
_STACK: Final = "AWS::CloudFormation::Stack"
_ASSET: Final = re.compile(r"(?P<hash>[0-9a-f]{32,64})\.[a-z.]+$")


class Nesting:
    """The templates of one stack, each read once; `files` and `problems` are of nested ones."""

    def __init__(
        self, stack: Stack, provider: Provider, checkout: Callable[[], Checkout], metadata: Metadata
    ) -> None:
        self.stack = stack
        self.provider = provider
        self.checkout = checkout
        self.metadata = metadata
        self.files: list[str] = []
        self.problems: list[Problem] = []
        self._open: set[str] = set()
        self._known: dict[tuple[str, str | None], Deployment | None] = {}

    def deployment(self) -> Deployment:
        """The stack's own."""
        stack = self.stack
        self._open.add(stack.template.path)
        return self._deployment(stack.template, "", stack.name, stack.parameters)

    def _deployment(
        self,
        source: Source,
        above: str | None,
        name: str | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Deployment:
        template = _Template(source)
        constructs = Constructs(self.metadata, above, self.checkout, lambda: template.resources)
        nested: dict[str, Deployment] = {}
        if _STACK.encode() in source.data:
            for logical_id, resource in template.resources.items():
                if fields(resource).get("Type") == _STACK:
                    found = self._nested(fields(resource), constructs.paths.get(logical_id))
                    if found is not None:
                        nested[logical_id] = found
        return Deployment(
            source,
            self.provider,
            name,
            parameters or {},
            applied=True,
            kind="cdk",
            constructs=constructs,
            nested=nested,
        )

    def _nested(self, resource: Mapping[str, Json], path: str | None) -> Deployment | None:
        """The deployment of a nested stack, if its template is here."""
        construct = nested_stack(path) if path is not None else None
        for name in self._names(resource, construct):
            file = self.stack.folder.file(name)
            if file is None or not is_file(file):
                continue
            if construct is None:
                construct = self._construct(name)
            key = (os.path.realpath(file), construct)
            if key not in self._known:
                self._known[key] = self._read(name, construct)
            return self._known[key]
        return None

    def _read(self, name: str, construct: str | None) -> Deployment | None:
        folder = self.stack.folder
        shown = folder.show(name)
        if shown in self._open or len(self._open) > DEEPEST:
            why = "nested stacks lead back to it" if shown in self._open else "nested too deep"
            self.problems.append(Problem(f"is not read again: {why}", _start(shown)))
            return None
        source = read(folder.path / name, shown)
        if isinstance(source, Problem):
            self.problems.append(source)
            return None
        self.files.append(shown)
        self._open.add(shown)
        found = self._deployment(source, construct)
        self._open.discard(shown)
        return found

    # -- what ties them --------------------------------------------------------------------

    def _names(self, resource: Mapping[str, Json], construct: str | None) -> Iterator[str]:
        """What the template of a nested stack may be called, the surest first."""
        own = fields(resource.get("Metadata"))
        name = text(own.get("aws:asset:path"))
        if name is not None and own.get("aws:asset:property", "TemplateURL") == "TemplateURL":
            yield name
        asset = _ASSET.search(_end(fields(resource.get("Properties")).get("TemplateURL")))
        if asset is not None and (name := self._assets.get(asset["hash"])) is not None:
            yield name
        if construct is not None and (name := self.metadata.templates.get(construct)) is not None:
            yield name

    def _construct(self, name: str) -> str | None:
        """The construct of a nested stack, of the name of its template."""
        found = [path for path, file in self.metadata.templates.items() if file == name]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _assets(self) -> Mapping[str, str]:
        """The files of the assembly's assets by their hashes."""
        found: dict[str, str] = {}
        folder = self.stack.folder
        for name in self.stack.asset_files:
            path = folder.file(name)
            source = read(path, folder.show(name)) if path is not None else None
            assets = document(source) if isinstance(source, Source) else None
            files = fields(assets.content).get("files") if isinstance(assets, Document) else None
            for key, asset in fields(files).items():
                file = text(fields(fields(asset).get("source")).get("path"))
                for hash in _hashes(key, asset) if file is not None else ():
                    found.setdefault(hash, file or "")
        return found


class _Template:
    """What is looked at in a template; nothing of one that is no JSON: others say so."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @cached_property
    def resources(self) -> Mapping[str, Json]:
        """The resources by logical id."""
        found = document(self._source)
        return {} if isinstance(found, Problem) else fields(fields(found.content).get("Resources"))


def _hashes(key: str, asset: Json) -> Iterator[str]:
    """The hashes that a TemplateURL may have for an asset: its key, and its objects' names."""
    yield key
    for destination in fields(fields(asset).get("destinations")).values():
        match = _ASSET.search(text(fields(destination).get("objectKey")) or "")
        if match is not None:
            yield match["hash"]


def _end(url: Json) -> str:
    """The text that a TemplateURL ends with."""
    join, sub = fields(url).get("Fn::Join"), fields(url).get("Fn::Sub")
    if isinstance(join, list) and len(join) == 2 and isinstance(join[1], list) and join[1]:
        return _end(join[1][-1])
    if isinstance(sub, list) and sub:
        return text(sub[0]) or ""
    return text(sub) or text(url) or ""


def _start(shown: str) -> Span:
    return Span(Source(shown, b""), 0, 0)
