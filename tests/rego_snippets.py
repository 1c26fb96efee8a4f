"""Rules in Rego that `make policies` refuses, and some that it must not refuse.

A snippet is the body of a rule. The line that is refused ends with the name of the reason.
"""

REASONS = {
    "not": "`not` accuses on an unknown",
    "differs": "`!=` accuses on an unknown",
    "default": "`default` accuses on an unknown",
    "format": "the format of sprintf must be a literal",
    "verb": "in every engine: use %s, %d, %v, %q",
    "values": "sprintf has 1 verbs for 2 values",
    "array": "an array of what has no order",
    "concat": "concat of what has no order",
}

REFUSED = {
    "not_of_a_field": "deny contains 1 if not input.name # not",
    "not_of_a_question": 'deny contains 1 if not lib.is(input.name, "a") # not',
    "not_of_membership": 'deny contains 1 if not "Decrypt" in input.operations # not',
    "not_of_a_comparison": 'deny contains 1 if not input.name == "a" # not',
    "differs_from_a_literal": 'deny contains 1 if input.name != "a" # differs',
    "differs_the_other_way": 'deny contains 1 if "a" != input.name # differs',
    "differs_by_name": 'deny contains 1 if neq(input.name, "a") # differs',
    "differs_in_a_call": 'deny contains 1 if is_boolean(input.name != "a") # differs',
    "differs_of_a_count": "deny contains 1 if count(input.operations) != 1 # differs",
    "through_a_variable": """
deny contains 1 if {
    name := input.name
    other := name
    other != "a" # differs
}""",
    "through_unification": """
deny contains 1 if {
    name = input.name
    name != "a" # differs
}""",
    "through_a_pattern": """
deny contains 1 if {
    [first, _] := input.operations
    first != "a" # differs
}""",
    "through_some": """
deny contains 1 if {
    some operation in input.operations
    not operation == "Decrypt" # not
}""",
    "through_the_key_of_some": """
deny contains 1 if {
    some name, _ in input.constraints
    name != "x" # differs
}""",
    "through_an_index": """
deny contains 1 if {
    some i
    input.operations[i] == "Decrypt"
    i != 0 # differs
}""",
    "through_every": """
deny contains 1 if {
    every operation in input.operations {
        operation != "Decrypt" # differs
    }
}""",
    "through_walk": """
deny contains 1 if {
    walk(input, [_, value])
    value != 1 # differs
}""",
    "through_an_output_argument": """
deny contains 1 if {
    split(input.who, " ", words)
    words[0] != "role" # differs
}""",
    "in_a_set": "deny contains 1 if 1 in {2 | not input.name} # not",
    "in_a_comprehension": """
deny contains 1 if {
    found := {one |
        some one in input.operations
        one != "Decrypt" # differs
    }
    "Encrypt" in found
}""",
    "in_the_value_of_a_comprehension": """
deny contains 1 if true in {neq(one, "a") | some one in input.operations} # differs""",
    "in_a_function": """
lacks(value) if not value == "a" # not

deny contains 1 if lacks(input.name)""",
    "through_a_rule": """
named if lib.known(input.name)

deny contains 1 if not named # not""",
    "through_a_rule_that_comes_later": """
deny contains 1 if not named # not

named if first == "a"

first := input.name""",
    "through_a_set_of_a_rule": """
used contains one if some one in input.operations

deny contains 1 if not "Decrypt" in used # not""",
    "through_a_function": """
value_of(name) := input[name]

deny contains 1 if not value_of("name") # not""",
    "through_a_part_of_a_rule": """
seen.name := input.name

deny contains 1 if not seen.name # not""",
    "in_a_head": """
other := input.name != "a" # differs

deny contains 1 if other""",
    "in_an_else": """
kind := 1 if {
    input.name == "a"
} else := 2 if {
    not input.name # not
}

deny contains kind if true""",
    "in_the_value_of_an_else": """
kind := 1 if {
    input.name == "a"
} else := input.name != "b" # differs

deny contains kind if true""",
    "in_a_hit": 'deny contains {"at": [], "message": input.name != "a"} if true # differs',
    "with_another_input": "deny contains 1 if not data.x with data.x as input.name # not",
    "of_another_rule": "deny contains 1 if not data.grantlint.other.deny # not",
    "of_an_import": """import data.grantlint.other

deny contains 1 if not other.deny # not""",
    "default_of_a_question": """
default named := false # default

named if lib.known(input.name)

deny contains 1 if named == false""",
    "format_from_elsewhere": """
text := "%s"

deny contains sprintf(text, [input.who]) if true # format""",
    "hexadecimal": 'deny contains sprintf("%x", [input.who]) if true # verb',
    "width": 'deny contains sprintf("a %5d", [input.who]) if true # verb',
    "flag": 'deny contains sprintf("%-s", [input.who]) if true # verb',
    "index": 'deny contains sprintf("%[1]s", [input.who]) if true # verb',
    "percent_at_the_end": 'deny contains sprintf("%s 100%", [input.who]) if true # verb',
    "too_many_values": 'deny contains sprintf("%s", [input.who, 1]) if true # values',
    "array_of_a_set": """
names := {"b", "a"}

deny contains [name | some name in names] if true # array""",
    "array_of_members": 'deny contains [one | one := {"b", "a"}[_]] if true # array',
    "array_of_keys": "deny contains [name | some name, _ in input.constraints] if true # array",
    "array_of_a_walk": "deny contains [one | walk(input, [_, one])] if true # array",
    "array_of_what_is_in_the_library": """
deny contains [one | some one in lib.with_context] if true # array""",
    "array_by_index": """
names := {"b", "a"}

deny contains [one | some one; names[one]] if true # array""",
    "concat_of_a_set": 'deny contains concat(", ", {"b", "a"}) if true # concat',
    "concat_of_a_variable": """
deny contains text if {
    names := {one | some one in input.operations}
    text := concat(", ", names) # concat
}""",
    "concat_of_keys": 'deny contains concat("", object.keys(input.constraints)) if true # concat',
}

