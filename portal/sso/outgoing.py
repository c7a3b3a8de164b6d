"""The only way out of single sign-on: to the provider's own origins, with limits on time and size."""

from collections.abc import AsyncIterator, Collection
from typing import Final
from urllib.parse import urlsplit

import httpx2

from .errors import ProviderAwayError

TIMEOUT: Final = httpx2.Timeout(10, connect=5)
TOTAL_SECONDS: Final = 20
MAX_BYTES: Final = 1024 * 1024


def origin(url: str) -> str:
    """`https://id.example.org:8443/realms/ops` → `https://id.example.org:8443`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Sends requests to known origins, and reads answers only so far.

    Args:
        origins: Where requests may go.
    """

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = origins
        self._inner = httpx2.AsyncHTTPTransport(retries=1, trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request.

        Raises:
            ProviderAwayError: It would go elsewhere, or its answer is compressed although nobody asked for that.
        """
        if origin(str(request.url)) not in self._origins:
            raise ProviderAwayError(f"it points to {origin(str(request.url))}, which portal.toml does not name")
        request.headers["Accept-Encoding"] = "identity"  # so that a small answer cannot unfold into a huge one
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise ProviderAwayError("it answers compressed")
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 (of an async transport)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Bounded(response.stream),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._stream:
            read += len(chunk)
            if read > MAX_BYTES:
                raise ProviderAwayError(f"it answers with more than {MAX_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
