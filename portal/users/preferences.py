"""What people choose for themselves: how pages look, and what they are told of."""

import re
from functools import cache
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, model_validator

from portal.kit.text import RequestModel, formed

_CHANNEL = re.compile(r"[#@]?[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("is not a time zone of the IANA database, such as Europe/Berlin")
    return name


def _web_address(url: str) -> str:
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("must not hold spaces or characters outside ASCII")
    parts = urlsplit(url)  # a ValueError for what is no address at all
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must start with https:// or http:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if parts.port == 0:
        raise ValueError("must not name port 0")
    _refuse_inner(parts.hostname)
    return url


def _refuse_inner(host: str) -> None:
    """Early word of what is refused again, for what the name resolves to, when something is sent."""
    try:
        address = ip_address(host)
    except ValueError:
        return
    if address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast:
        raise ValueError("must not be a loopback, link-local or multicast address")


def _channel(name: str) -> str:
    if not _CHANNEL.fullmatch(name):
        raise ValueError("is not a channel of Slack, such as #operations")
    return name


def _unique(events: list[str]) -> list[str]:
    return list(dict.fromkeys(events))


Zone = Annotated[str, AfterValidator(_known_zone), StringConstraints(max_length=100)]
ClockTime = Annotated[str, formed(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "hours and minutes, such as 06:30")]
Events = Annotated[list[Literal["start", "success", "failure"]], Field(max_length=10), AfterValidator(_unique)]


class UiPreferences(RequestModel):
    """How pages look."""

    zone: Zone = Field(default="UTC", description="IANA time zone that times are shown in; quiet hours too.")
    theme: Literal["system", "light", "dark"] = "system"
    density: Literal["comfortable", "compact"] = "comfortable"


class SlackPreference(RequestModel):
    """A message on Slack."""

    channel: Annotated[str, AfterValidator(_channel)]


class WebhookPreference(RequestModel):
    """A request to a web address."""

    url: Annotated[str, AfterValidator(_web_address), StringConstraints(max_length=2000)]


class QuietHours(RequestModel):
    """When nothing is sent, in the user's own zone; over midnight when it starts later than it ends."""

    start: ClockTime
    end: ClockTime

    @model_validator(mode="after")
    def _not_empty(self) -> "QuietHours":
        if self.start == self.end:
            raise ValueError("must not start and end at the same time")
        return self


class NotificationPreferences(RequestModel):
    """What somebody is told of, and how."""

    on: Events = Field(default_factory=lambda: ["failure"], description="What happens to a run.")
    email: StrictBool = Field(default=True, description="Whether mail is sent to the address of the profile.")
    teams: StrictBool = False
    slack: SlackPreference | None = None
    webhook: WebhookPreference | None = None
    quiet_hours: QuietHours | None = None
