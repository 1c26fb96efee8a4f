"""CPU time and memory of programs, as whole processes.

CPU is user + system time, the least of some runs: wall time on a shared machine says little.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
"""What an installed program has: byte code that the first run, or pip, has left."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The least CPU seconds of some runs, and the peak memory in MB."""

    cpu: float
    memory: float


def measure(
    command: Sequence[str],
    runs: int,
    codes: Sequence[int] = (0, 1),
    environment: Mapping[str, str] | None = None,
) -> Measure:
    """Run a program some times without showing its output; `environment` adds to this one."""
    found = []
    for _ in range(runs):
        with subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**_ENVIRONMENT, **(environment or {})},
        ) as process:
            errors = process.stderr.read() if process.stderr else b""
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in codes:
            text = errors.decode(errors="replace")[-2000:]
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}\n{text}")
        found.append((usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    return Measure(min(cpu for cpu, _ in found), max(memory for _, memory in found))


def nowhere(temporary: str, number: int) -> dict[str, str]:
    """An environment in which nothing that a run keeps is found by the next."""
    cache = Path(temporary, f"cache-{number}")
    cache.mkdir()
    return {"XDG_CACHE_HOME": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}


def from_pypi(name: str) -> Path | str:
    """A program in a virtual environment of its own, kept between runs; or why there is none."""
    environment = Path(tempfile.gettempdir(), f"grantlint-bench-{name}")
    program = environment / "bin" / name
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        pip = [str(environment / "bin" / "pip"), "install", "-q", name]
        if subprocess.run(pip, check=False).returncode:
            return f"pip install {name} failed"
    return program


def checkov(target: Path, runs: int) -> Measure | str:
    """Measure checkov over a file or directory; or say why not."""
    program = from_pypi("checkov")
    if isinstance(program, str):
        return program
    command = [str(program), "--quiet", "--compact", "--skip-download", "--framework", "terraform"]
    return measure([*command, "-d" if target.is_dir() else "-f", str(target)], runs)
