"""The statements of the one writer, each a transaction of its own.

Every statement begins with the fence: it bumps the run's event number where the epoch is still the
writer's, and writes nothing where it is not. Its row lock orders it against a take-over.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from opsconductor.errors import FencedError

from .changes import Fact, TargetChange, Transition
from .pair import PairKey
from .values import array, json_text, plain_text

EVENTS_CHANNEL: Final = "opsconductor_events"


class Claimed(NamedTuple):
    """What a writer may write to: one run, while it is in this epoch."""

    run_id: UUID
    epoch: int


class Written(NamedTuple):
    """What one statement did: the event number it left, and which changes it took."""

    seq: int
    taken: Sequence[bool]


# Counters tell of the latest attempt of each pair: one that gave way to the next counts no more, and closing
# its row afterwards counts nothing. The two subqueries stay subqueries: as joins they could scan the table.
_WRITE_PAIRS: Final = """
WITH fence AS (
  UPDATE job_runs SET event_seq = event_seq + 1
  WHERE id = %(run)s AND epoch = %(epoch)s AND status = 'running'
  RETURNING event_seq
), written AS (
  INSERT INTO job_run_steps AS pair (run_id, target_ord, step_ord, attempt, state, outcome, exit_code, epoch,
    sent_at, done_at, summary, outputs)
  SELECT %(run)s, t, s, a, k, o, x, %(epoch)s,
    CASE WHEN k = 1 THEN now() END, CASE WHEN k = 2 THEN now() END, m, j::jsonb
  FROM unnest(%(targets)s::int[], %(steps)s::smallint[], %(attempts)s::smallint[], %(states)s::smallint[],
    %(outcomes)s::smallint[], %(exit_codes)s::int[], %(summaries)s::text[], %(outputs)s::text[])
    AS given (t, s, a, k, o, x, m, j)
  WHERE EXISTS (SELECT FROM fence)
  ON CONFLICT (run_id, target_ord, step_ord, attempt) DO UPDATE SET state = excluded.state,
    outcome = excluded.outcome, exit_code = excluded.exit_code, epoch = excluded.epoch,
    done_at = excluded.done_at, summary = excluded.summary, outputs = excluded.outputs
  WHERE pair.state = 1 AND excluded.state = 2
  RETURNING target_ord, step_ord, attempt, state, outcome, (state = 1 OR sent_at IS NULL) AS fresh
), printed AS (
  INSERT INTO job_run_outputs (run_id, target_ord, step_ord, attempt, stdout_bytes, stderr_bytes, truncated,
    stdout, stderr)
  SELECT %(run)s, target_ord, step_ord, attempt, ob, eb, cut, o, e
  FROM unnest(%(out_targets)s::int[], %(out_steps)s::smallint[], %(out_attempts)s::smallint[],
    %(out_stdout_bytes)s::bigint[], %(out_stderr_bytes)s::bigint[], %(out_truncated)s::bool[],
    %(out_stdout)s::bytea[], %(out_stderr)s::bytea[])
    AS given (target_ord, step_ord, attempt, ob, eb, cut, o, e)
  JOIN written USING (target_ord, step_ord, attempt)
  ON CONFLICT DO NOTHING
), moved AS (
  SELECT step_ord, outcome, CASE WHEN outcome IS NULL THEN 0 ELSE 1 - (SELECT count(*) FROM job_run_steps later
    WHERE later.run_id = %(run)s AND later.target_ord = written.target_ord
      AND later.step_ord = written.step_ord AND later.attempt = written.attempt + 1) END AS n,
    (fresh AND attempt = 1)::int AS begun FROM written
  UNION ALL
  SELECT step_ord, (SELECT earlier.outcome FROM job_run_steps earlier
    WHERE earlier.run_id = %(run)s AND earlier.target_ord = written.target_ord
      AND earlier.step_ord = written.step_ord AND earlier.attempt = written.attempt - 1), -1, 0
  FROM written WHERE fresh AND attempt > 1
), counted AS (
  INSERT INTO job_run_counts AS c (run_id, step_ord, sent, ok, changed, skipped, bad)
  SELECT %(run)s, step_ord, sum(begun), coalesce(sum(n) FILTER (WHERE outcome = 0), 0),
    coalesce(sum(n) FILTER (WHERE outcome = 1), 0), coalesce(sum(n) FILTER (WHERE outcome = 2), 0),
    coalesce(sum(n) FILTER (WHERE outcome > 2), 0)
  FROM moved GROUP BY step_ord
  ON CONFLICT (run_id, step_ord) DO UPDATE SET sent = c.sent + excluded.sent, ok = c.ok + excluded.ok,
    changed = c.changed + excluded.changed, skipped = c.skipped + excluded.skipped, bad = c.bad + excluded.bad
), told AS (
  INSERT INTO job_run_events (run_id, seq, kind, data)
  SELECT %(run)s, event_seq, 'pairs', jsonb_build_object('rows', coalesce(
    (SELECT jsonb_agg(jsonb_build_array(target_ord, step_ord, attempt, state, outcome)) FROM written), '[]'))
  FROM fence
)
SELECT event_seq, (SELECT count(*) FROM written),
  pg_notify('opsconductor_events', %(run)s::text || ' ' || event_seq::text) FROM fence
