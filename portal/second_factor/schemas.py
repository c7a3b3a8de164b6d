"""Bodies of the second factor's endpoints."""

from datetime import datetime

from pydantic import BaseModel, Field, SecretStr

from portal.identity.schemas import BrowserSignInRead, TokenRead
from portal.kit.text import RequestModel


class PasswordProof(RequestModel):
    """One's own password, for what a stolen sign-in must not be enough for."""

    password: SecretStr = Field(max_length=1000)


class Code(RequestModel):
    """A code of the app."""

    code: SecretStr = Field(max_length=64)


class Challenge(RequestModel):
    """A sign-in that waits for its second step."""

    challenge: SecretStr = Field(max_length=200)


class ChallengeAnswer(Challenge):
    """The second step: a code of the app, or a recovery code."""

    code: SecretStr = Field(max_length=64)


class ChallengeRead(BaseModel):
    """The password was right; a code is asked for."""

    challenge: str = Field(description="Goes to `/auth/login/code` together with the code.")
    expires_in_seconds: int
    enrolment_due: bool = Field(description="An app has to be enrolled first: `/auth/login/enrol`.")


class EnrolmentRead(BaseModel):
    """What the app needs to know; shown this once."""

    secret: str
    uri: str = Field(description="For a QR code.")


class RecoveryCodesRead(BaseModel):
    """Codes for when the app is lost; each works once. Shown this once."""

    recovery_codes: list[str]


class SecondFactorRead(BaseModel):
    """Whether there is a second factor, and whether there has to be one."""

    enabled: bool
    required: bool
    confirmed_at: datetime | None
    recovery_codes_left: int


class SecondStepRead(TokenRead):
    """Tokens of a sign-in, and recovery codes where an app was enrolled on the way."""

    recovery_codes: list[str] = Field(default_factory=list)


class BrowserSecondStepRead(BrowserSignInRead):
    """A browser's sign-in, and recovery codes where an app was enrolled on the way."""

    recovery_codes: list[str] = Field(default_factory=list)
