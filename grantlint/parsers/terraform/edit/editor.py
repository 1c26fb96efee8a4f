"""Changes to edits: those that are exactly determined, and none of the others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from grantlint.fix import Change, Edit
from grantlint.model import Holder, Inventory, Key
from grantlint.parsers.terraform import syntax
from grantlint.parsers.terraform.discovery import below
from grantlint.parsers.terraform.edit import arguments, statement
from grantlint.parsers.terraform.edit.align import realigned
from grantlint.parsers.terraform.edit.lines import Splice, has_comment
from grantlint.parsers.terraform.edit.place import Trees
from grantlint.parsers.terraform.edit.proposal import Proposal
from grantlint.parsers.terraform.edit.references import Directories
from grantlint.parsers.terraform.edit.render import NotRenderedError, Own
from grantlint.parsers.terraform.edit.sharing import User, Users
from grantlint.parsers.terraform.tree import Block
from grantlint.parsers.walk import is_skipped
from grantlint.rule import Object, Path
from grantlint.source import Source, Span


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change of an object, and the rule that asks for it."""

    judged: Object
    change: Change
    by: str


@dataclass(frozen=True, slots=True)
class Edits:
    """The edits of a change. `loses_comment` is whether a comment goes with what is taken out."""

    edits: tuple[Edit, ...]
    loses_comment: bool


class Editor:
    """Makes edits of changes, in files below the given paths."""

    def __init__(self, inventory: Inventory, asked: Sequence[str]) -> None:
        self._inventory = inventory
        self._asked = [FilePath(path) for path in asked]
        self._trees = Trees()
        self._directories = Directories(self._trees)
        self._writable: dict[str, bool] = {}

    def edits(self, wanted: Sequence[Wanted]) -> list[Edits | None]:
        """The edits of each change; None where there is not one place for it, or it is shared.

        A place that several objects share is changed where all of them want the same change.
        """
        proposals = [self._proposal(one) for one in wanted]
        if not any(proposals):
            return [None] * len(proposals)
        users = Users.of(self._inventory)
        mended: dict[object, set[User]] = {}
        for one, made in zip(wanted, proposals, strict=True):
            if made is not None:
                mended.setdefault(_key(one, made), set()).add(_user(users, one))
        return [
            self._checked(made)
            if made is not None and users.users(made.touched) <= _covered(mended, one, made)
            else None
            for one, made in zip(wanted, proposals, strict=True)
        ]

    def _proposal(self, wanted: Wanted) -> Proposal | None:
        judged, change = wanted.judged, wanted.change
        at, op, value = change.at, change.op, change.value
        try:
            own = self._own(judged, at, value)
            if isinstance(judged, Holder) and at[:2] == ("policy", "statements"):
                made = statement.change(self._trees, judged, at[2:], op, value, own)
            else:
                made = arguments.change(self._trees, judged, at, op, value, own)
        except NotRenderedError:
            return None
        if made is None or not self._may_write(made.source.path):
            return None
        if own.place is not None and _directory(own.place) != _directory(Span(made.source, 0, 0)):
            return None
        return made if self._directories.exclusive(made) else None

    def _may_write(self, shown: str) -> bool:
        """Whether a file lies in the given paths, in no hidden directory below them."""
        if shown not in self._writable:
            self._writable[shown] = self._is_asked_for(FilePath(shown))
        return self._writable[shown]

    def _is_asked_for(self, path: FilePath) -> bool:
        if not below(path, self._asked) or path.is_symlink():
            return False
        resolved = path.resolve()
        given = [one.resolve() for one in self._asked]
        parts = [resolved.relative_to(one).parts for one in given if resolved.is_relative_to(one)]
        return any(not any(is_skipped(name) for name in part[:-1]) for part in parts)

    # -- the own account -------------------------------------------------------------------

    def _own(self, judged: Object, at: Path, value: object) -> Own:
        """What the value may refer to, where the statement or else the object is written."""
        asked = json.dumps(value, default=str)
        place = judged.span
        if isinstance(judged, Holder) and at[:2] == ("policy", "statements"):
            number = at[2] if len(at) > 2 and isinstance(at[2], int) else -1
            found = judged.policy.statements[number:][:1]
            place = (found[0].span if found else None) or place
        declared = self._declared(place) if "$reference" in asked else frozenset[str]()
        if "$own" not in asked or not isinstance(judged, Key):
            return Own(declared=declared, place=place if declared else None)
        account = None if judged.account.sensitive else judged.account.text
        reference = self._caller_identity(judged, place)
        tied = bool(reference or declared)
        return Own(reference, account, declared, place if tied else None)

    def _declared(self, span: Span) -> frozenset[str]:
        """The single resources and data sources of the module that a place is in."""
        found = set()
        for source in self._directories.sources(span.path):
            file = self._trees.file(source)
            for block in file.body.blocks if file is not None else ():
                repeated = block.body.argument("count") or block.body.argument("for_each")
                if block.type in {"resource", "data"} and not repeated:
                    names = ("data", *block.labels) if block.type == "data" else block.labels
                    found.add(".".join(names))
        return frozenset(found)

    def _caller_identity(self, key: Key, span: Span) -> str | None:
        """The account by reference, where that is certainly the key's: one default provider."""
        block = self._trees.block(key.span)
        if block is None or block.body.argument("provider") is not None:
            return None
        if _directory(span) != _directory(key.span):
            return None
        for source in self._directories.sources(span.path):
            file = self._trees.file(source)
            for one in file.body.blocks if file is not None else ():
                if _is_plain_identity(one):
                    return f"data.aws_caller_identity.{one.labels[1]}.account_id"
        return None

    # -- from splices to edits -------------------------------------------------------------

    def _checked(self, made: Proposal) -> Edits | None:
        """The edits with the columns that they need, if the file still parses with them."""
        source = made.source
        splices = tuple(sorted(made.splices, key=lambda one: one.start))
        block = self._trees.blocks(Span(source, splices[0].start, splices[0].start))[:1]
        region = block[0].span if block else None
        aligned = _aligned(source.data, splices, region)
        if syntax.parse(Source(source.path, _part(source.data, aligned, region))).problems:
            return None
        edits = tuple(Edit(Span(source, one.start, one.end), one.text.decode()) for one in aligned)
        lost = any(has_comment(source.data, one.start, one.end) for one in made.splices)
        return Edits(edits, lost)


