"""Drawn cases name what is there: else each would be refused at the door."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any

from requests import PreparedRequest, Request
from schemathesis import Case
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation

from tests.contracts.rights.route import Route

from .ground import Things
from .own import BODIES
from .wire import Answer

_CURSORS = ("next_page", "previous_page", "next")
BASE_URL = "http://portal.test"
_NO_JSON = (b'{"a":', b"\xff\xfe{}", b'"\xed\xa0\x80"', b"[" * 3000, b"", b"NaN", b"1e999", b'{"a": 1} {')


@dataclass
class Aim:
    """Puts names of real things into cases.

    Attributes:
        things: What there is; the last one names what does not exist.
        cursors: Cursors that lists have answered.
    """

    random: Random
    things: list[Things]
    cursors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def take(self, case: Case, route: Route) -> None:
        """Change a case so that it reaches further; what was drawn to be wrong stays so."""
        assert case.meta is not None
        negative = {place for place, part in case.meta.components.items() if part.mode.is_negative}
        place = self.random.choice(self.things[:-1]) if self._often(0.95) else self.things[-1]
        if case.path_parameters and ParameterLocation.PATH not in negative and self._often(0.9):
            case.path_parameters = {name: self._named(name, route, place) for name in case.path_parameters}
        if ParameterLocation.QUERY not in negative:
            case.query = self._query(case, route, place)
        if isinstance(case.query.get("wait_seconds"), int | float):
            case.query["wait_seconds"] = 0
        valid = BODIES.get(case.operation.label, route.body)
        if valid is not None and ParameterLocation.BODY not in negative:
            case.body = self._body(case.body, valid(place))

    def learn(self, case: Case, answer: Answer) -> None:
        """Remember the cursors that an answer has."""
        if "cursor" in case.operation.query and answer.status == 200 and b"next" in answer.content:
            page = json.loads(answer.content)
            self.cursors[case.operation.label] += [page[name] for name in _CURSORS if page.get(name)]

    def wire(self, case: Case, token: str | None) -> tuple[PreparedRequest, bool]:
        """The request to send, and whether its body is still the one that was drawn."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = Request(**case.as_transport_kwargs(base_url=BASE_URL, headers=headers)).prepare()
        if case.body is NOT_SET or not self._often(0.03):
            return request, True
        request.body = self._spoilt(request.body)
        request.headers["Content-Length"] = str(len(request.body))
        return request, False

    def _often(self, share: float) -> bool:
        return self.random.random() < share

    def _named(self, name: str, route: Route, things: Things) -> str:
        key = route.use.get(name, name.removesuffix("_id"))
        return things[key] if key in things or things is self.things[-1] else things.get(name, "")

    def _query(self, case: Case, route: Route, things: Things) -> dict[str, Any]:
        share = self.random.choice((0.0, 0.15, 0.5, 1.0))
        kept = {name: value for name, value in case.query.items() if self._often(share)}
        seen = self.cursors[case.operation.label]
        if "cursor" in kept and seen and self._often(0.8):
            kept["cursor"] = self.random.choice(seen)
        wanted = dict(route.query(things)) if route.query else {}
        return {**wanted, **kept} if self._often(0.9) else dict(case.query)

    def _body(self, drawn: Any, valid: Any) -> Any:
        choice = self.random.random()
        if choice < 0.15:
            return valid
        if choice < 0.7 and isinstance(drawn, dict) and isinstance(valid, dict):
            return {**valid, **{name: value for name, value in drawn.items() if self._often(0.3)}}
        return drawn

    def _spoilt(self, body: bytes | str | None) -> bytes:
        text = body.encode() if isinstance(body, str) else body or b""
        lone = json.dumps("\ud800").encode()
        return self.random.choice((*_NO_JSON, text[: len(text) // 2], text.replace(b'"', lone[:-1] + b'"', 1), lone))
