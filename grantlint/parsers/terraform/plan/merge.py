"""One value as the plan has it and as the configuration beside the plan gives it.

The plan counts where it knows a value; the configuration says where that is written and through
what it came, and counts where the plan knows nothing. What both know differently (other variables,
another version, what AWS has made of it) is the plan's, and is told to `differs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from grantlint.parsers.holes import UnknowableError
from grantlint.parsers.json_decode import decode
from grantlint.parsers.json_reader import JsonError
from grantlint.value import Raw, Unknown, Value, object_


@dataclass(slots=True, eq=False)
class Merge:
    """How two values of one thing become one; `differs` is told where they disagree."""

    differs: Callable[[Value], None]

    def of(self, written: Value, planned: Value) -> Value:
        """The value of the configuration and that of the plan as one."""
        found = self._of(written, planned)
        if planned.sensitive and not found.has_sensitive():
            return found.marked()
        return found

    def _of(self, written: Value, planned: Value) -> Value:
        if planned.unknown is not None:
            return _less_unknown(written, planned)
        if written.unknown is not None:
            return self._filled(written, written.unknown, planned)
        if equal(written, planned):
            return written
        if isinstance(written.raw, Mapping) and isinstance(planned.raw, Mapping):
            return self._objects(written, planned)
        if isinstance(written.raw, tuple) and isinstance(planned.raw, tuple):
            return self._lists(written, planned)
        tree = self._trees(written, planned)
        if tree is not None:
            return tree
        self.differs(written)
        return _placed(written, planned)

    def _filled(self, written: Value, cause: Unknown, planned: Value) -> Value:
        """A value that the configuration leaves open."""
        for choice in cause.choices:
            if _same(choice, planned):
                trail = choice.trail + written.trail
                return replace(choice, trail=trail).marked(written.sensitive)
        tree = self._trees(written, planned) if written.encodes or cause.parts else None
        if tree is not None:
            return tree
        return _placed(written, planned)

    # -- containers ------------------------------------------------------------------------

    def _objects(self, written: Value, planned: Value) -> Value:
        ours = dict(written.raw) if isinstance(written.raw, Mapping) else {}
        theirs = dict(planned.raw) if isinstance(planned.raw, Mapping) else {}
        members: dict[str, Value] = {}
        for name, one in theirs.items():
            if name in ours:
                members[name] = self.of(ours[name], one)
            else:
                members[name] = replace(one, written=one.written or written.written)
                if one.unknown is None and not is_nothing(one):
                    self.differs(written)
        for name in ours.keys() - theirs.keys():
            if ours[name].unknown is None and not is_nothing(ours[name]):
                self.differs(ours[name])
        return replace(written, raw=object_(members).raw)

    def _lists(self, written: Value, planned: Value) -> Value:
        """The plan's members, each with the configuration's that it is."""
        ours = list(written.raw) if isinstance(written.raw, tuple) else []
        theirs = list(planned.raw) if isinstance(planned.raw, tuple) else []
        pairs: list[Value | None] = [None] * len(theirs)
        for at, one in enumerate(theirs):
            same = next((number for number, own in enumerate(ours) if equal(own, one)), None)
            if same is not None:
                pairs[at] = ours.pop(same)
        rest = [at for at, pair in enumerate(pairs) if pair is None]
        if len(ours) == len(rest):
            for at, own in zip(rest, ours, strict=True):
                pairs[at] = own
        elif all(own.unknown is None for own in ours):
            self.differs(written)
        members = [
            self.of(pair, one) if pair is not None else replace(one, written=written.written)
            for pair, one in zip(pairs, theirs, strict=True)
        ]
        return replace(written, type=planned.type, raw=tuple(members), encodes=None)

    def _trees(self, written: Value, planned: Value) -> Value | None:
        """Two texts of JSON, leaf by leaf; None for other texts."""
        if not (planned.text or "").lstrip().startswith(("{", "[")):
            return None
        ours, theirs = _tree(written), _tree(planned)
        if ours is None or theirs is None:
            return None
        tree = self.of(ours, theirs)
        return replace(written, type=planned.type, raw=planned.raw, encodes=tree)


def _placed(written: Value, planned: Value) -> Value:
    """What the plan has, where the configuration writes something else or leaves it open."""
    found = replace(planned, written=written.written, trail=written.trail, encodes=None)
    return found.marked(written.sensitive)


def _same(written: Value, planned: Value) -> bool:
    """Whether both are equal, or texts of equal JSON."""
    if equal(written, planned):
        return True
    ours, theirs = (_tree(one) if one.text else None for one in (written, planned))
    return ours is not None and theirs is not None and equal(ours, theirs)


def _tree(text: Value) -> Value | None:
    """What a text says as JSON, without the references that the text came through."""
    try:
        found = decode(replace(text, trail=(), sensitive=False))
    except (JsonError, UnknowableError):
        return None
    return None if found.unknown is not None else found


def _less_unknown(written: Value, planned: Value) -> Value:
    """Of a value that the plan does not know: the configuration's, unless it tells less."""
    cause, other = written.unknown, planned.unknown
    if cause is None or other is None:
        return written
    if written.failed is not None:
        return replace(planned, written=written.written, trail=written.trail)
    tells = cause.refers_to or cause.parts or cause.choices or cause.members or cause.has
    if tells or written.encodes is not None or not (other.refers_to or other.choices):
        return written
    return replace(written, raw=other)


# -- equality ------------------------------------------------------------------------------


def equal(written: Value, planned: Value) -> bool:
    """Whether both are known and mean the same: as text, as sets of texts, member by member.

    The provider rewrites what is written: a list becomes a set, one text a list of it, null a zero.
    """
    ours, theirs = written.raw, planned.raw
    if isinstance(ours, Unknown) or isinstance(theirs, Unknown):
        return False
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        return _equal_lists(ours, theirs)
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return all(
            equal(ours[name], theirs[name])
            if name in ours and name in theirs
            else is_nothing(ours[name] if name in ours else theirs[name])
            for name in ours.keys() | theirs.keys()
        )
    for one, other in ((ours, theirs), (theirs, ours)):
        if isinstance(one, tuple) and len(one) == 1 and isinstance(other, str):
            return one[0].raw == other
    if is_nothing(written) or is_nothing(planned):
        return is_nothing(written) and is_nothing(planned)
    return _plain(ours) is not None and _plain(ours) == _plain(theirs)


def _equal_lists(ours: tuple[Value, ...], theirs: tuple[Value, ...]) -> bool:
    plain = [_plain(one.raw) for one in ours], [_plain(one.raw) for one in theirs]
    if not any(text is None for texts in plain for text in texts):
        return set(plain[0]) == set(plain[1])
    return len(ours) == len(theirs) and all(map(equal, ours, theirs))


def _plain(raw: Raw) -> str | None:
    """The text that a text, number or bool is in a schema of texts; None for all else."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | Fraction):
        return str(raw)
    return raw if isinstance(raw, str) else None


def is_nothing(value: Value) -> bool:
    """Whether it counts as not written: null, or a zero, which is what a state has for null."""
    return value.unknown is None and not value.raw
