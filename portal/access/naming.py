"""How professionals read the name of a person."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.models import Person


def shown_name(person: Person) -> str:
    """First name and initial; nobody's name once the person is gone (INV-18).

    What concerned them stays: whoever had to know must be told. Why they left is not said.
    """
    return str(_("Personne qui n’est plus disponible")) if person.is_gone else person.short_name
