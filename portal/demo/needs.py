"""The register of unmet needs: people whom no pathway brings to a trade, and gaps of the canal."""

from __future__ import annotations

from sqlalchemy import select

from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.people import own_portfolio
from portal.demo.hubs import CANAL
from portal.demo.scene import Scene
from portal.demo.structures import Structures
from portal.models import MajorProject, NeedState, Occupation, Person
from portal.needs.queries import record_project_need, record_steering
from portal.pathways.recording import record_unmet_need
from portal.projects.rules import Quarter

WANTED, TRIED = 12, 45
# Trades for which the catalogue of the demonstration has little or nothing.
_TRADES = ("F1711", "F1705", "F1302", "N4105")
_GAPS = (("F1302", 1, 14), ("F1705", 2, 10), ("F1711", 2, 8))


def make_needs(scene: Scene, structures: Structures) -> int:
    """A dozen needs of people, three of a project, one trade already taken up by the Région."""
    count = 0
    for key in ("referent", "referent_lens", "mission_locale"):
        account = structures.accounts[key]
        count += _of_portfolio(scene, Actor(account, account.memberships[0]), WANTED // 3)
    _of_project(scene, structures)
    return count


def _of_portfolio(scene: Scene, actor: Actor, wanted: int) -> int:
    """Compose towards trades in turn, and keep in the register what nothing reaches."""
    session = scene.session
    query = select(Person).where(own_portfolio(actor)).order_by(Person.external_ref).limit(TRIED)
    found = 0
    for number, person in enumerate(session.scalars(query).all()):
        occupation = session.get(Occupation, _TRADES[number % len(_TRADES)])
        if found == wanted or occupation is None:
            break
        try:
            composed = mm.compose(session, actor, person, occupation=occupation)
        except mm.NothingKnownError:
            continue
        if not composed.scenarios:
            record_unmet_need(
                session, actor=actor, person=person, composition=composed, occupation=occupation
            )
            found += 1
    return found


def _of_project(scene: Scene, structures: Structures) -> None:
    session = scene.session
    project = session.scalar(select(MajorProject).where(MajorProject.code == CANAL))
    hub, region = (
        Actor(account, account.memberships[0])
        for account in (structures.accounts["hub"], structures.accounts["pilot_region"])
    )
    present = Quarter.of(scene.today)
    for code, ahead, jobs in _GAPS:
        rank = present.year * 4 + present.number - 1 + ahead
        trade = session.get(Occupation, code)
        if project is None or trade is None:
            continue
        record_project_need(
            session,
            hub,
            project=project,
            trade=trade,
            quarter=str(Quarter(rank // 4, rank % 4 + 1)),
            jobs=jobs,
            commune=project.commune,
            note=None,
        )
    rail = session.get(Occupation, _GAPS[-1][0])
    if rail is not None:
        record_steering(
            session, region, trade=rail, source=NeedState.OPEN, target=NeedState.TAKEN_UP
        )
