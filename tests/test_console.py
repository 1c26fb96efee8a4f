"""The evaluator against Terraform's own console: every recorded expression, known and equal."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate

FIXTURES = Path(__file__).parent.parent / "fixtures"
RECORDED = FIXTURES / "truth/terraform/console"
ROWS = [json.loads(line) for line in (RECORDED / "answers.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def ask() -> Callable[[str], dict[str, object]]:
    answer = estate.console(str(RECORDED), Options())

    def asked(expression: str) -> dict[str, object]:
        line = answer(json.dumps({"expr": expression}))
        return json.loads(line, parse_float=Decimal)

    return asked


def name(row: dict[str, str]) -> str:
    return row["expr"].replace("\n", "⏎")[:60]


REFUSED = [row for row in ROWS if "error" in row]
KNOWN = [row for row in ROWS if "json" in row]
RAW = [row for row in ROWS if "raw" in row]


@pytest.mark.parametrize("row", KNOWN, ids=name)
def test_a_known_answer_is_terraforms(row, ask) -> None:
    answer = ask(row["expr"])
    if "value" in answer:
        assert answer["value"] == json.loads(row["json"], parse_float=Decimal)
    else:
        assert "unknown" in answer, "what Terraform computes is not refused"


@pytest.mark.parametrize("row", KNOWN, ids=name)
def test_jsonencode_gives_terraforms_text(row, ask) -> None:
    answer = ask(f"jsonencode({row['expr']}\n)")
    assert answer.get("value", row["json"]) == row["json"]


@pytest.mark.parametrize("row", REFUSED, ids=name)
def test_what_terraform_refuses_has_no_value(row, ask) -> None:
    assert "value" not in ask(row["expr"])


@pytest.mark.parametrize("row", RAW, ids=name)
def test_a_sensitive_or_unknown_answer_has_no_value(row, ask) -> None:
    answer = ask(row["expr"])
    assert "value" not in answer
    if "(sensitive value)" in row["raw"]:
        assert answer == {"sensitive": True}


def test_nearly_every_recorded_answer_is_known(ask, capsys) -> None:
    known = [row for row in KNOWN if "value" in ask(row["expr"])]
    refused = [row for row in REFUSED if "error" in ask(row["expr"])]
    share = len(known) / len(KNOWN)
    with capsys.disabled():
        print(
            f"\nconsole: {len(known)} of {len(KNOWN)} answers known and equal ({share:.1%}), "
            f"{len(refused)} of {len(REFUSED)} errors named"
        )
    assert share >= 0.97
