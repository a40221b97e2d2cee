"""What may happen to an introduction, and what it needs first (domain reference §4.3, INV-04)."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _

from portal.access import naming
from portal.access.transitions import IllegalTransitionError, Machine
from portal.models import AgreementChannel, Introduction, IntroductionState, OutcomeReason
from portal.text import N_

SILENCE = timedelta(days=10)

_S = IntroductionState
_WITH_EMPLOYER = frozenset(
    {_S.SEEN, _S.MEETING, _S.IMMERSION, _S.REFUSED, _S.NO_ANSWER, _S.DECLINED, _S.CLOSED}
)

# A person may say no at any time before a contract; an offer that closes closes what is under way.
# An employer may ask for a test at once, without a meeting first.
INTRODUCTION_MACHINE: Machine[IntroductionState] = Machine(
    {
        _S.PREPARED: frozenset({_S.AGREEMENT_ASKED, _S.AGREED, _S.DECLINED, _S.CLOSED}),
        _S.AGREEMENT_ASKED: frozenset({_S.AGREED, _S.DECLINED, _S.CLOSED}),
        _S.AGREED: frozenset({_S.SENT, _S.DECLINED, _S.CLOSED}),
        _S.DECLINED: frozenset({_S.CLOSED}),
        _S.SENT: _WITH_EMPLOYER,
        _S.SEEN: _WITH_EMPLOYER - {_S.SEEN},
        _S.MEETING: frozenset(
            {_S.IMMERSION, _S.HIRED, _S.REFUSED, _S.NO_ANSWER, _S.DECLINED, _S.CLOSED}
        ),
        _S.IMMERSION: frozenset({_S.HIRED, _S.REFUSED, _S.NO_ANSWER, _S.DECLINED, _S.CLOSED}),
        _S.NO_ANSWER: frozenset({_S.SEEN, _S.MEETING, _S.IMMERSION, _S.REFUSED, _S.CLOSED}),
        _S.HIRED: frozenset({_S.CLOSED}),
        _S.REFUSED: frozenset({_S.CLOSED}),
        _S.CLOSED: frozenset(),
    }
)

#: With the employer, who has not decided.
WAITING_STATES = frozenset({_S.SENT, _S.SEEN})
#: What an employer may read.
EMPLOYER_STATES = frozenset(
    {_S.SENT, _S.SEEN, _S.MEETING, _S.IMMERSION, _S.HIRED, _S.REFUSED, _S.NO_ANSWER}
)
#: The employer knows whom they are to meet, or to try, once the person agreed (INV-13).
_NAMED_ONCE_AGREED = frozenset({_S.MEETING, _S.IMMERSION})
#: Nothing is under way any more.
ENDED_STATES = frozenset({_S.DECLINED, _S.HIRED, _S.REFUSED, _S.CLOSED})

_R = OutcomeReason
#: Why a person says no.
DECLINE_REASONS = (
    _R.NOT_LIKED,
    _R.TRAVEL,
    _R.SCHEDULE,
    _R.PAY,
    _R.HEIGHTS_OR_LOAD,
    _R.CHILDCARE,
    _R.HIRED_ELSEWHERE,
    _R.OTHER,
)
#: Why an employer does not go on; nothing of a person's private life is among them.
EMPLOYER_REASONS = (
    _R.SKILLS,
    _R.CREDENTIAL,
    _R.TRAVEL,
    _R.SCHEDULE,
    _R.PAY,
    _R.FILLED,
    _R.CANCELLED,
    _R.OTHER,
)
REFUSAL_REASONS = (*EMPLOYER_REASONS[:-1], _R.NO_SHOW, _R.OTHER)
CLOSING_REASONS = (_R.UNREACHABLE, _R.HIRED_ELSEWHERE, _R.FILLED, _R.CANCELLED, _R.OTHER)

_TO_SAY = {
    _R.HIRED: N_("L’entreprise vous embauche. Bravo."),
    _R.HIRED_ELSEWHERE: N_("Vous avez trouvé un autre emploi. Bravo."),
    _R.SKILLS: N_("L’entreprise demande un geste que vous pouvez apprendre. Parlons-en."),
    _R.CREDENTIAL: N_("Il manque un permis ou un certificat. Cherchons comment l’obtenir."),
    _R.TRAVEL: N_("Le trajet est trop long pour ce poste. Cherchons plus près."),
    _R.SCHEDULE: N_("Les horaires ne conviennent pas. Cherchons d’autres horaires."),
    _R.PAY: N_("Le salaire ne convient pas. Cherchons autre chose."),
    _R.NOT_LIKED: N_("Ce métier ne vous plaît pas. C’est noté."),
    _R.CHILDCARE: N_("Ce poste ne va pas avec votre organisation. Cherchons mieux."),
    _R.HEIGHTS_OR_LOAD: N_("Les gestes de ce poste ne conviennent pas. C’est noté."),
    _R.FILLED: N_("Le poste est pris. Cela ne vient pas de vous."),
    _R.CANCELLED: N_("L’entreprise n’embauche plus. Cela ne vient pas de vous."),
    _R.NO_SHOW: N_("La rencontre n’a pas eu lieu. Appelez-nous pour en parler."),
    _R.NO_ANSWER: N_("L’entreprise n’a pas répondu. Cela ne vient pas de vous."),
    _R.UNREACHABLE: N_("Nous n’arrivons pas à vous joindre. Appelez-nous."),
    _R.OTHER: N_("Cette proposition s’arrête. Parlons de la suite."),
}


def to_say(reason: OutcomeReason) -> str:
    """What to tell the person, humanely: one idea, at most twelve words a sentence."""
    return str(_(_TO_SAY[reason]))


def shown_name(introduction: Introduction) -> str:
    """The person as a professional reads them; nobody's name once they are gone."""
    return naming.shown_name(introduction.person)


