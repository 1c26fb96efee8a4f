"""From a change of a key or grant to the text: every operation in every notation."""

import shutil
import subprocess
from pathlib import Path

import pytest

from grantlint.fix import Change, edited
from grantlint.parsers.settings import Options
from grantlint.parsers.terraform import estate
from grantlint.parsers.terraform.edit import Editor, Wanted

GRANT = "aws_kms_grant.g"
KEY = "aws_kms_key.k"
OWN = {"$own": "account"}


def inventory(directory):
    found = estate.read([str(directory)], Options())
    assert not found.unreadable
    return found.inventory


def wanted(inventory, address, at, op, value=None, by="a-rule"):
    objects = (*inventory.keys, *inventory.grants)
    judged = next(one for one in objects if one.address == address)
    return Wanted(judged, Change(tuple(at), op, value), by)


def changed(directory, text, address, at, op, value=None, name="main.tf"):
    """The text after a change; None where there is none."""
    path = directory / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = inventory(directory)
    (made,) = Editor(found, [str(directory)]).edits([wanted(found, address, at, op, value)])
    if made is None:
        return None
    source = made.edits[0].span.source
    Path(source.path).write_bytes(edited(source, made.edits))
    inventory(directory)
    return path.read_bytes() if isinstance(text, bytes) else path.read_text("utf-8")


def is_formatted(text, directory):
    path = directory / "formatted.tf"
    path.write_text(text, "utf-8")
    command = ["terraform", "fmt", "-check", path.name]
    done = subprocess.run(command, cwd=directory, capture_output=True, check=False)
    path.unlink()
    return done.returncode == 0


def grant(lines):
    return (
        'resource "aws_kms_grant" "g" {\n'
        '  key_id            = "arn:aws:kms:eu-west-1:111122223333:key/1"\n'
        '  grantee_principal = "arn:aws:iam::111122223333:role/app"\n' + lines + "}\n"
    )


INLINE = '  operations        = ["Decrypt", "CreateGrant"]\n'
LONG = """\
  operations = [
    # reads
    "Decrypt", # the data
    "CreateGrant", // hands it on
    "DescribeKey"  /* always */
  ]
"""
TWO_ROWS = """\
  operations = [
    "Encrypt", "Decrypt",
    "DescribeKey", "CreateGrant",
  ]
"""
CONSTRAINTS = """
  constraints {
    encryption_context_equals = {
      Department = "Orders" # ours
      Stage      = "Final"
    }
  }
"""

