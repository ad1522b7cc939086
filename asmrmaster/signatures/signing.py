"""What is signed of a report, signing it, and telling whether signatures hold.

Signed is the canonical JSON (RFC 8785) of everything a report states: hash of the file, values,
moments, curves, the profile's hash (which stands for all of it), declarations, edits, and what was
listened to and how it was judged. What follows from these is worked out whenever a report is read,
so only the verdict is signed beside them. Judgements that are added later break no signature: each
says how many it covers.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import rfc8785

from asmrmaster.errors import OutputError
from asmrmaster.report import Report
from asmrmaster.report.facts import Signature
from asmrmaster.signatures.keys import PrivateKey, PublicKey, known

SCHEMA = "asmrmaster.signed/1"
FOLLOWS = frozenset({"verdict", "findings", "notice", "signatures"})
"""Parts that are worked out anew, or are no part of what is signed."""
HEARD = ("review_points_confirmed", "moments_unwelcome")
"""Values that later judgements change; a signature holds them as they were."""

Standing = Literal["trusted", "not listed", "unknown", "broken"]


@dataclass(frozen=True)
class Checked:
    """A signature and what it is worth.

    standing: trusted, of one of the keys that were given; not listed, of none of them; unknown,
    where none were given; broken, where what it covers is not what was signed. key: its name is
    the one given for it where it is trusted, and else the one the signer wrote.
    """

    signature: Signature
    key: PublicKey
    standing: Standing
    later: int

    @property
    def words(self) -> str:
        """The same in a sentence without its full stop."""
        one, words = self.signature, self.key.words
        if self.standing == "broken":
            return f"the signature of {self.key.name!r} does not hold: what it covers was changed"
        who = {
            "trusted": f"signed by {self.key.name}, whose key you trust",
            "not listed": f"signed as {self.key.name!r} by a key you do not list ({words})",
            "unknown": f"signed as {self.key.name!r}; ask for these words: {words}",
        }[self.standing]
        later = (
            f", before {self.later} more {'judgement' if self.later == 1 else 'judgements'}"
            if self.later
            else ""
        )
        return f"{who}, on {one.on} as {one.verdict!r}{later}"


def sign(report: Report, key: PrivateKey, on: str) -> Signature:
    """A signature of everything ``report`` states. on: the day, ISO 8601.

    Raises OutputError where this key has signed the same already.
    """
    unsigned = Signature(
        name=key.public.name,
        key=key.public.key,
        on=on,
        judgements=len(report.judgements),
        heard=_heard(report),
        verdict=report.verdict,
        signature="",
    )
    for one in check_signatures(report, report.signatures):
        if one.key.key == key.public.key and one.standing != "broken" and not one.later:
            raise OutputError(
                f"{key.public.name} signed this on {one.signature.on}",
                hint="There is nothing more to sign",
            )
    made = key.sign(content(report, unsigned))
    return unsigned.model_copy(update={"signature": base64.b64encode(made).decode("ascii")})


def check_signatures(
    report: Report, signatures: Iterable[Signature], trusted: Sequence[PublicKey] = ()
) -> tuple[Checked, ...]:
    """What each signature is worth. trusted: keys whose owners are known."""
    return tuple(_check(report, one, trusted) for one in dict.fromkeys(signatures))


def _check(report: Report, one: Signature, trusted: Sequence[PublicKey]) -> Checked:
    listed = known(trusted, one.key)
    key = listed or PublicKey(one.key, one.name)
    later = len(report.judgements) - one.judgements
    same = later > 0 or (
        later == 0 and (one.heard, one.verdict) == (_heard(report), report.verdict)
    )
    try:
        made = base64.b64decode(one.signature, validate=True)
    except (binascii.Error, ValueError):
        made = b""
    if not same or not key.is_signed(made, content(report, one)):
        return Checked(one, key, "broken", 0)
    standing: Standing = "trusted" if listed else "not listed" if trusted else "unknown"
    return Checked(one, key, standing, later)


def content(report: Report, signature: Signature) -> bytes:
    """The bytes that are signed."""
    data: dict[str, Any] = report.without_places().model_dump(
        mode="json", exclude=set(FOLLOWS), exclude_defaults=True
    )
    data["judgements"] = data.get("judgements", [])[: signature.judgements]
    values = data["after"]["values"]
    data["after"]["values"] = {k: v for k, v in values.items() if k not in HEARD}
    profile = report.profile
    data["profile"] = {"id": profile.id, "version": profile.version, "sha256": profile.sha256}
    signer = signature.model_dump(mode="json", exclude={"signature"})
    return canonical({"schema": SCHEMA, "report": data, "signer": signer})


def canonical(data: Any) -> bytes:
    """Plain data as the one JSON text RFC 8785 gives it: the same on every machine."""
    return rfc8785.dumps(data)


def _heard(report: Report) -> tuple[float | None, float | None]:
    first, second = (report.after.values.get(name) for name in HEARD)
    return first, second
