"""Getting trained CLIP weights from where open_clip knows them to be."""

import http.client
import logging
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import filelock
from huggingface_hub import hf_hub_url
from open_clip.constants import HF_SAFE_WEIGHTS_NAME
from open_clip.pretrained import get_pretrained_cfg

from maclip_desktop.disk import is_file
from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.backbone import open_clip_name
from maclip_desktop.scoring.compact import SourcedTower
from maclip_desktop.scoring.importing import keep_compact
from maclip_desktop.scoring.known_weights import DOWNLOADED
from maclip_desktop.scoring.scorer import ShouldStop, never
from maclip_desktop.scoring.weights import file_sha256, read_sourced
from maclip_desktop.scoring.weights_folder import complete_path, part_path

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, bytes so far and bytes in all (None where unknown)."""

TIMEOUT_SECONDS = 15.0
"""How long a silent connection is waited for."""

_CHUNK_BYTES = 1 << 16
"""So little that a slow line, too, is asked often whether to stop."""
_OWN_FILE = "or choose a file that you have (on the command line: --weights FILE)"
_NETWORK_ERRORS = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError)


def weights_url(backbone: str) -> str:
    """The address of OpenAI's weights of *backbone* as safetensors (open_clip's tag ``openai``)."""
    repository = get_pretrained_cfg(open_clip_name(backbone), "openai")["hf_hub"].rstrip("/")
    return hf_hub_url(repository, HF_SAFE_WEIGHTS_NAME)


class DownloadStopped(WeightsError):  # noqa: N818 - nothing has gone wrong
    """Somebody asked for the download to stop; what has arrived is kept."""


def download_weights(
    backbone: str,
    weights_dir: Path,
    on_progress: Progress | None = None,
    should_stop: ShouldStop = never,
    keep_complete: bool = False,
) -> Path:
    """Download the weights of *backbone* into *weights_dir* and return the compact file made of them.

    A file appears under its name only when it is complete and holds what it should; a download that broke off or was
    stopped is taken up again where it ended. *keep_complete*: also keep what was downloaded, which is larger and holds
    the text encoder. Complete weights that are there already are used instead of a download, and stay.

    Raises `WeightsError` in one sentence, also where there is no network, and `DownloadStopped`.
    """
    title = f"CLIP {backbone} weights"

    def report(done: int, total: int | None) -> None:
        if on_progress:
            on_progress(f"Downloading {title}", done, total)

    complete = complete_path(weights_dir, backbone)
    read = _read_earlier(complete, backbone)
    arrived: list[SourcedTower] = [read] if read else []
    if not arrived:
        fetch(
            weights_url(backbone),
            complete,
            title,
            report,
            check=lambda part: arrived.append(read_sourced(part, backbone, origin=DOWNLOADED)),
            should_stop=should_stop,
        )
    compact = keep_compact(arrived[-1], weights_dir)
    if not (read or keep_complete):
        complete.unlink(missing_ok=True)
    return compact


def _read_earlier(complete: Path, backbone: str) -> SourcedTower | None:
    """The complete weights that are there from before, if they are of use."""
    if not is_file(complete):
        return None
    try:
        return read_sourced(complete, backbone)
    except WeightsError as error:
        log.info("Downloading anew: %s", error)
        return None


def fetch(
    url: str,
    target: Path,
    title: str,
    report: Callable[[int, int | None], None],
    check: Callable[[Path], object],
    should_stop: ShouldStop = never,
) -> None:
    """Download *url* to *target* by way of ``*.part``; *check* raises `WeightsError` for a file of no use."""
    part = part_path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_at(part):
            sha256 = _transfer(url, part, report, should_stop)
            _require_sound(part, sha256, title, check)
            part.replace(target)
    except filelock.Timeout:
        raise WeightsError(
            f"The {title} are being downloaded by another copy of this program; wait until it is done."
        ) from None
    except _Stopped:
        raise DownloadStopped(
            f"The download of the {title} was stopped; start it again, and it goes on where it ended."
        ) from None
    except _NETWORK_ERRORS as error:
        raise WeightsError(_not_downloaded(title, url, error)) from error
    except OSError as error:
        raise WeightsError(
            f"The {title} could not be saved in {target.parent} ({error.strerror or error});"
            " check the folder's permissions and free space."
        ) from error


@contextmanager
def _alone_at(part: Path) -> Iterator[None]:
    """While this lasts nobody else appends to *part*. Raises `filelock.Timeout` at once where somebody does."""
    lock = part.with_name(part.name + ".lock")
    with filelock.FileLock(lock, timeout=0):
        try:
            yield
        finally:
            if os.name != "nt":  # where nobody can remove a file that is open
                lock.unlink(missing_ok=True)


class _Stopped(Exception):  # noqa: N818 - nothing has gone wrong
    """Carries the wish to stop out of the transfer."""


class _LinkedFile(urllib.request.HTTPRedirectHandler):
    """Follows the hub to the file and keeps the checksum that the hub names on the way."""

    sha256: str | None = None

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        etag = (headers.get("X-Linked-Etag") or "").strip('"')
        if len(etag) == 64:
            self.sha256 = etag
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _transfer(url: str, part: Path, report: Callable[[int, int | None], None], should_stop: ShouldStop) -> str | None:
    """Append what is missing to *part*; returns the checksum of the whole if the server told it."""
    if should_stop():
        raise _Stopped
    link = _LinkedFile()
    done = part.stat().st_size if is_file(part) else 0
    try:
        response = _open(url, link, done)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not done:
            raise
        error.close()
        if link.sha256 and file_sha256(part) == link.sha256:
            report(done, done)  # it was complete, and the program ended before it got its name
            return link.sha256
        # The part is no beginning of this file: start again.
        response = _open(url, link, 0)
    with response:
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            done = 0
        length = response.headers.get("Content-Length")
        total = done + int(length) if length else None
        with part.open("ab" if done else "wb") as file:
            report(done, total)
            while chunk := response.read(_CHUNK_BYTES):
                file.write(chunk)
                done += len(chunk)
                report(done, total)
                if should_stop():
                    raise _Stopped
            file.flush()
            os.fsync(file.fileno())
    if total is not None and done < total:
        raise ConnectionError("the connection broke off")
    return link.sha256


def _open(url: str, link: _LinkedFile, done: int) -> http.client.HTTPResponse:
    opener = urllib.request.build_opener(link, urllib.request.HTTPSHandler(context=_certificates()))
    response: http.client.HTTPResponse = opener.open(_request(url, done), timeout=TIMEOUT_SECONDS)
    return response


def _certificates() -> ssl.SSLContext:
    try:
        import truststore  # comes with the newer hub clients
    except ImportError:
        return ssl.create_default_context()
    # Python alone does not find the certificates of macOS, nor does a frozen program those of every Linux.
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _request(url: str, done: int) -> urllib.request.Request:
    headers = {"User-Agent": "maclip-desktop", "Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
    return urllib.request.Request(url, headers=headers)


def _require_sound(part: Path, sha256: str | None, title: str, check: Callable[[Path], object]) -> None:
    try:
        if sha256 and file_sha256(part) != sha256:
            raise WeightsError("the checksum differs")
        check(part)
    except WeightsError as error:
        part.unlink(missing_ok=True)
        raise WeightsError(f"The {title} arrived damaged and were thrown away; try again, {_OWN_FILE}.") from error


def _not_downloaded(title: str, url: str, error: Exception) -> str:
    host = urlsplit(url).hostname
    if isinstance(error, urllib.error.HTTPError):
        reason, mend = f"{host} answered {error.code} {error.reason}", "try again later"
    else:
        reason, mend = f"no connection to {host}", "connect to the internet and try again"
    return f"The {title} could not be downloaded ({reason}); {mend}, {_OWN_FILE}."
