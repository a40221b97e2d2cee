"""What a structure may do by convention, and whom to call when it may not yet (S3-12)."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.access.transitions import IllegalTransitionError
from portal.models import Habilitation, HabilitationKind, Organisation, OrganisationKind, Scheme
from portal.phones import phone_text

# A house of the Département acts under the Département's convention.
_DEEPEST = 5
#: The schemes that a structure prescribes under the Région's « convention d'association ».
CONVENTION_SCHEMES = frozenset({Scheme.PRF, Scheme.KEY_SKILLS})


def active_habilitation(
    session: Session, organisation: Organisation, kind: HabilitationKind, on: date
) -> Habilitation | None:
    """The right of a structure, or of one it belongs to, that day."""
    return session.scalar(
        select(Habilitation)
        .where(
            Habilitation.organisation_id.in_(_line_of(organisation)),
            Habilitation.kind == kind,
            Habilitation.valid_from <= on,
            or_(Habilitation.valid_until.is_(None), Habilitation.valid_until >= on),
        )
        .order_by(Habilitation.valid_from.desc())
        .limit(1)
    )


def _line_of(organisation: Organisation) -> list[int]:
    """The structure and those above it."""
    found: list[int] = []
    current: Organisation | None = organisation
    while current is not None and len(found) < _DEEPEST:
        found.append(current.id)
        current = current.parent
    return found


def check_convention(
    session: Session, organisation: Organisation, scheme: Scheme | None, on: date
) -> None:
    """Refuse a positioning that the structure may not make, saying whom to call (T-ENR-02)."""
    if scheme not in CONVENTION_SCHEMES:
        return
    if active_habilitation(session, organisation, HabilitationKind.PRF_ASSOCIATION, on) is None:
        raise IllegalTransitionError(
            _(
                "%(name)s n’a pas de convention d’association active : elle ne peut pas"
                " positionner sur le programme régional. Qui appeler : %(whom)s.",
                name=organisation.name,
                whom=whom_to_call(session, organisation),
            )
        )


def whom_to_call(session: Session, organisation: Organisation) -> str:
    """The contact of the last convention, else the Région."""
    contact = session.scalar(
        select(Habilitation.contact)
        .where(
            Habilitation.organisation_id.in_(_line_of(organisation)),
            Habilitation.kind == HabilitationKind.PRF_ASSOCIATION,
            Habilitation.contact.is_not(None),
        )
        .order_by(Habilitation.valid_from.desc())
        .limit(1)
    )
    if contact:
        return contact
    region = session.scalar(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.REGION, Organisation.active)
        .order_by(Organisation.id)
        .limit(1)
    )
    if region is None:
        return str(_("votre correspondant à la Région"))
    ways = [phone_text(region.phone), region.email or ""]
    reach = ", ".join(way for way in ways if way)
    return f"{region.name} ({reach})" if reach else region.name
