"""Expressions in job documents: CEL, with declared names and bounded work."""

from .expression import Expression, compile_condition, compile_expression
from .scope import Scope, StepNames

__all__ = ["Expression", "Scope", "StepNames", "compile_condition", "compile_expression"]
