"""Whom a statement lets in, as a message calls them. Nothing that is sensitive is told."""

from __future__ import annotations

from grantlint.iam import pins
from grantlint.iam.grantee import PEOPLE
from grantlint.iam.naming import called, conditions_on, told
from grantlint.iam.permission import is_foreign
from grantlint.iam.principals import Principal
from grantlint.iam.statements import Statement
from grantlint.value import Truth, Value


def caller(principal: Principal, statement: Statement, account: Value) -> str:
    """One of a statement's principals; `account` is the key's own."""
    if statement.sensitive:
        return "a principal"
    if principal.kind.text == "*":
        return _everyone(statement)
    who = called(principal.value, principal.who, "a principal")
    foreign = is_foreign(principal, account) is Truth.YES and principal.kind.text in PEOPLE
    elsewhere = told(principal.account) if foreign else None
    return f"{who} of account {elsewhere}" if elsewhere else who


def _everyone(statement: Statement) -> str:
    """Everyone of an account, an organization … that conditions name."""
    tied = [one.key for one in statement.conditions if pins.caller(one) is Truth.YES]
    if not tied:
        return "everyone to whom no other statement denies it"
    keys = tuple(dict.fromkeys(filter(None, map(told, tied))))
    if not keys:
        return "everyone whom a condition admits"
    conditions, several = conditions_on(keys)
    return f"everyone whom {conditions} admit{'' if several else 's'}"
