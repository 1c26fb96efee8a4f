package grantlint.lib

# Operations whose requests carry an encryption context: those of a symmetric encryption key.
# https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
with_context := {
	"Decrypt",
	"Encrypt",
	"GenerateDataKey",
	"GenerateDataKeyPair",
	"GenerateDataKeyPairWithoutPlaintext",
	"GenerateDataKeyWithoutPlaintext",
	"ReEncryptFrom",
	"ReEncryptTo",
}

# METADATA
# description: |
#   The grantee, or each of those of whom it is one. Ask each where a fault lies in two facts about
#   the same principal: what they have in common does not tell which account goes with which kind.
each(grantee) := grantee.alternatives if {
	count(grantee.alternatives) > 0
} else := [grantee]

# METADATA
# description: |
#   Whoever the grantee is, the estate or one of its accounts answers for it: it is neither a
#   service of AWS, nor a role that only a service can use, nor a session of EC2's own.
is_application(grantee) if {
	every one in each(grantee) {
		_is_application(one)
	}
}

# METADATA
# description: Nothing shows that the grantee is a service of AWS or of one.
may_be_application(grantee) if {
	some one in each(grantee)
	_may_be_application(one)
}

# METADATA
# description: The grantee may be an application, and is of a kind that is known to be one of theirs.
shows_application(grantee) if {
	some one in each(grantee)
	some kind in _kinds_of_applications
	shows(one.kind, kind)
	_may_be_application(one)
}

# METADATA
# description: The grantee certainly is an account as a whole.
is_whole_account(grantee) if {
	is(grantee.kind, "root")
}

# METADATA
# description: The grantee certainly is not an account as a whole.
is_not_whole_account(grantee) if {
	is_not(grantee.kind, "root")
}

# METADATA
# description: The grantee may be something else than an account as a whole.
may_not_be_whole_account(grantee) if {
	not is_whole_account(grantee)
}

# METADATA
# description: The grantee or one of its alternatives is an account as a whole.
shows_whole_account(grantee) if {
	some one in each(grantee)
	shows(one.kind, "root")
}

# METADATA
# description: |
#   The grantee, or the principal of a statement, certainly is of an account that is neither the key's own
#   nor one that the user trusts.
is_stranger(who) if {
	is(who.trusted, false)
}

# METADATA
# description: The principal certainly is of the key's own account or of one that the user trusts.
is_no_stranger(who) if {
	is(who.trusted, true)
}

# METADATA
# description: The principal may be of an account that is neither the key's own nor trusted.
may_be_stranger(who) if {
	may_be(who.trusted, false)
}

# METADATA
# description: The key certainly is one for symmetric encryption.
is_symmetric(key) if {
	is(key.spec, "SYMMETRIC_DEFAULT")
	is(key.usage, "ENCRYPT_DECRYPT")
}

# METADATA
# description: The key certainly is an asymmetric or an HMAC key.
is_not_symmetric(key) if {
	is_not(key.spec, "SYMMETRIC_DEFAULT")
}

is_not_symmetric(key) if {
	is_not(key.usage, "ENCRYPT_DECRYPT")
}

# METADATA
# description: The key is one for symmetric encryption, or not known.
may_be_symmetric(key) if {
	may_be(key.spec, "SYMMETRIC_DEFAULT")
	may_be(key.usage, "ENCRYPT_DECRYPT")
}

# What the provider takes. The number of an account and the unique ids of IAM, which it refuses, are
# left to invalid-grantee.
_kinds_of_applications := {"role", "user", "session", "federated", "root"}

_is_application(one) if {
	some kind in _kinds_of_applications
	is(one.kind, kind)
	is_not(one.service_linked, true)
	not _may_be_of_aws(one)
}

_may_be_application(one) if {
	some kind in _kinds_of_applications
	may_be(one.kind, kind)
	may_be(one.service_linked, false)
	not _is_of_aws(one)
}

# The sessions that EC2 uses for its volumes: assumed-role/aws:ec2-infrastructure/i-…
_is_of_aws(grantee) if {
	starts_with(grantee.name, "aws:")
}

_may_be_of_aws(grantee) if {
	may_start_with(grantee.name, "aws:")
	is_string(grantee.name)
}

_may_be_of_aws(grantee) if {
	may_start_with(grantee.name, "aws:")
	may_be(grantee.kind, "session")
}
