"""What is found in the tree of then, by a process of its own where there are two processors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grantlint.check import judge
from grantlint.config import UsageError
from grantlint.config.configurations import Configurations
from grantlint.extent import Extent
from grantlint.known import Known, known, relative

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from grantlint.against.tree import Tree
    from grantlint.baseline import Baseline
    from grantlint.check import Terms
    from grantlint.finding import Report
    from grantlint.parsers.settings import Options
    from grantlint.rego.users import Policies


@dataclass(frozen=True, slots=True)
class Then:
    """What was found, and which files could not be read."""

    known: tuple[Known, ...] = ()
    unreadable: tuple[str, ...] = ()


def judged(tree: Tree, paths: Sequence[str], options: Options, terms: Terms) -> Then:
    """What is found in a tree by the terms of now; its own suppressions and baseline hold."""
    given = tree.options(options)
    if not paths and not given.inputs:
        return Then()
    before = Path.cwd()
    own = replace(
        terms,
        policies=_policies(terms.policies, before),
        fixes=False,
        configurations=terms.configurations.anew(),
        baseline=_baseline(tree, terms.baseline),
        lenient=True,
    )
    os.chdir(tree.here)
    try:
        report = _report(paths, given, own)
        found = [known(one, tree.top) for one in report.findings]
        found += [known(one.finding, tree.top, accepted=True) for one in report.suppressed]
        unreadable = dict.fromkeys(relative(one.path, tree.top) for one in report.unreadable)
    finally:
        os.chdir(before)
    return Then(tuple(_plain(one) for one in found if one is not None), tuple(unreadable))


def _report(paths: Sequence[str], options: Options, terms: Terms) -> Report:
    """The report of then; of a configuration with mistakes, which may be mended, none is asked."""
    try:
        return judge(paths, options, terms)[0]
    except UsageError:
        return judge(paths, options, replace(terms, configurations=Configurations()))[0]


def _plain(one: Known) -> Known:
    """The same without what another process cannot be sent."""
    extent = one.extent
    plain = Extent(extent.actions, dict(extent.allows), dict(extent.limits), extent.open)
    return replace(one, extent=plain)


def _baseline(tree: Tree, now: Baseline | None) -> Baseline | None:
    """The baseline as it was in the repository; one that cannot be read accepts nothing."""
    from grantlint.baseline.file import read  # noqa: PLC0415  # few have one

    there = tree.there(now.path) if now is not None and tree.has(now.path) else None
    if there is None:
        return None
    with suppress(UsageError):
        return read(str(tree.here / there))
    return None


def _policies(given: Policies | None, start: Path) -> Policies | None:
    """The user's rules, which are those of now, found from another directory."""
    if given is None:
        return None
    server = given.server
    if server is not None:
        files = {
            name: start / path
            for name in ("authorities", "certificate", "key")
            if (path := getattr(server, name)) is not None
        }
        server = replace(server, **files)
    return replace(given, paths=tuple(str(start / path) for path in given.paths), server=server)


# -- at the same time ----------------------------------------------------------------------


@contextmanager
def meanwhile(job: Callable[[], Then]) -> Iterator[Callable[[], Then]]:
    """Begin a job beside this process; what is given waits for what comes of it.

    On one processor, or where a process cannot be split in two, it is done when it is asked for.
    """
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        yield job
        return
    from multiprocessing import get_context  # noqa: PLC0415  # it costs a start that needs none

    context = get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(job, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield lambda: _received(ours)
    finally:
        process.kill()
        process.join()
        ours.close()


def _send(job: Callable[[], Then], into: Connection) -> None:
    try:
        into.send(job())
    except KeyboardInterrupt:
        pass
    except Exception as error:  # noqa: BLE001  # it is raised again where it is waited for
        try:
            into.send(error)
        except Exception:  # noqa: BLE001  # some exceptions cannot be sent
            into.send(RuntimeError(f"{type(error).__name__}: {error}"))


def _received(source: Connection) -> Then:
    try:
        answer = source.recv()
    except EOFError:
        raise RuntimeError("the process that judges what was there before has ended") from None
    if isinstance(answer, Exception):
        raise answer
    assert isinstance(answer, Then)
    return answer
