"""What the doors write to whoever comes in: to a person, in the language of their space."""

from __future__ import annotations

from portal.messages.facts import LINK_MARK
from portal.messages.outbox import Text
from portal.messages.tongues import tongue_of
from portal.models import EmployerContact, Person
from portal.text import capital


def code_text(bearer: Person | EmployerContact, digits: str) -> Text:
    """Six digits that one types to come in; what is said on the phone is for a professional."""
    _ = tongue_of(bearer)
    # Two groups of digits are read in the other order where one reads from the right.
    code = digits if _.right_to_left else f"{digits[:3]} {digits[3:]}"
    return Text(
        sms=_("Votre code est %(code)s. Il marche 10 minutes. Ne le donnez à personne.", code=code),
        title=_("Votre code pour entrer"),
        to_say="Un code a été demandé pour entrer. Proposer une autre façon d’entrer.",
    )


def person_link_text(person: Person) -> Text:
    """The link that opens a person's space; its address is written when the message leaves."""
    _ = tongue_of(person)
    return Text(
        sms=_(
            "%(sender)s\u00a0: voici votre lien pour entrer. Il sert une fois, pendant 7 jours."
            " %(link)s",
            # A link from nobody is not to be opened.
            sender=capital(_("votre conseiller")),
            link=LINK_MARK,
        ),
        title=_("Votre lien pour entrer"),
        mail="\n\n".join(
            (
                _("Bonjour,"),
                _("Voici votre lien pour entrer\u00a0: %(link)s", link=LINK_MARK),
                _("Il sert une fois, pendant 7 jours. Ne le donnez à personne."),
            )
        ),
        to_say="Un lien est prêt pour vous. Préférez-vous un code imprimé ?",
    )
