"""Click in French: it has a French of its own in no version, and asks ``gettext`` for one.

A catalogue found by ``gettext`` would depend on the language of the machine; commands speak French
on any. What is not here stays in English: a test reads the help and the refusals of every command.
"""

from __future__ import annotations

import sys

# What Click says of a command: its help, and what it refuses.
_FRENCH = {
    "Usage:": "Usage :",
    "Options": "Options\u00a0",
    "Positional arguments": "Arguments\u00a0",
    "Commands": "Commandes\u00a0",
    "Show this message and exit.": "Afficher cette aide.",
    "Show the version and exit.": "Afficher la version.",
    "%(prog)s, version %(version)s": "%(prog)s, version %(version)s",
    "default: {default}": "sinon {default}",
    "required": "obligatoire",
    "file": "fichier",
    "directory": "dossier",
    "path": "chemin",
    "Missing command.": "Il manque une commande.",
    "Missing argument": "Il manque",
    "Missing option": "Il manque",
    "Missing parameter": "Il manque",
    "Choose from:\n\t{choices}": "Au choix : {choices}",
    "No such option {name!r}.": "Il n’y a pas d’option {name!r}.",
    "No such option: {name}": "Il n’y a pas d’option {name!r}.",
    "No such command {name!r}.": "Il n’y a pas de commande {name!r}.",
    "Did you mean {possibility}?": "Est-ce {possibility} ?",
    "(Did you mean one of: {possibilities}?)": "Est-ce l’une de celles-ci : {possibilities} ?",
    "Possible options: {possibilities}": "Options possibles : {possibilities}",
    "Invalid value: {message}": "Valeur refusée : {message}",
    "Invalid value for {param_hint}: {message}": "Valeur refusée pour {param_hint} : {message}",
    "{value!r} is not {choice}.": "{value!r} n’est pas {choice}.",
    "{value!r} is not one of {choices}.": "{value!r} n’est pas dans cette liste : {choices}.",
    "{value!r} is not a valid {number_type}.": "{value!r} n’est pas un nombre entier.",
    "{value} is not in the range {range}.": "{value} n’est pas dans l’intervalle {range}.",
    "{name} {filename!r} does not exist.": "{name} {filename!r} : il n’y a rien à cet endroit.",
    "{name} {filename!r} is a file.": "{name} {filename!r} : c’est un fichier.",
    "{name} {filename!r} is a directory.": "{name} {filename!r} : c’est un dossier.",
    "{name} {filename!r} is not readable.": "{name} {filename!r} : la lecture est interdite.",
    "{name} {filename!r} is not writable.": "{name} {filename!r} : l’écriture est interdite.",
    "Option {name!r} does not take a value.": "L’option {name!r} ne prend pas de valeur.",
    "Option {name!r} requires an argument.": "L’option {name!r} demande une valeur.",
    "Got unexpected extra argument ({args})": "Il y a un mot de trop ({args}).",
    "Got unexpected extra arguments ({args})": "Il y a des mots de trop ({args}).",
    "Repeat for confirmation": "Le même, une seconde fois",
    "Error: {message}": "{message}",
    "Error: The two entered values do not match.": "Les deux saisies ne sont pas les mêmes.",
    "Error: invalid input": "Ce n’est pas une réponse possible.",
    "Aborted!": "Interrompu.",
}


def _said(text: str) -> str:
    return _FRENCH.get(text, text)


def _counted(one: str, several: str, number: int) -> str:
    # In French, none and one are singular.
    return _said(several if number > 1 else one)


def speak() -> None:
    """Have Click say in French what it says by itself, in this process."""
    for name, module in sys.modules.copy().items():
        if name.split(".")[0] == "click":
            for called, ours in (("_", _said), ("ngettext", _counted)):
                if hasattr(module, called):
                    setattr(module, called, ours)
