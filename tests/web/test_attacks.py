"""What the page refuses: who may not ask, names that lead elsewhere, files meant to do harm."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from asmrmaster.audio import Audio, Format, write
from asmrmaster.errors import InputError, ParameterError
from asmrmaster.web import connections, picker
from asmrmaster.web.resource_limits import Limits
from asmrmaster.web.security import HEADERS, WRONG_PASSWORD_S, Access
from asmrmaster.web.server import opened
from tests import signals, web_workers
from tests.made_reports import HOSTILE
from tests.page_reader import Page
from tests.web_client import Visitor, serving, site_of

SMALL = Limits(upload_bytes=300_000, duration_s=60, patience_s=20, stall_s=0.5, waiting=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one sound, and with ways out of it."""
    outside = tmp_path_factory.mktemp("outside")
    folder = tmp_path_factory.mktemp("folder")
    sound = Audio.from_array(signals.pink(-30, 1), 48_000)
    for where in (folder / "in.wav", outside / "out.wav"):
        write(sound, where, Format("WAV", "PCM_16", bits=16))
    (folder / "below").mkdir()
    (folder / "below" / "deep.wav").hardlink_to(folder / "in.wav")
    (folder / "link.wav").symlink_to(outside / "out.wav")
    (folder / "way out").symlink_to(outside, target_is_directory=True)
    (folder / "loop.wav").symlink_to(folder / "loop.wav")
    os.mkfifo(folder / "pipe.wav")
    (folder / ".secret").mkdir()
    for hidden in (folder / ".hidden.wav", folder / ".secret" / "in.wav"):
        hidden.hardlink_to(folder / "in.wav")
    return folder


@pytest.fixture(scope="module")
def visitor(folder: Path) -> Iterator[Visitor]:
    with serving(folder, limits=SMALL) as visitor:
        yield visitor


# --- who may ask ----------------------------------------------------------------------------------


def test_without_the_token_nothing_is_answered(visitor: Visitor) -> None:
    for cookies in ({}, {visitor.access.cookie: "guess"}, {visitor.access.cookie: ""}):
        with httpx.Client(base_url=visitor.base, cookies=cookies) as stranger:
            for address in ("/", "/master", "/jobs/x", "/?token=guess", "/?token=", "/enter"):
                assert stranger.get(address).status_code == 401, address
            sent = stranger.post("/check", data={}, headers={"Origin": visitor.base})
            assert sent.status_code == 401


def test_the_printed_address_lets_one_browser_in_and_then_another_is_printed(
    visitor: Visitor,
) -> None:
    printed, told = visitor.access.address, []
    visitor.access.used = lambda: told.append(visitor.access.address)
    answer = httpx.get(printed)
    assert answer.status_code == 303
    assert httpx.get(printed).status_code == 401
    assert told == [visitor.access.address] != [printed]
    other = httpx.get(told[0])
    assert other.status_code == 303
    assert other.headers["set-cookie"] != answer.headers["set-cookie"]
    cookie = answer.headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert word in cookie
    assert "token" not in answer.headers["location"]
    assert len(visitor.access.token) >= 40


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.nip.io"])
def test_another_name_for_this_machine_is_refused(visitor: Visitor, host: str) -> None:
    name = host if host.endswith(("1", "example")) else f"{host}:{visitor.access.port}"
    assert visitor.http.get("/", headers={"Host": name}).status_code == 421


def test_two_hosts_or_none_are_refused(visitor: Visitor) -> None:
    own = f"Host: 127.0.0.1:{visitor.access.port}"
    token = f"Cookie: {visitor.access.cookie}={visitor.access.new_session()}"
    for lines, status in (([own], 200), ([own, "Host: evil.example"], None), ([], None)):
        with socket.create_connection(("127.0.0.1", visitor.access.port), timeout=5) as raw:
            head = "\r\n".join(["GET / HTTP/1.1", token, "Connection: close", *lines])
            raw.sendall(f"{head}\r\n\r\n".encode())
            answered = int(raw.recv(1000).split()[1])
        assert answered == status if status else answered in (400, 421)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "", None])
def test_a_post_from_elsewhere_is_refused(
    visitor: Visitor, folder: Path, origin: str | None
) -> None:
    before = visitor.text("/")
    with httpx.Client(base_url=visitor.base, cookies=visitor.http.cookies) as forger:
        headers = {} if origin is None else {"Origin": origin}
        sound = (folder / "in.wav").read_bytes()
        sent = forger.post("/check", files={"file": ("a.wav", sound)}, headers=headers)
        assert sent.status_code == 403
        if origin:
            assert forger.get("/", headers=headers).status_code == 403
    assert visitor.text("/") == before


