"""Who a cohort may invite: the engine's groups over people followed, proposed by those who do.

A hub reads counts by referent until a referent proposes somebody: names come with the proposal.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from portal import clock
from portal import matchmaking as mm
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.hubs.moves import Leaving, move_membership
from portal.hubs.sourcing import departement_of
from portal.locks import lock_row
from portal.matchmaking import cohorts as engine
from portal.models import (
    Account,
    AgreementChannel,
    Cohort,
    CohortMembership,
    CohortState,
    JobOffer,
    MembershipState,
    Organisation,
    Person,
    Referral,
)

#: The cohorts that somebody can still be proposed to.
RECRUITING_STATES = frozenset({CohortState.OPEN, CohortState.INFORMATION, CohortState.SELECTION})
#: The groups of people worth proposing today.
MATCHING_GROUPS = ("ready", "one_step", "to_check")
_S = MembershipState
# Conditions on people look for referrals of their own: this one is the row that is counted.
_Following = aliased(Referral)


def in_portfolio(
    actor: Actor, *, whole_structure: bool, referent_id: int | None = None
) -> ColumnElement[bool]:
    """The people the actor may propose: followed in person, by the structure, or by one of it."""
    followed = people_access.may_write(actor)
    if referent_id is not None:
        return and_(followed, _followed_by(actor, referent_id))
    return followed if whole_structure else and_(followed, people_access.own_portfolio(actor))


def _followed_by(actor: Actor, account_id: int) -> ColumnElement[bool]:
    return exists(
        select(Referral.id).where(
            Referral.person_id == Person.id,
            Referral.organisation_id == actor.organisation.id,
            Referral.account_id == account_id,
            Referral.end.is_(None),
        )
    )


def not_in(cohort: Cohort) -> ColumnElement[bool]:
    """The people who are not in the cohort yet, whatever became of those who were."""
    return ~exists(
        select(CohortMembership.id).where(
            CohortMembership.cohort_id == cohort.id, CohortMembership.person_id == Person.id
        )
    )


def list_candidates(
    session: Session,
    actor: Actor,
    *,
    cohort: Cohort,
    offer: JobOffer,
    window: mm.Window,
    whole_structure: bool = False,
    referent_id: int | None = None,
) -> mm.ListView:
    """The five groups of a cohort (``offer`` is what it asks) over people not proposed yet."""
    followed = in_portfolio(actor, whole_structure=whole_structure, referent_id=referent_id)
    among = and_(followed, not_in(cohort))
    return engine.people_for_cohort(session, offer, among, window)


def count_matching(session: Session, actor: Actor, cohorts: Sequence[Cohort]) -> dict[int, int]:
    """« 3 personnes de votre portefeuille correspondent »: near enough, and not proposed yet.

    By key of cohort, each that recruits; with as many statements for ten as for one.
    """
    recruiting = [cohort for cohort in cohorts if cohort.state in RECRUITING_STATES]
    if not recruiting:
        return {}
    mine = in_portfolio(actor, whole_structure=False)
    followed = frozenset(session.scalars(select(Person.public_id).where(mine)))
    known = _proposed(session, mine, recruiting)
    return {
        key: _count_matching(session, offer, followed - known[key])
        for key, offer in engine.cohort_offers(session, recruiting).items()
    }


def _count_matching(session: Session, offer: JobOffer | None, people: Collection[str]) -> int:
    if offer is None:
        return 0
    groups = engine.groups_of_people(session, offer, people)
    return sum(group in MATCHING_GROUPS for group in groups.values())


def _proposed(
    session: Session, among: ColumnElement[bool], cohorts: Iterable[Cohort]
) -> defaultdict[int, set[str]]:
    """Who of a condition is in each cohort already, whatever became of them."""
    rows = session.execute(
        select(CohortMembership.cohort_id, Person.public_id)
        .join(CohortMembership.person)
        .where(CohortMembership.cohort_id.in_([cohort.id for cohort in cohorts]), among)
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    for cohort_id, public_id in rows:
        found[cohort_id].add(public_id)
    return found


# The hub's side: counts, never names -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PoolRow:
    """How many people of one referent stand in each group."""

    prescriber: Organisation
    referent: Account | None
    counts: Mapping[str, int]

    @property
    def matching(self) -> int:
        """How many are worth proposing today."""
        return sum(self.counts.get(key, 0) for key in MATCHING_GROUPS)


def in_pool(cohort: Cohort) -> ColumnElement[bool]:
    """The people a cohort may reach: those of the hub's département who agreed to be shared."""
    departement = departement_of(cohort)
    return and_(
        people_access.is_active(),
        Person.shared_on.is_not(None),
        Person.departement_code == departement,
    )


def list_pool(session: Session, *, cohort: Cohort, offer: JobOffer) -> list[PoolRow]:
    """The pool of a cohort by lead referent, the most matching first; no name of a person."""
    return _count_by_referent(session, offer, in_pool(cohort), not_in(cohort), _Following.lead)


def list_referents(
    session: Session, actor: Actor, *, cohort: Cohort, offer: JobOffer
) -> list[PoolRow]:
    """The people of the actor's structure by referent, the most matching first."""
    followed = in_portfolio(actor, whole_structure=True)
    here = _Following.organisation_id == actor.organisation.id
    return _count_by_referent(session, offer, followed, not_in(cohort), here)


