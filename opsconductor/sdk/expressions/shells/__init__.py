"""Writing values into command lines so that no value ever becomes code."""

from .lines import Quote, Shell, quotes

__all__ = ["Quote", "Shell", "quotes"]
