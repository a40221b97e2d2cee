"""The question « which firm? », asked when what is typed looks like several."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField

from portal.offers.employers import NEW, Meant
from portal.people.forms.fields import choice
from portal.web.forms import Form


class EmployerForm(Form):
    """A form that names an employer: what is typed, and which one it is."""

    employer: StringField
    establishment = SelectField(_l("Laquelle\u00a0?"), choices=[], validate_choice=False)

    def offer_alike(self, found: Meant) -> None:
        """The look-alikes to choose from, or a new one; nothing where the number says which."""
        if not found.alike:
            return
        self.establishment.choices = [
            choice(row.public_id, row.name + (f", {row.commune.name}" if row.commune else ""))
            for row in found.alike
        ] + [choice(NEW, _("Une nouvelle entreprise"))]
