# METADATA
# title: Three-valued questions about the leaves of the model
# description: |
#   A leaf of `input` is known, or `{"$unknown": {…}}`, or `{"$sensitive": true}`. So every question
#   has three forms: it certainly is so, it certainly is not so, it may be so:
#
#   | certainly | certainly not | may be |
#   |---|---|---|
#   | `is(leaf, value)` | `is_not(leaf, value)` | `may_be(leaf, value)` |
#   | `has(list, value)` | `has_not(list, value)` | `may_have(list, value)` |
#   | `starts_with(leaf, text)` | `starts_not_with(leaf, text)` | `may_start_with(leaf, text)` |
#   | `differs(leaf, other)` | `same(leaf, other)` | `may_differ(leaf, other)` |
#   | `present(object, name)` | `absent(object, name)` | `may_be_absent(object, name)` |
#
#   `deny` is built from the first two columns, `warn` from the last. Never negate one of them, and
#   never compare a leaf with `!=`: an unknown would accuse. A leaf that has no key makes each
#   question but the last row's undefined, which accuses nobody. `may_lack(list, value)` is what
#   `has` leaves open, as `may_have` is for `has_not`.
#
#   What may be is also what nothing is known of. A possible finding needs something known that points
#   to the fault: `shows(leaf, value)`, `shows_member(list, value)` and `shows_difference(leaf, other)`
#   say that the leaf or one of its alternatives does.
package grantlint.lib

# METADATA
# description: The leaf itself, not necessarily each member of it, is known.
known(leaf) if {
	not _hidden(leaf)
}

# METADATA
# description: The leaf is kept as sensitive. That is known of each leaf, whatever is not known of it.
is_sensitive(leaf) if leaf["$sensitive"] == true

# METADATA
# description: The leaf is certainly this value; also where each of its choices is.
is(leaf, value) if {
	not _hidden(leaf)
	leaf == value
}

is(leaf, value) if {
	count(_choices(leaf)) > 0
	every choice in _choices(leaf) {
		choice == value
	}
}

# METADATA
# description: The leaf certainly is not this value.
is_not(leaf, value) if {
	not may_be(leaf, value)
}

# METADATA
# description: The leaf is this value, or unknown and nothing speaks against it.
may_be(leaf, value) if {
	not _hidden(leaf)
	leaf == value
}

may_be(leaf, value) if {
	_hidden(leaf)
	count(_choices(leaf)) == 0
	_fits(leaf, value)
}

may_be(leaf, value) if {
	some choice in _choices(leaf)
	_possible(choice, value)
}

# METADATA
# description: The list certainly has this member.
has(list, value) if {
	is_array(list)
	some member in list
	is(member, value)
}

has(list, value) if {
	some member in list["$unknown"].has
	is(member, value)
}

has(list, value) if {
	count(_choices(list)) > 0
	every choice in _choices(list) {
		is_array(choice)
		value in choice
	}
}

# METADATA
# description: The list certainly does not have this member.
has_not(list, value) if {
	not may_have(list, value)
}

# METADATA
# description: The list has this member, or something in it is unknown and nothing speaks against it.
may_have(list, value) if {
	is_array(list)
	some member in list
	may_be(member, value)
}

may_have(list, _) if {
	_hidden(list)
	count(_choices(list)) == 0
}

may_have(list, value) if {
	some choice in _choices(list)
	_possible(choice[_], value)
}

may_have(list, _) if {
	some choice in _choices(list)
	_hidden(choice)
}

# METADATA
# description: The list does not have this member, or something in it is unknown.
may_lack(list, value) if {
	not has(list, value)
}

# METADATA
# description: The leaf is known to be this value, or one of its alternatives is.
shows(leaf, value) if {
	some seen in _seen(leaf)
	seen == value
}

# METADATA
# description: The list is known to have this member, or one of its or the member's alternatives is.
shows_member(list, value) if {
	has(list, value)
}

shows_member(list, value) if {
	some seen in _seen(list)
	is_array(seen)
	shows(seen[_], value)
}

# METADATA
# description: The text certainly begins so.
starts_with(leaf, text) if {
	is_string(leaf)
	startswith(leaf, text)
}

starts_with(leaf, text) if {
	startswith(leaf["$unknown"].prefix, text)
	text != ""
}

