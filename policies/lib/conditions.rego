package grantlint.lib

# METADATA
# description: The condition certainly is met by whatever differs from its values.
is_negated(condition) if {
	some operator in _negated
	is(condition.operator, operator)
}

# METADATA
# description: The condition certainly is met by its values.
is_not_negated(condition) if {
	known(condition.operator)
	not condition.operator in _negated
}

# METADATA
# description: The condition is met by whatever differs from its values, or its operator is not known.
may_be_negated(condition) if {
	not is_not_negated(condition)
}

# METADATA
# description: The condition certainly is one of ForAllValues, which a request without its key meets too.
is_for_all(condition) if {
	is(condition.set, "ForAllValues")
	is_not(condition.operator, "Null")
}

# METADATA
# description: The condition certainly is not one of ForAllValues.
is_not_for_all(condition) if {
	not may_be_for_all(condition)
}

# METADATA
# description: The condition is one of ForAllValues, or its set operator or operator is not known.
may_be_for_all(condition) if {
	may_be(condition.set, "ForAllValues")
	not is(condition.operator, "Null")
}

# METADATA
# description: The text certainly is this action; AWS does not regard case.
is_action(leaf, action) if {
	is_string(leaf)
	lower(leaf) == lower(action)
}

is_action(leaf, action) if {
	count(_choices(leaf)) > 0
	every choice in _choices(leaf) {
		is_string(choice)
		lower(choice) == lower(action)
	}
}

# METADATA
# description: The text certainly is not this action.
is_not_action(leaf, action) if {
	not may_be_action(leaf, action)
}

# METADATA
# description: The text is this action, or unknown and nothing speaks against it.
may_be_action(leaf, action) if {
	is_action(leaf, action)
}

may_be_action(leaf, action) if {
	_hidden(leaf)
	count(_choices(leaf)) == 0
	_fits_action(leaf, action)
}

may_be_action(leaf, action) if {
	some choice in _choices(leaf)
	is_string(choice)
	lower(choice) == lower(action)
}

may_be_action(leaf, _) if {
	some choice in _choices(leaf)
	_hidden(choice)
}

# METADATA
# description: The text or one of its alternatives is known to be this action.
shows_action(leaf, action) if {
	some seen in _seen(leaf)
	is_action(seen, action)
}

# METADATA
# description: The clause that a statement allows what it is about.
if_allows(statement) := clause({1 | is(statement.effect, "Allow")}, "the statement allows it", [statement.effect])

# METADATA
# description: The clause that a statement denies what it is about.
if_denies(statement) := clause({1 | is(statement.effect, "Deny")}, "the statement denies it", [statement.effect])

# METADATA
# description: The clause that a statement is about an action.
if_covers(statement, action) := clause(
	{1 | has(statement.covers, action)},
	sprintf("it is about kms:%s", [action]),
	[statement.covers],
)

_fits_action(leaf, _) if {
	leaf["$sensitive"] == true
}

_fits_action(leaf, action) if {
	seen := leaf["$unknown"]
	startswith(lower(action), lower(seen.prefix))
	endswith(lower(action), lower(seen.suffix))
	count(action) >= count(seen.prefix) + count(seen.suffix)
}

_negated := {
	"ArnNotEquals",
	"ArnNotLike",
	"DateNotEquals",
	"NotIpAddress",
	"NumericNotEquals",
	"StringNotEquals",
	"StringNotEqualsIgnoreCase",
	"StringNotLike",
}
