package grantlint.lib

# METADATA
# description: The list certainly has all of these members.
has_all(list, values) if {
	every value in values {
		has(list, value)
	}
}

# METADATA
# description: The list, or one of its alternatives, is known to have or to choose each of these.
shows_all(list, values) if {
	some seen in _seen(list)
	every value in values {
		some member in seen
		shows(member, value)
	}
}

# METADATA
# description: The leaf certainly holds something, whichever of its alternatives it is.
is_given(leaf) if {
	known(leaf)
	_holds(leaf)
}

is_given(leaf) if {
	count(_choices(leaf)) > 0
	every choice in _choices(leaf) {
		known(choice)
		_holds(choice)
	}
}

# METADATA
# description: The leaf or one of its alternatives is known to hold something.
shows_given(leaf) if {
	some seen in _seen(leaf)
	_holds(seen)
}

# METADATA
# description: The text, or the first of its alternatives that is a text; undefined where none is.
first_text(leaf) := [seen | some seen in _seen(leaf); is_string(seen)][0]

_holds(value) if {
	not value in [null, "", {}, []]
}