GRANTS = {
    "an element of a line, the last": (
        INLINE,
        (["operations", 0], "remove"),
        '  operations        = ["Decrypt"]\n',
    ),
    "an element of a line, the first": (
        INLINE,
        (["operations_written", 0], "remove"),
        '  operations        = ["CreateGrant"]\n',
    ),
    "one in the middle": (
        '  operations        = ["Decrypt", "CreateGrant", "Encrypt"]\n',
        (["operations_written", 1], "remove"),
        '  operations        = ["Decrypt", "Encrypt"]\n',
    ),
    "an inline list with blanks and a trailing comma": (
        '  operations        = [ "Decrypt", "CreateGrant", ]\n',
        (["operations_written", 1], "remove"),
        '  operations        = [ "Decrypt", ]\n',
    ),
    "a line of its own leaves its comment": (
        LONG,
        (["operations_written", 1], "remove"),
        LONG.replace('"CreateGrant", ', ""),
    ),
    "the first of the lines": (
        LONG,
        (["operations_written", 0], "remove"),
        LONG.replace('"Decrypt", ', ""),
    ),
    "the last takes the comma before it along": (
        LONG.replace("  /* always */", ""),
        (["operations_written", 2], "remove"),
        LONG.replace('    "DescribeKey"  /* always */\n', "").replace(
            '"CreateGrant", //', '"CreateGrant" //'
        ),
    ),
    "several in a line": (
        TWO_ROWS,
        (["operations_written", 3], "remove"),
        TWO_ROWS.replace(' "CreateGrant",', ""),
    ),
    "the first of several in a line": (
        TWO_ROWS,
        (["operations_written", 2], "remove"),
        TWO_ROWS.replace('"DescribeKey", ', ""),
    ),
    "every one of a set": (
        '  operations        = ["CreateGrant", "Decrypt", "CreateGrant"]\n',
        (["operations", 0], "remove"),
        '  operations        = ["Decrypt"]\n',
    ),
    "another text": (
        LONG,
        (["operations_written", 1], "set", "Encrypt"),
        LONG.replace("CreateGrant", "Encrypt"),
    ),
    "two texts for one in a line": (
        INLINE,
        (["operations_written", 1], "set", ["ReEncryptFrom", "ReEncryptTo"]),
        INLINE.replace('"CreateGrant"', '"ReEncryptFrom", "ReEncryptTo"'),
    ),
    "two texts for one in lines": (
        LONG,
        (["operations_written", 1], "set", ["ReEncryptFrom", "ReEncryptTo"]),
        LONG.replace('"CreateGrant",', '"ReEncryptFrom",\n    "ReEncryptTo",'),
    ),
    "one more in a line": (
        INLINE,
        (["operations"], "add", ["Encrypt"]),
        INLINE.replace("]", ', "Encrypt"]'),
    ),
    "one more in lines without a last comma": (
        LONG,
        (["operations"], "add", "Encrypt"),
        LONG.replace("/* always */", '/* always */\n    "Encrypt"').replace(
            '"DescribeKey"', '"DescribeKey",'
        ),
    ),
    "one more in lines with a last comma": (
        TWO_ROWS,
        (["operations"], "add", "Sign"),
        TWO_ROWS.replace('"CreateGrant",', '"CreateGrant",\n    "Sign",'),
    ),
    "a whole list": (
        INLINE,
        (["operations"], "set", ["Encrypt"]),
        '  operations        = ["Encrypt"]\n',
    ),
    "an argument goes": (
        INLINE + "  retire_on_delete  = true\n",
        (["retire_on_delete"], "remove"),
        INLINE,
    ),
    "an argument goes, its comment stays": (
        INLINE + "\n  # when it ends\n  retire_on_delete = true # at once\n",
        (["retire_on_delete"], "remove"),
        INLINE + "\n  # when it ends\n  # at once\n",
    ),
    "an argument goes with the blank line above": (
        INLINE + "\n  retire_on_delete = true\n",
        (["retire_on_delete"], "remove"),
        INLINE,
    ),
    "the longest argument goes, and the columns follow": (
        INLINE + "\n  name                  = null\n  grant_creation_tokens = []\n",
        (["grant_creation_tokens"], "remove"),
        INLINE + "\n  name = null\n",
    ),
    "an argument gets another value": (
        INLINE + "  retire_on_delete  = true # now\n",
        (["retire_on_delete"], "set", False),
        INLINE + "  retire_on_delete  = false # now\n",
    ),
    "an argument comes, and the columns follow": (
        INLINE,
        (["retiring_principal"], "set", "arn:aws:iam::111122223333:role/deploy"),
        INLINE.replace("operations        =", "operations         =")
        + '  retiring_principal = "arn:aws:iam::111122223333:role/deploy"\n',
    ),
    "an argument comes before the blocks": (
        INLINE + CONSTRAINTS,
        (["name"], "set", 'a "${b}" \\ c'),
        INLINE + '  name              = "a \\"$${b}\\" \\\\ c"\n' + CONSTRAINTS,
    ),
    "the constraints go": (INLINE + CONSTRAINTS, (["constraints"], "remove"), INLINE),
    "the only constraint goes with its block": (
        INLINE + CONSTRAINTS,
        (["constraints", "encryption_context_equals"], "remove"),
        INLINE,
    ),
    "a constraint comes": (
        INLINE,
        (["constraints"], "add", {"encryption_context_subset": {"aws:x": "1", "y": "2"}}),
        INLINE
        + '\n  constraints {\n    encryption_context_subset = { "aws:x" = "1", y = "2" }\n  }\n',
    ),
    "a pair goes, its comment stays": (
        INLINE + CONSTRAINTS,
        (["constraints", "encryption_context_equals", "Department"], "remove"),
        INLINE
        + CONSTRAINTS.replace('Department = "Orders" # ours', "# ours").replace(
            "Stage      =", "Stage ="
        ),
    ),
    "a pair gets another value": (
        INLINE + CONSTRAINTS,
        (["constraints", "encryption_context_equals", "Stage"], "set", "First"),
        INLINE + CONSTRAINTS.replace("Final", "First"),
    ),
    "a pair comes": (
        INLINE + CONSTRAINTS,
        (["constraints", "encryption_context_equals"], "add", {"No": "1"}),
        INLINE + CONSTRAINTS.replace('"Final"', '"Final"\n      No         = "1"'),
    ),
}


