"""Which platform qualifies a need: that of the territory, else of the département."""

from __future__ import annotations

from sqlalchemy import case, exists, select
from sqlalchemy.orm import Session

from portal.models import Commune, Organisation, OrganisationKind, TerritoryCommune


def platform_of(session: Session, commune: Commune) -> Organisation | None:
    """The open platform whose territory holds the commune, else one of its département."""
    covers = exists(
        select(TerritoryCommune.territory_id).where(
            TerritoryCommune.territory_id == Organisation.territory_id,
            TerritoryCommune.commune_code == commune.code,
        )
    )
    return session.scalar(
        select(Organisation)
        .where(
            Organisation.kind == OrganisationKind.PLATFORM,
            Organisation.active,
            covers | (Organisation.departement_code == commune.departement_code),
        )
        .order_by(case((covers, 0), else_=1), Organisation.name, Organisation.id)
        .limit(1)
    )
