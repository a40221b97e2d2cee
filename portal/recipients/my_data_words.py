"""How a person's own data is told to them: « vous », whole short sentences, no acronym.

The labels of the models are for professionals; every code that a person may read has its words
here (a test holds the two lists together).
"""

from __future__ import annotations

from enum import StrEnum

from flask_babel import gettext as _

from portal.models import (
    AssertionSource,
    BarrierState,
    BarrierTheme,
    ContactPreference,
    IntroductionState,
    InvitationState,
    LanguageLevel,
    PathwayState,
    ProofState,
    StatusCode,
    StatusSource,
)
from portal.text import N_

MODES = {
    "walk": N_("À pied"),
    "bike": N_("À vélo"),
    "bus": N_("En bus ou en car"),
    "moped": N_("En scooter ou en moto"),
    "car": N_("En voiture"),
}

LEVELS: dict[int | None, str] = {
    0: N_("Pas encore"),
    1: N_("Avec de l’aide"),
    2: N_("Sans aide"),
    3: N_("Vous pouvez le montrer"),
    None: N_("Pas encore su"),
}

_A, _B, _C = AssertionSource, BarrierTheme, ContactPreference
_I, _P, _S = IntroductionState, PathwayState, StatusCode

# Pairs, not a dict: two codes of two lists may be the same text, hence equal as keys.
_PAIRS: tuple[tuple[StrEnum, str], ...] = (
    (_C.SMS, N_("Par message")),
    (_C.PHONE, N_("Par téléphone")),
    (_C.EMAIL, N_("Par courriel")),
    (_C.POST, N_("Par courrier")),
    (_C.VIA_REFERENT, N_("Par la personne qui vous suit")),
    (_A.DECLARED, N_("Vous l’avez dit.")),
    (_A.OBSERVED, N_("La personne qui vous suit l’a vu.")),
    (_A.IMMERSION, N_("Vu pendant une immersion en entreprise.")),
    (_A.ASSESSED, N_("Vu en formation.")),
    (_A.CERTIFIED, N_("Écrit sur un certificat.")),
    (LanguageLevel.A1, N_("Quelques mots.")),
    (LanguageLevel.A2, N_("Des phrases simples.")),
    (LanguageLevel.B1, N_("Vous vous débrouillez.")),
    (LanguageLevel.B2, N_("Vous êtes à l’aise.")),
    (LanguageLevel.C1, N_("Vous parlez bien et vite.")),
    (LanguageLevel.C2, N_("Comme votre langue.")),
    (ProofState.DECLARED, N_("Vous l’avez dit.")),
    (ProofState.SEEN, N_("Le papier est vu.")),
    (ProofState.VERIFIED, N_("Le papier est vérifié.")),
    (StatusSource.DECLARED, N_("Vous l’avez dit.")),
    (StatusSource.ATTESTED, N_("Un papier le montre.")),
    (StatusSource.IMPORT_FT, N_("France Travail l’a dit.")),
    (StatusSource.IMPORT_CAF, N_("La caisse d’allocations l’a dit.")),
    (StatusSource.IMPORT_CD, N_("Le Département l’a dit.")),
    (_S.BRSA, N_("Vous recevez le revenu de solidarité active.")),
    (_S.DE_1, N_("Inscription à France Travail, groupe 1.")),
    (_S.DE_2, N_("Inscription à France Travail, groupe 2.")),
    (_S.DE_3, N_("Inscription à France Travail, groupe 3.")),
    (_S.DE_4, N_("Inscription à France Travail, groupe 4.")),
    (_S.DE_5, N_("Inscription à France Travail, groupe 5.")),
    (_S.DE_6, N_("Inscription à France Travail, groupe 6.")),
    (_S.DE_7, N_("Inscription à France Travail, groupe 7.")),
    (_S.DE_8, N_("Inscription à France Travail, groupe 8.")),
    (_S.DELD, N_("Vous cherchez un emploi depuis plus d’un an.")),
    (_S.DETLD, N_("Vous cherchez un emploi depuis plus de deux ans.")),
    (_S.ASS, N_("Vous recevez l’allocation de solidarité spécifique.")),
    (_S.AAH, N_("Vous recevez l’allocation aux adultes handicapés.")),
    (_S.ARE, N_("Vous recevez une allocation de chômage.")),
    (_S.SANS_ARE, N_("Vous ne recevez pas d’allocation de chômage.")),
    (_S.PEC, N_("Vous avez un contrat aidé avec une formation.")),
    (_S.CDDI, N_("Vous travaillez dans une entreprise d’insertion.")),
    (_S.CUI, N_("Vous avez un contrat aidé.")),
    (_S.SAL_TP, N_("Vous travaillez à temps partiel.")),
    (_S.CSP, N_("Vous avez un contrat après un licenciement économique.")),
    (_S.STAGIAIRE_FP, N_("Vous êtes en formation professionnelle.")),
    (_S.NEET, N_("Vous êtes jeune, sans emploi et sans formation.")),
    (_S.ASE_SORTANT, N_("L’aide à l’enfance s’est occupée de vous.")),
    (_S.RQTH_BOE, N_("Votre handicap est reconnu pour le travail.")),
    (_S.PARENT_ISOLE, N_("Vous élevez un enfant sans l’autre parent.")),
    (_S.QPV, N_("Vous habitez un quartier prioritaire.")),
    (_S.FRR, N_("Vous habitez une zone rurale aidée.")),
    (_S.SPIE, N_("Le service public de l’insertion vous suit.")),
    (_B.MOBILITY, N_("Se déplacer")),
    (_B.CHILDCARE, N_("La garde des enfants, la famille")),
    (_B.HOUSING, N_("Le logement")),
    (_B.HEALTH, N_("Des horaires ou des gestes à éviter")),
    (_B.DIGITAL, N_("Internet et le téléphone")),
    (_B.LITERACY, N_("Lire, écrire, compter")),
    (_B.LANGUAGE, N_("Le français")),
    (_B.MONEY, N_("L’argent")),
    (_B.PAPERS, N_("Les papiers")),
    (BarrierState.TO_DO, N_("Rien n’est commencé.")),
    (BarrierState.IN_PROGRESS, N_("Quelqu’un s’en occupe.")),
    (BarrierState.LIFTED, N_("C’est réglé.")),
    (BarrierState.BYPASSED, N_("Une autre solution est trouvée.")),
    (BarrierState.PERSISTENT, N_("Cela dure.")),
    (_I.PREPARED, N_("Rien n’est envoyé.")),
    (_I.AGREEMENT_ASKED, N_("Votre accord est demandé. Rien n’est envoyé.")),
    (_I.AGREED, N_("Vous avez dit oui. Rien n’est envoyé.")),
    (_I.DECLINED, N_("Vous avez dit non.")),
    (_I.SENT, N_("L’entreprise a reçu votre carte.")),
    (_I.SEEN, N_("L’entreprise a lu votre carte.")),
    (_I.MEETING, N_("L’entreprise veut vous rencontrer. Elle connaît votre nom.")),
    (_I.IMMERSION, N_("Vous essayez le travail. L’entreprise connaît votre nom.")),
    (_I.HIRED, N_("L’entreprise vous embauche.")),
    (_I.REFUSED, N_("L’entreprise a dit non.")),
    (_I.NO_ANSWER, N_("L’entreprise n’a pas répondu.")),
    (_I.CLOSED, N_("C’est terminé.")),
    (_P.DRAFT, N_("En préparation.")),
    (_P.PROPOSED, N_("On vous le propose.")),
    (_P.ACCEPTED, N_("Vous avez dit oui.")),
    (_P.IN_PROGRESS, N_("En cours.")),
    (_P.PAUSED, N_("En pause.")),
    (_P.REACHED, N_("Vous avez réussi.")),
    (_P.BROKEN, N_("Arrêté.")),
    (_P.REPLACED, N_("Remplacé par un autre.")),
    (_P.DECLINED, N_("Vous avez dit non.")),
    (InvitationState.SENT, N_("Pas encore de réponse.")),
    (InvitationState.ACCEPTED, N_("Vous avez dit oui.")),
    (InvitationState.CALL_ASKED, N_("Vous voulez un appel.")),
    (InvitationState.DECLINED, N_("Vous avez dit non.")),
    (InvitationState.ATTENDED, N_("Vous étiez là.")),
    (InvitationState.MISSED, N_("Vous n’étiez pas là.")),
    (InvitationState.CANCELLED, N_("Annulé.")),
)
_WORDS = {(type(code), code.value): words for code, words in _PAIRS}


def word(member: StrEnum) -> str:
    """The words of a code, in the language of the page."""
    return str(_(_WORDS[type(member), member.value]))


def has_word(member: StrEnum) -> bool:
    """Whether a code has its words."""
    return (type(member), member.value) in _WORDS


def mode(code: str) -> str:
    """A way of travelling."""
    return str(_(MODES[code])) if code in MODES else code


def level(value: int | None) -> str:
    """How well the person knows how to do something."""
    return str(_(LEVELS[value]))
