"""The laws that every rule is held to, on every example of its documentation.

1. A finding stands on each marked line and nowhere else; a good example is silent.
2. Unknown never accuses: no certain finding appears when a leaf or a variable becomes unknown.
3. Format does not matter: the first `yaml bad` example says what the first `hcl bad` one does,
   and so on: their inventories are equal up to places and names.
4. Deterministic: two runs, and another order of the objects, find the same.

The tests of grantlint hold its own rules to them, `grantlint policies test` those of a user.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from pathlib import Path as File
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from grantlint.finding import by_address, concrete
from grantlint.model.comparison import comparable, first_difference
from grantlint.parsers import estate
from grantlint.parsers.settings import Options
from grantlint.rule import of_kind
from grantlint.rules import users, users_mistakes
from grantlint.value import Truth, Unknown, Value

if TYPE_CHECKING:
    from grantlint.finding import Finding
    from grantlint.model import Inventory
    from grantlint.rego.pack import Pack
    from grantlint.rego.users import Policies
    from grantlint.rule import Example, Path, Rule
    from grantlint.value import Raw


class ExampleError(Exception):
    """An example that cannot be read."""


FILES = {"hcl": "main.tf", "yaml": "template.yaml"}
"""The languages of examples, and the file that one is read from."""


def read(text: str, language: str = "hcl") -> Inventory:
    """What a configuration or template of one file declares. Raises ExampleError."""
    with TemporaryDirectory() as directory:
        path = File(directory, FILES[language])
        path.write_text(text, "utf-8")
        found = estate.read([directory], Options())
    for problem in found.unreadable:
        raise ExampleError(f"line {problem.span.line}: {problem.message}")
    return found.inventory


def certain(rule: Rule, inventory: Inventory) -> list[Finding]:
    """The certain findings of a rule, in order of the objects."""
    objects = by_address(inventory)
    found = (concrete(rule, judged, hit, objects) for judged, hit in rule.hits(inventory))
    return [finding for finding in found if finding.certain]


@dataclass
class Trial:
    """An example of a rule and everything it is turned into, read when it is asked for."""

    rule: Rule
    example: Example

    @cached_property
    def inventory(self) -> Inventory:
        """The example as it stands. Raises ExampleError."""
        return read(self.example.text, self.example.language)

    @cached_property
    def leaves(self) -> tuple[tuple[str, Inventory], ...]:
        """The example with each leaf in turn unknown, and which one it is."""
        found = []
        for kind in ("keys", "grants", "identities"):
            for path, objects in blanked(getattr(self.inventory, kind)):
                changed = {kind: objects}
                inventory = replace(self.inventory, **changed)  # type: ignore[arg-type]  # as before
                found.append((_shown((kind, *path)), inventory))
        return tuple(found)

    @cached_property
    def variables(self) -> tuple[tuple[str, Inventory], ...]:
        """The example with a variable that is not known for each literal, and in which line."""
        found = []
        language = self.example.language
        vary = _with_variables if language == "hcl" else _with_parameters
        for line, text in vary(self.example.text):
            with suppress(ExampleError):  # what was a literal need not be an expression
                found.append((line, read(text, language)))
        return tuple(found)

    @cached_property
    def shuffled(self) -> Inventory:
        """The example with its objects in another order."""
        order = random.Random(1)  # noqa: S311  # any order will do, and always the same
        found = self.inventory
        return replace(
            found,
            keys=tuple(order.sample(found.keys, len(found.keys))),
            grants=tuple(order.sample(found.grants, len(found.grants))),
            identities=tuple(order.sample(found.identities, len(found.identities))),
        )

    @property
    def variants(self) -> tuple[Inventory, ...]:
        """Everything in which something is unknown."""
        return tuple(inventory for _, inventory in (*self.leaves, *self.variables))

    # -- the laws: what breaks one, as a sentence ------------------------------------------

    def misplaced(self) -> Iterator[str]:
        """What is marked and not found, and what is found and not marked."""
        found = certain(self.rule, self.inventory)
        if self.example.bad and not self.example.marked:
            yield "it is bad, but no line is marked: write # finding behind the line of the fault"
        if self.example.marked and not self.example.bad:
            yield "it is good, but a line is marked with # finding"
        lines = self.example.text.split("\n")
        expected = Counter(self.example.marked)
        actual = Counter(finding.span.line if finding.span else 0 for finding in found)
        for line in sorted(expected - actual):
            yield f"line {line} is marked, but nothing is found there: {lines[line - 1].strip()}"
        for finding in found:
            line = finding.span.line if finding.span else 0
            if actual[line] > expected[line]:
                actual[line] -= 1
                why = "is not marked" if self.example.bad else "is part of a good example"
                yield f"line {line} {why}, but this is found there: {finding.message}"

    def differing(self) -> Iterator[str]:
        """Where the example does not say what its twin in HCL does."""
        twin = self._twin()
        if twin is None:
            return
        ours, theirs = comparable(self.inventory), comparable(Trial(self.rule, twin).inventory)
        for kind in ours:
            for one, other in zip_longest(ours[kind], theirs[kind]):
                if one != other:
                    yield f"{kind}: {first_difference(one, other)}"

    def _twin(self) -> Example | None:
        """The HCL example that a template says the same as: of its kind, with its number."""
        if self.example.language == "hcl":
            return None
        alike = [one for one in self.rule.examples if one.bad is self.example.bad]
        number = [one for one in alike if one.language != "hcl"].index(self.example)
        return next(iter([one for one in alike if one.language == "hcl"][number:]), None)

    def accusing_leaves(self, rules: Sequence[Rule]) -> Iterator[str]:
        """The leaves that these rules accuse when they become unknown."""
        before = accused(rules, self.inventory)
        for leaf, inventory in self.leaves:
            for id, address in accused(rules, inventory) - before:
                yield f"{id} accuses {address} when {leaf} is unknown: deny says so, only warn may"

    def accusing_variables(self) -> Iterator[str]:
        """The lines that the rule accuses when what they say is a variable without a value."""
        before = len(certain(self.rule, self.inventory))
        for line, inventory in self.variables:
            if len(certain(self.rule, inventory)) > before:
                yield f"{self.rule.id} accuses when this is an unknown variable instead: {line}"

    def found(self, inventory: Inventory) -> list[str]:
        """Everything that the rule finds, possible findings too, whatever the order."""
        hits = self.rule.hits(inventory)
        return sorted(str(concrete(self.rule, judged, hit)) for judged, hit in hits)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a rule fares with one of its examples, or as a whole: what breaks a law."""

    rule: Rule
    about: str
    says: str
    breaches: tuple[str, ...]
    variants: int = 0


