"""What the screens of the people import read."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.models import ImportKind, Job, JobKind, Membership

_MOST_LOOKED_AT = 100


def get_remembered_columns(session: Session, actor: Actor) -> dict[str, str]:
    """{field key: heading} of the last file of people of the actor's structure; names, no data."""
    colleagues = select(Membership.account_id).where(
        Membership.organisation_id == actor.organisation.id
    )
    query = (
        select(Job.arguments)
        .where(Job.kind == JobKind.IMPORT, Job.account_id.in_(colleagues))
        .order_by(Job.id.desc())
        .limit(_MOST_LOOKED_AT)
    )
    for arguments in session.scalars(query):
        mine = arguments.get("organisation_id") == actor.organisation.id
        columns = arguments.get("options", {}).get("columns")
        if mine and arguments.get("kind") == ImportKind.PEOPLE.value and columns:
            return {str(key): str(heading) for key, heading in columns.items()}
    return {}
