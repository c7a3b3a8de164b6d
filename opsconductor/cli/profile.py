"""`opsconductor profile`: what you say of yourself, and what you are told of."""

from typing import Annotated, Any, Literal

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, Problem

from .lookup import given
from .output import Done, JsonOption, changing, console, print_json, print_record
from .session import portal

app = cyclopts.App(
    name="profile",
    help="What you say of yourself, and what you are told of.",
    help_epilogue="Role and login name are for those who manage users: `opsconductor user edit`.",
)

Event = Literal["start", "success", "failure"]


@app.command
def show(*, json_: JsonOption = False) -> None:
    """Show your profile, how pages look for you, and what you are told of."""
    with portal() as client:
        found = {
            "profile": client.get("/profile"),
            "preferences": client.get("/profile/preferences"),
            "notifications": client.get("/profile/notifications"),
        }
    if json_:
        print_json(found)
        return
    for part, record in found.items():
        console.print(part.capitalize(), style="bold", highlight=False)
        print_record(record)


@app.command
@changing
def edit(
    *,
    email: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    telephone: str | None = None,
    title: str | None = None,
) -> Done:
    """Change what you say of yourself; what is not given stays, and an empty text takes it away.

    Args:
        email: E-mail address.
        first_name: First name.
        last_name: Last name.
        telephone: Telephone number.
        title: What you are, such as Shift lead.
    """
    body = given(email=email, first_name=first_name, last_name=last_name, telephone=telephone, title=title)
    with portal() as client:
        changed = client.patch("/profile", body)
    return Done(changed, "Changed your profile.")


@app.command
@changing
def preferences(
    *,
    zone: Annotated[str | None, Parameter(help="IANA time zone, such as Europe/Berlin; quiet hours too.")] = None,
    theme: Literal["system", "light", "dark"] | None = None,
    density: Literal["comfortable", "compact"] | None = None,
) -> Done:
    """Choose how pages look for you; what is not given stays.

    Args:
        theme: Colours of pages.
        density: How much a page holds.
    """
    return _put("/profile/preferences", given(zone=zone, theme=theme, density=density))


@app.command
@changing
def notifications(
    *,
    on: Annotated[
        list[Event] | None, Parameter(name="--on", help="What of a run you are told of; can be given again.")
    ] = None,
    nothing: Annotated[bool, Parameter(help="Be told of nothing.")] = False,
    email: Annotated[bool | None, Parameter(negative="--no-email", help="By mail to your address.")] = None,
    teams: Annotated[bool | None, Parameter(negative="--no-teams", help="On Teams.")] = None,
    slack: Annotated[str | None, Parameter(help="On this channel of Slack, such as #operations; `none`: not.")] = None,
    webhook: Annotated[str | None, Parameter(help="By a request to this address; `none`: not.")] = None,
    quiet: Annotated[str | None, Parameter(help="When nothing is sent: 22:00-06:00 in your zone, or `none`.")] = None,
) -> Done:
    """Choose what you are told of, and how; what is not given stays."""
    body = given(on=[] if nothing else on, email=email, teams=teams)
    body |= {"slack": None if slack == "none" else {"channel": slack}} if slack else {}
    body |= {"webhook": None if webhook == "none" else {"url": webhook}} if webhook else {}
    body |= {"quiet_hours": _hours(quiet)} if quiet else {}
    return _put("/profile/notifications", body)


def _hours(text: str) -> dict[str, str] | None:
    if text == "none":
        return None
    start, dash, end = text.partition("-")
    if not dash:
        raise InvalidInputError([Problem("--quiet", f"{text!r} is not START-END", "such as 22:00-06:00, or none")])
    return {"start": start.strip(), "end": end.strip()}


def _put(path: str, changes: dict[str, Any]) -> Done:
    if not changes:
        raise InvalidInputError([Problem("options", "say what to change", "see --help")])
    with portal() as client:
        kept = client.get(path)
        changed = client.request("PUT", path, body=kept | changes)
    return Done(changed, "Changed.")
