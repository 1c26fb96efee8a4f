"""Recorded runs of the real Terraform and AWS provider."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from plan_truth import Json

TRUTH = Path(__file__).parent.parent / "fixtures/truth/terraform"


@dataclass(frozen=True)
class Case:
    """A recorded run of Terraform."""

    directory: Path

    @property
    def name(self) -> str:
        return self.directory.relative_to(TRUTH).as_posix()

    def _json(self, name: str) -> dict[str, Json]:
        path = self.directory / name
        found: dict[str, Json] = json.loads(path.read_text()) if path.exists() else {}
        return found

    @property
    def distilled(self) -> dict[str, Json]:
        return self._json("distilled.json")

    @property
    def state(self) -> dict[str, Json]:
        """The attributes of every resource after the apply, by address."""
        values = self._json("state.json").get("values")
        found: dict[str, Json] = {}

        def collect(module: Json) -> None:
            assert isinstance(module, dict)
            for resource in module.get("resources", []):
                found[resource["address"]] = resource["values"]
            for child in module.get("child_modules", []):
                collect(child)

        if isinstance(values, dict):
            collect(values["root_module"])
        return found

    @property
    def state_outputs(self) -> dict[str, Json]:
        values = self._json("state.json").get("values")
        outputs = values.get("outputs", {}) if isinstance(values, dict) else {}
        assert isinstance(outputs, dict)
        return {name: one["value"] for name, one in outputs.items()}

    @property
    def variables(self) -> tuple[tuple[str, str], ...]:
        path = self.directory / "args"
        words = path.read_text().split("\n") if path.exists() else []
        given = [word for word, before in zip(words[1:], words, strict=False) if before == "-var"]
        return tuple((name, text) for name, _, text in (one.partition("=") for one in given))

    @property
    def environment(self) -> dict[str, str]:
        path = self.directory / "env"
        lines = path.read_text().splitlines() if path.exists() else []
        return {name: text for name, _, text in (line.partition("=") for line in lines)}


def cases() -> list[Case]:
    """Every case with a plan."""
    return [Case(path.parent) for path in sorted(TRUTH.rglob("distilled.json"))]
