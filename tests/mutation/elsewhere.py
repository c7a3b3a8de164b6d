"""What the rights matrix does not notice, and who does."""

ELSEWHERE: dict[str, tuple[str, ...]] = {}
"""Mutant → tests that fail under it, which the campaign runs."""

BACKED: dict[str, str] = {}
"""Mutant → the other one that still refuses: together they are noticed, which the campaign looks at."""

EQUIVALENT: dict[str, str] = {}
"""Mutant → why it makes no difference."""