ALLOWED = {
    "certain_questions": """
deny contains 1 if {
    lib.is_not(input.name, "a")
    lib.has(input.operations, "Decrypt")
}""",
    "warn_alone": 'warn contains 1 if lib.may_be(input.name, "a")',
    "equality": 'deny contains 1 if input.ends_by == "retire"',
    "order_of_a_number": """
deny contains 1 if {
    lib.known(input.operations)
    count(input.operations) > 3
}""",
    "not_of_a_constant": """
kinds := {"a", "b"}

deny contains 1 if {
    some kind in kinds
    not kind == "a"
    kind != "b"
    lib.is(input.name, "c")
}""",
    "not_of_what_is_in_the_library": """
deny contains 1 if {
    not "DescribeKey" in lib.with_context
    input.who == "x"
}""",
    "default_of_a_constant": """
default limit := 3

limit := 4 if 1 == 2

deny contains limit if input.who""",
    "an_else_that_tells_more": """
name := input.who if {
    lib.known(input.name)
} else := "somebody"

deny contains name if input.who""",
    "names_that_only_look_alike": """
notable := "not input.x != 1"

deny contains notable if input.who""",
    "formats": """
deny contains sprintf("100%% of %s, %d, %v, %q", [input.who, 1, [], "a"]) if true""",
    "a_percent_before_a_letter": 'deny contains sprintf("%%x %s", [input.who]) if true',
    "values_of_a_variable": """
deny contains sprintf("%s %s", values) if values := [input.who, "a"]""",
    "array_of_an_array": "deny contains [one | some one in input.operations] if true",
    "array_of_a_literal": 'deny contains [one | some one in ["b", "a"]] if true',
    "array_that_is_sorted": 'deny contains sort([one | some one in {"b", "a"}]) if true',
    "array_that_is_counted": 'deny contains count([one | some one in {"b", "a"}]) if true',
    "set_of_a_set": 'deny contains {one | some one in {"b", "a"}} if true',
    "concat_of_what_is_sorted": 'deny contains concat(", ", sort({"b", "a"})) if true',
    "concat_of_words": """
deny contains concat(" ", array.slice(split(input.who, " "), 0, 1)) if true""",
    "concat_of_a_sorted_variable": """
deny contains text if {
    names := sort({one | some one in input.operations})
    text := concat(", ", names)
}""",
    "concat_of_operations": 'deny contains concat(", ", input.operations_written) if true',
}

OK = 'deny contains {"at": [], "message": "m"} if input.who'


def headed(**changes):
    """A whole file whose METADATA lacks or changes something."""
    parts = {
        "title": "Fault of a test",
        "description": "Tells nothing.",
        "schemas": "[{input: schema.grant}]",
        "custom": "{severity: low, since: 0.1.0}",
        "package": "grantlint.it",
        **changes,
    }
    package = parts.pop("package")
    lines = [f"# {name}: {text}" for name, text in parts.items() if text is not None]
    return "\n".join(["# METADATA", *lines, f"package {package}", "", OK, ""])


