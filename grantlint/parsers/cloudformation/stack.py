"""A stack: one template with its parameters, and the stacks nested in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from grantlint.model import Note
from grantlint.parsers.bounds import MOST_INSTANCES
from grantlint.parsers.cloudformation import cross_region, intrinsics
from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.cloudformation.evaluate import entries, evaluate, section
from grantlint.parsers.cloudformation.parameters import Parameter, parameters
from grantlint.parsers.cloudformation.scope import Scope
from grantlint.parsers.cloudformation.syntax import Template, parse
from grantlint.parsers.cloudformation.types import (
    NAMINGS,
    get_attribute,
    ref_attribute,
    terraform_type,
)
from grantlint.parsers.instance import AFTER_APPLY
from grantlint.parsers.json_text import Member, Node
from grantlint.source import Problem, Source, Span
from grantlint.value import (
    STRING,
    Referent,
    Step,
    Truth,
    Value,
    assumed,
    failure,
    null,
    object_,
    string,
    unknown,
)

DEEPEST: Final = 20
"""Stacks inside one another."""
MOST_STACKS: Final = 1000
"""Nested stacks of one run."""

Reader = Callable[[str, Source], Source | Problem | None]
"""Reads a file that a template names; None for what is no local file."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a template. `header` is the place of its logical id."""

    logical: str
    type: str
    node: Node
    scope: Scope
    span: Span
    header: Span
    exists: Truth = Truth.YES
    condition: str | None = None
    rests_on: tuple[Step, ...] = ()

    def field(self, name: str) -> Value:
        """Properties, Metadata and the like; without them an empty object, or null."""
        node = _member(self.node, name)
        if node is None:
            return object_({}) if name == "Properties" else null()
        value = section(node, self.scope)
        return replace(value, trail=value.trail + self.rests_on) if self.rests_on else value

    def has(self, *names: str) -> bool:
        """Whether any of these properties may be written."""
        properties = _member(self.node, "Properties")
        if properties is None:
            return False
        keys = {member.key for member in properties.members}
        return not keys.isdisjoint(names) or any(key.startswith("Fn::") for key in keys)

    def property(self, name: str) -> Value:
        """One property alone."""
        section = _member(self.node, "Properties")
        node = _member(section, name) if section is not None else None
        return null() if node is None else evaluate(node, self.scope)


