"""Small responses and small forms."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

FORM_BYTES = 20_000
"""A form without a file is no longer than this."""
FORM_S = 20.0
BYTES = "application/octet-stream"


def download(text: str, name: str) -> Response:
    return Response(
        text.encode(),
        media_type=BYTES,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def back(request: Request, folder: Path, place: str) -> Response:
    """To the report again, as it was asked for."""
    query = request.url.query
    tail = f"?{query}" if query else ""
    return RedirectResponse(f"/jobs/{folder.name}{tail}#{place}", status_code=303)


def plain_name(name: str) -> str:
    """A name for a download that every system takes: ASCII letters, digits, spaces, and ``-_.``"""
    plain = re.sub(r"[^A-Za-z0-9 ._-]+", "_", Path(name).name).strip(" ._")
    return plain[:80] or "sound"


async def form(request: Request) -> dict[str, list[str]]:
    """A small form. Raises HTTPException where it is not small, or does not come to its end."""
    body = b""
    try:
        async with asyncio.timeout(FORM_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > FORM_BYTES:
                    raise HTTPException(413, "The form is too long.")
    except (TimeoutError, ClientDisconnect):
        raise HTTPException(408, "The form did not come to its end.") from None
    return parse_qs(body.decode("utf-8", "replace"), max_num_fields=100)
