"""Changes to accounts; each is an event that the holder and the administrators can read."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.accounts import totp
from portal.accounts.addresses import checked_address
from portal.accounts.links import VALID_FOR
from portal.accounts.passwords import hash_password, unusable_password, weakness
from portal.accounts.queries import count_followed
from portal.accounts.rules import may_hold
from portal.db import new_public_id
from portal.errors import InputError
from portal.messages.outbox import Text, write_message
from portal.models import (
    Account,
    AccountPasskey,
    Membership,
    MessageKind,
    Organisation,
    Person,
    Referral,
    Role,
)
from portal.text import N_
from portal.web.signin import revoke_account_sessions

#: What happened to an account, in words.
EVENT_LABELS = {
    "account_created": N_("compte créé"),
    "account_closed": N_("compte fermé"),
    "account_reopened": N_("compte rouvert"),
    "password_link_made": N_("lien de mot de passe remis"),
    "password_changed": N_("mot de passe changé"),
    "membership_added": N_("structure ajoutée"),
    "membership_closed": N_("structure retirée"),
    "second_step_on": N_("code à six chiffres demandé à la connexion"),
    "second_step_off": N_("code à six chiffres retiré"),
    "spare_codes_made": N_("nouveaux codes de secours"),
    "passkey_added": N_("clé d’accès ajoutée"),
    "passkey_removed": N_("clé d’accès retirée"),
    "factors_removed": N_("clés d’accès et code retirés par l’administrateur"),
    "portfolio_reassigned": N_("portefeuille confié à un collègue"),
}


def record_account(
    session: Session,
    actor: Actor | None,
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: Role,
    organisation: Organisation,
) -> Account:
    """Create a named account without a usable password; :class:`InputError` says what is wrong.

    ``actor`` is None on the command line.
    """
    names = [" ".join(name.split()) for name in (first_name, last_name)]
    if not all(any(letter.isalpha() for letter in name) for name in names):
        raise InputError("Le prénom et le nom sont obligatoires.")
    address = checked_address(email)
    if session.scalar(select(Account.id).where(Account.email == address)):
        raise InputError("Cette adresse a déjà un compte.")
    account = Account(
        email=address,
        first_name=names[0],
        last_name=names[1],
        password_hash=unusable_password(),
    )
    session.add(account)
    session.flush()
    _add_membership(session, account, organisation, role)
    record_event(session, actor=actor, subject=account, name="account_created")
    return account


def record_password(session: Session, actor: Actor | None, account: Account, password: str) -> None:
    """Store a new password and end every session; :class:`InputError` when it is too weak."""
    known = (account.email, account.first_name, account.last_name)
    reason = weakness(password, known=known)
    if reason:
        raise InputError(reason)
    account.password_hash = hash_password(password)
    revoke_account_sessions(session, account)
    record_event(session, actor=actor, subject=account, name="password_changed")
    session.flush()


def record_link(session: Session, actor: Actor | None, account: Account) -> None:
    """Note that somebody was given a link to choose this account's password."""
    record_event(session, actor=actor, subject=account, name="password_link_made")
    session.flush()


def record_link_mailed(session: Session, actor: Actor, account: Account, *, url: str) -> None:
    """Have the link sent to the account's address; like a code, its text is wiped once sent."""
    text = Text(
        sms="",
        title="Votre mot de passe pour Écluse",
        mail=(
            f"Bonjour,\n\nPour choisir votre mot de passe, ouvrez cette adresse\u00a0:\n{url}\n\n"
            f"Elle sert une seule fois, pendant {VALID_FOR // timedelta(hours=1)} heures. Ne la"
            " donnez à personne."
        ),
    )
    write_message(
        session,
        key=f"password-link:{account.public_id}:{new_public_id()}",
        kind=MessageKind.CODE,
        to=account,
        text=text,
        organisation_id=None,
        by_id=actor.account.id,
        expires_at=clock.now() + VALID_FOR,
        asked_for=True,
    )


