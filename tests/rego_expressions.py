"""Rego to ask two engines: expressions of every builtin that a rule may call, texts for sprintf."""

INPUT = {
    "who": "x",
    "s": "aé😀b\u2028c İıß ǅ",
    "a": ["b", "a", "c"],
    "n": 3,
    "o": {"z": 1, "a": {"b": [1, 2]}},
    "mixed": [None, True, 1, "a", [1], {"a": 1}, False, -1.5, "B", ""],
}

EXPRESSIONS = {
    "and": ["{1, 2} & {2, 3}", "{1} & set()"],
    "assign": ["input.n", "input.missing"],
    "eq": ["[x | x = input.n]", "[x | [x, _, _] = input.a]"],
    "equal": ["1 == 1.0", "{1, 2} == {2, 1}", "null == false", '{"a": 1.0} == {"a": 1}'],
    "gt": ['[] > "a"', "set() > {}", "2 > 10"],
    "gte": ["1.0 >= 1", "true >= false"],
    "internal.member_2": ['"a" in ["a"]', '"a" in {"x": "a"}', "1 in {1.0}", '"z" in input.o'],
    "internal.member_3": ['"z", 1 in {"z": 1}', "0, 2 in [1]"],
    "lt": ["[1] < [1, 2]", '"a" < "é"', '{"a"} < {"b"}', "null < false", '1 < "a"', "[] < {}"],
    "lte": ["{} <= set()", '"\uffff" <= "😀"'],
    "minus": ["7 - 2.5", "{1, 2} - {2, 3}", "1 - 1.1"],
    "mul": ["3 * 1.1", "99999999999 * 99999999999"],
    "neq": ["1 != 1.0", '"a" != 1'],
    "or": ["{1, 2} | {2, 3}"],
    "plus": ["0.1 + 0.2", "9007199254740993 + 0", "12345678901234567890 + 1"],
    "rem": ["5 % 3", "-5 % 3", "5.5 % 2", "5 % 0"],
    "abs": ["abs(-3)", "abs(-1.5)"],
    "ceil": ["ceil(1.2)", "ceil(-1.2)"],
    "floor": ["floor(-1.2)", "floor(1)"],
    "max": ["max([1, 3, 2])", "max([])", 'max({"a", "b"})', "max(input.mixed)"],
    "min": ["min(input.mixed)", "min([])"],
    "round": ["round(2.5)", "round(-2.5)", "round(0.5)"],
    "sum": ["sum([1, 2.5])", "sum([0.1, 0.2])", "sum([])"],
    "array.concat": ['array.concat([1], ["a"])', "array.concat(input.a, input.n)"],
    "array.flatten": ["array.flatten([1, [2, [3]], []])"],
    "array.reverse": ["array.reverse(input.mixed)"],
    "array.slice": [
        *["array.slice(input.a, 1, 9)", "array.slice(input.a, -1, 2)", "array.slice(input.a, 2, 1)"]
    ],
    "count": ["count(input.s)", "count(input.o)", "count({1, 1, 2})", "count(input.n)"],
    "numbers.range": ["numbers.range(1, 3)", "numbers.range(3, 1)"],
    "sort": [
        "sort(input.mixed)",
        "sort({3, 1, 2})",
        "sort({{1, 2}, {1}, {3}, set()})",
        'sort([{"a": 1, "b": 2}, {"a": 1}, {"b": 0}, {}])',
        "sort([[1, 2], [1], [], [0, 9]])",
        'sort(["é", "z", "\uffff", "😀", "Z"])',
    ],
    "concat": ['concat(", ", ["b", "a"])', 'concat(", ", [])', 'concat("", [input.s, input.n])'],
    "contains": ['contains("abc", "")', 'contains(input.s, "😀")', 'contains("abc", "x")'],
    "endswith": ['endswith("abc", "bc")', 'endswith("é", "é")'],
    "indexof": ['indexof("abc", "c")', 'indexof("abc", "z")', 'indexof(input.s, "c")'],
    "lower": ["lower(input.s)", 'lower("ÄÖÜ ΑΣ")'],
    "replace": ['replace("aaa", "a", "b")', 'replace(input.s, "é", "")'],
    "split": ['split("a,b,,c", ",")', 'split("", ",")', 'split("é😀", "")', 'split("abc", "z")'],
    "startswith": ['startswith("abc", "abcd")', 'startswith(input.s, "aé")'],
    "strings.reverse": ["strings.reverse(input.s)"],
    "substring": [
        'substring("abcdef", 1, 3)',
        'substring("abcdef", 1, -1)',
        'substring("abcdef", 10, 1)',
        "substring(input.s, 1, 2)",
        'substring("abc", -1, 2)',
    ],
    "trim": ['trim("  abc ", " ")', 'trim("éaé", "é")'],
    "trim_left": ['trim_left("aab", "a")'],
    "trim_prefix": ['trim_prefix("abc", "a")', 'trim_prefix("abc", "b")'],
    "trim_right": ['trim_right("baa", "a")'],
    "trim_space": [r'trim_space(" \t\u00a0\u2003a\n\u3000 ")'],
    "trim_suffix": ['trim_suffix("abc", "bc")'],
    "upper": ["upper(input.s)", 'upper("straße ŉ ﬁ")'],
    "sprintf": ['sprintf("%s and %d: %v", ["é", 3, {"b", "a"}])', 'sprintf("%s", input.o)'],
    "to_number": [
        f"to_number({text})"
        for text in ['"1.50"', '"x"', '" 1"', '"0x1"', "true", "null", '"1e3"', '""', '"Infinity"']
    ],
    "glob.match": [
        'glob.match("a*c", [], "abc")',
        'glob.match("*.github.com", ["."], "api.github.com")',
        'glob.match("*.github.com", [], "api.cdn.github.com")',
        'glob.match("**.github.com", ["."], "api.cdn.github.com")',
        'glob.match("{a,b}?", null, "ax")',
        'glob.match("[a-c]x", [":"], "bx")',
        'glob.match("arn:*:role/*", [":"], "arn:aws:role/x")',
        'glob.match("é*", [], "éa")',
    ],
    "regex.find_all_string_submatch_n": [
        'regex.find_all_string_submatch_n("a(.)", "abac", -1)',
        'regex.find_all_string_submatch_n("(é)(x)?", "éé", -1)',
    ],
    "regex.is_valid": ['regex.is_valid("[")', 'regex.is_valid("a{1001}")', 'regex.is_valid("a|b")'],
    "regex.match": [
        f'regex.match(`{pattern}`, "{text}")'
        for pattern, text in [
            *[(r"^\w+$", "abc"), (r"^\w+$", "é"), ("^.$", "😀"), ("(?i)É", "é"), ("[", "é")],
            *[("^$", ""), (".", r"\n"), ("(?s).", r"\n"), (r"\p{Lu}", "É"), ("[[:alpha:]]", "a")],
            *[(r"a\z", "a"), ("a$", r"a\n"), (r"\x{1F600}", "😀"), (r"\pN", "٣"), (r"\d", "٣")],
            *[(r"[^\w…]", "a…b"), (r"^arn:[^:]*:(iam|sts):", "arn:aws:iam::1:role/x")],
        ]
    ],
    "intersection": ["intersection({{1, 2}, {2}})", "intersection(set())"],
    "union": ["union({{1}, {2}})"],
    "json.filter": ['json.filter(input.o, ["a/b"])'],
    "json.is_valid": ['json.is_valid("{")', 'json.is_valid("[]")'],
    "json.remove": ['json.remove(input.o, ["a/b"])'],
    "json.unmarshal": [r'json.unmarshal("{\"a\": [1, 2.50, 1e3, null]}")', 'json.unmarshal("{")'],
    "object.filter": ['object.filter(input.o, ["z"])'],
    "object.get": [
        'object.get(input.o, "q", 5)',
        'object.get(input.o, ["a", "b", 1], 5)',
        'object.get(input.o, ["a", "x"], 5)',
        "object.get(input.o, [], 5)",
    ],
    "object.keys": ["object.keys(input.o)"],
    "object.remove": ['object.remove(input.o, ["z"])'],
    "object.union": ['object.union({"a": {"b": 1}}, {"a": {"c": 2}})'],
    "object.union_n": ['object.union_n([{"a": {"b": 1}}, {"a": {"c": 2}}])'],
    "walk": ["{p | walk(input.o, p)}", "{v | walk(input.mixed, [_, v])}"],
    "is_array": ["is_array([])", "is_array({})"],
    "is_boolean": ["is_boolean(true)", "is_boolean(0)"],
    "is_null": ["is_null(null)", "is_null(input.missing)"],
    "is_number": ["is_number(1)"],
    "is_object": ["is_object({})", "is_object(input.s)"],
    "is_set": ["is_set({1})", "is_set(input.a)"],
    "is_string": ['is_string("")'],
    "type_name": ["type_name(input.s)", "type_name({1})", "type_name(null)"],
}
"""By the builtin's name. Some are undefined on purpose."""

