"""Which employer is meant by what is typed; an unknown one is created once it is certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.models import Establishment
from portal.offers import places, siret

#: The choice « a new employer » among those that look like what was typed.
NEW = "new"


@dataclass(frozen=True, slots=True)
class Typed:
    """An employer, or what to choose from, or what is wrong with the words."""

    found: Establishment | None = None
    choices: Sequence[Establishment] = ()
    error: str | None = None
    may_create: bool = False


def resolve(session: Session, actor: Actor, text: str, chosen: str | None) -> Typed:
    """The employer of a name, a SIRET, or both; ``chosen`` settles a doubt."""
    try:
        name, number = siret.split_siret(text)
    except siret.SiretError as error:
        return Typed(error=str(error))
    known = places.find_establishment(session, number) if number else None
    if known is not None:
        return Typed(known)
    alike = places.similar_establishments(session, name) if name else []
    if chosen and chosen != NEW:
        row = session.scalar(select(Establishment).where(Establishment.public_id == chosen))
        return Typed(row) if row in alike else Typed(choices=alike, may_create=True)
    same = places.same_name(alike, name) if number is None else []
    if len(same) == 1:
        return Typed(same[0])
    if not name:
        return Typed(error=_("Ce SIRET est nouveau ici. Ajoutez le nom de l’entreprise devant."))
    if alike and chosen != NEW:
        return Typed(choices=alike, may_create=not same, error=_("Choisissez l’entreprise."))
    return Typed(_create(session, actor, name, number))


def _create(session: Session, actor: Actor, name: str, number: str | None) -> Establishment:
    return places.record_establishment(
        session, name=name, siret=number, owner_id=actor.organisation.id
    )
