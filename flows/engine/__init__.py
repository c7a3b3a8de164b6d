"""The engine: walks a job's graph over its targets."""

from .chunks import ChunkReport, TaskRunner, direct
from .execution import conclude, execute
from .line import Lines
from .wind_up import Conclusion

__all__ = ["ChunkReport", "Conclusion", "Lines", "TaskRunner", "conclude", "direct", "execute"]
