"""The engine's explanation of a pair, joined with rows and put into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import isfinite

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import matching as engine
from matching.ordering import Interest
from matching.travel import Places, minutes_by, usable_modes
from portal import clock
from portal.facts import SkillFact, facts_of_person
from portal.matchmaking import columns
from portal.matchmaking.views import Outcome, RequirementView, SessionChoice
from portal.models import (
    AssertionSource,
    Credential,
    JobOffer,
    OfferRequirement,
    Person,
    ProofState,
    Skill,
    SkillAssertion,
    SkillLevel,
    TrainingSession,
)
from portal.text import N_
from portal.web.filters import date_short

_JOURNEYS_KEPT = 8192
INTEREST_WORDS = {
    Interest.LIKED: "liked",
    Interest.NEIGHBOUR: "neighbour",
    Interest.NEUTRAL: "neutral",
    Interest.DISLIKED: "disliked",
}
MODE_WORDS = {
    engine.Mode.WALK: N_("à pied"),
    engine.Mode.BIKE: N_("à vélo"),
    engine.Mode.BUS: N_("en bus"),
    engine.Mode.MOPED: N_("en deux-roues motorisé"),
    engine.Mode.CAR: N_("en voiture"),
}
OBSTACLE_WORDS = {
    engine.Obstacle.NO_SEAT: N_("plus de place"),
    engine.Obstacle.STARTS_TOO_EARLY: N_("commence trop tôt"),
    engine.Obstacle.OUT_OF_REACH: N_("trop loin avec ses moyens de transport"),
    engine.Obstacle.PREREQUISITE: N_("un prérequis manque encore"),
}


@dataclass(frozen=True, slots=True)
class KnownFact:
    """What is known of a person on a requirement; ``proved``: more than their own word."""

    text: str
    proved: bool


def sessions_by_id(session: Session, ids: Iterable[str]) -> dict[str, TrainingSession]:
    """The rows of these sessions, with what a line says of them."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.scalars(
        select(TrainingSession)
        .where(TrainingSession.public_id.in_(wanted))
        .options(*columns.of_session())
    )
    return {row.public_id: row for row in rows}


def skill_labels(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """The labels of these skills."""
    wanted = set(codes)
    if not wanted:
        return {}
    rows = session.execute(select(Skill.code, Skill.label).where(Skill.code.in_(wanted)))
    return dict(rows.all())


def session_ids_of(explanation: engine.Explanation) -> set[str]:
    """Every session an explanation names."""
    return {option.session for row in explanation.requirements for option in row.sessions}


def open_session_ids_of(explanation: engine.Explanation) -> set[str]:
    """Those that the person can join: what a line says, of the hundreds that may cover a gap."""
    return {
        option.session
        for row in explanation.requirements
        for option in row.sessions
        if not option.obstacles
    }


def mode_of(index: engine.Index, person: engine.Person, commune: str) -> str:
    """The mode that gives the least minutes from the person's commune to another, in words."""
    ends = tuple(map(index.communes.get, (person.commune, commune)))
    return str(_(MODE_WORDS[_quickest(person.modes, person.commune, commune, ends)]))


@lru_cache(_JOURNEYS_KEPT)
def _quickest(
    modes: frozenset[engine.Mode],
    home: str,
    there: str,
    ends: tuple[engine.Commune | None, ...],
) -> engine.Mode:
    communes = {one.code: one for one in ends if one is not None}
    place, _numbers = Places.build([there], communes)
    km = place.km_from(home, communes)
    return min(sorted(usable_modes(modes)), key=lambda mode: minutes_by(mode, km)[0])


def requirement_views(
    explanation: engine.Explanation,
    offer: JobOffer,
    sessions: Mapping[str, TrainingSession],
    label_of: Callable[[str], str],
    facts: Mapping[tuple[str, str], KnownFact] | None = None,
) -> tuple[RequirementView, ...]:
    """One view per requirement of the offer, in its order."""
    return tuple(
        _requirement_view(row, reading, sessions, label_of, facts or {})
        for row, reading in zip(offer.requirements, explanation.requirements, strict=True)
    )


def _requirement_view(
    row: OfferRequirement,
    reading: engine.RequirementReading,
    sessions: Mapping[str, TrainingSession],
    label_of: Callable[[str], str],
    facts: Mapping[tuple[str, str], KnownFact],
) -> RequirementView:
    known = facts.get((reading.subject.kind.value, reading.subject.id))
    return RequirementView(
        row=row,
        label=row.label,
        kind=row.kind,
        outcome=_outcome(reading),
        fact=known.text if known else None,
        proved=known.proved if known else False,
        backed_by=tuple(map(label_of, reading.backed_by)),
        sessions=tuple(
            _choice(option, sessions[option.session])
            for option in reading.sessions
            if option.session in sessions
        ),
    )


def _outcome(reading: engine.RequirementReading) -> Outcome:
    if reading.outcome is engine.Outcome.UNKNOWN:
        return Outcome.BACKED if reading.backed_by else Outcome.UNKNOWN
    return Outcome.MET if reading.outcome is engine.Outcome.MET else Outcome.GAP


def _choice(option: engine.SessionOption, row: TrainingSession) -> SessionChoice:
    minutes = option.minutes if option.minutes is None or isfinite(option.minutes) else None
    return SessionChoice(
        row,
        minutes,
        tuple(str(_(OBSTACLE_WORDS[obstacle])) for obstacle in option.obstacles),
        option.in_time,
        option.covers_all,
    )


def known_facts(
    session: Session, person: Person, on: date | None
) -> dict[tuple[str, str], KnownFact]:
    """What is known of a person, in words: level, source, date; by (kind, code)."""
    known: dict[tuple[str, str], KnownFact] = {}
    for code, fact in facts_of_person(session, person).items():
        proved = fact.standing.source is not AssertionSource.DECLARED
        known["skill", code] = KnownFact(_skill_text(fact), proved)
    credentials = session.scalars(
        select(Credential)
        .where(Credential.person_id == person.id)
        .options(selectinload(Credential.type))
    )
    for credential in credentials:
        proved = credential.proof is not ProofState.DECLARED
        text = _credential_text(credential, on)
        known["credential", credential.type_code] = KnownFact(text, proved)
    return known


def _skill_text(fact: SkillFact[SkillAssertion]) -> str:
    level = SkillLevel("" if fact.level is None else str(fact.level)).label
    text = str(
        _(
            "%(level)s, %(source)s le %(date)s",
            level=level,
            source=fact.standing.source.label,
            date=date_short(fact.standing.asserted_on),
        )
    )
    if fact.contradicted:
        text += _("\u00a0; une information plus récente dit autre chose")
    return text


def _credential_text(credential: Credential, on: date | None) -> str:
    proof, expiry = credential.proof.label, date_short(credential.expires_on)
    if not credential.held:
        return str(_("n’a pas encore"))
    if credential.expires_on is None:
        return str(_("%(proof)s, sans limite de validité", proof=proof))
    if credential.expires_on < clock.today():
        return str(_("a expiré le %(date)s, à rafraîchir", date=expiry))
    if on is not None and credential.expires_on < on:
        return str(_("expire le %(date)s, à rafraîchir", date=expiry))
    return str(_("%(proof)s, valable jusqu’au %(date)s", proof=proof, date=expiry))
