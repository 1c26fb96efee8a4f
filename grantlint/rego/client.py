"""An OPA server as opa-python-client reaches it, with errors that say what to do.

The client knows bearer tokens and one time limit for all it does. It does not know Unix sockets,
nor servers below a path. https://www.openpolicyagent.org/docs/rest-api
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from grantlint.model.json import Json
from grantlint.rego.opa import OpaError, OpaTimeoutError

_PORTS: Final = {"http": 80, "https": 443}
_GONE: Final = "resource_not_found"


class NotCompiledError(OpaError):
    """The server refuses a file of rules."""


class NotEvaluatedError(OpaError):
    """An evaluation gave up."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a server is reached. `seconds` is for each of its answers.

    `authorities` is a file of certificates to trust instead of the usual ones; `certificate` and
    `key` are what the client shows of itself, the key None where one file holds both.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    authorities: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    seconds: float = 60


class Client:
    """A server as it is accessed. Raises OpaError for a URL or a token that cannot be used."""

    def __init__(self, access: Access) -> None:
        self._scheme, self._host, self._port = _address(access.url)
        self._access = access
        self._seconds = access.seconds
        token = access.token
        if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
            raise self.error("the token has characters that no token has")
        secured = access.authorities or access.certificate
        if secured is not None and self._scheme != "https":
            raise self.error("certificates are for a URL that begins with https://")

    @property
    def url(self) -> str:
        """Where the server is, in one spelling."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{self._scheme}://{host}:{self._port}"

    def put(self, name: str, text: str) -> None:
        """Put a file of rules on the server. Raises NotCompiledError."""
        with self._talking():
            self._connection.update_policy_from_string(text, quote(name), rego_compat=False)

    def syntax(self, name: str) -> Any:
        """What the server has understood of a file, as OPA's syntax tree."""
        with self._talking():
            return self._connection.get_policy(quote(name))["result"]["ast"]

    def files(self) -> Mapping[str, str]:
        """All files of rules that the server has: the text of each by its name."""
        with self._talking():
            names = self._connection.get_policies_list()
            found = [self._connection.get_policy(quote(name))["result"] for name in names]
            return {one["id"]: one["raw"] for one in found}

    def delete(self, name: str) -> None:
        """Remove a file of rules, if it is there."""
        from opa_client.errors import DeletePolicyError  # noqa: PLC0415  # see _connection

        with self._talking():
            try:
                self._connection.delete_policy(quote(name))
            except DeletePolicyError as error:
                if error.expression != _GONE:
                    raise

    def value(self, path: str, input: Sequence[Json]) -> Any:
        """The value of a rule, None where it is undefined. Raises NotEvaluatedError."""
        with self._talking():
            return self._connection.query_rule(input, path).get("result")

    def query(self, text: str, input: Sequence[Json]) -> Any:
        """What a query gives its variables, once for each answer. Raises NotEvaluatedError."""
        with self._talking():
            return self._connection.ad_hoc_query(text, input).get("result", [])

    def close(self) -> None:
        """Close what is open."""
        if "_connection" in self.__dict__:
            self._connection.close_connection()
            del self._connection

    def error(self, text: str) -> OpaError:
        """An error of this server."""
        return OpaError(self._said(text))

    def _said(self, text: str) -> str:
        return f"OPA server {self.url}: {text}"

    @cached_property
    def _connection(self) -> Any:
        from opa_client import OpaClient  # noqa: PLC0415  # it takes 230 ms to import
        from requests.utils import get_environ_proxies  # noqa: PLC0415

        access = self._access
        shown = [str(file) for file in (access.certificate, access.key) if file is not None]
        connection = OpaClient(
            f"[{self._host}]" if ":" in self._host else self._host,
            self._port,
            ssl=str(access.authorities or "") or self._scheme == "https",
            cert=tuple(shown) if len(shown) > 1 else next(iter(shown), None),
            token=access.token,
            retries=False,  # it would multiply the time limit
            timeout=self._seconds,
        )
        # Of the environment only proxies: a .netrc would take the place of the token, and
        # REQUESTS_CA_BUNDLE that of the authorities.
        session = connection._session  # the client has no other way to it
        session.proxies = get_environ_proxies(self.url)
        session.trust_env = False
        return connection

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Turn what the client raises into an OpaError."""
        from opa_client import errors  # noqa: PLC0415  # see _connection
        from requests import HTTPError, JSONDecodeError, RequestException, Timeout  # noqa: PLC0415
        from requests.exceptions import SSLError  # noqa: PLC0415
        from urllib3.exceptions import HTTPError as TransportError  # noqa: PLC0415

        try:
            yield
        except errors.RegoParseError as error:
            raise self._refused(error.expression, error.message, error.errors) from None
        except (errors.PolicyNotFoundError, errors.DeletePolicyError) as error:
            raise self._refused(error.expression, error.message, []) from None
        except HTTPError as error:
            raise self._failed(error.response) from None
        except Timeout:
            text = self._said(f"no answer within {self._seconds:g} s")
            raise OpaTimeoutError(text) from None
        except SSLError as error:
            raise self.error(f"no secure connection: {_innermost(error)}") from None
        except (JSONDecodeError, AttributeError, KeyError, TypeError):
            raise self.error("it does not answer as OPA does: is the URL right?") from None
        except (RequestException, TransportError) as error:
            text = f"it cannot be reached ({_innermost(error)}): is it running, is the URL right?"
            raise self.error(text) from None

    def _failed(self, response: Any) -> OpaError:
        """The error of an answer that is none."""
        try:
            said = response.json()
            return self._refused(said["code"], said.get("message"), said.get("errors") or [])
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.error(f"it does not answer as OPA does, but with {response.status_code}")

    def _refused(self, code: str | None, message: str | None, errors: Sequence[Any]) -> OpaError:
        """An error that OPA reports."""
        if code == "unauthorized":
            return self.error("it wants another token, or lets nobody put rules on it")
        if code is None:
            return self.error("it does not answer as OPA does: is the URL right?")
        text = "\n".join(map(_line, errors))
        if any(str(error.get("code")).startswith("eval_") for error in errors):
            return NotEvaluatedError(text)
        if any(str(error.get("code")).startswith("rego_") for error in errors):
            return NotCompiledError(text)
        return self.error(f"{message or code}{f': {text}' if text else ''}")


def _line(error: Any) -> str:
    """An error of OPA's as file:line: text."""
    location = error.get("location") or {}
    place = f"{location['file']}:{location['row']}: " if location.get("file") else ""
    return f"{place}{error.get('message')}"


def _innermost(error: BaseException) -> str:
    """The reason at the bottom of an error: those of the client are wrapped several times."""
    reason = error
    while (inner := reason.__cause__ or reason.__context__) is not None:
        reason = inner
    return reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)


def _address(url: str) -> tuple[str, str, int]:
    """The scheme, host and port of a URL. Raises OpaError, without a password that is in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise OpaError("the URL of the OPA server is not valid") from None
    if parts.username is not None or parts.password is not None:
        raise OpaError("the URL of the OPA server has a user in it: give a token instead")
    if parts.scheme not in _PORTS or not host:
        raise OpaError(f"OPA server {url}: the URL begins with http:// or https:// and a host")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise OpaError(f"OPA server {url}: the URL ends with the port, nothing can come behind it")
    return parts.scheme, host, port or _PORTS[parts.scheme]
