"""Any graph, on any targets, with any failures: the engine does what a slow and simple reading of the rules says.

The model looks at nodes one after the other, needs first, and knows nothing of lanes, stages, tasks or cells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.plan import PlannedBlock, PlannedNode, PlannedStep
from opsconductor.sdk.outcome import RunOutcome

from .stage import Author, Run

TARGETS = ("h0", "h1", "h2")
ON = st.sampled_from(["success", "success", "failure", "always"])


@dataclass
class Model:
    """The rules, one node at a time.

    Attributes:
        fails: (step, where) that fail.
        ran: (step, where) that ran.
        ends: (node, where) → good, bad, blocked or unreached.
        faults: Where → steps that failed and were not rescued.
    """

    fails: set[tuple[str, str]]
    ran: set[tuple[str, str]] = field(default_factory=set)
    ends: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: dict[str, set[str]] = field(default_factory=dict)

    def lane(self, nodes: Sequence[PlannedNode], targets: Sequence[str]) -> None:
        for node in in_order(nodes):
            for where in targets if node.scope == "target" else ["run"]:
                self.node(node, where, targets, {each.id: each.scope for each in nodes})

    def node(self, node: PlannedNode, where: str, targets: Sequence[str], scopes: dict[str, str]) -> None:
        edges = [self.edge(need.on, self.seen(need.step, scopes[need.step], where, targets)) for need in node.needs]
        verdict = judge(edges, node.join)
        if verdict != "taken":
            self.ends[node.id, where] = verdict
        elif node.when is not None:
            self.ends[node.id, where] = "good"
        elif node.kind == "step":
            self.ran.add((node.id, where))
            bad = (node.id, where) in self.fails
            self.ends[node.id, where] = "bad" if bad else "good"
            if bad:
                self.faults.setdefault(where, set()).add(node.id)
        else:
            self.block(node, where, targets)

    def block(self, block: PlannedBlock, where: str, targets: Sequence[str]) -> None:
        inside = [where] if block.scope == "target" else list(targets)
        everyone = {where, *inside}
        self.lane(block.steps, inside)
        body, rescue = ids(block.steps), ids(block.rescue)
        if block.rescue and any(self.faults.get(each, set()) & body for each in everyone):
            self.lane(block.rescue, inside)
            if block.scope == "target" or not self.faults.get("run", set()) & rescue:
                for each in everyone:
                    if not self.faults.get(each, set()) & rescue:
                        self.faults[each] = self.faults.get(each, set()) - body
        self.lane(block.always, inside)
        steps = body | rescue | ids(block.always)
        bad = any(self.faults.get(each, set()) & steps for each in everyone)
        self.ends[block.id, where] = "bad" if bad else "good"

    def seen(self, need: str, scope: str, where: str, targets: Sequence[str]) -> str:
        if scope == "run":
            return self.ends[need, "run"]
        if where != "run":
            return self.ends[need, where]
        ends = {self.ends[need, each] for each in targets}
        if ends & {"bad", "blocked"}:
            return "bad"
        return "unreached" if ends == {"unreached"} else "good"

    def edge(self, on: str, end: str) -> str:
        if end == "unreached":
            return "unreached"
        if on == "always":
            return "taken"
        if end == "blocked":
            return "blocked"
        if on == "success":
            return "taken" if end == "good" else "blocked"
        return "taken" if end == "bad" else "unreached"


def judge(edges: list[str], join: str) -> str:
    if not edges or (join == "any" and "taken" in edges) or set(edges) == {"taken"}:
        return "taken"
    if join == "any":
        return "blocked" if "blocked" in edges else "unreached"
    return "unreached" if "unreached" in edges else "blocked"


def in_order(nodes: Sequence[PlannedNode]) -> Iterator[PlannedNode]:
    left, behind = list(nodes), set[str]()
    while left:
        node = next(node for node in left if all(need.step in behind for need in node.needs))
        behind.add(node.id)
        left.remove(node)
        yield node


def ids(nodes: Sequence[PlannedNode]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        found.add(node.id)
        if node.kind == "block":
            found |= ids((*node.steps, *node.rescue, *node.always))
    return found


@st.composite
def lanes(draw: st.DrawFn, a: Author, scope: str, depth: int, least: int = 1) -> list[PlannedNode]:
    """Nodes with needs among them; inside a target-scoped block everything is target-scoped."""
    nodes: list[PlannedNode] = []
    for _ in range(draw(st.integers(least, 4 if depth else 3))):
        mine = "target" if scope == "target" else draw(st.sampled_from(["target", "target", "run"]))
        needed = draw(st.lists(st.sampled_from(nodes), unique_by=lambda node: node.id, max_size=2)) if nodes else []
        needs = [(node.id, draw(ON)) for node in needed]
        join = draw(st.sampled_from(["all", "any"]))
        when = draw(st.sampled_from([None, None, None, None, "false"]))
        name = f"n{a._next}"
        if depth and draw(st.integers(0, 3)) == 0:
            steps = draw(lanes(a, mine, depth - 1))
            rescue, always = draw(lanes(a, mine, depth - 1, 0)), draw(lanes(a, mine, depth - 1, 0))
            parts = {"steps": steps, "rescue": rescue, "always": always}
            nodes.append(a.block(f"n{a._next}", *needs, **parts, scope=mine, join=join, when=when))
        elif mine == "run":
            nodes.append(a.tell(name, *needs, join=join, when=when))
        else:
            nodes.append(a.step(name, *needs, join=join, when=when))
    return nodes


def steps_of(nodes: Sequence[PlannedNode]) -> Iterator[PlannedStep]:
    for node in nodes:
        if node.kind == "step":
            yield node
        else:
            yield from steps_of((*node.steps, *node.rescue, *node.always))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
async def test_the_engine_does_what_the_rules_say(data: st.DataObject) -> None:
    a = Author()
    nodes = data.draw(lanes(a, "run", 2))
    places = [
        (step.id, where) for step in steps_of(nodes) for where in (TARGETS if step.scope == "target" else ["run"])
    ]
    fails = data.draw(st.sets(st.sampled_from(places), max_size=4))
    model = Model(fails)
    model.lane(nodes, TARGETS)

    run = Run(a, nodes, len(TARGETS)).fail(*(f"{step}@{where}" for step, where in fails))
    outcome = await run.go()

    ran = {(what, where) for where in (*TARGETS, "run") for what in run.ran(where)}
    assert ran == model.ran
    bad = {where for where, steps in model.faults.items() if steps}
    assert {where for where in TARGETS if run.target(where)[0] == "failed"} == bad - {"run"}
    assert outcome is expected_outcome(bad)


def expected_outcome(bad: set[str]) -> RunOutcome:
    if not bad:
        return RunOutcome.SUCCEEDED
    if "run" in bad or set(TARGETS) <= bad:
        return RunOutcome.FAILED
    return RunOutcome.PARTIAL
