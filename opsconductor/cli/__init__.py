"""The command line: one file a noun, each loaded only when it is called."""

import sys
from collections.abc import Sequence

import cyclopts

from opsconductor.errors import InvalidInputError, OpsError

app = cyclopts.App(
    name="opsconductor",
    help="""IT-operations automation on Prefect: jobs that run on fleets, never lose a step and never repeat one.

First steps:

1. `opsconductor up`
2. `opsconductor login`
3. `opsconductor user add anna --role operator`
4. `opsconductor credential add ops --username ops --key-file FILE`
5. `opsconductor target import INVENTORY --credential ops`, or `target add web01 10.0.0.11 --credential ops`
6. `opsconductor target test --select all`
7. `opsconductor job new FILE`, then put into it what `opsconductor library list` offers
8. `opsconductor job publish FILE`
9. `opsconductor run start JOB --watch`
10. `opsconductor run rerun last --watch`

Programs give `--json`: then standard output holds one JSON document and nothing else, the thing as it is now, or
what is gone with `"deleted": true`.
""",
    default_parameter=cyclopts.Parameter(negative=()),
    version_flags=["--version"],
)
app.register_install_completion_command(  # pyright: ignore[reportUnknownMemberType]
    help="Write the completion script of your shell, and say where."
)

_ADMIN = cyclopts.App(name="admin", help="What only the owner of this machine may do.")

app.command("opsconductor.cli.machine.up:up", name="up", help="Start everything on this machine; Ctrl-C ends it.")
app.command("opsconductor.cli.machine.control:down", name="down", help="Stop everything that `up` started.")
app.command("opsconductor.cli.machine.control:status", name="status", help="Say what runs here and whether it works.")
app.command(
    "opsconductor.cli.machine.doctor:doctor",
    name="doctor",
    help="Look for what is wrong with this machine, and say what to do.",
)
app.command("opsconductor.cli.machine.logs:logs", name="logs", help="Show the last lines of the parts' logs.")
app.command(
    "opsconductor.cli.machine.backup:backup",
    name="backup",
    help="Write everything, keys included, into one encrypted file.",
)
app.command("opsconductor.cli.machine.backup:restore", name="restore", help="Bring a backup back into an empty home.")
app.command("opsconductor.cli.login:login", name="login", help="Sign in to a portal.")
app.command("opsconductor.cli.login:logout", name="logout", help="Sign out.")
app.command("opsconductor.cli.login:whoami", name="whoami", help="Say who is signed in here, and where.")
app.command("opsconductor.cli.login:password", name="password", help="Change your password.")
app.command("opsconductor.cli.profile:app", name="profile", help="What you say of yourself, and what you are told of.")
app.command("opsconductor.cli.user:app", name="user", help="Who may sign in, and as what.")
app.command("opsconductor.cli.role:app", name="role", help="What people may do, everywhere and in places.")
app.command("opsconductor.cli.target:app", name="target", help="The hosts that jobs run on.")
app.command("opsconductor.cli.group:app", name="group", help="Targets by what they have in common.")
app.command("opsconductor.cli.credential:app", name="credential", help="What targets are logged in to with.")
app.command("opsconductor.cli.job:app", name="job", help="Author, publish and inspect jobs.")
app.command("opsconductor.cli.template:app", name="template", help="Steps that many jobs use, as one step.")
app.command("opsconductor.cli.run:app", name="run", help="Start, watch and steer runs.")
app.command(
    "opsconductor.cli.second_factor:app",
    name="second-factor",
    help="Codes of an authenticator app, asked for after the password.",
)
app.command("opsconductor.cli.sso:app", name="sso", help="Who signs in with which account at the sign-in provider.")
app.command("opsconductor.cli.token:app", name="token", help="API tokens, for programs that work in your name.")
app.command("opsconductor.cli.audit:app", name="audit", help="Who did what: the log that cannot be changed.")
app.command("opsconductor.cli.settings:app", name="settings", help="What the portal was told, and by whom.")
app.command("opsconductor.cli.library:app", name="library", help="The actions that jobs are made of.")
app.command(_ADMIN)
_ADMIN.command(
    "opsconductor.cli.machine.control:reset_password",
    name="reset-password",
    help="Give a user a new one-time password.",
)
_ADMIN.command(
    "opsconductor.cli.machine.control:reset_second_factor",
    name="reset-second-factor",
    help="Let a user who lost their app sign in by their password alone.",
)
_ADMIN.command(
    "opsconductor.cli.machine.keyring:rotate_keyring",
    name="rotate-keyring",
    help="Seal all credentials again under a new key, and forget the old one.",
)
_ADMIN.command(
    "opsconductor.cli.machine.control:rotate_token_keys",
    name="rotate-token-keys",
    help="Let a new key sign access tokens, without a restart.",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a deliberate error ends it with one clear message and exit code 2.

    Args:
        arguments: What follows the program's name; when absent, what this process was started with.
    """
    try:
        app(arguments)
    except InvalidInputError as error:
        _say("\n".join(str(problem) for problem in error.problems))
        sys.exit(2)
    except OpsError as error:
        _say(str(error))
        sys.exit(2)
    except OSError as error:
        if error.filename is None:
            raise
        _say(f"{error.filename}: {error.strerror}")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(message: str) -> None:
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True).print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)
