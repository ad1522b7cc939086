"""Signatures: they hold for what was signed, for nothing else, and stand side by side."""

from __future__ import annotations

import json
import random
import struct
from typing import Any

import pytest

from asmrmaster.errors import OutputError, ReportError
from asmrmaster.presets import Profile, load
from asmrmaster.report import Declared, Judgement, Report, rescore, with_judgements
from asmrmaster.signatures import PrivateKey, check_signatures, new_key, sign
from asmrmaster.signatures.signing import HEARD, canonical
from tests.judged import GENERAL
from tests.report.test_verification import _alter, stated


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> PrivateKey:
    return new_key("Anna Weber", tmp_path_factory.mktemp("anna") / "key")


@pytest.fixture(scope="module")
def bela(tmp_path_factory: pytest.TempPathFactory) -> PrivateKey:
    return new_key("Béla Kun", tmp_path_factory.mktemp("bela") / "key")


def signed(report: Report, *keys: PrivateKey) -> Report:
    for key in keys:
        made = sign(report, key, "2026-11-30")
        report = report.model_copy(update={"signatures": (*report.signatures, made)})
    return report


def standings(report: Report, *trusted: PrivateKey) -> list[str]:
    keys = [key.public for key in trusted]
    return [one.standing for one in check_signatures(report, report.signatures, keys)]


def saved(report: Report) -> Report:
    return Report.from_json(report.to_json())


def test_a_signature_holds_after_saving_and_names_who_it_is(anna: PrivateKey) -> None:
    report = saved(signed(stated(), anna))
    (one,) = check_signatures(report, report.signatures)
    assert one.standing == "unknown"
    assert anna.public.words in one.words
    (one,) = check_signatures(report, report.signatures, [anna.public])
    assert one.words == (
        "signed by Anna Weber, whose key you trust, on 2026-11-30 as 'does not meet'"
    )


def test_signers_stand_side_by_side(anna: PrivateKey, bela: PrivateKey) -> None:
    report = saved(signed(stated(), anna, bela))
    assert standings(report, anna, bela) == ["trusted", "trusted"]
    assert standings(report, bela) == ["not listed", "trusted"]
    with pytest.raises(OutputError, match="Anna Weber signed this"):
        sign(report, anna, "2026-12-01")


def test_a_name_is_that_of_the_key_that_is_trusted(anna: PrivateKey, bela: PrivateKey) -> None:
    """Whoever signs as somebody else is known by the key."""
    report = signed(stated(), bela)
    (one,) = report.signatures
    forged = one.model_copy(update={"name": "Anna Weber"})
    report = report.model_copy(update={"signatures": (forged,)})
    assert standings(report, anna, bela) == ["broken"]


@pytest.mark.parametrize(
    "change",
    [
        {"declared": Declared(title="Rain", tags=())},
        {"notes": ("heard twice",)},
        {"judgements": (Judgement(who="C", when="2026-11-30", at_s=1, answer="welcome"),)},
        {"at_source": ("closer",)},
    ],
)
def test_what_is_changed_after_signing_breaks_it(change: Any, anna: PrivateKey) -> None:
    judgements = (Judgement(who="A", when="2026-11-29", at_s=32.0, answer="unsure"),)
    report = signed(with_judgements(stated(), judgements, GENERAL), anna)
    assert standings(report) == ["unknown"]
    assert standings(report.model_copy(update=change)) == ["broken"]


def test_values_and_hash_are_signed(anna: PrivateKey) -> None:
    report = signed(stated(), anna)
    for name in ("integrated_lufs", *HEARD):
        values = {**report.after.values, name: 1.0}
        after = report.after.model_copy(update={"values": values})
        assert standings(report.model_copy(update={"after": after})) == ["broken"], name
    other = report.input.model_copy(update={"sha256": "1" * 64})
    assert standings(report.model_copy(update={"input": other})) == ["broken"]


def test_where_a_file_lies_is_not_signed(anna: PrivateKey) -> None:
    report = stated()
    moved = report.input.model_copy(update={"path": "/somewhere/else/a.wav"})
    report = signed(report, anna).model_copy(update={"input": moved})
    assert standings(report) == standings(report.without_places()) == ["unknown"]


def test_later_judgements_break_nothing_and_are_told(anna: PrivateKey, bela: PrivateKey) -> None:
    first = Judgement(who="A", when="2026-11-30", at_s=32.0, answer="welcome")
    second = Judgement(who="B", when="2026-12-01", at_s=32.0, answer="unwelcome")
    report = signed(with_judgements(stated(), [first], GENERAL), anna)
    report = signed(with_judgements(report, [second], GENERAL), bela)
    report = saved(report)
    assert standings(report, anna, bela) == ["trusted", "trusted"]
    told = [one.words for one in check_signatures(report, report.signatures)]
    assert told[0].endswith("before 1 more judgement")
    assert "more" not in told[1]
    swapped = report.model_copy(update={"judgements": report.judgements[::-1]})
    assert standings(swapped) == ["broken", "broken"]


def test_a_report_judged_by_other_limits_is_signed_by_nobody(anna: PrivateKey) -> None:
    assert rescore(signed(stated(), anna), load(Profile, "sleep")).signatures == ()


def test_no_altered_report_keeps_its_signature(anna: PrivateKey) -> None:
    report, rng = signed(stated(), anna), random.Random(3)
    held = 0
    for _ in range(200):
        data = json.loads(report.to_json())
        where = _alter(data, rng)
        try:
            again = Report.from_dict(data)
        except (ReportError, ValueError):
            continue
        if standings(again) == ["unknown"]:
            held += 1
            assert saved(again) == saved(report) or where.endswith("path"), where
    assert held < 100


# RFC 8785, section 3.2.2 and 3.2.3, and figures of its appendix B.
def test_canonical_json_is_that_of_the_rfc() -> None:
    data = json.loads(
        '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/",'
        '"literals":[null,true,false]}'
    )
    assert canonical(data).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_canonical_keys_are_in_the_order_of_utf_16() -> None:
    keys = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    found = canonical(keys).decode()
    order = [int(part.rstrip("}")[-1]) for part in found.split(",")]
    assert order == [2, 4, 6, 7, 1, 5, 3]


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555556", "333333333.3333334"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_canonical_numbers_are_those_of_appendix_b(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(value).decode() == text


def test_a_whole_number_is_the_same_with_and_without_a_point() -> None:
    assert canonical({"a": 5.0}) == canonical({"a": 5})
