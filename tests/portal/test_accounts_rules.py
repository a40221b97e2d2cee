"""What makes an address, a name and a password acceptable for an account."""

from __future__ import annotations

from importlib.util import find_spec, module_from_spec

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from portal.accounts.addresses import checked_address, generic_words, is_generic
from portal.accounts.passwords import (
    hash_password,
    needs_rehash,
    password_matches,
    unusable_password,
    weakness,
)
from portal.accounts.rules import KINDS_OF_ROLE, may_hold
from portal.accounts.throttle import network_of
from portal.errors import InputError
from portal.models import OrganisationKind, Role

WHO = ("camille.essai@exemple.test", "Camille", "Essai")

GENERIC = """
accueil contact secretariat info rh direction mairie plateforme admin Accueil CONTACT infos
accueil.arras arras.accueil accueil62 contact-lens mds.arras mds_lens plateforme.cambrai
secrétariat.direction ressources.humaines ressourceshumaines service.insertion pole.emploi
mission.locale missionlocale recrutement candidatures noreply no-reply support dpo informatique
webmaster postmaster bureau formation hub.btp proch.emploi emploi 62 equipe.rsa referents
conseillers.arras accueil+arras
"""

NAMED = """
camille.essai c.essai essai.camille camille camille-marie.essai camille_essai62 c.bureau
camille.dupont-contactier a.rhode l.directionnel j.informaticien
"""


@pytest.mark.parametrize("local", GENERIC.split())
def test_generic_addresses_are_refused(local: str) -> None:
    assert is_generic(f"{local}@exemple.test")


@pytest.mark.parametrize("local", NAMED.split())
def test_addresses_of_people_are_accepted(local: str) -> None:
    assert checked_address(f"{local}@exemple.test") == f"{local}@exemple.test"


def test_accueil_cannot_have_an_account() -> None:
    """T-SEC-05."""
    with pytest.raises(InputError, match="adresse de service"):
        checked_address("accueil@exemple.test")


def test_the_list_of_generic_words_is_folded_and_without_repeats() -> None:
    whole, anywhere = generic_words()
    assert anywhere < whole
    assert all(word.isascii() and word.islower() and word.isalpha() for word in whole)


@pytest.mark.parametrize(
    "text",
    ["", "camille", "camille@", "@exemple.test", "a b@exemple.test", "camille@local", "é@x.fr"],
)
def test_wrong_addresses_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="pas valable"):
        checked_address(text)


def test_an_address_is_kept_in_lower_case() -> None:
    assert checked_address(" Camille.Essai@Exemple.TEST ") == "camille.essai@exemple.test"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("court", "12 caractères"),
        ("onze lettre", "12 caractères"),
        ("a" * 1001, "au plus"),
        ("aaaaaaaaaaaaaaa", "répétitif"),
        ("abababababab", "répétitif"),
        ("123456789012", "répétitif"),
        ("987654321098", "répétitif"),
        ("abcdefghijklmnop", "répétitif"),
        ("motdepasse2026", "plus courants"),
        ("M0tDeP@sse2026!", "plus courants"),
        ("azertyuiop12", "plus courants"),
        ("AZERTYUIOP!!", "plus courants"),
        ("bonjourbonjour", "plus courants"),
        ("Pas-de-Calais62", "plus courants"),
        ("!!!!password1234", "plus courants"),
        ("camille.essai62", "votre nom"),
        ("EssaiCamille2026", "votre nom"),
        ("camille-12345678", "votre nom"),
    ],
)
def test_passwords_easy_to_guess_are_refused_with_the_reason(password: str, reason: str) -> None:
    found = weakness(password, known=WHO)
    assert found is not None
    assert reason in found


@pytest.mark.parametrize(
    "password",
    [
        "une péniche passe l’écluse",
        "deux camille et trois canards",
        "xK9#mQ2$vL7!",
        "douze lettres",
    ],
)
def test_a_phrase_will_do(password: str) -> None:
    assert weakness(password, known=WHO) is None


def test_an_unusable_password_matches_nothing() -> None:
    stored = unusable_password()
    assert not password_matches(stored, stored)
    assert not password_matches(stored, "no account has this password")
    assert not password_matches(None, "no account has this password")
    assert unusable_password() != stored


def test_passwords_are_hashed_with_argon2id_at_its_recommended_cost() -> None:
    # A copy of the module as it is, since these tests make the shared one cheap.
    spec = find_spec("portal.accounts.passwords")
    assert spec is not None
    assert spec.loader is not None
    untouched = module_from_spec(spec)
    spec.loader.exec_module(untouched)
    parameters = extract_parameters(untouched.hash_password("x"))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 64 * 1024
    assert parameters.time_cost >= 3


def test_a_hash_of_other_cost_is_renewed() -> None:
    assert not needs_rehash(hash_password("une phrase"))
    assert needs_rehash(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("x"))


def test_every_role_has_its_kinds_of_structure() -> None:
    assert set(KINDS_OF_ROLE) == set(Role)
    assert all(KINDS_OF_ROLE.values())


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.ADVISER, OrganisationKind.EMPLOYER),
        (Role.REFERENT, OrganisationKind.EMPLOYER),
        (Role.REFERENT, OrganisationKind.TRAINING),
        (Role.ADMIN, OrganisationKind.EMPLOYER),
        (Role.DPO, OrganisationKind.TRAINING),
        (Role.EMPLOYER, OrganisationKind.MDS),
    ],
)
def test_a_role_is_not_held_just_anywhere(role: Role, kind: OrganisationKind) -> None:
    assert not may_hold(role, kind)


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("not an address" * 9, ("not an address" * 9)[:64]),
    ],
)
def test_one_caller_is_one_ipv4_address_or_one_ipv6_subscriber(address: str, caller: str) -> None:
    assert network_of(address) == caller
