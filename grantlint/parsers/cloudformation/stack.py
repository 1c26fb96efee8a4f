"""A stack: one template with its parameters, and the stacks nested in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from grantlint.model import Note
from grantlint.parsers.bounds import MOST_INSTANCES
from grantlint.parsers.cloudformation import intrinsics, references
from grantlint.parsers.cloudformation.deployment import Deployment
from grantlint.parsers.cloudformation.evaluate import entries, evaluate
from grantlint.parsers.cloudformation.parameters import Parameter, parameters
from grantlint.parsers.cloudformation.resource import Resource
from grantlint.parsers.cloudformation.run import Group, Run
from grantlint.parsers.cloudformation.scope import Scope
from grantlint.parsers.cloudformation.syntax import Template
from grantlint.parsers.json_text import Member, Node
from grantlint.source import Problem, Source, Span
from grantlint.value import (
    STRING,
    Step,
    Truth,
    Value,
    failure,
    string,
    unknown,
)

DEEPEST: Final = 20
"""Stacks inside one another."""
MOST_STACKS: Final = 1000
"""Nested stacks of one run."""


@dataclass(slots=True, eq=False)
class Stack:
    """A template as it is deployed.

    `label` tells it from others of its group, where they have the same logical ids. `around` is the
    stack that a nested one is in, and its logical id there; `path` are the templates around it.
    """

    run: Run
    deployment: Deployment
    template: Template
    parameters: Mapping[str, Parameter]
    label: str = ""
    around: tuple[Stack, str] | None = None
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
            section = template.root.member(name)
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
        """A pseudo parameter."""
        return references.pseudo(self, name, span)

    def reference(self, logical: str, span: Span) -> Value | None:
        """`Ref` of a resource; None where there is none."""
        resource = self.resources().get(logical)
        return None if resource is None else references.reference(self, resource, span)

    def attribute(self, logical: str, name: str, span: Span) -> Value | None:
        """`Fn::GetAtt` of a resource; None where there is none."""
        resource = self.resources().get(logical)
        return None if resource is None else references.attribute(self, resource, name, span)

    @property
    def prefix(self) -> str:
        """What goes before logical ids in addresses."""
        if self.around is None:
            return self.label
        stack, logical = self.around
        return f"{stack.address(logical)}."

    def address(self, logical: str) -> str:
        """What a resource is called: its construct's path, or its logical id."""
        construct = self.deployment.constructs.get(logical)
        return construct.path if construct is not None else f"{self.prefix}{logical}"

    def imported(self, name: Value, span: Span) -> Value:
        """What another stack of the run exports by a name."""
        if name.text is None:
            reason = name.unknown.reason if name.unknown is not None else "its name is no text"
            return unknown(reason, span, type=STRING)
        here = self.deployment.provider
        found = [
            one for one in self.run.exported(name.text) if here.may_be(one[0].deployment.provider)
        ]
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
        section = self.template.root.member("Resources")
        return section is not None and section.is_object

    def told(self) -> Iterator[Note]:
        """What of the stack as a whole cannot be seen."""
        transform = self.template.root.member("Transform")
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
            section = self.template.root.member("Resources")
            found = entries(section.members, self.scope) if section is not None else iter(())
            for key, member, scope in islice(found, MOST_INSTANCES):
                type = member.value.member("Type")
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
        condition = node.member("Condition")
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
        section = self.template.root.member("Outputs")
        if section is not None:
            for key, member, scope in entries(section.members, self.scope):
                if key is not None:
                    yield key, member.value, scope

    def output(self, name: str, span: Span) -> Value:
        """The value of an output."""
        for key, node, scope in self.outputs():
            value = node.member("Value")
            if key == name and value is not None:
                made = evaluate(value, scope)
                return made.through(Step(f"{self.name}.{name}", span, "output"))
        return failure(f"the nested stack has no output {name}", span)

    def exports(self) -> Iterator[tuple[str, Node, Scope]]:
        """Names of exports, and the nodes of their values."""
        for _, node, scope in self.outputs():
            export, value = node.member("Export"), node.member("Value")
            name = export.member("Name") if export is not None else None
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
            stack.around = self, resource.logical
            stack.path = (*self.path, deployment.source.path)
            stack.exists, stack.where = resource.exists, resource.condition
            stack.calls = (*self.calls, resource.header)
        return stack

    # -- includes --------------------------------------------------------------------------

    def included(self, node: Node, scope: Scope) -> tuple[Scope, Node] | None:
        """The scope and tree of a local file that AWS::Include names."""
        name, given = node.member("Name"), node.member("Parameters")
        location = given.member("Location") if given is not None else None
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
