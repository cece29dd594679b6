"""How a worker starts, reports its failures, and ends."""

import threading

import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from maclip_desktop.errors import LibraryError
from maclip_desktop.jobs.messages import Notice
from maclip_desktop.jobs.threads import Worker, WorkerThread, guarded


class Diary(Worker):
    """Writes down what happens to it, and in which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[str] = []
        self.threads: set[QThread] = set()
        self.fails_to_close = False

    @guarded
    def open(self) -> None:
        self._write("open")

    def close(self) -> None:
        self._write("close")
        if self.fails_to_close:
            raise RuntimeError("cannot close")

    @Slot(object)
    @guarded
    def write(self, text: object) -> None:
        if isinstance(text, Exception):
            raise text
        self._write(str(text))

    def _write(self, text: str) -> None:
        self.threads.add(QThread.currentThread())
        self.entries.append(text)


class Asker(QObject):
    write = Signal(object)


@pytest.fixture
def diary(qtbot: QtBot) -> Diary:
    return Diary()


def ended(thread: WorkerThread) -> bool:
    thread.request_stop()
    return thread.wait(20_000)


def test_everything_of_a_worker_runs_in_its_own_thread(qtbot: QtBot, diary: Diary) -> None:
    asker, thread = Asker(), WorkerThread(diary, "diary")
    asker.write.connect(diary.write)
    thread.start()
    asker.write.emit("hello")
    qtbot.waitUntil(lambda: "hello" in diary.entries, timeout=20_000)
    assert ended(thread)
    assert diary.entries == ["open", "hello", "close"]
    assert len(diary.threads) == 1
    assert QThread.currentThread() not in diary.threads


def test_a_user_s_fault_is_a_notice_word_for_word(qtbot: QtBot, diary: Diary) -> None:
    with qtbot.waitSignal(diary.notice) as caught:
        diary.write(LibraryError("The disk is full."))
    assert caught.args == [Notice("The disk is full.")]


@pytest.mark.expects_log_errors
def test_our_own_fault_is_a_notice_and_logged(qtbot: QtBot, diary: Diary, caplog: pytest.LogCaptureFixture) -> None:
    with qtbot.waitSignal(diary.notice) as caught:
        diary.write(KeyError("bug"))
    (notice,) = caught.args
    assert notice.text == "An error inside the program: KeyError: 'bug'"
    assert notice.report.startswith("Traceback") and notice.report in caplog.text


def test_what_arrives_after_the_end_does_nothing(qtbot: QtBot, diary: Diary) -> None:
    diary.stop()
    diary.write("too late")
    assert diary.entries == ["close"]


def test_the_end_is_told_even_where_closing_fails(qtbot: QtBot, diary: Diary) -> None:
    diary.fails_to_close = True
    with qtbot.waitSignal(diary.stopped), pytest.raises(RuntimeError):
        diary.stop()


def test_a_thread_never_started_has_ended(qtbot: QtBot, diary: Diary) -> None:
    assert ended(WorkerThread(diary, "diary"))
    assert diary.entries == []


def test_a_thread_that_is_busy_has_not_ended(qtbot: QtBot) -> None:
    gate = threading.Event()

    class Busy(Diary):
        def close(self) -> None:
            gate.wait(20)

    thread = WorkerThread(Busy(), "busy")
    thread.start()
    thread.request_stop()
    assert not thread.wait(1)
    gate.set()
    assert thread.wait(20_000)
