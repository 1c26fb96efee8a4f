"""What parameters are given: on the command line, and in files of the shapes that AWS's tools read.

`[{"ParameterKey": "A", "ParameterValue": "b"}]` and `["A=b"]` of the AWS CLI, `{"Parameters": {"A":
"b"}}` of CodePipeline.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grantlint.parsers.cloudformation.syntax import parse, scalar_text
from grantlint.parsers.json_text import Node
from grantlint.parsers.settings import Options
from grantlint.source import Problem, Source, Span


class ParameterFileError(Exception):
    """A file that cannot be read as parameters."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_parameters(options: Options) -> dict[str, str]:
    """Every parameter that is given; the last one of a name counts. Raises ParameterFileError."""
    found: dict[str, str] = {}
    for path in options.parameter_files:
        found.update(_of_file(path))
    found.update(options.parameters)
    return found


def _of_file(path: str) -> dict[str, str]:
    try:
        source = Source(path, Path(path).read_bytes())
    except OSError as error:
        why = (error.strerror or "cannot be read").lower()
        raise ParameterFileError(_problem(f"cannot be read: {why}", Source(path, b""))) from error
    parsed = parse(source)
    if isinstance(parsed, Problem):
        raise ParameterFileError(parsed)
    return dict(_entries(parsed.root, source))


def _entries(root: Node, source: Source) -> Iterator[tuple[str, str]]:
    members = {member.key: member.value for member in root.members}
    if root.is_object:
        for key, node in {m.key: m.value for m in members.get("Parameters", root).members}.items():
            yield key, _text(node, source)
        return
    if root.elements is None:
        raise ParameterFileError(_problem("a list or an object of parameters is needed", source))
    for element in root.elements:
        fields = {member.key: member.value for member in element.members}
        if "ParameterKey" in fields:
            key = _text(fields["ParameterKey"], source)
            if "ParameterValue" in fields:
                yield key, _text(fields["ParameterValue"], source)
        elif isinstance(element.value, str) and "=" in element.value:
            key, _, text = element.value.partition("=")
            yield key, text
        else:
            message = "a parameter is an object with ParameterKey and ParameterValue, or KEY=VALUE"
            span = Span(source, element.start, element.end)
            raise ParameterFileError(Problem(message, span))


def _text(node: Node, source: Source) -> str:
    text = scalar_text(node)
    if text is not None:
        return text
    elements = node.elements
    if elements is not None:
        return ",".join(_text(element, source) for element in elements)
    raise ParameterFileError(
        Problem("a parameter's value is a text", Span(source, node.start, node.end))
    )


def _problem(message: str, source: Source) -> Problem:
    return Problem(message, Span(source, 0, 0))
