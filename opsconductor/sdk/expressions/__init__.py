"""Expressions in job documents: CEL, with declared names and bounded work."""

from .expression import Expression, compile_condition, compile_expression
from .scope import ACROSS_TARGETS_FIELDS, STEP_FIELDS, Scope, StepNames
from .template import Template, compile_template

__all__ = [
    "ACROSS_TARGETS_FIELDS",
    "STEP_FIELDS",
    "Expression",
    "Scope",
    "StepNames",
    "Template",
    "compile_condition",
    "compile_expression",
    "compile_template",
]
