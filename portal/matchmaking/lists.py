"""The list of an offer and the list of a person, over the rows the actor may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

import matching as engine
from portal.access import offers as offer_access
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.matchmaking import columns, loading, reading
from portal.matchmaking.perimeter import ids_of, offers_of, offers_read_by
from portal.matchmaking.views import (
    GROUP_KEYS,
    EffectView,
    ExplanationView,
    GroupView,
    Line,
    ListView,
    QuestionView,
)
from portal.matchmaking.world import World, cache_of, current_world
from portal.models import CredentialType, JobOffer, Person

DEFAULT_LINES = 10


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of which bands to build in full: ``key`` None means the first of each."""

    key: str | None = None
    start: int = 0
    size: int = DEFAULT_LINES

    def of(self, key: str) -> slice:
        """The slice of a band to build."""
        if self.key is None:
            return slice(0, self.size)
        return slice(self.start, self.start + self.size) if key == self.key else slice(0, 0)


FIRST_OF_EACH = Window()


def people_for_offer(
    session: Session, actor: Actor, offer: JobOffer, window: Window = FIRST_OF_EACH
) -> ListView:
    """The people the actor may see, in the five groups of an offer.

    Raises ``ValueError`` when the offer still lacks its trade, its place or its dates.
    """
    world = current_world(session)
    seen = ids_of(session, people_access.ids_to_introduce(actor))
    index = cache_of(session).among(world, seen)
    # Whoever may be introduced and is not in the index has no commune yet.
    unplaced = len(seen) - len(index.people.number)
    return people_in_groups(session, world, index, offer, window, unplaced)


def people_in_groups(
    session: Session,
    world: World,
    index: engine.Index,
    offer: JobOffer,
    window: Window = FIRST_OF_EACH,
    unplaced: int = 0,
) -> ListView:
    """The people of an index in the five groups of an offer, which may be in no table."""
    record = loading.offer_record(offer, world.nomenclature.canonical)
    ranking = engine.rank_people(index, record)
    listed = _in_groups(ranking.people)
    wanted = _windowed(listed, window)
    people = _people_by_id(session, [pair.person for pairs in wanted.values() for pair in pairs])
    table = index.people
    records = {name: table.people[table.number[name]] for name in people}
    told = engine.explain_people(index, list(records.values()), record, closed=False)
    explained = {said.person: said for said in told}
    lines = _Lines(session, world, index, told)
    groups = tuple(
        GroupView(
            key,
            len(listed[key]),
            [
                lines.line(
                    pair, explained[pair.person], records[pair.person], people[pair.person], offer
                )
                for pair in wanted[key]
            ],
        )
        for key in GROUP_KEYS
    )
    return ListView(groups, ranking.out_of_reach, ranking.with_car, unplaced, world.today)


def offers_for_person(
    session: Session, actor: Actor, person: Person, window: Window = FIRST_OF_EACH
) -> ListView:
    """The live, fresh offers the actor may see, in the five groups of a person."""
    seen = partial(offers_read_by, session, actor)
    return _offers_in_groups(session, person, offer_access.may_read(actor), seen, window)


def offers_among(
    session: Session,
    person: Person,
    visible: ColumnElement[bool],
    window: Window = FIRST_OF_EACH,
) -> ListView:
    """The live, fresh offers of a condition, in the five groups of a person.

    The caller answers for the condition: a professional's perimeter, or what a person is shown.
    """
    return _offers_in_groups(session, person, visible, partial(offers_of, session, visible), window)


def _offers_in_groups(
    session: Session,
    person: Person,
    visible: ColumnElement[bool],
    seen: Callable[[], Collection[str]],
    window: Window,
) -> ListView:
    world = current_world(session)
    if person.commune_code is None:
        empty = tuple(GroupView(key, 0, []) for key in GROUP_KEYS)
        return ListView(empty, 0, 0, 1, world.today)
    index = cache_of(session).with_offers_among(world, seen())
    record = _record_of(session, person, world)
    ranking = engine.list_offers(index, record)
    sizes = ranking.sizes()
    wanted = {key: ranking.of_group(key, window.of(key)) for key in sizes}
    shown = [pair.offer for pairs in wanted.values() for pair in pairs]
    offers = _offers_by_id(session, shown, visible)
    records = [index.book.offer(name) for name in offers]
    told = engine.explain_offers(index, record, records, closed=False)
    explained = {said.offer: said for said in told}
    lines = _Lines(session, world, index, told)
    groups = tuple(
        GroupView(
            key.value,
            size,
            [
                lines.line(pair, explained[pair.offer], record, person, offers[pair.offer])
                for pair in wanted[key]
                if pair.offer in offers
            ],
        )
        for key, size in sizes.items()
    )
    return ListView(groups, ranking.out_of_reach, ranking.with_car, 0, world.today)


def explain(session: Session, person: Person, offer: JobOffer) -> ExplanationView | None:
    """« Pourquoi ? » for a pair the caller may show; None when the commune is not known."""
    if person.commune_code is None:
        return None
    world = current_world(session)
    record = _record_of(session, person, world)
    asked = loading.offer_record(offer, world.nomenclature.canonical)
    found = engine.explain(world.index, record, asked)
    rows = reading.sessions_by_id(session, reading.session_ids_of(found))
    facts = reading.known_facts(session, person, offer.start_wanted)
    return ExplanationView(
        person=person,
        offer=offer,
        group=found.group.value if found.group else None,
        ready_by=found.ready_by,
        minutes=found.minutes,
        mode=reading.mode_of(world.index, record, offer.commune_code or ""),
        in_reach=found.in_reach,
        with_car=found.with_car,
        interest=reading.INTEREST_WORDS[found.interest],
        step=rows.get(found.step or ""),
        requirements=reading.requirement_views(
            found, offer, rows, world.nomenclature.label_of, facts
        ),
        computed_on=world.today,
    )


