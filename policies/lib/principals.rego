package grantlint.lib

# METADATA
# description: |
#   Why a grant cannot have this principal, as the end of a sentence that begins with what it is for;
#   undefined where it can, and where that is not certain. Texts in `accepted` are taken all the same.
refusal(leaf, accepted) := found[0] if {
	alternatives := _alternatives(leaf)
	found := [why | some one in alternatives; why := _refused(one, accepted)]
	count(found) == count(alternatives)
	count(found) > 0
}

# METADATA
# description: |
#   Why a grant may not be able to have this principal: one of its alternatives is refused, or it is
#   made of something that is no principal.
possible_refusal(leaf, accepted) := found[0] if {
	found := [why | some one in _alternatives(leaf); why := _doubted(one, accepted)]
	count(found) > 0
}

_alternatives(leaf) := choices if {
	choices := _choices(leaf)
	count(choices) > 0
} else := [leaf]

_refused(text, accepted) := sprintf("%q %s", [text, _fault(text)]) if {
	is_string(text)
	not text in accepted
	not _is_principal(text)
}

_refused(leaf, _) := sprintf("%q %s", [_shown(seen), _fault(_shown(seen))]) if {
	seen := leaf["$unknown"]
	_never_principal(seen.prefix, seen.suffix)
}

# What a function made of such an attribute may be right: not more than a doubt.
_doubted(leaf, accepted) := _refused(leaf, accepted)

_doubted(leaf, _) := sprintf("%s is %s", [referent.address, _no_principals[referent.type]]) if {
	leaf["$unknown"].prefix == ""
	leaf["$unknown"].suffix == ""
	referent := leaf["$unknown"].refers_to
	not contains(sprintf(".%s", [referent.address]), ".data.")
}

# -- what AWS KMS and the provider take ----------------------------------------------------

# Resources without any attribute that is a principal of a grant.
_no_principals := {
	"aws_iam_group": "a group, not a principal",
	"aws_iam_instance_profile": "an instance profile, not the role in it",
	"aws_iam_openid_connect_provider": "an identity provider, not a principal",
	"aws_iam_policy": "a policy, not a principal",
	"aws_iam_saml_provider": "an identity provider, not a principal",
	"aws_organizations_organization": "an organization, not a principal",
	"aws_organizations_organizational_unit": "a part of an organization, not a principal",
}

# https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
_is_principal(text) if {
	count(text) <= 256
	regex.match(`^[\w+=,.@:/-]+$`, text)
	regex.match(
		`^arn:aws(-[a-z]+)*:(iam::\d{12}:(root$|(role|user)/.)|sts::\d{12}:(assumed-role|federated-user)/.)`,
		text,
	)
}

# The provider takes the names of services too.
_is_principal(text) if {
	regex.match(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+){2,}$`, text)
}

# A text with a hole, whatever is in it.
_never_principal(prefix, suffix) if {
	some part in [prefix, suffix]
	regex.match(`[^\w+=,.@:/-]`, part)
}

_never_principal(prefix, suffix) if {
	count(prefix) + count(suffix) > 256
}

_never_principal(prefix, _) if {
	startswith(prefix, "arn:")
	some index, field in _whole_fields(prefix)
	not regex.match(_fields[index], field)
}

_never_principal(prefix, _) if {
	fields := split(prefix, ":")
	count(fields) > 5
	resource := concat(":", array.slice(fields, 5, count(fields)))
	every start in _resources[fields[2]] {
		not _begins_alike(resource, start)
	}
}

# Neither an ARN nor a service's name begins so.
_never_principal(prefix, _) if {
	not _begins_alike(prefix, "arn:")
	regex.match(`[^A-Za-z0-9.-]`, prefix)
}

_never_principal(_, suffix) if {
	regex.match(`:(group|instance-profile|mfa|oidc-provider|policy|saml-provider|server-certificate)/[^:]*$`, suffix)
}

_fields := [`^arn$`, `^aws(-[a-z]+)*$`, `^(iam|sts)$`, `^$`, `^\d{12}$`]

# The fields of an ARN's beginning that nothing can be added to.
_whole_fields(prefix) := array.slice(fields, 0, min([count(fields) - 1, 5])) if {
	fields := split(prefix, ":")
}

_resources := {
	"iam": ["root", "role/", "user/"],
	"sts": ["assumed-role/", "federated-user/"],
}

# -- what is wrong, once something is ------------------------------------------------------

_shown(seen) := sprintf("%s…%s", [seen.prefix, seen.suffix])

_fault(text) := "is empty" if {
	text == ""
} else := "has a wildcard, but must be one exact principal" if {
	regex.match(`[*?]`, text)
} else := "is longer than the 256 characters that AWS KMS takes" if {
	count(text) > 256
} else := "has a character that AWS KMS does not take" if {
	regex.match(`[^\w+=,.@:/…-]`, text)
} else := "is the number of an account, not an ARN" if {
	regex.match(`^\d{12}$`, text)
} else := "is a unique id of IAM, not an ARN" if {
	regex.match(`^A[A-Z]{2}A[A-Z0-9]{12,}(:|$)`, text)
} else := "is an organization or a part of one, not a principal" if {
	regex.match(`^(o-[a-z0-9]{10,32}$|ou-[a-z0-9]+-[a-z0-9]+$|arn:[^:]*:organizations:)`, text)
} else := "is neither an ARN nor the name of a service" if {
	not startswith(text, "arn:")
} else := "is a group, not a principal" if {
	regex.match(`^arn:([^:]*:iam:.*|…):group/`, text)
} else := "names no account of twelve digits" if {
	regex.match(`^arn:[^:]*:(iam|sts):[^:]*:[^:…]*:(…|root$|role/|user/|assumed-role/|federated-user/)`, text)
	not regex.match(`^arn:[^:]*:[^:]*:[^:]*:\d{12}:`, text)
} else := "has a Region, which ARNs of IAM do not have" if {
	regex.match(`^arn:[^:]*:(iam|sts):[^:]+:`, text)
} else := "is not the ARN of a role, user, session or account"
