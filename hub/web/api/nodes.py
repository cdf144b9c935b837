"""Nodes and their certificates: enrol, renew, revoke, list.

A node proves by itself who it is, so its two requests need no token. The commands on the hub's own computer have one.
A hub whose broker knows nodes by password answers 404 to all of them.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.accounts.rights import Identity, Right
from hub.day.refusal import Code
from hub.errors import Unwritten
from hub.identity.views import VALID_S, VALID_S_MAX, Enrolment, NodeIdentity, NotGranted, Registrar, Revocation, Why
from hub.web.api.declared import answers, problems, routes
from hub.web.api.shapes import ID_CHARACTERS_MAX, STRICT, answer
from hub.web.context import web_of
from hub.web.gate import PUBLIC, admit, hold_back
from hub.web.limits import Kind
from hub.web.problems import problem, respond
from wire.enrolment import PEM_CHARS_MAX, Grant, Renewal, Wish

public = routes("nodes", "", PUBLIC)
router = routes("nodes", "/nodes", Right.NODES)

HEX_CHARACTERS_MAX = 512
ANY_SITE = ""
"""Of which site a node is, is not known before its proof is."""

STATUSES = {
    Why.UNKNOWN_NODE: 404,
    Why.NO_CODE: 403,
    Why.WRONG_CODE: 403,
    Why.CODE_USED: 409,
    Why.NO_CERTIFICATE: 403,
    Why.BAD_REQUEST: 422,
}


class NewEnrolment(BaseModel):
    """A node asks for its first certificate. How the proofs are made: wire/enrolment.py."""

    model_config = STRICT

    node: str = Field(max_length=ID_CHARACTERS_MAX, examples=["desk-1"])
    request: str = Field(max_length=PEM_CHARS_MAX, description="A certificate request (PKCS #10) in PEM.")
    proof: str = Field(max_length=HEX_CHARACTERS_MAX, description="That the node knows its code; hexadecimal.")


class NewRenewal(BaseModel):
    """A node asks for its next certificate."""

    model_config = STRICT

    certificate: str = Field(max_length=PEM_CHARS_MAX, description="The one that it has, in PEM.")
    request: str = Field(max_length=PEM_CHARS_MAX, description="A certificate request (PKCS #10) in PEM, of a new key.")
    signature: str = Field(max_length=HEX_CHARACTERS_MAX, description="By the key of the certificate; hexadecimal.")


NO_AUTHORITY = problems(_404="This hub is no authority.", _503="Nothing could be saved, and nothing happened.")
GRANTED = (
    answers(Grant, "The certificate, and the authority's.", 201)
    | NO_AUTHORITY
    | problems(_429="Too many at once from there; `Retry-After` says when to ask again.")
)


@public.post(
    "/enrolments",
    status_code=201,
    responses=GRANTED | problems(_403="Not with this code.", _409="The code was used already."),
)
async def enrol_node(request: Request, wish: NewEnrolment) -> Response:
    """The first certificate of a node that was given a code. The same key again gets the same certificate."""
    await hold_back(request, Kind.ENROL, ANY_SITE)
    asked = Wish(node=wish.node, request=wish.request, proof=wish.proof)
    return await _answer(request, lambda registrar: registrar.enrol(asked), 201)


@public.post("/renewals", status_code=201, responses=GRANTED | problems(_403="The certificate counts no longer."))
async def renew_certificate(request: Request, wish: NewRenewal) -> Response:
    """The next certificate of a node that has one."""
    await hold_back(request, Kind.ENROL, ANY_SITE)
    asked = Renewal(certificate=wish.certificate, request=wish.request, signature=wish.signature)
    return await _answer(request, lambda registrar: registrar.renew(asked), 201)


@router.get("", responses=answers(NodeIdentity, "By site.", many=True) | NO_AUTHORITY)
async def list_nodes(request: Request) -> Response:
    """The nodes of all sites at which who asks may enrol, and which certificates they have."""
    identity = await admit(request, Right.NODES)
    return await _answer(request, partial(_nodes_of, identity))


@router.post(
    "/{node}/enrolment",
    status_code=201,
    responses=answers(Enrolment, "The code, shown here and nowhere else.", 201) | NO_AUTHORITY,
)
async def invite_node(
    request: Request,
    node: str,
    valid_s: Annotated[int, Query(ge=1, le=VALID_S_MAX, description="For how long the code is good.")] = VALID_S,
) -> Response:
    """Make a code with which a node may enrol; an older one is void."""
    identity = await admit(request, Right.NODES)

    async def invite(registrar: Registrar) -> Enrolment:
        await _check_site(registrar, identity, node)
        return await registrar.invite(node, valid_s, who=identity.who)

    return await _answer(request, invite, 201)


@router.post("/{node}/revocation", responses=answers(Revocation, "What was seen at the broker.") | NO_AUTHORITY)
async def revoke_node(request: Request, node: str) -> Response:
    """Throw a node out, its open connection included. Asked again, it is tried again."""
    identity = await admit(request, Right.NODES)

    async def revoke(registrar: Registrar) -> Revocation:
        await _check_site(registrar, identity, node)
        return await registrar.revoke(node, who=identity.who)

    return await _answer(request, revoke)


async def _nodes_of(identity: Identity, registrar: Registrar) -> list[NodeIdentity]:
    """Those at the sites of `identity`. One that no lobby has any more is of no site."""
    return [it for it in await registrar.nodes() if not identity.sites or it.site in identity.sites]


async def _check_site(registrar: Registrar, identity: Identity, node: str) -> None:
    """
    Raises:
        HTTPException: 403, `node` is not at one of the sites of `identity`.
    """
    if identity.sites and all(it.node != node for it in await _nodes_of(identity, registrar)):
        raise HTTPException(403)


async def _answer(request: Request, work: Callable[[Registrar], Awaitable[object]], status: int = 200) -> Response:
    """What the registrar says.

    Raises:
        HTTPException: 404, there is none.
    """
    registrar = web_of(request).registrar
    if registrar is None:
        raise HTTPException(404)
    try:
        return answer(await work(registrar), status)
    except NotGranted as no:
        return respond(STATUSES[no.why], no.why, str(no))
    except Unwritten:
        return problem(request, 503, Code.UNAVAILABLE)
