"""Downloading weights, from a server of our own on this computer."""

import contextlib
import hashlib
import http.server
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import pytest

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring import download
from maclip_desktop.scoring.download import DownloadStopped, download_weights, fetch, weights_url
from maclip_desktop.scoring.inventory import describe
from maclip_desktop.scoring.known_weights import DOWNLOADED
from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.weights import read_tower
from tests.helpers.small_clip import shrink_clips, write_small_weights

CONTENT = bytes(range(256)) * 12_000


class Hub(http.server.ThreadingHTTPServer):
    """Serves a file (CONTENT unless told otherwise) behind a redirect that names its checksum, as the hub does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.serve(CONTENT)
        self.status: int | None = None
        self.break_after: int | None = None
        self.takes_ranges = True
        self.ranges: list[str | None] = []

    def serve(self, content: bytes) -> None:
        self.content = content
        self.sha256 = hashlib.sha256(content).hexdigest()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/resolve"


class HubHandler(http.server.BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        if self.server.status:
            self.send_error(self.server.status)
        elif self.path == "/resolve":
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/file")
            self.send_header("X-Linked-Etag", f'"{self.server.sha256}"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send_content()

    def send_content(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.takes_ranges else 0
        content = self.server.content
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # who has enough hangs up
            self.wfile.write(content[start : self.server.break_after])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the tests' output clean."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "weights" / "RN50.safetensors"


def part_of(target: Path) -> Path:
    return target.with_name("RN50.safetensors.part")


def get(url: str, target: Path) -> list[tuple[int, int | None]]:
    """Fetch with every file accepted; returns the progress that was told."""
    told: list[tuple[int, int | None]] = []
    fetch(url, target, "CLIP RN50 weights", lambda done, total: told.append((done, total)), check=lambda _: None)
    return told


def refusal(url: str, target: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        get(url, target)
    assert not target.exists()
    return str(caught.value)


def test_the_file_arrives_whole_with_progress_from_nothing_to_all(hub: Hub, target: Path) -> None:
    told = get(hub.url, target)
    assert target.read_bytes() == CONTENT
    assert not part_of(target).exists()
    assert told[0] == (0, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)


def test_a_broken_connection_leaves_no_file_but_a_part(hub: Hub, target: Path) -> None:
    hub.break_after = 1_000_000
    sentence = refusal(hub.url, target)
    assert sentence == (
        "The CLIP RN50 weights could not be downloaded (no connection to 127.0.0.1);"
        " connect to the internet and try again, or choose a file that you have (on the command line: --weights FILE)."
    )
    assert part_of(target).read_bytes() == CONTENT[:1_000_000]


def test_a_download_is_taken_up_where_it_broke_off(hub: Hub, target: Path) -> None:
    hub.break_after = 1_000_000
    refusal(hub.url, target)
    hub.break_after = None
    told = get(hub.url, target)
    assert hub.ranges == [None, "bytes=1000000-"]
    assert told[0] == (1_000_000, len(CONTENT))
    assert target.read_bytes() == CONTENT


def test_a_server_that_cannot_continue_starts_again(hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(b"old beginning")
    hub.takes_ranges = False
    get(hub.url, target)
    assert target.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_replaced(hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT + b"more")
    get(hub.url, target)
    assert target.read_bytes() == CONTENT


def test_a_part_that_was_already_complete_still_ends_in_a_file(hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(CONTENT)
    told = get(hub.url, target)
    assert target.read_bytes() == CONTENT
    assert hub.ranges == [f"bytes={len(CONTENT)}-"], "what was there is not fetched again"
    assert told == [(len(CONTENT), len(CONTENT))]


def test_a_part_of_the_right_length_and_the_wrong_content_is_replaced(hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(bytes(len(CONTENT)))
    get(hub.url, target)
    assert target.read_bytes() == CONTENT


def test_a_file_that_cannot_get_its_name_is_said(hub: Hub, target: Path) -> None:
    target.mkdir(parents=True)
    with pytest.raises(WeightsError, match="could not be saved in"):
        get(hub.url, target)


def test_a_wrong_checksum_is_thrown_away(hub: Hub, target: Path) -> None:
    hub.sha256 = "0" * 64
    assert "arrived damaged and were thrown away" in refusal(hub.url, target)
    assert not part_of(target).exists()


def test_a_file_that_is_no_set_of_weights_is_thrown_away(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "weights_url", lambda _: hub.url)
    with pytest.raises(WeightsError, match="CLIP RN50 weights arrived damaged and were thrown away"):
        download_weights("RN50", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_another_program_has_begun_is_left_to_it(hub: Hub, target: Path) -> None:
    target.parent.mkdir(parents=True)
    part_of(target).write_bytes(b"begun")
    with (
        filelock.FileLock(part_of(target).with_name(part_of(target).name + ".lock")),
        pytest.raises(WeightsError, match="another copy of this program; wait until it is done"),
    ):
        get(hub.url, target)
    assert part_of(target).read_bytes() == b"begun"


def test_a_missing_page_is_told_with_the_servers_answer(hub: Hub, target: Path) -> None:
    hub.status = 404
    assert "(127.0.0.1 answered 404 Not Found); try again later" in refusal(hub.url, target)


def test_no_network_is_one_sentence(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    address = hub.url
    hub.server_close()
    monkeypatch.setattr(download, "weights_url", lambda _: address)
    with pytest.raises(WeightsError) as caught:
        download_weights("RN50", tmp_path / "weights")
    assert str(caught.value) == (
        "The CLIP RN50 weights could not be downloaded (no connection to 127.0.0.1);"
        " connect to the internet and try again, or choose a file that you have (on the command line: --weights FILE)."
    )
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_place_that_cannot_be_written_is_named(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("a file where the folder should be")
    sentence = refusal(hub.url, tmp_path / "weights" / "RN50.safetensors")
    assert sentence.startswith(f"The CLIP RN50 weights could not be saved in {tmp_path / 'weights'}")


@pytest.mark.parametrize("backbone", BACKBONES)
def test_open_clip_knows_where_every_backbone_is(backbone: str) -> None:
    url = weights_url(backbone)
    assert url.startswith("https://")
    assert "openai" in url
    assert url.endswith(".safetensors")


class TestStopping:
    def stop_after(self, calls: int) -> Callable[[], bool]:
        answers = itertools.count(1)
        return lambda: next(answers) > calls

    def test_leaves_a_part_and_says_so(self, hub: Hub, target: Path) -> None:
        with pytest.raises(DownloadStopped) as caught:
            fetch(hub.url, target, "CLIP RN50 weights", lambda *_: None, lambda _: None, self.stop_after(3))
        assert str(caught.value) == (
            "The download of the CLIP RN50 weights was stopped; start it again, and it goes on where it ended."
        )
        assert not target.exists()
        arrived = part_of(target).read_bytes()
        assert 0 < len(arrived) < len(CONTENT)
        assert CONTENT.startswith(arrived)

    def test_and_starting_again_goes_on(self, hub: Hub, target: Path) -> None:
        with pytest.raises(DownloadStopped):
            fetch(hub.url, target, "CLIP RN50 weights", lambda *_: None, lambda _: None, self.stop_after(3))
        there = part_of(target).stat().st_size
        get(hub.url, target)
        assert hub.ranges == [None, f"bytes={there}-"]
        assert target.read_bytes() == CONTENT

    def test_before_the_beginning_asks_nobody(self, hub: Hub, target: Path) -> None:
        with pytest.raises(DownloadStopped):
            fetch(hub.url, target, "CLIP RN50 weights", lambda *_: None, lambda _: None, lambda: True)
        assert hub.ranges == []


class TestWeights:
    """What becomes of weights that have arrived."""

    @pytest.fixture
    def complete(self, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """What the hub serves."""
        shrink_clips(monkeypatch)
        path = write_small_weights(tmp_path / "served.safetensors")
        hub.serve(path.read_bytes())
        monkeypatch.setattr(download, "weights_url", lambda _: hub.url)
        return path

    def test_only_the_compact_file_is_kept(self, complete: Path, tmp_path: Path) -> None:
        folder = tmp_path / "weights"
        path = download_weights("RN50", folder)
        assert list(folder.iterdir()) == [path]
        assert read_tower(path, "RN50").sha256 == hashlib.sha256(complete.read_bytes()).hexdigest()

    def test_the_compact_file_knows_where_it_came_from(self, complete: Path, tmp_path: Path) -> None:
        path = download_weights("RN50", tmp_path / "weights")
        assert describe(path).known == "downloaded from where open_clip has OpenAI's weights"

    def test_the_complete_file_is_kept_where_asked(self, complete: Path, tmp_path: Path) -> None:
        folder = tmp_path / "weights"
        path = download_weights("RN50", folder, keep_complete=True)
        assert set(folder.iterdir()) == {path, folder / "RN50.safetensors"}
        assert (folder / "RN50.safetensors").read_bytes() == complete.read_bytes()

    def test_the_complete_file_that_was_kept_is_known_as_well(self, complete: Path, tmp_path: Path) -> None:
        folder = tmp_path / "weights"
        download_weights("RN50", folder, keep_complete=True)
        assert read_tower(folder / "RN50.safetensors", "RN50").known == DOWNLOADED
        assert describe(folder / "RN50.safetensors").known == DOWNLOADED
        (folder / "RN50.maclip.safetensors").unlink()
        assert read_tower(folder / "RN50.safetensors", "RN50").known is None

    def test_complete_weights_that_are_there_are_used_and_stay(self, hub: Hub, complete: Path, tmp_path: Path) -> None:
        folder = tmp_path / "weights"
        folder.mkdir()
        complete.rename(folder / "RN50.safetensors")
        path = download_weights("RN50", folder)
        assert set(folder.iterdir()) == {path, folder / "RN50.safetensors"}
        assert hub.ranges == []

    def test_damaged_complete_weights_are_downloaded_anew(self, complete: Path, tmp_path: Path) -> None:
        folder = tmp_path / "weights"
        folder.mkdir()
        (folder / "RN50.safetensors").write_bytes(complete.read_bytes()[:-100])
        assert read_tower(download_weights("RN50", folder), "RN50").backbone == "RN50"

    def test_weights_of_another_backbone_are_thrown_away(self, complete: Path, tmp_path: Path) -> None:
        with pytest.raises(WeightsError, match="CLIP ViT-B/32 weights arrived damaged and were thrown away"):
            download_weights("ViT-B/32", tmp_path / "weights")
        assert list((tmp_path / "weights").iterdir()) == []

    def test_progress_says_what_is_downloaded(self, complete: Path, tmp_path: Path) -> None:
        told: list[str] = []
        download_weights("RN50", tmp_path / "weights", lambda what, done, total: told.append(what))
        assert set(told) == {"Downloading CLIP RN50 weights"}

    def test_stopping_reaches_the_transfer(self, complete: Path, tmp_path: Path) -> None:
        with pytest.raises(DownloadStopped):
            download_weights("RN50", tmp_path / "weights", should_stop=lambda: True)
