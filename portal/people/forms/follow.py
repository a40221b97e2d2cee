"""Contacts, hand-overs, sharing, statuses, barriers, limits."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.models import (
    AgreementChannel,
    BarrierImpact,
    BarrierState,
    BarrierTheme,
    ContactChannel,
    Sex,
    StatusCode,
    StatusSource,
)
from portal.people.forms.fields import (
    Day,
    EnumRadio,
    EnumSelect,
    not_in_future,
    not_in_past,
    plausible_year,
    strip,
)
from portal.people.queries.follow import BarrierWork
from portal.web.forms import Form


class ContactForm(Form):
    """A two-way contact."""

    on = Day(_l("Le"), [plausible_year, not_in_future], required=True)
    channel = EnumRadio(
        _l("Comment"), ContactChannel, validators=[InputRequired()], default="meeting"
    )
    note = TextAreaField(_l("À retenir"), [Length(max=2000)], render_kw={"rows": 2})


class HandOverForm(Form):
    """To whom the person is handed over, and what the colleague should know."""

    to = SelectField(_l("À qui"), [InputRequired()])
    note = TextAreaField(
        _l("Ce que votre collègue doit savoir"),
        [DataRequired(), Length(max=2000)],
        render_kw={"rows": 3},
    )


class SharingForm(Form):
    """How the person agreed that the card is shared."""

    channel = EnumSelect(
        _l("Accord donné"), AgreementChannel, default=AgreementChannel.MEETING.value
    )


class StatusForm(Form):
    """A dated, sourced status."""

    code = EnumSelect(_l("Statut"), StatusCode, empty=_l("Choisir"), validators=[InputRequired()])
    start = Day(_l("Depuis le"), [plausible_year, not_in_future], required=True)
    source = EnumSelect(_l("D’après"), StatusSource, default=StatusSource.DECLARED.value)
    evidence_date = Day(_l("Date du justificatif"), [plausible_year, not_in_future])


class StatusEndForm(Form):
    """When a status ended."""

    code = HiddenField()
    start = HiddenField()
    end = Day(_l("Terminé le"), [plausible_year, not_in_future], required=True)


class BarrierWorkForm(Form):
    """How much a barrier weighs, who acts, by when."""

    impact = EnumSelect(_l("Effet sur le projet"), BarrierImpact, default="medium")
    acts_text = StringField(_l("Qui agit"), [Length(max=255)])
    target_date = Day(_l("Pour le"), [plausible_year])

    def work(self) -> BarrierWork:
        """What the form says, once valid."""
        return BarrierWork(self.impact.chosen, strip(self.acts_text.data), self.target_date.data)


class BarrierForm(BarrierWorkForm):
    """A theme to work on."""

    theme = EnumSelect(_l("Frein"), BarrierTheme, empty=_l("Choisir"), validators=[InputRequired()])

    def validate_target_date(self, field: Field) -> None:
        """A new target is to come."""
        not_in_past(self, field)


class BarrierStateForm(Form):
    """Where the work on a barrier goes."""

    state = HiddenField(validators=[InputRequired()])

    @property
    def target(self) -> BarrierState | None:
        """The state asked for; None when it is not one."""
        try:
            return BarrierState(self.state.data or "")
        except ValueError:
            return None


class LimitsForm(Form):
    """Functional words: what the work must avoid or adapt. Never a diagnosis."""

    limits = TextAreaField(
        _l("À éviter au travail"),
        [Length(max=1000)],
        render_kw={"rows": 2},
        description=_l(
            "Des gestes ou des horaires\u00a0: « pas de port de plus de 15 kg ». "
            "Jamais de maladie ni de diagnostic."
        ),
    )
    accommodation = TextAreaField(
        _l("Aménagements utiles"), [Length(max=1000)], render_kw={"rows": 2}
    )
    sex = EnumSelect(
        _l("Sexe (facultatif)"),
        Sex,
        empty=_l("ne le dit pas"),
        validators=[Optional()],
        description=_l(
            "Si la personne accepte de le dire. Sert seulement aux comptes d’équité des hubs,"
            " jamais à choisir."
        ),
    )