def test_reading_changes_nothing(visitor: Visitor) -> None:
    for address in ("/check", "/make", "/jobs/x/cancel", "/jobs/x/remove", "/jobs/x/judged"):
        assert visitor.http.get(address).status_code == 405


def test_every_answer_is_sealed(visitor: Visitor) -> None:
    strangers = httpx.get(visitor.base)
    for answer in (visitor.http.get("/"), visitor.http.get("/nowhere"), strangers):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers
    assert re.search(r"script-src 'sha256-[^;]+'", visitor.http.get("/").headers[
        "content-security-policy"])  # fmt: skip


def test_beyond_this_machine_a_password_is_needed() -> None:
    for password in ("", "too short"):
        with (
            pytest.raises(ParameterError, match="password of at least 10"),
            opened(host="0.0.0.0", password=password),
        ):
            pass


def test_a_password_opens_and_nothing_else_does() -> None:
    with serving(host="0.0.0.0", password="quiet as snow") as visitor:
        assert "token" not in visitor.access.address
        with httpx.Client(base_url=visitor.base, headers={"Origin": visitor.base}) as guest:
            assert guest.get("/").headers["location"] == "/enter"
            assert guest.get(f"/?token={visitor.access.token}").headers["location"] == "/enter"
            assert guest.get("/", headers={"Host": f"evil.example:{visitor.access.port}"}).is_error
            began = time.monotonic()
            assert guest.post("/enter", data={"password": "quiet as rain"}).status_code == 403
            assert time.monotonic() - began >= 1  # trying takes time
            assert guest.post("/enter", data={"password": "quiet as snow"}).status_code == 303
            assert guest.get("/").status_code == 200


def test_a_wrong_password_delays_nobody_elsewhere() -> None:
    access = Access("0.0.0.0", 80, "quiet as snow")

    async def tried() -> float:
        wrong = [
            asyncio.create_task(access.accepts_password("rain", "192.0.2.1")) for _ in range(20)
        ]
        await asyncio.sleep(0)
        began = time.monotonic()
        assert await access.accepts_password("quiet as snow", "192.0.2.2")
        assert await access.accepts_password("quiet as snow", "2001:db8::1")
        took_s = time.monotonic() - began
        for one in wrong:
            one.cancel()
        return took_s

    assert asyncio.run(tried()) < 0.5 * WRONG_PASSWORD_S


def test_a_new_visitor_is_served_beside_idle_connections_and_uploads_that_hang(
    folder: Path,
) -> None:
    with serving(folder) as visitor, ExitStack() as stack:
        place = ("127.0.0.1", visitor.access.port)
        head = (
            f"POST /check HTTP/1.1\r\nHost: 127.0.0.1:{visitor.access.port}\r\n"
            f"Origin: {visitor.base}\r\n"
            f"Cookie: {visitor.access.cookie}={visitor.access.new_session()}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x"
        )
        until = time.monotonic() + 60
        for k in range(200):
            one = stack.enter_context(socket.create_connection(place, timeout=30))
            one.sendall(head.encode())
            while k % 40 == 39 and len(list(visitor.workspace.iterdir())) <= k:
                assert time.monotonic() < until, "they are not taken up"
                time.sleep(0.05)
        for k in range(300):
            one = stack.enter_context(socket.create_connection(place, timeout=30))
            one.sendall(b"GET / HT"[: 8 * (k % 2)])  # nothing, or half a request
        time.sleep(1)
        began = time.monotonic()
        assert httpx.get(visitor.access.address, timeout=30).status_code == 303
        assert time.monotonic() - began < 2


def test_who_asks_nothing_is_given_up(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.2)
    for said in (b"", b"GET / HTTP/1.1\r\nHost:"):
        with socket.create_connection(("127.0.0.1", visitor.access.port), timeout=10) as one:
            one.sendall(said)
            with suppress(ConnectionResetError):
                assert one.recv(1) == b""


@pytest.mark.parametrize("address", ["/jobs/{}", "/jobs/{}/state", "/jobs/x/play/{}",
                                     "/jobs/x/sound/{}/after"])  # fmt: skip
def test_an_address_of_many_digits_leads_nowhere(visitor: Visitor, address: str) -> None:
    assert visitor.http.get(address.format("9" * 5000)).status_code == 404


# --- names that lead elsewhere --------------------------------------------------------------------

NAMES = [
    "../outside/out.wav",
    "below/../../outside/out.wav",
    "/etc/passwd",
    "below//../in.wav",
    "./in.wav",
    ".hidden.wav",
    ".secret/in.wav",
    "link.wav",
    "way out/out.wav",
    "loop.wav",
    "pipe.wav",
    "below",
    "..",
    ".",
    "",
    "in.wav\0",
    "C:in.wav",
    "\\\\server\\share\\in.wav",
    "..\\in.wav",
    "in.wav:stream",
    "NUL",
    "con.wav",
    "below/COM1.wav",
    "aux .wav",
    "nothing.wav",
    "x" * 5000,
]


