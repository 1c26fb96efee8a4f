"""A hook added to a .pre-commit-config.yaml that is there already, and nothing else changed in it.

The entry is put behind the last one of `repos`, as text. It counts only if the file then says what
it said before and the entry; comments, order and style of the rest stay by construction.
"""

from __future__ import annotations

import re
from typing import Final

from grantlint.config.document import Unreadable, document
from grantlint.config.starter import HOOK
from grantlint.source import Source

_REPOS: Final = re.compile(r"^repos:[ \t]*(?:#.*)?$")
_ITEM: Final = re.compile(r"^(?P<indent> *)- ")
_HOOK: Final = re.compile(r"^grantlint(?:-all|-system)?$")


def has_hook(text: str) -> bool:
    """Whether one of our hooks is in a file."""
    data = _data(text)
    return data is not None and any(_HOOK.match(id) for id in _hooks(data))


def with_hook(text: str) -> str | None:
    """The text of a file with our hook; None where that cannot be done safely."""
    before = _data(text)
    repos = before.get("repos") if before is not None else None
    if not isinstance(repos, list) or not repos or before is None:
        return None
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(end)
    found = _last(lines)
    if found is None:
        return None
    at, indent = found
    entry = [indent + line for line in HOOK.splitlines()]
    spaced = [""] if any(not line.strip() for line in lines[:at]) else []
    after = end.join([*lines[:at], *spaced, *entry, *lines[at:]])
    after = after if after.endswith(end) else after + end
    added = (_data(HOOK.join(["repos:\n", ""])) or {})["repos"]
    wanted = {**before, "repos": [*repos, *(added if isinstance(added, list) else [])]}
    return after if _data(after) == wanted else None


def _last(lines: list[str]) -> tuple[int, str] | None:
    """Behind which line the last entry of `repos` ends, and how entries are indented."""
    start = next((number for number, line in enumerate(lines) if _REPOS.match(line)), None)
    if start is None:
        return None
    indent: str | None = None
    last = start
    for number, line in enumerate(lines[start + 1 :], start=start + 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = _ITEM.match(line)
        if indent is None:
            if item is None:
                return None
            indent = item["indent"]
        if not line.startswith(f"{indent} ") and not (item and item["indent"] == indent):
            break
        last = number
    return None if indent is None else (last + 1, indent)


def _data(text: str) -> dict[str, object] | None:
    """What a file says; None for what is no YAML, or has aliases in it."""
    try:
        return dict(document(Source(".pre-commit-config.yaml", text.encode())).data)
    except Unreadable:
        return None


def _hooks(data: dict[str, object]) -> list[str]:
    """The ids of all hooks."""
    repos = data.get("repos")
    tables = [one for one in repos if isinstance(one, dict)] if isinstance(repos, list) else []
    hooks = [one.get("hooks") for one in tables]
    every = [hook for one in hooks if isinstance(one, list) for hook in one]
    return [str(hook.get("id")) for hook in every if isinstance(hook, dict)]
