"""A seat given in a training session: its first day is announced, the seat given back told."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.invitations.first_days import announce, call_off
from portal.models import Enrollment, InvitationKind


def invite(session: Session, actor: Actor | None, enrolment: Enrollment) -> None:
    """The first day of the session; sessions say no hour, so none is told."""
    row = enrolment.session
    announce(
        session,
        actor,
        person=enrolment.person,
        kind=InvitationKind.TRAINING,
        title="votre premier jour de formation",
        day=row.start,
        hour=None,
        place=row.action.place_name or row.action.organiser_name,
        commune_code=row.commune_code,
        organisation_id=enrolment.prescriber_id,
    )


def cancel(session: Session, actor: Actor | None, enrolment: Enrollment) -> None:
    """The person has no seat any more."""
    call_off(
        session,
        actor,
        person_id=enrolment.person_id,
        kind=InvitationKind.TRAINING,
        day=enrolment.session.start,
    )
