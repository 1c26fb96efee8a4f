"""The program's start.

`--version` is answered before anything else is imported, because editors and hooks ask it often.
"""

import gc
import sys

_NEW_OBJECTS = 50_000
"""After how many new objects garbage is looked for.

A run is short and leaves little of it; Python's 700 make a sixth of the work on a large template.
"""


def main() -> None:
    """Run the program with the arguments of the process, and end the process."""
    if sys.argv[1:] == ["--version"]:
        from grantlint import __version__  # noqa: PLC0415

        sys.stdout.write(f"grantlint {__version__}\n")
        return
    gc.set_threshold(_NEW_OBJECTS)
    from grantlint.cli.app import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
