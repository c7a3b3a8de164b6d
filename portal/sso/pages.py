"""The few pages that a browser sees on its way back from the provider."""

from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from opsconductor.errors import OpsError
from portal.kit.problems import render

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>{head}<h1>{title}</h1>{body}</html>\n'
)


def onward(path: str) -> HTMLResponse:
    """Signed in: on to a path of ours.

    Not a redirect: that would still count as the provider's request, which carries no cookie of ours (SameSite).
    """
    target = escape(path, quote=True)
    return _page(
        "Signed in", f'<p><a href="{target}">Go on</a></p>', f'<meta http-equiv="refresh" content="0; url={target}">'
    )


def show_code(code: str) -> HTMLResponse:
    """A one-time code to type into a command line that runs on another machine."""
    return _page(
        "Signed in",
        "<p>Type this into the <code>opsconductor login --sso</code> that you started yourself. It works once, for two "
        f"minutes. Whoever asks you for it wants to be you: tell nobody.</p><p><code>{escape(code)}</code></p>",
    )


async def render_refusal(request: Request, error: Exception) -> Response:
    """A refusal: as a page for people, as a problem document for programs."""
    if "text/html" not in request.headers.get("accept", "") or not isinstance(error, OpsError):
        return await render(request, error)
    body = f'<p>{escape(str(error))}.</p><p><a href="/">To the start</a></p>'
    page = _page("Not signed in", body)
    page.status_code = error.status
    return page


def _page(title: str, body: str, head: str = "") -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=title, body=body, head=head))
