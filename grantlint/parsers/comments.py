"""The acceptances that stand in the files of a run: in comments and in Metadata.

Only files whose bytes contain our name are looked at, and these once more: their text is parsed
for what each comment speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from grantlint.finding import Acceptance
from grantlint.parsers.outline import Comment, Outline
from grantlint.parsers.reading import Marked
from grantlint.source import Problem, Source, Span
from grantlint.suppress import grammar
from grantlint.suppress.ignore import Fault, Ignore, Written

# ruff: noqa: PLC0415  # a format is loaded where there is something of it


def written(marked: Iterable[Marked]) -> Written:
    """What stands in these files."""
    ignores: list[Ignore] = []
    faults: list[Fault] = []
    for file in marked:
        for one in _template(file) if file.template else _commented(_outline(file.source), file):
            if isinstance(one, Ignore):
                ignores.append(one)
            elif file.own:
                faults.append(one)
    return Written(tuple(ignores), tuple(faults))


def outlined(source: Source) -> Outline | None:
    """A configuration, variable file or template by its lines; None where comments are none."""
    if source.path.endswith((".tf", ".tofu", ".tfvars")):
        return _outline(source, whole=True)
    if source.path.endswith((".json", ".hcl")):
        return None
    from grantlint.parsers.cloudformation import comments, syntax

    parsed = syntax.parse(source)
    return None if isinstance(parsed, Problem) else comments.outline(parsed)


def _outline(source: Source, *, whole: bool = False) -> Outline | None:
    from grantlint.parsers.terraform import comments

    return comments.outline(source, whole=whole)


def _template(file: Marked) -> Iterator[Ignore | Fault]:
    from grantlint.parsers.cloudformation import comments, metadata, syntax

    parsed = syntax.parse(file.source)
    if isinstance(parsed, Problem):
        return
    yield from _commented(comments.outline(parsed), file)
    for one in metadata.ignores(parsed, file.constructs):
        yield replace(one, whole=file.whole) if isinstance(one, Ignore) else one


def _commented(outline: Outline | None, file: Marked) -> Iterator[Ignore | Fault]:
    for comment in outline.spoken() if outline is not None else ():
        for start, text in _lines(comment):
            for said in grammar.read(text):
                yield from _meaning(said, start, text, comment, file)


def _lines(comment: Comment) -> Iterator[tuple[int, str]]:
    """The lines of a comment without its marks, and at which byte each begins."""
    source, at = comment.span.source, comment.span.start
    data = source.data[at : comment.span.end]
    if data.startswith(b"/*"):
        for line in data.removesuffix(b"*/").split(b"\n"):
            text = line.lstrip(b"/* \t")
            yield at + len(line) - len(text), _decoded(text)
            at += len(line) + 1
        return
    text = data.lstrip(b"#/")
    yield at + len(data) - len(text), _decoded(text)


def _decoded(text: bytes) -> str:
    return text.rstrip(b" \t\r").decode("utf-8", "surrogateescape")


def _meaning(
    said: grammar.Said, start: int, text: str, comment: Comment, file: Marked
) -> Iterator[Ignore | Fault]:
    def place(begin: int, end: int) -> Span:
        before = start + len(text[:begin].encode("utf-8", "surrogateescape"))
        within = len(text[begin:end].encode("utf-8", "surrogateescape"))
        return Span(comment.span.source, before, before + within)

    for one in said.wrong:
        yield Fault(one.message, place(one.start, one.end))
    if said.wrong:
        return
    whole = place(said.start, said.end)
    yield Ignore(
        Acceptance.COMMENT,
        tuple(one.id for one in said.rules),
        said.reason or "",
        said.until,
        said.accepts,
        whole,
        comment.covers or Span(whole.source, whole.end, whole.end),
        named=tuple(place(one.start, one.end) for one in said.rules),
        who=file.who,
        whole=file.whole,
        own=file.own,
    )
