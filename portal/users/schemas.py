"""Bodies of the users endpoints."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints

from portal.identity.schemas import NewPassword, UserRead
from portal.kit.text import Line, RequestModel, formed

# What a form field for an e-mail address takes (HTML Standard, 4.10.5.1.5): also `root@localhost` and `ops@corp.local`.
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")


def _email(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise ValueError("is not an e-mail address")
    return text


Username = Annotated[
    str,
    formed(
        r"^[A-Za-z0-9][A-Za-z0-9_.@+-]{0,99}$",
        "up to 100 letters a-z, digits and _.@+- without spaces, the first a letter or digit",
    ),
]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
PersonName = Annotated[Line, StringConstraints(strip_whitespace=True, max_length=100)]
Telephone = Annotated[
    str, formed(r"^(\+?[0-9][0-9 ()./-]{1,39})?$", "digits, such as +49 69 1234-0; spaces and ()./- between them")
]
RoleName = Annotated[Line, StringConstraints(min_length=1, max_length=200)]


class UserCreate(RequestModel):
    """A new user."""

    username: Username
    email: Email = ""
    first_name: PersonName = ""
    last_name: PersonName = ""
    telephone: Telephone = ""
    title: PersonName = ""
    role: RoleName = "viewer"
    password: NewPassword | None = Field(default=None, description="Absent: one is made, and shown once.")
    must_change_password: StrictBool = Field(default=True, description="Whether it has to be changed at first.")


class UserCreated(UserRead):
    """A new user, with the password that was made."""

    one_time_password: str | None = Field(description="Shown this once; null when the request gave one.")


class UserUpdate(RequestModel):
    """What to change; what is absent stays."""

    username: Username | None = None
    email: Email | None = None
    first_name: PersonName | None = None
    last_name: PersonName | None = None
    telephone: Telephone | None = None
    title: PersonName | None = None
    role: RoleName | None = None
    active: StrictBool | None = Field(default=None, description="Who is not active cannot sign in.")
    must_change_password: StrictBool | None = None


class ProfileUpdate(RequestModel):
    """What people may change of themselves; what is absent stays."""

    email: Email | None = None
    first_name: PersonName | None = None
    last_name: PersonName | None = None
    telephone: Telephone | None = None
    title: PersonName | None = None


class PasswordReset(RequestModel):
    """A new password for somebody else, which they have to change."""

    password: NewPassword | None = Field(default=None, description="Absent: one is made, and shown once.")


class PasswordResetRead(BaseModel):
    """The password that was made."""

    one_time_password: str | None = Field(description="Shown this once; null when the request gave one.")