def record_membership(
    session: Session, actor: Actor, account: Account, *, organisation: Organisation, role: Role
) -> None:
    """Have the account work in one more structure, or again in one it had left."""
    _add_membership(session, account, organisation, role)
    record_event(
        session,
        actor=actor,
        subject=account,
        name="membership_added",
        details={"organisation": organisation.name, "role": role.value},
    )


def _add_membership(
    session: Session, account: Account, organisation: Organisation, role: Role
) -> None:
    if not may_hold(role, organisation.kind):
        raise InputError(
            f"Le rôle « {role.label} » ne se tient pas dans une structure de ce type"
            f" ({organisation.kind.label})."
        )
    held = {"account_id": account.id, "organisation_id": organisation.id, "role": role}
    known = session.scalar(select(Membership).filter_by(**held))
    if known is None:
        session.add(Membership(**held))
    else:
        known.active = True
    session.flush()
    session.expire(account, ["memberships"])


def record_membership_closed(
    session: Session, actor: Actor, account: Account, membership: Membership
) -> None:
    """End the account's work in one structure, once its people there are followed by another."""
    stays = any(
        m.active and m.id != membership.id and m.organisation_id == membership.organisation_id
        for m in account.memberships
    )
    followed = count_followed(session, account).get(membership.organisation_id, 0)
    if followed and not stays:
        raise InputError(_portfolio_message(followed))
    membership.active = False
    record_event(
        session,
        actor=actor,
        subject=account,
        name="membership_closed",
        details={"organisation": membership.organisation.name, "role": membership.role.value},
    )
    session.flush()


def record_factors_removed(session: Session, actor: Actor, account: Account) -> None:
    """Forget the passkeys, the authenticator and the spare codes, and end every session."""
    _forget_factors(session, account)
    revoke_account_sessions(session, account)
    record_event(session, actor=actor, subject=account, name="factors_removed")
    session.flush()


def _forget_factors(session: Session, account: Account) -> None:
    totp.stop(session, account)
    session.execute(delete(AccountPasskey).where(AccountPasskey.account_id == account.id))


def record_closed(session: Session, actor: Actor, account: Account) -> None:
    """Close an account and end its sessions, once its people are followed by another (T-REF-03)."""
    if account.id == actor.account.id:
        raise InputError("Vous ne pouvez pas fermer votre propre compte.")
    followed = sum(count_followed(session, account).values())
    if followed:
        raise InputError(_portfolio_message(followed))
    account.active = False
    account.password_hash = unusable_password()
    _forget_factors(session, account)  # opened again one day, no old key opens it
    revoke_account_sessions(session, account)
    record_event(session, actor=actor, subject=account, name="account_closed")
    session.flush()


def _portfolio_message(followed: int) -> str:
    people = "1 personne est suivie" if followed == 1 else f"{followed} personnes sont suivies"
    return f"{people} par ce compte. Confiez d’abord ce portefeuille à un collègue."


def record_reopened(session: Session, actor: Actor, account: Account) -> None:
    """Open a closed account again; its holder chooses a new password."""
    account.active = True
    account.password_hash = unusable_password()
    record_event(session, actor=actor, subject=account, name="account_reopened")
    session.flush()


def record_portfolio_reassigned(
    session: Session, actor: Actor, account: Account, *, organisation_id: int, colleague: Account
) -> int:
    """Have a colleague of the structure follow the account's people from today; how many."""
    today = clock.today()
    current = session.scalars(
        select(Referral)
        .join(Person, Person.id == Referral.person_id)
        .where(
            Referral.account_id == account.id,
            Referral.organisation_id == organisation_id,
            Referral.end.is_(None),
        )
    ).all()
    for referral in current:
        referral.end = max(today, referral.start)
        referral.end_reason = "reassigned"
    session.flush()  # one current lead a person (INV-01): the old ones end first
    session.add_all(
        Referral(
            person_id=referral.person_id,
            organisation_id=organisation_id,
            account_id=colleague.id,
            lead=referral.lead,
            start=today,
        )
        for referral in current
    )
    for subject in (account, colleague):
        record_event(
            session,
            actor=actor,
            subject=subject,
            name="portfolio_reassigned",
            details={"people": len(current), "from": account.full_name, "to": colleague.full_name},
        )
    session.flush()
    return len(current)
