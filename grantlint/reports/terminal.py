"""Links in a terminal (OSC 8): https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda."""

from __future__ import annotations

import os
from pathlib import Path

from grantlint.reports import Look


def linked(text: str, url: str, look: Look) -> str:
    """The text as a link where the terminal has links; of other URLs than these as it is."""
    if not look.links or not url.startswith(("https://", "http://", "file://")):
        return text
    return f"\x1b]8;;{_quoted(url)}\x1b\\{text}\x1b]8;;\x1b\\"


def file_url(path: str) -> str:
    """The URL of a file of this machine, whose name tells a terminal that shows another one."""
    if path.startswith("<"):
        return ""
    whole = Path(path).absolute().as_posix()
    slash = "" if whole.startswith("/") else "/"
    return f"file://{_host()}{slash}{_quoted(whole, '/:')}"


def _host() -> str:
    """The name of this machine; Windows knows Linux below it by a name of its own."""
    distribution = os.environ.get("WSL_DISTRO_NAME", "")
    if distribution:
        return f"wsl$/{_quoted(distribution)}"
    return _quoted(os.uname().nodename) if hasattr(os, "uname") else ""


def _quoted(text: str, safe: str = "/:?#[]@!$&'()*+,;=%~") -> str:
    from urllib.parse import quote  # noqa: PLC0415  # 5 ms, for terminals with links only

    return quote(text, safe)
