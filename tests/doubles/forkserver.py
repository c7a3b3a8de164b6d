"""`python -m tests.doubles.forkserver`: the fork server as it is, but for a connector that stays on this machine."""

import os
from pathlib import Path

from flows.worker import forkserver, warm
from tests.doubles.local_connector import LocalConnector

if __name__ == "__main__":
    forkserver.main(lambda: warm.warm_up(LocalConnector(Path(os.environ["TEST_HOSTS"]))))
