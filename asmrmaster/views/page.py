"""Pages from templates: one file each, with everything in it and nothing asked of anyone.

Text is escaped wherever it comes from. What little script and style there is, is named by its hash
in the page's own content security policy, so that nothing else can run, load or be sent even if a
name were to break out of its place.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from asmrmaster.audio.times import clock, duration
from asmrmaster.presets.words import words
from asmrmaster.report.saved_page import in_element
from asmrmaster.report.sentences import minute
from asmrmaster.views import phrases

GENERATOR = '<meta name="generator" content="asmrmaster">'
"""In the head of every page that is made here."""
TOKENS = "tokens.css"
"""Colours in light, dark and print, of every page."""
TEMPLATES = Path(__file__).resolve().parent / "templates"


def _shown(value: object) -> object:
    """What a template prints: text without characters that would not be seen for what they are."""
    return phrases.visible(value) if type(value) is str else value  # marked-up text is ours


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["words"] = phrases
    environment.globals["speech"] = words()
    environment.globals["minute"] = minute
    environment.globals["generator"] = GENERATOR
    environment.filters["clock"] = clock
    environment.filters["duration"] = duration
    environment.filters["number"] = phrases.number
    return environment


class Page(str):
    """A page, and the content security policy it was made under."""

    policy: str = ""


@cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").strip()


def _policy(style: str, script: str, served: bool) -> str:
    """Content Security Policy Level 3: nothing but this style, this script and data in the page.

    A served page may also play sound from, ask and answer the server it came from.
    """
    own = "'self'" if served else "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}" if script else "script-src 'none'",
            "img-src data:",
            "media-src data: 'self'" if served else "media-src data:",
            f"connect-src {own}",
            "base-uri 'none'",
            f"form-action {own}",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"


def render(
    template: str,
    *,
    styles: tuple[str, ...],
    script: str | tuple[str, ...] = (),
    served: bool = False,
    placed: str = "",
    data: Sequence[tuple[str, str]] = (),
    **shown: object,
) -> Page:
    """The page of a template, with these style sheets and this script written into it.

    served: it comes from the local server and may talk to it, and to nobody else. placed: rules of
    style that hold for this page alone, such as where a mark stands. data: ids and JSON texts that
    travel inside.
    """
    style = "\n".join(
        [*(_asset(name) for name in (TOKENS, *styles)), *([placed] if placed else [])]
    )
    scripts = (script,) if isinstance(script, str) else script
    code = "\n".join(_asset(name) for name in scripts if name)
    policy = _policy(style, code, served)
    template_ = _environment().get_template(template)
    page = Page(
        template_.render(
            policy=policy,
            style=style,
            script=code,
            served=served,
            data=[(id_, in_element(text)) for id_, text in data],
            **shown,
        )
    )
    page.policy = policy
    return page
