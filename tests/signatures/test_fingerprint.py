"""Keys in words: every word told apart, no two keys alike, the same words on every machine."""

from __future__ import annotations

from asmrmaster.signatures.fingerprint import WORDS, _words, fingerprint


def test_the_words_are_told_apart_by_four_letters() -> None:
    words = _words()
    assert len(words) == 2048
    assert len({word[:4] for word in words}) == 2048
    assert all(word.isascii() and word.isalpha() and word.islower() for word in words)


def test_a_key_has_the_same_eight_words_always() -> None:
    said = fingerprint(bytes(32))
    assert said == "grid duck problem valid cloth roof rate wealth"
    assert len(said.split()) == WORDS


def test_one_bit_of_the_key_gives_other_words() -> None:
    assert fingerprint(bytes(32)) != fingerprint(bytes(31) + b"\1")
