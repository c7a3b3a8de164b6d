"""Access tokens: JWT with a fixed algorithm, signed by keys of a 0600 file."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OctKey

from .errors import NotSignedInError
from .key_file import ALGORITHM, SigningKey, create, read, stamp

_ISSUER = "opsconductor-portal"
_AUDIENCE = "opsconductor-api"
_MAX_TOKEN_LENGTH = 4096
_SKEW_SECONDS = 10
"""How much the clocks of two portals may differ."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says."""

    user_id: UUID
    session_id: UUID


class TokenKeys:
    """The signing keys; the newest one signs. An older one verifies until the last token it signed has run out.

    The file is looked at on each use, so that every running portal takes a new key at once.
    """

    def __init__(self, file: Path, lifetime_seconds: int) -> None:
        self._file = file
        self._lifetime_seconds = lifetime_seconds
        self._stamp: tuple[int, ...] = ()
        self._keys: tuple[SigningKey, ...] = ()

    @classmethod
    def load(cls, file: Path, lifetime_seconds: int = 900) -> "TokenKeys":
        """The keys of a file, made with one key when it is absent.

        Args:
            file: A 0600 file.
            lifetime_seconds: How long a token is valid at most.

        Raises:
            SealedError: The file is readable by others, or holds no keys.
        """
        keys = cls(file, lifetime_seconds)
        keys._current()
        return keys

    def sign(self, claims: AccessClaims, *, lifetime_seconds: int) -> str:
        """An access token."""
        key = self._current()[0].key
        issued = int(time.time())
        body = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "iat": issued,
            "nbf": issued,
            "exp": issued + lifetime_seconds,
        }
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, body, key)

    def verify(self, token: str) -> AccessClaims:
        """What a token says, if it is ours and valid now.

        Raises:
            NotSignedInError: It is not.
        """
        if len(token) > _MAX_TOKEN_LENGTH:
            raise NotSignedInError
        try:
            decoded = jwt.decode(token, self._signer, algorithms=[ALGORITHM])
            _CLAIMS.validate(decoded.claims)
            return AccessClaims(UUID(decoded.claims["sub"]), UUID(decoded.claims["sid"]))
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotSignedInError from error

    def _signer(self, token: GuestProtocol) -> OctKey:
        """The key that the token names, while its tokens can be valid."""
        kid = token.headers().get("kid")
        last = time.time() - self._lifetime_seconds - _SKEW_SECONDS
        for signing in self._current():
            if signing.key.kid == kid and (signing.retired_at is None or signing.retired_at > last):
                return signing.key
        raise NotSignedInError

    def _current(self) -> tuple[SigningKey, ...]:
        if not self._file.exists():
            create(self._file)
        seen = stamp(self._file)
        if seen != self._stamp:
            self._keys, self._stamp = read(self._file), seen
        return self._keys


_CLAIMS = jwt.JWTClaimsRegistry(
    leeway=_SKEW_SECONDS,
    iss={"essential": True, "value": _ISSUER},
    aud={"essential": True, "value": _AUDIENCE},
    sub={"essential": True},
    sid={"essential": True},
    exp={"essential": True},
    nbf={"essential": True},
)


def opaque_token() -> str:
    """A random token that means something only to our database."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """How an opaque token is stored: SHA-256 does, since it holds 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
