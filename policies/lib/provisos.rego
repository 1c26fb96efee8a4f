package grantlint.lib

# METADATA
# description: |
#   A possible hit whose message ends with what it depends on, and why that is not known. Clauses that
#   certainly are so are left out.
provided(hit, clauses) := object.union(hit, {"message": concat("", [hit.message, _proviso(clauses)])})

# METADATA
# description: |
#   A clause of `provided`. `certainly` is not empty where it is so whatever the leaves are:
#   `lib.clause({1 | lib.has(list, value)}, "it has the value", [list])`.
clause(certainly, says, leaves) := {"open": count(certainly) == 0, "says": says, "leaves": leaves}

# METADATA
# description: The clause that the grantee is one whose grants are judged.
if_application(grantee) := clause(
	{1 | is_application(grantee)},
	"the grantee is neither a service nor a service-linked role",
	[leaf | some one in each(grantee); some leaf in [one.kind, one.service_linked, one.name]],
)

# METADATA
# description: The clause that the grant is on a key for symmetric encryption.
if_symmetric(grant) := clause(
	{1 | is_for_symmetric(grant)},
	"the key is one for symmetric encryption",
	[grant.key.spec, grant.key.usage],
)

_proviso(clauses) := sprintf(", if %s%s", [concat(" and ", [one.says | some one in open]), _because(open)]) if {
	open := [one | some one in clauses; one.open]
	count(open) > 0
} else := ""

_because(open) := sprintf(" (not known: %s)", [concat("; ", sort(reasons))]) if {
	reasons := {reason | some one in open; some leaf in one.leaves; some reason in _reasons(leaf)}
	count(reasons) > 0
} else := ""

_reasons(leaf) := {_reason(leaf["$unknown"])} if {
	is_object(leaf["$unknown"])
} else := {"it is sensitive"} if {
	_hidden(leaf)
} else := {reason | some member in leaf; reason := _reason(member["$unknown"])} if {
	is_array(leaf)
} else := set()

# Why it is not known, and what it stands for.
_reason(cause) := sprintf("%s, %s", [cause.refers_to.address, cause.reason]) if {
	not startswith(cause.reason, cause.refers_to.address)
} else := cause.reason
