"""Leaves of the model, known and unknown in every way, and what is asked of them in Rego.

`settled` says what each can turn out to be.
"""

import itertools

from grantlint.model.json import value_json
from grantlint.value import (
    DYNAMIC,
    NUMBER,
    STRING,
    Unknown,
    Value,
    boolean,
    null,
    number,
    string,
    tuple_,
    unknown,
)

NULL = null(STRING)


def one_of(*choices):
    return unknown("an unknown condition", choices=choices)


def text_of(*parts):
    return unknown("a text with holes", type=STRING, parts=parts)


def texts(*members):
    return tuple_(string(member) if isinstance(member, str) else member for member in members)


UNKNOWN = unknown("var.x has no value")
LEAVES = {
    "text": string("Decrypt"),
    "another text": string("Encrypt"),
    "a longer text": string("DecryptAll"),
    "empty text": string(""),
    "digits as text": string("1"),
    "number": number(1),
    "true": boolean(True),
    "false": boolean(False),
    "unknown": UNKNOWN,
    "unknown number": unknown("var.n has no value", type=NUMBER),
    "sensitive": string("Decrypt").marked(),
    "sensitive unknown": UNKNOWN.marked(),
    "prefix": text_of("Decr", UNKNOWN),
    "suffix": text_of(UNKNOWN, "rypt"),
    "both ends": text_of("De", UNKNOWN, "crypt"),
    "ends that overlap in Decrypt": text_of("Decryp", UNKNOWN, "rypt"),
    "sensitive hole": text_of("Decr", string("ypt").marked()),
    "choices": one_of(string("Decrypt"), string("Encrypt")),
    "choices of other texts": one_of(string("Sign"), string("Verify")),
    "choices that begin alike": one_of(string("Decrypt"), string("DecryptAll")),
    "choices that are the same": one_of(string("Decrypt"), string("Decrypt")),
    "a choice is unknown": one_of(string("Decrypt"), UNKNOWN),
    "a choice has holes": one_of(string("Decrypt"), text_of("En", UNKNOWN)),
    "a choice is sensitive": one_of(string("Encrypt"), string("Decrypt").marked()),
    "a choice is null": one_of(string("Decrypt"), NULL),
    "a choice has choices": one_of(string("Sign"), one_of(string("Decrypt"), string("Encrypt"))),
    "choices of flags": one_of(boolean(True), boolean(False)),
}
LISTS = {
    "list": texts("Decrypt", "Encrypt"),
    "list of another": texts("Sign"),
    "empty list": texts(),
    "begun list": Value(DYNAMIC, Unknown("var.more has no value", has=(string("Decrypt"),))),
    "begun with another": Value(DYNAMIC, Unknown("var.more has no value", has=(string("Sign"),))),
    "list with an unknown": texts("Encrypt", UNKNOWN),
    "list with an unknown and what is asked": texts("Decrypt", UNKNOWN),
    "list with a prefix": texts(text_of("Decr", UNKNOWN)),
    "list with choices": texts(one_of(string("Decrypt"), string("Encrypt"))),
    "list with a null": texts("Sign", NULL),
    "list with a sensitive": texts(string("Sign").marked()),
    "unknown list": UNKNOWN,
    "sensitive list": texts("Sign").marked(),
    "choices of lists that have it": one_of(texts("Decrypt"), texts("Decrypt", "Sign")),
    "choices of lists": one_of(texts("Decrypt"), texts("Sign")),
    "choices of lists that have it not": one_of(texts("Sign"), texts()),
    "choices of lists with an unknown": one_of(texts("Sign"), texts("Encrypt", UNKNOWN)),
    "a list or null": one_of(texts("Decrypt"), NULL),
    "a list or something unknown": one_of(texts("Sign"), UNKNOWN),
}
VALUES = ("Decrypt", "Encrypt", "DecryptAll", "Decrypt rypt", "Sign", "", "1", 1, True, False)
PREFIXES = ("D", "Decr", "Decrypt", "DecryptAllOf", "En", "S", "1")
ACTIONS = ("decrypt", "ENCRYPT", "decryptAll", "Sign", "decr")
FILLINGS = {
    text[start:end]
    for text in (*PREFIXES, *ACTIONS, *(value for value in VALUES if isinstance(value, str)))
    for start, end in itertools.combinations_with_replacement(range(len(text) + 1), 2)
}
PRINCIPALS = {
    "role": string("arn:aws:iam::111122223333:role/app"),
    "user": string("arn:aws-cn:iam::111122223333:user/app"),
    "root": string("arn:aws:iam::111122223333:root"),
    "account": string("111122223333"),
    "root of an unknown account": text_of("arn:aws:iam::", UNKNOWN, ":root"),
    "role of an unknown account": text_of("arn:aws:iam::", UNKNOWN, ":role/app"),
    "something in an account": text_of("arn:aws:iam::111122223333:", UNKNOWN),
    "a role of some path": text_of("arn:aws:iam::111122223333:role/", UNKNOWN),
    "role of an unknown name": text_of("arn:aws:iam::111122223333:role/app-", UNKNOWN),
    "session": string("arn:aws:sts::111122223333:assumed-role/app/me"),
    "session of EC2": string("arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-1"),
    "session of a role for services": string(
        "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling"
    ),
    "some session": text_of("arn:aws:sts::111122223333:assumed-role/", UNKNOWN),
    "role for a service": string(
        "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/"
        "AWSServiceRoleForAutoScaling"
    ),
    "service": string("dynamodb.eu-west-1.amazonaws.com"),
    "deleted role": string("AROAIOSFODNN7EXAMPLE1"),
    "group": string("arn:aws:iam::111122223333:group/all"),
    "everyone": string("*"),
    "no principal": string("nobody"),
    "null": NULL,
    "unknown": UNKNOWN,
    "sensitive": string("arn:aws:iam::111122223333:root").marked(),
    "role or root": one_of(
        string("arn:aws:iam::111122223333:role/app"), string("arn:aws:iam::111122223333:root")
    ),
    "role or service": one_of(
        string("arn:aws:iam::111122223333:role/app"), string("dynamodb.eu-west-1.amazonaws.com")
    ),
    "role for a service or service": one_of(
        string(
            "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/"
            "AWSServiceRoleForAutoScaling"
        ),
        string("dynamodb.eu-west-1.amazonaws.com"),
    ),
    "one of two roots": one_of(
        string("arn:aws:iam::111122223333:root"), string("arn:aws:iam::444455556666:root")
    ),
    "root or null": one_of(string("arn:aws:iam::111122223333:root"), NULL),
}
SPECS = {
    "symmetric": string("SYMMETRIC_DEFAULT"),
    "RSA": string("RSA_2048"),
    "unknown": UNKNOWN,
    "either": one_of(string("SYMMETRIC_DEFAULT"), string("RSA_2048")),
}
USAGES = {
    "encrypting": string("ENCRYPT_DECRYPT"),
    "signing": string("SIGN_VERIFY"),
    "unknown": UNKNOWN,
    "either": one_of(string("ENCRYPT_DECRYPT"), string("SIGN_VERIFY")),
}
KEYS = {
    f"{spec} {usage}": {"spec": value_json(SPECS[spec]), "usage": value_json(USAGES[usage])}
    for spec, usage in itertools.product(SPECS, USAGES)
}
OPERATORS = {
    "equals": string("StringEquals"),
    "differs": string("StringNotEquals"),
    "null": string("Null"),
    "unknown": UNKNOWN,
    "sensitive": string("StringNotLike").marked(),
}
SETS = {
    "none": NULL,
    "all": string("ForAllValues"),
    "any": string("ForAnyValue"),
    "unknown": UNKNOWN,
    "sensitive": string("ForAllValues").marked(),
}
CONDITIONS = {
    f"{operator} {set_}": {
        name: value_json(leaf)
        for name, leaf in (("operator", OPERATORS[operator]), ("set", SETS[set_]))
        if not leaf.is_null
    }
    for operator, set_ in itertools.product(OPERATORS, SETS)
}


def settled(value):
    """The values that something unknown can have, in the end: some of them, if there are many."""
    cause = value.unknown
    if cause is not None and cause.choices:
        return [one for choice in cause.choices for one in settled(choice)]
    if cause is not None and cause.has:
        others = [*map(string, sorted(FILLINGS)), number(1), boolean(True), boolean(False)]
        return [tuple_(cause.has), *(tuple_((*cause.has, one)) for one in others)]
    if cause is not None and cause.parts:
        ends = cause.prefix, cause.suffix
        return [string(ends[0] + filling + ends[1]) for filling in FILLINGS]
    if cause is not None and cause.has:
        others = [*map(string, sorted(FILLINGS)), number(1), boolean(True), boolean(False)]
        return [tuple_(cause.has), *(tuple_([*cause.has, other]) for other in others)]
    if cause is not None or value.sensitive:
        known = [*map(string, sorted(FILLINGS)), number(1), boolean(True), boolean(False)]
        return [*known, *map(texts, sorted(FILLINGS)), tuple_(known), NULL]
    if isinstance(value.raw, tuple):
        return [tuple_(row) for row in itertools.product(*map(settled, value.raw))]
    return [value]
