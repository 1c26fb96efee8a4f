"""Calling a function as HCL does: arity, conversion, nulls, unknowns, sensitivity, errors.

What holds for every function is here, so that a body only says what its function computes.
https://github.com/hashicorp/hcl/blob/v2.23.0/hclsyntax/expression.go (FunctionCallExpr) and
https://github.com/zclconf/go-cty/blob/v1.16.0/cty/function/function.go (Call).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import chain, product
from math import prod
from types import MappingProxyType

from grantlint.parsers.holes import UnknowableError, like
from grantlint.parsers.terraform.convert import convert
from grantlint.parsers.terraform.convert.typed import MOST_CHOICES, alternatives, type_of
from grantlint.parsers.terraform.functions.context import ConsoleContext, Context
from grantlint.parsers.terraform.functions.declaration import (
    TABLE,
    Function,
    FunctionError,
    Parameter,
)
from grantlint.parsers.terraform.functions.suggestion import suggestion
from grantlint.parsers.terraform.functions.unknowns import without_marks
from grantlint.value import DYNAMIC, Failure, Unknown, Value, assumed, failure

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        name: family
        for family, names in {
            "conversion": "ephemeralasnull issensitive nonsensitive sensitive tobool tolist tomap "
            "tonumber toset tostring type",
            "csv_rows": "csvdecode",
            "date": "formatdate plantimestamp timeadd timecmp timestamp",
            "encoding": "jsondecode jsonencode",
            "filesystem": "abspath basename dirname file filebase64 filebase64sha256 "
            "filebase64sha512 fileexists filemd5 fileset filesha1 filesha256 filesha512 "
            "pathexpand",
            "formatting": "format formatlist",
            "hashing": "base64sha256 base64sha512 bcrypt md5 rsadecrypt sha1 sha256 sha512 uuid "
            "uuidv5",
            "mapping": "keys lookup merge transpose values zipmap",
            "network": "cidrhost cidrnetmask cidrsubnet cidrsubnets",
            "numeric": "abs alltrue anytrue ceil floor log max min parseint pow range signum sum",
            "pattern": "regex regexall replace",
            "selection": "can coalesce coalescelist element index length one try",
            "sequence": "chunklist compact concat contains distinct flatten matchkeys reverse "
            "slice sort",
            "sets": "setintersection setproduct setsubtract setunion",
            "template": "templatefile templatestring",
            "text": "chomp endswith indent join lower split startswith strcontains strrev substr "
            "title trim trimprefix trimspace trimsuffix upper",
            "transfer": "base64decode base64encode base64gzip textdecodebase64 textencodebase64 "
            "urlencode",
            "yaml_reader": "yamldecode",
            "yaml_writer": "yamlencode",
        }.items()
        for name in names.split()
    }
)
"""Every function, and the module that has it."""

_REMOVED = MappingProxyType(
    {
        "list": 'the "list" function was deprecated in Terraform v0.12 and is no longer '
        "available; use tolist([ ... ]) syntax to write a literal list",
        "map": 'the "map" function was deprecated in Terraform v0.12 and is no longer available; '
        "use tomap({ ... }) syntax to write a literal map",
    }
)


def call(name: str, arguments: Sequence[Value], context: Context) -> Value:
    """What Terraform's function `name` gives for evaluated arguments.

    `core::name` is `name`. What Terraform would refuse is a failure with its text.
    """
    plain = name.removeprefix("core::")
    if plain in _REMOVED:
        return failure(f'Call to function "{name}" failed: {_REMOVED[plain]}.')
    if plain not in FAMILIES or not _offered(plain, context):
        return _no_such_function(name, context)
    if plain not in TABLE:
        import_module(f"grantlint.parsers.terraform.functions.{FAMILIES[plain]}")
    declared = TABLE[plain]
    if (wrong := _wrong_count(name, declared, len(arguments))) is not None:
        return wrong
    if not declared.catches and (failed := _failed(arguments)) is not None:
        return failed
    template = getattr(context, "template", None)  # an isinstance of a Protocol is 50 times slower
    if isinstance(template, str) and (text := _refused(plain, template)):
        return failure(f'Call to function "{name}" failed: {text}.')
    if not declared.catches and (answer := _each_choice(name, declared, arguments, context)):
        return answer
    return _apply(name, declared, arguments, context)


# -- what is wrong before anything is computed ---------------------------------------------


def _offered(name: str, context: Context) -> bool:
    if name not in {"type", "plantimestamp"}:
        return True
    console = isinstance(context, ConsoleContext) and context.console
    return console if name == "type" else not console


def _no_such_function(name: str, context: Context) -> Value:
    if "::" in name:
        namespace = name.partition("::")[0]
        return failure(
            f'The function namespace "{namespace}" is not valid. Provider function calls must '
            'use the "provider::" namespace prefix.'
        )
    near = suggestion(name, (known for known in FAMILIES if _offered(known, context)))
    hint = f' Did you mean "{near}"?' if near else ""
    return failure(f'There is no function named "{name}".{hint}')


def _wrong_count(name: str, declared: Function, given: int) -> Value | None:
    wanted = len(declared.parameters)
    if given < wanted:
        least = " at least" if declared.rest else ""
        missing = declared.parameters[given].name
        text = f'Function "{name}" expects{least} {wanted} argument(s). '
        return failure(f'{text}Missing value for "{missing}".')
    if declared.rest is None and given > wanted:
        return failure(f'Function "{name}" expects only {wanted} argument(s).')
    return None


def _failed(arguments: Sequence[Value]) -> Value | None:
    """The failed argument that fails the call: one that `try` cannot save goes first."""
    failed = [argument for argument in arguments if argument.failed]
    static = (a for a in failed if a.failed and a.failed.failure is Failure.STATIC)
    return next(static, failed[0] if failed else None)


def _refused(name: str, template: str) -> str:
    if name in {"templatefile", "templatestring"}:
        return f"cannot recursively call {name} from inside another template function"
    files = FAMILIES[name] == "filesystem" and name.startswith("file")
    if template == "templatestring" and files:
        return (
            f"cannot use filesystem access functions like {name} in templatestring templates; "
            "consider passing the function result as a template variable instead"
        )
    return ""


# -- finite alternatives -------------------------------------------------------------------


def _each_choice(
    name: str, declared: Function, arguments: Sequence[Value], context: Context
) -> Value | None:
    """The result when arguments have finite alternatives: the results of each of them.

    None when there is no such argument, too many combinations, or nothing is gained.
    """
    options = [_choices(argument) for argument in arguments]
    total = prod(len(alternatives) for alternatives in options)
    open_ = [a.unknown for a in arguments if a.unknown and a.unknown.choices]
    if not open_ or total > MOST_CHOICES:
        return None
    first = open_[0]
    results: list[Value] = []
    refused: Value | None = None
    for combination in product(*options):
        result = _apply(name, declared, combination, context)
        if result.failed:
            refused = refused or result
            continue
        if result.unknown is not None and not (result.unknown.parts or result.unknown.choices):
            return None
        results += _choices(result)
    if refused is not None and not results:
        return refused
    choices = alternatives(results)
    types = [type_of(choice) for choice in choices]
    common = types[0] if types and all(each == types[0] for each in types) else DYNAMIC
    may_fail = refused is not None or any(a.unknown and a.unknown.may_fail for a in arguments)
    one_each = len(open_) == 1 and len(first.choices) == len(results) == len(choices)
    when = first.when if one_each else ()
    whole = Unknown(first.reason, first.refers_to, choices=choices, may_fail=may_fail, when=when)
    return Value(common, whole).marked(any(choice.sensitive for choice in choices))


def _choices(argument: Value) -> tuple[Value, ...]:
    if argument.unknown is None or not argument.unknown.choices:
        return (argument,)
    return tuple(
        replace(
            choice,
            trail=choice.trail + argument.trail,
            sensitive=choice.sensitive or argument.sensitive,
        )
        for choice in argument.unknown.choices
    )


# -- one call ------------------------------------------------------------------------------


def _apply(name: str, declared: Function, arguments: Sequence[Value], context: Context) -> Value:
    ready: list[Value] = []
    sensitive = False
    blocking: Value | None = None
    for index, argument in enumerate(arguments):
        parameter = declared.parameter(index)
        assert parameter is not None
        value = argument if parameter.type is DYNAMIC else convert(argument, parameter.type)
        if value.failed and not declared.catches:
            return _invalid(parameter, value.failed.reason)
        if not parameter.marks and not declared.catches and value.has_sensitive():
            value, sensitive = without_marks(value), True
        ready.append(value)
    for index, value in enumerate(ready):
        parameter = declared.parameter(index)
        assert parameter is not None
        if value.is_null and not parameter.null and blocking is None:
            return _invalid(parameter, "argument must not be null")
        blocking = blocking or _blocks(value, parameter, declared)
    if blocking is not None:
        marks = sensitive or any(value.sensitive for value in ready)
        return like(blocking, declared.returns).marked(marks)
    result = _run(name, declared, ready, context)
    if sensitive and result.failed:
        text = "the reason would show a sensitive value"
        return failure(f'Call to function "{name}" failed: {text}.')
    members = (member for value in ready if isinstance(value.raw, tuple) for member in value.raw)
    for step in assumed(chain(ready, members)):
        if all(step.name != known.name for known in result.trail):
            result = result.through(step)
    return result.marked(sensitive)


def _blocks(value: Value, parameter: Parameter, declared: Function) -> Value | None:
    """The unknown that keeps the body from being called."""
    if declared.whole:
        return next(value.unknowns(), None)
    return value if value.unknown is not None and not parameter.unknown else None


def _run(name: str, declared: Function, ready: Sequence[Value], context: Context) -> Value:
    try:
        return declared.body(context, ready)
    except FunctionError as error:
        index = error.parameter
        parameter = declared.parameter(index) if index is not None else None
        if parameter is not None and index is not None and index < max(len(ready), 1):
            return _invalid(parameter, error.text)
        return failure(f'Call to function "{name}" failed: {error.text}.')
    except UnknowableError as error:
        return Value(declared.returns, Unknown(error.reason))


def _invalid(parameter: Parameter, text: str) -> Value:
    return failure(f'Invalid value for "{parameter.name}" parameter: {text}.')
