"""A rule to begin with: it compiles, its examples hold, and it keeps the laws as it stands."""

from __future__ import annotations

from typing import Final

_TEMPLATE: Final = """\
# METADATA
# title: Grant lets its grantee decrypt
# description: |
#   ## Why it matters
#
#   Say what goes wrong, and for whom. The first sentence is shown with every finding.
#
#   ## What it finds
#
#   Each line that ends in `# finding` must be found, and no other line:
#
#   ```hcl bad
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "reports" {
#     key_id            = aws_kms_key.orders.key_id
#     grantee_principal = "arn:aws:iam::111122223333:role/reports"
#     operations        = ["Decrypt", "DescribeKey"] # finding
#   }
#   ```
#
#   ## How to fix it
#
#   Say what to write instead. Here nothing may be found:
#
#   ```hcl good
#   resource "aws_kms_key" "orders" {}
#
#   resource "aws_kms_grant" "reports" {
#     key_id            = aws_kms_key.orders.key_id
#     grantee_principal = "arn:aws:iam::111122223333:role/reports"
#     operations        = ["DescribeKey"]
#   }
#   ```
#
#   ## When it is fine
#
#   Say when to leave it as it is.
# schemas:
#   - input: schema.grant
# custom: {severity: medium}
package grantlint.@NAME@

import data.grantlint.lib

hit := {
	"at": ["operations"],
	"message": sprintf("%s may decrypt with this grant", [input.who]),
}

# Certain: it is so whatever is not known.
deny contains hit if {
	lib.has(input.operations, "Decrypt")
}

# Possible: something known points at it, and the message says what it depends on.
warn contains lib.provided(hit, clauses) if {
	lib.shows_member(input.operations, "Decrypt")
	clauses := [lib.clause(
		{1 | lib.has(input.operations, "Decrypt")},
		"Decrypt is among its operations",
		[input.operations],
	)]
}
"""


def scaffold(name: str) -> str:
    """The file of a rule whose package is this name."""
    return _TEMPLATE.replace("@NAME@", name)
