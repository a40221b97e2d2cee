"""« Ce que je sais faire »: which card comes next, what was answered, and keeping it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal import matchmaking as mm
from portal.access.offers import may_be_shown_to
from portal.facts import standing_facts
from portal.locks import lock_row
from portal.models import AssertionSource, Person, Skill, SkillAssertion, SkillLevel
from portal.people.queries.abilities import list_cards, record_levels
from portal.recipients.gestures import Gesture, all_gestures, askable, everyday
from portal.text import N_
from portal.web.doorstep import PersonVisitor

#: How many cards before one asks whether to go on.
SERIES = 5
_USEFUL = 10
# Read by the professionals beside an answer that nobody of theirs wrote down.
_ALONE = "dans son espace"


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the four buttons: a word, a shape, and the level it means (None: not known)."""

    value: str
    label: str
    pictogram: str
    level: int | None


ANSWERS = (
    Answer("oui", N_("Oui, je sais"), "yes", int(SkillLevel.ALONE.value)),
    Answer("peu", N_("Un peu"), "some", int(SkillLevel.WITH_HELP.value)),
    Answer("non", N_("Pas encore"), "no", int(SkillLevel.CANNOT.value)),
    Answer("sais-pas", N_("Je ne sais pas"), "unsure", None),
)
_BY_VALUE = {answer.value: answer for answer in ANSWERS}
_BY_LEVEL = {answer.level: answer for answer in ANSWERS}


@dataclass(frozen=True, slots=True)
class Said:
    """What the person said of one skill; ``gesture`` is None for one without a sentence."""

    skill: Skill
    gesture: Gesture | None
    answer: Answer


def answer_named(value: str | None) -> Answer | None:
    """The answer a button sends; None for anything else."""
    return _BY_VALUE.get(value or "")


def get_gesture(session: Session, code: str) -> Gesture | None:
    """The gesture of a skill that is still in the reference."""
    skill = session.get(Skill, code)
    return None if skill is None or skill.retired else all_gestures().get(code)


def next_gesture(session: Session, person: Person) -> Gesture | None:
    """The most useful card never answered; « je ne sais pas » is an answer too."""
    gestures, asked = askable(session), _asked(session, person)
    for code in _in_order(session, person, gestures, len(asked)):
        if code in gestures and code not in asked:
            return gestures[code]
    return None


def _in_order(
    session: Session, person: Person, gestures: dict[str, Gesture], answered: int
) -> Iterator[str]:
    """Codes that stand for skills: those that open leads, those of trades, then everyday ones."""
    # Answered « je ne sais pas », a question stays useful: ask for as many more.
    limit = _USEFUL + answered
    for question in mm.questions_among(session, person, may_be_shown_to(person), limit):
        if question.kind == "skill":
            yield question.code
    for card in list_cards(session, person):
        yield card.skill.same_as_code or card.skill.code
    standing_for = {gesture.skill_code: code for code, gesture in gestures.items()}
    for code in everyday():
        yield standing_for.get(code, code)


def _asked(session: Session, person: Person) -> set[str]:
    """The skills somebody already said something of, by the code that stands for each."""
    rows = session.execute(
        select(Skill.code, Skill.same_as_code)
        .join(SkillAssertion, SkillAssertion.skill_code == Skill.code)
        .where(SkillAssertion.person_id == person.id)
    )
    return {same_as or code for code, same_as in rows}


def list_said(session: Session, person: Person) -> list[Said]:
    """What the person declared, the latest first; never what a professional saw or certified."""
    rows = session.scalars(
        select(SkillAssertion)
        .where(
            SkillAssertion.person_id == person.id,
            SkillAssertion.source == AssertionSource.DECLARED,
        )
        .options(joinedload(SkillAssertion.skill))
        .order_by(SkillAssertion.asserted_on.desc(), SkillAssertion.id.desc())
    )
    facts = standing_facts(rows)
    return [
        Said(fact.standing.skill, all_gestures().get(code), _answer_of(fact.level))
        for code, fact in facts.items()
    ]


def get_said(session: Session, person: Person, code: str) -> Answer | None:
    """What the person declared of one skill; None when they were not asked."""
    facts = standing_facts(
        session.scalars(
            select(SkillAssertion).filter_by(
                person_id=person.id, skill_code=code, source=AssertionSource.DECLARED
            )
        )
    )
    return _answer_of(facts[code].level) if code in facts else None


def record_answer(
    session: Session, visitor: PersonVisitor, *, gesture: Gesture, answer: Answer
) -> bool:
    """Keep an answer as declared; said twice, it changes nothing.

    A professional beside the person is kept as the one who wrote it down. Whether it was recorded.
    """
    lock_row(session, visitor.person)
    said = get_said(session, visitor.person, gesture.skill_code)
    if said == answer:
        return False
    record_levels(
        session,
        visitor.helper,
        person=visitor.person,
        levels=[(gesture.skill_code, answer.level)],
        source=AssertionSource.DECLARED,
        on=clock.today(),
        evidence=None if visitor.helper else _ALONE,
    )
    return True


def _answer_of(level: int | None) -> Answer:
    """The button of a level; who can show it knows how."""
    return _BY_LEVEL[level if level is None else min(level, int(SkillLevel.ALONE.value))]
