"""Which role may be held in which kind of structure."""

from __future__ import annotations

from portal.models import OrganisationKind, Role

_K = OrganisationKind
_SOCIAL = frozenset(
    {
        _K.DEPARTEMENT,
        _K.MDS,
        _K.MISSION_LOCALE,
        _K.PLIE,
        _K.CCAS,
        _K.FRANCE_TRAVAIL,
        _K.CAP_EMPLOI,
        _K.SIAE,
        _K.OTHER,
    }
)
_PUBLIC = frozenset(_K) - {_K.EMPLOYER, _K.TRAINING, _K.SIAE}

KINDS_OF_ROLE: dict[Role, frozenset[OrganisationKind]] = {
    Role.ADVISER: frozenset({_K.PLATFORM}),
    Role.REFERENT: _SOCIAL,
    Role.HUB: frozenset({_K.HUB}),
    Role.EMPLOYER: frozenset({_K.EMPLOYER, _K.SIAE}),
    Role.TRAINING: frozenset({_K.TRAINING}),
    Role.PILOT_REGION: frozenset({_K.REGION}),
    Role.PILOT_DEPARTEMENT: frozenset({_K.DEPARTEMENT}),
    Role.DPO: _PUBLIC,
    Role.ADMIN: _PUBLIC,
}


def may_hold(role: Role, kind: OrganisationKind) -> bool:
    """Whether the role makes sense in such a structure: an employer is never an adviser."""
    return kind in KINDS_OF_ROLE[role]
