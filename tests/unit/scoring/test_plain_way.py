"""Two programs written apart, the scorer and the plain way, give the same numbers from the same weights."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from maclip_desktop.benchmark.generated import generated_picture
from maclip_desktop.imaging.decode import decode
from maclip_desktop.scoring.maclip import MaclipScorer
from maclip_desktop.scoring.parameters import MaclipParameters, Magnitude, Protocol
from maclip_desktop.scoring.plain_way import PlainWay
from maclip_desktop.scoring.standin import standin_state, standin_tower
from maclip_desktop.scoring.tower import ImageTower

TOLERANCE = 1e-5


class Weights:
    """The same stand-in weights as both sides take them; made once for a backbone."""

    def __init__(self, backbone: str) -> None:
        self.parameters = MaclipParameters(backbone=backbone)
        self.state: Mapping[str, Tensor] = standin_state(backbone)
        self.tower: ImageTower = standin_tower(backbone)
        self._scorer = MaclipScorer.from_tower(self.tower, self.parameters, "cpu", "float32", exact_decode=True)
        self._plain = PlainWay(self.parameters, self.state)

    def plain(self, parameters: MaclipParameters) -> PlainWay:
        way = copy.copy(self._plain)
        way.parameters = parameters
        return way

    def both(self, parameters: MaclipParameters, path: Path) -> tuple[float, float]:
        scorer = self._scorer.under(parameters)
        (score,) = scorer.score([scorer.prepare(decode(path))])
        return score.value, self.plain(parameters)(path)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Both sides compute little at a time; more threads only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def resnet() -> Weights:
    return Weights("RN50")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    generated_picture(5, (420, 300)).save(tmp_path / "photo.jpg", quality=95)
    return tmp_path / "photo.jpg"


@pytest.mark.parametrize("protocol", list(Protocol))
def test_they_agree_under_every_protocol(resnet: Weights, path: Path, protocol: Protocol) -> None:
    ours, plain = resnet.both(replace(resnet.parameters, protocol=protocol), path)
    assert ours == pytest.approx(plain, abs=TOLERANCE)


def test_they_agree_on_a_photo_smaller_than_a_tile(resnet: Weights, tmp_path: Path) -> None:
    generated_picture(6, (150, 400)).save(tmp_path / "small.png")
    ours, plain = resnet.both(replace(resnet.parameters, protocol=Protocol.NATIVE), tmp_path / "small.png")
    assert ours == pytest.approx(plain, abs=TOLERANCE)


@pytest.mark.parametrize(
    "changes",
    [
        {"box_lambda": 0.0, "alpha": 2.0},
        {"box_lambda": -1.0, "base_cos": 0.2, "base_norm": 0.9},
        {"magnitude": Magnitude.L1},
        {"magnitude": Magnitude.L2, "fixed_w_sim": 0.8},
        {"fixed_w_sim": 1.0},
    ],
)
def test_they_agree_under_other_parameters(resnet: Weights, path: Path, changes: dict[str, float]) -> None:
    parameters = replace(resnet.parameters, protocol=Protocol.RESIZE224, **changes)  # type: ignore[arg-type]
    ours, plain = resnet.both(parameters, path)
    usual = resnet.plain(replace(resnet.parameters, protocol=Protocol.RESIZE224))(path)
    assert ours == pytest.approx(plain, rel=TOLERANCE)
    assert ours != pytest.approx(usual, abs=100 * TOLERANCE)


def test_they_agree_with_a_vision_transformer(path: Path) -> None:
    weights = Weights("ViT-B/32")
    ours, plain = weights.both(replace(weights.parameters, protocol=Protocol.RESIZE224), path)
    assert ours == pytest.approx(plain, abs=TOLERANCE)


def test_the_plain_way_turns_a_photo_upright(resnet: Weights, path: Path, tmp_path: Path) -> None:
    with Image.open(path) as image:
        turned = image.transpose(Image.Transpose.ROTATE_90)
        orientation = Image.Exif()
        orientation[0x0112] = 6
        turned.save(tmp_path / "turned.png", exif=orientation)
        image.save(tmp_path / "upright.png")
    plain = resnet.plain(replace(resnet.parameters, protocol=Protocol.RESIZE224))
    assert plain(tmp_path / "turned.png") == plain(tmp_path / "upright.png")


def test_the_plain_way_says_what_it_cannot_read(resnet: Weights, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"no picture")
    with pytest.raises(OSError, match=r"photo\.jpg"):
        resnet.plain(resnet.parameters)(tmp_path / "photo.jpg")


class TestStandinWeights:
    def test_they_are_the_same_every_time_and_another_seed_gives_others(self) -> None:
        once, again, other = standin_state(), standin_state(), standin_state(seed=8)
        assert all(torch.equal(once[name], again[name]) for name in once)
        assert not torch.equal(once["visual.conv1.weight"], other["visual.conv1.weight"])

    def test_the_tower_holds_the_same_numbers_and_not_the_text_encoder(self, resnet: Weights) -> None:
        tower = resnet.tower
        assert tower.text_features.shape == (5, 2, 1024)
        assert np.isfinite(tower.text_features.numpy()).all()
        assert tower.logit_scale == pytest.approx(np.exp(float(np.float16(4.6))), rel=1e-6)
        assert all(torch.equal(value, resnet.state[f"visual.{name}"]) for name, value in tower.state.items())
        assert not any("positional_embedding" in name for name in tower.state)
        assert "standin" in tower.sha256