def questions(session: Session, actor: Actor, person: Person, limit: int = 3) -> list[QuestionView]:
    """The questions whose answers move most of the person's list out of « à vérifier »."""
    return _questions(session, person, partial(offers_read_by, session, actor), limit)


def questions_among(
    session: Session, person: Person, visible: ColumnElement[bool], limit: int
) -> list[QuestionView]:
    """The same over the offers of a condition, for which the caller answers."""
    return _questions(session, person, partial(offers_of, session, visible), limit)


def _questions(
    session: Session, person: Person, seen: Callable[[], Collection[str]], limit: int
) -> list[QuestionView]:
    if person.commune_code is None:
        return []
    world = current_world(session)
    index = cache_of(session).with_offers_among(world, seen())
    record = _record_of(session, person, world)
    found = engine.useful_questions(index, record, limit)
    types = _credential_labels(session, [q.id for q in found if q.kind == "credential"])
    return [
        QuestionView(
            q.kind.value, q.id, types.get(q.id) or world.nomenclature.label_of(q.id), q.pairs
        )
        for q in found
    ]


def _credential_labels(session: Session, codes: Collection[str]) -> dict[str, str]:
    if not codes:
        return {}
    query = select(CredentialType.code, CredentialType.label).where(CredentialType.code.in_(codes))
    return dict(session.execute(query).all())


def simulate(session: Session, actor: Actor, offer: JobOffer) -> list[EffectView]:
    """What each requirement of an offer costs in people the actor may see."""
    world = current_world(session)
    return _effects(world, _index_of_people(session, actor, world), offer)


def simulate_everyone(session: Session, offer: JobOffer) -> list[EffectView]:
    """What each requirement costs in people of the offer's département, whoever follows them.

    Counts alone: no name leaves. Who shows them masks the small ones (INV-15).
    """
    world = current_world(session)
    everyone = session.scalars(
        select(Person.public_id).where(
            people_access.is_active(), Person.departement_code == offer.departement_code
        )
    )
    return _effects(world, cache_of(session).among(world, everyone), offer)


def _effects(world: World, index: engine.Index, offer: JobOffer) -> list[EffectView]:
    record = loading.offer_record(offer, world.nomenclature.canonical)
    effects = engine.simulate(index, record)
    return [
        EffectView(row, *((c.ready, c.one_step) for c in (e.now, e.if_desired, e.if_planned)))
        for row, e in zip(offer.requirements, effects, strict=True)
    ]


def group_counts(session: Session, actor: Actor, offer: JobOffer) -> dict[str, int]:
    """How many people in each group: what the capture screen recounts at each toggle."""
    world = current_world(session)
    record = loading.offer_record(offer, world.nomenclature.canonical)
    ranking = engine.rank_people(_index_of_people(session, actor, world), record)
    return {key: len(pairs) for key, pairs in _in_groups(ranking.people).items()}


def _index_of_people(session: Session, actor: Actor, world: World) -> engine.Index:
    visible = people_access.ids_to_introduce(actor)
    return cache_of(session).among(world, ids_of(session, visible))


def _record_of(session: Session, person: Person, world: World) -> engine.Person:
    """The person as just saved: the index follows the rows; who is in no list is read again."""
    table = world.index.people
    number = table.number.get(person.public_id)
    if number is not None:
        return table.people[number]
    return loading.person_record(session, person, world.nomenclature.canonical, world.today)


def _in_groups(pairs: Iterable[engine.Pair]) -> dict[str, list[engine.Pair]]:
    """The pairs of each of the five groups, in their order."""
    found: dict[str, list[engine.Pair]] = {key: [] for key in GROUP_KEYS}
    for pair in pairs:
        found[pair.group].append(pair)
    return found


def _windowed(
    listed: Mapping[str, list[engine.Pair]], window: Window
) -> dict[str, Sequence[engine.Pair]]:
    return {key: pairs[window.of(key)] for key, pairs in listed.items()}


def _people_by_id(session: Session, ids: Sequence[str]) -> dict[str, Person]:
    rows = session.scalars(
        select(Person).where(Person.public_id.in_(ids)).options(*columns.of_person())
    )
    return {row.public_id: row for row in rows}


def _offers_by_id(
    session: Session, ids: Sequence[str], visible: ColumnElement[bool]
) -> dict[str, JobOffer]:
    """The rows to show: those that may not be seen at this very moment are left out."""
    rows = session.scalars(
        select(JobOffer).where(JobOffer.public_id.in_(ids), visible).options(*columns.of_offer())
    )
    return {row.public_id: row for row in rows}


class _Lines:
    """Builds the lines of a list with the rows they need, read together."""

    def __init__(
        self,
        session: Session,
        world: World,
        index: engine.Index,
        found: Sequence[engine.Explanation],
    ) -> None:
        self.label_of = world.nomenclature.label_of
        self.index = index
        self.sessions = reading.sessions_by_id(
            session, (name for e in found for name in reading.open_session_ids_of(e))
        )

    def line(
        self,
        pair: engine.Pair,
        explanation: engine.Explanation,
        record: engine.Person,
        person: Person,
        offer: JobOffer,
    ) -> Line:
        """One pair as a line."""
        return Line(
            person=person,
            offer=offer,
            group=pair.group.value,
            ready_by=pair.ready_by,
            minutes=pair.minutes,
            mode=reading.mode_of(self.index, record, offer.commune_code or ""),
            interest=reading.INTEREST_WORDS[pair.interest],
            requirements=reading.requirement_views(
                explanation, offer, self.sessions, self.label_of
            ),
            step=self.sessions.get(explanation.step or ""),
        )
