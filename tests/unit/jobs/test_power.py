"""Whether the machine runs on its battery, as far as the system tells."""

from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from maclip_desktop.jobs.power import runs_on_battery


def battery(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: answer, raising=False)


@pytest.mark.parametrize(("plugged", "expected"), [(False, True), (True, False), (None, False)])
def test_a_machine_with_a_battery_runs_on_it_where_it_is_known_to_be_unplugged(
    monkeypatch: pytest.MonkeyPatch, plugged: bool | None, expected: bool
) -> None:
    battery(monkeypatch, SimpleNamespace(percent=50, power_plugged=plugged))
    assert runs_on_battery() is expected


def test_a_machine_without_a_battery_never_runs_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    battery(monkeypatch, None)
    assert runs_on_battery() is False


@pytest.mark.parametrize("error", [OSError("no such file"), ValueError("not a number"), psutil.Error(), RuntimeError()])
def test_a_battery_that_cannot_be_read_is_none(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(psutil, "sensors_battery", fail, raising=False)
    assert runs_on_battery() is False


def test_a_system_that_cannot_tell_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert runs_on_battery() is False


def test_this_machine_answers() -> None:
    assert runs_on_battery() in (True, False)