#: The person answers by themselves, with no professional to hear them.
OWN_CHANNELS = frozenset({AgreementChannel.PORTAL, AgreementChannel.SMS})


def is_named(introduction: Introduction, *, agreed: bool) -> bool:
    """Whether the employer may read the last name (INV-13).

    ``agreed``: the person agreed to meet them, or to try the work there. A meeting or a test that
    the employer asks for names nobody.
    """
    if introduction.state in _NAMED_ONCE_AGREED:
        return agreed
    return introduction.state is _S.HIRED


def check_agreement(introduction: Introduction) -> None:
    """INV-04: nobody is presented without their recorded yes (who, when, how).

    Who heard it, unless the person wrote it themself: then it is they who said it.
    """
    channel = introduction.agreed_channel
    heard = introduction.agreed_with_id is not None or channel in OWN_CHANNELS
    if not (introduction.agreed_at and channel and heard):
        raise IllegalTransitionError(
            _("Notez d’abord l’accord de la personne : qui l’a reçu, quand, comment.")
        )


def check_person(introduction: Introduction) -> None:
    """T-SEC-06: who objects, refuses employers, or has left, is not presented."""
    if introduction.person.objected_at is not None:
        raise IllegalTransitionError(
            _("La personne refuse que ses données soient partagées : rien n’est transmis.")
        )
    if introduction.person.employers_refused_at is not None:
        raise IllegalTransitionError(
            _("La personne refuse que les employeurs voient ses informations.")
        )
    if introduction.person.archived_at is not None:
        raise IllegalTransitionError(_("La personne n’est plus accompagnée : rien n’est transmis."))


def check_room(active: int, most: int) -> None:
    """T-OFF-04: the employer said how many people to present at most."""
    if active >= most:
        raise IllegalTransitionError(
            _(
                "L’employeur veut %(most)s personnes au plus, et %(active)s lui sont déjà"
                " présentées. Attendez une réponse, ou voyez avec lui s’il en accepte une de plus.",
                most=most,
                active=active,
            )
        )