@dataclass(slots=True, eq=False)
class Run:
    """What the stacks of a run share: exported values, files, what cannot be seen.

    `exports` are stacks and nodes by the name of the export; None before they are collected.
    """

    read: Reader
    stacks: list[Stack] = field(default_factory=list)
    notes: dict[str, list[Span]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    templates: dict[str, Template] = field(default_factory=dict)
    exports: dict[str, list[tuple[Stack, Node, Scope]]] | None = None
    nested: int = 0

    def note(self, reason: str, span: Span) -> None:
        """Something that cannot be seen."""
        places = self.notes.setdefault(reason, [])
        if not any(one.path == span.path and one.start == span.start for one in places):
            places.append(span)

    def template(self, source: Source) -> Template | None:
        """A file's tree, read once; what is wrong in it is a problem of the run."""
        found = self.templates.get(source.path)
        if found is None:
            parsed = parse(source)
            self.files.add(source.path)
            if isinstance(parsed, Problem):
                self.problems.append(parsed)
                return None
            self.problems.extend(parsed.problems)
            found = self.templates[source.path] = parsed
        return found

    def exported(self, name: str) -> list[tuple[Stack, Node, Scope]]:
        """The outputs that are exported by that name."""
        if self.exports is None:
            self.exports = {}
            for stack in self.stacks:
                for text, node, scope in stack.exports():
                    self.exports.setdefault(text, []).append((stack, node, scope))
        return self.exports.get(name, [])


@dataclass(slots=True, eq=False)
class Group:
    """Stacks whose resources may refer to each other, all nested ones among them."""

    stacks: Sequence[Stack]
    addresses: dict[str, Resource] = field(default_factory=dict)
    _crossing: Mapping[str, Value] | None = None

    def __post_init__(self) -> None:
        """Every stack knows its group, and the group every resource by its address."""
        for stack in self.stacks:
            stack.group = self
            for resource in stack.resources().values():
                self.addresses.setdefault(stack.address(resource.logical), resource)

    def crossing(self) -> Mapping[str, Value]:
        """What the stacks hand to stacks in other regions, by the names of the parameters."""
        if self._crossing is None:
            self._crossing = {}  # what is handed on and back again is not known
            self._crossing = cross_region.exports(
                (one.logical, one.type, one.field("Properties"))
                for one in self.addresses.values()
                if one.type == cross_region.WRITER
            )
        return self._crossing


@dataclass(slots=True, eq=False)
class Stack:
    """A template as it is deployed.

    `prefix` goes before logical ids in addresses; `path` are the templates around a nested one.
    """

    run: Run
    deployment: Deployment
    template: Template
    parameters: Mapping[str, Parameter]
    prefix: str = ""
    path: tuple[str, ...] = ()
    exists: Truth = Truth.YES
    where: str | None = None
    calls: tuple[Span, ...] = ()
    conditions: dict[str, Node] = field(default_factory=dict)
    mappings: dict[str, Node] = field(default_factory=dict)
    group: Group | None = None
    _resources: dict[str, Resource] | None = None
    _children: dict[str, Stack | None] = field(default_factory=dict)
    _active: set[str] = field(default_factory=set)
    _decided: dict[tuple[object, ...], Truth] = field(default_factory=dict)
    _steps: int = 0

    @classmethod
    def of(
        cls, run: Run, deployment: Deployment, given: Mapping[str, Value] | None = None
    ) -> Stack | None:
        """The stack of a deployment; `given` are the parameters of a nested one."""
        template = run.template(deployment.source)
        if template is None:
            return None
        texts = {name: string(text) for name, text in deployment.parameters.items()}
        declared = parameters(
            template.root,
            template.source,
            {**texts, **(given or {})},
            applied=deployment.applied,
        )
        stack = cls(run, deployment, template, declared)
        stack.path = (deployment.source.path,)
        for name, held in (("Conditions", stack.conditions), ("Mappings", stack.mappings)):
            section = _member(template.root, name)
            for key, member, _ in entries(section.members, stack.scope) if section else ():
                if key is not None:
                    held[key] = member.value
        return stack

    @property
    def scope(self) -> Scope:
        """The scope of the template's own text."""
        return Scope(self, self.template.source)

    def may_go_on(self) -> bool:
        """Whether a loop may take another turn."""
        self._steps += 1
        return self._steps <= MOST_INSTANCES

    # -- names -----------------------------------------------------------------------------

    def pseudo(self, name: str, span: Span) -> Value:
        """A pseudo parameter.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
        """
        provider = self.deployment.provider
        settings = {
            "AWS::AccountId": (provider.account, "aws_caller_identity", "account_id"),
            "AWS::Region": (provider.region, "aws_region", "region"),
            "AWS::Partition": (provider.partition, "aws_partition", "partition"),
        }
        if name in settings:
            value, type, attribute = settings[name]
            cause = value.unknown
            if cause is not None and cause.refers_to is None:
                refers_to = Referent(type, name, None, attribute)
                value = unknown(cause.reason, span, type=STRING, refers_to=refers_to)
            return replace(value, written=span)
        if name == "AWS::URLSuffix":
            suffix = _SUFFIXES.get(provider.partition.text or "")
            if suffix is not None:
                return string(suffix, span)
            refers_to = Referent("aws_partition", name, None, "dns_suffix")
            return unknown("the partition is not given (--partition)", span, refers_to=refers_to)
        if name == "AWS::StackName" and self.deployment.stack is not None:
            return string(self.deployment.stack, span)
        return unknown(f"{name} is known at deployment", span, type=STRING)

    def reference(self, logical: str, span: Span) -> Value | None:
        """`Ref` of a resource."""
        resource = self.resources().get(logical)
        if resource is None:
            return None
        type = terraform_type(resource.type)
        attribute = ref_attribute(type)
        naming = NAMINGS.get(resource.type)
        found = self._named(resource, naming.ref) if naming is not None and naming.ref else None
        if found is not None:
            return found.at(span).through(Step(self.address(logical), span, "resource"))
        return self._opaque(resource, type, attribute, span)

    def attribute(self, logical: str, name: str, span: Span) -> Value | None:
        """`Fn::GetAtt` of a resource."""
        resource = self.resources().get(logical)
        if resource is None:
            return None
        if resource.type == "AWS::CloudFormation::Stack" and name.startswith("Outputs."):
            child = self.child(logical)
            if child is not None:
                return child.output(name.removeprefix("Outputs."), span)
        if resource.type == cross_region.READER and self.group is not None:
            found = self.group.crossing().get(name)
            if found is not None:
                return found.through(Step(f"{self.name}.{logical}", span, "output"))
        type = terraform_type(resource.type)
        attribute = get_attribute(type, name)
        arn = self._named(resource, "arn") if attribute == "arn" else None
        if arn is not None:
            return arn.at(span).through(Step(self.address(logical), span, "resource"))
        return self._opaque(resource, type, attribute, span)

    def _opaque(self, resource: Resource, type: str, attribute: str, span: Span) -> Value:
        """What only AWS knows of a resource."""
        name = self._named(resource, "name")
        refers_to = Referent(
            type, self.address(resource.logical), name.text if name else None, attribute
        )
        return unknown(AFTER_APPLY, span, type=STRING, refers_to=refers_to)

    def _named(self, resource: Resource, what: str) -> Value | None:
        """The name or the ARN of what has a name that is written; None where AWS makes it up."""
        naming = NAMINGS.get(resource.type)
        if naming is None:
            return None
        name = intrinsics.text(resource.property(naming.property))
        if name.text is None or name.sensitive:
            return None
        if what == "name" or naming.arn is None:
            return name if what == "name" else None
        path, provider = resource.property("Path"), self.deployment.provider
        holes = {
            "partition": provider.partition,
            "region": provider.region,
            "account": provider.account,
            "path": string("/") if path.is_null else path,
        }
        used = {hole: value for hole, value in holes.items() if f"{{{hole}}}" in naming.arn}
        if any(value.text is None or value.sensitive for value in used.values()):
            return None
        texts = {hole: value.text for hole, value in used.items()}
        trail = assumed([name, *used.values()])
        return Value(STRING, naming.arn.format(name=name.text, **texts), trail=trail)

    def address(self, logical: str) -> str:
        """What a resource is called: its construct's path, or its logical id."""
        construct = self.deployment.constructs.get(logical)
        return construct.path if construct is not None else f"{self.prefix}{logical}"

    def imported(self, name: Value, span: Span) -> Value:
        """What another stack of the run exports by a name."""
        if name.text is None:
            reason = name.unknown.reason if name.unknown is not None else "its name is no text"
            return unknown(reason, span, type=STRING)
        found = self.run.exported(name.text)
        key = f"export {name.text}"
        if len(found) != 1 or key in self._active:
            what = "is exported by no template read" if not found else "is exported twice"
            return unknown(f"{name.text} {what}", span, type=STRING)
        stack, node, scope = found[0]
        self._active.add(key)
        try:
            value = evaluate(node, scope)
        finally:
            self._active.discard(key)
        return value.through(Step(f"{stack.name}.{name.text}", span, "output"))

    def at(self, address: str) -> Resource | None:
        """The resource of an address in this stack or one that it may refer to."""
        return self.group.addresses.get(address) if self.group is not None else None

    @property
    def is_template(self) -> bool:
        """Whether the file is a template: it has resources."""
        section = _member(self.template.root, "Resources")
        return section is not None and section.is_object

    def told(self) -> Iterator[Note]:
        """What of the stack as a whole cannot be seen."""
        transform = _member(self.template.root, "Transform")
        elements = transform.elements if transform is not None else None
        listed = [transform] if transform is not None and elements is None else elements or []
        for node in listed:
            if isinstance(node.value, str) and not node.value.startswith("AWS::"):
                reason = f"what the macro {node.value} makes of the template is not known"
                yield Note(reason, 1, self.scope.place(node))

    @property
    def name(self) -> str:
        """What the stack is called in words."""
        return self.deployment.stack or self.deployment.source.path

    # -- conditions ------------------------------------------------------------------------

    def decided(self, name: str, scope: Scope) -> Truth:
        """Whether a condition is met; MAYBE for one that depends on itself."""
        node = self.conditions.get(name)
        if node is None or f"condition {name}" in self._active:
            where = node or self.template.root
            what = "depends on itself" if node is not None else "is not defined"
            self.run.note(f"the condition {name} {what}", scope.place(where))
            return Truth.MAYBE
        assumed = tuple(sorted(scope.met.items()))
        bound = tuple(sorted((key, value.text) for key, value in scope.bindings.items()))
        key = (name, assumed, bound)
        if key not in self._decided:
            self._active.add(f"condition {name}")
            try:
                self._decided[key] = replace(scope, source=self.template.source).truth(node)
            finally:
                self._active.discard(f"condition {name}")
        return self._decided[key]

    def rests_on(self, name: str) -> tuple[Step, ...]:
        """The defaults, not shown to be deployed, that decide a condition."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        pending = [node for node in (self.conditions.get(name),) if node is not None]
        while pending:
            node = pending.pop()
            for member in node.members:
                named = member.value.value
                if member.key == "Condition" and isinstance(named, str) and named not in seen:
                    seen.add(named)
                    inner = self.conditions.get(named)
                    pending += [inner] if inner is not None else []
                elif member.key == "Ref" and isinstance(named, str):
                    parameter = self.parameters.get(named)
                    if parameter is not None and parameter.kind == "assumed":
                        found[named] = None
                pending.append(member.value)
            pending += node.elements or []
        return tuple(Step(parameter, None, "assumed") for parameter in found)

    # -- resources -------------------------------------------------------------------------

    def resources(self) -> dict[str, Resource]:
        """The resources by logical id, loops written out."""
        if self._resources is None:
            self._resources = {}  # what asks for them while they are collected finds none
            section = _member(self.template.root, "Resources")
            found = entries(section.members, self.scope) if section is not None else iter(())
            for key, member, scope in islice(found, MOST_INSTANCES):
                type = _member(member.value, "Type")
                if key is None:
                    reason = f"which resources {member.key} makes is not known"
                    self.run.note(reason, Span(scope.source, member.start, member.end))
                elif type is not None and isinstance(type.value, str):
                    self._resources[key] = self._resource(key, type.value, member, scope)
        return self._resources

    def _resource(self, logical: str, type: str, member: Member, scope: Scope) -> Resource:
        node = member.value
        span = Span(scope.source, member.start, node.end)
        header = Span(scope.source, member.start, member.end)
        condition = _member(node, "Condition")
        exists, where, rests_on = self.exists, self.where, tuple[Step, ...]()
        if condition is not None and isinstance(condition.value, str):
            name = scope.named(condition.value) or condition.value
            met = scope.condition(name)
            exists &= met
            rests_on = self.rests_on(name)
            if met is Truth.MAYBE:
                where = f"{where} and {name}" if where else name
                scope = scope.assume(name, met=True)
        return Resource(logical, type, node, scope, span, header, exists, where, rests_on)

    # -- outputs ---------------------------------------------------------------------------

    def outputs(self) -> Iterator[tuple[str, Node, Scope]]:
        """The outputs by name."""
        section = _member(self.template.root, "Outputs")
        if section is not None:
            for key, member, scope in entries(section.members, self.scope):
                if key is not None:
                    yield key, member.value, scope

    def output(self, name: str, span: Span) -> Value:
        """The value of an output."""
        for key, node, scope in self.outputs():
            value = _member(node, "Value")
            if key == name and value is not None:
                made = evaluate(value, scope)
                return made.through(Step(f"{self.name}.{name}", span, "output"))
        return failure(f"the nested stack has no output {name}", span)

    def exports(self) -> Iterator[tuple[str, Node, Scope]]:
        """Names of exports, and the nodes of their values."""
        for _, node, scope in self.outputs():
            export, value = _member(node, "Export"), _member(node, "Value")
            name = _member(export, "Name") if export is not None else None
            if name is not None and value is not None:
                text = intrinsics.text(evaluate(name, scope)).text
                if text is not None:
                    yield text, value, scope

    # -- nested stacks ---------------------------------------------------------------------

    def child(self, logical: str) -> Stack | None:
        """The nested stack that a resource stands for; None where its template is not here."""
        if logical not in self._children:
            self._children[logical] = None
            self._children[logical] = self._nested(self.resources()[logical])
        return self._children[logical]

    def children(self) -> Iterator[Stack]:
        """All nested stacks whose templates are here."""
        for logical, resource in self.resources().items():
            if resource.type == "AWS::CloudFormation::Stack" and resource.exists is not Truth.NO:
                child = self.child(logical)
                if child is not None:
                    yield child

    def _nested(self, resource: Resource) -> Stack | None:
        deployment = self.deployment.nested.get(resource.logical)
        if deployment is None:
            url = resource.property("TemplateURL")
            found = self.run.read(url.text, resource.scope.source) if url.text else None
            if not isinstance(found, Source):
                if isinstance(found, Problem):
                    self.run.note(found.message, url.written or resource.span)
                return None
            deployment = Deployment(
                found, self.deployment.provider, None, {}, True, self.deployment.kind
            )
        if deployment.source.path in self.path:
            self.run.note("the stack is nested in itself", resource.header)
            return None
        self.run.nested += 1
        if len(self.path) >= DEEPEST or self.run.nested > MOST_STACKS:
            reason = f"more than {MOST_STACKS:,} nested stacks, or {DEEPEST} deep, are not followed"
            self.run.note(reason, resource.header)
            return None
        given = resource.property("Parameters")
        values = dict(given.items())
        stack = Stack.of(self.run, deployment, values)
        if stack is not None:
            stack.prefix = f"{self.address(resource.logical)}."
            stack.path = (*self.path, deployment.source.path)
            stack.exists, stack.where = resource.exists, resource.condition
            stack.calls = (*self.calls, resource.header)
        return stack

    # -- includes --------------------------------------------------------------------------

    def included(self, node: Node, scope: Scope) -> tuple[Scope, Node] | None:
        """The scope and tree of a local file that AWS::Include names."""
        name, given = _member(node, "Name"), _member(node, "Parameters")
        location = _member(given, "Location") if given is not None else None
        if name is None or name.value != "AWS::Include" or location is None:
            return None
        text = intrinsics.text(evaluate(location, scope)).text
        found = self.run.read(text, scope.source) if text else None
        if not isinstance(found, Source) or scope.depth > DEEPEST:
            return None
        template = self.run.template(found)
        if template is None:
            return None
        return replace(scope.deeper(), source=template.source), template.root


_SUFFIXES: Final = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
}


def _member(node: Node, name: str) -> Node | None:
    return next((one.value for one in node.members if one.key == name), None)
