import json
import tracemalloc
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from flows.ledger.pair import PairKey, PairResult
from flows.ledger.session import RunLedger
from opsconductor.sdk.outcome import Outcome, RunOutcome
from portal.outputs.grouping import group_outputs, normalised
from portal.outputs.ranges import Range, count_lines, lines_of
from portal.outputs.repository import Example, Named, OutputRepository, Part, Same
from portal.outputs.searching import Search

from .test_matrix import opened, start


def printed(outcome: Outcome, stdout: str, stderr: str = "", code: int = 0) -> PairResult:
    sizes = {"stdout_bytes": len(stdout.encode()), "stderr_bytes": len(stderr.encode())}
    return PairResult(outcome, code, f"exit code {code}", stdout=stdout, stderr=stderr, **sizes)


async def add_output(ledger: RunLedger, target: int, step: int, result: PairResult, attempt: int = 1) -> None:
    await ledger.sent(PairKey(target, step, attempt))
    await ledger.done(PairKey(target, step, attempt), result)


async def played(api: httpx.AsyncClient, database: str, targets: int = 4) -> str:
    """Three targets say the same of themselves, one fails; the first needed two attempts."""
    run = await start(api, targets)
    ledger = await opened(database, run)
    await add_output(ledger, 0, 0, printed(Outcome.FAILED, "", "busy\n", 75))
    for target in range(targets - 1):
        words = f"host web{target:02} at WEB{target:02}.test is fine  \nload Ärger 1\n"
        await add_output(ledger, target, 0, printed(Outcome.OK, words), 2 if target == 0 else 1)
    await add_output(ledger, targets - 1, 0, printed(Outcome.FAILED, "load 9\n", "no space left on device\nload!\n", 1))
    await ledger.done(PairKey(-1, 1, 1), printed(Outcome.OK, "hello\n"))
    for target in range(targets - 1):
        await ledger.done(PairKey(target, 2, 1), PairResult(Outcome.SKIPPED, summary="skipped: when `false` is false"))
    await ledger.end(RunOutcome.PARTIAL, "1 failed")
    await ledger.close()
    return f"/api/v1/runs/{run['id']}"


async def test_identical_output_is_one_group(api: httpx.AsyncClient, portal_database: str):
    path = await played(api, portal_database)
    found = (await api.get(f"{path}/steps/look/groups")).json()
    groups = [(group["outcome"], group["exit_code"], group["targets"]) for group in found["groups"]]
    assert groups == [("failed", 1, ["web03"]), ("ok", 0, ["web00", "web01", "web02"])]
    assert (found["total"], found["groups"][0]["stderr"]) == (4, "no space left on device\nload!\n")
    skipped = (await api.get(f"{path}/steps/act/groups")).json()["groups"]
    assert [(group["outcome"], group["count"], group["stdout"]) for group in skipped] == [("skipped", 3, "")]
    missing = await api.get(f"{path}/steps/nothing/groups")
    assert missing.status_code == 404
    assert "look, once, act" in missing.json()["detail"]


