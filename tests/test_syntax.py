"""What the reader of HCL promises beyond HashiCorp's own parser."""

from __future__ import annotations

import time
from pathlib import Path

import hcl_trees
import pytest

from grantlint.parsers.terraform import syntax
from grantlint.parsers.terraform import tree as t
from grantlint.parsers.terraform.syntax.collection_nodes import AMBIGUOUS_KEY
from grantlint.source import Source, Span

FIXTURES = Path(__file__).parent.parent / "fixtures"
FILES = sorted(
    path
    for folder in ("syntax", "terraform", "truth/terraform")
    for path in (FIXTURES / folder).rglob("*.tf")
)


def parse(text: str | bytes, name: str = "main.tf") -> t.File:
    return syntax.parse(Source(name, text.encode() if isinstance(text, str) else text))


def read(text: str) -> t.Expression:
    return syntax.parse_expression(Source("console", text.encode()))


def refusal(text: str) -> str | None:
    found = hcl_trees.invalid(read(text))
    return found.reason if found else None


def messages(file: t.File) -> list[str]:
    return [problem.message for problem in file.problems]


# -- places --------------------------------------------------------------------------------


def test_spans_are_bytes_and_columns_are_code_points() -> None:
    file = parse('a = "ключ ${b.c}"\n')
    template = file.body.arguments["a"].expression
    assert isinstance(template, t.Template)
    reference = template.parts[1]
    assert (reference.span.text, reference.span.line, reference.span.column) == ("b.c", 1, 13)


def test_a_reference_has_the_place_of_each_of_its_steps() -> None:
    made = read("a.b[0].c")
    texts = []
    while not isinstance(made, t.Variable):
        assert isinstance(made, t.GetAttr | t.Index)
        texts.append(made.span.text)
        made = made.of
    assert texts == ["a.b[0].c", "a.b[0]", "a.b"]


def test_a_blocks_header_is_its_type_and_labels() -> None:
    (block,) = parse('resource "a" "b" { # c\n}\n').body.blocks
    assert (block.header.text, block.labels) == ('resource "a" "b"', ("a", "b"))


def test_every_node_of_a_json_template_has_the_place_of_its_string() -> None:
    text = '{"locals": {"a": "${b.c} d"}}'
    file = parse(text, "main.tf.json")
    expression = file.body.blocks[0].body.arguments["a"].expression
    assert isinstance(expression, t.Template)
    assert {part.span.text for part in expression.parts} == {'"${b.c} d"'}


# -- what is refused -----------------------------------------------------------------------


def test_a_bare_reference_as_a_key_is_refused_with_terraforms_words() -> None:
    made = read("{ var.a = 1 }")
    assert isinstance(made, t.Object)
    key = made.items[0].key
    assert isinstance(key, t.Invalid)
    assert (key.reason, key.refused, key.span.text) == (AMBIGUOUS_KEY, True, "var.a")


@pytest.mark.parametrize(
    "text",
    [
        "", "a b", "1 +", "a ? b", '"a', '"\\q"', '"\\u12"', '"\\ud800"', '"a\nb"', "a.0.1", "0x1F",
        "a.*.b.*.c", "${a}", "[1 2]", "f(a", "a::b", "{ a = 1 b = 2 }", "{ a = 1,, }", "{ a\n= 1 }",
        "{ for = 1 }", "[for a in b : c => d]", "{for a in b : c}", "[for a inb : c]", '"${}"',
        '"%{ if a }b"', '"%{ endif }"', '"%{ iff a }%{ endif }"', "'a'", "a & b", "a ** b",
    ],
)  # fmt: skip
def test_what_hashicorp_refuses_is_invalid(text: str) -> None:
    assert refusal(text) is not None


def test_a_line_break_ends_an_argument_but_not_in_parentheses() -> None:
    assert list(syntax.refusals(parse("a = b\n  ? c : d\n")))
    assert not list(syntax.refusals(parse("a = (b\n  ? c : d)\n")))


def test_refusals_leave_out_a_modules_providers() -> None:
    assert not list(syntax.refusals(parse('module "a" {\n  providers = { aws.a = aws.b }\n}\n')))


