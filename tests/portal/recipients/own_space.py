"""A person with everything planned: what the tests of their space start from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from portal import clock
from portal.models import (
    Account,
    AgreementChannel,
    Invitation,
    InvitationKind,
    InvitationState,
    Pathway,
    PathwayState,
    PathwayStep,
    Person,
    Role,
    ScenarioKind,
    StepKind,
    StepState,
)
from tests.support.factories import MARQUION, Factory


@dataclass(frozen=True)
class Space:
    """The person and who follows them."""

    person: Person
    referent: Account


def followed(make: Factory, **values: object) -> Space:
    """A person with a référent whose number is known."""
    referent = make.account(Role.REFERENT)
    referent.phone = "03 21 00 00 01"
    return Space(make.person(referent=referent, **values), referent)


def invitation(
    make: Factory,
    space: Space,
    *,
    days: int,
    state: InvitationState = InvitationState.SENT,
    kind: InvitationKind = InvitationKind.VISIT,
) -> Invitation:
    """An invitation at 14 h, in some days, at Marquion."""
    day = clock.today() + timedelta(days=days)
    row: Invitation = make.add(
        Invitation(
            person_id=space.person.id,
            kind=kind,
            state=state,
            title="une visite du chantier du canal",
            starts_at=datetime.combine(day, time(14), tzinfo=clock.PARIS),
            place="Base vie",
            commune_code=make.commune(MARQUION).code,
            organisation_id=space.referent.memberships[0].organisation_id,
        )
    )
    return row


def pathway(make: Factory, space: Space, state: PathwayState = PathwayState.PROPOSED) -> Pathway:
    """A pathway of four steps: questions, a barrier, a training, a job."""
    agreed = state is not PathwayState.PROPOSED
    steps = [
        _step(make, 0, StepKind.CHECK, "Questions", 2, 2),
        _step(make, 1, StepKind.BARRIER, "Garde d’enfants à trouver", 5, 5),
        _step(make, 2, StepKind.TRAINING, "Ouvrier de travaux publics", 10, 24),
        _step(make, 3, StepKind.HIRE, "Embauche", 30, 30),
    ]
    row: Pathway = make.add(
        Pathway(
            person_id=space.person.id,
            by_id=space.referent.id,
            goal_occupation=make.occupation(),
            scenario=ScenarioKind.FREE,
            state=state,
            agreed_at=clock.now() if agreed else None,
            agreed_channel=AgreementChannel.MEETING if agreed else None,
            steps=steps,
        )
    )
    return row


def _step(
    make: Factory, position: int, kind: StepKind, title: str, start: int, end: int
) -> PathwayStep:
    today = clock.today()
    return PathwayStep(
        position=position,
        kind=kind,
        state=StepState.TO_DO,
        title=title,
        start=today + timedelta(days=start),
        end=today + timedelta(days=end),
        commune=make.commune(MARQUION),
    )
