"""The employer of the demonstration: people to answer about, a test, a hire, a need that came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, union

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.calls.listing import record_done
from portal.calls.queries import record_call
from portal.demo.scene import Scene, invented_siret
from portal.demo.structures import Structures
from portal.deposits.recording import Words, Writer, record_need
from portal.hires.recording import record_hire
from portal.hires.rules import Terms
from portal.introductions import actions
from portal.introductions.cards import build_card
from portal.messages import events
from portal.models import (
    AgreementChannel,
    CallReason,
    CallRequest,
    Commune,
    Confidentiality,
    ContractKind,
    EmployerContact,
    Establishment,
    Hire,
    Immersion,
    Introduction,
    JobOffer,
    OfferOrigin,
    OfferRequirement,
    OfferState,
    RequirementKind,
)
from portal.text import fold
from portal.today.tasks import working_days_after

_PRESENTED, _READ = 3, 60
_TRADE, _TITLE = "F1702", "Ouvrier voirie"
_K = RequirementKind
# Few things from the first day: one sees what each of them costs in people.
_ASKED: tuple[tuple[RequirementKind, str | None, str | None], ...] = (
    (_K.DAY_ONE, None, "permis_b"),
    (_K.DAY_ONE, "commun.securite.epi", None),
    (_K.ON_THE_JOB, "commun.securite.consignes", None),
    (_K.TRAINING_PLANNED, None, "aipr_operateur"),
    (_K.ON_THE_JOB, "tp.voirie.bordures", None),
    (_K.ON_THE_JOB, "tp.voirie.enrobes", None),
)
_JOBS = ("Gérance", "Chef de chantier", "Responsable du personnel", "Conduite de travaux")
_NEW_FIRM = 901


def make_contacts(scene: Scene, firms: Sequence[Establishment]) -> None:
    """Who is written to in each firm that has offers; not all have a mobile number or a mail."""
    hiring = set(scene.session.scalars(select(JobOffer.establishment_id)))
    for number, firm in enumerate(firms):
        if firm.id not in hiring:
            continue
        name = firm.contact_name or firm.name
        mail = f"{fold(name.split()[-1])}.{number + 1:02d}@demo.example"
        scene.add(
            EmployerContact(
                establishment=firm,
                name=name,
                job=_JOBS[number % len(_JOBS)],
                phone=firm.contact_phone if number % 4 == 3 else f"06399899{number:02d}",
                email=mail if number % 3 == 0 else None,
            )
        )
    scene.session.flush()


def contact_of(scene: Scene, firm: Establishment) -> EmployerContact:
    """The contact of a firm that has offers."""
    query = select(EmployerContact).where(EmployerContact.establishment_id == firm.id)
    return scene.session.scalars(query).one()


def make_firm(scene: Scene, structures: Structures, firm: Establishment) -> None:
    """The firm whose door one tries: three cards that wait, news to give, calls it asked for."""
    adviser = _actor(structures, "adviser")
    with clock.frozen_at(scene.instant(-4, 11)):
        offer = _offer(scene, adviser, firm)
    _tell_others(scene, adviser, firm)
    _present(scene, adviser, offer)
    hire = _hire(scene, adviser, firm, offer)
    _calls(scene, adviser, firm, hire)


def _actor(structures: Structures, key: str) -> Actor:
    account = structures.accounts[key]
    return Actor(account, account.memberships[0])


def _offer(scene: Scene, adviser: Actor, firm: Establishment) -> JobOffer:
    offer = scene.add(
        JobOffer(
            organisation_id=adviser.organisation.id,
            adviser_id=adviser.account.id,
            establishment=firm,
            origin=OfferOrigin.HIDDEN,
            state=OfferState.OPEN,
            title=_TITLE,
            occupation_code=_TRADE,
            posts=2,
            contract=ContractKind.CDI,
            weekly_hours=35,
            pay_text="12,90 €/h et panier",
            commune_code=firm.commune_code,
            departement_code=(firm.commune_code or "")[:2],
            start_wanted=scene.day(14),
            start_latest=scene.day(75),
            max_introductions=_PRESENTED,
            tutor_available=True,
            confidentiality=Confidentiality.PARTNERS_NAMED,
            qualified_at=scene.instant(-4),
            fresh_until=scene.day(17),
            share_consent_at=scene.instant(-4),
            share_consent_by=firm.contact_name,
            shared_at=scene.instant(-4),
        )
    )
    for position, (kind, skill, credential) in enumerate(_ASKED):
        asked = OfferRequirement(
            kind=kind,
            position=position,
            skill_code=skill,
            level=1 if skill else None,
            credential_code=credential,
        )
        offer.requirements.append(scene.add(asked))
    scene.session.flush()
    return offer


def _tell_others(scene: Scene, adviser: Actor, firm: Establishment) -> None:
    """Other firms were told, days ago, that people were presented to them."""
    sent = select(Introduction.offer_id).where(Introduction.sent_at.is_not(None))
    query = (
        select(JobOffer)
        .where(
            JobOffer.adviser_id == adviser.account.id,
            JobOffer.establishment_id != firm.id,
            JobOffer.id.in_(sent),
        )
        .order_by(JobOffer.id)
    )
    for number, offer in enumerate(scene.session.scalars(query).all()):
        with clock.frozen_at(scene.instant(-3 - number, 10)):
            events.cards_sent(scene.session, adviser, offer)


def _present(scene: Scene, adviser: Actor, offer: JobOffer) -> None:
    """The three nearest of whom most is proved: asked by telephone, then sent yesterday."""
    session = scene.session
    view = mm.people_for_offer(session, adviser, offer, mm.Window(size=_READ))
    known = _known(scene, offer.establishment_id)
    near = [line for group in view.groups[:3] for line in group.lines]
    lines = [line for line in near if line.person.id not in known]
    lines.sort(key=lambda line: -_proofs(scene, line, offer))
    people = [line.person.public_id for line in lines[:_PRESENTED]]
    with clock.frozen_at(scene.instant(-2, 10)):
        prepared = actions.propose(session, adviser, offer=offer, people=people).prepared
    with clock.frozen_at(scene.instant(-1, 11)):
        for row in prepared:
            row.public_id = scene.public_id()
            actions.record_agreement(
                session,
                adviser,
                introduction=row,
                channel=AgreementChannel.PHONE,
                on=clock.today(),
            )
            actions.transmit(session, adviser, introduction=row)


def _known(scene: Scene, firm_id: int | None) -> frozenset[int]:
    """The people this firm was already told of, those who have a job, and those who try one."""
    told = (
        select(Introduction.person_id)
        .join(JobOffer, JobOffer.id == Introduction.offer_id)
        .where(JobOffer.establishment_id == firm_id)
    )
    query = union(told, select(Hire.person_id), select(Immersion.person_id))
    return frozenset(scene.session.scalars(query))


def _proofs(scene: Scene, line: mm.Line, offer: JobOffer) -> int:
    card = build_card(scene.session, line.person, offer)
    return sum(fact.proved for fact in card.can_do)


def _hire(scene: Scene, adviser: Actor, firm: Establishment, offer: JobOffer) -> Hire:
    """Somebody hired nine days ago: the news of the first week are due."""
    known = _known(scene, firm.id)
    view = mm.people_for_offer(scene.session, adviser, offer)
    people = [line.person for group in view.groups for line in group.lines]
    person = next(row for row in people if row.id not in known)
    start = scene.day(-9)
    with clock.frozen_at(scene.instant(-9, 8)):
        hire = record_hire(
            scene.session,
            adviser,
            person=person,
            establishment=firm,
            terms=Terms(ContractKind.CDD, start, start + timedelta(days=182), 35.0),
            offer=offer,
        )
    hire.public_id = scene.public_id()
    return hire


def _calls(scene: Scene, adviser: Actor, firm: Establishment, hire: Hire) -> None:
    """What the firm asked for: lateness to deal with, a word with the adviser, one call made."""
    contact, session = contact_of(scene, firm), scene.session
    asked = (
        (-6, CallReason.EMPLOYER, None, "Veut parler de l’équipe de printemps."),
        (-1, CallReason.LATE, hire, f"Deux retards de {hire.person.full_name} cette semaine."),
        (0, CallReason.EMPLOYER, None, "Demande ce que change le permis B."),
    )
    for days, reason, subject, note in asked:
        with clock.frozen_at(scene.instant(days, 7)):
            call = record_call(
                session,
                reason=reason,
                due_on=working_days_after(clock.today(), 1),
                establishment=firm,
                contact=contact,
                organisation_id=adviser.organisation.id,
                account_id=adviser.account.id,
                subject=subject,
                note=note,
            )
        if days == -6:
            _done(scene, adviser, call, "Deux postes en avril, à saisir en janvier.")


def _done(scene: Scene, actor: Actor, call: CallRequest | None, outcome: str) -> None:
    if call is not None:
        with clock.frozen_at(scene.instant(-5, 15)):
            record_done(scene.session, actor, call=call, outcome=outcome)


def make_deposits(scene: Scene, structures: Structures, firms: Sequence[Establishment]) -> None:
    """Two needs for the platform: a firm it knows by its SIRET, and one it never heard of."""
    platform, session = structures.organisations["pe_artois"], scene.session
    known = next(firm for firm in firms[5:] if (firm.commune_code or "").startswith("62"))
    for days, writer, words, commune in _letters(scene, known):
        with clock.frozen_at(scene.instant(days, 7, 10)):
            need = record_need(
                session,
                writer=writer,
                words=words,
                commune=session.get_one(Commune, commune),
                platform=platform,
            )
        need.public_id = scene.public_id()


def _letters(scene: Scene, known: Establishment) -> tuple[tuple[int, Writer, Words, str], ...]:
    """What they write: the day, who, what is looked for, and the code of the commune."""
    return (
        (
            -1,
            Writer(known.name, known.contact_name or "", "0639989811", siret=known.siret),
            Words(
                "Cariste",
                2,
                scene.day(30),
                "Arriver à l’heure, à 5 h.",
                "Le chariot, avec nous.",
                None,
            ),
            known.commune_code or "",
        ),
        (
            0,
            Writer(
                "Les Serres d’Athies-Neuves",
                "M. Lambrecourt",
                "0199001234",
                "serres@demo.example",
                siret=invented_siret(_NEW_FIRM),
            ),
            Words(
                "Quelqu’un pour les serres et les livraisons",
                1,
                scene.day(20),
                "Le permis B.",
                "Les plantes : on montre tout.",
                "Temps partiel possible.",
            ),
            "62041",
        ),
    )