@pytest.mark.parametrize("sign", ["\r", "\f", "\u00a0", "\u2003", "\ufeff"])
def test_blanks_that_hcl_does_not_know_are_refused_in_code_only(sign: str) -> None:
    file = parse(f'a "b" {{\n  c ={sign}1\n}}\n')
    assert file.problems
    assert all(block.broken for block in file.body.blocks)
    assert messages(parse(f"# {sign}\na = 1 /* {sign} */\n")) == []


@pytest.mark.parametrize("text", ["/* a", "a = 1\n/* b\n", "a = b[*].c\n[0]\n"])
def test_what_does_not_end_where_it_should_is_refused(text: str) -> None:
    file = parse(text)
    assert [*file.problems, *syntax.refusals(file)]


def test_bytes_that_are_not_utf8_are_a_problem_with_its_place() -> None:
    (problem,) = parse(b'a = 1\nb = "\xff"\n').problems
    assert (problem.message, problem.span.line) == ("not valid UTF-8", 2)


@pytest.mark.parametrize("name", ["main.tf", "prod.tfvars", "x.tf.json"])
def test_a_file_that_git_crypt_has_locked_is_told(name: str) -> None:
    (problem,) = syntax.parse(Source(name, b"\0GITCRYPT\0abcdef")).problems
    assert "git-crypt" in problem.message


# -- broken files --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", sorted((FIXTURES / "broken").glob("*.tf")), ids=lambda path: path.stem
)
def test_a_broken_fixture_says_what_and_where_and_keeps_the_intact_block(path: Path) -> None:
    text = path.read_text()
    file = parse(text)
    first = file.problems[0]
    assert f"# {first.span.line}: {first.message}" == text.splitlines()[0]
    sound = {block.labels[-1]: block.broken is None for block in file.body.blocks}
    expected = {name: name == "intact" for name in sound}
    assert len(sound) == 2
    assert sound == expected


TWO_GRANTS = (FIXTURES / "syntax" / "two_grants.tf").read_text()
REMOVED = [at for at, sign in enumerate(TWO_GRANTS) if sign in '{}[]()"']


@pytest.mark.parametrize("at", REMOVED)
def test_a_missing_bracket_or_quote_breaks_its_own_grant_only(at: int) -> None:
    whole = parse(TWO_GRANTS)
    file = parse(TWO_GRANTS[:at] + TWO_GRANTS[at + 1 :])
    found = {block.labels: block for block in file.body.blocks}
    for grant in whole.body.blocks:
        if grant.span.start <= at < grant.span.end:
            assert grant.labels not in found or found[grant.labels].broken
        else:
            intact = found[grant.labels]
            assert intact.broken is None
            assert shape(intact) == shape(grant)
    assert file.problems


def shape(block: t.Block) -> object:
    return [
        (argument.name, hcl_trees.expression(argument.expression))
        for argument in block.body.arguments.values()
    ]


# -- hostile input -------------------------------------------------------------------------

