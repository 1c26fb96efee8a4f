"""Functions on files and paths.

Only regular files below the project's root are read, and none over 5 MB. Relative paths start at
the root module's directory, as in Terraform when it is run there.
https://github.com/hashicorp/terraform/blob/v1.11.4/internal/lang/funcs/filesystem.go
"""

from __future__ import annotations

import base64
import os
import posixpath
import stat
from collections.abc import Callable
from pathlib import Path

from grantlint.parsers.holes import UnknowableError, normalized
from grantlint.parsers.terraform.convert import make_set
from grantlint.parsers.terraform.functions.context import Context
from grantlint.parsers.terraform.functions.declaration import (
    FunctionError,
    Parameter,
    function,
    plain,
)
from grantlint.parsers.terraform.functions.globs import MalformedError, glob
from grantlint.parsers.terraform.functions.hashing import digest
from grantlint.parsers.terraform.functions.quoting import quoted
from grantlint.source import Source, Span
from grantlint.value import BOOL, STRING, Type, Value, boolean, string

MOST_BYTES = 5_000_000
_PATH = Parameter("path", STRING)
_MARKED_PATH = Parameter("path", STRING, marks=True)


# -- paths as text -------------------------------------------------------------------------


@plain(_PATH, returns=STRING)
def basename(path: str) -> str:
    """Go's filepath.Base."""
    if not path:
        return "."
    bare = path.rstrip("/")
    return bare.rpartition("/")[2] if bare else "/"


@plain(_PATH, returns=STRING)
def dirname(path: str) -> str:
    """Go's filepath.Dir."""
    return clean(path[: path.rfind("/") + 1])


def clean(path: str) -> str:
    """Go's filepath.Clean."""
    found = posixpath.normpath(path) if path else "."
    return found[1:] if found.startswith("//") else found


@plain(_PATH, returns=STRING)
def abspath(_: str) -> str:
    """Where the project lies is not part of it."""
    raise UnknowableError("abspath() depends on the directory in which terraform runs")


@plain(_PATH, returns=STRING)
def pathexpand(path: str) -> str:
    """Only `~` needs the machine."""
    if path.startswith("~"):
        raise UnknowableError("the home directory is only known where terraform runs")
    return path


# -- reading -------------------------------------------------------------------------------


