package grantlint.lib

# Actions on a key that use what is secret of it, hand it on, or decide who has it.
_serious := {
	"CreateGrant",
	"Decapsulate",
	"Decrypt",
	"DeleteImportedKeyMaterial",
	"DeriveSharedSecret",
	"DisableKey",
	"Encapsulate",
	"Encrypt",
	"GenerateDataKey",
	"GenerateDataKeyPair",
	"GenerateDataKeyPairWithoutPlaintext",
	"GenerateDataKeyWithoutPlaintext",
	"GenerateMac",
	"PutKeyPolicy",
	"ReEncryptFrom",
	"ReEncryptTo",
	"ReplicateKey",
	"ScheduleKeyDeletion",
	"Sign",
	"Verify",
	"VerifyMac",
}

# Other actions that change something about a key.
_changing := {
	"CancelKeyDeletion",
	"CreateAlias",
	"DeleteAlias",
	"DisableKeyRotation",
	"EnableKey",
	"EnableKeyRotation",
	"ImportKeyMaterial",
	"RevokeGrant",
	"RotateKeyOnDemand",
	"SynchronizeMultiRegionKey",
	"TagResource",
	"UntagResource",
	"UpdateAlias",
	"UpdateKeyDescription",
	"UpdatePrimaryRegion",
}

# METADATA
# description: Every action on a key that does more than describe it.
consequential := _serious | _changing

# METADATA
# description: How bad it is if anyone may call an action on a key, high or medium.
harm(action) := "high" if {
	action in _serious
} else := "medium" if {
	action in _changing
}

# METADATA
# description: |
#   The statements of a policy that are about AWS KMS, by their place: all of a key's, and of an IAM
#   policy's those that certainly are.
of_kms(holder) := {at: statement |
	some at, statement in holder.policy.statements
	_is_of_kms(holder.kind, statement)
}

_is_of_kms("key", _)

_is_of_kms("identity", statement) if {
	is_array(statement.covers)
	count(statement.covers) > 0
}
