"""`/accounts`, `/tokens` and `/acts`: who may do what, and who did what. For administrators."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.accounts.office import LINK_LASTS, No
from hub.accounts.records import Account
from hub.accounts.register import ACTS_SHOWN
from hub.accounts.rights import SCOPES, Right, Role
from hub.day.hours import local
from hub.web import failures, forms
from hub.web import language as languages
from hub.web.context import web_of
from hub.web.gate import identify
from hub.web.pages.router import PageRouter
from hub.web.pages.sign_in import said

router = PageRouter(Right.ACCOUNTS)

DAYS_MAX = 3_650
ACT_DIGITS_MAX = 12


# --- accounts ----------------------------------------------------------------------------------------------------


@router.get("/accounts")
async def show_accounts(request: Request) -> Response:
    """Everybody who has an account."""
    return _accounts(request)


@router.post("/accounts")
async def add_account(request: Request) -> Response:
    """A colleague; the page shows once where she chooses her password."""
    web, form = web_of(request), await request.form()
    name, roles, sites = forms.text(form, "name"), _roles(form), _sites(request, form)
    added = await web.office.add_account(name, roles, sites, await _who(request))
    if isinstance(added, No):
        return _accounts(request, refused=said(request, added), name=name, roles=roles)
    return await _offer_link(request, added.name)


@router.get("/accounts/{name}")
async def show_one(request: Request, name: str) -> Response:
    """What an account may do."""
    return _one(request, _account(request, name))


@router.post("/accounts/{name}")
async def change_one(request: Request, name: str) -> Response:
    """Change it, let it out or in, or offer a link to a new password."""
    web, form, who = web_of(request), await request.form(), await _who(request)
    account = _account(request, name)
    match forms.text(form, "do"):
        case "save":
            roles = account.roles if account.subject else _roles(form)
            done = await web.office.change_account(name, who, roles=roles, sites=_sites(request, form))
        case "disable":
            done = await web.office.change_account(name, who, is_disabled=True)
        case "enable":
            done = await web.office.change_account(name, who, is_disabled=False)
        case "link":
            return await _offer_link(request, name)
        case _:
            raise HTTPException(400)
    if isinstance(done, No):
        return _one(request, account, refused=said(request, done))
    return RedirectResponse("/accounts", status_code=303)


async def _offer_link(request: Request, name: str) -> Response:
    web = web_of(request)
    token = await web.office.offer_link(name, await _who(request))
    account = _account(request, name)
    if isinstance(token, No):
        return _one(request, account, refused=said(request, token))
    url = f"{web.public_url or str(request.base_url).rstrip('/')}/welcome/{token}"
    return _one(request, account, link=url)


def _account(request: Request, name: str) -> Account:
    account = web_of(request).office.register.accounts.get(name)
    if account is None:
        raise HTTPException(404)
    return account


def _accounts(request: Request, *, refused: str = "", name: str = "", roles: Sequence[Role] = ()) -> Response:
    known = web_of(request).office.register.accounts.values()
    return _page(
        request,
        "accounts.html",
        422 if refused else 200,
        accounts=sorted(known, key=lambda it: (it.is_disabled, it.name)),
        refused=refused,
        name=name,
        chosen=roles,
    )


def _one(request: Request, account: Account, *, refused: str = "", link: str = "") -> Response:
    hours = int(LINK_LASTS / timedelta(hours=1))
    return _page(
        request, "one_account.html", 422 if refused else 200, account=account, refused=refused, link=link, hours=hours
    )


# --- tokens ------------------------------------------------------------------------------------------------------


@router.get("/tokens")
async def show_tokens(request: Request) -> Response:
    """The programs that may ask, and what."""
    return _tokens(request)


@router.post("/tokens")
async def add_token(request: Request) -> Response:
    """A program's token, shown this once."""
    web, form = web_of(request), await request.form()
    name, days = forms.text(form, "name").strip().lower(), forms.text(form, "days").strip()
    scopes = [scope for scope in SCOPES if scope.value in form.getlist("scope")]
    if days and not (days.isdecimal() and len(days) <= 4 and 0 < int(days) <= DAYS_MAX):
        raise HTTPException(400)
    expires_at = web.now() + timedelta(days=int(days)) if days else None
    token = await web.office.add_token(name, scopes, _sites(request, form), expires_at, await _who(request))
    if isinstance(token, No):
        return _tokens(request, refused=said(request, token), name=name)
    return _tokens(request, token=token, name=name)


@router.post("/tokens/{name}/revoke")
async def revoke_token(request: Request, name: str) -> Response:
    """It is good for nothing from now on."""
    await web_of(request).office.revoke_token(name, await _who(request))
    return RedirectResponse("/tokens", status_code=303)


def _tokens(request: Request, *, refused: str = "", token: str = "", name: str = "") -> Response:
    known = web_of(request).office.register.tokens.values()
    return _page(
        request,
        "tokens.html",
        422 if refused else 200,
        tokens=sorted(known, key=lambda it: it.name),
        scopes=SCOPES,
        refused=refused,
        token=token,
        name=name,
        now=web_of(request).now(),
    )


# --- acts --------------------------------------------------------------------------------------------------------


@router.get("/acts")
async def show_acts(request: Request) -> Response:
    """Who did what, the newest first."""
    web = web_of(request)
    before, who = request.query_params.get("before", ""), request.query_params.get("who", "")
    is_number = before.isdecimal() and len(before) <= ACT_DIGITS_MAX
    acts = await web.office.register.acts(int(before) if is_number else 0, who)
    names = {site.id: site.lobby.site.name for site in web.sites.values()}
    return _page(
        request,
        "acts.html",
        acts=[(_local(request, it.act.site, it.act.at), names.get(it.act.site, {}), it.act) for it in acts],
        who=who,
        more=acts[-1].id if len(acts) == ACTS_SHOWN else 0,
    )


# --- all of them -------------------------------------------------------------------------------------------------


async def _who(request: Request) -> str:
    identity = await identify(request)
    assert identity is not None, "nobody gets here without the right"
    return identity.who


def _local(request: Request, site: str, at: datetime) -> datetime:
    """In the lobby's own time; what belongs to none, in that of the first."""
    sites = web_of(request).sites
    return local((sites.get(site) or next(iter(sites.values()))).lobby, at)


def _roles(form: FormData) -> list[Role]:
    return [role for role in Role if role.value in form.getlist("role")]


def _sites(request: Request, form: FormData) -> list[str]:
    """The sites that were chosen; none for all of them."""
    known = list(web_of(request).sites)
    chosen = [site for site in known if site in form.getlist("site")]
    return [] if len(chosen) == len(known) else chosen


def _page(request: Request, template: str, status_code: int = 200, **values: Any) -> Response:
    web = web_of(request)
    offered = failures.offered_by(web)
    return web.drawing.page(
        request,
        template,
        languages.choose(request, offered),
        offered,
        status_code=status_code,
        roles=tuple(Role),
        sites=[(site.id, site.lobby.site.name) for site in web.sites.values()],
        local=lambda at: _local(request, "", at),
        **values,
    )
