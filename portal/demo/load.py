"""Fill an empty database with the demonstration territory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.demo.doors import make_doors
from portal.demo.employers import make_establishments, make_offers
from portal.demo.hubs import make_hub
from portal.demo.immersions import make_immersions
from portal.demo.journeys import make_introductions, make_pathways
from portal.demo.needs import make_needs
from portal.demo.people import make_people
from portal.demo.scene import Scene, reproducible_ids
from portal.demo.structures import Structures, make_structures
from portal.demo.trainings import make_catalogue
from portal.models import Account, Person
from portal.reference.load import load_starter as load_reference
from portal.reference.starter import load_starter as read_starter


@dataclass(frozen=True, slots=True)
class Territory:
    """What was made, in figures."""

    people: int
    structures: int
    establishments: int
    offers: int
    sessions: int
    pathways: int
    cohorts: int
    needs: int


def is_loaded(session: Session) -> bool:
    """Whether the database already holds the demonstration."""
    return bool(session.scalar(select(func.count(Account.id)).where(Account.demo)))


def is_empty(session: Session) -> bool:
    """Whether the database holds nobody: the demonstration never mixes with real people."""
    counts = (select(func.count(Account.id)), select(func.count(Person.id)))
    return not any(session.scalar(count) for count in counts)


def load_territory(session: Session, report: Callable[[str], None]) -> Territory:
    """Fill an empty, migrated database; flushed, not committed.

    Everything is drawn from one seed and dated from today, so a day always gives the same
    territory. ``report`` is told what is being done, in French.
    """
    with reproducible_ids(session):
        return _load(session, report)


def _load(session: Session, report: Callable[[str], None]) -> Territory:
    report("référentiel de départ et communes des Hauts-de-France")
    load_reference(session)
    scene, starter = Scene(session, clock.today()), read_starter()
    report("structures et comptes")
    structures: Structures = make_structures(scene)
    session.flush()
    report("personnes accompagnées")
    people = make_people(scene, structures, starter)
    report("entreprises et offres")
    establishments = make_establishments(scene, structures)
    offers = make_offers(scene, structures, establishments)
    report("catalogue de formation")
    sessions = make_catalogue(scene, structures, starter)
    report("mises en relation et parcours")
    make_introductions(scene, structures, offers)
    pathways = make_pathways(scene, structures)
    report("immersions en entreprise")
    make_immersions(scene, structures, offers)
    report("cohortes du hub, embauches et suivis")
    cohorts = make_hub(scene, structures, establishments)
    report("registre des besoins non couverts")
    needs = make_needs(scene, structures)
    report("les deux portes\u00a0: personnes et employeurs")
    make_doors(scene, structures, establishments)
    session.flush()
    return Territory(
        people=len(people),
        structures=len(structures.organisations),
        establishments=len(establishments),
        offers=len(offers),
        sessions=len(sessions),
        pathways=pathways,
        cohorts=len(cohorts),
        needs=needs,
    )
