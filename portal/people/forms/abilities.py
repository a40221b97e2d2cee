"""What the person has done, can do, holds and likes."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal.models import AssertionSource, LanguageLevel, ProofState
from portal.people.answers import NOT_SAID
from portal.people.forms.fields import Day, EnumSelect, choice, not_in_future, plausible_year
from portal.people.languages import known_languages
from portal.web.forms import Form


class TradeForm(Form):
    """A trade typed as people say it; ``occupation`` once one of the proposals is chosen."""

    trade = StringField(_l("Métier"), [Length(max=120)])
    occupation = HiddenField()
    years = IntegerField(
        _l("Nombre d’années"),
        [Optional(), NumberRange(0, 60, message=_l("Entre 0 et 60 ans."))],
    )
    liking = HiddenField()


class SourceForm(Form):
    """Who says so, and when; the answers themselves are read beside it."""

    source = EnumSelect(_l("Qui le dit"), AssertionSource, default=AssertionSource.DECLARED.value)
    on = Day(_l("Le"), [plausible_year, not_in_future])
    evidence = StringField(
        _l("Où, quand, avec qui"),
        [Length(max=255)],
        description=_l("À remplir pour une immersion, une évaluation ou un certificat."),
    )

    def validate_evidence(self, field: Field) -> None:
        """What was seen elsewhere says where."""
        told = {AssertionSource.DECLARED.value, AssertionSource.OBSERVED.value}
        if self.source.data not in told and not (field.data or "").strip():
            raise ValidationError(_("Dites où et quand cela a été vu."))


class WordsForm(Form):
    """What the person says they can do, in their own words."""

    words = TextAreaField(
        _l("Ce que la personne dit savoir faire"),
        [DataRequired(), Length(max=2000)],
        render_kw={"rows": 3},
        description=_l("Une chose par ligne\u00a0: « poser des bordures », « permis B »."),
    )


class LanguageForm(Form):
    """A language that the person says they speak."""

    language = SelectField(
        _l("Langue"),
        [InputRequired(_l("Choisissez une langue."))],
        choices=lambda: [
            choice("", _("Choisir")),
            *(choice(code, label) for code, label in known_languages().items()),
        ],
    )
    level = SelectField(_l("Niveau"), choices=lambda: language_levels(), default=NOT_SAID)

    @property
    def chosen_level(self) -> LanguageLevel | None:
        """The level; None when it is still to be asked."""
        return None if self.level.data == NOT_SAID else LanguageLevel(self.level.data)


def language_levels() -> list[SelectChoice]:
    """How well a language is spoken, the level to be asked first."""
    levels = (choice(level.value, level.label) for level in LanguageLevel)
    return [choice(NOT_SAID, _("à demander")), *levels]


class CredentialForm(Form):
    """A licence or certificate, held or not."""

    type = SelectField(_l("Permis, habilitation ou certificat"), [InputRequired()])
    held = SelectField(
        _l("La personne"),
        choices=lambda: [choice("yes", _("l’a")), choice("no", _("ne l’a pas encore"))],
        default="yes",
    )
    obtained_on = Day(_l("Obtenu le"), [plausible_year, not_in_future])
    expires_on = Day(
        _l("Valable jusqu’au"),
        [plausible_year],
        description=_l("Laissez vide s’il n’y a pas de limite."),
    )
    proof = EnumSelect(_l("Preuve"), ProofState, default=ProofState.DECLARED.value)

    def validate_expires_on(self, field: Field) -> None:
        """It ends after it begins."""
        if field.data and self.obtained_on.data and field.data < self.obtained_on.data:
            raise ValidationError(_("La fin de validité est avant l’obtention."))


class AnswerForm(Form):
    """The answer to one useful question."""

    kind = HiddenField(validators=[InputRequired()])
    code = HiddenField(validators=[InputRequired()])
    answer = StringField(validators=[InputRequired(message=_l("Choisissez une réponse."))])
    expires_on = Day(_l("Valable jusqu’au"), [plausible_year])
