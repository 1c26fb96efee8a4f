"""Terraform's functions: `call` by name, on Values, with Terraform's own errors.

Each family is a module that is loaded when one of its functions is first called. A function is
one Python function beside its declaration; its known answers stand in
fixtures/expressions/functions.jsonl.
"""

from grantlint.parsers.terraform.functions.context import (
    ConsoleContext,
    Context,
    TemplateContext,
)
from grantlint.parsers.terraform.functions.invoke import FAMILIES, call

__all__ = ["FAMILIES", "ConsoleContext", "Context", "TemplateContext", "call"]
