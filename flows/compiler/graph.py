"""The edges of each lane: whether they lead somewhere, and whether every node can be reached."""

from collections import deque
from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from .findings import Findings
from .survey import Edge, Placed, Survey, suggest_id

_ALWAYS_FAILS = "core/fail@"
_LANES_BEFORE = {"steps": (), "rescue": ("steps",), "always": ("steps", "rescue")}


def check_graph(survey: Survey, findings: Findings) -> None:
    """Refuse edges from nowhere, cycles and nodes that can never run; warn of edges probably not meant."""
    everywhere = {placed.id: placed for placed in survey.nodes}
    for lane in survey.lanes:
        by_id = {placed.id: placed for placed in reversed(lane)}
        for placed in lane:
            _check_edges(placed, by_id, everywhere, findings)
        cycles = list(_cycles(by_id))
        for cycle in cycles:
            first = min((by_id[name] for name in cycle), key=lambda placed: placed.ord)
            round_trip = " → ".join(_from(cycle, first.id))
            findings.refuse((*first.place, "needs"), f"these steps wait for each other: {round_trip}", "cut one need")
        if not cycles:
            _check_reach(by_id, findings)


def not_before(placed: Placed, wanted: Collection[str]) -> set[str]:
    """Which of the wanted nodes cannot have ended when this one starts."""
    missing = set(wanted)
    if missing:
        for earlier in _earlier(placed):
            missing.discard(earlier.id)
            if not missing:
                break
    return missing


def _earlier(placed: Placed) -> Iterator[Placed]:
    """Every node that may have ended when this one starts, the nearest first."""
    seen: set[Placed] = set()
    waiting = deque(placed.sources)
    while waiting:
        source = waiting.popleft()
        if source not in seen:
            seen.add(source)
            yield source
            yield from source.inner_nodes()
            waiting.extend(source.sources)
    if placed.inside is not None:
        for lane in _LANES_BEFORE[placed.lane_name]:
            yield from placed.inside.inner_nodes(lane)
        yield from _earlier(placed.inside)


def _check_edges(placed: Placed, by_id: dict[str, Placed], everywhere: dict[str, Placed], findings: Findings) -> None:
    seen: set[str] = set()
    for edge in placed.edges:
        if edge.step == placed.id:
            if edge.implied:
                continue  # two steps of one id, which was refused before
            findings.refuse(edge.place, f"`{placed.id}` needs itself", "name a step that comes first")
        elif edge.step in seen:
            findings.refuse(edge.place, f"`{edge.step}` is needed twice", "name it once; `on: always` means both ends")
        elif edge.step not in by_id:
            _refuse_need(placed, edge, everywhere, findings)
        seen.add(edge.step)
    if placed.node.on is not None and not placed.edges:
        message = f"`on: {placed.node.on}` has no step to look at: nothing comes before `{placed.id}`"
        findings.refuse((*placed.place, "on"), message, "remove it, or say what the step needs")
    _warn_below_failure(placed, by_id, findings)


def _refuse_need(placed: Placed, edge: Edge, everywhere: dict[str, Placed], findings: Findings) -> None:
    other = everywhere.get(edge.step)
    if other is None:
        findings.refuse(edge.place, f"there is no step `{edge.step}`", suggest_id(edge.step, placed.lane))
        return
    around = _enclosing(other)
    neighbour = next((block for block in around if block.lane is placed.lane and block is not placed), None)
    if neighbour is not None:
        hint = f"need the whole block: `{neighbour.id}`"
    elif other in _enclosing(placed):
        hint = "a step inside a block does not wait for the block itself; remove the need"
    else:
        hint = "the block waits for what stands before it; put the need on the block"
    findings.refuse(edge.place, f"`{edge.step}` is not in the same lane as `{placed.id}`", hint)


def _enclosing(placed: Placed) -> list[Placed]:
    found: list[Placed] = []
    block = placed.inside
    while block is not None:
        found.append(block)
        block = block.inside
    return found


def _warn_below_failure(placed: Placed, by_id: dict[str, Placed], findings: Findings) -> None:
    for edge in placed.edges:
        above = by_id.get(edge.step)
        if edge.implied and above and above.edges and all(need.on == "failure" for need in above.edges):
            message = f"`{placed.id}` runs only when the failure branch `{above.id}` ran: it stands below it"
            findings.warn(placed.place, message, "say what it needs, such as `needs: [" + above.edges[0].step + "]`")


def _sources(placed: Placed, by_id: dict[str, Placed]) -> dict[str, Edge]:
    """The edges that lead from another node of the lane; the others were refused."""
    return {edge.step: edge for edge in placed.edges if edge.step in by_id and edge.step != placed.id}


def _cycles(by_id: dict[str, Placed]) -> Iterator[list[str]]:
    graph = {name: set(_sources(placed, by_id)) for name, placed in by_id.items()}
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            cycle: list[str] = error.args[1]
            yield cycle[:-1]
            # graphlib lists each node before those that wait for it.
            graph[cycle[1]].discard(cycle[0])
        else:
            return


def _from(cycle: list[str], first: str) -> list[str]:
    start = cycle.index(first)
    return [*cycle[start:], *cycle[:start], first]


def _check_reach(by_id: dict[str, Placed], findings: Findings) -> None:
    never: set[str] = set()
    graph = {name: _sources(placed, by_id) for name, placed in by_id.items()}
    for name in TopologicalSorter(graph).static_order():
        edges, placed = graph[name], by_id[name]
        dead = never & edges.keys()
        closed = [edge.step for edge in edges.values() if edge.on == "success" and _always_fails(by_id[edge.step])]
        if not edges or not (_is_shut(placed, len(edges), len(dead), len(closed)) or len(dead) == len(edges)):
            continue
        never.add(name)
        if closed:
            message = f"`{name}` can never run: `{closed[0]}` always fails"
            findings.refuse(placed.place, message, "need it `on: failure` or `always`, or give it a `when`")


def _is_shut(placed: Placed, edges: int, dead: int, closed: int) -> bool:
    return closed + dead == edges if placed.node.join == "any" else closed > 0


def _always_fails(placed: Placed) -> bool:
    return placed.action is not None and placed.action.ref.startswith(_ALWAYS_FAILS) and placed.node.when is None
