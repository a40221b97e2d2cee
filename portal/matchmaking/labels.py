"""What people type, resolved to the occupations, skills and credentials known here.

The index of labels is rebuilt when the nomenclature changes, once per process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matching.labels.credentials import credential_types, recognise
from matching.labels.field import Reading, SkillField
from matching.labels.languages import LANGUAGES
from matching.labels.lexicon import everyday_words
from matching.labels.resolver import About, Label, LabelIndex
from matching.labels.sources import TELLING
from matching.labels.vocabulary import LIGHT_WORDS
from portal.matchmaking.stamps import read_marks
from portal.matchmaking.world import nomenclature_marks
from portal.models import (
    CredentialType,
    Occupation,
    OccupationSkill,
    OccupationTitle,
    Skill,
    SkillKind,
)

# Below it the words share little: the screen shows nothing rather than noise.
LEAST_SCORE = 35.0
# A trade is taken without asking when the words are its name, or an everyday word for it, but for
# an ending; when no other trade is as near, or bears that very name; and when such an answer was
# right three times in four at least (docs/resolver.md).
_SURE_SCORE, _SURE_LEAD, _SURE_CONFIDENCE = 95.0, 3.0, 0.75
_VERY_NAME = 100.0
# What a thing read is recorded as; a language or the name of a trade is neither.
_RECORDED_AS: dict[str, str] = {
    "licence": "credential",
    "certificate": "credential",
    "skill": "skill",
    "knowledge": "skill",
}


@dataclass(frozen=True, slots=True)
class OccupationMatch:
    """An occupation found for what was typed; ``title`` is the name that matched.

    ``score`` (0 to 100) says how near the words are, 99 or more when they are the name itself;
    ``confidence`` (0 to 1) how often such an answer was right (docs/resolver.md).
    """

    code: str
    label: str
    title: str
    score: float
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class SkillMatch:
    """A skill or a credential found for what was typed."""

    kind: str
    code: str
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class _Indexes:
    occupations: LabelIndex
    skills: LabelIndex
    field: SkillField


_held: WeakKeyDictionary[Engine, tuple[object, _Indexes]] = WeakKeyDictionary()
_lock = threading.Lock()


def resolve_occupations(session: Session, text: str, limit: int = 8) -> list[OccupationMatch]:
    """The occupations that the words may mean, best first; never chosen silently."""
    matches = _indexes(session).occupations.resolve(text, top=limit)
    kept = [match for match in matches if match.score >= LEAST_SCORE]
    query = select(Occupation.code, Occupation.label)
    rows = session.execute(query.where(Occupation.code.in_([match.id for match in kept])))
    labels = dict(rows.all())
    return [
        OccupationMatch(m.id, labels[m.id], m.label, m.score, m.confidence)
        for m in kept
        if m.id in labels
    ]


def sure_occupation(found: Sequence[OccupationMatch]) -> OccupationMatch | None:
    """The occupation that the words mean without doubt; None when the screen must ask.

    ``found``: what :func:`resolve_occupations` answered, two at least, best first.
    """
    if not found or found[0].score < _SURE_SCORE or found[0].confidence < _SURE_CONFIDENCE:
        return None
    next_score = found[1].score if len(found) > 1 else 0.0
    named = found[0].score >= _VERY_NAME > next_score
    return found[0] if named or found[0].score - next_score >= _SURE_LEAD else None


def resolve_skills(session: Session, text: str, limit: int = 8) -> list[SkillMatch]:
    """The credentials named in the words, then the skills they may mean, best first."""
    found = [recorded_as(reading) for reading in read_abilities(session, text, limit)]
    return [match for match in found if match is not None]


def recorded_as(reading: Reading) -> SkillMatch | None:
    """The skill or the credential to record; None for a language or the name of a trade."""
    kind = _RECORDED_AS.get(reading.kind)
    return SkillMatch(kind, reading.code, reading.label, reading.score) if kind else None


def read_abilities(session: Session, text: str, limit: int = 8) -> list[Reading]:
    """What someone says they can do, each thing with its kind, what is named first.

    A skill, a knowledge item, a licence, a certificate, a language, or the name of a trade.
    What the text sets aside (« sans permis ») is left out, and a credential unknown here too.
    """
    known = dict(session.execute(select(CredentialType.code, CredentialType.label)).all())
    found = []
    for reading in _indexes(session).field.read(text, limit):
        if reading.negated:
            continue
        if _RECORDED_AS.get(reading.kind) != "credential":
            found.append(reading)
        elif reading.code in known:
            found.append(reading._replace(label=known[reading.code]))
    return found


def recognise_credentials(text: str) -> tuple[str, ...]:
    """The codes of the credentials that the words name without doubt, and do not set aside."""
    return tuple(m.type for m in recognise(text) if m.certain and not m.negated)


def nearest_skills(
    labels: Iterable[tuple[str, str]], targets: Iterable[tuple[str, str]]
) -> dict[str, tuple[str, float]]:
    """For each (code, label), the nearest target (code, score), absent below the least score."""
    index = LabelIndex.build((Label(code, label) for code, label in targets), light=LIGHT_WORDS)
    return _nearest(index, labels)


def nearest_occupations(
    labels: Iterable[tuple[str, str]], targets: Iterable[tuple[str, str]]
) -> dict[str, tuple[str, float]]:
    """:func:`nearest_skills`, of occupations; a target may bear several names.

    Without the everyday words: what they say of an occupation that is gone may be said of any.
    """
    index = LabelIndex.build(Label(code, name) for code, name in targets)
    return _nearest(index, labels)


def _nearest(index: LabelIndex, labels: Iterable[tuple[str, str]]) -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for code, label in labels:
        for match in index.resolve(label, top=1):
            if match.score >= LEAST_SCORE:
                found[code] = (match.id, match.score)
    return found


def credential_labels() -> dict[str, str]:
    """Every credential type of the closed list, with its label."""
    return {code: kind.label for code, kind in credential_types().items()}


def language_labels() -> dict[str, str]:
    """Every language that is recognised: its ISO 639 code and its French name."""
    return {code: label for code, (label, _words) in LANGUAGES.items()}


def _indexes(session: Session) -> _Indexes:
    bind = session.get_bind()
    owner = bind if isinstance(bind, Engine) else bind.engine
    # A label that an import corrects changes no count: the runs and links tell.
    titles = read_marks(session, (OccupationTitle, Occupation))
    key = (*nomenclature_marks(session), *titles.values())
    with _lock:
        held = _held.get(owner)
        if held is None or held[0] != key:
            held = _held[owner] = (key, _build(session))
        return held[1]


def _build(session: Session) -> _Indexes:
    titles = session.execute(
        select(OccupationTitle.occupation_code, OccupationTitle.title)
        .join(Occupation, Occupation.code == OccupationTitle.occupation_code)
        .where(OccupationTitle.retired.is_(False), Occupation.retired.is_(False))
    )
    names = session.execute(
        select(Occupation.code, Occupation.label).where(Occupation.retired.is_(False))
    )
    families = session.execute(
        select(Occupation.code, Occupation.parent_code).where(Occupation.parent_code.is_not(None))
    )
    skills = session.execute(
        select(Skill.code, Skill.label, Skill.plain_label).where(
            Skill.retired.is_(False), Skill.same_as_code.is_(None)
        )
    )
    spoken = [(row.code, text) for row in skills for text in (row.label, row.plain_label) if text]
    occupations = LabelIndex.build(
        (Label(*row) for row in (*titles, *names)),
        everyday_words(),
        about=_about(session),
        families={code: parent for code, parent in families if parent},
    )
    known = LabelIndex.build((Label(*row) for row in spoken), light=LIGHT_WORDS)
    knowledge = session.scalars(select(Skill.code).where(Skill.kind == SkillKind.KNOWLEDGE))
    return _Indexes(occupations, known, SkillField(known, occupations, knowledge.all()))


def _about(session: Session) -> list[About]:
    """What the occupations are about: their definition and their skills."""
    definitions = session.execute(
        select(Occupation.code, Occupation.definition).where(Occupation.definition.is_not(None))
    )
    skills = session.execute(
        select(OccupationSkill.occupation_code, Skill.label, OccupationSkill.core, Skill.kind)
        .join(Skill, Skill.code == OccupationSkill.skill_code)
        .where(Skill.retired.is_(False))
    )
    return [About(row.code, row.definition) for row in definitions] + [
        About(code, label, TELLING if core or kind is SkillKind.KNOWLEDGE else 1)
        for code, label, core, kind in skills
    ]