@pytest.mark.parametrize("name", NAMES, ids=lambda n: repr(n[:20]))
def test_a_name_that_leads_elsewhere_is_refused(visitor: Visitor, folder: Path, name: str) -> None:
    with pytest.raises(InputError):
        picker.find(folder, name)
    if len(name) < 1000:
        answer = visitor.send("/check", picked=name)
        assert answer.status_code == (422 if name else 400)
        assert "outside" not in answer.text or "outside" in name


def test_a_name_in_the_folder_is_found(folder: Path) -> None:
    assert picker.find(folder, "in.wav") == folder.resolve() / "in.wav"
    assert picker.find(folder, "below/deep.wav").samefile(folder / "in.wav")
    assert picker.offered(folder) == ["below/deep.wav", "in.wav"]


def test_a_link_put_there_later_is_refused_too(folder: Path, tmp_path: Path) -> None:
    """The process looks the name up anew before it reads."""
    changing = tmp_path / "changing"
    changing.mkdir()
    (changing / "a.wav").hardlink_to(folder / "in.wav")
    with serving(changing, limits=Limits(jobs=1), work=web_workers.hang) as visitor:
        visitor.job("/check", picked="a.wav")  # the only place is taken
        from asmrmaster.web.job_files import JobRequest

        order = JobRequest(
            kind="check", name="a", profile="general", picked_from=str(changing), picked="a.wav"
        )
        assert order.sound(tmp_path).name == "a.wav"
        (changing / "a.wav").unlink()
        (changing / "a.wav").symlink_to("/etc/passwd")
        with pytest.raises(InputError):
            order.sound(tmp_path)


@pytest.mark.parametrize(
    "address",
    [
        "/jobs/..%2f..%2fetc%2fpasswd",
        "/jobs/%2e%2e/state",
        "/jobs/" + "0" * 24,
        "/jobs/" + "0" * 24 + "/save/report.json",
        "/jobs/" + "0" * 24 + "/sound/0/after",
        "/jobs/" + "0" * 24 + "/save/..%2f..%2forder.json",
        "/../../etc/passwd",
    ],
)
def test_an_address_that_leads_elsewhere_leads_nowhere(visitor: Visitor, address: str) -> None:
    assert visitor.http.get(address).status_code == 404


# --- names and tags that run ----------------------------------------------------------------------


def test_a_name_is_shown_and_never_used(visitor: Visitor, folder: Path) -> None:
    name = f"../../{HOSTILE}".replace("/x", "x")
    job = visitor.job("/check", folder / "in.wav", name=name)
    assert visitor.wait(job)["status"] == "done"
    for address in ("/", job):
        source = visitor.text(address)
        page = Page(source)
        assert "<img src=x" not in source
        assert "\u202e" not in source
        assert "<script>alert(1)" in page.text
        assert "{{ 7*7 }}" in page.text
        assert len(page.scripts) == 1
    for what in ("report.html", "report.json", "sheet.html"):
        given = visitor.http.get(f"{job}/save/{what}").headers["content-disposition"]
        assert re.fullmatch(r'attachment; filename="[A-Za-z0-9 ._-]+"', given)
        assert ".." not in given


def test_tags_are_text(visitor: Visitor, tmp_path: Path) -> None:
    sound, flac = Audio.from_array(signals.pink(-30, 1), 48_000), Format("FLAC", "PCM_16", bits=16)
    write(sound, tmp_path / "tagged.flac", flac, tags={"title": HOSTILE, "artist": HOSTILE})
    job = visitor.job("/make", tmp_path / "tagged.flac")
    assert visitor.wait(job)["status"] == "done"
    assert "<img src=x" not in visitor.text(job)
    assert len(Page(visitor.text(job)).scripts) == 1


# --- files meant to do harm -----------------------------------------------------------------------


def test_a_file_that_is_too_large_is_refused_and_gone(visitor: Visitor, tmp_path: Path) -> None:
    large = tmp_path / "large.wav"
    large.write_bytes(b"RIFF" + bytes(SMALL.upload_bytes + 200_000))
    answer = visitor.send("/check", large)
    assert answer.status_code == 413
    assert "too large" in Page(answer.text).text

    def endless() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
        while True:
            yield bytes(50_000)

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    try:  # the answer may come before all was sent, and the connection close
        answer = visitor.http.post("/check", content=endless(), headers=kind)
    except httpx.TransportError:
        return
    assert answer.status_code == 413


