"""What the provider says of a user, checked: only then anybody acts on it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, TypeAdapter, ValidationError

from portal.kit.text import Line
from portal.settings import SsoSettings

from .errors import IdTokenRefusedError

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA",
)  # fmt: skip
"""Signatures only. Neither `none` nor an HMAC, whose key the provider's clients know."""
_CLOCK_SKEW_SECONDS: Final = 60


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Subject = Annotated[Line, StringConstraints(min_length=1, max_length=255)]
Groups = Annotated[
    list[Annotated[Line, StringConstraints(max_length=500)]], BeforeValidator(_as_list), Field(max_length=5000)
]
_GROUPS: TypeAdapter[list[str]] = TypeAdapter(Groups)
_LINE: TypeAdapter[str] = TypeAdapter(Line)


class SsoClaims(BaseModel):
    """Who signed in at the provider.

    Attributes:
        subject: Who it is; never given to somebody else (OpenID Connect Core 1.0, 2).
        username: What to call them here; empty when the provider does not say.
        email: Their address, if the provider has verified it.
        groups: Groups there, which decide on the role here.
    """

    subject: Subject
    username: str
    email: str
    first_name: str
    last_name: str
    groups: list[str]


def check_id_token(token: str, keys: KeySet, settings: SsoSettings, *, nonce: str, access_token: str) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7).

    Args:
        token: What the provider gave.
        keys: The provider's.
        settings: Name the provider and us.
        nonce: What this sign-in sent along.
        access_token: What came with the token.

    Raises:
        JoseError: The token is not signed by one of these keys.
        IdTokenRefusedError: It is not for us, not for this sign-in, or not for now.
    """
    decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
    claims: Any = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={
            "iss": {"essential": True, "value": settings.issuer},
            "aud": {"essential": True, "value": settings.client_id},
            "sub": {"essential": True},
            "nonce": {"essential": True, "value": nonce},
        },
        params={"nonce": nonce, "client_id": settings.client_id, "access_token": access_token},
    )
    try:
        claims.validate(leeway=_CLOCK_SKEW_SECONDS)
    except (JoseError, TypeError, ValueError) as error:
        raise IdTokenRefusedError(_reason(error)) from error
    return dict(claims.items())


def read_claims(claims: Mapping[str, Any], settings: SsoSettings) -> SsoClaims:
    """What of the claims counts here.

    Raises:
        IdTokenRefusedError: The subject or the groups are not as they have to be.
    """
    try:
        return SsoClaims(
            subject=claims.get("sub", ""),
            username=_line(claims.get(settings.username_claim)),
            email=_line(claims.get("email")) if claims.get("email_verified") is True else "",
            first_name=_line(claims.get("given_name")),
            last_name=_line(claims.get("family_name")),
            groups=_GROUPS.validate_python(claims.get(settings.groups_claim) or []),
        )
    except ValidationError as error:
        raise IdTokenRefusedError("its subject or its groups are malformed") from error


def _line(value: object) -> str:
    try:
        return _LINE.validate_python(value, strict=True).strip()
    except ValidationError:
        return ""


def _reason(error: Exception) -> str:
    claim = getattr(error, "claim", None)
    return f"{getattr(error, 'error', 'malformed').replace('_', ' ')}{f' ({claim})' if claim else ''}"