@pytest.mark.parametrize("case", GRANTS)
def test_a_grant_is_changed(case, tmp_path):
    before, change, after = GRANTS[case]
    made = changed(tmp_path, grant(before), GRANT, *change)
    assert made is not None
    head = len(grant("")) - 2
    expected = grant(after)
    if "retiring_principal" in after:
        expected = expected.replace("key_id            =", "key_id             =")
        expected = expected.replace("grantee_principal =", "grantee_principal  =")
    assert made[head:] == expected[head:]
    assert made == expected
    if shutil.which("terraform") and is_formatted(grant(before), tmp_path):
        assert is_formatted(made, tmp_path)


@pytest.mark.parametrize("case", GRANTS)
def test_line_ends_and_the_byte_order_mark_stay(case, tmp_path):
    before, change, _ = GRANTS[case]
    plain = changed(tmp_path, grant(before), GRANT, *change)
    windows = b"\xef\xbb\xbf" + grant(before).encode().replace(b"\n", b"\r\n")
    made = changed(tmp_path, windows, GRANT, *change)
    assert made == b"\xef\xbb\xbf" + plain.encode().replace(b"\n", b"\r\n")


# -- key policies --------------------------------------------------------------------------

ENCODED = """\
resource "aws_kms_key" "k" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid    = "Use" # a name
        Effect = "Allow"
        Principal = {
          AWS     = ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"]
          Service = "sns.amazonaws.com"
        }
        Action = [
          "kms:Decrypt",
          "kms:CreateGrant", # pass it on
        ]
        Resource = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalOrgID" = "o-1"
            "kms:ViaService"     = ["s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"]
          }
        }
      },
    ]
  })
}
"""
HEREDOC = """\
resource "aws_kms_key" "k" {
  description = "x"
  policy      = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "${var.root}"}, "Action": "kms:*"},
        {
          "Sid": "Use",
          "Effect": "Allow",
          "Principal": {
            "AWS": ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"],
            "Service": "sns.amazonaws.com"
          },
          "Action": [
            "kms:Decrypt",
            "kms:CreateGrant"
          ],
          "Resource": "*",
          "Condition": {
            "StringEquals": {
              "aws:PrincipalOrgID": "o-1",
              "kms:ViaService": ["s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"]
            }
          }
        }
      ]
    }
  POLICY
}

variable "root" {
  default = "arn:aws:iam::111122223333:root"
}
"""
DOCUMENT = """\
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }

  # for the exports
  statement {
    sid = "Use" # a name
    actions = [
      "kms:Decrypt",
      "kms:CreateGrant", # pass it on
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"]
    }

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-1"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"]
    }
  }
}

resource "aws_kms_key" "k" {
  policy = data.aws_iam_policy_document.d.json
}
"""
NOTATIONS = {"jsonencode": ENCODED, "heredoc": HEREDOC, "document": DOCUMENT}
ORG = "aws:PrincipalOrgID"


def of_statement(key, what):
    """The path inside the second statement to what a word says."""
    statement = key.policy.statements[1]
    if what == "statement":
        return ()
    if what in {"sid", "effect", "actions", "resources", "conditions"}:
        return (what,)
    for at, action in enumerate(statement.actions.elements()):
        if action.text == what:
            return ("actions", at)
    for at, principal in enumerate(statement.principals):
        if principal.value.text.endswith(what):
            return ("principals", at, "value")
    for at, condition in enumerate(statement.conditions):
        name, _, part = what.partition(" ")
        if condition.key.text == name:
            if part in {"", "values", "key", "operator"}:
                return ("conditions", at, *([part] if part else []))
            values = [one.text for one in condition.values.elements()]
            return ("conditions", at, "values", values.index(part))
    raise AssertionError(what)


def without(text, start, end):
    """The text without what stands from one piece of it to before another."""
    first = text.index(start)
    return text[:first] + text[text.index(end, first) :]