def outcomes(policies: Policies) -> Iterator[Outcome]:
    """How a user's rules fare, each with each of its examples. Raises UsageError."""
    for pack, rules in users(policies):
        for rule in rules:
            kinds = {example.bad for example in rule.examples}
            if True not in kinds:
                missing = "it has none, so nothing shows what the rule finds: ```hcl bad"
                yield Outcome(rule, "bad example", "", (missing,))
            if False not in kinds:
                missing = "it has none, so nothing shows what the rule leaves alone: ```hcl good"
                yield Outcome(rule, "good example", "", (missing,))
            count: Counter[bool] = Counter()
            for example in rule.examples:
                count[example.bad] += 1
                about = f"{'bad' if example.bad else 'good'} example {count[example.bad]}"
                yield _outcome(pack, Trial(rule, example), about)


def _outcome(pack: Pack, trial: Trial, about: str) -> Outcome:
    """All laws, the engine being asked twice: about all variants at once, then once more."""
    rule, example = trial.rule, trial.example
    if example.language not in FILES:
        known = " or ".join(FILES)
        return Outcome(rule, about, "", (f"examples are in {known}, not in {example.language}",))
    try:
        inventory = trial.inventory
    except ExampleError as error:
        return Outcome(rule, about, "", (f"it cannot be read: {error}",))
    if not any(of_kind(inventory, kind) for kind in rule.judges):
        return Outcome(
            rule,
            about,
            "",
            (f"it declares no {' or '.join(rule.judges)} that the rule could judge",),
        )
    with users_mistakes(rule.given_by):
        pack.judge([inventory, *trial.variants])
    found = trial.found(inventory)
    breaches = [
        *trial.misplaced(),
        *trial.differing(),
        *trial.accusing_leaves([rule]),
        *trial.accusing_variables(),
    ]
    with users_mistakes(rule.given_by):
        pack.judge([trial.shuffled])
    if trial.found(trial.shuffled) != found:
        breaches.append("two runs do not find the same")
    lines = ", ".join(map(str, example.marked))
    says = f"found on line {lines}" if example.bad else "silent"
    return Outcome(rule, about, says, tuple(breaches), len(trial.variants))


