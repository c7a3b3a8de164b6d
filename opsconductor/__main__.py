"""`python -m opsconductor`."""

from opsconductor.cli import main

main()
