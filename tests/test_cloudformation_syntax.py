"""Text of templates as trees: places, short forms, traps, and what is broken."""

from __future__ import annotations

import pytest

from grantlint.parsers.cloudformation.syntax import MOST_NODES, Template, is_trap, parse
from grantlint.parsers.json_text import Node, Number
from grantlint.source import Problem, Source


def read(text: str | bytes, path: str = "t.yaml") -> Template | Problem:
    return parse(Source(path, text.encode() if isinstance(text, str) else text))


def written(text: str | bytes, path: str = "t.yaml") -> object:
    """A tree in Python's types; numbers as their text."""
    found = read(text, path)
    assert isinstance(found, Template), found
    return plain(found.root)


def plain(node: Node) -> object:
    if node.is_object:
        return {member.key: plain(member.value) for member in node.members}
    if node.elements is not None:
        return [plain(element) for element in node.elements]
    return node.value.text if isinstance(node.value, Number) else node.value


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a: !Ref b", {"a": {"Ref": "b"}}),
        ("a: !GetAtt b.c", {"a": {"Fn::GetAtt": "b.c"}}),
        ("a: !Condition b", {"a": {"Condition": "b"}}),
        ("a: !Sub\n  - x\n  - {}", {"a": {"Fn::Sub": ["x", {}]}}),
        ("a: !Base64\n  Fn::Sub: x", {"a": {"Fn::Base64": {"Fn::Sub": "x"}}}),
        ("a: !Sub |\n  x\n  y\n", {"a": {"Fn::Sub": "x\ny\n"}}),
        ("a: &x {b: c}\nd: *x", {"a": {"b": "c"}, "d": {"b": "c"}}),
        ("a: &x {b: c}\nd: {<<: *x, e: f}", {"a": {"b": "c"}, "d": {"e": "f", "b": "c"}}),
        ("a: &x {b: c}\nd: {<<: *x, b: f}", {"a": {"b": "c"}, "d": {"b": "f"}}),
        ("a: &x !Ref b\nd: *x", {"a": {"Ref": "b"}, "d": {"Ref": "b"}}),
        ("a: yes\nb: 'yes'\nc: ~\nd: 1.5", {"a": True, "b": "yes", "c": None, "d": "1.5"}),
        ("Version: 2012-10-17", {"Version": "2012-10-17"}),
        ("1: a\ntrue: b", {"1": "a", "true": "b"}),
        ("a: !!str 12", {"a": "12"}),
        ("# nothing\n", None),
        ('{"a": [1, "x"]}', {"a": ["1", "x"]}),
        ("{a: !Ref b}", {"a": {"Ref": "b"}}),
    ],
)
def test_what_is_written(text, tree):
    assert written(text) == tree


@pytest.mark.parametrize("text", ["012", "0x1f", "012345678901", "190:20:30", "0b1"])
def test_a_number_that_yaml_may_read_otherwise(text):
    found = read(f"a: {text}")
    assert isinstance(found, Template)
    value = found.root.members[0].value.value
    assert isinstance(value, Number)
    assert is_trap(value)


def test_places_are_those_of_what_is_written():
    found = read("ä: 1\nb:\n  - !Sub 'é${x}'\n  - c: d\n\n# behind\ne: f\n")
    assert isinstance(found, Template)
    second = found.root.members[1]
    sub, mapping = second.value.elements or []
    text = found.source.slice
    assert text(sub.start, sub.end) == "!Sub 'é${x}'"
    inner = sub.members[0].value
    assert text(inner.start, inner.end) == "'é${x}'"
    assert text(mapping.start, mapping.end) == "c: d"
    assert found.source.position(second.start) == (2, 1)


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: [1,\nb: 2", 2, "no YAML"),
        ("a: *x", 1, "the alias *x has no anchor before it"),
        ("a: \t- b\n -c", 1, "no YAML"),
        ("a: \x01", 1, "no YAML"),
        (b"a: \xff", 1, "no UTF-8 text"),
        ("a: " + "[" * 300, 1, "nested deeper than 200"),
    ],
)
def test_what_is_broken_has_a_place(text, line, part):
    found = read(text)
    assert isinstance(found, Problem)
    assert part in found.message
    assert found.span.line == line


def test_broken_json_has_a_place():
    found = read('{"a": 1,\n}', "t.json")
    assert isinstance(found, Problem)
    assert str(found.span) == "t.json:2:1"


@pytest.mark.parametrize("text", ["a: 1\na: 2", '{"a": 1,\n"a": 2}'])
def test_a_key_given_twice_is_told(text):
    found = read(text)
    assert isinstance(found, Template)
    (problem,) = found.problems
    assert problem.message == "the key a is given twice, first in line 1: write it once"
    assert problem.span.line == 2


def test_aliases_of_aliases_do_not_multiply_without_end():
    levels = [f"b{n}: &b{n} [{','.join([f'*b{n - 1}'] * 10)}]" for n in range(1, 12)]
    found = read("\n".join(["b0: &b0 [lol]", *levels]))
    assert isinstance(found, Problem)
    assert found.message == f"aliases make more than {MOST_NODES:,} values of this"
