"""A hub with three cohorts at different phases, led there by the portal's own rules.

Each cohort is lived through day by day: the clock stands on the day of each act, so that events,
waits and rates read as they would have been written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select

from portal import clock
from portal.access.actor import Actor
from portal.demo import cohort_people as people
from portal.demo.scene import Scene
from portal.demo.structures import Structures
from portal.enrolments.actions import record_scheme
from portal.hubs import frame, meetings, sourcing
from portal.hubs.commitments import Terms, lose_jobs, move_commitment, record_commitment
from portal.hubs.commitments import record_places as write_places
from portal.hubs.moves import admit, move_membership
from portal.hubs.sessions import Entered, enter_session
from portal.models import (
    Cohort,
    CohortMeeting,
    CohortMembership,
    CohortState,
    CommitmentReason,
    CommitmentState,
    Commune,
    ContractKind,
    EmployerCommitment,
    Establishment,
    Habilitation,
    HabilitationKind,
    ImmersionPlace,
    MajorProject,
    MembershipState,
    Scheme,
)

_S, _C = MembershipState, CohortState
_TRAINING_PLACE = "62559"
#: The major project that the cohorts and the register answer.
CANAL = "csne"
_PRESCRIBERS = ("referent", "referent_lens", "referent_2", "mission_locale", "adviser")
# The Maisons de Solidarité and the pôles act under their Département's convention.
_CONVENTIONS = ("cd62", "cd59", "ml_lens", "pe_artois")


@dataclass
class Hub:
    """The hub being filled: who acts, with which firms, and who is in a cohort already."""

    scene: Scene
    structures: Structures
    firms: dict[str, Establishment]
    taken: set[int] = field(default_factory=set)

    def actor(self, key: str) -> Actor:
        """A demonstration account in its first place."""
        account = self.structures.accounts[key]
        return Actor(account, account.memberships[0])

    @property
    def coordinator(self) -> Actor:
        """Who runs the hub."""
        return self.actor("hub")

    @property
    def prescribers(self) -> list[Actor]:
        """Those who propose people, in turn."""
        return [self.actor(key) for key in _PRESCRIBERS]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a cohort is, before anybody enters it; ``jobs``: firm, jobs, months, tutor."""

    title: str
    training: str
    occupation: str
    seats: int
    start: date
    weeks: int
    jobs: tuple[tuple[str, int, int | None, str], ...]


def make_hub(scene: Scene, structures: Structures, firms: dict[str, Establishment]) -> list[Cohort]:
    """The conventions of prescribers, then a cohort hiring, one in immersions, one being sourced.

    The oldest comes first, so that the hub's own history is there for the others.
    """
    make_habilitations(scene, structures)
    hub = Hub(scene, structures, firms)
    return [make_hiring(hub), make_selecting(hub), make_sourcing(hub)]


def make_habilitations(scene: Scene, structures: Structures) -> None:
    """The conventions d’association by which prescribers position on the regional programme."""
    for key in _CONVENTIONS:
        scene.add(
            Habilitation(
                organisation=structures.organisations[key],
                kind=HabilitationKind.PRF_ASSOCIATION,
                valid_from=date(scene.today.year - 1, 1, 1),
                valid_until=date(scene.today.year + 1, 12, 31),
                reference=f"CA-{key.upper()}",
                granted_by=structures.organisations["region"],
                contact="Région Hauts-de-France, 03 53 01 00 00",
            )
        )
    scene.session.flush()


def monday(scene: Scene, offset: int) -> date:
    """The Monday of the week of a day counted from today: trainings begin then."""
    day = scene.day(offset)
    return day - timedelta(days=day.weekday())


def _open(hub: Hub, outline: Outline, *, since: int) -> Cohort:
    """Create a cohort so many days ago, weld its session, note the promises, open it."""
    scene, actor = hub.scene, hub.coordinator
    project = scene.session.scalar(select(MajorProject).where(MajorProject.code == CANAL))
    with clock.frozen_at(scene.instant(-since)):
        cohort = frame.create_cohort(
            scene.session,
            actor,
            title=outline.title,
            occupation_code=outline.occupation,
            seats=outline.seats,
            threshold=outline.seats * 2 // 3,
            project_id=project.id if project else None,
        )
        row = enter_session(
            scene.session, actor, cohort, _session(hub, outline), today=clock.today()
        )
        record_scheme(scene.session, actor, training_session=row, scheme=Scheme.PRF)
    with clock.frozen_at(scene.instant(-since + 5, 11)):
        for firm, jobs, months, tutor in outline.jobs:
            _promise(hub, cohort, firm, jobs, months, tutor)
        frame.move_cohort(scene.session, actor, cohort, _C.OPEN)
        _share_targets(hub, cohort)
    return cohort


