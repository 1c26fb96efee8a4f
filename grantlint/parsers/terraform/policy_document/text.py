"""The text of an IAM policy as the AWS provider stores it: decoded and encoded again by Go.

https://github.com/hashicorp/terraform-plugin-sdk/blob/main/helper/structure/normalize_json.go
"""

from __future__ import annotations

from dataclasses import replace

from grantlint.parsers.terraform.functions import encoding
from grantlint.parsers.terraform.policy_document import go_json
from grantlint.value import STRING, Unknown, Value


def normalized(text: Value) -> Value:
    """The policy without blanks and with sorted keys; `encodes` is its tree.

    A failure when the text is no JSON; null and "" stay. Unknown text keeps its tree, if any.
    """
    cause = text.unknown
    if not text.raw or text.failed is not None:
        return text
    if cause is not None and cause.choices:
        choices = tuple(normalized(choice) for choice in cause.choices)
        choices = tuple(choice for choice in choices if choice.failed is None)
        return replace(text, raw=replace(cause, parts=(), choices=choices))
    tree = decoded(text)
    if tree.failed is not None:
        return tree
    if cause is not None:
        encodes = None if tree.unknown is not None else tree
        return replace(text, raw=Unknown(cause.reason, cause.refers_to), encodes=encodes)
    written = go_json.compact(tree)
    if written is None:
        reason = "the policy holds a number or a nesting that is not rewritten here"
        return replace(text, raw=Unknown(reason), encodes=tree)
    return replace(text, type=STRING, raw=written, encodes=tree)


def decoded(text: Value) -> Value:
    """The tree that a JSON text encodes: the very values it was made of, where it was encoded.

    Text with holes that is no JSON as it stands may become JSON with them: it is not known.
    """
    if text.encodes is not None:
        return text.encodes
    tree = encoding.decode_json(text)
    if tree.failed is not None and text.unknown is not None:
        return replace(text, raw=Unknown(text.unknown.reason, text.unknown.refers_to))
    return tree