def accused(rules: Sequence[Rule], inventory: Inventory) -> Counter[tuple[str, str]]:
    """The rules that have certain hits, with the objects that these are in."""
    return Counter(
        (rule.id, judged.address)
        for rule in rules
        for judged, hit in rule.hits(inventory)
        if hit.truth is Truth.YES
    )


def blanked(item: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Copies of a dataclass, each with one `Value` in it (at any depth) made unknown."""
    if isinstance(item, Value):
        yield from _blanked_value(item, path)
    elif isinstance(item, tuple):
        for index, member in enumerate(item):
            for inner, copy in blanked(member, (*path, index)):
                yield inner, (*item[:index], copy, *item[index + 1 :])
    elif dataclasses.is_dataclass(item) and not isinstance(item, type):
        for field in dataclasses.fields(item):
            if field.name not in {"span", "source"}:
                for inner, copy in blanked(getattr(item, field.name), (*path, field.name)):
                    yield inner, replace(item, **{field.name: copy})


def _blanked_value(value: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    yield path, replace(value, raw=Unknown("blanked"), encodes=None)
    for inner, raw in _members(value, path):
        yield inner, replace(value, raw=raw, encodes=None)


def _members(value: Value, path: Path) -> Iterator[tuple[Path, Raw]]:
    """What a value holds, with one member in turn made unknown."""
    if isinstance(value.raw, tuple):
        for index, member in enumerate(value.raw):
            for inner, copy in _blanked_value(member, (*path, index)):
                yield inner, (*value.raw[:index], copy, *value.raw[index + 1 :])
    elif isinstance(value.raw, Mapping):
        for key, member in value.raw.items():
            for inner, copy in _blanked_value(member, (*path, key)):
                yield inner, {**value.raw, key: copy}


def _with_variables(text: str) -> Iterator[tuple[str, str]]:
    """The text with a variable in the place of each literal, and the line as it was."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        name, equals, rest = line.partition(" = ")
        if not equals or rest.rstrip().endswith(("{", "[", "(")) or "#" in rest:
            continue
        changed = [*lines[:number], f"{name} = var.not_known", *lines[number + 1 :]]
        yield line.strip(), "\n".join([*changed, 'variable "not_known" {}', ""])


def _with_parameters(text: str) -> Iterator[tuple[str, str]]:
    """The template with a parameter in the place of each literal, and the line as it was."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        match = _SCALAR.fullmatch(line)
        if match is not None:
            changed = [*lines[:number], f"{match[1]} !Ref NotKnown", *lines[number + 1 :]]
            yield line.strip(), "\n".join(["Parameters: {NotKnown: {Type: String}}", *changed])


_SCALAR: Final = re.compile(r"(\s+(?:- )?(?!Type:|Fn::|Ref:)[\w:]+:|\s+-) (?![!&*|>{[#]).+")


def _shown(path: Path) -> str:
    """A path as an expression: grants[0].operations."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
