package grantlint.lib

# METADATA
# description: |
#   The grant certainly is on a key for symmetric encryption: it is known of the key, or the key is
#   not seen and the grant allows what only such keys can do, without which there is no such grant.
is_for_symmetric(grant) if {
	is_symmetric(grant.key)
}

is_for_symmetric(grant) if {
	some operation in _symmetric_only
	has(grant.operations, operation)
	not _is_seen(grant.key)
}

_is_seen(key) if {
	is_string(key.address)
}

# METADATA
# description: The key is an asymmetric or an HMAC key in one of its alternatives.
shows_not_symmetric(key) if {
	some spec in _choices(key.spec)
	is_not(spec, "SYMMETRIC_DEFAULT")
}

shows_not_symmetric(key) if {
	some usage in _choices(key.usage)
	is_not(usage, "ENCRYPT_DECRYPT")
}

_symmetric_only := {
	"GenerateDataKey",
	"GenerateDataKeyPair",
	"GenerateDataKeyPairWithoutPlaintext",
	"GenerateDataKeyWithoutPlaintext",
}
