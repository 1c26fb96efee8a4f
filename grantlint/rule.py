"""A rule's whole story: what it is called, why it matters, its examples, and how it judges.

A Python rule is one module in `rules/`. Its docstring is its documentation: the first line is
the title, the rest is Markdown with the sections *Why it matters*, *What it finds*, *How to fix
it*, *In CloudFormation* and *When it is fine*. A Rego rule is one file in `policies/`, its METADATA
has the same. Fenced examples marked `hcl bad` and `hcl good` are its tests; a comment that begins
with `# finding` stands on each line where a finding must be.

A rule never says how sure it is: the `truth` of its hits does.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain
from types import MappingProxyType

from grantlint.model import LIVE, Grant, Identity, Inventory, Key
from grantlint.value import Truth

Path = tuple[str | int, ...]
Object = Grant | Key | Identity
KINDS = ("grant", "key", "identity")
Check = Callable[..., Iterator["Hit"]]
"""Takes an object and the inventory that it is in."""
JUDGED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "grant": ("grant",),
        "key": ("key",),
        "identity": ("identity",),
        "holder": ("key", "identity"),
        "object": KINDS,
    }
)
"""What a rule's first parameter, or the schema of its `input`, is called: the kinds of objects.

A holder is what has a policy, an object any of them.
"""

_FENCE = re.compile(r"^```(?P<language>[a-z]+) (?P<kind>bad|good)\n(?P<text>.*?)^```$", re.M | re.S)
_MARK = re.compile(r"#\s*finding\b")


class Severity(IntEnum):
    """How bad it is, if it is so."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """Its name as users write and read it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to a hit: a path inside the object at an address."""

    at: Path
    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule reports of one key or grant.

    `at` is the path of the fault inside the object, () for the object itself; `severity` is the
    rule's unless the case is a different one; `fix` is a change as `{"at", "op", "value", "safe"}`
    (see policies/README.md).
    """

    at: Path
    message: str
    truth: Truth = Truth.YES
    severity: Severity | None = None
    related: tuple[Related, ...] = ()
    fix: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One fenced example of a rule's documentation."""

    language: str
    bad: bool
    text: str

    @property
    def marked(self) -> tuple[int, ...]:
        """The lines, counted from 1, on which a finding must be, once for each."""
        lines = enumerate(self.text.split("\n"), start=1)
        return tuple(number for number, line in lines for _ in _MARK.findall(line))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `doc` is the Markdown below the title; `since` the version it came with.

    `judges` are the kinds of objects it looks at: grant, key, identity (none for those about
    suppressions); `language` is python or
    rego. `mappings` are the controls of catalogues that ask for the same ("Security Hub KMS.5"). An
    `opt_in` rule is asked only by whoever names it. A `written` one judges what somebody wrote, and
    whether AWS takes it: it is not asked of what AWS shows of itself. One that is `of_services` is
    asked also of the grants there that services of AWS made for themselves. `given_by` are the
    options with which a user gave a rule of their own, "" for ours.
    """

    id: str
    title: str
    doc: str
    severity: Severity
    since: str
    references: tuple[str, ...]
    mappings: tuple[str, ...]
    preview: bool
    opt_in: bool
    judges: tuple[str, ...]
    language: str
    _check: Callable[..., Iterator[Hit]] = field(repr=False, compare=False)
    given_by: str = ""
    written: bool = False
    of_services: bool = False

    def hits(self, inventory: Inventory) -> Iterator[tuple[Object, Hit]]:
        """Everything it reports, with the object each hit is in. NO is not reported."""
        for judged in chain.from_iterable(of_kind(inventory, kind) for kind in self.judges):
            if judged.exists is Truth.NO or not self.asks_about(judged):
                continue
            for hit in self._check(judged, inventory):
                if hit.truth is not Truth.NO:
                    yield judged, hit

    def asks_about(self, judged: Object) -> bool:
        """Whether it can say anything of an object. A user's rule says itself who made a grant."""
        if judged.source != LIVE:
            return True
        of_service = isinstance(judged, Grant) and judged.made_by.text is not None
        return not self.written and (not of_service or self.of_services or bool(self.given_by))

    @property
    def examples(self) -> tuple[Example, ...]:
        """The fenced examples of its documentation, in order."""
        return tuple(
            Example(match["language"], match["kind"] == "bad", match["text"])
            for match in _FENCE.finditer(self.doc)
        )

    def section(self, title: str) -> str:
        """The first paragraph of a section of its documentation as one line, "" if none."""
        match = re.search(rf"^## {re.escape(title)}\n+(.+?)(?:\n\n|\Z)", self.doc, re.M | re.S)
        return " ".join(match[1].split()) if match else ""


def of_kind(inventory: Inventory, kind: str) -> tuple[Object, ...]:
    """All objects of a kind: grant, key or identity."""
    if kind == "grant":
        return inventory.grants
    return inventory.keys if kind == "key" else inventory.identities


def about_suppressions(module: str, severity: Severity, *, since: str) -> Rule:
    """The rule of a module whose findings are about suppressions: `suppress` makes them.

    It judges no object. Its docstring and its id are as of every rule in Python.
    """
    title, _, doc = (sys.modules[module].__doc__ or "").partition("\n")
    return Rule(
        id=module.rpartition(".")[2].replace("_", "-"),
        title=title.removesuffix("."),
        doc=doc.strip() + "\n",
        severity=severity,
        since=since,
        references=(),
        mappings=(),
        preview=False,
        opt_in=False,
        judges=(),
        language="python",
        _check=lambda *_: iter(()),
    )


def rule(
    severity: Severity,
    *,
    since: str,
    references: tuple[str, ...],
    mappings: tuple[str, ...] = (),
    preview: bool = False,
    opt_in: bool = False,
    written: bool = False,
    of_services: bool = False,
) -> Callable[[Check], Rule]:
    """Make a module's `check` its rule.

    What it judges is what its first parameter is called (see JUDGED); its id is the module's name
    in kebab case.
    """

    def decorate(check: Check) -> Rule:
        title, _, doc = (sys.modules[check.__module__].__doc__ or "").partition("\n")
        return Rule(
            id=check.__module__.rpartition(".")[2].replace("_", "-"),
            title=title.removesuffix("."),
            doc=doc.strip() + "\n",
            severity=severity,
            since=since,
            references=references,
            mappings=mappings,
            preview=preview,
            opt_in=opt_in,
            judges=JUDGED[next(iter(check.__annotations__))],
            language="python",
            _check=check,
            written=written,
            of_services=of_services,
        )

    return decorate
