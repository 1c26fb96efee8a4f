"""data.aws_iam_policy_document against what the provider rendered for the same blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from blocks import Block, Plain, block, encoded, hole, perhaps, value
from plan_truth import compare

from grantlint.parsers.terraform.policy_document import Rendered, render
from grantlint.value import Truth, Value, string, unknown

TRUTH = Path(__file__).parent.parent / "fixtures/truth/terraform"
ROLE = "arn:aws:iam::123456789012:role/"


def documents(case: str) -> dict[str, str]:
    distilled = json.loads((TRUTH / case / "distilled.json").read_text())
    known: dict[str, str] = distilled["policy_documents"]
    return {**distilled.get("policy_documents_after_apply", {}), **known}


def principals(type_: Plain, *identifiers: Plain) -> tuple[str, Block]:
    return "principals", block(type=type_, identifiers=list(identifiers))


def condition(test: Plain, variable: Plain, *values: Plain) -> tuple[str, Block]:
    return "condition", block(test=test, variable=variable, values=list(values))


def statement(*children: tuple[str, Block], **arguments: Plain) -> tuple[str, Block]:
    return "statement", block(*children, **{"resources": ["*"], **arguments})


def base() -> Rendered:
    root = principals("AWS", "arn:aws:iam::123456789012:root")
    grants = ["kms:CreateGrant", "kms:ListGrants"]
    return render(
        block(
            statement(root, sid="Root", actions=["kms:*"]),
            statement(principals("AWS", "*"), sid="ToBeOverridden", actions=grants),
            statement(principals("*", "*"), actions=["kms:Describe*"]),
            policy_id="base-id",
        )
    )


def other_source() -> Rendered:
    nobody = block(type="AWS", identifiers=[ROLE + "b", ROLE + "a"])
    actions = ["kms:Get*", "kms:List*"]
    deny = statement(("not_principals", nobody), sid="DenyNot", effect="Deny", not_actions=actions)
    return render(block(deny, version="2008-10-17"))


def override() -> Rendered:
    narrow = principals("AWS", ROLE + "narrow")
    limit = condition("Bool", "kms:GrantIsForAWSResource", True)
    return render(
        block(statement(narrow, limit, sid="ToBeOverridden", actions=["kms:CreateGrant"]))
    )


def final_block() -> Block:
    services = statement(
        principals("Service", "ec2.amazonaws.com", "autoscaling.amazonaws.com"),
        principals("AWS", ROLE + "z", ROLE + "y"),
        condition("StringEquals", "aws:SourceAccount", "123456789012"),
        condition("StringEquals", "aws:SourceAccount", "999999999999"),
        condition("StringLike", "kms:EncryptionContext:tenant", "b*", "a*"),
        condition("ForAllValues:StringEquals", "kms:GrantOperations", "Encrypt", "Decrypt"),
        sid="Services",
        actions=["kms:CreateGrant"],
    )
    app = statement(
        principals("AWS", ROLE + "app"),
        condition("StringEquals", "kms:CallerAccount", "123456789012"),
        condition("StringEquals", "kms:ViaService", "ec2.us-east-1.amazonaws.com"),
        sid="UseApp",
        actions=["kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"],
    )
    batch = statement(
        principals("AWS", ROLE + "batch1", ROLE + "batch2"),
        sid="UseBatch",
        actions=["kms:Decrypt", "kms:Encrypt"],
    )
    return block(
        app,
        batch,
        services,
        source_policy_documents=[base().json, other_source().json, ""],
        override_policy_documents=[override().json],
    )


def final() -> Rendered:
    return render(final_block())


@pytest.mark.parametrize("name", ["base", "other_source", "override", "final"])
def test_text_is_the_providers(name: str) -> None:
    made = {"base": base, "other_source": other_source, "override": override, "final": final}
    real = documents("c08_policy_document")[f"data.aws_iam_policy_document.{name}"]
    assert made[name]().json.text == real


def test_minified_text_is_the_same_document() -> None:
    made = final()
    assert made.minified_json.text is not None
    assert made.json.text is not None
    assert made.minified_json.text == json.dumps(json.loads(made.json.text), separators=(",", ":"))


def test_id_is_the_providers_hash() -> None:
    bogus = block(
        statement(principals("Bogus", "x"), actions=["kms:*"]),
        ("statement", block(actions=["kms:NoResources"])),
    )
    assert render(bogus).id.text == "1845208780"


def test_no_statements_leave_only_the_version() -> None:
    assert render(block()).json.text == '{\n  "Version": "2012-10-17"\n}'


def one(*children: tuple[str, Block], **arguments: Plain) -> dict[str, object]:
    text = render(block(statement(*children, **arguments))).json.text
    assert text is not None
    found: dict[str, object] = json.loads(text)["Statement"][0]
    return found


def test_lists_are_reversed_and_distinct() -> None:
    assert one(actions=["kms:A", "kms:C", "kms:A", "kms:B"])["Action"] == [
        "kms:C",
        "kms:B",
        "kms:A",
    ]


def test_a_null_or_empty_list_is_left_out() -> None:
    assert one(actions=None, not_actions=[], sid=None) == {"Effect": "Allow", "Resource": "*"}


def test_several_blocks_of_one_principal_type_are_joined() -> None:
    found = one(principals("AWS", ROLE + "a"), principals("AWS", ROLE + "b"))
    assert sorted(found["Principal"]["AWS"]) == [ROLE + "a", ROLE + "b"]  # type: ignore[index]


def test_everybody_beside_others_is_no_lone_star() -> None:
    found = one(principals("*", "*"), principals("AWS", ROLE + "a"))
    assert found["Principal"] == {"*": "*", "AWS": ROLE + "a"}


def test_everybody_in_aws_stays_so() -> None:
    assert one(principals("AWS", "*"))["Principal"] == {"AWS": "*"}


def test_ampersand_variables_become_policy_variables() -> None:
    found = one(condition("StringLike", "s3:prefix", "home/&{aws:username}"), resources=["a&{b}"])
    assert found["Resource"] == "a${b}"
    assert found["Condition"] == {"StringLike": {"s3:prefix": "home/${aws:username}"}}


def test_html_is_escaped_as_go_does() -> None:
    text = render(block(statement(actions=["<&>"]))).json.text
    assert text is not None
    assert "\\u003c\\u0026\\u003e" in text


def test_later_version_wins() -> None:
    old = render(block(version="2008-10-17"))
    new = render(block(version="2008-10-17", source_policy_documents=[render(block()).json]))
    assert json.loads(old.json.text or "")["Version"] == "2008-10-17"
    assert json.loads(new.json.text or "")["Version"] == "2012-10-17"


# -- source documents --------------------------------------------------------------------------


def sourced(document: Plain) -> dict[str, object]:
    text = render(block(source_policy_documents=[encoded(document)])).json.text
    assert text is not None
    found: dict[str, object] = json.loads(text)
    return found


def test_numbers_in_conditions_of_sources_vanish() -> None:
    tests = {"NumericEquals": {"n": 5}, "Bool": {"b": True}}
    found = sourced({"Statement": [{"Condition": tests}]})
    assert found["Statement"] == [{"Condition": {"Bool": {"b": "true"}}}]


def test_fields_of_sources_are_found_in_any_case() -> None:
    found = sourced({"statement": [{"effect": "Deny", "ACTION": "kms:*", "foo": 1}]})
    assert found["Statement"] == [{"Effect": "Deny", "Action": "kms:*"}]


def test_single_identifiers_of_sources_stay_lists() -> None:
    found = sourced({"Statement": [{"Principal": {"AWS": ["b"], "Service": "s"}}]})
    assert found["Statement"] == [{"Principal": {"AWS": ["b"], "Service": "s"}}]


@pytest.mark.parametrize("statements", [{"Effect": "Allow"}, "x", [{"Sid": 5}], [["x"]]])
def test_statements_that_go_cannot_decode_are_refused(statements: Plain) -> None:
    made = render(block(source_policy_documents=[encoded({"Statement": statements})]))
    assert made.json.failed


# -- what the provider refuses -----------------------------------------------------------------

REFUSED = {
    "effect": block(statement(effect="allow")),
    "version": block(version="foo"),
    "repeated sid": block(statement(sid="A"), statement(sid="A")),
    "repeated sid in sources": block(
        source_policy_documents=[encoded({"Statement": [{"Sid": "A"}, {"Sid": "A"}]})]
    ),
    "variables in the old version": block(statement(resources=["&{x}"]), version="2008-10-17"),
    "null in a list": block(statement(actions=["kms:A", None])),
    "a lone text": block(statement(actions="kms:A")),
    "no type": block(statement(("principals", block(identifiers=["*"])))),
    "no values": block(statement(("condition", block(test="Bool", variable="x")))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    made = render(REFUSED[name])
    assert made.json.failed
    assert made.minified_json.failed


def test_a_failed_argument_fails_the_document() -> None:
    from grantlint.value import failure

    made = render(block(statement(actions=[failure("no such variable")])))
    assert made.json.failed is not None


# -- what is not known -------------------------------------------------------------------------


def tree(made: Rendered) -> Value:
    assert made.json.text is None
    assert made.json.failed is None
    assert made.json.encodes is not None
    return made.json.encodes


def at(found: Value | None, *path: str | int) -> Value:
    for step in path:
        assert found is not None
        found = found.get(step) if isinstance(step, str) else found.elements()[step]
    assert found is not None
    return found


def test_unknown_identifier_leaves_the_statement_standing() -> None:
    made = render(block(statement(principals("AWS", hole(), ROLE + "known"), sid="Role")))
    found = tree(made)
    assert at(found, "Statement", 0, "Sid").text == "Role"
    known, missing = at(found, "Statement", 0, "Principal", "AWS").elements()
    assert known.text == ROLE + "known"
    assert missing.unknown is not None
    assert missing.unknown.reason == "var.x has no value"


def test_unknown_text_begins_and_ends_as_an_object() -> None:
    made = render(block(statement(actions=[hole()])))
    assert made.json.starts_with("{") is Truth.YES
    assert made.json.equals("x") is Truth.NO


def test_unknown_list_may_be_anything() -> None:
    made = render(block(statement(actions=unknown("var.actions has no value"))))
    assert at(tree(made), "Statement", 0, "Action").unknown is not None


def test_alternatives_of_a_list_stay_alternatives() -> None:
    choices = (value(["kms:B", "kms:A"]), value(["kms:C"]))
    made = render(block(statement(actions=unknown("var.prod has no value", choices=choices))))
    action = at(tree(made), "Statement", 0, "Action")
    assert action.unknown is not None
    pair, single = action.unknown.choices
    assert [text.text for text in pair.elements()] == ["kms:B", "kms:A"]
    assert single.text == "kms:C"


def test_a_statement_that_may_not_exist_is_itself_or_null() -> None:
    kind, made = statement(sid="Perhaps", actions=["kms:*"])
    found = at(tree(render(block((kind, perhaps(made))))), "Statement", 0)
    assert found.unknown is not None
    it, nothing = found.unknown.choices
    assert at(it, "Sid").text == "Perhaps"
    assert nothing.is_null


def test_a_condition_that_may_not_exist_is_itself_or_null() -> None:
    kind, made = condition("Bool", "kms:GrantIsForAWSResource", "true")
    found = tree(render(block(statement((kind, perhaps(made))))))
    leaf = at(found, "Statement", 0, "Condition", "Bool", "kms:GrantIsForAWSResource")
    assert leaf.unknown is not None
    assert [choice.raw for choice in leaf.unknown.choices] == ["true", None]


def test_unknown_source_may_hold_any_statement() -> None:
    made = render(block(statement(sid="Own"), source_policy_documents=[hole("var.extra")]))
    other, own = at(tree(made), "Statement").elements()
    assert other.unknown is not None
    assert other.unknown.reason == "var.extra"
    assert at(own, "Sid").text == "Own"


def test_unknown_override_may_replace_what_has_a_sid() -> None:
    named, bare = statement(sid="Own"), statement(effect="Deny")
    made = render(block(named, bare, override_policy_documents=[hole("var.extra")]))
    own, other, extra = at(tree(made), "Statement").elements()
    assert own.unknown is not None
    assert own.unknown.choices[1].is_null
    assert at(other, "Effect").text == "Deny"
    assert extra.unknown is not None


def test_a_source_that_is_one_of_two_gives_statements_that_may_exist() -> None:
    choices = (encoded({"Statement": [{"Sid": "A"}]}), string(""))
    source = unknown("var.prod has no value", choices=choices)
    made = render(block(statement(sid="Own"), source_policy_documents=[source]))
    other, own = at(tree(made), "Statement").elements()
    assert other.unknown is not None
    assert at(other.unknown.choices[0], "Sid").text == "A"
    assert at(own, "Sid").text == "Own"
    assert at(tree(made), "Version").text == "2012-10-17"


def test_a_list_of_sources_that_is_one_of_two_gives_statements_that_may_exist() -> None:
    choices = (value([encoded({"Statement": [{"Sid": "A"}]})]), value([]))
    sources = unknown("var.prod has no value", choices=choices)
    made = render(block(statement(sid="Own"), source_policy_documents=sources))
    other, own = at(tree(made), "Statement").elements()
    assert other.unknown is not None
    assert at(other.unknown.choices[0], "Sid").text == "A"
    assert at(own, "Sid").text == "Own"


def test_a_source_with_an_unknown_leaf_keeps_its_statements() -> None:
    document = {"Statement": [{"Sid": "A", "Principal": {"AWS": hole()}}]}
    made = render(block(source_policy_documents=[encoded(document)]))
    assert at(tree(made), "Statement", 0, "Sid").text == "A"
    assert at(tree(made), "Statement", 0, "Principal", "AWS").unknown is not None


def test_broken_block_is_not_judged() -> None:
    made = render(Block(fault="main.tf:3 does not parse"))
    assert made.json.unknown is not None
    assert made.json.unknown.reason == "main.tf:3 does not parse"
    assert made.json.encodes is None


def test_sensitive_leaf_makes_the_text_sensitive() -> None:
    made = render(block(statement(principals("AWS", string(ROLE + "s").marked()))))
    assert made.json.sensitive
    assert made.json.encodes is not None
    assert not made.json.encodes.sensitive
    assert at(made.json.encodes, "Statement", 0, "Principal", "AWS").sensitive


def blanked(content: Block) -> Iterator[Block]:
    """The block with each argument, element of a list and nested block not known, in turn."""
    for name, written in content.arguments.items():
        members = list(written.elements())
        parts = [
            value([*members[:index], hole(), *members[index + 1 :]])
            for index in range(len(members))
        ]
        for other in (hole(), unknown("no value"), *parts):
            yield Block({**content.arguments, name: other}, content.blocks)
    for type_, children in content.blocks.items():
        for index, child in enumerate(children):
            assert isinstance(child, Block)
            for changed in [perhaps(child), *blanked(child)]:
                nested = (*children[:index], changed, *children[index + 1 :])
                yield Block(content.arguments, {**content.blocks, type_: nested})


def test_what_is_known_with_a_blank_is_true_without_it() -> None:
    real = final().json.text
    assert real is not None
    blanks = list(blanked(final_block()))
    assert len(blanks) > 100
    for content in blanks:
        made = render(content)
        if made.json.failed is None:
            assert compare(made.json, real, "json").contradictions == []
            assert compare(made.minified_json, json.loads(real), "json").contradictions == []
