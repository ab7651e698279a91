"""What the server counts, as Prometheus reads it: no text, no name and no key is among it."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search.embedders.base import Embedder
from search.types import Vector, Vectors
from ui.jobs import Jobs

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
"""Stands for the page's own wires and for what is no route: addresses are endless, and may hold anything."""


class Metrics:
    """The counts of one server, in a registry of their own."""

    def __init__(self, jobs: Jobs) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("nearhood_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "nearhood_request_seconds",
            "Seconds until a request was answered whole.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.inside = Gauge("nearhood_requests_in_progress", "Requests being answered.", registry=self.registry)
        self.texts = Counter("nearhood_embedded_texts", "Texts embedded.", registry=self.registry)
        self.tokens = Counter("nearhood_embedded_tokens", "Tokens embedded.", registry=self.registry)
        self.registry.register(_Work(jobs))

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = method if method in METHODS else OTHER
        self.requests.labels(known, route, status).inc()
        self.seconds.labels(known, route).observe(seconds)

    def embedded(self, texts: int, tokens: int) -> None:
        """Count what was embedded."""
        self.texts.inc(texts)
        self.tokens.inc(tokens)


class Measured:
    """Middleware that counts requests by the route that answered, never by the address."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._metrics.inside.track_inprogress():
            try:
                await self._app(scope, receive, noted)
            finally:
                seconds = time.perf_counter() - started
                self._metrics.answered(scope["method"], _route(scope), status, seconds)


@dataclass(frozen=True, slots=True)
class Counted:
    """An embedder that tells how much it embeds."""

    inner: Embedder
    heard: Callable[[int, int], None]

    @property
    def id(self) -> str:
        """As the inner one's."""
        return self.inner.id

    @property
    def dimension(self) -> int:
        """As the inner one's."""
        return self.inner.dimension

    @property
    def max_tokens(self) -> int:
        """As the inner one's."""
        return self.inner.max_tokens

    def count_tokens(self, text: str) -> int:
        """Return the tokens of a text."""
        return self.inner.count_tokens(text)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, and count them."""
        rows = self.inner.embed_documents(texts)
        self._count(texts)
        return rows

    def embed_query(self, text: str) -> Vector:
        """Return a unit vector, and count it."""
        vector = self.inner.embed_query(text)
        self._count([text])
        return vector

    def _count(self, texts: Sequence[str]) -> None:
        self.heard(len(texts), sum(min(self.inner.count_tokens(text), self.inner.max_tokens) for text in texts))


class _Work(Collector):
    """Jobs by their status, as they are when somebody asks."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def collect(self) -> Iterable[Any]:
        found = GaugeMetricFamily("nearhood_jobs", "Jobs by status.", labels=("status",))
        for status, count in self._jobs.counts().items():
            found.add_metric([status], count)
        yield found


def _route(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", "")
    return path if path.startswith(("/api/", "/v1/", "/health", "/ready", "/metrics", "/openapi.json")) else OTHER