VIA = '"kms:ViaService"     = ["s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"]'
POLICIES = {
    "an action goes": (
        "kms:CreateGrant",
        ("remove",),
        {
            "jsonencode": lambda t: t.replace('"kms:CreateGrant", # pass', "# pass"),
            "heredoc": lambda t: t.replace(',\n            "kms:CreateGrant"', ""),
            "document": lambda t: t.replace('"kms:CreateGrant", # pass', "# pass"),
        },
    ),
    "an action is another one": (
        "kms:CreateGrant",
        ("set", "kms:Encrypt"),
        dict.fromkeys(NOTATIONS, lambda t: t.replace("kms:CreateGrant", "kms:Encrypt")),
    ),
    "an action comes": (
        "actions",
        ("add", ["kms:DescribeKey"]),
        {
            "jsonencode": lambda t: t.replace(
                "# pass it on", '# pass it on\n          "kms:DescribeKey",'
            ),
            "heredoc": lambda t: t.replace(
                '"kms:CreateGrant"', '"kms:CreateGrant",\n            "kms:DescribeKey"'
            ),
            "document": lambda t: t.replace(
                "# pass it on", '# pass it on\n      "kms:DescribeKey",'
            ),
        },
    ),
    "a text alone becomes a list": (
        "resources",
        ("add", "arn:x"),
        {
            "jsonencode": lambda t: t.replace('Resource = "*"', 'Resource = ["*", "arn:x"]'),
            "heredoc": lambda t: t.replace('"*",\n', '["*", "arn:x"],\n'),
            "document": lambda t: '["*", "arn:x"]'.join(t.rsplit('["*"]', 1)),
        },
    ),
    "a principal goes": (
        "role/a",
        ("remove",),
        dict.fromkeys(NOTATIONS, lambda t: t.replace('"arn:aws:iam::111122223333:role/a", ', "")),
    ),
    "the only principal of its type goes": (
        "sns.amazonaws.com",
        ("remove",),
        {
            "jsonencode": lambda t: t.replace(
                '\n          Service = "sns.amazonaws.com"', ""
            ).replace("AWS     =", "AWS ="),
            "heredoc": lambda t: t.replace(',\n            "Service": "sns.amazonaws.com"', ""),
            "document": lambda t: without(
                t, '    principals {\n      type        = "Service"', "    condition {"
            ),
        },
    ),
    "a principal is another one": (
        "role/b",
        ("set", "arn:aws:iam::111122223333:role/c"),
        dict.fromkeys(NOTATIONS, lambda t: t.replace("role/b", "role/c")),
    ),
    "the statement goes": (
        "statement",
        ("remove",),
        {
            "jsonencode": lambda t: without(t, '      {\n        Sid    = "Use"', "    ]\n  })"),
            "heredoc": lambda t: without(t, ',\n        {\n          "Sid"', "\n      ]\n    }"),
            "document": lambda t: without(t, '  statement {\n    sid = "Use"', "}\n\nresource"),
        },
    ),
    "the effect": (
        "effect",
        ("set", "Deny"),
        {
            "jsonencode": lambda t: t.replace('Effect = "Allow"', 'Effect = "Deny"'),
            "heredoc": lambda t: t.replace('"Effect": "Allow",\n', '"Effect": "Deny",\n'),
            "document": lambda t: t.replace(
                '    resources = ["*"]\n\n    principals {\n      type        = "AWS"\n'
                '      identifiers = ["arn:aws:iam::111122223333:role/a"',
                '    resources = ["*"]\n    effect    = "Deny"\n\n    principals {\n'
                '      type        = "AWS"\n'
                '      identifiers = ["arn:aws:iam::111122223333:role/a"',
            ),
        },
    ),
    "the name": (
        "sid",
        ("set", "Exports"),
        dict.fromkeys(NOTATIONS, lambda t: t.replace('"Use"', '"Exports"')),
    ),
    "a condition on a new key": (
        "conditions",
        ("add", {"operator": "StringEquals", "key": "aws:x", "values": ["1"]}),
        {
            "jsonencode": lambda t: t.replace(
                VIA, f'{VIA}\n            "aws:x"              = "1"'
            ),
            "heredoc": lambda t: t.replace(
                '"ec2.eu-west-1.amazonaws.com"]',
                '"ec2.eu-west-1.amazonaws.com"],\n              "aws:x": "1"',
            ),
            "document": lambda t: t.replace(
                "  }\n}\n\nresource",
                '\n    condition {\n      test     = "StringEquals"\n'
                '      variable = "aws:x"\n      values   = ["1"]\n    }\n'
                "  }\n}\n\nresource",
            ),
        },
    ),
    "a condition with a new operator": (
        "conditions",
        ("add", [{"operator": "Bool", "key": "aws:x", "values": "true"}]),
        {
            "jsonencode": lambda t: t.replace(
                "          }\n        }\n      },\n    ]",
                '          }\n          Bool = { "aws:x" = "true" }\n        }\n      },\n    ]',
            ),
            "heredoc": lambda t: t.replace(
                "            }\n          }\n        }\n      ]",
                '            },\n            "Bool": {"aws:x": "true"}\n'
                "          }\n        }\n      ]",
            ),
            "document": lambda t: t.replace(
                "  }\n}\n\nresource",
                '\n    condition {\n      test     = "Bool"\n'
                '      variable = "aws:x"\n      values   = ["true"]\n    }\n'
                "  }\n}\n\nresource",
            ),
        },
    ),
    "a condition goes": (
        ORG,
        ("remove",),
        {
            "jsonencode": lambda t: without(
                t, '            "aws:Pri', '            "kms:Via'
            ).replace('"kms:ViaService"     =', '"kms:ViaService" ='),
            "heredoc": lambda t: without(t, '"aws:PrincipalOrgID"', '"kms:ViaService"'),
            "document": lambda t: without(
                t,
                '    condition {\n      test     = "StringEquals"\n      variable = "aws:P',
                '    condition {\n      test     = "StringEquals"\n      variable = "kms:V',
            ),
        },
    ),
    "a value of a condition goes": (
        "kms:ViaService s3.eu-west-1.amazonaws.com",
        ("remove",),
        dict.fromkeys(NOTATIONS, lambda t: t.replace('"s3.eu-west-1.amazonaws.com", ', "")),
    ),
    "a value of a condition is another one": (
        f"{ORG} o-1",
        ("set", "o-2"),
        dict.fromkeys(NOTATIONS, lambda t: t.replace("o-1", "o-2")),
    ),
    "a value comes to a condition": (
        "kms:ViaService values",
        ("add", ["rds.amazonaws.com"]),
        dict.fromkeys(
            NOTATIONS,
            lambda t: t.replace(
                '"ec2.eu-west-1.amazonaws.com"]',
                '"ec2.eu-west-1.amazonaws.com", "rds.amazonaws.com"]',
            ),
        ),
    ),
    "the values of a condition are others": (
        f"{ORG} values",
        ("set", ["o-7", "o-8"]),
        {
            "jsonencode": lambda t: t.replace('"o-1"', '["o-7", "o-8"]'),
            "heredoc": lambda t: t.replace('"o-1"', '["o-7", "o-8"]'),
            "document": lambda t: t.replace('["o-1"]', '["o-7", "o-8"]'),
        },
    ),
    "the key of a condition is another one": (
        f"{ORG} key",
        ("set", "aws:SourceOrgID"),
        {
            "jsonencode": lambda t: t.replace(
                '"aws:PrincipalOrgID" = "o-1"', '"aws:SourceOrgID" = "o-1"'
            ).replace('"kms:ViaService"     =', '"kms:ViaService"  ='),
            "heredoc": lambda t: t.replace("aws:PrincipalOrgID", "aws:SourceOrgID"),
            "document": lambda t: t.replace("aws:PrincipalOrgID", "aws:SourceOrgID"),
        },
    ),
    "one more statement": (
        None,
        (
            "add",
            {
                "Sid": "No",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "kms:Put*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:y": "true"}},
            },
        ),
        {
            "jsonencode": lambda t: t.replace(
                "      },\n    ]",
                '      },\n      { Sid = "No", Effect = "Deny", Principal = "*", '
                'Action = "kms:Put*", Resource = "*", '
                'Condition = { Bool = { "aws:y" = "true" } } },\n    ]',
            ),
            "heredoc": lambda t: t.replace(
                "        }\n      ]",
                '        },\n        {"Sid": "No", "Effect": "Deny", "Principal": "*", '
                '"Action": "kms:Put*", "Resource": "*", '
                '"Condition": {"Bool": {"aws:y": "true"}}}\n      ]',
            ),
            "document": lambda t: t.replace(
                "  }\n}\n\nresource",
                '  }\n\n  statement {\n    sid       = "No"\n    effect    = "Deny"\n'
                '    actions   = ["kms:Put*"]\n    resources = ["*"]\n\n'
                '    principals {\n      type        = "*"\n      identifiers = ["*"]\n    }\n\n'
                '    condition {\n      test     = "Bool"\n      variable = "aws:y"\n'
                '      values   = ["true"]\n    }\n  }\n}\n\nresource',
            ),
        },
    ),
}


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("case", POLICIES)
def test_a_policy_is_changed(case, notation, tmp_path):
    what, change, after = POLICIES[case]
    text = NOTATIONS[notation]
    (tmp_path / "main.tf").write_text(text)
    (key,) = inventory(tmp_path).keys
    below = () if what is None else (1, *of_statement(key, what))
    made = changed(tmp_path, text, KEY, ("policy", "statements", *below), *change)
    expected = after[notation](text)
    assert expected != text
    assert made == expected
    if shutil.which("terraform"):
        assert is_formatted(text, tmp_path) <= is_formatted(made, tmp_path)


