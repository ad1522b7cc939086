"""Soft clicks in a take as labels: to listen to, to delete the wanted ones, to repair the rest."""

from __future__ import annotations

from collections.abc import Iterable

from asmrmaster.stages.mouth_declick import WIDEST_S, MouthClick
from asmrmaster.views.markers import Mark


def mouth_marks(clicks: Iterable[MouthClick]) -> list[Mark]:
    """A mark for each place; what several channels have at the same time is one."""
    places: list[list[MouthClick]] = []
    for click in sorted(clicks, key=lambda one: one.start_s):
        last = places[-1] if places else []
        whole_s = click.end_s - last[0].start_s if last else 0.0
        if last and click.start_s <= max(one.end_s for one in last) and whole_s <= WIDEST_S:
            last.append(click)
        else:
            places.append([click])
    return [_mark(place) for place in places]


def _mark(place: list[MouthClick]) -> Mark:
    channels = sorted({click.channel + 1 for click in place})
    where = f"channel{'s' if len(channels) > 1 else ''} {' and '.join(map(str, channels))}"
    size_db = max(click.size_db for click in place)
    end_s = max(click.end_s for click in place)
    return Mark(place[0].start_s, end_s, f"soft click, {size_db:.0f} dB livelier ({where})")
