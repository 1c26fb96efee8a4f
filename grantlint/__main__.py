"""The program's start.

`--version` is answered before anything else is imported, because editors and hooks ask it often.
"""

import contextlib
import gc
import os
import sys
from typing import NoReturn

_NEW_OBJECTS = 50_000
"""After how many new objects garbage is looked for.

A run is short and leaves little of it; Python's 700 make a sixth of the work on a large template.
"""


def main() -> None:
    """Run the program with the arguments of the process, and end the process."""
    _open_streams()
    if sys.argv[1:] == ["--version"]:
        _show_version()
        return
    gc.set_threshold(_NEW_OBJECTS)
    from grantlint.cli.app import run  # noqa: PLC0415

    _leave(run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """End the process at once: to take everything apart first would be a tenth of a run."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # nobody reads any more, which `run` has told
            stream.flush()
    os._exit(code)


def _open_streams() -> None:
    """Give what was closed before the start (`>&-`) to nobody, under its own number."""
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        streams = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_WRONLY, "w"))
        for name, flags, mode in (*streams, ("stderr", os.O_WRONLY, "w")):
            if getattr(sys, name) is None:
                setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode))


def _show_version() -> None:
    from grantlint import __version__  # noqa: PLC0415

    try:
        sys.stdout.write(f"grantlint {__version__}\n")
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0 if isinstance(error, BrokenPipeError) else 2)


if __name__ == "__main__":
    main()