def test_an_operator_is_another_one(tmp_path):
    at = ("policy", "statements", 1, "conditions", 0, "operator")
    assert changed(tmp_path, ENCODED, KEY, at, "set", "StringLike") is None
    text = without(ENCODED, '            "aws:PrincipalOrgID"', '            "kms:Via')
    text = text.replace('ViaService"     =', 'ViaService" =')
    assert changed(tmp_path, text, KEY, at, "set", "StringLike") == text.replace(
        "StringEquals", "StringLike"
    )


def test_a_first_condition_comes_behind_the_rest(tmp_path):
    at = ("policy", "statements", 0, "conditions")
    value = {"operator": "Bool", "key": "aws:x", "values": ["true"]}
    made = changed(tmp_path, ENCODED, KEY, at, "add", value)
    expected = '        Resource  = "*"\n        Condition = { Bool = { "aws:x" = "true" } }\n'
    assert made == ENCODED.replace('        Resource  = "*"\n', expected)


def test_the_last_condition_goes_with_its_element(tmp_path):
    at = ("policy", "statements", 1, "conditions", 0)
    once = changed(tmp_path, ENCODED, KEY, at, "remove")
    twice = changed(tmp_path, once, KEY, at, "remove")
    assert twice == without(ENCODED, "        Condition = {", "      },\n    ]")