def read(context: Context, path: Value) -> Source:
    """The file at a known path."""
    given = path.text or ""
    found = located(context, given)
    shown = "(sensitive value)" if path.sensitive else quoted(given)
    try:
        status = found.stat()
        if stat.S_ISDIR(status.st_mode):
            raise FunctionError(f"failed to read file: read {clean(given)}: is a directory", 0)
        if not stat.S_ISREG(status.st_mode):
            raise UnknowableError(f"{shown} is not a regular file")
        if status.st_size > MOST_BYTES:
            raise UnknowableError(f"the file {shown} is larger than 5 MB")
        return Source(_display(context, given), found.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise FunctionError(
            f"no file exists at {shown}; this function works only with files that are "
            "distributed as part of the configuration source code, so if this file will be "
            "created by a resource in this configuration you must instead obtain this result "
            "from an attribute of that resource",
            0,
        ) from None
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        raise UnknowableError(f"the file {shown} cannot be read: {reason}") from None


def located(context: Context, path: str) -> Path:
    """Where a path leads, which must be below the project's root."""
    if path.startswith("~"):
        raise UnknowableError("the home directory is only known where terraform runs")
    if "\0" in path:
        raise FunctionError(f"open {path}: invalid argument", 0)
    lexical = clean(os.fspath(context.directory / path))
    context.consult(Path(lexical))
    try:
        found = Path(lexical).resolve()
        inside = found.is_relative_to(context.root.resolve())
    except (OSError, RuntimeError):
        raise UnknowableError(f"the path {quoted(path)} cannot be followed") from None
    if not inside:
        raise UnknowableError(f"the path {quoted(path)} leaves the project")
    return found


def _display(context: Context, path: str) -> str:
    return clean((context.directory / path).as_posix())


@function(_MARKED_PATH, returns=STRING, context=True)
def file(context: Context, path: Value) -> Value:
    """The text, which stands in that file: a policy in it is found there."""
    return text_of_file(read(context, path), path)


def text_of_file(source: Source, path: Value) -> Value:
    """A file's text, written there."""
    try:
        text = normalized(source.data.decode())
    except UnicodeDecodeError:
        shown = "(sensitive value)" if path.sensitive else quoted(path.text or "")
        raise FunctionError(
            f"contents of {shown} are not valid UTF-8; use the filebase64 function to obtain the "
            "Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to "
            "obtain file hashing results instead"
        ) from None
    return string(text, Span(source, 0, len(source.data))).marked(path.sensitive)


@function(_MARKED_PATH, returns=STRING, context=True)
def filebase64(context: Context, path: Value) -> Value:
    """The bytes in Base64."""
    data = read(context, path).data
    return string(base64.b64encode(data).decode()).marked(path.sensitive)


def _file_digester(name: str) -> Callable[[Context, Value], Value]:
    def body(context: Context, path: Value) -> Value:
        found, shown = located(context, path.text or ""), clean(path.text or "")
        if not found.exists():
            raise FunctionError(f"open {shown}: no such file or directory")
        if found.is_dir():
            raise FunctionError(f"read {shown}: is a directory")
        return string(digest(name, read(context, path).data))

    return body


for _name, _digest in {
    "filemd5": "md5",
    "filesha1": "sha1",
    "filesha256": "sha256",
    "filesha512": "sha512",
    "filebase64sha256": "base64sha256",
    "filebase64sha512": "base64sha512",
}.items():
    function(_PATH, returns=STRING, context=True, name=_name)(_file_digester(_digest))


# -- looking -------------------------------------------------------------------------------


@function(_MARKED_PATH, returns=BOOL, context=True)
def fileexists(context: Context, path: Value) -> Value:
    """Whether a regular file is there."""
    shown = "(sensitive value)" if path.sensitive else quoted(clean(path.text or ""))
    try:
        mode = located(context, path.text or "").stat().st_mode
    except FileNotFoundError:
        return boolean(False).marked(path.sensitive)
    except OSError:
        raise FunctionError(f"failed to stat {shown}") from None
    if stat.S_ISREG(mode):
        return boolean(True).marked(path.sensitive)
    kinds = {
        stat.S_IFDIR: "a directory, not a file",
        stat.S_IFCHR: "a device node, not a regular file",
        stat.S_IFBLK: "a device node, not a regular file",
        stat.S_IFIFO: "a named pipe, not a regular file",
        stat.S_IFSOCK: "a unix domain socket, not a regular file",
    }
    raise FunctionError(f"{shown} is {kinds.get(stat.S_IFMT(mode), 'not a regular file')}")


@function(
    _MARKED_PATH,
    Parameter("pattern", STRING, marks=True),
    returns=Type("set", STRING),
    context=True,
)
def fileset(context: Context, path: Value, pattern: Value) -> Value:
    """The files below a directory that a pattern matches."""
    start = located(context, path.text or "")
    joined = clean(f"{start.as_posix()}/{pattern.text or ''}")
    if not Path(joined).is_relative_to(context.root.resolve()):
        raise UnknowableError(f"the pattern {quoted(pattern.text or '')} leaves the project")
    found = []
    try:
        matches = glob(joined, context.root.resolve())
    except MalformedError:
        shown = quoted(clean(f"{path.text}/{pattern.text}"))
        text = f"failed to glob pattern {shown}: syntax error in pattern"
        raise FunctionError(text) from None
    for match in matches:
        relative = posixpath.relpath(match, start.as_posix())
        found.append(string(normalized(relative)))
    return make_set(found, STRING).marked(path.sensitive or pattern.sensitive)
