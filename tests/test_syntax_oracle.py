"""Our reading of HCL is HashiCorp's, expression by expression."""

from __future__ import annotations

import json
import random
from pathlib import Path

import hcl_oracle
import hcl_trees
import pytest
from hcl_expressions import expression as random_expression

from grantlint.parsers.terraform import syntax
from grantlint.source import Source

FIXTURES = Path(__file__).parent.parent / "fixtures"
TRUTH = FIXTURES / "truth" / "terraform"
NATIVE = (".tf", ".tofu", ".tfvars")
FILES = sorted(
    path
    for folder in ("syntax", "terraform", "truth/terraform")
    for path in (FIXTURES / folder).rglob("*")
    if path.suffix in NATIVE
)
# HCL accepts the second; Terraform refuses it, as a resource in a resource
NOT_REFUSED = {"swallowed.tf"}
BROKEN = sorted(path for path in (FIXTURES / "broken").glob("*.tf") if path.name not in NOT_REFUSED)


def read_file(text: str) -> object:
    file = syntax.parse(Source("a.tf", text.encode()))
    assert not file.problems, [(problem.message, problem.span.line) for problem in file.problems]
    return hcl_trees.body(file.body)


def difference(ours: object, theirs: object, path: str = "") -> str | None:
    """Where two trees differ first."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        found = (difference(a, b, f"{path}/{at}") for at, (a, b) in pairs)
        return next((each for each in found if each), None)
    return None if ours == theirs else f"at {path}: {ours!r} is not {theirs!r}"


def differences(texts: list[tuple[str, str]]) -> list[str]:
    """What differs in (name, text) of files."""
    answers = hcl_oracle.ask({"kind": "file", "text": text} for _, text in texts)
    found = []
    for (name, text), answer in zip(texts, answers, strict=True):
        assert "body" in answer, (name, answer)
        if differing := difference(read_file(text), answer["body"]):
            found.append(f"{name} {differing}")
    return found


def test_there_are_files_to_compare() -> None:
    assert len(FILES) > 50
    assert len(BROKEN) > 10


@pytest.mark.parametrize("variant", ["as written", "with CRLF", "with a byte order mark"])
def test_every_fixture_is_read_as_hashicorp_reads_it(variant: str) -> None:
    def vary(text: str) -> str:
        if variant == "with CRLF":
            return text.replace("\n", "\r\n")
        return "\ufeff" + text if variant == "with a byte order mark" else text

    texts = [(str(path), vary(path.read_text(encoding="utf-8"))) for path in FILES]
    assert differences(texts) == []


def test_every_broken_fixture_is_refused_by_hashicorp() -> None:
    answers = hcl_oracle.ask({"kind": "file", "text": path.read_text()} for path in BROKEN)
    accepted = [
        path.name for path, answer in zip(BROKEN, answers, strict=True) if "error" not in answer
    ]
    assert accepted == []


def test_console_expressions_are_read_as_hashicorp_reads_them() -> None:
    answers_file = TRUTH / "console" / "answers.jsonl"
    if not answers_file.exists():
        pytest.skip("fixtures/truth/terraform/console is not there")
    rows = [json.loads(line) for line in answers_file.read_text().splitlines()]
    # a heredoc needs the line break behind its last word, which terraform console adds
    questions = [{"kind": "expression", "text": row["expr"] + "\n"} for row in rows]
    wrong = []
    for question, answer in zip(questions, hcl_oracle.ask(questions), strict=True):
        ours = syntax.parse_expression(Source("console", question["text"].encode()))
        if "error" in answer:
            if hcl_trees.invalid(ours) is None:
                wrong.append(f"{question['text']}: refused there")
        elif differing := difference(hcl_trees.expression(ours), answer["tree"]):
            wrong.append(f"{question['text']} {differing}")
    assert len(rows) > 400
    assert wrong == []


def test_random_expressions_are_read_as_hashicorp_reads_them() -> None:
    chance = random.Random(20261123)
    texts = [f"a = {random_expression(chance, 4)}\n" for _ in range(1500)]
    answers = hcl_oracle.ask({"kind": "file", "text": text} for text in texts)
    accepted = [text for text, answer in zip(texts, answers, strict=True) if "body" in answer]
    assert len(accepted) > 1300
    assert differences([(text, text) for text in accepted]) == []


@pytest.mark.parametrize(
    "text",
    [
        "a\n${~ b ~}\n  c\n",
        "%{ for a in b ~}\n ${a}\n%{ endfor ~}\nend",
        "  %{ if a }\n x %{ else }y\n%{ endif }",
        '{"a": "${b}", "c": "\\n $${d} %%{e}"}',
        "$ % $$ %% $$${a} 100%",
        "${a}",
        "",
        "a\r ${b}",
        "a\r\n${~ b}\r\n",
    ],
)
def test_templates_are_read_as_hashicorp_reads_them(text: str) -> None:
    (answer,) = hcl_oracle.ask([{"kind": "template", "text": text}])
    ours = syntax.parse_template(Source("a.tftpl", text.encode()))
    assert hcl_trees.expression(ours) == answer["tree"]
