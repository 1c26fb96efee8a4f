package grantlint.lib

# METADATA
# description: Every resource of the statement certainly is an alias of AWS KMS, and there is one.
is_about_aliases(statement) if {
	statement.not_resource == false
	is_array(statement.resources)
	count(statement.resources) > 0
	every resource in statement.resources {
		is_alias(resource)
	}
}

# METADATA
# description: The text certainly is the ARN of an alias, or of several.
is_alias(leaf) if {
	is_string(leaf)
	contains(leaf, ":alias/")
}

is_alias(leaf) if {
	contains(leaf["$unknown"].prefix, ":alias/")
}

is_alias(leaf) if {
	contains(leaf["$unknown"].suffix, ":alias/")
}

is_alias(leaf) if {
	count(_choices(leaf)) > 0
	every choice in _choices(leaf) {
		is_string(choice)
		contains(choice, ":alias/")
	}
}

# METADATA
# description: The first operation on a key that the statement certainly names; undefined if none.
of_keys(statement) := named[0] if {
	statement.not_action == false
	is_array(statement.actions)
	named := [action |
		some action in statement.actions
		is_string(action)
		some operation in with_context | {"CreateGrant", "DescribeKey", "ReEncrypt"}
		startswith(lower(action), lower(sprintf("kms:%s", [operation])))
	]
	count(named) > 0
}