HOSTILE = {
    "brackets": "a = " + "[" * 10_000 + "]" * 10_000 + "\n",
    "many brackets": "a = " + "[" * 100_000 + "]" * 100_000 + "\n",
    "open brackets": "a = " + "[" * 10_000 + "\n",
    "braces": "a = " + "{b=" * 10_000 + "1" + "}" * 10_000 + "\n",
    "blocks": "a {\n" * 10_000 + "}\n" * 10_000,
    "open blocks": "a {\n" * 10_000,
    "open resources": 'resource "a" "b" {\n' * 10_000,
    "open strings": 'resource "a" "b" {\n x = "\n' * 10_000,
    "sum": "a = " + "1 + " * 10_000 + "1\n",
    "choices": "a = " + "b ? c : " * 10_000 + "1\n",
    "steps": "a = b" + ".c[0]" * 10_000 + "\n",
    "splats": "a = b" + "[*]" * 10_000 + "\n",
    "calls": "a = " + "f(" * 10_000 + ")" * 10_000 + "\n",
    "templates": "a = " + '"${' * 10_000 + "1" + '}"' * 10_000 + "\n",
    "directives": 'a = "' + "%{ if b }" * 5_000 + "%{ endif }" * 5_000 + '"\n',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_deep_input_is_read_quickly_and_never_overflows(text: str) -> None:
    began = time.process_time()
    file = parse(text)
    for expression in hcl_trees.expressions(file.body):
        hcl_trees.invalid(expression)
    assert time.process_time() - began < 20


def test_what_is_too_deep_is_not_called_refused() -> None:
    found = hcl_trees.invalid(read("[" * 300 + "]" * 300))
    assert found is not None
    assert (found.reason, found.refused) == ("nested deeper than 200", False)


def test_deep_json_is_read() -> None:
    file = parse('{"locals": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}", "a.tf.json")
    (expression,) = hcl_trees.expressions(file.body.blocks[0].body)
    found = hcl_trees.invalid(expression)
    assert found is not None
    assert not found.refused


def test_a_big_file_is_read_block_by_block() -> None:
    block = 'resource "a" "b" {\n  c = [1, 2]\n  d = <<E\nresource "x" "y" {\nE\n}\n\n'
    file = parse(block * 10_000)
    assert (len(file.body.blocks), file.problems) == (10_000, ())
    assert shape(file.body.blocks[9_999]) == shape(file.body.blocks[0])


# -- JSON ----------------------------------------------------------------------------------


def test_json_objects_and_arrays_are_blocks_where_blocks_are_asked_for() -> None:
    text = """{"//": "a comment", "resource": [
      {"aws_kms_key": {"a": {"//": "b", "policy": "${c}", "x": [{"y": 1}, {"y": 2}]}}},
      {"aws_kms_grant": {"b": [{"z": 1}, {"z": 2}]}}
    ], "locals": {"d": "$${e}"}}"""
    file = parse(text, "main.tf.json")
    assert messages(file) == []
    assert [(block.type, block.labels) for block in file.body.blocks] == [
        ("resource", ("aws_kms_key", "a")),
        ("resource", ("aws_kms_grant", "b")),
        ("resource", ("aws_kms_grant", "b")),
        ("locals", ()),
    ]
    key = file.body.blocks[0].body
    assert set(key.arguments) == {"policy", "x"}
    assert len(key.nested("x")) == 2
    assert hcl_trees.expression(key.arguments["policy"].expression) == ["wrap", ["variable", "c"]]


def test_strings_are_literal_in_json_variable_files() -> None:
    file = parse('{"a": "${b}"}', "terraform.tfvars.json")
    assert hcl_trees.expression(file.body.arguments["a"].expression) == ["text", "${b}"]


@pytest.mark.parametrize(
    "text", ["", "{", '{"a":}', '{"a": 1,}', '{"a" 1}', "{} x", "[01]", '"\\x"', "{'a': 1}"]
)
def test_text_that_is_no_json_is_one_problem(text: str) -> None:
    file = parse(text, "main.tf.json")
    assert len(file.problems) == 1
    assert file.body.blocks == ()


def test_template_text_has_one_place() -> None:
    span = Span(Source("a.json", b'"x ${y.z}"'), 0, 10)
    made = syntax.parse_template_text("x ${y.z}", span)
    assert hcl_trees.expression(made) == [
        "template", [["text", "x "], ["attribute", ["variable", "y"], "z"]]
    ]  # fmt: skip
    assert all(part.span == span for part in t.children(made))


# -- a second opinion ----------------------------------------------------------------------


def test_python_hcl2_sees_the_same_blocks_and_arguments() -> None:
    import hcl2
    from lark.exceptions import LarkError

    compared = 0
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        try:
            theirs = hcl2.loads(text)
        except LarkError:
            continue
        compared += 1
        file = parse(text, path.name)
        ours = sorted({block.type for block in file.body.blocks} | set(file.body.arguments))
        assert ours == sorted(key for key in theirs if not key.startswith("__")), path
        counts = {kind: len(theirs[kind]) for kind in ours if kind not in file.body.arguments}
        assert counts == {kind: len(file.body.nested(kind)) for kind in counts}, path
    assert compared > 50