async def test_a_search_finds_lines_that_nobody_has_opened(api: httpx.AsyncClient, portal_database: str):
    path = await played(api, portal_database)

    async def search(**query: Any) -> dict[str, Any]:
        answer = await api.get(f"{path}/output/search", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    found = await search(q="LOAD")
    hits = [(hit["target"], hit["step"], hit["attempt"], hit["stream"], hit["line"]) for hit in found["items"]]
    assert hits == [
        ("web00", "look", 2, "stdout", 2),
        ("web01", "look", 1, "stdout", 2),
        ("web02", "look", 1, "stdout", 2),
        ("web03", "look", 1, "stdout", 1),
        ("web03", "look", 1, "stderr", 2),
    ]
    assert (found["count"], found["complete"], found["next"], found["outputs"]) == (5, True, None, 6)
    assert [hit["text"] for hit in (await search(q="ärger", target="web01"))["items"]] == ["load Ärger 1"]
    assert (await search(q="hello", target="-"))["items"][0]["target"] == ""
    assert (await search(q="hello", step="look"))["count"] == 0
    assert (await search(q=".*"))["count"] == 0, "a text, not a pattern"
    pages: list[tuple[str, int]] = []
    cursor: str | None = None
    while True:
        page = await search(q="load", limit=2, **({"cursor": cursor} if cursor else {}))
        pages += [(hit["target"], hit["line"]) for hit in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == [(target, line) for target, _, _, _, line in hits]
    for wrong in ({"q": ""}, {"q": "  "}, {"q": "x", "cursor": "1.2"}, {"q": "x", "limit": 0}, {"q": "a\x00"}, {}):
        assert (await api.get(f"{path}/output/search", params=wrong)).status_code == 422, wrong
    assert (await api.get(f"{path}/output/search", params={"q": "x", "target": "nobody"})).status_code == 404


async def test_a_search_is_bounded_and_goes_on(api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str):
    run = await start(api, 3)
    ledger = await opened(portal_database, run)
    for attempt in range(1, 301):
        await add_output(ledger, attempt % 3, 0, printed(Outcome.FAILED, "needle\n"), attempt)
    await ledger.close()
    part, sessions = Part(UUID(run["id"])), portal_app.state.sessions
    first = await Search("needle", 500, budget_bytes=0).over(sessions, part)
    second = await Search("needle", 500, first.next, budget_bytes=0).over(sessions, part)
    assert (first.complete, first.count) == (False, 200)
    assert (second.complete, second.count, second.next) == (True, 100, None)
    assert len({hit.key for hit in (*first.hits, *second.hits)}) == 300


async def test_a_long_line_is_cut_around_what_was_found(api: httpx.AsyncClient, portal_database: str):
    run = await start(api, 1)
    ledger = await opened(portal_database, run)
    for attempt, before in enumerate(("a" * 3000, "ß" * 3000, "İß" * 1500, ""), 1):
        await add_output(ledger, 0, 0, printed(Outcome.FAILED, f"{before}needle{'b' * 3000}"), attempt)
    await ledger.close()
    hits = (await api.get(f"/api/v1/runs/{run['id']}/output/search", params={"q": "NEEDLE"})).json()["items"]
    assert [("needle" in hit["text"], len(hit["text"]) <= 402) for hit in hits] == [(True, True)] * 4


async def test_output_can_be_taken_away(api: httpx.AsyncClient, portal_database: str):
    path = await played(api, portal_database)

    async def download(**query: Any) -> str:
        answer = await api.get(f"{path}/output", params=query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"].startswith('attachment; filename="grid-')
        return answer.text

    assert await download(target="web03", step="look") == "load 9\nno space left on device\nload!\n"
    one = await download(target="web03")
    assert one == "=== web03 · look · failed ===\nload 9\n--- stderr ---\nno space left on device\nload!\n"
    whole = await download()
    assert whole.startswith("=== the run · once · ok ===\nhello\n=== web00 · look · failed ===\n--- stderr ---\nbusy\n")
    assert "=== web00 · look · attempt 2 · ok ===" in whole
    rows = [json.loads(line) for line in (await download(format="jsonl")).splitlines()]
    assert [(row["target"], row["step"], row["attempt"]) for row in rows] == [
        ("", "once", 1), ("web00", "look", 1), ("web00", "look", 2), ("web01", "look", 1), ("web02", "look", 1),
        ("web03", "look", 1),
    ]  # fmt: skip
    assert "sent_at" not in rows[1]
    assert "sent_at" in json.loads((await download(format="jsonl", times=True, target="web01")).splitlines()[0])
    for status, wrong in ((404, {"target": "nobody"}), (404, {"step": "nothing"}), (422, {"format": "pdf"})):
        assert (await api.get(f"{path}/output", params=wrong)).status_code == status
    assert (await api.get(f"/api/v1/runs/{uuid4()}/output")).status_code == 404


async def test_a_range_of_what_is_kept(api: httpx.AsyncClient, portal_database: str):
    path = await played(api, portal_database)
    output = f"{path}/targets/3/steps/0/attempts/1/output"
    tail = (await api.get(output, params={"from": -1})).json()
    assert (tail["stdout"], tail["stderr"], tail["stderr_lines"]) == ("load 9\n", "load!\n", 2)
    head = (await api.get(output, params={"unit": "bytes", "count": 4})).json()
    assert (head["stdout"], head["stderr"], head["stdout_bytes"]) == ("load", "no s", 7)
    for wrong in ({"count": 0}, {"unit": "pages"}, {"from": 10**30}):
        assert (await api.get(output, params=wrong)).status_code == 422, wrong


async def test_the_timeline_tells_when_each_target_was_worked_on(api: httpx.AsyncClient, portal_database: str):
    path = await played(api, portal_database)
    timeline = (await api.get(f"{path}/timeline")).json()
    look, once, act = timeline["steps"]
    assert (look["id"], look["count"], look["running"], act["count"]) == ("look", 5, 0, 0)
    assert 0 <= look["start_ms"] <= look["end_ms"]
    assert look["min_ms"] <= look["median_ms"] <= look["max_ms"]
    assert (once["count"], act["start_ms"]) == (0, None), "what was never sent took no time"
    assert (timeline["targets"][::3], timeline["names"]) == ([0, 1, 2, 3], ["web00", "web01", "web02", "web03"])
    spans = [tuple(timeline["spans"][at : at + 3]) for at in range(0, len(timeline["spans"]), 5)]
    assert spans == [(0, 0, 1), (0, 0, 2), (1, 0, 1), (2, 0, 1), (3, 0, 1)]
    some = (await api.get(f"{path}/timeline", params={"from": 2, "to": 3})).json()
    assert (some["names"], some["spans"][0::5], len(some["targets"])) == (["web02"], [2], 12)


@given(st.text(alphabet="ab\n\r\u2028é", max_size=40), st.integers(-9, 9), st.none() | st.integers(1, 9))
def test_ranges_are_those_of_lists_and_bytes(text: str, start: int, count: int | None):
    lines = lines_of(text)
    assert ("".join(lines), len(lines)) == (text, count_lines(text))
    end = None if count is None else (start if start >= 0 else max(0, len(lines) + start)) + count
    assert Range("lines", start, count).cut(text) == "".join(lines[start:][: count if end is not None else None])
    assert text.encode().find(Range("bytes", start, count).cut(text).encode()) >= 0


class ManyOutputs(OutputRepository):
    """A step that printed something else of forty kilobytes on each target."""

    def __init__(self, targets: int) -> None:
        self._targets = targets

    async def list_same(self, run_id: UUID, step_ord: int) -> Sequence[Same]:
        return [Same(int(Outcome.OK), 0, "", [target], 1, printed=True) for target in range(self._targets)]

    async def list_examples(self, run_id: UUID, step_ord: int, groups: Sequence[Same]) -> Mapping[int, Example]:
        return {ord_: Example(f"{ord_}".rjust(40_000), "", 40_000, 0) for group in groups for ord_ in group.target_ords}


async def test_a_thousand_different_outputs_are_compared_not_kept():
    tracemalloc.start()
    groups = await group_outputs(ManyOutputs(1000), uuid4(), 0, {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(groups), len(groups[0].stdout), groups[0].stdout_bytes) == (1000, 4096, 40_000)
    assert peak < 25_000_000


def test_only_whole_names_are_taken_out():
    own = Named("web1", "10.0.0.1")
    assert normalised("web1 web10 my-web1 WEB1: 10.0.0.1 10.0.0.12", own) == "□ web10 my-web1 □: □ 10.0.0.12"
