"""A cohort with its session, its employers and its people, for the tests of hubs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from portal import clock
from portal.access.actor import Actor
from portal.models import (
    Account,
    Cohort,
    CohortMembership,
    CohortState,
    CommitmentState,
    ContractKind,
    DomainEvent,
    EmployerCommitment,
    ImmersionPlace,
    MembershipState,
    Person,
    Role,
    SessionPrerequisite,
    TrainingSession,
)
from tests.support.factories import ARRAS, Factory

LINE = (
    MembershipState.SOURCED,
    MembershipState.TOLD,
    MembershipState.INTERESTED,
    MembershipState.ENROLLED_INFO,
    MembershipState.PRESENT,
    MembershipState.SELECTED,
    MembershipState.IMMERSION_PLANNED,
    MembershipState.IMMERSION_DONE,
    MembershipState.PREPARING,
    MembershipState.READY,
    MembershipState.ADMITTED,
)


@dataclass
class Hub:
    """A hub, its coordinator, and a referent of the same département."""

    make: Factory
    coordinator: Account
    referent: Account

    @classmethod
    def build(cls, make: Factory) -> Hub:
        """One of Pas-de-Calais."""
        return cls(make, make.account(Role.HUB), make.account(Role.REFERENT))

    @property
    def actor(self) -> Actor:
        """The coordinator at work."""
        return Actor(self.coordinator, self.coordinator.memberships[0])

    @property
    def prescriber(self) -> Actor:
        """The referent at work."""
        return Actor(self.referent, self.referent.memberships[0])

    def cohort(self, *, state: CohortState = CohortState.OPEN, **values: Any) -> Cohort:
        """A cohort of twelve seats with a session at Arras in ninety days."""
        training: TrainingSession = values.pop("training", None) or self.make.session_of_training(
            starts_in=90, lasts=70
        )
        values.setdefault("seats", 12)
        values.setdefault("threshold", min(9, values["seats"]))
        values.setdefault("title", "Constructeur VRD et embauche")
        row: Cohort = self.make.add(
            Cohort(
                hub_id=self.actor.organisation.id,
                coordinator_id=self.coordinator.id,
                occupation_code=self.make.occupation().code,
                session_id=training.id,
                state=state,
                **values,
            )
        )
        return row

    def asks(self, cohort: Cohort, *codes: str, level: int = 1) -> None:
        """The session asks these skills on its first day."""
        for code in codes:
            skill = self.make.skill(code)
            self.make.add(
                SessionPrerequisite(
                    session_id=cohort.session_id, skill_code=skill.code, level=level
                )
            )

    def person(self, *, shared: bool = True, **values: Any) -> Person:
        """A person followed by the referent, whose card is shared."""
        values.setdefault("place", ARRAS)
        if shared:
            values.setdefault("shared_on", clock.today())
        return self.make.person(referent=self.referent, **values)

    def member(
        self,
        cohort: Cohort,
        state: MembershipState = MembershipState.SOURCED,
        person: Person | None = None,
        **values: Any,
    ) -> CohortMembership:
        """Somebody the referent proposed, with the journal of the way to ``state``."""
        row: CohortMembership = self.make.add(
            CohortMembership(
                cohort_id=cohort.id,
                person_id=(person or self.person()).id,
                prescriber_id=self.prescriber.organisation.id,
                by_id=self.referent.id,
                state=state,
                state_since=clock.now(),
                **values,
            )
        )
        way = LINE[: LINE.index(state) + 1] if state in LINE else LINE[:2]
        for source, target in pairwise(way):
            self.make.add(
                DomainEvent(
                    subject_kind="cohort_membership",
                    subject_id=row.id,
                    name="membership_moved",
                    from_state=source.value,
                    to_state=target.value,
                )
            )
        return row

    def commitment(
        self, cohort: Cohort, *, jobs: int = 1, place: Any = ARRAS, **values: Any
    ) -> EmployerCommitment:
        """Jobs confirmed by an establishment of its own."""
        establishment = self.make.establishment(commune_code=self.make.commune(place).code)
        values.setdefault("state", CommitmentState.CONFIRMED)
        row: EmployerCommitment = self.make.add(
            EmployerCommitment(
                cohort_id=cohort.id,
                establishment_id=establishment.id,
                jobs_promised=jobs,
                jobs=jobs,
                contract=ContractKind.CDD,
                **values,
            )
        )
        return row

    def places(
        self, commitment: EmployerCommitment, *, wave: int = 1, capacity: int = 1
    ) -> ImmersionPlace:
        """Two weeks of immersion, wave after wave."""
        start = clock.today() + timedelta(days=14 * wave)
        row: ImmersionPlace = self.make.add(
            ImmersionPlace(
                commitment_id=commitment.id,
                wave=wave,
                start=start,
                end=start + timedelta(days=11),
                capacity=capacity,
            )
        )
        return row
