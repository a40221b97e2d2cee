"""Forms of invitations: what is proposed, and what is written on it afterwards."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from portal import clock
from portal.invitations.inviting import Proposal
from portal.models import InvitationKind
from portal.people.forms.fields import CommuneField
from portal.web.forms import Form

_K = InvitationKind
#: An information meeting is a hub's, which counts its seats.
KINDS = (_K.VISIT, _K.APPOINTMENT, _K.EMPLOYER_MEETING, _K.IMMERSION, _K.TRAINING, _K.JOB)
#: What the message says when nothing more precise is written.
USUAL_TITLES = {
    _K.VISIT: "une visite de chantier",
    _K.APPOINTMENT: "un rendez-vous",
    _K.EMPLOYER_MEETING: "une rencontre avec un employeur",
    _K.IMMERSION: "votre premier jour d’immersion",
    _K.TRAINING: "votre premier jour de formation",
    _K.JOB: "votre premier jour de travail",
}
_HOUR = r"^([01]\d|2[0-3]):[0-5]\d$"
_SAY_HOUR = _l("Écrivez l’heure ainsi\u00a0: 14:30.")
_AN_HOUR = {"type": "time"}
_LONGEST_TITLE = 60


class InvitationForm(Form):
    """What, when, where; up to two other moments the person may choose instead."""

    kind = RadioField(
        _l("Inviter à"),
        choices=lambda: [SelectChoice(kind.value, kind.label) for kind in KINDS],
        default=_K.VISIT.value,
        validators=[InputRequired(_l("Dites à quoi la personne est invitée."))],
    )
    title = StringField(
        _l("Dans le message\u00a0: «\u00a0on vous propose…\u00a0»"),
        [Optional(), Length(max=_LONGEST_TITLE, message=_l("60 signes au plus."))],
        description=_l("«\u00a0une visite de chantier\u00a0». Vide\u00a0: le texte habituel."),
    )
    on = DateField(_l("Jour"), validators=[InputRequired(_l("Donnez le jour."))])
    hour = StringField(
        _l("Heure"),
        [InputRequired(_l("Donnez l’heure.")), Regexp(_HOUR, message=_SAY_HOUR)],
        render_kw=_AN_HOUR,
    )
    place = StringField(
        _l("Lieu"),
        [InputRequired(_l("Dites où aller.")), Length(max=120, message=_l("120 signes au plus."))],
        description=_l("Ce que la personne cherche sur place\u00a0: un nom, une adresse."),
    )
    commune = CommuneField(_l("Commune"), required=True)
    on_2 = DateField(_l("Autre jour possible"), validators=[Optional()])
    hour_2 = StringField(
        _l("à"), [Optional(), Regexp(_HOUR, message=_SAY_HOUR)], render_kw=_AN_HOUR
    )
    on_3 = DateField(_l("Autre jour possible"), validators=[Optional()])
    hour_3 = StringField(
        _l("à"), [Optional(), Regexp(_HOUR, message=_SAY_HOUR)], render_kw=_AN_HOUR
    )

    def validate_hour(self, field: Any) -> None:
        """It is to come."""
        moment = _moment(self.on.data, field.data)
        if moment is not None and moment <= clock.now():
            raise ValidationError(_("Ce moment est déjà passé."))

    def validate_hour_2(self, field: Any) -> None:
        """The second moment is whole, to come, and another one."""
        self._check_other(self.on_2.data, field.data)

    def validate_hour_3(self, field: Any) -> None:
        """The third one too."""
        self._check_other(self.on_3.data, field.data)
        third = _moment(self.on_3.data, field.data)
        if third is not None and third == _moment(self.on_2.data, self.hour_2.data):
            raise ValidationError(_("Ces deux autres moments sont les mêmes."))

    def _check_other(self, on: date | None, hour: str | None) -> None:
        if on is None and not hour:
            return
        if on is None or not hour:
            raise ValidationError(_("Donnez le jour et l’heure, ou ni l’un ni l’autre."))
        moment = _moment(on, hour)
        if moment is None:
            return
        if moment <= clock.now():
            raise ValidationError(_("Ce moment est déjà passé."))
        if moment == _moment(self.on.data, self.hour.data):
            raise ValidationError(_("C’est le moment déjà proposé."))

    @property
    def proposal(self) -> Proposal:
        """What is proposed, once the form is valid."""
        kind = InvitationKind(self.kind.data)
        starts_at = _moment(self.on.data, self.hour.data)
        assert starts_at is not None, "read only once valid"
        others = (
            _moment(self.on_2.data, self.hour_2.data),
            _moment(self.on_3.data, self.hour_3.data),
        )
        return Proposal(
            kind=kind,
            title=(self.title.data or "").strip().rstrip(".") or USUAL_TITLES[kind],
            starts_at=starts_at,
            place=(self.place.data or "").strip(),
            commune_code=self.commune.commune.code if self.commune.commune else None,
            slots=tuple(other for other in others if other is not None),
        )


def _moment(on: date | None, hour: str | None) -> datetime | None:
    """The instant of a day and an hour of Paris; None when one of them cannot be read."""
    try:
        return datetime.combine(on, time.fromisoformat(hour), tzinfo=clock.PARIS)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


CANCEL_REASONS = {
    "employer": _l("l’employeur n’est plus disponible"),
    "adviser": _l("le conseiller n’est plus disponible"),
    "place": _l("le lieu n’est plus possible"),
    "mistake": _l("invitation envoyée par erreur"),
    "other": _l("autre raison"),
}


class CancelForm(Form):
    """Why it does not take place; the person is told not to come."""

    reason = SelectField(
        _l("Pourquoi\u00a0?"),
        choices=lambda: [
            SelectChoice("", _l("Choisir")),
            *(SelectChoice(key, label) for key, label in CANCEL_REASONS.items()),
        ],
        validators=[InputRequired(_l("Choisissez une raison."))],
    )


class PhoneAnswerForm(Form):
    """What the person answered by phone."""

    answer = RadioField(
        _l("La personne a répondu"),
        choices=lambda: [
            SelectChoice("yes", _l("Oui, elle vient")),
            SelectChoice("no", _l("Non")),
            SelectChoice("call_me", _l("À rappeler")),
        ],
        validators=[InputRequired(_l("Dites ce que la personne a répondu."))],
    )
