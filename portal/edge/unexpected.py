"""Errors that nobody foresaw, answered inside everything that has to see an answer: headers, figures, the log."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.kit.problems import render_unexpected


class UnexpectedErrors:
    """Answers 500 for any error that came this far; one in the middle of an answer cuts it off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def send_and_note(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:
            if answered or scope["type"] != "http":
                raise
            refusal = await render_unexpected(Request(scope), error)
            await refusal(scope, receive, send)
