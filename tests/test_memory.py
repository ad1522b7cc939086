"""Long curves wait on disk, and freed memory goes back to the system."""

import ctypes
from pathlib import Path

import numpy as np
import pytest

from asmrmaster import memory
from asmrmaster.memory import Store, give_back, let_go


def resident_mb() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("needs /proc, which only Linux has")
    line = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def rows(count: int, start: int = 0) -> np.ndarray:
    return np.arange(2 * start, 2 * (start + count), dtype=np.float32).reshape(-1, 2)


@pytest.mark.parametrize("most", [0, 100, 1_000_000])
def test_rows_come_back_in_order(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "IN_MEMORY_BYTES", most)
    store = Store(2)
    for start in range(0, 1000, 7):
        store.extend(rows(7, start))
    np.testing.assert_array_equal(store.array(), rows(1001))
    assert Store(3).array().shape == (0, 3)


def test_what_is_on_disk_takes_no_memory_after_it_was_read() -> None:
    store = Store(2)
    for start in range(0, 8_000_000, 100_000):
        store.extend(rows(100_000, start))
    give_back()
    array, before = store.array(), resident_mb()
    assert array.sum(dtype=np.float64) == 16e6 * (16e6 - 1) / 2
    assert resident_mb() > before + 50
    let_go()
    assert resident_mb() < before + 10
    np.testing.assert_array_equal(array[-3:], rows(3, 7_999_997))


def test_without_room_on_disk_rows_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "IN_MEMORY_BYTES", 100)
    store, full = Store(2), Store(2)
    store.extend(rows(20))

    class Full:
        """A file on a full disk: half a row goes in."""

        def __init__(self) -> None:
            self.content = b""

        def tell(self) -> int:
            return len(self.content)

        def write(self, data: bytes) -> None:
            self.content += bytes(data)[:4]
            raise OSError(28, "no space left on device")

        def seek(self, place: int) -> None:
            self.content = self.content[:place]

        def truncate(self) -> None:
            pass

        def close(self) -> None:
            pass

    monkeypatch.setattr("asmrmaster.memory.TemporaryFile", Full)
    full.extend(rows(20))
    full.extend(rows(20, 20))
    np.testing.assert_array_equal(full.array(), rows(40))
    np.testing.assert_array_equal(store.array(), rows(20))


def test_small_pieces_freed_between_others_are_given_back() -> None:
    kept = [(np.ones(100_000 // 8), np.ones(1)) for _ in range(1000)]  # 100 MB below the threshold
    full = resident_mb()
    kept = [(np.ones(0), small) for _, small in kept]
    give_back()
    assert resident_mb() < full - 80
    assert len(kept) == 1000


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def another(name: object) -> object:
        asked.append(name)
        return object()

    monkeypatch.setattr(ctypes, "CDLL", another)
    give_back()
    assert len(asked) == 1, "it has no malloc_trim, and that is no error"
