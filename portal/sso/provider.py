"""The sign-in provider: OpenID Connect, authorization code with PKCE."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, Protocol, cast
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import UserInfo
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from portal.settings import SsoSettings

from .claims import SsoClaims, check_id_token, read_claims
from .errors import IdTokenRefusedError, ProviderAwayError, ProviderRefusedError
from .outgoing import TIMEOUT, TOTAL_SECONDS, BoundedTransport, origin
from .secret import client_secret

_METADATA_SECONDS: Final = 3600
_OK: Final = 200
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_AUTH_METHODS: Final = ("client_secret_post", "client_secret_basic")
"""In this order: Authlib does not encode what it sends by `basic`, so that `+` and `%` in a secret would be others."""


class _Client(Protocol):
    """What we use of Authlib's client, which is typed only in parts."""

    token_endpoint_auth_method: str

    def create_authorization_url(self, url: str, *, state: str, nonce: str, code_verifier: str) -> tuple[str, str]: ...

    async def fetch_token(self, url: str, *, code: str, code_verifier: str, grant_type: str) -> Mapping[str, Any]: ...

    async def request(self, method: str, url: str, *, withhold_token: bool) -> httpx2.Response: ...

    async def aclose(self) -> None: ...


class Provider:
    """One provider, known by its issuer. What it says of itself is kept for an hour.

    Args:
        settings: Where it is, and who we are there.
    """

    def __init__(self, settings: SsoSettings) -> None:
        self.settings = settings
        self._origins = frozenset(map(origin, (settings.issuer, *settings.origins)))
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = 0.0

    async def authorization_url(self, redirect_uri: str, *, state: str, nonce: str, code_verifier: str) -> str:
        """Where to send a browser.

        Raises:
            ProviderAwayError: The provider does not answer.
        """
        async with self._client(redirect_uri) as client:
            metadata = await self._discover(client)
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=code_verifier
            )
        return url

    async def redeem(self, code: str, redirect_uri: str, *, nonce: str, code_verifier: str) -> SsoClaims:
        """Who signed in, for the code that a browser brought back.

        Raises:
            ProviderAwayError: The provider does not answer.
            ProviderRefusedError: It does not take the code.
            IdTokenRefusedError: What it says cannot be trusted.
        """
        async with self._client(redirect_uri) as client:
            metadata = await self._discover(client)
            token = await client.fetch_token(
                metadata["token_endpoint"], code=code, code_verifier=code_verifier, grant_type="authorization_code"
            )
            id_token, access_token = token.get("id_token"), token.get("access_token")
            if not isinstance(id_token, str) or not isinstance(access_token, str):
                raise IdTokenRefusedError("it brings no ID token")
            claims = await self._check(client, id_token, nonce=nonce, access_token=access_token)
            return read_claims({**await self._ask_more(client, claims), **claims}, self.settings)

    @asynccontextmanager
    async def _client(self, redirect_uri: str) -> AsyncGenerator[_Client]:
        secret = await asyncio.to_thread(client_secret, self.settings.client_secret_file)
        made: Any = AsyncOAuth2Client(
            client_id=self.settings.client_id,
            client_secret=secret,
            redirect_uri=redirect_uri,
            scope=" ".join(self.settings.scopes),
            code_challenge_method="S256",
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            transport=BoundedTransport(self._origins),
        )
        client: _Client = made
        try:
            async with asyncio.timeout(TOTAL_SECONDS), aclosing(client):
                yield client
        except TimeoutError:
            raise ProviderAwayError("it does not answer in time") from None
        except httpx2.HTTPError as error:
            raise ProviderAwayError(f"{type(error).__name__} at {origin(self.settings.issuer)}") from error
        except OAuthError as error:
            raise ProviderRefusedError(shown_code(error.error)) from error

    async def _discover(self, client: _Client) -> Mapping[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0, 4)."""
        if not self._metadata or time.monotonic() - self._read_at > _METADATA_SECONDS:
            url = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            metadata = await _get_json(client, url)
            if metadata.get("issuer") != self.settings.issuer:
                raise ProviderAwayError("it calls itself by another name than portal.toml does (issuer)")
            for name in _ENDPOINTS:
                if not isinstance(metadata.get(name), str) or not urlsplit(str(metadata[name])).netloc:
                    raise ProviderAwayError(f"its description has no {name}")
            self._metadata, self._keys, self._read_at = metadata, None, time.monotonic()
        offered = self._metadata.get("token_endpoint_auth_methods_supported") or ()
        client.token_endpoint_auth_method = next((name for name in _AUTH_METHODS if name in offered), _AUTH_METHODS[1])
        return self._metadata

    async def _check(self, client: _Client, id_token: str, *, nonce: str, access_token: str) -> dict[str, Any]:
        known = self._keys
        keys = known or await self._read_keys(client)
        try:
            return check_id_token(id_token, keys, self.settings, nonce=nonce, access_token=access_token)
        except (JoseError, ValueError) as error:
            if known is None:
                raise IdTokenRefusedError("its signature is not the provider's") from error
        self._keys = None  # the provider may have new keys since ours were read
        return await self._check(client, id_token, nonce=nonce, access_token=access_token)

    async def _read_keys(self, client: _Client) -> KeySet:
        try:
            self._keys = KeySet.import_key_set(cast("Any", await _get_json(client, self._metadata["jwks_uri"])))
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise ProviderAwayError("its keys cannot be read") from error
        return self._keys

    async def _ask_more(self, client: _Client, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the ID token leaves out and the userinfo endpoint says (OpenID Connect Core 1.0, 5.3)."""
        wanted = (self.settings.username_claim, self.settings.groups_claim, "email")
        url = self._metadata.get("userinfo_endpoint")
        if not isinstance(url, str) or all(name in claims for name in wanted):
            return {}
        info = UserInfo(await _get_json(client, url, signed_in=True))
        if info.get("sub") != claims["sub"]:
            raise IdTokenRefusedError("its userinfo is about somebody else")
        return info


async def _get_json(client: _Client, url: str, *, signed_in: bool = False) -> dict[str, Any]:
    response = await client.request("GET", url, withhold_token=not signed_in)
    if response.status_code != _OK:
        raise ProviderAwayError(f"{urlsplit(url).path} answers {response.status_code}")
    try:
        document: Any = json.loads(response.content)
    except ValueError as error:
        raise ProviderAwayError(f"{urlsplit(url).path} answers with something that is not JSON") from error
    if not isinstance(document, dict):
        raise ProviderAwayError(f"{urlsplit(url).path} answers with something that is no object")
    return cast("dict[str, Any]", document)


def shown_code(code: object) -> str:
    """An error code of OAuth (RFC 6749, 5.2) as it may be shown."""
    text = str(code)
    return text if text.isascii() and text.replace("_", "").isalpha() and len(text) <= 40 else "error"