def test_a_slow_upload_is_given_up(visitor: Visitor) -> None:
    head = (
        f"POST /check HTTP/1.1\r\nHost: 127.0.0.1:{visitor.access.port}\r\n"
        f"Origin: {visitor.base}\r\n"
        f"Cookie: {visitor.access.cookie}={visitor.access.new_session()}\r\n"
        "Content-Length: 1000\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
    )
    with socket.create_connection(("127.0.0.1", visitor.access.port), timeout=5) as raw:
        raw.sendall(head.encode())
        assert b" 408 " in raw.recv(1000)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"x", 415),
        ("multipart/form-data", b"x", 415),
        ("multipart/form-data; boundary=b", b"no form at all", 400),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n", 400),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X: y\r\n" * 10_000, 400),
    ],
)
def test_a_form_that_is_none_is_refused(
    visitor: Visitor, kind: str, body: bytes, status: int
) -> None:
    answer = visitor.http.post("/check", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status


def many_hours(path: Path) -> None:
    """Two hours of silence in a few kilobytes."""
    audio = Audio(8_000, 1, 7_200 * 8_000, lambda: (np.zeros((80_000, 1)) for _ in range(720)))
    write(audio, path, Format("FLAC", "PCM_16", bits=16))


def lying_flac(path: Path) -> None:
    """A second that claims to be thirty: STREAMINFO, RFC 9639 section 8.2."""
    write(Audio.from_array(signals.pink(-30, 1), 48_000), path, Format("FLAC", "PCM_16", bits=16))
    data = bytearray(path.read_bytes())
    at = 8 + 14  # 4 bits before the 32 of the count lie in the byte before
    data[at : at + 4] = (30 * 48_000).to_bytes(4, "big")
    path.write_bytes(data)


def lying_opus(path: Path) -> None:
    """A second whose last page says a thousand hours: granule position, RFC 7845 section 4."""
    opus = Format("OGG", "OPUS", lossless=False)
    write(Audio.from_array(signals.pink(-30, 1), 48_000), path, opus)
    data = bytearray(path.read_bytes())
    page = data.rindex(b"OggS")
    data[page + 6 : page + 14] = (1000 * 3600 * 48_000).to_bytes(8, "little")
    data[page + 22 : page + 26] = bytes(4)
    crc = 0
    for byte in data[page:]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
    data[page + 22 : page + 26] = crc.to_bytes(4, "little")
    path.write_bytes(data)


@pytest.mark.parametrize("bomb", [many_hours, lying_flac, lying_opus])
def test_a_bomb_is_refused_in_time(
    visitor: Visitor, tmp_path: Path, bomb: Callable[[Path], None]
) -> None:
    path = tmp_path / ("bomb.opus" if "opus" in bomb.__name__ else "bomb.flac")
    bomb(path)
    assert path.stat().st_size < SMALL.upload_bytes
    job = visitor.job("/check", path)
    state = visitor.wait(job, most_s=15)
    assert state["status"] == "failed"
    assert re.search(r"h long|cut off|damaged|frames", state["message"]), state["message"]


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (web_workers.crash, "ended the process"),
        (web_workers.hang, "took longer"),
        (web_workers.babble, "ended the process"),
        (web_workers.greedy, "more memory"),
    ],
)
def test_a_bad_file_ends_its_own_process_and_no_other(
    folder: Path, work: Callable[..., None], words: str
) -> None:
    limits = Limits(patience_s=1.5 if work is web_workers.hang else 20, memory_bytes=2 * 2**30)
    with serving(limits=limits, work=work) as visitor:
        job = visitor.job("/check", folder / "in.wav")
        state = visitor.wait(job, most_s=15)
        assert state["status"] == "failed"
        assert words in state["message"]
        assert "No verdict" in Page(visitor.text(job)).text


def test_fifty_uploads_at_once(folder: Path) -> None:
    """Each is answered; those the queue has no room for are refused; two work at once."""
    limits = replace(SMALL, waiting=15)
    with serving(limits=limits, work=web_workers.refuse) as visitor:

        def send(number: int) -> int:
            fresh = Visitor(visitor.access, visitor.workspace)
            answer = fresh.send("/check", folder / "in.wav", name=f"{number}.wav")
            fresh.http.close()
            return answer.status_code

        with ThreadPoolExecutor(50) as crowd:
            codes = list(crowd.map(send, range(50)))
        assert set(codes) == {303, 422}
        assert codes.count(303) >= limits.waiting
        jobs = re.findall(r'<a href="(/jobs/[0-9a-f]{24})"', visitor.text("/"))
        assert len(jobs) == codes.count(303)
        assert {visitor.wait(job)["message"] for job in jobs} == {"it holds nothing"}
        assert visitor.http.get("/").status_code == 200


def test_nothing_is_left_behind(folder: Path) -> None:
    with opened(folder, work=web_workers.hang) as (server, _, _):
        home = site_of(server).jobs.workspace
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert not home.exists()
