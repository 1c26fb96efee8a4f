"""The options that name the users' own rules, and what they say together.

A server's token is never an argument: those are seen by everybody on the machine.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from grantlint.config import UsageError

if TYPE_CHECKING:
    from grantlint.rego.client import Access
    from grantlint.rego.users import Policies as Given

TOKEN: Final = "GRANTLINT_OPA_TOKEN"  # noqa: S105  # the name of the variable

Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policies",
        metavar="DIR|BUNDLE",
        help="Ask the Rego rules of a directory or bundle besides; can be repeated.",
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--policies-timeout",
        metavar="SECONDS",
        help="How long OPA may take for an answer (500 objects; 1 of a bundle).",
    ),
]
Url = Annotated[
    str | None,
    typer.Option("--opa-url", metavar="URL", help="Let this OPA server judge by --policies."),
]
Loaded = Annotated[
    bool,
    typer.Option("--opa-loaded", help="Ask the rules that the server has in data.grantlint."),
]
TokenFile = Annotated[
    str | None,
    typer.Option(
        "--opa-token-file",
        metavar="FILE",
        help=f"The server's bearer token; or in the variable {TOKEN}.",
    ),
]
Authorities = Annotated[
    str | None,
    typer.Option(
        "--opa-ca-file", metavar="FILE", help="The certificates by which the server is trusted."
    ),
]
Certificate = Annotated[
    str | None,
    typer.Option("--opa-cert-file", metavar="FILE", help="The certificate that it is shown."),
]
Key = Annotated[
    str | None,
    typer.Option("--opa-key-file", metavar="FILE", help="That certificate's private key."),
]


@dataclass(frozen=True, slots=True)
class Server:
    """The options about a server, as they were written."""

    url: str | None = None
    loaded: bool = False
    token_file: str | None = None
    authorities: str | None = None
    certificate: str | None = None
    key: str | None = None


def policies(paths: list[str] | None, seconds: float, server: Server) -> Given | None:
    """What the user has named, None where that is nothing."""
    if not seconds > 0 or seconds == float("inf"):
        raise UsageError(f"--policies-timeout {seconds:g}: give the seconds that OPA may take")
    if server.url is None:
        _refuse_without_url(server)
    elif not (paths or server.loaded):
        raise UsageError(
            "--opa-url: say which rules it judges by: --policies DIR puts them on it for this "
            "run, --opa-loaded takes those that it has"
        )
    if not paths and server.url is None:
        return None
    from grantlint.rego.users import Policies

    access = None if server.url is None else _access(server.url, seconds, server)
    return Policies(tuple(paths or ()), access, server.loaded, seconds)


def _refuse_without_url(server: Server) -> None:
    given = {
        "--opa-loaded": server.loaded,
        "--opa-token-file": server.token_file,
        "--opa-ca-file": server.authorities,
        "--opa-cert-file": server.certificate,
        "--opa-key-file": server.key,
    }
    for option, value in given.items():
        if value:
            raise UsageError(f"{option}: which server is told by --opa-url URL")


def _access(url: str, seconds: float, server: Server) -> Access:
    from grantlint.rego.client import Access

    if server.key is not None and server.certificate is None:
        raise UsageError("--opa-key-file: its certificate is told by --opa-cert-file FILE")
    return Access(
        url,
        token=_token(server.token_file),
        authorities=_file("--opa-ca-file", server.authorities),
        certificate=_file("--opa-cert-file", server.certificate),
        key=_file("--opa-key-file", server.key),
        seconds=seconds,
    )


def _token(file: str | None) -> str | None:
    """The token without what is around it: the file's, else the variable's."""
    if file is None:
        return os.environ.get(TOKEN, "").strip() or None
    token = _text("--opa-token-file", file).strip()
    if not token:
        raise UsageError(f"--opa-token-file {file}: it is empty")
    return token


def _file(option: str, file: str | None) -> Path | None:
    if file is None:
        return None
    if "-----BEGIN " not in _text(option, file):
        raise UsageError(f"{option} {file}: it holds nothing in PEM format")
    return Path(file)


def _text(option: str, file: str) -> str:
    try:
        return Path(file).read_text("utf-8", "replace")
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"{option} {file}: it cannot be read: {reason}") from None
