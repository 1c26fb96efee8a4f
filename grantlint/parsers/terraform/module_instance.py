"""One call of a module, or the root: its names are evaluated when first asked for.

A module is parsed once a directory and evaluated once a call. Its variables are values of its
caller, its outputs values for its caller; what asks for itself is a cycle, which Terraform refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from grantlint.model import Construct
from grantlint.parsers.bounds import DEEPEST_MODULES, MOST_INSTANCES, MOST_MEMBERS
from grantlint.parsers.instance import Instance, Provider
from grantlint.parsers.terraform import (
    cdktf,
    convert,
    evaluate,
    expand,
    remote_state,
    tree,
)
from grantlint.parsers.terraform.configuration import Configuration, joined, missing_module
from grantlint.parsers.terraform.content import Evaluated
from grantlint.parsers.terraform.module import Module
from grantlint.parsers.terraform.provider_block import configured_provider, provider_name
from grantlint.parsers.terraform.scope import Scope
from grantlint.parsers.terraform.variables import Variable
from grantlint.source import Span
from grantlint.value import (
    STRING,
    Referent,
    Step,
    Truth,
    Value,
    failure,
    object_,
    string,
    tuple_,
    unknown,
)

_LOCAL: Final = ("./", "../", ".\\", "..\\")


@dataclass(slots=True, eq=False)
class ModuleInstance:
    """One call of a module.

    `address` is Terraform's (`module.a["x"].module.b`, "" for the root); `name` the same without
    keys; `shown` what `path.module` says. `caller` is the scope that the call's arguments are
    evaluated in.
    """

    configuration: Configuration
    module: Module
    address: str
    name: tuple[str, ...]
    shown: str
    caller: Scope | None = None
    call: tree.Block | None = None
    exists: Truth = Truth.YES
    condition: str | None = None
    _memo: dict[tuple[str, ...], Value] = field(default_factory=dict)
    _active: set[tuple[str, ...]] = field(default_factory=set)
    _repetitions: dict[tuple[str, ...], expand.Repetition] = field(default_factory=dict)
    _planned: dict[tuple[str, ...], list[tuple[Instance, Value]]] = field(default_factory=dict)
    _children: dict[str, dict[expand.Key, ModuleInstance]] = field(default_factory=dict)
    _providers: dict[str, Provider] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        """The scope of the module's own text."""
        return Scope(self, {})

    @property
    def calls(self) -> tuple[Span, ...]:
        """The headers of the module blocks that lead here, the root module's first."""
        if self.call is None or self.caller is None:
            return ()
        return (*self.caller.owner.calls, self.call.header)

    def _once(self, key: tuple[str, ...], make: Callable[[], Value], span: Span) -> Value:
        known = self._memo.get(key)
        if known is not None:
            return known
        if key in self._active:
            return failure(f"{'.'.join(key)} refers to itself", span, static=True)
        self._active.add(key)
        try:
            value = make()
            if self.configuration.weights.of(value) > MOST_MEMBERS:
                reason = f"a value of more than {MOST_MEMBERS:,} members is not followed"
                value = unknown(reason, span).marked(value.sensitive)
            self._memo[key] = value
        finally:
            self._active.discard(key)
        return value

    # -- variables, locals, outputs --------------------------------------------------------

    def variable(self, name: str, span: Span) -> Value:
        """`var.name`: the caller's argument, or the given value, or the default.

        https://developer.hashicorp.com/terraform/language/values/variables
        """
        value = self._once(("var", name), lambda: self._variable(name, span), span)
        if value.failed:
            return value
        kind = "variable"
        declared = self.module.variables.get(name)
        defaulted = declared is not None and declared.body.argument("default") is not None
        if self.caller is None and defaulted and name not in self.configuration.assigned:
            deployed = self.module.deployed or bool(self.configuration.assigned)
            kind = "default" if deployed else "assumed"
        return value.through(Step(f"var.{name}", span, kind, self.address))

    def _variable(self, name: str, span: Span) -> Value:
        block = self.module.variables.get(name)
        if block is None:
            return self._undeclared(
                f'An input variable with the name "{name}" has not been declared. This variable '
                f'can be declared with a variable "{name}" {{}} block.',
                f"var.{name}",
                span,
            )
        if block.broken:
            return unknown(f"var.{name} is declared where {block.broken}", block.header)
        declared = Variable.read(block, self.scope)
        value = self._given(name, block)
        if value is not None and value.is_null and not declared.nullable:
            value = None
        if value is None:
            value = declared.default
        if value is None:
            reason = f"var.{name} has no value"
            return unknown(reason, block.header, type=declared.type).marked(declared.sensitive)
        if declared.ephemeral:
            return unknown(f"var.{name} is ephemeral", block.header, type=declared.type)
        converted = convert.convert(value, declared.type)
        return converted.marked(declared.sensitive)

    def _given(self, name: str, block: tree.Block) -> Value | None:
        if self.caller is None or self.call is None:
            return self.configuration.assigned.get(name)
        argument = self.call.body.argument(name)
        if argument is None:
            if self.call.broken:
                return unknown(f"{self.address} is called where {self.call.broken}")
            if block.body.argument("default") is None:
                return unknown(f"{self.address} is called without {name}", self.call.header)
            return None
        value = evaluate.evaluate(argument.expression, self.caller)
        step = Step(f"{self.address}.{name}", argument.expression.span, "argument")
        return value.through(replace(step, module=self.caller.owner.address))

    def _undeclared(self, text: str, name: str, span: Span) -> Value:
        if self.module.incomplete:
            return unknown(f"{name} may be declared where {self.module.incomplete}", span)
        if not self.configuration.strict:
            return unknown(f"{name} is not declared", span)
        return failure(text, span, static=True)

    def local(self, name: str, span: Span) -> Value:
        """`local.name`."""
        argument = self.module.locals.get(name)
        if argument is None:
            text = f'A local value with the name "{name}" has not been declared.'
            return self._undeclared(text, f"local.{name}", span)
        value = self._once(
            ("local", name), lambda: evaluate.evaluate(argument.expression, self.scope), span
        )
        return value.through(Step(f"local.{name}", span, "local", self.address))

    def output(self, name: str, span: Span) -> Value:
        """The value of an output block."""
        value = self.recorded(name, span)
        block = self.module.outputs.get(name)
        sensitive = block.body.argument("sensitive") if block is not None else None
        if value.failed is None and sensitive is not None:
            mark = evaluate.evaluate(sensitive.expression, self.scope)
            value = value.marked(mark.raw is True)
        return value

    def recorded(self, name: str, span: Span) -> Value:
        """The value of an output block as a state records it, whether or not it is sensitive."""
        block = self.module.outputs.get(name)
        argument = block.body.argument("value") if block is not None else None
        if block is not None and block.broken:
            return unknown(f"output {name} stands where {block.broken}", span)
        if block is None or argument is None:
            if self.module.incomplete:
                return unknown(f"output {name} may stand where {self.module.incomplete}", span)
            text = f'This object does not have an attribute named "{name}".'
            return failure(text, span)
        value = self._once(
            ("output", name), lambda: evaluate.evaluate(argument.expression, self.scope), span
        )
        around = self.caller.owner.address if self.caller is not None else ""
        return value.through(Step(f"{self.address or 'output'}.{name}", span, "output", around))

    # -- path and terraform ----------------------------------------------------------------

    def path(self, name: str, span: Span) -> Value:
        """`path.module`, `path.root`; `path.cwd` is the machine's."""
        match name:
            case "module":
                return string(self.shown, span)
            case "root":
                return string(".", span)
            case "cwd":
                return unknown("path.cwd is where terraform runs", span, type=STRING)
        text = f'The "path" object does not have an attribute named "{name}".'
        return failure(text, span, static=True)

    def terraform(self, name: str, span: Span) -> Value:
        """`terraform.workspace`: the option, or what `.terraform/environment` says."""
        if name != "workspace":
            if name == "applying":
                return unknown("terraform.applying is only known at run time", span)
            text = f'The "terraform" object does not have an attribute named "{name}".'
            return failure(text, span, static=True)
        workspace = self.configuration.settings.workspace
        if workspace is None:
            marker = self.configuration.directory / ".terraform/environment"
            try:
                workspace = marker.read_text("utf-8").strip()
            except (OSError, ValueError):
                workspace = None
        if workspace:
            return string(workspace, span)
        return unknown("terraform.workspace is not given (--workspace)", span, type=STRING)

    # -- resources -------------------------------------------------------------------------

    def resource(self, mode: str, type: str, name: str, span: Span) -> Value:
        """The value of a resource or data source: an object, or all instances of it."""
        label = "data" if mode == "data" else "resource"
        address = f"data.{type}.{name}" if mode == "data" else f"{type}.{name}"
        block = self.module.resources.get((label, type, name))
        if block is None and label == "resource":
            block = self.module.resources.get(("ephemeral", type, name))
        if block is None:
            kind = "data" if mode == "data" else "managed"
            where = f"module {'.'.join(self.name)}" if self.name else "the root module"
            text = f'A {kind} resource "{type}" "{name}" has not been declared in {where}.'
            return self._undeclared(text, address, span)
        declared = block
        value = self._once(
            (label, type, name), lambda: self._all_instances(mode, declared), declared.header
        )
        if value.failed:
            return value
        return value.through(
            Step(address, span, "data" if mode == "data" else "resource", self.address)
        )

    def _all_instances(self, mode: str, block: tree.Block) -> Value:
        repetition = self._repetition(block)
        if repetition.open is not None or block.broken:
            address = self._address(mode, block)
            cause = repetition.open
            reason = block.broken or (cause.reason if cause else "")
            referent = Referent(block.labels[0], address)
            return unknown(reason, block.header, refers_to=referent)
        values = [planned for _, planned in self.planned(mode, block)]
        return _combine(repetition, values, block.header)

    def _repetition(self, block: tree.Block) -> expand.Repetition:
        key = (block.type, *block.labels)
        found = self._repetitions.get(key)
        if found is None:
            found = self._repetitions[key] = expand.repetition(block.body, self.scope)
        return found

    def _address(self, mode: str, block: tree.Block) -> str:
        prefix = f"{self.address}." if self.address else ""
        return prefix + ("data." if mode == "data" else "") + ".".join(block.labels)

    def planned(self, mode: str, block: tree.Block) -> list[tuple[Instance, Value]]:
        """The instances of a resource or data block, each with what the provider plans for it."""
        key = (block.type, *block.labels)
        found = self._planned.get(key)
        if found is None:
            instances = self._instances(mode, block)
            found = [(one, remote_state.planned(one, self.configuration)) for one in instances]
            self._planned[key] = found
        return found

    def _instances(self, mode: str, block: tree.Block) -> Iterator[Instance]:
        repetition = self._repetition(block)
        base = self._address(mode, block)
        for repeat in repetition.repeats:
            conditions = [self.condition]
            if repeat.exists is not Truth.YES:
                conditions.append(repetition.condition)
            inside = self.scope.bind(repeat.bindings) if repeat.bindings else self.scope
            content = Evaluated(block.body, inside, block.span, repeat.exists, block.broken)
            yield Instance(
                base + key_text(repeat.key),
                mode,
                block.labels[0],
                block.labels[1],
                self.address,
                repeat.exists & self.exists,
                " and ".join(condition for condition in conditions if condition) or None,
                content,
                block.header,
                self.provider_of(block),
                self.calls,
                construct=self._construct(block),
            )

    def _construct(self, block: tree.Block) -> Construct | None:
        """What made a block, or else the call of its module, if that was cdktf."""
        found = cdktf.construct(block) or self.module.constructs.get((block.type, *block.labels))
        if found is not None or self.caller is None or self.call is None:
            return found
        return self.caller.owner._construct(self.call)

    def all_planned(self, wanted: Callable[[tree.Block], bool]) -> Iterator[tuple[Instance, Value]]:
        """`planned` of all blocks here and in the modules called that are wanted."""
        for (label, _, _), block in self.module.resources.items():
            if label != "ephemeral" and wanted(block):
                yield from self.planned("data" if label == "data" else "managed", block)
        for name in self.module.calls:
            for child in self.children(name).values():
                yield from child.all_planned(wanted)

    # -- module calls ----------------------------------------------------------------------

    def children(self, name: str) -> dict[expand.Key, ModuleInstance]:
        """The instances of a module call by key; none when the module is not installed."""
        if name not in self._children:
            self._children[name] = {}
            self._children[name] = dict(self._make_children(name, self.module.calls[name]))
        return self._children[name]

    def _make_children(
        self, name: str, block: tree.Block
    ) -> Iterator[tuple[expand.Key, ModuleInstance]]:
        found = self._locate(name, block)
        if found is None:
            return
        module, shown = found
        repetition = self._repetition(block)
        prefix = f"{self.address}." if self.address else ""
        for repeat in repetition.repeats:
            self.configuration.module_instances += 1
            if self.configuration.module_instances > MOST_INSTANCES:
                reason = f"more than {MOST_INSTANCES:,} module instances are not followed"
                self.configuration.note(reason, block.header)
                return
            condition = repetition.condition if repeat.exists is not Truth.YES else None
            conditions = [text for text in (self.condition, condition) if text]
            yield (
                repeat.key,
                ModuleInstance(
                    self.configuration,
                    module,
                    f"{prefix}module.{name}{key_text(repeat.key)}",
                    (*self.name, name),
                    shown,
                    self.scope.bind(repeat.bindings),
                    block,
                    repeat.exists & self.exists,
                    " and ".join(conditions) or None,
                ),
            )

    def _locate(self, name: str, block: tree.Block) -> tuple[Module, str] | None:
        """The called module and its `path.module`; a note where it is not there."""
        source = block.body.argument("source")
        written = evaluate.evaluate(source.expression, self.scope) if source else None
        text = written.text if written is not None and not written.sensitive else None
        address = ".".join(f"module.{part}" for part in (*self.name, name))
        if text is None:
            self.configuration.note(f"{address}: its source is not a literal text", block.header)
            return None
        if text in {".", ".."} or text.startswith(_LOCAL):
            shown = joined(self.shown, text)
            directory = self.module.directory / text
        else:
            installed = self.configuration.installed((*self.name, name))
            if installed is None:
                self.configuration.note(missing_module(text), block.header)
                return None
            shown, directory = installed, self.configuration.directory / installed
        if not directory.is_dir():
            self.configuration.note(f"{address}: there is no directory {shown}", block.header)
            return None
        if self._calls_itself(directory):
            self.configuration.note(f"{address}: the module calls itself", block.header)
            return None
        if len(self.name) >= DEEPEST_MODULES:
            reason = f"modules nested deeper than {DEEPEST_MODULES} are not followed"
            self.configuration.note(reason, block.header)
            return None
        used = f"module {'.'.join((*self.name, name))} from {shown}"
        if used not in self.configuration.used:
            self.configuration.used.append(used)
        path = joined(self.configuration.path, shown)
        return self.configuration.module(directory, path), shown

    def _calls_itself(self, directory: Path) -> bool:
        here: ModuleInstance | None = self
        resolved = directory.resolve()
        while here is not None:
            if here.module.directory.resolve() == resolved:
                return True
            here = here.caller.owner if here.caller is not None else None
        return False

    def module_call(self, name: str, span: Span) -> Value:
        """`module.name` as a whole: an object of outputs, or all instances of it."""
        block = self.module.calls.get(name)
        if block is None:
            text = f'No module call named "{name}" is declared in '
            text += "the root module." if not self.name else f"module {'.'.join(self.name)}."
            return self._undeclared(text, f"module.{name}", span)
        repetition = self._repetition(block)
        children = self.children(name)
        if repetition.open is not None or block.broken or (repetition.repeats and not children):
            return self._absent_module(name, block, repetition)
        values = [child.outputs(span) for child in children.values()]
        return _combine(repetition, values, block.header)

    def _absent_module(self, name: str, block: tree.Block, repetition: expand.Repetition) -> Value:
        address = ".".join(f"module.{part}" for part in (*self.name, name))
        reason = repetition.open.reason if repetition.open else f"{address} is not known"
        return unknown(reason, block.header, refers_to=Referent("module", address))

    def outputs(self, span: Span) -> Value:
        """All outputs as one object; those that fail, fail one by one."""
        return object_({name: self.output(name, span) for name in self.module.outputs})

    def module_output(
        self, name: str, key: tree.Expression | None, node: tree.GetAttr, scope: Scope
    ) -> Value | None:
        """`module.name[key].output`; None where the value of the whole call must be taken."""
        block = self.module.calls.get(name)
        if block is None or block.broken:
            return None
        repetition = self._repetition(block)
        children = self.children(name)
        if repetition.open is not None or not children:
            return None
        if key is None:
            only = children.get(None)
            return only.output(node.name, node.span) if only is not None else None
        at = evaluate.evaluate(key, scope)
        if at.sensitive:
            return None
        wanted = at.raw
        if repetition.by == "count" and isinstance(wanted, str) and wanted.isdecimal():
            wanted = int(wanted)
        child = children.get(wanted) if isinstance(wanted, (str, int)) else None
        return child.output(node.name, node.span) if child is not None else None

    # -- providers -------------------------------------------------------------------------

    def provider_of(self, block: tree.Block) -> Provider:
        """The provider configuration that a resource or data block uses."""
        chosen = block.body.argument("provider")
        name = provider_name(chosen.expression) if chosen is not None else None
        return self.provider(name or block.labels[0].split("_", 1)[0])

    def provider(self, name: str) -> Provider:
        """The configuration of `aws` or `aws.alias` as seen in this module."""
        found = self._providers.get(name)
        if found is None:
            found = self._providers[name] = self._provider(name)
        return found

    def _provider(self, name: str) -> Provider:
        if self.caller is not None and self.call is not None:
            passed = self.call.body.argument("providers")
            if passed is not None and isinstance(passed.expression, tree.Object):
                for item in passed.expression.items:
                    if provider_name(item.key) == name:
                        given = provider_name(item.value)
                        return self.caller.owner.provider(given or name)
            if name not in self.module.providers:
                return self.caller.owner.provider(name)
        block = self.module.providers.get(name)
        return configured_provider(block, self.scope, self.configuration.settings)


def key_text(key: expand.Key) -> str:
    """An instance key as Terraform's addresses have it: `[0]`, `["a"]`, nothing."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    return "[" + json.dumps(key, ensure_ascii=False) + "]"


def _combine(repetition: expand.Repetition, values: list[Value], span: Span) -> Value:
    """All instances of a block as the value that a reference to the block has."""
    if repetition.by == "":
        return values[0]
    whole = _gather(repetition, values, span)
    sure = [repeat.exists is Truth.YES for repeat in repetition.repeats]
    if all(sure):
        return whole
    certain = [value for value, exists in zip(values, sure, strict=True) if exists]
    least = replace(
        repetition, repeats=tuple(r for r in repetition.repeats if r.exists is Truth.YES)
    )
    reason = f"whether {repetition.condition} is not known"
    return unknown(reason, span, choices=(whole, _gather(least, certain, span)))


def _gather(repetition: expand.Repetition, values: list[Value], span: Span) -> Value:
    if repetition.by == "count":
        return tuple_(values, span)
    keys = [str(repeat.key) for repeat in repetition.repeats]
    return object_(dict(zip(keys, values, strict=True)), span)
