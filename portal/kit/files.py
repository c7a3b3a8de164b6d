"""Files that are sent while they are read."""

from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse


def file_response(name: str, media_type: str, chunks: AsyncIterator[bytes]) -> StreamingResponse:
    """A file to keep; `name` is plain ASCII."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(chunks, media_type=media_type, headers=headers)