BROKEN = {
    "no Rego": ("deny contains {", r"it\.rego:10: rego_parse_error"),
    "Rego of old": ("deny[1] { input.who }", r"it\.rego:9: rego_parse_error: `if` keyword"),
    "a field that is misspelt": (
        'deny contains {"at": [], "message": "m"} if input.operation == 1',
        r"it\.rego:9: rego_type_error: undefined ref: input\.operation",
    ),
    "a field below one that is misspelt": (
        "deny contains 1 if input.grantee.acount == 1",
        r"it\.rego:9: rego_type_error: undefined ref: input\.grantee\.acount",
    ),
    "a variable that is nothing": (
        "deny contains 1 if inputs.who",
        r"it\.rego:9: rego_unsafe_var_error",
    ),
    "a variable that is not used": (
        "deny contains 1 if {\n    x := input.who\n}",
        r"it\.rego:10: rego_compile_error: assigned var x unused",
    ),
    "a question that the library does not have": (
        "import data.grantlint.lib\n\ndeny contains 1 if lib.isnt(input.who, 1)",
        r"it\.rego:11: rego_type_error: undefined function data\.grantlint\.lib\.isnt",
    ),
    "a builtin that WebAssembly lacks": (
        "deny contains json.patch(input, []) if true",
        r"it\.rego:9: rego_type_error: undefined function json\.patch",
    ),
    "a clock": (
        "deny contains 1 if time.now_ns() > 1",
        r"it\.rego:9: rego_type_error: undefined function time\.now_ns",
    ),
    "a network": (
        'deny contains 1 if http.send({"method": "get", "url": "x"})',
        r"it\.rego:9: rego_type_error: undefined function http\.send",
    ),
    "a builtin that WebAssembly answers differently": (
        "deny contains json.marshal(input) if true",
        r"it\.rego:9: rego_type_error: undefined function json\.marshal",
    ),
    "a regular expression": (
        "deny contains 1 if regex.match(`a`, input.who)",
        r"it\.rego:9: rego_type_error: undefined function regex\.match",
    ),
    "division, whose digits differ": (
        "deny contains 1 / count(input.operations) if true",
        r"it\.rego:9: rego_type_error: undefined function div",
    ),
    "a text with holes": ('deny contains $"{input.who}" if true', r"it\.rego:9: rego_"),
    "Rego of tomorrow": ("import rego.v2\n\ndeny contains 1 if input.who", r"it\.rego:9: rego_"),
    "neither deny nor warn": ("denny contains 1 if input.who", r"it\.rego:7: a rule has `deny con"),
    "deny that is no set": ("deny if input.who", r"it\.rego:9: write `deny contains`"),
    "warn that is a value": ("warn := {1} if input.who", r"it\.rego:9: write `warn contains`"),
    "deny that is an object": ("deny[x] := 1 if x := input.who", r"it\.rego:9: write `deny cont"),
    "another package": (headed(package="grantlint.that"), r"it\.rego:6: the package must be gra"),
    "a package elsewhere": (headed(package="it"), r"it\.rego:6: the package must be grantlint\.it"),
    "no METADATA": (
        f"package grantlint.it\n\n{OK}\n",
        r"it\.rego:1: a rule begins with a META",
    ),
    "no title": (headed(title=None), r"it\.rego:1: METADATA: title is missing"),
    "no description": (headed(description=None), r"it\.rego:1: METADATA: description is missing"),
    "no custom": (headed(custom=None), r"it\.rego:1: METADATA: custom\.severity is missing"),
    "no since": (headed(custom="{severity: low}"), r"it\.rego:1: METADATA: custom\.since is miss"),
    "no severity": (headed(custom="{since: 0.1.0}"), r"it\.rego:1: METADATA: custom\.severity is"),
    "a severity that is none": (
        headed(custom="{severity: bad, since: 0.1.0}"),
        r"it\.rego:1: METADATA: custom\.severity is one of low, medium, high, critical",
    ),
    "no schema": (headed(schemas=None), r"it\.rego:1: METADATA: schemas has"),
    "METADATA that is no YAML": (headed(custom="{"), r"it\.rego:\d: rego_parse_error: "),
}
