"""Kept scores: what survives a broken run, and that trouble with the file stops nothing."""

from pathlib import Path

import pytest

from maclip_desktop.evaluation.kept import KeptScores

A, B = ("a.jpg", 10, 1_700_000_000_123_456_789), ("sub/é.jpg", 20, 2)


def reopened(folder: Path, values: int = 2, model: str = "m") -> KeptScores:
    kept = KeptScores(folder, {"model": model}, values)
    kept.load()
    return kept


def test_scores_come_back_to_the_last_digit(tmp_path: Path) -> None:
    reopened(tmp_path).add([(A, (0.1 + 0.2, 1e-17))])
    reopened(tmp_path).add([(B, (1.0, 2.0))])
    again = reopened(tmp_path)
    assert again.get(A) == (0.1 + 0.2, 1e-17)
    assert again.get(B) == (1.0, 2.0)


def test_a_changed_photo_is_another_one(tmp_path: Path) -> None:
    reopened(tmp_path).add([(A, (1.0, 2.0))])
    again = reopened(tmp_path)
    assert again.get((A[0], A[1] + 1, A[2])) is None
    assert again.get((A[0], A[1], A[2] + 1)) is None


def test_another_model_knows_nothing_of_it(tmp_path: Path) -> None:
    reopened(tmp_path).add([(A, (1.0, 2.0))])
    assert reopened(tmp_path, model="other").get(A) is None


def test_scores_are_on_disk_when_add_returns(tmp_path: Path) -> None:
    kept = reopened(tmp_path)
    kept.add([(A, (1.0, 2.0))])
    assert reopened(tmp_path).get(A) == (1.0, 2.0)


@pytest.mark.parametrize("lost", range(1, 30))
def test_a_torn_last_line_is_cut_off_and_the_next_starts_clean(tmp_path: Path, lost: int) -> None:
    kept = reopened(tmp_path)
    kept.add([(A, (1.0, 2.0)), (B, (3.0, 4.0))])
    kept.file.write_bytes(kept.file.read_bytes()[:-lost])
    second = reopened(tmp_path)
    assert (second.get(A), second.get(B)) == ((1.0, 2.0), None)
    second.add([(B, (5.0, 6.0))])
    third = reopened(tmp_path)
    assert (third.get(A), third.get(B)) == ((1.0, 2.0), (5.0, 6.0))


@pytest.mark.parametrize(
    "line",
    [b"\xff\xfe", b"{}", b"[]", b'["a.jpg", 10, 1, [NaN, 1.0]]', b'["a.jpg", 10, 1, [1.0]]', b"[[], 1, 1, [1.0, 2.0]]"],
)
def test_a_damaged_line_costs_only_itself(tmp_path: Path, line: bytes) -> None:
    kept = reopened(tmp_path)
    kept.add([(A, (1.0, 2.0))])
    kept.file.write_bytes(line + b"\n" + kept.file.read_bytes())
    again = reopened(tmp_path)
    assert again.get(A) == (1.0, 2.0)
    assert again.get(("a.jpg", 10, 1)) is None


def test_forgetting(tmp_path: Path) -> None:
    kept = reopened(tmp_path)
    kept.add([(A, (1.0, 2.0))])
    again = reopened(tmp_path)
    again.forget()
    assert again.get(A) is None
    assert reopened(tmp_path).get(A) is None


def test_a_folder_that_cannot_be_made_is_noted_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    kept = reopened(tmp_path / "cache" / "evaluations")
    kept.add([(A, (1.0, 2.0))])
    kept.add([(B, (1.0, 2.0))])
    assert isinstance(kept.trouble, OSError)
