"""Plain words for numbers and codes, translatable."""

from PySide6.QtCore import QCoreApplication

from maclip_desktop.core import why as causes
from maclip_desktop.core.flags import Flag
from maclip_desktop.core.score import Score
from maclip_desktop.jobs.messages import DownloadProgress


def tr(text: str) -> str:
    """Translate a text that belongs to no widget."""
    return QCoreApplication.translate("words", text)


def why(score: Score) -> tuple[str, ...]:
    """What speaks against a photo, a sentence for each cause, strongest first; or one that says that nothing does."""
    sentences = causes.sentences(score, tr) or (tr(causes.NOTHING_WRONG),)
    # A number and its sign stay in one line.
    return tuple(sentence.replace(" %", "\N{NO-BREAK SPACE}%") for sentence in sentences)


def prompt_words(prompt: str) -> str:
    """A prompt of MA-CLIP in plain words."""
    return tr(causes.prompt_words(prompt))


def flag_words(flag: Flag) -> str:
    return {Flag.PICK: tr("Pick"), Flag.REJECT: tr("Reject"), Flag.NONE: tr("No flag")}[flag]


def scorer_words(name: str) -> str:
    return {"maclip": tr("MA-CLIP"), "technical": tr("technical scorer")}.get(name, name)


def photos(count: int) -> str:
    return tr("1 photo") if count == 1 else tr("%1 photos").replace("%1", f"{count:,}")


def download(progress: DownloadProgress) -> str:
    """What is downloaded, and how much of it is here."""
    here = megabytes(progress.done)
    return f"{progress.what}: {here} / {megabytes(progress.total)}" if progress.total else f"{progress.what}: {here}"


def time_left(seconds: float) -> str:
    """A rough time: nobody believes seconds of an hour."""
    if seconds < 60:
        return tr("under a minute left")
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("%1 min left").replace("%1", str(minutes))
    return tr("%1 h %2 min left").replace("%1", str(minutes // 60)).replace("%2", str(minutes % 60))


def file_size(count: int) -> str:
    """Bytes in the unit a person would choose."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} KB" if count else "0 KB"
    return f"{count / 1e6:.1f} MB"


def megabytes(count: int) -> str:
    return f"{count / 1e6:.0f} MB"
