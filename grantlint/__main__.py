"""The program's start.

`--version` is answered before anything else is imported, because editors and hooks ask it often.
"""

import sys


def main() -> None:
    """Run the program with the arguments of the process, and end the process."""
    if sys.argv[1:] == ["--version"]:
        from grantlint import __version__  # noqa: PLC0415

        sys.stdout.write(f"grantlint {__version__}\n")
        return
    from grantlint.cli.app import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