def _directory(span: Span) -> str:
    return span.path.rpartition("/")[0]


def _is_plain_identity(block: Block) -> bool:
    return (
        block.type == "data"
        and block.labels[:1] == ("aws_caller_identity",)
        and len(block.labels) == 2
        and not block.broken
        and not block.body.arguments
    )


def _key(wanted: Wanted, made: Proposal) -> object:
    return wanted.by, made.source.path, made.splices


def _user(users: Users, wanted: Wanted) -> User:
    """Which object and field a change is of."""
    number = users.numbers[id(wanted.judged)]
    at = wanted.change.at
    if isinstance(wanted.judged, Holder) and at[:2] == ("policy", "statements"):
        last = len(wanted.judged.policy.statements) - 1
        return number, "policy", at[2] if len(at) > 2 and isinstance(at[2], int) else last
    name = at[1] if at[0] == "constraints" and len(at) > 1 else at[0]
    return number, str(name).removesuffix("_written"), -1


def _covered(mended: Mapping[object, set[User]], wanted: Wanted, made: Proposal) -> set[User]:
    """The users that this very change mends; with an object's own place, all of the object."""
    found = mended[_key(wanted, made)]
    return found | {(number, "", -1) for number, _, _ in found}


# -- splices -------------------------------------------------------------------------------


def _spliced(data: bytes, splices: Iterable[Splice]) -> bytes:
    parts, at = list[bytes](), 0
    for one in splices:
        parts += [data[at : one.start], one.text]
        at = one.end
    return b"".join([*parts, data[at:]])


def _part(data: bytes, splices: Sequence[Splice], block: Span | None) -> bytes:
    """The new text of the block that the splices are in; of the file if they are in none."""
    after = _spliced(data, splices)
    if block is None:
        return after
    return after[block.start : len(after) - (len(data) - block.end)]


def _aligned(data: bytes, splices: Sequence[Splice], block: Span | None) -> Sequence[Splice]:
    """The splices, with those that keep the columns of a block that has them now."""
    if block is None or realigned(data, block.start, block.end):
        return splices
    grown = sum(len(one.text) - (one.end - one.start) for one in splices)
    after = _spliced(data, splices)
    gaps = realigned(after, block.start, block.end + grown)
    return _composed(data, splices, gaps)


def _composed(data: bytes, splices: Sequence[Splice], gaps: Sequence[Splice]) -> Sequence[Splice]:
    """Splices of the old text that do what `gaps` do to the new one besides."""
    texts = [one.text for one in splices]
    moved: list[Splice] = []
    for gap in sorted(gaps, key=lambda one: one.start, reverse=True):
        for number, start, end in _new_places(splices):
            if start <= gap.start and gap.end <= end:
                text = texts[number]
                texts[number] = text[: gap.start - start] + gap.text + text[gap.end - start :]
                break
        else:
            shift = sum(
                len(one.text) - (one.end - one.start)
                for one, (_, _, end) in zip(splices, _new_places(splices), strict=True)
                if end <= gap.start
            )
            moved.append(Splice(gap.start - shift, gap.end - shift, gap.text))
    changed = [Splice(one.start, one.end, text) for one, text in zip(splices, texts, strict=True)]
    composed = sorted([*changed, *moved], key=lambda one: (one.start, one.end))
    wanted = _spliced(_spliced(data, splices), sorted(gaps, key=lambda one: one.start))
    return composed if _spliced(data, composed) == wanted else splices


def _new_places(splices: Sequence[Splice]) -> Iterator[tuple[int, int, int]]:
    """Where each splice's text stands in the new text."""
    shift = 0
    for number, one in enumerate(splices):
        start = one.start + shift
        yield number, start, start + len(one.text)
        shift += len(one.text) - (one.end - one.start)
