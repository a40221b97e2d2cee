"""The blueprints of every feature: where a new one is added."""

from __future__ import annotations

from flask import Blueprint

from portal.accesses.employer_routes import blueprint as employer_accesses
from portal.accesses.person_routes import blueprint as person_accesses
from portal.accounts.administration import blueprint as account_admin
from portal.accounts.factor_routes import blueprint as factors
from portal.accounts.routes import blueprint as accounts
from portal.calls.routes import blueprint as calls
from portal.contestations.routes import blueprint as contestations
from portal.deposits.routes import blueprint as deposits
from portal.doors.routes import blueprint as doorstep
from portal.employers.routes import blueprint as employers
from portal.enrolments.routes import blueprint as enrolments
from portal.hires.routes import blueprint as hires
from portal.hubs.routes import blueprint as hubs
from portal.immersions.routes import blueprint as immersions
from portal.imports.people_routes import blueprint as people_import
from portal.imports.routes import blueprint as imports
from portal.introductions.routes import blueprint as introductions
from portal.invitations.routes import blueprint as invitations
from portal.messages.routes import blueprint as messages
from portal.needs.routes import blueprint as needs
from portal.offers.routes import blueprint as offers
from portal.pathways.routes import blueprint as pathways
from portal.people.routes import blueprint as people
from portal.projects.routes import blueprint as projects
from portal.recipients.routes import blueprint as recipients
from portal.suggestions.routes import blueprint as suggestions
from portal.today.routes import blueprint as today
from portal.trainings import correction_routes  # noqa: F401 -- adds its routes to the blueprint
from portal.trainings.routes import blueprint as trainings
from portal.transparency.log_routes import blueprint as access_log
from portal.transparency.routes import blueprint as transparency

BLUEPRINTS: tuple[Blueprint, ...] = (
    today,
    accounts,
    account_admin,
    factors,
    imports,
    people_import,
    suggestions,
    people,
    pathways,
    offers,
    introductions,
    hires,
    immersions,
    trainings,
    enrolments,
    hubs,
    projects,
    needs,
    transparency,
    access_log,
    doorstep,
    employer_accesses,
    person_accesses,
    recipients,
    employers,
    deposits,
    messages,
    invitations,
    calls,
    contestations,
)
