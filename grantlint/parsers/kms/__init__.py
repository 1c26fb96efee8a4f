"""Resource instances to the inventory: grants, keys, and what belongs to them.

Takes what the provider plans for each instance; a grant is joined to its key by what its key_id
refers to, also through modules, aliases and data sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from grantlint.model import Grant, Identity, Inventory, Key, Note
from grantlint.parsers.instance import Instance
from grantlint.parsers.kms import grant as kms_grant
from grantlint.parsers.kms import identity as kms_identity
from grantlint.parsers.kms import key as kms_key
from grantlint.parsers.kms import policy as kms_policy
from grantlint.parsers.kms.integrations import Evidence
from grantlint.parsers.kms.join import KEYS, Keys, Target
from grantlint.parsers.kms.key import get
from grantlint.parsers.kms.notes import Notes
from grantlint.source import Span
from grantlint.value import Truth, Value

Resource = tuple[Instance, Value]


def inventory(
    resources: Iterable[Resource],
    notes: Iterable[Note] = (),
    evidence: Iterable[Resource] = (),
    root: str = "",
) -> Inventory:
    """Everything of KMS among planned resources; `notes` are those made before.

    `evidence` are resources that may show what the grants are for (see `integrations`), which are
    not judged themselves; `root`
    is the directory of the root module.
    """
    shown = sorted(evidence, key=_place)
    found = _Estate(sorted(resources, key=_place), notes, shown).inventory()
    return Inventory(
        tuple(replace(key, root=root) for key in found.keys),
        tuple(replace(grant, root=root) for grant in found.grants),
        found.notes,
        tuple(replace(identity, root=root) for identity in found.identities),
    )


def _place(resource: Resource) -> tuple[str, int]:
    span = resource[0].span
    return span.path, span.start


class _Estate:
    """The resources of an inventory in the making."""

    def __init__(
        self, resources: Sequence[Resource], notes: Iterable[Note], evidence: Sequence[Resource]
    ) -> None:
        self.notes = Notes()
        for note in notes:
            self.notes.add(note.reason, note.span, note.count)
        self.present = [one for one in resources if one[0].exists is not Truth.NO]
        self.of_type: dict[str, list[Resource]] = {}
        for instance, planned in self.present:
            if instance.mode == "managed":
                self.of_type.setdefault(instance.type, []).append((instance, planned))
        self.joined = Keys.of(self.present)
        self.evidence = Evidence.of(evidence, self.joined)
        self.keys = [
            one for one in self.present if one[0].type in KEYS and one[0].mode == "managed"
        ]
        self.targets: dict[str, Target] = {}

    def inventory(self) -> Inventory:
        """All keys first: a grant shows what its key is."""
        granted: dict[str, list[str]] = {}
        grants = self.of_type.get("aws_kms_grant", [])
        for instance, planned in grants:
            key_id = get(planned, "key_id")
            target = self.joined.target(key_id, instance.provider)
            self.targets[instance.address] = target
            if target.address is not None and not key_id.sensitive:
                granted.setdefault(target.address, []).append(instance.address)
        keys = self._keys(granted)
        made = tuple(self._grant(instance, planned, keys) for instance, planned in grants)
        identities = tuple(self._identities())
        return Inventory(tuple(keys.values()), made, self.notes.sorted(), identities)

    # -- IAM policies ----------------------------------------------------------------------

    def _identities(self) -> Iterator[Identity]:
        for instance, planned in self.present:
            if instance.type in kms_identity.TYPES and instance.mode == "managed":
                for identity in kms_identity.identities(instance, planned):
                    self._note_existence(instance)
                    self.notes.unknowns([identity.policy.document], instance.span)
                    yield identity

    # -- keys ------------------------------------------------------------------------------

    def _keys(self, granted: Mapping[str, list[str]]) -> dict[str, Key]:
        shapes = kms_key.shapes(self.keys, self.joined)
        aliases = self._aliases()
        writers, stray = self._writers()
        found: dict[str, Key] = {}
        for instance, planned in self.keys:
            address = instance.address
            own = kms_policy.writer(instance, planned)
            unchecked = kms_policy.unchecked(planned)
            others = writers.get(address, ())
            policy = kms_policy.policy(instance, own, others, stray, unchecked)
            accounts = kms_key.accounts(instance, planned, policy)
            self._disagreement(accounts, instance.span)
            key = kms_key.key(
                instance,
                planned,
                shapes[address],
                policy,
                aliases.get(address, ()),
                granted.get(address, ()),
                accounts[0],
                kms_key.primary(instance, planned, self.joined),
            )
            self._note_key(instance, planned, key)
            found[address] = key
        return found

    def _aliases(self) -> dict[str, list[Value]]:
        found: dict[str, list[Value]] = {}
        for instance, planned in self.of_type.get("aws_kms_alias", ()):
            target = self.joined.target(get(planned, "target_key_id"), instance.provider).address
            if target is not None:
                found.setdefault(target, []).append(kms_key.alias_name(planned))
        return found

    def _writers(self) -> tuple[dict[str, list[kms_policy.Writer]], kms_policy.Writer | None]:
        """aws_kms_key_policy resources by key, and one whose key cannot be told."""
        found: dict[str, list[kms_policy.Writer]] = {}
        stray: kms_policy.Writer | None = None
        for instance, planned in self.of_type.get("aws_kms_key_policy", ()):
            key_id = get(planned, "key_id")
            self.notes.unknowns([key_id], instance.span)
            writer = kms_policy.writer(instance, planned)
            if writer is None:
                continue
            target = self.joined.target(key_id, instance.provider)
            if target.address is not None:
                found.setdefault(target.address, []).append(writer)
                continue
            for address in target.addresses:
                if address is not None:
                    possible = replace(writer, exists=Truth.MAYBE, under=None)
                    found.setdefault(address, []).append(possible)
            if not target.known and key_id.unknown is not None:
                stray = stray or (writer if key_id.unknown.refers_to is None else None)
        return found, stray

    def _disagreement(self, accounts: Sequence[Value], span: Span) -> None:
        if any(account.sensitive for account in accounts):
            return
        named = list(dict.fromkeys(account.text for account in accounts if account.text))
        if len(named) > 1:
            self.notes.add(
                f"a key's own account is {named[0]} or {named[1]}: what is stated and what its "
                "policy delegates to disagree",
                span,
            )

    def _note_key(self, instance: Instance, planned: Value, key: Key) -> None:
        self._note_existence(instance)
        shown = [key.spec, key.usage, key.enabled, key.enable_key_rotation, key.multi_region]
        last = [owner.address for owner in key.policy.owners[-1:]]
        if get(planned, "policy").text is None or instance.address not in last:
            shown.append(key.policy.document)
        self.notes.unknowns([*shown, *key.aliases], instance.span)

    def _note_existence(self, instance: Instance) -> None:
        if instance.exists is Truth.MAYBE and instance.condition is not None:
            said = f"whether {instance.condition}"
            if instance.source in {"cloudformation", "cdk"}:  # the name of a condition
                said = f"this being so: {instance.condition}"
            self.notes.add(f"what exists depends on {said}", instance.header)

    # -- grants ----------------------------------------------------------------------------

    def _grant(self, instance: Instance, planned: Value, keys: Mapping[str, Key]) -> Grant:
        target = self.targets[instance.address]
        grant = kms_grant.grant(instance, planned, target, keys, self.joined, self.evidence)
        self._note_existence(instance)
        shown = [
            grant.key_id,
            grant.name,
            grant.operations_written,
            grant.retire_on_delete,
            grant.grant_creation_tokens,
            grant.grantee_principal,
            grant.retiring_principal,
            get(planned, "constraints"),
        ]
        self.notes.unknowns(shown, instance.span)
        return grant