FORMATS = [
    *["%s", "%d", "%v", "%q", "a %s b %v", "%%", "100%% %s", "%v%v", "none", "%s %s %s", "%d%%d"],
    *["é %v 😀", "%v\n%q"],
]
"""What sprintf is given as its format."""

VALUES = [
    *["[]", '["a"]', "[1]", "[-5]", "[0]", "[65, 66]", "[1.5]", "[1.0]", "[1.50]", "[1e3]"],
    *["[1e6]", "[100000.0]", "[1E20]", "[1e21]", "[123456789.25]", "[0.0001]", "[0.00001]"],
    *["[1.5e-7]", "[-0.0]", "[-0]", "[0.1]", "[1e300]", "[1e400]", "[1e-400]", "[5e-324]"],
    *["[12345678.0]", "[0.000123]", "[123456789012345678901234567890]", "[true, false, null]"],
    "[9223372036854775807, 9223372036854775808, -9223372036854775808, -9223372036854775809]",
    r'["é😀 \u2028\u00a0\u0000\u007f\u0085\u200b\ue000\ufeff\"\\\t"]',
    r'[["é😀 \u2028\u00a0\u0000\u007f\u0085\u200b\ue000\ufeff\"\\\t"]]',
    '[[1, 2.50, "x", null]]',
    '[{"b", "a", 3, [1], {"k": {2, 1}}, true, null, set()}]',
    "[set(), {}, []]",
    '[{"b": 1, "a": {"c"}, 1: 2, [3]: 4, true: {null}}]',
]
"""What sprintf is given as its values."""
