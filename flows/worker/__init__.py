"""The warm worker. This module is the entry point that every Prefect command imports: it stays light.

The worker type is registered as soon as Prefect's workers are in use, and not before: `prefect.workers`
costs each command 0.2 s.
"""

import sys

if "prefect.workers.base" in sys.modules:
    from .worker import OpsConductorWorker as OpsConductorWorker
