"""Rules that an OPA server has of its own: nothing is put on it, nothing removed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Final

from grantlint.model.json import Json
from grantlint.rego.client import Client, NotEvaluatedError
from grantlint.rego.engine import RuleError, Verdict, alone, chunks
from grantlint.rego.metadata import StoryError, read_annotations
from grantlint.rego.opa import OpaError, OpaTimeoutError, one_line
from grantlint.rego.pack import Story
from grantlint.rego.review import Demands, stories
from grantlint.rego.sources import ROOT, Module, Sources
from grantlint.rego.syntax import Node

_VERDICTS: Final = """verdicts := [{"deny": deny, "warn": warn} |
	some one in input
	deny := {name: found |
		some name
		found := data.grantlint[name].deny with input as one
		found != set()
	}
	warn := {name: found |
		some name
		found := data.grantlint[name].warn with input as one
		found != set()
	}
]"""
_TREES: Final = "tree := {file.path: rego.parse_module(file.path, file.text) | some file in input}"


class Loaded:
    """The rules in `data.grantlint` of a server."""

    def __init__(self, client: Client, sources: Sources) -> None:
        self._client = client
        self._sources = sources

    def evaluate(self, inputs: Sequence[Json]) -> list[Verdict]:
        """See `Engine`. Raises OpaError where the server cannot be used."""
        with closing(self._client):
            return [one for chunk in chunks(inputs) for one in self._verdicts(chunk)]

    def _verdicts(self, inputs: Sequence[Json]) -> Sequence[Verdict]:
        try:
            answers = self._client.query(_VERDICTS, inputs)
        except (NotEvaluatedError, OpaTimeoutError) as error:
            raise self._blamed(inputs, one_line(str(error))) from None
        found = answers[0].get("verdicts") if answers else None
        if not isinstance(found, list) or len(found) != len(inputs):
            raise self._client.error("it gave no verdict for some objects")
        return found

    def _blamed(self, inputs: Sequence[Json], reason: str) -> RuleError:
        """The rule that gave up: each is asked alone."""
        for name in self._sources.rules:
            try:
                self._client.query(alone(name), inputs)
            except (NotEvaluatedError, OpaTimeoutError) as error:
                return RuleError(name, one_line(str(error)))
        return RuleError(None, reason)


def loaded(client: Client) -> Sources:
    """The files of rules that a server has. Raises OpaError where it has none."""
    files = [Module(name, text) for name, text in sorted(client.files().items())]
    found = Sources(
        f"{client.url}/v1/policies",
        tuple(file for file in files if f"{file.package}.".startswith(f"{ROOT}.")),
    )
    if not found.rules:
        raise client.error("it has no package grantlint.NAME with a rule")
    return found


def server_review(client: Client, sources: Sources, demands: Demands) -> tuple[Story, ...]:
    """The stories of rules that have no fault, without an opa program: the server reads them.

    Its syntax trees have no places, and it knows no schema of `input`.
    """
    own = [file for file in sources.files if not file.is_library]
    told: list[Json] = [{"path": file.path, "text": file.text} for file in own]
    answers = client.query(_TREES, told)
    trees = answers[0].get("tree", {}) if answers else {}
    files: list[tuple[Module, Node]] = []
    for file in own:
        if file.path not in trees:
            raise client.error(f"it cannot read {sources.place(file)}")
        try:
            block = read_annotations(file.text)
        except StoryError as error:
            raise OpaError(f"{sources.place(file)}:{error.line}: {error}") from None
        files.append((file, {**trees[file.path], "annotations": block}))
    return stories(sources, files, demands)
