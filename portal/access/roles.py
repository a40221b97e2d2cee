"""What each role may do (domain reference §4.8). Rows are scoped elsewhere, per query."""

from __future__ import annotations

from enum import StrEnum

from portal.models.organisations import Role


class Capability(StrEnum):
    """A thing one can do in the portal; every route names the one it needs."""

    TODAY = "today"
    OFFERS_READ = "offers_read"
    OFFERS_WRITE = "offers_write"
    PEOPLE_READ = "people_read"
    PEOPLE_WRITE = "people_write"
    INTRODUCE = "introduce"
    PATHWAYS = "pathways"
    ENROLMENTS = "enrolments"
    CATALOGUE_READ = "catalogue_read"
    CATALOGUE_WRITE = "catalogue_write"
    PROJECTS_READ = "projects_read"
    IMPORTS = "imports"
    EMPLOYER_CARDS = "employer_cards"
    IMMERSIONS = "immersions"
    HUBS_READ = "hubs_read"
    HUBS_WRITE = "hubs_write"
    HIRES = "hires"
    MESSAGES = "messages"
    UNKNOWN_SMS = "unknown_sms"
    NEEDS_READ = "needs_read"
    NEEDS_WRITE = "needs_write"
    NEEDS_STEER = "needs_steer"
    ACCESS_LOG = "access_log"
    ACCOUNTS = "accounts"
    INVITATIONS = "invitations"
    CALLS = "calls"


_EVERYBODY = frozenset({Capability.TODAY, Capability.CATALOGUE_READ, Capability.PROJECTS_READ})
_PROFESSIONAL = _EVERYBODY | {
    Capability.OFFERS_READ,
    Capability.PEOPLE_READ,
    Capability.PEOPLE_WRITE,
    Capability.INTRODUCE,
    Capability.PATHWAYS,
    Capability.IMMERSIONS,
    Capability.ENROLMENTS,
    Capability.HUBS_READ,
    Capability.HIRES,
    Capability.MESSAGES,
    Capability.NEEDS_READ,
    Capability.NEEDS_WRITE,
    Capability.INVITATIONS,
    Capability.CALLS,
}
_NEEDS = {Capability.NEEDS_READ, Capability.NEEDS_WRITE, Capability.NEEDS_STEER}

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.ADVISER: _PROFESSIONAL | {Capability.OFFERS_WRITE},
    Role.REFERENT: _PROFESSIONAL,
    Role.HUB: _EVERYBODY
    | _NEEDS
    | {Capability.HUBS_READ, Capability.HUBS_WRITE, Capability.IMMERSIONS}
    | {Capability.HIRES, Capability.OFFERS_READ, Capability.CATALOGUE_WRITE, Capability.ENROLMENTS}
    | {Capability.INVITATIONS, Capability.CALLS, Capability.MESSAGES},
    Role.EMPLOYER: frozenset({Capability.TODAY, Capability.EMPLOYER_CARDS}),
    Role.TRAINING: _EVERYBODY | {Capability.CATALOGUE_WRITE, Capability.ENROLMENTS},
    Role.PILOT_REGION: _EVERYBODY | _NEEDS | {Capability.HUBS_READ},
    Role.PILOT_DEPARTEMENT: _EVERYBODY | _NEEDS | {Capability.HUBS_READ},
    Role.DPO: frozenset({Capability.TODAY, Capability.ACCESS_LOG}),
    Role.ADMIN: _EVERYBODY
    | {
        Capability.IMPORTS,
        Capability.CATALOGUE_WRITE,
        Capability.ACCOUNTS,
        Capability.NEEDS_READ,
        Capability.UNKNOWN_SMS,
    },
}
