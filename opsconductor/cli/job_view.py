"""A job document for people: its graph as a tree, its problems beside the lines they are on."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from flows.compiler import Check
from flows.plan import Plan, PlannedBlock, PlannedNode, PlannedStep
from opsconductor.errors import Problem
from opsconductor.sdk.job import JobDocument, printable

_SHOWN_OF_A_VALUE = 60


def print_check(file: str, text: str, found: Check) -> None:
    """Say whether a document is valid, and if not, why."""
    steps = None if found.plan is None else sum(1 for _ in _steps(found.plan.nodes))
    print_findings(file, text, found.problems, found.warnings, steps)


def print_findings(
    file: str, text: str, problems: Sequence[Problem], warnings: Sequence[Problem], steps: int | None = None
) -> None:
    """Say what is wrong with a document, each problem beside its line; `steps` is shown of one that is valid."""
    console = Console(highlight=False, soft_wrap=True)
    lines = text.splitlines()
    if problems:
        count = _count(len(problems), "problem")
        console.print(Text.assemble((file, "bold"), ": ", ("refused", "red"), f", {count}"))
    else:
        count = "" if steps is None else f", {_count(steps, 'step')}"
        console.print(Text.assemble((file, "bold"), ": ", ("valid", "green"), count))
    for problem in problems:
        _print_problem(console, problem, lines, "red")
    for warning in warnings:
        _print_problem(console, warning, lines, "yellow")


def print_job(document: JobDocument, plan: Plan, warnings: Sequence[Problem]) -> None:
    """Draw a job."""
    console = Console(highlight=False)
    tree = Tree(Text.assemble((printable(plan.name), "bold"), f"  {_first_line(plan.description)}".rstrip()))
    if plan.parameters:
        branch = tree.add(Text("parameters", "dim"))
        for parameter in plan.parameters:
            given = "required" if parameter.required else f"default {_shown(parameter.default)}"
            branch.add(Text.assemble((parameter.name, "cyan"), f": {parameter.type}, {given}"))
    tree.add(Text.assemble(("targets ", "dim"), _targets(document)))
    tree.add(Text.assemble(("strategy ", "dim"), _strategy(plan)))
    _add_nodes(tree.add(Text("steps", "dim")), plan.nodes)
    console.print(tree)
    console.soft_wrap = True
    for warning in warnings:
        _print_problem(console, warning, [], "yellow")


def _print_problem(console: Console, problem: Problem, lines: list[str], style: str) -> None:
    where = f"line {problem.line}" if problem.line else "document"
    console.print(Text.assemble("  ", (where, style), "  ", (problem.path, "bold")))
    console.print(Text(f"      {problem.message}"), soft_wrap=True)
    if problem.hint:
        console.print(Text.assemble("      ", (problem.hint, "green")), soft_wrap=True)
    if problem.line and problem.line <= len(lines):
        line = lines[problem.line - 1].rstrip().replace("\t", "→")
        console.print(Text(f"      {problem.line} | {printable(line, 110)}", "dim"), soft_wrap=True)


def _add_nodes(tree: Tree, nodes: Sequence[PlannedNode]) -> None:
    for node in nodes:
        if isinstance(node, PlannedBlock):
            branch = tree.add(Text.assemble((node.id, "cyan"), "  block", _where(node), _conditions(node)))
            for name, lane in (("steps", node.steps), ("rescue", node.rescue), ("always", node.always)):
                if lane:
                    _add_nodes(branch.add(Text(name, "dim")), lane)
        else:
            tree.add(
                Text.assemble(
                    (node.id, "cyan"), f"  {node.uses}  ", (node.effect, "dim"), _where(node), _conditions(node)
                )
            )


def _where(node: PlannedNode) -> str:
    return "  once per run" if node.scope == "run" else ""


def _conditions(node: PlannedNode) -> Text:
    facts: list[str] = []
    if node.needs:
        joined = " or " if node.join == "any" else ", "
        facts.append("after " + joined.join(need.step + _ending(need.on) for need in node.needs))
    if node.when:
        facts.append(f"when {printable(node.when, _SHOWN_OF_A_VALUE)}")
    if isinstance(node, PlannedStep):
        if node.retry.attempts > 1:
            facts.append(f"{node.retry.attempts} attempts, {node.retry.delay_seconds:g} s apart")
        if node.timeout_seconds:
            facts.append(f"at most {node.timeout_seconds:g} s")
    return Text("".join(f"\n    {fact}" for fact in facts), "dim")


def _ending(on: str) -> str:
    return {"success": "", "failure": " failed", "always": " ended"}[on]


def _targets(document: JobDocument) -> str:
    if document.targets is None:
        return "as each run names them"
    limit = f" (at most {document.targets.at_most})" if document.targets.at_most else ""
    return printable(document.targets.select, 100) + limit


def _strategy(plan: Plan) -> str:
    strategy = plan.strategy
    facts = [f"{strategy.concurrency} at a time"]
    if strategy.batches:
        facts.append("batches of " + ", ".join(str(size) for size in strategy.batches))
    if strategy.max_failures is not None:
        facts.append(f"ends above {strategy.max_failures} failed")
    if plan.timeout_seconds:
        facts.append(f"at most {plan.timeout_seconds:g} s in all")
    return ", ".join(facts)


def _steps(nodes: Sequence[PlannedNode]) -> Iterator[PlannedStep]:
    for node in nodes:
        if isinstance(node, PlannedBlock):
            yield from _steps((*node.steps, *node.rescue, *node.always))
        else:
            yield node


def _shown(value: object) -> str:
    return printable(value if isinstance(value, str) else repr(value), _SHOWN_OF_A_VALUE)


def _first_line(text: str) -> str:
    return printable(text.splitlines()[0], 100) if text.strip() else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
