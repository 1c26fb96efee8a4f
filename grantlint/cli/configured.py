"""The options that say which configuration goes for a run, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grantlint.config import UsageError
from grantlint.config.configurations import Configurations

if TYPE_CHECKING:
    from collections.abc import Collection

    from grantlint.config.configuration import Configuration
    from grantlint.rego.users import Policies

Config = Annotated[
    list[str] | None,
    typer.Option(
        "--config",
        metavar="FILE|KEY=VALUE",
        help="Take the configuration from this file and look for no other, or set one key, in "
        "TOML; can be repeated.",
    ),
]
Isolated = Annotated[
    bool, typer.Option("--isolated", help="Look for no configuration: only options count.")
]


class ProfileName(StrEnum):
    """A named set of settings."""

    DEFAULT = "default"
    STRICT = "strict"


Profile = Annotated[
    ProfileName | None,
    typer.Option(help="What applies where no file says otherwise.  [default: default]"),
]


def configurations(
    config: Sequence[str] | None,
    profile: ProfileName | None,
    *,
    isolated: bool,
    others: bool = False,
) -> Configurations:
    """What `--config` and files say; `others` is whether there are rules that are not ours."""
    files = [text for text in config or () if _is_file(text)]
    if len(files) > 1:
        raise UsageError(f"--config {files[1]}: only one file can go for a run")
    if files and isolated:
        raise UsageError("--isolated and --config FILE: only one of them can be meant")
    made = Configurations(
        isolated=isolated,
        profile=profile.value if profile is not None else None,
        own=_own,
        others=others,
    )
    if config:
        from grantlint.config import opening

        made.given = opening.given(files[0]) if files else None
        made.inline = tuple(opening.inline(text) for text in config if text not in files)
    return made


def _is_file(text: str) -> bool:
    """Whether the text of `--config` names a file: what has no `=` is meant as one."""
    return "=" not in text or Path(text).is_file()


def _own() -> Collection[str]:
    from grantlint.rules import own

    return [rule.id for rule in own()]


def with_policies(given: Policies | None, run: Configuration, seconds: float) -> Policies | None:
    """The user's rules: those of options, else those of the configuration.

    A repository's own are run here and not put on a server, which may do more than they should.
    """
    if not run.policies or (given is not None and given.paths):
        return given
    if given is not None and given.server is not None:
        raise UsageError(
            f"{run.said['policies']}: rules that a configuration names are not put on a server: "
            "give --policies too, or leave --opa-url out"
        )
    from grantlint.rego.users import Policies

    return Policies(run.policies, seconds=seconds)
