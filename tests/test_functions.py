"""Terraform's functions: recorded answers, and what unknown and sensitive arguments do to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
from recorded_answers import agrees, recorded, shown

from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate, evaluate, functions, syntax
from grantlint.parsers.terraform.functions.declaration import TABLE
from grantlint.parsers.terraform.functions.encoding import decode_json
from grantlint.parsers.terraform.functions.template import unfit_template
from grantlint.parsers.terraform.scope import ConsoleScope
from grantlint.source import Source, Span
from grantlint.value import (
    DYNAMIC,
    NUMBER,
    STRING,
    Failure,
    Referent,
    Step,
    Type,
    Unknown,
    Value,
    boolean,
    failure,
    null,
    number,
    object_,
    string,
    tuple_,
    unknown,
)

NAMES = Path(__file__).parent.parent / "fixtures/expressions/function_names.txt"
LIST_OF_STRING = Type("list", STRING)
BOMB = "x0: &x0 [a]\n" + "".join(
    f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 9)}]\n" for level in range(1, 12)
)


@dataclass(frozen=True)
class Files:
    """A project of which one directory is all."""

    root: Path = Path()

    @property
    def directory(self) -> Path:
        return self.root

    @property
    def module_directory(self) -> Path:
        return self.root

    def consult(self, path: Path) -> None:
        assert str(path)

    def render(self, source: Source, variables: Mapping[str, Value]) -> Value:
        raise AssertionError((source, variables))


def call(name: str, *arguments: Value, files: Files = Files()) -> Value:
    return functions.call(name, arguments, files)


def hole(reason: str = "var.x has no value", type: Type = STRING, **known: object) -> Value:
    return unknown(reason, type=type, **known)


def with_holes(*parts: str | Value) -> Value:
    return hole(parts=parts)


def either(*choices: Value) -> Value:
    return hole("var.c has no value", DYNAMIC, choices=choices)


def known(value: Value) -> object:
    assert value.wholly_known(), value
    if isinstance(value.raw, tuple):
        return [known(member) for member in value.elements()]
    if isinstance(value.raw, Mapping):
        return {key: known(member) for key, member in value.items()}
    return value.raw


def choices(value: Value) -> list[object]:
    assert value.unknown is not None
    return [known(choice) for choice in value.unknown.choices]


def pieces(value: Value) -> list[object]:
    assert value.unknown is not None
    return [part if isinstance(part, str) else ... for part in value.unknown.parts]


def reason(value: Value) -> str:
    assert value.unknown is not None
    return value.unknown.reason


# -- as Terraform --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scope(tmp_path_factory: pytest.TempPathFactory) -> ConsoleScope:
    directory = estate.Directory(tmp_path_factory.mktemp("empty"), ".")
    read = estate.Reader().read
    return ConsoleScope(estate.open_root(directory, {}, read, Options(), []), {})


def answer(text: str, scope: ConsoleScope) -> Value:
    node = syntax.parse_argument(Source("<stdin>", text.encode()))
    return evaluate.evaluate(node, scope)


@pytest.mark.parametrize("row", recorded("functions"), ids=lambda row: row["expr"][:60])
def test_an_answer_is_terraforms(row, scope: ConsoleScope) -> None:
    mine = shown(answer(row["expr"], scope))
    assert agrees(mine, row) or ("error" in row and mine.get("value") is ...)


def test_nearly_all_recorded_answers_are_known(scope: ConsoleScope) -> None:
    rows = recorded("functions")
    answers = [answer(row["expr"], scope) for row in rows]
    known_or_named = [each for each in answers if each.failed or each.wholly_known()]
    assert len(known_or_named) / len(rows) > 0.98


def test_every_function_of_terraform_is_there() -> None:
    assert set(functions.FAMILIES) == {*NAMES.read_text().split(), "type", "plantimestamp"}


def test_every_family_declares_the_functions_it_is_said_to_have() -> None:
    for name, family in functions.FAMILIES.items():
        import_module(f"grantlint.parsers.terraform.functions.{family}")
        assert name in TABLE


def test_type_is_for_the_console_only() -> None:
    assert call("type", string("a")).failed
    assert call("plantimestamp").failed is None


# -- failures and unknowns -----------------------------------------------------------------


def test_a_failed_argument_fails_the_call() -> None:
    failed = failure("no such index")
    assert call("upper", failed) == failed
    assert call("merge", object_({}), failed) == failed


def test_a_failure_that_try_cannot_save_wins() -> None:
    static = failure("undeclared", static=True)
    assert call("concat", failure("other"), static) == static
    assert call("try", static, string("a")) == static
    assert call("can", static) == static


def test_an_unknown_argument_gives_an_unknown_of_the_result_type() -> None:
    role = Referent("aws_iam_role", "aws_iam_role.r")
    result = call("split", string(","), hole("known after apply", refers_to=role))
    assert result.type == LIST_OF_STRING
    assert result.unknown == Unknown("known after apply", role)


def test_a_null_is_refused_behind_known_arguments_only() -> None:
    refused = 'Invalid value for "suffix" parameter: argument must not be null.'
    assert reason(call("endswith", string("a"), null())) == refused
    assert call("split", hole(), null()).failed is None


def test_alternatives_go_through_a_function() -> None:
    result = call("upper", either(string("a"), string("b")))
    assert choices(result) == ["A", "B"]
    assert result.type == STRING


def test_alternatives_of_two_arguments_are_combined() -> None:
    first, second = either(tuple_([string("a")]), tuple_([])), either(tuple_([]), tuple_([]))
    assert choices(call("concat", first, second)) == [["a"], []]


def test_of_alternatives_those_stay_that_are_not_refused() -> None:
    result = call("parseint", either(string("1"), string("x")), number(10))
    assert choices(result) == [1]
    assert result.unknown
    assert result.unknown.may_fail


def test_what_may_be_refused_is_not_what_try_gives() -> None:
    doubtful = call("parseint", either(string("1"), string("x")), number(10))
    assert choices(call("try", doubtful, number(5))) == [1, 5]


# -- sensitivity ---------------------------------------------------------------------------


def test_a_sensitive_member_makes_text_of_it_sensitive() -> None:
    secret = tuple_([string("s3cr3t").marked()])
    assert call("join", string(","), secret).sensitive
    assert not call("length", secret).sensitive
    assert call("length", secret.marked()).sensitive


def test_a_sensitive_map_stays_one_when_merged_and_its_neighbours_with_it() -> None:
    merged = call("merge", object_({"a": number(1)}).marked(), object_({"b": number(2)}))
    assert merged.sensitive
    unmarked = call("nonsensitive", merged)
    assert not unmarked.has_sensitive()


def test_an_error_never_shows_a_sensitive_value() -> None:
    for name in ("jsondecode", "timeadd", "cidrhost"):
        arguments = [string("s3cr3t").marked(), string("s3cr3t").marked()]
        result = call(name, *arguments[: 1 if name == "jsondecode" else 2])
        assert "s3cr3t" not in reason(result)


# -- try and can ---------------------------------------------------------------------------


def test_try_takes_the_first_that_does_not_fail() -> None:
    assert call("try", failure("no"), string("a"), string("b")).text == "a"
    assert call("can", failure("no")).raw is False


def test_nothing_behind_an_unknown_is_certain_in_try() -> None:
    assert reason(call("try", hole(), string("a"))) == "var.x has no value"
    assert choices(call("try", hole(), string("a"))) == []


def test_try_keeps_a_partly_known_argument_as_an_alternative() -> None:
    partly = object_({"Action": string("kms:*"), "Principal": hole()})
    result = call("try", partly, null())
    assert result.unknown is not None
    assert result.unknown.choices == (partly, null())


def test_can_of_an_unknown_is_unknown() -> None:
    assert call("can", object_({"a": hole()})).unknown


# -- selection -----------------------------------------------------------------------------


def test_what_is_selected_keeps_its_place() -> None:
    here = Span(Source("main.tf", b"x"), 0, 1)
    step = Step("var.a", here, "variable")
    written = string("a", here).through(step)
    assert call("element", tuple_([written]), number(0)) == written
    assert call("lookup", object_({"k": written}), string("k")) == written
    assert call("coalesce", null(), written) == written
    assert call("merge", object_({"k": written})).get("k") == written
    assert call("concat", tuple_([written]), tuple_([])).elements() == (written,)
    assert call("try", failure("no"), written) == written
    assert call("compact", tuple_([written, string("")])).elements() == (written,)


def test_an_unknown_index_or_key_is_one_of_the_members() -> None:
    members = tuple_([string("a"), string("b")])
    assert choices(call("element", members, hole(type=NUMBER))) == ["a", "b"]
    named = object_({"k": string("a")})
    assert choices(call("lookup", named, hole(), string("d"))) == ["a", "d"]


def test_a_negative_index_of_a_tuple_is_not_certain() -> None:
    assert choices(call("element", tuple_([string("a"), string("b")]), number(-1))) == ["b"]


def test_a_number_beside_an_unknown_may_become_text_in_coalesce() -> None:
    assert choices(call("coalesce", number(1), hole(type=DYNAMIC))) == [1, "1"]
    assert call("coalesce", string("a"), hole(type=DYNAMIC)).text == "a"


def test_coalesce_of_an_unknown_is_unknown() -> None:
    assert call("coalesce", hole(), string("a")).unknown
    assert pieces(call("coalesce", with_holes("arn:", hole()), string("a"))) == ["arn:", ...]


def test_length_counts_unknown_members_except_of_sets() -> None:
    assert call("length", tuple_([hole(), string("x")])).raw == 2
    assert call("length", call("toset", tuple_([hole(), string("x")]))).unknown
    assert call("length", with_holes("a", hole())).unknown


def test_keys_are_known_where_values_are_not() -> None:
    assert known(call("keys", object_({"a": hole()}))) == ["a"]
    assert call("values", object_({"a": hole()})).elements()[0].unknown


def test_contains_finds_a_known_member_among_unknown_ones() -> None:
    members = tuple_([hole(), string("x")])
    assert call("contains", members, string("x")).raw is True
    assert call("contains", members, string("y")).unknown


def test_flatten_keeps_the_alternatives_of_a_member() -> None:
    maybe = either(tuple_([string("b")]), tuple_([]))
    nested = tuple_([tuple_([string("a")]), maybe])
    assert choices(call("flatten", nested)) == [["a", "b"], ["a"]]


def test_compact_of_an_unknown_member_is_unknown() -> None:
    assert call("compact", tuple_([hole(), string("")])).unknown


def test_any_true_decides_in_spite_of_unknowns() -> None:
    doubt = hole(type=Type("bool"))
    assert call("anytrue", tuple_([doubt, boolean(True)])).raw is True
    assert call("anytrue", tuple_([doubt, boolean(False)])).unknown
    assert call("alltrue", tuple_([boolean(False), doubt])).raw is False
    assert call("alltrue", tuple_([doubt, boolean(False)])).unknown


# -- text with holes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "piece", "expected"),
    [
        ("startswith", "arn:", True),
        ("startswith", "arn:aws:iam::1", None),
        ("startswith", "x", False),
        ("startswith", "", True),
        ("endswith", ":root", True),
        ("endswith", "1:root", None),
        ("endswith", "user", False),
        ("strcontains", "iam", True),
        ("strcontains", "sts", None),
    ],
)
def test_the_known_ends_of_a_text_decide(name: str, piece: str, expected: bool | None) -> None:
    text = with_holes("arn:aws:iam::", hole(), ":root")
    result = call(name, text, string(piece))
    assert (None if result.unknown else result.raw) is expected


def test_format_leaves_holes() -> None:
    text = call("format", string("arn:%s:%05d/%q"), with_holes("a", hole()), number(7), hole())
    assert pieces(text) == ["arn:a", ..., ":00007/", ...]


def test_join_leaves_holes() -> None:
    members = tuple_([string("a"), hole(), string("b")])
    assert pieces(call("join", string(","), members)) == ["a,", ..., ",b"]
    assert call("join", string(","), hole(type=LIST_OF_STRING)).unknown == Unknown(
        "var.x has no value"
    )


def test_a_format_that_is_nothing_but_an_unknown_is_that_unknown() -> None:
    role = Referent("aws_iam_role", "aws_iam_role.r")
    result = call("format", string("%s"), hole("known after apply", refers_to=role))
    assert result.unknown == Unknown("known after apply", role)


def test_trimming_keeps_holes_between_known_ends() -> None:
    text = with_holes("  {", hole(), "}\n\n")
    assert pieces(call("trimspace", text)) == ["{", ..., "}"]
    assert pieces(call("chomp", text)) == ["  {", ..., "}"]
    assert pieces(call("trimspace", with_holes(" ", hole(), "}"))) == []


def test_a_formatted_list_leaves_holes_in_its_members() -> None:
    result = call("formatlist", string("role/%s"), tuple_([string("a"), hole()]))
    first, second = result.elements()
    assert first.text == "role/a"
    assert pieces(second) == ["role/", ...]


# -- JSON ----------------------------------------------------------------------------------


def test_encoded_text_has_holes_and_remembers_its_value() -> None:
    policy = object_({"Action": string("kms:*"), "Principal": hole()})
    text = call("jsonencode", policy)
    assert pieces(text) == ['{"Action":"kms:*","Principal":', ..., "}"]
    assert text.encodes == policy
    assert call("startswith", text, string("{")).raw is True


def test_decoding_what_was_encoded_gives_the_members_with_their_places() -> None:
    here = Span(Source("main.tf", b"x"), 0, 1)
    policy = object_({"Action": Value(LIST_OF_STRING, (string("kms:*", here),))})
    decoded = call("jsondecode", call("jsonencode", policy))
    action = decoded.get("Action")
    assert action is not None
    assert action.kind == "tuple"
    assert action.elements()[0].written == here


def test_text_with_holes_is_read_as_json() -> None:
    role = hole("known after apply", refers_to=Referent("aws_iam_role", "aws_iam_role.r"))
    text = with_holes('{"P": "', role, '", "A": "arn:', hole(), ':root", "L": [', hole(), "]}")
    decoded = decode_json(text)
    principal, arn, listed = (decoded.get(key) for key in "PAL")
    assert principal == role
    assert arn is not None
    assert pieces(arn) == ["arn:", ..., ":root"]
    assert listed is not None
    assert listed.elements()[0].type == DYNAMIC


def test_a_hole_that_was_encoded_is_decoded() -> None:
    actions = call("jsonencode", tuple_([string("kms:*"), hole()]))
    decoded = decode_json(with_holes('{"Action": ', actions, "}")).get("Action")
    assert decoded is not None
    assert decoded.elements()[0].text == "kms:*"


def test_an_unknown_key_hides_its_object_and_nothing_else() -> None:
    text = with_holes('{"a": 1, "c": {"', hole(), ':sub": "x"}}')
    decoded = decode_json(text)
    assert known(decoded.get("a") or null()) == 1
    assert (decoded.get("c") or null()).unknown


def test_unknown_fragments_of_a_list_are_one_unknown_member() -> None:
    decoded = decode_json(with_holes('[{"a": 1}, ', hole(), ' {"b": 2}]'))
    assert [member.unknown is None for member in decoded.elements()] == [True, False, True]


def test_what_is_no_json_around_a_hole_is_unknown() -> None:
    assert decode_json(with_holes("{", hole(), "] x")).failed is None
    assert decode_json(string("{bad")).failed


def test_a_value_read_from_a_file_stands_there() -> None:
    source = Source("p.json", '{\n  "é": ["x"]\n}'.encode())
    text = string(source.text, Span(source, 0, len(source.data)))
    member = (decode_json(text).get("é") or null()).elements()[0]
    assert str(member.written) == "p.json:2:9"
    assert member.written is not None
    assert member.written.text == '"x"'


def test_deep_json_is_unknown() -> None:
    assert decode_json(string("[" * 300 + "]" * 300)).failed is None
    assert reason(decode_json(string("[" * 100_000))).startswith("JSON nested deeper")


# -- files ---------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Files:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.txt").write_text("text")
    (tmp_path / "outside.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (root / "loop").symlink_to(root / "loop")
    (root / "self").symlink_to(root)
    (root / "above").symlink_to(tmp_path)
    return Files(root)


def test_a_files_text_is_written_in_the_file(project: Files) -> None:
    text = call("file", string("a.txt"), files=project)
    assert text.text == "text"
    assert text.written is not None
    assert text.written.text == "text"
    assert text.written.path.endswith("/project/a.txt")


@pytest.mark.parametrize(
    "path", ["../outside.txt", "/etc/passwd", "link.txt", "above/outside.txt", "loop", "~/x"]
)
def test_no_file_function_leaves_the_project(project: Files, path: str) -> None:
    for name in ("file", "filebase64", "filemd5", "fileexists"):
        result = call(name, string(path), files=project)
        assert result.unknown is not None
        assert result.failed is None


def test_a_missing_file_is_terraforms_error(project: Files) -> None:
    result = call("file", string("b.txt"), files=project)
    assert reason(result).startswith(
        'Invalid value for "path" parameter: no file exists at "b.txt"'
    )
    assert call("fileexists", string("b.txt"), files=project).raw is False


def test_a_large_file_is_not_read(project: Files) -> None:
    (project.root / "large").write_bytes(b" " * 5_000_001)
    assert reason(call("file", string("large"), files=project)).endswith("larger than 5 MB")


def test_a_set_of_files_ends_in_spite_of_links_and_stays_inside(project: Files) -> None:
    found = call("fileset", string("."), string("**/*.txt"), files=project)
    assert "a.txt" in (known(found) if found.unknown is None else ["a.txt"])
    assert not any("outside" in str(path) for path in known(found))


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[str], dict[str, object]]:
    (tmp_path / "t.tftpl").write_text('{"P": "${arn}", "l": [for x in l]} ${ [for x in l : x][0] }')
    (tmp_path / "r.tftpl").write_text('${templatefile("t.tftpl", {})}')
    (tmp_path / "n.tftpl").write_text("${n}")
    (tmp_path / "main.tf").write_text('variable "u" {}\nvariable "t" { default = "<$${n}>" }')
    asked = estate.console(str(tmp_path), Options())
    return lambda text: json.loads(asked(text))


def test_a_template_needs_all_its_variables(ask) -> None:
    error = ask('templatefile("t.tftpl", {l = [1]})')["error"]
    assert error == (
        'Invalid value for "vars" parameter: vars map does not contain key "arn", '
        "referenced at t.tftpl:1,10-13."
    )


def test_a_template_is_rendered_with_its_variables(ask) -> None:
    assert ask('templatefile("n.tftpl", {n = 5})') == {"value": 5}
    assert ask("templatestring(var.t, {n = 1})") == {"value": "<1>"}
    assert "unknown" in ask('templatefile("n.tftpl", {n = var.u})')


def test_a_template_does_not_render_another(ask) -> None:
    assert "cannot recursively call templatefile" in str(ask('templatefile("r.tftpl", {})'))


@pytest.mark.parametrize(
    ("text", "fits"),
    [("var.t", True), ("local.a[0].b", True), ('"x"', False), ('"${var.t}"', False)],
)
def test_templatestring_wants_a_reference(text: str, fits: bool) -> None:
    node = syntax.parse_expression(Source("e", text.encode()))
    assert (unfit_template(node) is None) is fits


# -- what only a run of Terraform knows, and what would take too long --------------------------


@pytest.mark.parametrize("name", ["timestamp", "uuid", "plantimestamp"])
def test_what_every_run_makes_anew_is_unknown(name: str) -> None:
    result = call(name)
    assert reason(result) == f"{name}() is only known when terraform runs"
    assert result.failed is None


def test_a_pattern_that_backtracks_ends() -> None:
    text = string("a" * 3_000 + "!")
    assert call("regex", string("^(a+)+$"), text).failed
    assert known(call("replace", text, string("/(a*)*b/"), string(""))) == text.text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("format", (string("%999999999d"), number(1))),
        ("indent", (number(2**40), string("a\nb"))),
        ("pow", (number(10), number(400))),
        ("regex", (string("(((a{1000}){1000}){1000})"), string("a"))),
        ("yamldecode", (string(BOMB),)),
        ("length", (string("क्षि"),)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_too_large_or_hard_is_unknown(name: str, arguments: tuple[Value, ...]) -> None:
    result = call(name, *arguments)
    assert result.unknown is not None
    assert result.unknown.failure is Failure.NONE
