"""Claims about health in a title or description: what a recording must not promise.

A short list of English phrases, each with a sentence it must find and one it must leave alone. It
finds careless labels, not clever ones; a text without findings is not thereby honest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


def _any(*words: str) -> str:
    return rf"\b(?:{'|'.join(words)})\b"


def _near(reach: int) -> str:
    """So many characters at most, within a sentence."""
    return rf"[^.!?\n]{{0,{reach}}}"


_CONDITION = _any(
    "anxiety", "depression", "insomnia", "ptsd", "trauma", "adhd", "autism", "tinnitus",
    "migraines?", "headaches?", "pain", "panic", "stress", "ocd", "epilepsy", "dementia",
    "misophonia", "seizures?", "sleep disorders?",
)  # fmt: skip
_PEOPLE = _any(
    "doctors?", "physicians?", "therapists?", "psychologists?", "psychiatrists?", "clinicians?",
    "nurses?", "hospitals?", "fda", "nhs",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """pattern: a regular expression, whatever the case. hit, miss: sentences it must and must not
    find something in."""

    name: str
    pattern: str
    hit: str
    miss: str


RULES: tuple[Rule, ...] = (
    Rule(
        "cure",
        _any("cures?", "cured", "curing"),
        "Cures insomnia in ten minutes",
        "A secure, cosy room",
    ),
    Rule(
        "heal",
        _any("heals?", "healed", "healing"),
        "Healing sounds to fall asleep to",
        "A healthy breakfast",
    ),
    Rule(
        "treat",
        _any("treats?", "treated", "treating", "treatments?") + _near(40) + _CONDITION,
        "Treats mild anxiety overnight",
        "A treat for your ears",
    ),
    Rule(
        "relieve",
        _any("relieves?", "reduces?", "stops?", "ends?", "eliminates?", "prevents?", "fix(?:es)?")
        + _near(30)
        + _CONDITION,
        "Reduces stress overnight",
        "The tapping reduces in pace and then stops",
    ),
    Rule(
        "remedy",
        _CONDITION + _near(12) + _any("relief", "remedy", "treatment", "therapy"),
        "Anxiety relief with soft brushing",
        "Stress test of my new microphone",
    ),
    Rule(
        "therapy",
        _any("therapy", "therapies", "therapeutic"),
        "Sound therapy for the night",
        "Aromatherapist role-play with oils",
    ),
    Rule(
        "proof",
        _any("clinically", "medically", "scientifically")
        + "[ -]"
        + _any("proven", "tested", "approved", "validated", "backed"),
        "Clinically proven to calm",
        "A scientifically curious chat",
    ),
    Rule(
        "approval",
        _PEOPLE + "[ -]" + _any("approved", "recommended"),
        "Therapist-approved whispering",
        "Approved by my cat",
    ),
    Rule(
        "approval by",
        _any("approved", "recommended") + " by " + _near(12) + _PEOPLE,
        "Recommended by leading doctors",
        "Recommended by nobody but my cat",
    ),
    Rule(
        "safety",
        _CONDITION + r"[ -]safe\b|\bsafe for (?:people|anyone|those) with\b",
        "Trauma-safe tapping",
        "Tour of a safe with an old lock",
    ),
    Rule(
        "guarantee",
        r"(?<!\bno )\bguarantee[sd]?\b",
        "Guaranteed sleep in five minutes",
        "No guarantee that you will tingle",
    ),
    Rule(
        "medicine",
        _any("instead of", "better than", "replaces?")
        + _near(20)
        + _any("medication", "medicine", "pills?", "drugs", "therapy"),
        "Better than any sleeping pill",
        "Better than my last video",
    ),
)
"""What is looked for."""


@dataclass(frozen=True)
class Claim:
    """One finding: which rule, and the words it found."""

    rule: str
    text: str


def find_claims(text: str) -> tuple[Claim, ...]:
    """Every claim in a text, by rule and in order of place."""
    return tuple(
        Claim(rule.name, match.group())
        for rule in RULES
        for match in re.finditer(rule.pattern, text, re.IGNORECASE)
    )