starts_with(leaf, text) if {
	count(_choices(leaf)) > 0
	every choice in _choices(leaf) {
		is_string(choice)
		startswith(choice, text)
	}
}

# METADATA
# description: The leaf certainly is not a text that begins so.
starts_not_with(leaf, text) if {
	not may_start_with(leaf, text)
}

# METADATA
# description: The text begins so, or is unknown and nothing speaks against it.
may_start_with(leaf, text) if {
	is_string(leaf)
	startswith(leaf, text)
}

may_start_with(leaf, text) if {
	_hidden(leaf)
	count(_choices(leaf)) == 0
	_begins_alike(object.get(leaf, ["$unknown", "prefix"], ""), text)
}

may_start_with(leaf, text) if {
	some choice in _choices(leaf)
	is_string(choice)
	startswith(choice, text)
}

may_start_with(leaf, _) if {
	some choice in _choices(leaf)
	_hidden(choice)
}

# METADATA
# description: The leaves certainly are not the same, whichever of its alternatives each is.
differs(leaf, other) if {
	_each_differs(leaf, other)
}

differs(leaf, other) if {
	_each_differs(other, leaf)
}

# METADATA
# description: Both leaves are known and the same.
same(leaf, other) if {
	known(other)
	is(leaf, other)
}

# METADATA
# description: The leaves are not the same, or one is unknown.
may_differ(leaf, other) if {
	not same(leaf, other)
}

# METADATA
# description: The leaves certainly are not the same, or are not for alternatives that are known.
shows_difference(leaf, other) if {
	differs(leaf, other)
}

shows_difference(leaf, other) if {
	some value in _seen(leaf)
	some another in _seen(other)
	_differ(value, another)
}

# METADATA
# description: The object certainly has this argument.
present(object, name) if {
	not _hidden(object[name])
	object[name] == object[name]
}

# METADATA
# description: The object certainly does not have this argument.
absent(object, name) if {
	is_object(object)
	not name in _names(object)
}

# METADATA
# description: The object does not have this argument, or whether it has is unknown.
may_be_absent(object, name) if {
	absent(object, name)
}

may_be_absent(object, name) if {
	_hidden(object[name])
}

# METADATA
# description: A leaf as a message shows it, its text or, where it is hidden or no text, another
text(leaf, _) := leaf if {
	is_string(leaf)
}

text(leaf, otherwise) := otherwise if {
	not is_string(leaf)
}

# -- how they are answered -----------------------------------------------------------------

_names(object) := {name | some name, _ in object}

_hidden(leaf) if {
	is_object(leaf)
	is_object(leaf["$unknown"])
}

_hidden(leaf) if {
	is_object(leaf)
	leaf["$sensitive"] == true
}

_choices(leaf) := choices if {
	is_object(leaf)
	choices := leaf["$unknown"].choices
} else := []

# What is known of a leaf: its value, or those of its choices that are.
_seen(leaf) := [choice | some choice in _choices(leaf); known(choice)] if {
	_hidden(leaf)
} else := [leaf]

_each_differs(leaf, other) if {
	known(leaf)
	_differs_from_all(leaf, other)
}

_each_differs(leaf, other) if {
	count(_choices(leaf)) > 0
	every choice in _choices(leaf) {
		known(choice)
		_differs_from_all(choice, other)
	}
}

_differs_from_all(value, other) if {
	value != null
	every another in _seen(other) {
		_differ(value, another)
	}
	is_not(other, value)
}

# Null is no value: what is not there differs from nothing.
_differ(value, another) if {
	value != null
	another != null
	value != another
}

_possible(choice, value) if {
	choice == value
}

_possible(choice, _) if {
	_hidden(choice)
}

# A text with holes has a known beginning and end; of anything else nothing is known.
_fits(leaf, _) if {
	leaf["$sensitive"] == true
}

_fits(leaf, value) if {
	is_string(value)
	seen := leaf["$unknown"]
	startswith(value, seen.prefix)
	endswith(value, seen.suffix)
	count(value) >= count(seen.prefix) + count(seen.suffix)
}

_fits(leaf, value) if {
	not is_string(value)
	seen := leaf["$unknown"]
	seen.prefix == ""
	seen.suffix == ""
}

_begins_alike(prefix, text) if {
	startswith(prefix, text)
}

_begins_alike(prefix, text) if {
	startswith(text, prefix)
}
