"""What a git repository has of another time.

A repository is not trusted: its configuration can name programs. Only plumbing is used that runs
none of them (no hooks, filters, textconv, external diffs, pagers, file monitors), reads neither the
work tree's files nor any GIT_ variable, writes nothing to the repository, and asks no server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO, Final

from grantlint.git import top

SECONDS: Final = 120
"""How long git may take for one answer."""

_CHUNK: Final = 1 << 20
_SAFE: Final = (
    *("--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never", "-c", "submodule.recurse=false", "-c", "core.quotePath=false"),
)
_SILENT: Final = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class GitError(Exception):
    """Why git does not answer; the text says how to mend it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree has at a path: a regular file, a link (`mode` 120000) or a submodule (160000)."""

    mode: str
    id: str
    path: str

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link; its text is where it leads."""
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        """Whether it is a commit of another repository."""
        return self.mode == "160000"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository by its top directory."""

    top: Path

    def commit(self, ref: str) -> str:
        """The id of the commit that a name stands for."""
        if ref.startswith("-") or not ref.strip() or "\0" in ref:
            raise GitError(f"{ref}: it is no name of a commit")
        found = self._answer(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
        )
        if found is None:
            raise GitError(f"{ref}: there is no such commit here; {self._fetched(ref)}")
        return found

    def base(self, ref: str) -> str:
        """The commit from which HEAD and a name have gone different ways."""
        commit = self.commit(ref)
        head = self._answer("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if head is None:
            raise GitError(f"{ref}: HEAD is no commit yet, so that there is nothing to compare")
        found = self._answer("merge-base", commit, head)
        if found is not None:
            return found
        if self._answer("rev-parse", "--is-shallow-repository") == "true":
            raise GitError(
                f"{ref}: where it and HEAD have parted is not in this shallow clone; fetch more "
                "with `git fetch --unshallow`, or with fetch-depth: 0 in CI"
            )
        raise GitError(f"{ref}: it and HEAD have no commit in common")

    def _fetched(self, ref: str) -> str:
        remote, _, branch = ref.partition("/")
        if branch and remote in self._run("remote").decode("utf-8", "replace").split():
            return f"`git fetch --depth=100 {remote} {branch}:refs/remotes/{ref}` gets it"
        return "`git fetch --depth=100 origin main:refs/remotes/origin/main` gets a branch"

    def has(self, commit: str) -> bool:
        """Whether a commit is here, given its id."""
        return self._answer("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}") is not None

    def entries(self, commit: str) -> Iterator[Entry]:
        """Everything in the tree of a commit, given its id."""
        listed = self._run("ls-tree", "-r", "-z", "--full-tree", commit)
        for line in listed.split(b"\0"):
            about, _, path = line.partition(b"\t")
            if path:
                mode, _, id = about.decode("ascii").split(" ")
                yield Entry(mode, id, os.fsdecode(path))

    def texts(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        """The texts of files and links, in parts, as they are stored; each is to be read whole."""
        with tempfile.TemporaryFile() as asked:
            asked.writelines(f"{entry.id}\n".encode("ascii") for entry in entries)
            asked.seek(0)
            process = self._started("cat-file", "--batch", stdin=asked)
            timer = Timer(SECONDS, process.kill)
            timer.start()
            try:
                assert process.stdout is not None
                for entry in entries:
                    header = process.stdout.readline().split(b" ")
                    if len(header) != 3:
                        partial = header[-1:] == [b"missing\n"] or self._is_partial()
                        raise GitError(_absent(entry) if partial else _ENDED)
                    yield entry, _parts(process.stdout, int(header[2]))
            finally:
                timer.cancel()
                process.kill()
                process.communicate()

    def _is_partial(self) -> bool:
        return self._answer("config", "--get-regexp", r"^remote\..*\.promisor$") is not None

    def renames(self, commit: str, patterns: Iterable[str]) -> dict[str, str]:
        """Files that have another name now, new → old: in HEAD, or in what is staged."""
        found = self._run(
            *("diff-index", "--cached", "-M", "-l1000", "--name-status", "-z", "--no-ext-diff"),
            *("--no-textconv", "--ignore-submodules=all", "--diff-filter=R", commit, "--"),
            *patterns,
        )
        parts = [os.fsdecode(part) for part in found.split(b"\0")]
        return dict(zip(parts[2::3], parts[1::3], strict=False))

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Of paths from the top, those that are not in the repository because git ignores them."""
        if not paths:
            return frozenset()
        given = b"".join(os.fsencode(path) + b"\0" for path in paths)
        found = self._finished(("check-ignore", "-z", "--stdin"), given).stdout
        return frozenset(os.fsdecode(path) for path in found.split(b"\0") if path)

    def exclude(self) -> Path:
        """Where the repository's own patterns are of what it ignores."""
        return self.top / (self._answer("rev-parse", "--git-path", "info/exclude") or "")

    # -- the program -----------------------------------------------------------------------

    def _answer(self, *arguments: str) -> str | None:
        """One line that git answers; None where it has none."""
        done = self._finished(arguments)
        if done.returncode == 128 or (done.returncode and b"fatal:" in done.stderr):
            self._refuse_if_foreign(done.stderr)
        text = done.stdout.decode("utf-8", "replace").strip()
        return text if done.returncode == 0 and text else None

    def _run(self, *arguments: str) -> bytes:
        done = self._finished(arguments)
        if done.returncode:
            self._refuse_if_foreign(done.stderr)
            said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            raise GitError(f"git {arguments[0]}: {said or 'it failed'}")
        return done.stdout

    def _refuse_if_foreign(self, said: bytes) -> None:
        if b"dubious ownership" in said:
            raise GitError(
                f"{self.top}: git refuses a repository of another user; "
                f"`git config --global --add safe.directory {self.top}` allows it"
            )
        if b"not a git repository" in said:
            raise GitError(f"{self.top}: it is no git repository")

    def _finished(
        self, arguments: Sequence[str], given: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603  # git, found on PATH, without a shell
                [*self._command(), *arguments],
                input=given,
                capture_output=True,
                env=_environment(),
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]}: no answer within {SECONDS} seconds") from None
        except OSError as error:
            raise GitError(f"git: it cannot be run: {(error.strerror or '').lower()}") from None

    def _started(self, *arguments: str, stdin: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603
                [*self._command(), *arguments],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        except OSError as error:
            raise GitError(f"git: it cannot be run: {(error.strerror or '').lower()}") from None

    def _command(self) -> list[str]:
        program = shutil.which("git")
        if program is None:
            raise GitError("git: there is no such program on PATH; install it to compare with it")
        return [program, "-C", str(self.top), *_SAFE]


def repository(directory: Path) -> Repository:
    """The repository that a directory is in."""
    found = top(directory)
    if found is None:
        raise GitError(f"{directory}: it is in no git repository")
    return Repository(found)


_ENDED: Final = f"git cat-file: it ended too early, or took over {SECONDS} seconds"


def _absent(entry: Entry) -> str:
    return (
        f"{entry.path}: the clone is partial and does not have it as it was; "
        "`git fetch --refetch --no-filter` gets everything"
    )


def _parts(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        part = stream.read(min(size, _CHUNK))
        if not part:
            raise GitError(_ENDED)
        size -= len(part)
        yield part
    stream.read(1)


def _environment() -> dict[str, str]:
    """The user's own variables without git's, which a hook would set, and with ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **_SILENT}
