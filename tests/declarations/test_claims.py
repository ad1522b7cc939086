"""Claims about health: each rule finds its example and leaves its counter-example alone."""

from __future__ import annotations

import pytest

from asmrmaster.declarations.claims import RULES, Rule, find_claims


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_hits_and_misses(rule: Rule) -> None:
    assert rule.name in {claim.rule for claim in find_claims(rule.hit)}
    assert rule.name in {claim.rule for claim in find_claims(rule.hit.upper())}
    assert find_claims(rule.miss) == ()


def test_rules_have_names_of_their_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Soft whispering and slow tapping to fall asleep to",
        "Cosy library role-play (rain, pages, pencil) | no talking",
        "This is not medical advice and no guarantee of anything.",
        "A doctor role-play: cranial nerve exam",
        "Relaxing sounds. Let me know if it helped you to calm down!",
        "Curious, curated and secured",
    ],
)
def test_ordinary_descriptions_pass(text: str) -> None:
    assert find_claims(text) == ()


def test_every_place_is_told() -> None:
    text = "Cures insomnia.\nClinically proven: cures tinnitus, reduces anxiety."
    found = [(claim.rule, claim.text.lower()) for claim in find_claims(text)]
    assert found == [
        ("cure", "cures"),
        ("cure", "cures"),
        ("relieve", "reduces anxiety"),
        ("proof", "clinically proven"),
    ]


def test_a_claim_does_not_reach_across_sentences() -> None:
    assert find_claims("A treat for you. Made in times of stress") == ()


def test_long_text_takes_no_time() -> None:
    for unit in ("treats ", "anxiety ", "approved by ", "no guarantee "):
        assert find_claims(unit * 4000) == (), "half a claim, however often, is none"
