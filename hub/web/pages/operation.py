"""`/healthz` and `/metrics`: for whoever operates the hub."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hub.accounts.rights import Right
from hub.web.context import web_of
from hub.web.gate import PUBLIC, identify
from hub.web.pages.router import PageRouter

router = PageRouter(PUBLIC)

FOR_EVERYBODY = ("status", "role")
"""What a load balancer needs to know, and nothing that helps anybody else."""


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """200 while all is well, 503 otherwise; for those who may know it, the body says what is not."""
    well, facts = web_of(request).health()
    identity = await identify(request)
    if identity is None or not identity.may(Right.HEALTH):
        facts = {name: facts[name] for name in FOR_EVERYBODY if name in facts}
    return JSONResponse(facts, status_code=200 if well else 503, headers={"cache-control": "no-store"})


@router.get("/metrics", needs=Right.HEALTH)
async def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    return Response(
        await web_of(request).metrics(),
        headers={"content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store"},
    )
