"""Who follows the person, in plain words, and the call they ask for."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.calls.queries import record_call
from portal.models import (
    CallReason,
    CallRequest,
    Organisation,
    OrganisationKind,
    Person,
    Referral,
)
from portal.phones import tel_href
from portal.text import N_
from portal.today.tasks import working_days_after

#: What somebody of such a structure does for the person.
_HELPS = {
    OrganisationKind.PLATFORM: N_("Trouve des employeurs avec vous."),
    OrganisationKind.HUB: N_("Prépare des formations et des emplois."),
    OrganisationKind.TRAINING: N_("Vous forme à un métier."),
    OrganisationKind.SIAE: N_("Vous fait travailler et progresser."),
}
# Apart from its use: the extraction of strings does not see a mark inside another call.
_HELPS_OTHERWISE = N_("Vous aide dans vos démarches.")


@dataclass(frozen=True, slots=True)
class ContactView:
    """Somebody to call: who, where, what for; ``number`` None: the structure gave none."""

    name: str
    structure: str
    helps: str
    number: str | None

    @property
    def href(self) -> str | None:
        """The « tel: » address."""
        return tel_href(self.number) if self.number else None


def list_contacts(session: Session, person: Person) -> list[ContactView]:
    """Those who follow the person now, who leads first; else the structure that knows them."""
    rows = session.scalars(
        select(Referral)
        .where(Referral.person_id == person.id, Referral.end.is_(None))
        .order_by(Referral.lead.desc(), Referral.start, Referral.id)
        .options(joinedload(Referral.account), joinedload(Referral.organisation))
    )
    found = [_of_referral(row) for row in rows]
    return found or ([_of_structure(person.owner)] if person.owner else [])


def _of_referral(row: Referral) -> ContactView:
    account, organisation = row.account, row.organisation
    helps = _("Suit votre parcours.") if row.lead else _helps(organisation)
    if account is None:
        return ContactView(organisation.name, "", str(helps), organisation.phone)
    number = account.phone or organisation.phone
    return ContactView(account.full_name, organisation.name, str(helps), number)


def _of_structure(organisation: Organisation) -> ContactView:
    return ContactView(organisation.name, "", _helps(organisation), organisation.phone)


def _helps(organisation: Organisation) -> str:
    return str(_(_HELPS.get(organisation.kind, _HELPS_OTHERWISE)))


def ask_call(session: Session, person: Person) -> CallRequest | None:
    """« Rappelez-moi »: somebody calls by the next working day; None when nobody can be asked."""
    due = working_days_after(clock.today(), 1)
    return record_call(session, reason=CallReason.CALL_ME, due_on=due, person=person)