"""

# Rows that hold what was asked although this statement did not write them: an earlier send of the same
# batch did, and its answer was lost.
_MINE: Final = """
SELECT given.t, given.s, given.a
FROM unnest(%(targets)s::int[], %(steps)s::smallint[], %(attempts)s::smallint[], %(states)s::smallint[])
  AS given (t, s, a, k)
JOIN job_run_steps ON run_id = %(run)s AND (target_ord, step_ord, attempt) = (given.t, given.s, given.a)
WHERE epoch = %(epoch)s AND state >= given.k
"""

_TAKEN: Final = """
SELECT (pair->>0)::int, (pair->>1)::int, (pair->>2)::int
FROM job_run_events, jsonb_array_elements(data->'rows') AS pair WHERE run_id = %s AND seq = %s
"""


async def write_pairs(
    connection: AsyncConnection[Any], claimed: Claimed, batch: Sequence[Transition], replayed_after: int | None
) -> Written:
    """Write transitions of distinct pairs.

    Args:
        connection: In autocommit mode.
        claimed: Run and epoch of the writer.
        batch: Transitions, at most one for each pair.
        replayed_after: None on the first try; on a replay the last event number the writer knows of.

    Raises:
        FencedError: The run moved to another epoch, or ended.
    """
    values = _pair_values(claimed, batch)
    row = await (await connection.execute(_WRITE_PAIRS, values)).fetchone()
    if row is None:
        raise _fenced(claimed)
    seq, count, _ = row
    if count == len(batch):
        return Written(seq, [True] * len(batch))
    taken = await _keys(connection, _TAKEN, (claimed.run_id, seq))
    if replayed_after is not None:
        taken |= await _keys(connection, _MINE, values)
    return Written(seq, [change.key in taken for change in batch])


def _pair_values(claimed: Claimed, batch: Sequence[Transition]) -> dict[str, Any]:
    printed = [(change.key, change.printed) for change in batch if change.printed is not None]
    outputs = [output for _, output in printed]
    return {
        "run": claimed.run_id,
        "epoch": claimed.epoch,
        "targets": array([change.key.target_ord for change in batch]),
        "steps": array([change.key.step_ord for change in batch]),
        "attempts": array([change.key.attempt for change in batch]),
        "states": array([change.state for change in batch]),
        "outcomes": array([change.outcome for change in batch]),
        "exit_codes": array([change.exit_code for change in batch]),
        "summaries": [change.summary for change in batch],
        "outputs": [change.outputs for change in batch],
        "out_targets": array([key.target_ord for key, _ in printed]),
        "out_steps": array([key.step_ord for key, _ in printed]),
        "out_attempts": array([key.attempt for key, _ in printed]),
        "out_stdout_bytes": array([output.stdout_bytes for output in outputs]),
        "out_stderr_bytes": array([output.stderr_bytes for output in outputs]),
        "out_truncated": [output.truncated for output in outputs],
        "out_stdout": [output.stdout for output in outputs],
        "out_stderr": [output.stderr for output in outputs],
    }


async def _keys(connection: AsyncConnection[Any], query: Any, values: Any) -> set[PairKey]:
    rows = await (await connection.execute(query, values)).fetchall()
    return {PairKey(*row) for row in rows}


# No join: `UPDATE … FROM unnest` may turn into a scan of the whole table.
_WRITE_TARGETS: Final = """
WITH fence AS (
  UPDATE job_runs SET event_seq = event_seq + 1
  WHERE id = %(run)s AND epoch = %(epoch)s AND status = 'running'
  RETURNING event_seq
), written AS (
  UPDATE job_run_targets SET
    outcome = coalesce((%(outcomes)s::smallint[])[array_position(%(ords)s::int[], ord)], outcome),
    reason = coalesce((%(reasons)s::text[])[array_position(%(ords)s::int[], ord)], reason),
    first_seen_key = coalesce((%(host_keys)s::text[])[array_position(%(ords)s::int[], ord)], first_seen_key)
  WHERE run_id = %(run)s AND ord = ANY (%(ords)s::int[]) AND EXISTS (SELECT FROM fence)
), told AS (
  INSERT INTO job_run_events (run_id, seq, kind, data)
  SELECT %(run)s, event_seq, 'targets', %(data)s::jsonb FROM fence
)
SELECT event_seq, pg_notify('opsconductor_events', %(run)s::text || ' ' || event_seq::text) FROM fence
"""


async def write_targets(
    connection: AsyncConnection[Any], claimed: Claimed, batch: Sequence[TargetChange], replayed_after: int | None
) -> Written:
    """Write what became of targets; told as one event of kind `targets`, rows [ord, outcome, reason, host key].

    Writing the same again changes nothing, so a replay needs no question; its event may be told twice.
    """
    outcomes = [None if change.outcome is None else int(change.outcome) for change in batch]
    reasons = [None if change.outcome is None else plain_text(change.reason) for change in batch]
    rows = [
        [change.key, outcome, reason, change.host_key]
        for change, outcome, reason in zip(batch, outcomes, reasons, strict=True)
    ]
    values = {
        "run": claimed.run_id,
        "epoch": claimed.epoch,
        "ords": array([change.key for change in batch]),
        "outcomes": array(outcomes),
        "reasons": reasons,
        "host_keys": [change.host_key for change in batch],
        "data": json_text({"rows": rows}),
    }
    row = await (await connection.execute(_WRITE_TARGETS, values)).fetchone()
    if row is None:
        raise _fenced(claimed)
    return Written(row[0], [True] * len(batch))


_WRITE_FACT: Final = """
WITH fence AS (
  UPDATE job_runs SET event_seq = event_seq + 1
  WHERE id = %(run)s AND epoch = %(epoch)s AND status = 'running'
  RETURNING event_seq
)
INSERT INTO job_run_events (run_id, seq, kind, data)
SELECT %(run)s, event_seq, %(kind)s, %(data)s::jsonb FROM fence
RETURNING seq, pg_notify('opsconductor_events', %(run)s::text || ' ' || seq::text)
"""

_END_RUN: Final = """
WITH fence AS (
  UPDATE job_runs SET event_seq = event_seq + 1, status = 'ended', outcome = %(outcome)s, summary = %(summary)s,
    finished_at = now(), owner = NULL, lease_until = NULL
  WHERE id = %(run)s AND epoch = %(epoch)s AND status = 'running'
  RETURNING event_seq
)
INSERT INTO job_run_events (run_id, seq, kind, data)
SELECT %(run)s, event_seq, %(kind)s, %(data)s::jsonb FROM fence
RETURNING seq, pg_notify('opsconductor_events', %(run)s::text || ' ' || seq::text)
"""

_TOLD: Final = """
SELECT seq FROM job_run_events
WHERE run_id = %(run)s AND seq > %(after)s AND kind = %(kind)s AND data = %(data)s::jsonb
"""


async def write_fact(
    connection: AsyncConnection[Any], claimed: Claimed, batch: Sequence[Fact], replayed_after: int | None
) -> Written:
    """Write one event, and with it the end of the run if it says so."""
    (fact,) = batch
    values = {
        "run": claimed.run_id,
        "epoch": claimed.epoch,
        "kind": fact.kind,
        "data": json_text(fact.data),
        "outcome": fact.ended,
        "summary": plain_text(fact.summary),
    }
    if replayed_after is not None:
        told = await (await connection.execute(_TOLD, {**values, "after": replayed_after})).fetchone()
        if told is not None:
            return Written(told[0], [True])
    row = await (await connection.execute(_END_RUN if fact.ended else _WRITE_FACT, values)).fetchone()
    if row is None:
        raise _fenced(claimed)
    return Written(row[0], [True])


def _fenced(claimed: Claimed) -> FencedError:
    return FencedError(f"run {claimed.run_id} is no longer in epoch {claimed.epoch}: another process owns it now")
