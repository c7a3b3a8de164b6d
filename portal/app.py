"""The portal: everything put together."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from flows.tracing import NO_TRACING, Tracing
from steplib.loader import load

from . import denials
from .api_tokens.endpoints import router as api_tokens
from .audit.endpoints import router as audit
from .authz.guard import refuse_unguarded_routes
from .bindings.endpoints import router as bindings
from .bundles.endpoints import router as bundles
from .configuration.endpoints import router as configuration
from .configuration.reading import sources_of
from .connections.endpoints import router as connections
from .credentials.endpoints import router as credentials
from .edge.rates import AddressRates, RequestRates
from .edge.request_log import RequestLog
from .edge.request_spans import RequestSpans, telemetry
from .edge.timeouts import BodyTimeouts
from .edge.unexpected import UnexpectedErrors
from .events.endpoints import router as events
from .folders.endpoints import router as folders
from .gateway import Gateway
from .grants.endpoints import router as grants
from .groups.endpoints import router as groups
from .handover.endpoints import router as handover
from .health.endpoints import router as health
from .health.metrics import Metrics, RequestMetrics
from .identity.browser_endpoints import router as browser
from .identity.endpoints import router as identity
from .identity.notices import IDENTITY_CHANNEL
from .identity.tokens import TokenKeys
from .identity.use import SessionUse
from .inventory.endpoints import router as inventory
from .jobs.endpoints import router as jobs
from .kit.database import create_engine, create_sessions, pool_of
from .kit.headers import SecurityHeaders
from .kit.listener import Listener
from .kit.openapi import add_description
from .kit.openapi import router as openapi
from .kit.problems import add_problem_rendering
from .kit.wakeup import UPKEEP_CHANNEL
from .matrix.endpoints import router as matrix
from .matrix.live import open_feeds
from .monitoring.endpoints import router as monitoring
from .outputs.endpoints import router as outputs
from .prefect_ui.endpoints import router as prefect_ui
from .prefect_ui.proxy import PrefectProxy
from .reference.endpoints import router as reference
from .roles.endpoints import router as roles
from .runs.endpoints import router as runs
from .runs.endpoints import target_router as target_runs
from .runs.repository import EVENTS_CHANNEL
from .second_factor.endpoints import router as second_factor
from .settings import Settings
from .sso.endpoints import router as sso
from .sso.provider import Provider
from .targets.endpoints import router as targets
from .templates.endpoints import router as templates
from .timeline.endpoints import router as timeline
from .upkeep import upkeep
from .users.endpoints import router as users
from .users.profile_endpoints import router as profile

API = "/api/v1"


def create_app(
    settings: Settings, open_gateway: Callable[[Settings], Gateway], tracing: Tracing = NO_TRACING
) -> FastAPI:
    """The app, not yet started.

    Args:
        settings: What it is told from outside.
        open_gateway: Makes the way to Prefect.
        tracing: Where its spans go.

    Raises:
        UnguardedRouteError: A route says nothing about who may use it.
    """
    app = FastAPI(
        title="OpsConductor",
        version="1",
        lifespan=_lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=telemetry(tracing),
    )
    app.state.settings = settings
    app.state.setting_sources = sources_of(settings)
    app.state.token_keys = TokenKeys.load(settings.token_keys_file, settings.access_token_seconds)
    app.state.session_use = SessionUse(timedelta(seconds=settings.session_idle_seconds))
    app.state.sso_provider = Provider(settings.sso) if settings.sso else None
    app.state.rates = RequestRates(settings.requests_per_minute_per_address, settings.requests_per_minute_per_user)
    app.state.gateway = open_gateway(settings)
    app.state.prefect_proxy = PrefectProxy(app.state.gateway)
    app.state.actions = load()
    app.state.tracing = tracing
    app.state.engine = create_engine(
        settings.database_url, pool_size=settings.pool_size, statement_seconds=settings.statement_seconds
    )
    app.state.metrics = Metrics(pool_of(app.state.engine))
    app.state.sessions = create_sessions(app.state.engine)
    app.state.listener = Listener(settings.database_url, (EVENTS_CHANNEL, UPKEEP_CHANNEL, IDENTITY_CHANNEL))
    app.state.feeds = open_feeds(app.state.sessions, app.state.listener)
    _add_routes(app)
    add_description(app)
    add_problem_rendering(app)
    denials.add_denial_rendering(app)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=settings.max_body_bytes)
    app.add_middleware(BodyTimeouts, seconds=settings.body_seconds)
    app.add_middleware(AddressRates, rates=app.state.rates)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestMetrics, metrics=app.state.metrics)
    app.add_middleware(RequestLog)
    if tracing.provider is not None:
        app.add_middleware(RequestSpans)
    app.add_middleware(CorrelationIdMiddleware)
    refuse_unguarded_routes(app)
    return app


def _add_routes(app: FastAPI) -> None:
    # Each room hangs on the app itself: FastAPI looks for a route once a level, and then again in the level below.
    for router in (
        identity,
        second_factor,
        sso,
        browser,
        users,
        roles,
        grants,
        profile,
        api_tokens,
        credentials,
        bindings,
        targets,
        jobs,
        runs,
        matrix,
        events,
        audit,
        groups,
        target_runs,
        outputs,
        timeline,
        folders,
        templates,
        bundles,
        openapi,
        connections,
        inventory,
        monitoring,
        configuration,
    ):
        app.include_router(router, prefix=API)
    for router in (health, reference, handover, prefect_ui):
        app.include_router(router)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    try:
        async with upkeep(
            app.state.sessions,
            app.state.gateway,
            app.state.listener,
            app.state.session_use,
            app.state.actions,
            stock_worker=app.state.settings.stock_worker,
        ):
            yield
    finally:
        await app.state.prefect_proxy.close()
        await app.state.gateway.close()
        await app.state.engine.dispose()
        await app.state.tracing.close()
