"""`/healthz` and `/metrics`: for whoever operates the hub."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hub.web.context import web_of
from hub.web.pages.router import PageRouter

router = PageRouter()


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """200 while all is well, 503 otherwise; the body says what is not."""
    well, facts = web_of(request).health()
    return JSONResponse(facts, status_code=200 if well else 503, headers={"cache-control": "no-store"})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    return Response(
        await web_of(request).metrics(),
        headers={"content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store"},
    )