# -- the own account -----------------------------------------------------------------------

SOURCE = ("add", {"operator": "StringEquals", "key": "aws:SourceAccount", "values": [OWN]})
IDENTITY = 'data "aws_caller_identity" "me" {}\n\n'
CONDITIONS = ("policy", "statements", 1, "conditions")


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_own_account_is_its_digits_where_they_are_known(notation, tmp_path):
    made = changed(tmp_path, NOTATIONS[notation], KEY, CONDITIONS, *SOURCE)
    added = [line for line in made.split("\n") if line not in NOTATIONS[notation].split("\n")]
    assert '"111122223333"' in "".join(added)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_own_account_is_a_reference_where_there_is_one(notation, tmp_path):
    made = changed(tmp_path, IDENTITY + NOTATIONS[notation], KEY, CONDITIONS, *SOURCE)
    quoted = '"${data.aws_caller_identity.me.account_id}"'
    expected = quoted if notation == "heredoc" else quoted[3:-2]
    assert expected in made


@pytest.mark.parametrize(
    "identity",
    [
        'data "aws_caller_identity" "me" {\n  provider = aws.other\n}\n',
        'data "aws_caller_identity" "me" {\n  count = 2\n}\n',
        "",
    ],
)
def test_an_account_that_nothing_tells_is_not_written(identity, tmp_path):
    text = identity + ENCODED.replace('Action    = "kms:*"', 'Action    = "kms:Put*"')
    assert changed(tmp_path, text, KEY, CONDITIONS, *SOURCE) is None


# -- references ----------------------------------------------------------------------------

ROLE = 'resource "aws_iam_role" "app" {\n  assume_role_policy = "{}"\n}\n\n'
BY_REFERENCE = {"$reference": "aws_iam_role.app.arn"}


def test_a_resource_is_named_by_reference(tmp_path):
    before = ROLE + grant(INLINE).replace('"arn:aws:iam::111122223333:role/app"', '"arn:${"x"}"')
    made = changed(tmp_path, before, GRANT, ["grantee_principal"], "set", BY_REFERENCE)
    assert made == before.replace('"arn:${"x"}"', "aws_iam_role.app.arn")


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_principal_is_named_by_reference(notation, tmp_path):
    text = NOTATIONS[notation] + "\n" + ROLE
    (tmp_path / "main.tf").write_text(text)
    (key,) = inventory(tmp_path).keys
    at = ("policy", "statements", 1, *of_statement(key, "role/a"))
    made = changed(tmp_path, text, KEY, at, "set", BY_REFERENCE)
    wanted = "aws_iam_role.app.arn"
    wanted = f'"${{{wanted}}}"' if notation == "heredoc" else wanted
    assert made == text.replace('"arn:aws:iam::111122223333:role/a"', wanted)


@pytest.mark.parametrize(
    "reference",
    ["aws_iam_role.other.arn", "aws_iam_role.app[0].arn", "var.x", "module.a.b", "file(x)"],
)
def test_what_is_not_declared_there_is_no_reference(reference, tmp_path):
    change = (["grantee_principal"], "set", {"$reference": reference})
    assert changed(tmp_path, ROLE + grant(INLINE), GRANT, *change) is None


