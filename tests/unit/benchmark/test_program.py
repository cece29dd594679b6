"""The program's own way, measured with the technical scorer: real files, a real library, thrown away."""

from pathlib import Path

import numpy as np
import pytest

from maclip_desktop.benchmark import subject as subject_module
from maclip_desktop.benchmark.program import LOOKED_AT_CLOSELY, measure_program
from maclip_desktop.benchmark.stages import STAGES
from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.imaging.decode import decode
from maclip_desktop.scoring.technical import TechnicalScorer, measure
from tests.helpers.fakes import FakeScorer, loading
from tests.helpers.pictures import write_photo, write_photos
from tests.unit.benchmark.helping import silence, subject_of


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    write_photos(folder, 10)
    return folder


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    folder = tmp_path / "workplace"
    folder.mkdir()
    return folder


def test_the_scores_are_those_of_the_scorer(photos: Path, workplace: Path) -> None:
    found = measure_program(subject_of(workplace, photos), False, silence)
    assert found.scores == {path: measure(decode(path)).score for path in photos.iterdir()}
    assert (found.device, found.model_id, found.views) == ("CPU", TechnicalScorer.model_id, 10)
    assert found.failed == {}


def test_what_was_looked_at_is_told(photos: Path, workplace: Path) -> None:
    found = measure_program(subject_of(workplace, photos), False, silence)
    assert found.megapixels == pytest.approx(10 * 48 * 48 / 1e6)
    assert found.megabytes == pytest.approx(sum(path.stat().st_size for path in photos.iterdir()) / 1e6)
    assert tuple(found.stages) == STAGES
    assert all(found.stages[name] > 0 for name in ("read", "decode", "measure", "store"))
    assert found.seconds > 0 and found.per_second == 10 / found.seconds
    assert found.engine is None and found.decoding is None


def test_nothing_is_left_in_the_workplace(photos: Path, workplace: Path) -> None:
    measure_program(subject_of(workplace, photos), False, silence)
    assert list(workplace.iterdir()) == []


def test_only_as_many_photos_as_asked_for_are_scored(photos: Path, workplace: Path) -> None:
    assert len(measure_program(subject_of(workplace, photos, count=3), False, silence).scores) == 3


def test_what_cannot_be_scored_is_told_and_not_counted(photos: Path, workplace: Path) -> None:
    broken = photos / "broken.jpg"
    broken.write_bytes(b"no picture")
    found = measure_program(subject_of(workplace, photos, photos / "missing"), False, silence)
    assert len(found.scores) == 10
    assert set(found.failed) == {broken, photos / "missing"}
    assert all(str(path) in sentence for path, sentence in found.failed.items())


def test_no_photos_at_all_is_no_accident(tmp_path: Path, workplace: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = measure_program(subject_of(workplace, tmp_path / "empty"), True, silence)
    assert (found.scores, found.views, found.per_second) == ({}, 0, 0)


class HalvingScorer(FakeScorer):
    """Lets large photos be decoded at half their size, and scores how many pixels it got."""

    def min_side(self, width: int, height: int) -> int | None:
        return min(width, height) // 2 if width > 100 else None

    def prepare(self, photo: DecodedPhoto) -> float:
        return float(np.prod(photo.pixels.shape[:2]))


def test_decoding_is_compared_only_where_it_may_be_reduced(
    tmp_path: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_module, "create_scorer", loading(HalvingScorer()))
    large = write_photo(tmp_path / "large.jpg", side=200)
    small = write_photo(tmp_path / "small.jpg", side=50)
    found = measure_program(subject_of(workplace, large, small), True, silence)
    assert found.scores == {large: 100 * 100, small: 50 * 50}
    assert found.decoding is not None
    assert (found.decoding.photos, found.decoding.largest) == (1, 200 * 200 - 100 * 100)
    assert measure_program(subject_of(workplace, large, small), False, silence).decoding is None


def test_only_some_photos_are_looked_at_closely(
    tmp_path: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = FakeScorer()
    monkeypatch.setattr(subject_module, "create_scorer", loading(scorer))
    write_photos(tmp_path / "photos", LOOKED_AT_CLOSELY + 4)
    measure_program(subject_of(workplace, tmp_path / "photos"), False, silence)
    first_pass = 1
    assert scorer.call_count == first_pass + LOOKED_AT_CLOSELY + 4 + LOOKED_AT_CLOSELY