def _count_by_referent(
    session: Session,
    offer: JobOffer,
    *conditions: ColumnElement[bool] | InstrumentedAttribute[bool],
) -> list[PoolRow]:
    rows = session.execute(
        select(Person.public_id, _Following.organisation_id, _Following.account_id)
        .join(_Following, _Following.person_id == Person.id)
        .where(_Following.end.is_(None), *conditions)
    ).all()
    groups = engine.groups_of_people(session, offer, [row.public_id for row in rows])
    counts: dict[tuple[int, int | None], Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.public_id in groups:
            counts[row.organisation_id, row.account_id][groups[row.public_id]] += 1
    wanted = {key[0] for key in counts}, {key[1] for key in counts}
    structures = {
        row.id: row
        for row in session.scalars(select(Organisation).where(Organisation.id.in_(wanted[0])))
    }
    accounts = {
        row.id: row for row in session.scalars(select(Account).where(Account.id.in_(wanted[1])))
    }
    found = [
        PoolRow(structures[key[0]], accounts.get(key[1] or 0), counted)
        for key, counted in counts.items()
    ]
    return sorted(found, key=_pool_order)


def _pool_order(row: PoolRow) -> tuple[int, str, str]:
    name = row.referent.full_name if row.referent else ""
    return -row.matching, row.prescriber.name, name


def pools_by_prescriber(rows: Sequence[PoolRow]) -> dict[int, int]:
    """How many people worth proposing each structure follows, by its id."""
    found: Counter[int] = Counter()
    for row in rows:
        found[row.prescriber.id] += row.matching
    return dict(found)


# Proposing and answering --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposed:
    """Who entered the cohort, and how many were in it already."""

    members: list[CohortMembership]
    known: int


def propose(session: Session, actor: Actor, *, cohort: Cohort, people: Sequence[str]) -> Proposed:
    """Put people the actor's structure follows in the cohort, by public id; tells nobody yet."""
    lock_row(session, cohort)
    if cohort.state not in RECRUITING_STATES:
        raise IllegalTransitionError(
            str(_("Cette cohorte ne reçoit pas de propositions en ce moment."))
        )
    followed = select(Person).where(
        Person.public_id.in_(people), in_portfolio(actor, whole_structure=True)
    )
    rows = session.scalars(followed).all()
    fresh = session.scalars(followed.where(not_in(cohort)).order_by(Person.id)).all()
    offer = engine.cohort_offer(session, cohort)
    groups = (
        engine.groups_of_people(session, offer, [row.public_id for row in fresh]) if offer else {}
    )
    members = [_member(actor, cohort, row, groups.get(row.public_id)) for row in fresh]
    session.add_all(members)
    session.flush()
    for member in members:
        record_event(session, actor=actor, subject=member, name="sourced", to_state=_S.SOURCED)
    return Proposed(members, len(rows) - len(fresh))


def _member(actor: Actor, cohort: Cohort, person: Person, group: str | None) -> CohortMembership:
    return CohortMembership(
        cohort_id=cohort.id,
        person=person,
        prescriber_id=actor.organisation.id,
        by_id=actor.account.id,
        group_at_sourcing=group,
        state_since=clock.now(),
    )


def may_speak_for(actor: Actor, membership: CohortMembership) -> bool:
    """Whether the actor tells the person and writes their answer: the prescriber, or the hub."""
    return actor.organisation.id in {membership.prescriber_id, membership.cohort.hub_id}


def record_told(session: Session, actor: Actor, *, membership: CohortMembership) -> None:
    """The person was told of the cohort."""
    move_membership(session, actor, membership, _S.TOLD)


def record_yes(
    session: Session,
    actor: Actor,
    *,
    membership: CohortMembership,
    channel: AgreementChannel,
    on: date,
) -> None:
    """The person said yes to the actor, that day, in that way."""
    _write_answer(actor, membership, channel, on)
    if membership.state is _S.SOURCED:
        move_membership(session, actor, membership, _S.TOLD)
    move_membership(session, actor, membership, _S.INTERESTED)


def record_no(
    session: Session,
    actor: Actor,
    *,
    membership: CohortMembership,
    channel: AgreementChannel,
    on: date,
    leaving: Leaving,
) -> None:
    """« Pas pour moi »: a preference; what comes next is written with it (T-HUB-04)."""
    _write_answer(actor, membership, channel, on)
    if membership.state is _S.SOURCED:
        move_membership(session, actor, membership, _S.TOLD)
    move_membership(session, actor, membership, _S.WITHDRAWN, leaving=leaving)


def _write_answer(
    actor: Actor, membership: CohortMembership, channel: AgreementChannel, on: date
) -> None:
    if on > clock.today():
        raise IllegalTransitionError(str(_("La date de la réponse est à venir.")))
    membership.answered_on = on
    membership.answer_channel = channel
    membership.answered_with_id = actor.account.id


def list_own_members(session: Session, actor: Actor, *, cohort: Cohort) -> list[CohortMembership]:
    """The people the actor's structure proposed to a cohort, those to be told first."""
    order = {state: number for number, state in enumerate(MembershipState)}
    rows = session.scalars(
        select(CohortMembership)
        .join(CohortMembership.person)
        .where(
            CohortMembership.cohort_id == cohort.id,
            CohortMembership.prescriber_id == actor.organisation.id,
            people_access.is_active(),
        )
        .options(
            joinedload(CohortMembership.person),
            joinedload(CohortMembership.by),
            joinedload(CohortMembership.answered_with),
        )
    )
    return sorted(rows, key=lambda row: (order[row.state], row.person.search_name, row.id))