def _session(hub: Hub, outline: Outline) -> Entered:
    organiser = hub.actor("training").organisation
    return Entered(
        title=outline.training,
        organiser=organiser,
        organiser_name=organiser.name,
        start=outline.start,
        end=outline.start + timedelta(weeks=outline.weeks, days=-3),
        commune=hub.scene.session.get_one(Commune, _TRAINING_PLACE),
        seats=outline.seats,
    )


def _promise(
    hub: Hub, cohort: Cohort, firm: str, jobs: int, months: int | None, tutor: str
) -> EmployerCommitment:
    terms = Terms(jobs, ContractKind.CDD if months else ContractKind.CDI, months, tutor, None)
    return record_commitment(
        hub.scene.session, hub.coordinator, cohort, employer=hub.firms[firm], terms=terms
    )


def _share_targets(hub: Hub, cohort: Cohort) -> None:
    session = hub.scene.session
    prescribers = sourcing.list_prescribers(session, cohort)
    total = sourcing.get_plan(session, cohort).invite or 3 * cohort.seats
    shares = sourcing.suggested_targets(total, {row.id: 1 for row in prescribers})
    sourcing.record_targets(session, hub.coordinator, cohort=cohort, targets=shares)


# Being sourced -------------------------------------------------------------------------------


def make_sourcing(hub: Hub) -> Cohort:
    """Open for two weeks: people proposed, some told, some booked for the first meeting."""
    scene, session = hub.scene, hub.scene.session
    outline = Outline(
        "Constructeurs de routes, le canal",
        "Ouvrier de voirie et réseaux, avec promesses d’embauche",
        "F1702",
        12,
        monday(scene, 98),
        10,
        (
            ("Terrassements de la Sensée", 5, 12, "M. Ferlin"),
            ("Voiries Artésiennes Réunies", 4, None, "Mme Harnecourt"),
            ("Canalisations du Ternois Est", 3, 9, "M. Dorvelle"),
        ),
    )
    cohort = _open(hub, outline, since=20)
    _confirm(hub, cohort.commitments[:2], on=-12)
    rows = people.propose(hub, cohort, 4, on=-11)
    people.tell(hub, rows[: len(rows) * 2 // 3], yes=len(rows) // 2, on=-6)
    with clock.frozen_at(scene.instant(-5)):
        slots = [
            _meeting(hub, cohort, offset, hour) for offset, hour in ((12, "09:30"), (14, "14:00"))
        ]
        invited = [row for row in rows if row.state is _S.INTERESTED]
        meetings.invite(session, hub.coordinator, memberships=invited, meetings=slots)
    with clock.frozen_at(scene.instant(-2, 15)):
        for number, row in enumerate(invited[:-2]):
            meetings.book(session, hub.coordinator, meeting=slots[number % 2], membership=row)
    return cohort


def _confirm(hub: Hub, rows: list[EmployerCommitment], *, on: int) -> None:
    with clock.frozen_at(hub.scene.instant(on, 16)):
        for row in rows:
            move_commitment(hub.scene.session, hub.coordinator, row, CommitmentState.CONFIRMED)


def _meeting(hub: Hub, cohort: Cohort, offset: int, hour: str) -> CohortMeeting:
    day = hub.scene.day(offset)
    day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
    return meetings.record_meeting(
        hub.scene.session,
        hub.coordinator,
        cohort=cohort,
        on=day,
        start_hour=hour,
        end_hour=None,
        place="Plateau Travaux publics, Marquion",
        capacity=20,
    )


# Selected, in immersions ---------------------------------------------------------------------


def make_selecting(hub: Hub) -> Cohort:
    """Six weeks before its training: selected on an exercise, immersions begun."""
    scene = hub.scene
    outline = Outline(
        "Poseurs de canalisations, printemps",
        "Poseur de canalisations, avec promesses d’embauche",
        "F1705",
        10,
        monday(scene, 46),
        10,
        (
            ("Canalisations du Ternois Est", 5, 12, "M. Dorvelle"),
            ("Terrassements de la Sensée", 4, None, "M. Ferlin"),
            ("Voiries Artésiennes Réunies", 3, 6, "Mme Harnecourt"),
        ),
    )
    cohort = _open(hub, outline, since=75)
    rows = people.propose(hub, cohort, 6, on=-66)
    people.tell(hub, rows, yes=len(rows) * 4 // 5, on=-58)
    _come(hub, cohort, rows, on=-44)
    kept = people.select(hub, cohort, wanted=12, on=-36)
    _confirm(hub, cohort.commitments, on=-30)
    with clock.frozen_at(scene.instant(-26)):
        frame.move_cohort(scene.session, hub.coordinator, cohort, _C.IMMERSION)
        for row in cohort.commitments:
            _places(hub, row)
    people.try_out(hub, kept, done=5, planned=4, on=-12)
    with clock.frozen_at(scene.instant(-3, 17)):
        lose_jobs(
            scene.session,
            hub.coordinator,
            cohort.commitments[2],
            jobs=1,
            reason=CommitmentReason.ACTIVITY,
        )
    return cohort


def _come(hub: Hub, cohort: Cohort, rows: list[CohortMembership], *, on: int) -> None:
    """An information meeting that was held: three people out of four came."""
    scene, session, actor = hub.scene, hub.scene.session, hub.coordinator
    with clock.frozen_at(scene.instant(on - 8)):
        frame.move_cohort(session, actor, cohort, _C.INFORMATION)
        slot = _meeting(hub, cohort, on, "09:30")
        slot.capacity = max(slot.capacity, len(rows))
        interested = [row for row in rows if row.state is _S.INTERESTED]
        meetings.invite(session, actor, memberships=interested, meetings=[slot])
        booked = [meetings.book(session, actor, meeting=slot, membership=m) for m in interested]
    with clock.frozen_at(clock.start_of(slot.on) + timedelta(hours=12)):
        for number, booking in enumerate(booked):
            if number % 4 != 3:
                meetings.mark(session, actor, booking=booking, state=people.PRESENT)
        meetings.close(session, actor, meeting=slot)


def _places(hub: Hub, row: EmployerCommitment) -> None:
    """Two waves of a fortnight: one that has just ended, one to come."""
    waves = ((1, monday(hub.scene, -18)), (2, monday(hub.scene, 10)))
    write_places(
        hub.scene.session,
        hub.coordinator,
        row,
        places=[
            ImmersionPlace(wave=wave, start=start, end=start + timedelta(days=11), capacity=2)
            for wave, start in waves
        ],
    )


# Trained, being hired ------------------------------------------------------------------------


def make_hiring(hub: Hub) -> Cohort:
    """Trained until last month; most are hired, one left on the way, one is still looking."""
    scene, session, actor = hub.scene, hub.scene.session, hub.coordinator
    outline = Outline(
        "Conducteurs d’engins, automne",
        "Conducteur d’engins de chantier, avec promesses d’embauche",
        "F1302",
        10,
        monday(scene, -119),
        11,
        (
            ("Terrassements de la Sensée", 4, 6, "M. Ferlin"),
            ("Grutage Montrelet", 3, None, "Mme Toffart"),
            ("Location d’engins Marchand-Delvigne", 3, 12, "M. Ostrelle"),
        ),
    )
    cohort = _open(hub, outline, since=225)
    rows = people.propose(hub, cohort, 8, on=-215)
    people.tell(hub, rows, yes=len(rows) * 4 // 5, on=-207)
    _come(hub, cohort, rows, on=-193)
    kept = people.select(hub, cohort, wanted=12, on=-185)
    _confirm(hub, cohort.commitments, on=-181)
    with clock.frozen_at(scene.instant(-175)):
        frame.move_cohort(session, actor, cohort, _C.IMMERSION)
    people.try_out(hub, kept, done=len(kept), planned=0, on=-161)
    with clock.frozen_at(scene.instant(-147)):
        frame.move_cohort(session, actor, cohort, _C.PREPARATION)
        for row in kept:
            move_membership(session, actor, row, _S.PREPARING)
    with clock.frozen_at(scene.instant(-133)):
        for row in kept:
            move_membership(session, actor, row, _S.READY)
            admit(session, actor, row)
    people.train(hub, cohort, kept)
    people.hire(hub, cohort)
    return cohort
