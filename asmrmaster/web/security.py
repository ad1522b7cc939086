"""Who has access: the check every request must pass, and the headers of every response.

A page on this machine can be asked by any other page the same browser shows, and by any name that
is made to point at this machine. So the host asked for must be this one (no DNS rebinding), the
origin must be this page (no forged posts), and only a browser with a session is answered at all.
A session begins with the printed address, which is good for one browser, or with the password.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from secrets import token_urlsafe
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from asmrmaster.web.pages import message_page

ENTER = "/enter"
READING = {"GET", "HEAD"}
WRONG_PASSWORD_S = 1.0
"""Each address tries one password at a time, and a wrong one takes this long."""
MOST_SESSIONS = 1000

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For what is not a page; a page brings its own."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass
class Access:
    """Who is let in, and how.

    host, port: where the page listens. password: asked for instead of the token, empty on loopback.
    token: the secret of the printed address; it lets one browser in, and the next one is another.
    used: told when it was.
    """

    host: str
    port: int
    password: str = ""
    token: str = field(default_factory=token_urlsafe)
    used: Callable[[], None] = lambda: None
    _sessions: dict[str, None] = field(default_factory=dict)
    _trying: OrderedDict[str, asyncio.Lock] = field(default_factory=OrderedDict)

    @property
    def cookie(self) -> str:
        """Name of the cookie; browsers keep cookies by host and not by port."""
        return f"asmrmaster-{self.port}"

    @property
    def address(self) -> str:
        """What is printed at the start."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        secret = "" if self.password else f"?token={self.token}"
        return f"http://{host}:{self.port}/{secret}"

    def is_for_this_page(self, host: str) -> bool:
        """Whether a Host header names this page. Beyond loopback, addresses written as numbers are
        taken too: a name can be made to point here, a number cannot."""
        name, colon, port = host.rpartition(":")
        if not colon or port != str(self.port):
            return self.port == 80 and self._is_own(host)
        return self._is_own(name)

    def _is_own(self, name: str) -> bool:
        name = name.lower().removeprefix("[").removesuffix("]")
        if is_loopback(self.host):
            return name in ("localhost", "127.0.0.1", "::1", self.host)
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in ("localhost", self.host)
        return True

    def holds_session(self, cookies: str) -> bool:
        """Whether a Cookie header holds a session."""
        try:
            found = SimpleCookie(cookies).get(self.cookie)
        except CookieError:
            return False
        return found is not None and any(_same(found.value, one) for one in self._sessions)

    def accepts_token(self, token: str) -> bool:
        """Whether this token, from the address, gives access; it does so once."""
        if self.password or not _same(token, self.token):
            return False
        self.token = token_urlsafe()
        self.used()
        return True

    async def accepts_password(self, password: str, address: str) -> bool:
        """Whether this is the password; a wrong one takes a while, of who tries and of no other.

        address: where it was typed.
        """
        async with self._tries(_neighbourhood(address)):
            if self.password and _same(password, self.password):
                return True
            await asyncio.sleep(WRONG_PASSWORD_S)
            return False

    def _tries(self, address: str) -> asyncio.Lock:
        lock = self._trying.setdefault(address, asyncio.Lock())
        self._trying.move_to_end(address)
        for old in [name for name, one in self._trying.items() if not one.locked()]:
            if len(self._trying) <= MOST_SESSIONS or old == address:
                break
            del self._trying[old]
        return lock

    def new_session(self) -> str:
        """The secret of one browser; the oldest end where there are too many."""
        session = token_urlsafe()
        self._sessions[session] = None
        if len(self._sessions) > MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return session

    def log_in(self) -> Response:
        """To the first page, with a session in a cookie no script reads and no other site sends."""
        response = RedirectResponse("/", status_code=303)
        session = self.new_session()
        response.set_cookie(self.cookie, session, httponly=True, samesite="strict", path="/")
        return response


def _neighbourhood(address: str) -> str:
    """An address; of IPv6 its /64, which is one household (RFC 6177)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False))


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


class AccessMiddleware:
    """Passes on to ``app`` only requests that may be answered."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", POLICY)
                if message["status"] >= 400 and scope["method"] not in READING:
                    headers["Connection"] = "close"  # the rest of a body is not waited for
            await send(message)

        answer = self._refusal(scope) or self._login(scope)
        await (answer or self._app)(scope, receive, sealed)

    def _refusal(self, scope: Scope) -> Response | None:
        """A refusal of requests from elsewhere, or for another host; None for others."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._access.is_for_this_page(hosts[0]):
            return message_page("This is not the address of this page.", status=421)
        origins = headers.getlist("origin")
        foreign = any(origin != f"http://{hosts[0]}" for origin in origins)
        if foreign or (scope["method"] not in READING and len(origins) != 1):
            return message_page("This was asked from another page, and not done.", status=403)
        return None

    def _login(self, scope: Scope) -> Response | None:
        """The response to a request without a session; None where it has one."""
        if self._access.holds_session(Headers(scope=scope).get("cookie", "")):
            return None
        if self._access.password:
            if scope["path"] == ENTER:
                return None
            return RedirectResponse(ENTER, status_code=303)
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["path"] == "/" and self._access.accepts_token("".join(query.get("token", []))):
            return self._access.log_in()
        return message_page(
            "Open this page with the whole address that asmrmaster printed last. It ends in a "
            "token that lets one browser in; then it prints another one.",
            status=401,
        )
