"""The professional who acts: an account, in a structure, in one role."""

from __future__ import annotations

from dataclasses import dataclass

from portal.access.roles import CAPABILITIES, Capability
from portal.models.organisations import Account, Membership, Organisation, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; every ``get_`` and ``list_`` query takes one and returns only what it may see."""

    account: Account
    membership: Membership

    @property
    def organisation(self) -> Organisation:
        """The structure the actor works for now."""
        return self.membership.organisation

    @property
    def role(self) -> Role:
        """The role the actor plays now."""
        return self.membership.role

    @property
    def role_label(self) -> str:
        """The role in words."""
        return self.role.label

    @property
    def departement_code(self) -> str | None:
        """The département the structure works in, None for a regional one."""
        return self.organisation.departement_code

    @property
    def memberships(self) -> list[Membership]:
        """Every place the account works in, to switch between them."""
        return [membership for membership in self.account.memberships if membership.active]

    def can(self, capability: Capability | str) -> bool:
        """Whether the role has a capability."""
        return Capability(capability) in CAPABILITIES[self.role]
