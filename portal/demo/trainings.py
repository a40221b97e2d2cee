"""Some sixty sessions over the next nine months, with seats left or not."""

from __future__ import annotations

from collections.abc import Iterable

from portal.demo.scene import Scene, table
from portal.demo.structures import Structures, make_account
from portal.models import (
    FactOrigin,
    InfoMeeting,
    Organisation,
    OrganisationKind,
    ProgramOccupation,
    RecruitmentState,
    RequirementKind,
    Role,
    SessionCredential,
    SessionPrerequisite,
    SessionSkill,
    SkillKind,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)
from portal.reference.starter import StarterSet
from portal.text import fold

_GIVEN_TWICE = 12
_SPAN_DAYS = 270
# What short courses teach that is not a trade: all the skills of a group of the starter set.
_GROUPS = {"socle": "commun.base", "securite": "commun.securite"}


def make_catalogue(
    scene: Scene, structures: Structures, starter: StarterSet
) -> list[TrainingSession]:
    """The programmes of ``sessions.csv``, each given one to three times over nine months."""
    rows = table("sessions")
    organisers = _organisers(scene, structures, {row["organiser"] for row in rows})
    sessions: list[TrainingSession] = []
    for number, row in enumerate(rows):
        action = _action(scene, row, organisers[row["organiser"]], number)
        for turn in range(_turns(row, number)):
            sessions.append(_session(scene, row, action, starter, number, turn))
    scene.session.flush()
    return sessions


def _turns(row: dict[str, str], number: int) -> int:
    """Short courses come back often; the first long ones come twice."""
    if row["weeks"] == "1":
        return 3
    return 2 if number < _GIVEN_TWICE else 1


def _organisers(
    scene: Scene, structures: Structures, names: Iterable[str]
) -> dict[str, Organisation]:
    found = {}
    for name in sorted(names):
        found[name] = scene.add(
            Organisation(kind=OrganisationKind.TRAINING, name=name, departement_code=None)
        )
    first = found["Plateau Travaux publics de Marquion"]
    structures.accounts["training"] = make_account(
        scene, Role.TRAINING, first, "Bruno", "Hellevant"
    )
    return found


def _action(
    scene: Scene, row: dict[str, str], organiser: Organisation, number: int
) -> TrainingAction:
    program = scene.add(
        TrainingProgram(
            source="demonstration",
            external_ref=f"DEMO-F{number:03d}",
            title=row["title"],
            search_title=fold(row["title"]),
            objective=None,
            certifying="titre_pro" in row["delivers"] or "cqp" in row["delivers"],
        )
    )
    if row["occupation"] not in {"", *_GROUPS}:
        code = row["occupation"]
        program.occupations.append(ProgramOccupation(rome_code=code, occupation_code=code))
    return scene.add(
        TrainingAction(
            program=program,
            external_ref=f"DEMO-A{number:03d}",
            organisation=organiser,
            organiser_name=organiser.name,
            place_name=organiser.name,
            hours_center=int(row["weeks"]) * int(row["hours"]),
            contact_phone=f"03 53 01 02 {number:02d}",
        )
    )


def _session(
    scene: Scene,
    row: dict[str, str],
    action: TrainingAction,
    starter: StarterSet,
    number: int,
    turn: int,
) -> TrainingSession:
    random = scene.random
    offset = 8 + (number * 37 + turn * 131) % (_SPAN_DAYS - 40)
    start = scene.day(offset)
    start = scene.day(offset + (7 - start.weekday()) % 7)  # sessions start on a Monday
    seats = int(row["seats"])
    left = random.choice((0, 1, 2, 4, seats // 2, seats - 2, None))
    days = int(row["weeks"]) * 7 - 3
    session = scene.add(
        TrainingSession(
            action=action,
            external_ref=f"DEMO-S{number:03d}-{turn}",
            start=start,
            end=scene.day((start - scene.today).days + days),
            commune_code=None if row["remote"] == "1" else row["commune"],
            remote=row["remote"] == "1",
            seats=seats,
            seats_left=left,
            recruitment=RecruitmentState.FULL if left == 0 else RecruitmentState.OPEN,
            weekly_hours=float(row["hours"]),
            first_seen_at=scene.instant(-random.randrange(0, 60)),
        )
    )
    _content(row, session, starter)
    if random.random() < 0.6:
        session.info_meetings.append(_meeting(scene, session))
    return session


def _content(row: dict[str, str], session: TrainingSession, starter: StarterSet) -> None:
    for code in _taught(row["occupation"], starter):
        session.skills.append(
            SessionSkill(skill_code=code, level=2, origin=FactOrigin.DEDUCED_OCCUPATION)
        )
    for code in filter(None, row["delivers"].split("|")):
        session.credentials.append(
            SessionCredential(credential_code=code, origin=FactOrigin.CATALOGUE)
        )
    for text in filter(None, row["prerequisites"].split("|")):
        skill, _, level = text.partition(":")
        session.prerequisites.append(
            SessionPrerequisite(skill_code=skill, level=int(level))
            if level
            else SessionPrerequisite(credential_code=skill)
        )


def _taught(occupation: str, starter: StarterSet) -> list[str]:
    if occupation in _GROUPS:
        return [skill.id for skill in starter.skills if skill.group == _GROUPS[occupation]]
    attitudes = {skill.id for skill in starter.skills if skill.kind == SkillKind.SOFT.value}
    return [
        link.skill
        for link in starter.occupation_skills
        if link.occupation == occupation
        and (link.core or link.kind == RequirementKind.DAY_ONE.value)
        and link.skill not in attitudes
    ]


def _meeting(scene: Scene, session: TrainingSession) -> InfoMeeting:
    before = (session.start - scene.today).days - scene.random.randrange(5, 25)
    return scene.add(
        InfoMeeting(
            on=scene.day(max(1, before)),
            start_hour="09:30",
            end_hour="11:30",
            place=session.action.place_name,
            capacity=scene.random.choice((16, 24, 32)),
        )
    )
