"""The resources of a portal, together.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from .calls import AsyncSend, AsyncStream, Send, Stream
from .resources.audit import AsyncAudit, Audit
from .resources.auth import AsyncAuth, Auth
from .resources.bundles import AsyncBundles, Bundles
from .resources.connection_tests import AsyncConnectionTests, ConnectionTests
from .resources.credentials import AsyncCredentials, Credentials
from .resources.folders import AsyncFolders, Folders
from .resources.grants import AsyncGrants, Grants
from .resources.groups import AsyncGroups, Groups
from .resources.health import AsyncHealth, Health
from .resources.inventory import AsyncInventory, Inventory
from .resources.jobs import AsyncJobs, Jobs
from .resources.profile import AsyncProfile, Profile
from .resources.roles import AsyncRoles, Roles
from .resources.second_factor import AsyncSecondFactor, SecondFactor
from .resources.sessions import AsyncSessions, Sessions
from .resources.settings import AsyncSettings, Settings
from .resources.targets import AsyncTargets, Targets
from .resources.templates import AsyncTemplates, Templates
from .resources.tokens import AsyncTokens, Tokens
from .resources.users import AsyncUsers, Users
from .watching import AsyncWatchedRuns, WatchedRuns


class Portal:
    """Everything that a portal offers."""

    def __init__(self, send: Send, stream: Stream) -> None:
        self.auth = Auth(send, stream)
        self.second_factor = SecondFactor(send, stream)
        self.sessions = Sessions(send, stream)
        self.profile = Profile(send, stream)
        self.targets = Targets(send, stream)
        self.inventory = Inventory(send, stream)
        self.connection_tests = ConnectionTests(send, stream)
        self.groups = Groups(send, stream)
        self.credentials = Credentials(send, stream)
        self.jobs = Jobs(send, stream)
        self.folders = Folders(send, stream)
        self.bundles = Bundles(send, stream)
        self.templates = Templates(send, stream)
        self.runs = WatchedRuns(send, stream)
        self.users = Users(send, stream)
        self.roles = Roles(send, stream)
        self.grants = Grants(send, stream)
        self.tokens = Tokens(send, stream)
        self.audit = Audit(send, stream)
        self.settings = Settings(send, stream)
        self.health = Health(send, stream)


class AsyncPortal:
    """Everything that a portal offers."""

    def __init__(self, send: AsyncSend, stream: AsyncStream) -> None:
        self.auth = AsyncAuth(send, stream)
        self.second_factor = AsyncSecondFactor(send, stream)
        self.sessions = AsyncSessions(send, stream)
        self.profile = AsyncProfile(send, stream)
        self.targets = AsyncTargets(send, stream)
        self.inventory = AsyncInventory(send, stream)
        self.connection_tests = AsyncConnectionTests(send, stream)
        self.groups = AsyncGroups(send, stream)
        self.credentials = AsyncCredentials(send, stream)
        self.jobs = AsyncJobs(send, stream)
        self.folders = AsyncFolders(send, stream)
        self.bundles = AsyncBundles(send, stream)
        self.templates = AsyncTemplates(send, stream)
        self.runs = AsyncWatchedRuns(send, stream)
        self.users = AsyncUsers(send, stream)
        self.roles = AsyncRoles(send, stream)
        self.grants = AsyncGrants(send, stream)
        self.tokens = AsyncTokens(send, stream)
        self.audit = AsyncAudit(send, stream)
        self.settings = AsyncSettings(send, stream)
        self.health = AsyncHealth(send, stream)
