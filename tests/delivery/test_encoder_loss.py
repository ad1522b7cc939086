"""What an encoder takes off is known before a render, from seconds of the sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from asmrmaster import engine
from asmrmaster.audio.source import Format
from asmrmaster.delivery.encoder_loss import MOST, SOFT_S, SampledSeconds, encoder_loss_db
from asmrmaster.streams.audio import Audio, Block
from tests.media import wav
from tests.signals import noise, pink, silence, sine

AAC = Format("M4A", "AAC", bitrate_bps=256_000, lossless=False)
RATE_HZ = 8000


def numbered(seconds: int) -> Audio:
    """Second k holds the number k + 1, in blocks of odd lengths."""

    def blocks() -> Iterator[Block]:
        values = np.repeat(np.arange(seconds, dtype=np.float64) + 1, RATE_HZ)[:, None]
        for start in range(0, len(values), 12_345):
            yield values[start : start + 12_345]

    return Audio(RATE_HZ, 1, seconds * RATE_HZ, blocks)


@pytest.mark.parametrize("seconds", [1, 100, 20_000])
def test_glimpses_are_few_spread_evenly_and_let_the_sound_pass(seconds: int) -> None:
    seen = SampledSeconds()
    audio = seen.of(numbered(seconds))
    for _ in range(2):  # a second pass starts anew
        passed = sum(len(block) for block in audio.open())
        assert passed == seconds * RATE_HZ
    kept = seen.joined(RATE_HZ, 0.5).to_array().reshape(-1, RATE_HZ)
    assert 1 <= len(kept) <= MOST
    middle, soft = kept[:, RATE_HZ // 2], round(SOFT_S * RATE_HZ)
    assert middle[0] == 0.5
    assert len(set(np.diff(middle))) <= 1
    assert middle[-1] >= seconds / 2 * 0.4
    assert np.all(kept[:, soft:-soft] == middle[:, None])
    assert np.all(kept[:, [0, -1]] < 0.1 * middle[:, None])
    assert not seen._kept


def test_the_loss_is_what_the_encoder_takes() -> None:
    hiss = Audio.from_array(noise(-30, 4.0), 48_000)  # much of it above what AAC keeps
    tone = Audio.from_array(sine(440, -30, 4.0), 48_000)
    assert 0.1 < encoder_loss_db(hiss, AAC) < 1.5
    assert abs(encoder_loss_db(tone, AAC)) < 0.02
    assert encoder_loss_db(Audio.from_array(silence(2.0), 48_000), AAC) == 0.0


def test_one_render_hits_the_target(tmp_path: Path) -> None:
    take = wav(tmp_path / "take.wav", pink(-34, 20.0) + noise(-45, 20.0))
    report = engine.master(take, tmp_path / "m.m4a")
    assert report.ride is not None
    assert report.ride.renders == 1
    assert report.after.values["integrated_lufs"] == pytest.approx(
        report.ride.target_lufs, abs=0.03
    )
