"""The employer of a hire, typed: the establishment already known, or a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.models import Establishment
from portal.offers import places
from portal.offers.siret import SiretError, split_siret

#: The choice « a new one » among look-alikes.
NEW = "new"


@dataclass(frozen=True, slots=True)
class Found:
    """The establishment meant; else what is wrong, or those that look like it."""

    establishment: Establishment | None = None
    problem: str = ""
    alike: Sequence[Establishment] = ()


def find_employer(session: Session, actor: Actor, text: str, chosen: str = "") -> Found:
    """Find or create the establishment of « nom, SIRET »; never the same firm twice.

    ``chosen`` answers among look-alikes: a public id, or :data:`NEW`.
    """
    try:
        name, number = split_siret(text)
    except SiretError as error:
        return Found(problem=str(error))
    known = places.find_establishment(session, number) if number else None
    known = known or _chosen(session, chosen)
    if known is not None:
        return Found(known)
    if not name:
        return Found(problem=_("Donnez le nom de l’entreprise."))
    if number or chosen == NEW:
        return Found(_create(session, actor, name, number))
    alike = places.similar_establishments(session, name)
    same = places.same_name(alike, name)
    if len(same) == 1:
        return Found(same[0])
    if alike:
        return Found(
            problem=_("Des entreprises ont un nom proche. Choisissez la bonne."), alike=alike
        )
    return Found(_create(session, actor, name, None))


def _chosen(session: Session, public_id: str) -> Establishment | None:
    if not public_id or public_id == NEW:
        return None
    return session.scalar(select(Establishment).where(Establishment.public_id == public_id))


def _create(session: Session, actor: Actor, name: str, number: str | None) -> Establishment:
    return places.record_establishment(
        session, name=name, siret=number, owner_id=actor.organisation.id
    )
