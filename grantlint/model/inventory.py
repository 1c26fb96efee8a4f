"""Keys and grants with everything that belongs to them.

Fields are named as Terraform names its arguments and hold `Value`s; an argument that is not
written is null. Derived facts (who the grantee is, which key a grant is for, what its policy
says) stand beside them, so that no rule takes text apart.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from grantlint.iam.grantee import Grantee
from grantlint.iam.naming import called
from grantlint.iam.statements import Statement
from grantlint.source import Span
from grantlint.value import Truth, Value, far_address


@dataclass(frozen=True, slots=True)
class KeyReference:
    """The key that a grant is for.

    `address` is null for a key outside the estate, unknown where it may be one of the estate; of
    a key in another root module, whose state the grant's reads, it says so (see `far_address`).
    `enabled` and `imported` are as of a `Key`.
    """

    address: Value
    spec: Value
    usage: Value
    account: Value
    enabled: Value
    imported: Value


@dataclass(frozen=True, slots=True)
class Constraints:
    """What an operation's encryption context or source must be; null is no such constraint.

    An empty map constrains nothing and is null too. `blocks` counts the blocks that certainly
    constrain something: AWS accepts one. Of several, each kind is the first that was written.
    """

    encryption_context_equals: Value
    encryption_context_subset: Value
    source_arn: Value
    blocks: int


@dataclass(frozen=True, slots=True)
class Owner:
    """A resource that writes a key's policy; `writes` is whether it does where the key exists."""

    address: str
    writes: Truth
    document: Value


@dataclass(frozen=True, slots=True)
class Policy:
    """A key's policy.

    `default` is whether nothing writes one, so that AWS puts its own; `unseen` are the unknowns
    that stand for statements that cannot be seen; `owners` what writes it or may, the last in
    force; `bypass_policy_lockout_safety_check` is true where one of them tells AWS not to look for
    a lockout.
    """

    default: Value
    document: Value
    statements: tuple[Statement, ...]
    unseen: tuple[Value, ...]
    owners: tuple[Owner, ...]
    bypass_policy_lockout_safety_check: Value


@dataclass(frozen=True, slots=True)
class Integration:
    """What shows that a service of AWS uses a grant's key in the name of its grantee.

    `service` is the service's principal. The calls have an encryption context that it chooses.
    `evidence` is a clause about the resource at `address`, `span` what it rests on.
    """

    service: str
    address: str
    evidence: str
    span: Span


@dataclass(frozen=True, slots=True)
class Namesake:
    """A role or user of the configuration that a grant names by a text.

    `argument` is where, grantee_principal or retiring_principal; `same` whether it is certainly
    that one and not its namesake in another account; `span` its head.
    """

    argument: str
    address: str
    same: Truth
    span: Span