# -- what has no one place -----------------------------------------------------------------

EACH = """\
resource "aws_kms_key" "k" {
  policy = jsonencode({
    Statement = [for one in ["a", "b"] : {
      Sid       = one
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = ["kms:*"]
    }]
  })
}
"""
QUOTED = (
    'resource "aws_kms_key" "k" {\n  policy = "{\\"Statement\\": [{\\"Effect\\": \\"Allow\\", '
    '\\"Principal\\": \\"*\\", \\"Action\\": [\\"kms:*\\", \\"kms:Put*\\"]}]}"\n}\n'
)
NOWHERE = {
    "no such index": (grant(INLINE), GRANT, ["operations", 7], "remove", None),
    "no such field": (grant(INLINE), GRANT, ["colour"], "set", "red"),
    "a field that is derived": (grant(INLINE), GRANT, ["grantee", "kind"], "set", "role"),
    "the object itself": (grant(INLINE), GRANT, [], "remove", None),
    "an argument that is not there": (grant(INLINE), GRANT, ["name"], "remove", None),
    "the only element": (
        grant('  operations = ["Decrypt"]\n'),
        GRANT,
        ["operations", 0],
        "remove",
        None,
    ),
    "a value that cannot be written": (grant(INLINE), GRANT, ["name"], "set", "a\nb"),
    "a member of an index": (
        grant('  operations = [["Decrypt", "CreateGrant"][1], "Encrypt"]\n'),
        GRANT,
        ["operations_written", 0],
        "remove",
        None,
    ),
    "an element through a local": (
        'locals {\n  all = ["Decrypt", "CreateGrant"]\n}\n'
        + grant('  operations = [local.all[1], "Encrypt"]\n'),
        GRANT,
        ["operations_written", 0],
        "remove",
        None,
    ),
    "a text that a function changes": (
        grant('  operations = [title("decrypt"), "Encrypt"]\n'),
        GRANT,
        ["operations_written", 0],
        "set",
        "Sign",
    ),
    "constraints of a dynamic block": (
        grant(
            INLINE + '\n  dynamic "constraints" {\n    for_each = [1]\n    content {\n'
            '      encryption_context_equals = { a = "b" }\n    }\n  }\n'
        ),
        GRANT,
        ["constraints"],
        "remove",
        None,
    ),
    "the only statement": (
        without(ENCODED, "      {\n        Effect    =", '      {\n        Sid    = "Use"'),
        KEY,
        ["policy", "statements", 0],
        "remove",
        None,
    ),
    "all actions": (ENCODED, KEY, ["policy", "statements", 1, "actions"], "remove", None),
    "an action alone": (ENCODED, KEY, ["policy", "statements", 0, "actions", 0], "remove", None),
    "the only principal": (
        ENCODED,
        KEY,
        ["policy", "statements", 0, "principals", 0],
        "remove",
        None,
    ),
    "a condition that is there": (
        ENCODED,
        KEY,
        [*CONDITIONS],
        "add",
        {"operator": "StringEquals", "key": ORG, "values": ["o-2"]},
    ),
    "a policy in a quoted text": (
        QUOTED,
        KEY,
        ["policy", "statements", 0, "actions", 0],
        "remove",
        None,
    ),
    "a heredoc with directives": (
        HEREDOC.replace('"kms:Decrypt",', '%{ if true }"kms:Decrypt",%{ endif }'),
        KEY,
        ["policy", "statements", 1, "actions", 0],
        "remove",
        None,
    ),
    "statements of a for": (
        EACH,
        KEY,
        ["policy", "statements", 0, "actions"],
        "add",
        ["kms:Put*"],
    ),
}


@pytest.mark.parametrize("case", NOWHERE)
def test_what_has_no_one_place_is_not_changed(case, tmp_path):
    assert changed(tmp_path, *NOWHERE[case]) is None


# -- arguments of keys ---------------------------------------------------------------------

