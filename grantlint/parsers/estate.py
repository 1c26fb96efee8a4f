"""Paths to an inventory: everything of KMS at or below them, whatever it is written in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grantlint.model import Inventory, Note
from grantlint.parsers import sniff, templates
from grantlint.parsers.discovery import Found, discover
from grantlint.parsers.reading import Reading, once, together, without
from grantlint.parsers.settings import Options
from grantlint.parsers.trust import trusting
from grantlint.parsers.walk import Walk
from grantlint.source import Problem, Source

# ruff: noqa: PLC0415  # a format is loaded where there is something of it

Progress = Callable[[str], None]


def read(paths: Sequence[str], options: Options, progress: Progress = lambda _: None) -> Reading:
    """Everything of KMS at or below `paths` and in `options.inputs`.

    `progress` is told what is being done. Names that are undeclared have their option before
    them: `--var name`.
    """
    walk = Walk()
    progress("looking for files")
    found = discover(paths, options, walk)
    configurations = list(_configurations(found, options, progress, walk))
    plans = list(_plans(found, options, progress))
    planned = {root for plan in plans for root in plan.replaces}
    if planned:
        configurations = [
            replace(one, inventory=without(one.inventory, planned)) for one in configurations
        ]
    stacks = _stacks(found, options, progress)
    undeclared = (f"--parameter {name}" for name in stacks.undeclared)
    readings = [
        *configurations,
        *plans,
        stacks,
        *_answers(found, options, progress),
        Reading(Inventory((), (), (*found.notes, *_unsynthesised(found))), tuple(found.problems)),
    ]
    return Reading(
        trusting(together(reading.inventory for reading in readings), options),
        _distinct(problem for reading in readings for problem in reading.unreadable),
        sum(reading.files for reading in readings),
        (*_variables([*configurations, *plans], options), *undeclared),
        tuple(line for reading in readings for line in reading.verbose),
        marked=once(one for reading in readings for one in reading.marked),
    )


def _configurations(
    found: Found, options: Options, progress: Progress, walk: Walk
) -> Iterator[Reading]:
    """What Terraform would evaluate."""
    if not (found.terraform or found.texts):
        return
    from grantlint.parsers.terraform import estate

    if found.terraform:
        yield estate.read(found.terraform, options, progress, walk)
    for text in found.texts:
        progress(f"evaluating {text.path}")
        yield estate.read_text(text, Path(text.path).parent, options)


def _variables(readings: Sequence[Reading], options: Options) -> Iterator[str]:
    """The `--var` that no configuration declares."""
    for name in dict.fromkeys(name for name, _ in options.variables):
        if all(name in reading.undeclared for reading in readings):
            yield f"--var {name}"


def _stacks(found: Found, options: Options, progress: Progress) -> Reading:
    alone = _of(found, sniff.TEMPLATE)
    return templates.reading(
        templates.templates(found.assemblies, alone, options), options, progress
    )


def _plans(found: Found, options: Options, progress: Progress) -> Iterator[Reading]:
    for source in (*_of(found, sniff.PLAN), *_of(found, sniff.STATE)):
        from grantlint.parsers.terraform.plan import read_plan

        progress(f"reading {source.path}")
        piped = any(one.path == source.path and one.data is not None for one in options.inputs)
        yield read_plan(source.path, options, source) if piped else read_plan(source.path, options)


def _answers(found: Found, options: Options, progress: Progress) -> Iterator[Reading]:
    sources = _of(found, sniff.ANSWER)
    if sources:
        from grantlint.parsers import aws

        progress("reading answers of AWS")
        yield aws.read(sources, options)


def _of(found: Found, format: str) -> list[Source]:
    return [one.source for one in found.documents if one.format == format]


def _unsynthesised(found: Found) -> Iterator[Note]:
    """Notes of programs that are here without what they write."""
    for directory in found.programs:
        from grantlint.parsers.cdk import program
        from grantlint.parsers.terraform import cdktf

        notes = (program.unsynthesised(directory), cdktf.unsynthesised(directory))
        yield from (note for note in notes if note is not None)


def _distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once: two formats may have met the same directory."""
    seen: dict[tuple[str, int, str], Problem] = {}
    for one in problems:
        seen.setdefault((one.span.path, one.span.start, one.message), one)
    return tuple(seen.values())