@dataclass(frozen=True, slots=True)
class Construct:
    """The CDK construct that an object was synthesised from.

    `path` is the construct's, `lines` are the places of the user's own program that made it, the
    innermost call first; empty where the assembly does not tell. `assigned` are those that set one
    of its CloudFormation properties later, by the property's name.
    """

    path: str
    lines: tuple[Span, ...] = ()
    assigned: Mapping[str, tuple[Span, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant. `operations` is a sorted set, `operations_written` as written.

    `key_refused`, `grantee_refused` and `retiring_refused` are why a grant cannot have that key or
    principal, null where it can (see `iam/refusal.py`). `root` is the directory of its root module:
    grants of different ones are never in one state.

    `ends_by` is how it ends when it is removed from the configuration: revoke, retire, never, or
    unknown. `made_by` is the service of AWS that made a grant which AWS lists, null where nothing
    shows one (see `iam/makers.py`). `where` says in words what must be so for it to exist; `calls`
    are the headers of the module blocks that lead to it, the root module's first.
    """

    address: str
    source: str
    exists: Truth
    key: KeyReference
    key_id: Value
    key_refused: Value
    name: Value
    operations: Value
    operations_written: Value
    retire_on_delete: Value
    grant_creation_tokens: Value
    grantee_principal: Value
    grantee: Grantee
    grantee_refused: Value
    retiring_principal: Value
    retiring: Grantee | None
    retiring_refused: Value
    constraints: Constraints
    ends_by: str
    made_by: Value
    span: Span
    where: str | None = None
    calls: tuple[Span, ...] = ()
    integrations: tuple[Integration, ...] = ()
    namesakes: tuple[Namesake, ...] = ()
    root: str = ""
    construct: Construct | None = None

    @property
    def who(self) -> str:
        """The grantee as a message calls it; never a sensitive text."""
        return called(self.grantee_principal, self.grantee, "the grantee")


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `grants` are the addresses of the grants that are certainly for it.

    Among them are those of other root modules that read its state (see `far_address`).

    `origin` is where its material comes from: AWS_KMS, EXTERNAL, AWS_CLOUDHSM or
    EXTERNAL_KEY_STORE; `imported` whether the configuration imports it, null where AWS makes it.
    `primary` is the address of the key that a replica is one of, null for what is none or whose
    primary is outside the estate. `root` is the directory of its root module.
    """

    address: str
    source: str
    exists: Truth
    spec: Value
    usage: Value
    account: Value
    enabled: Value
    enable_key_rotation: Value
    multi_region: Value
    origin: Value
    imported: Value
    primary: Value
    aliases: tuple[Value, ...]
    grants: tuple[str, ...]
    policy: Policy
    span: Span
    where: str | None = None
    calls: tuple[Span, ...] = ()
    root: str = ""
    construct: Construct | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """An IAM policy that says something of AWS KMS to those it is attached to.

    `managed` is the ARN of a policy of AWS's own that is attached, whose `policy` is not seen;
    null for one that is written here.
    """

    address: str
    source: str
    exists: Truth
    managed: Value
    policy: Policy
    span: Span
    where: str | None = None
    calls: tuple[Span, ...] = ()
    root: str = ""
    construct: Construct | None = None


Holder = Key | Identity
"""What has a policy."""

LIVE = "aws"
"""The source of what was read from AWS: it is there, and nobody has to apply it."""

NOT_HERE = " is not here: run `terraform init -backend=false`"
"""How the reason of a note ends that says which module is missing."""


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be seen: why, how often, and where first."""

    reason: str
    count: int
    span: Span | None


_Groups = dict[Callable[[Grant], Hashable], dict[Hashable, list[Grant]]]


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything of KMS in an estate."""

    keys: tuple[Key, ...]
    grants: tuple[Grant, ...]
    notes: tuple[Note, ...] = ()
    identities: tuple[Identity, ...] = ()
    _by_address: dict[tuple[str | None, str], list[Key]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _groups: _Groups = field(default_factory=dict, init=False, repr=False, compare=False)

    def key_at(self, address: Value, near: Grant | Key) -> Key | None:
        """The key of that address in the same root module, if it is known which one that is.

        Root modules that know nothing of each other share addresses. A key whose address says
        that it is in another one (see `far_address`) comes with that address.
        """
        if not self._by_address:
            for key in self.keys:
                self._by_address.setdefault((key.root, key.address), []).append(key)
                far = replace(key, address=far_address(key.address, key.root))
                self._by_address.setdefault((None, far.address), []).append(far)
        asked = address.text or ""
        found = self._by_address.get((near.root, asked)) or self._by_address.get((None, asked), [])
        return found[0] if len(found) == 1 else None

    def grouped(self, trait: Callable[[Grant], Hashable]) -> Mapping[Hashable, list[Grant]]:
        """The grants that exist or may, by what `trait` tells of each; counted out only once."""
        found = self._groups.get(trait)
        if found is None:
            found = self._groups[trait] = {}
            for grant in self.grants:
                if grant.exists is not Truth.NO:
                    found.setdefault(trait(grant), []).append(grant)
        return found