ROTATION = (["enable_key_rotation"], "set", True)
KEYS = {
    "a block without anything": (
        'resource "aws_kms_key" "k" {}\n',
        ROTATION,
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n}\n',
    ),
    "a block of one line": (
        'resource "aws_kms_key" "k" { description = "a" }\n',
        ROTATION,
        (
            'resource "aws_kms_key" "k" {\n  description         = "a"\n'
            "  enable_key_rotation = true\n}\n"
        ),
    ),
    "a block with a comment only": (
        'resource "aws_kms_key" "k" {\n  # none\n}\n',
        ROTATION,
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  # none\n}\n',
    ),
    "behind the short arguments, before a policy": (
        (
            'resource "aws_kms_key" "k" {\n  count = 1\n\n  description = "a" # b\n'
            "  policy = jsonencode({\n  })\n}\n"
        ),
        ROTATION,
        (
            'resource "aws_kms_key" "k" {\n  count = 1\n\n  description         = "a" # b\n'
            "  enable_key_rotation = true\n  policy = jsonencode({\n  })\n}\n"
        ),
    ),
    "a block that is not aligned stays so": (
        'resource "aws_kms_key" "k" {\n  description = "a"\n  is_enabled = true\n}\n',
        ROTATION,
        (
            'resource "aws_kms_key" "k" {\n  description = "a"\n  is_enabled = true\n'
            "  enable_key_rotation = true\n}\n"
        ),
    ),
    "an argument of one line goes": (
        'resource "aws_kms_key" "k" { enable_key_rotation = true }\n',
        (["enable_key_rotation"], "remove"),
        'resource "aws_kms_key" "k" {}\n',
    ),
    "an argument by its name in the provider": (
        'resource "aws_kms_key" "k" {\n  is_enabled = false\n}\n',
        (["enabled"], "set", True),
        'resource "aws_kms_key" "k" {\n  is_enabled = true\n}\n',
    ),
    "a computed argument goes": (
        'resource "aws_kms_key" "k" {\n  is_enabled  = 1 == 2\n  description = "a"\n}\n',
        (["enabled"], "remove"),
        'resource "aws_kms_key" "k" {\n  description = "a"\n}\n',
    ),
}


@pytest.mark.parametrize("case", KEYS)
def test_a_key_is_changed(case, tmp_path):
    before, change, after = KEYS[case]
    address = f"{KEY}[0]" if "count" in before else KEY
    made = changed(tmp_path, before, address, *change)
    assert made == after
    if shutil.which("terraform"):
        assert is_formatted(before, tmp_path) <= is_formatted(made, tmp_path)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("case", POLICIES)
def test_line_ends_of_a_policy_stay(case, notation, tmp_path):
    what, change, after = POLICIES[case]
    text = NOTATIONS[notation]
    (tmp_path / "main.tf").write_text(text)
    (key,) = inventory(tmp_path).keys
    below = () if what is None else (1, *of_statement(key, what))
    windows = text.encode().replace(b"\n", b"\r\n")
    made = changed(tmp_path, windows, KEY, ("policy", "statements", *below), *change)
    assert made == after[notation](text).encode().replace(b"\n", b"\r\n")


WRITERS = {
    "aws_kms_key_policy": (
        'resource "aws_kms_key" "k" {}\n\nresource "aws_kms_key_policy" "k" {\n'
        "  key_id = aws_kms_key.k.key_id\n  policy = data.aws_iam_policy_document.d.json\n}\n\n"
    ),
    "a document of documents": (
        'data "aws_iam_policy_document" "all" {\n'
        "  source_policy_documents = [data.aws_iam_policy_document.d.json]\n}\n\n"
        'resource "aws_kms_key" "k" {\n  policy = data.aws_iam_policy_document.all.json\n}\n\n'
    ),
    "a local": (
        "locals {\n  policy = data.aws_iam_policy_document.d.json\n}\n\n"
        'resource "aws_kms_key" "k" {\n  policy = local.policy\n}\n\n'
    ),
    "an index": (
        'resource "aws_kms_key" "k" {\n  policy = data.aws_iam_policy_document.d[0].json\n}\n\n'
    ),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_document_is_changed_wherever_it_goes_once(writer, tmp_path):
    document = without(DOCUMENT, 'resource "aws_kms_key"', "  policy").partition("  policy")[0]
    if writer == "an index":
        document = document.replace('"d" {\n', '"d" {\n  count = 1\n\n')
    text = WRITERS[writer] + document
    (tmp_path / "main.tf").write_text(text)
    (key,) = inventory(tmp_path).keys
    at = ("policy", "statements", 1, *of_statement(key, "kms:CreateGrant"))
    made = changed(tmp_path, text, KEY, at, "set", "kms:Encrypt")
    assert made == text.replace("kms:CreateGrant", "kms:Encrypt")
    other = 'output "policy" {\n  value = data.aws_iam_policy_document.d\n}\n'
    assert changed(tmp_path, text + other, KEY, at, "set", "kms:Encrypt") is None
