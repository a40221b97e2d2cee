"""The ``ecluse`` command: each sub-command is a module here, imported only when it is called.

A module ``portal/cli/<name>.py`` exposes ``command``; a trailing underscore is dropped from the
name, so that ``import_.py`` is ``ecluse import``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

from portal.cli import _french
from portal.errors import InputError

BAD_INPUT = 2
INTERRUPTED = 130
_french.speak()


class Commands(click.Group):
    """Finds sub-commands by module name; bad input is one line on standard error, exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in alphabetical order."""
        return sorted(_modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of a sub-command."""
        module = _modules().get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(module).command
        return command

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Run, turning every refusal into one line."""
        extra["standalone_mode"] = False
        extra["prog_name"] = "ecluse"
        try:
            sys.exit(super().main(args, **extra) or 0)
        except InputError as error:
            _refuse(str(error))
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(BAD_INPUT)
        except click.ClickException as error:
            _refuse(error.format_message())
        except click.Abort:
            click.echo("Interrompu.", err=True)
            sys.exit(INTERRUPTED)


def _modules() -> dict[str, str]:
    return {
        module.name.rstrip("_"): f"{__name__}.{module.name}"
        for module in iter_modules(__path__)
        if not module.name.startswith("_")
    }


def _refuse(message: str) -> None:
    line = " ".join(part.strip() for part in message.splitlines())
    click.echo(f"ecluse : {line}", err=True)
    sys.exit(BAD_INPUT)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="COMMANDE [ARGUMENTS]…",
    epilog="« ecluse COMMANDE --help » dit ce que prend chaque commande. Code de retour : 0 si tout"
    " va bien, 2 si c’est refusé (le motif est dit en une ligne), 130 si c’est interrompu.",
)
@click.version_option(package_name="ecluse", prog_name="ecluse")
def main() -> None:
    """Écluse : de ce que l’on sait faire à un emploi que l’on garde."""
