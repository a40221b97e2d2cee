"""Forms of the people import: which column is what, and whether two files are one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SubmitField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]

from portal.imports.people_columns import BY_KEY, FIELDS, REQUIRED
from portal.web.forms import Form

_PREFIX = "column_"


class ColumnsForm(Form):
    """One select per column of the file; built by :func:`columns_form`."""

    headings: Sequence[str] = ()
    problems: Sequence[str] = ()

    @property
    def selects(self) -> list[Any]:
        """The selects, in the order of the columns."""
        return [self[f"{_PREFIX}{number}"] for number in range(len(self.headings))]

    @property
    def columns(self) -> dict[str, str]:
        """{field key: heading}, as chosen."""
        pairs = zip(self.selects, self.headings, strict=True)
        return {select.data: heading for select, heading in pairs if select.data}

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field once, and those without which nobody can be imported."""
        if not super().validate(extra_validators):
            return False
        chosen = [select.data for select in self.selects if select.data]
        for select in self.selects:
            if select.data and chosen.count(select.data) > 1:
                select.errors = [_("Deux colonnes disent la même chose\u00a0: gardez-en une.")]
        missing = [_(BY_KEY[key].label) for key in REQUIRED if key not in chosen]
        if missing:
            self.problems = [
                _("Dites quelle colonne est\u00a0: %(names)s.", names=", ".join(missing)),
            ]
        return not missing and not any(select.errors for select in self.selects)


def columns_form(headings: Sequence[str], chosen: Mapping[str, str]) -> ColumnsForm:
    """The form for these headings, filled with ``chosen`` ({field key: heading})."""
    keys = {heading: key for key, heading in chosen.items()}
    choices = [SelectChoice("", _("Ne pas importer"))]
    choices += [SelectChoice(field.key, _(field.label)) for field in FIELDS]
    selects = {
        f"{_PREFIX}{number}": SelectField(
            heading or _("Colonne %(number)s", number=number + 1),
            choices=choices,
            default=keys.get(heading, ""),
        )
        for number, heading in enumerate(headings)
    }
    kind = type("ChosenColumnsForm", (ColumnsForm,), {**selects, "headings": list(headings)})
    form: ColumnsForm = kind()
    return form


class DecisionForm(Form):
    """The two answers, as two buttons."""

    same = SubmitField(_l("C’est la même personne"))
    different = SubmitField(_l("Ce sont deux personnes"))
