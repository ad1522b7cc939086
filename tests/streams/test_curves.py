"""Long curves wait on disk, and freed memory goes back to the system."""

from pathlib import Path

import numpy as np
import pytest

from asmrmaster.streams import curves
from asmrmaster.streams.curves import PIECE_ROWS, Store, drop_pages, empty, piecewise


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
    monkeypatch.setattr(curves, "IN_MEMORY_BYTES", most)
    store = Store(2)
    for start in range(0, 1000, 7):
        store.extend(rows(7, start))
    np.testing.assert_array_equal(store.array(), rows(1001))
    assert Store(3).array().shape == (0, 3)


def test_what_is_on_disk_takes_no_memory_after_it_was_read() -> None:
    store = Store(2)
    for start in range(0, 8_000_000, 100_000):
        store.extend(rows(100_000, start))
    array, before = store.array(), resident_mb()
    assert array.sum(dtype=np.float64) == 16e6 * (16e6 - 1) / 2
    assert resident_mb() > before + 50
    drop_pages()
    assert resident_mb() < before + 10
    np.testing.assert_array_equal(array[-3:], rows(3, 7_999_997))


def test_without_room_on_disk_rows_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "IN_MEMORY_BYTES", 100)
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

    monkeypatch.setattr("asmrmaster.streams.curves.TemporaryFile", Full)
    full.extend(rows(20))
    full.extend(rows(20, 20))
    np.testing.assert_array_equal(full.array(), rows(40))
    np.testing.assert_array_equal(store.array(), rows(20))


def test_a_long_array_is_written_and_read_like_any_other() -> None:
    short, long = empty((10, 2)), empty((3_000_000, 2))
    short[:] = long[:] = 0.0
    before = resident_mb()
    for start in range(0, len(long), 100_000):
        long[start : start + 100_000] = rows(100_000, start)
    assert resident_mb() > before - 5
    drop_pages()
    assert resident_mb() < before - 10
    np.testing.assert_array_equal(long[-3:], rows(3, 2_999_997))


@pytest.mark.parametrize("count", [0, 1, PIECE_ROWS, PIECE_ROWS + 1, 20 * PIECE_ROWS + 7])
def test_pieces_make_the_whole(count: int) -> None:
    rng = np.random.default_rng(1)
    both = rng.random((count, 2), dtype=np.float32)
    one = rng.random(count)
    np.testing.assert_array_equal(
        piecewise(lambda a, b: a[:, 0] * b > a[:, 1], both, one), both[:, 0] * one > both[:, 1]
    )
    made = piecewise(lambda a, b: a * b[:, None], both, one)
    np.testing.assert_array_equal(made, both * one[:, None])
    assert made.dtype == np.float64


def test_without_room_on_disk_long_arrays_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("asmrmaster.streams.curves._claim", full)
    long = empty((3_000_000,))
    long[:] = 1.0
    drop_pages()
    assert long.sum(dtype=np.float64) == 3_000_000


def test_room_is_claimed_also_where_the_system_has_no_call_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("os.posix_fallocate", raising=False)
    long = empty((3_000_000,))
    long[:] = 1.0
    assert long.sum(dtype=np.float64) == 3_000_000
