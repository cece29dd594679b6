"""The network at work: batches, precision, and what happens when a device fails."""

import numpy as np
import pytest
import torch
from torch import Tensor

from maclip_desktop.scoring import devices
from maclip_desktop.scoring.scorer import ScoringStopped
from maclip_desktop.scoring.tower import ImageTower
from maclip_desktop.scoring.view_encoder import ViewEncoder, picture_tensor
from tests.helpers.towers import SmallEncoder, small_tower

CPU = torch.device("cpu")
# A device that any torch has, and on which tensors have shapes and no numbers: it stands in for a graphics card.
CARD = torch.device("meta")

OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
DRIVER_GONE = RuntimeError("CUDA error: unspecified launch failure")


@pytest.fixture(autouse=True)
def title_of_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_LARGEST_BATCH", {"cpu": 10, "meta": 8})


def picture(seed: int = 0, height: int = 448, width: int = 448) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def encoder_of(small: SmallEncoder, device: torch.device = CPU, precision: str = "float32") -> ViewEncoder:
    return ViewEncoder(small_tower(), device, precision, build=small.build)


def test_it_stops_between_two_batches_when_asked() -> None:
    small = SmallEncoder()
    with pytest.raises(ScoringStopped):
        encoder_of(small).encode([picture(0, 1200, 1200)], should_stop=lambda: len(small.batches) == 2)
    assert len(small.batches) == 2


def test_features_are_float32_whatever_the_precision() -> None:
    (reduced,) = encoder_of(SmallEncoder(), precision="bfloat16").encode([picture()])
    (exact,) = encoder_of(SmallEncoder()).encode([picture()])
    assert reduced.dtype == torch.float32
    assert torch.allclose(reduced, exact, atol=0.02)
    assert not torch.equal(reduced, exact)


def test_too_little_memory_halves_the_batch_and_loses_nothing() -> None:
    small = SmallEncoder([OUT_OF_MEMORY, MemoryError()])
    encoder = encoder_of(small)
    pictures = [picture(seed) for seed in range(5)]

    features = encoder.encode(pictures)

    assert small.batches == [10, 5, *[2] * 12, 1]
    undisturbed = encoder_of(SmallEncoder()).encode(pictures)
    assert [len(one) for one in features] == [5] * 5
    assert torch.allclose(torch.cat(features), torch.cat(undisturbed))
    assert encoder.take_notice() is None


def test_the_smaller_batch_stays() -> None:
    small = SmallEncoder([OUT_OF_MEMORY])
    encoder = encoder_of(small)
    encoder.encode([picture()])
    small.batches.clear()
    encoder.encode([picture(seed) for seed in range(8)])
    assert max(small.batches) < devices.views_at_once("RN50", CPU)


@pytest.mark.parametrize("fault", [DRIVER_GONE, RuntimeError("device-side assert triggered")])
def test_a_device_that_fails_is_left_for_the_cpu_with_a_notice(fault: Exception) -> None:
    small = SmallEncoder([fault])
    encoder = encoder_of(small, CARD, "float16")

    (features,) = encoder.encode([picture()])

    assert encoder.device == CPU
    assert len(features) == 5
    notice = encoder.take_notice()
    assert notice is not None
    assert notice.startswith("META failed while scoring, so the processor goes on")
    assert encoder.take_notice() is None


def test_a_device_without_memory_for_one_view_is_left_for_the_cpu() -> None:
    small = SmallEncoder([OUT_OF_MEMORY] * 4)
    encoder = encoder_of(small, CARD, "float16")
    encoder.encode([picture()])
    assert small.batches[:4] == [5, 4, 2, 1]
    assert encoder.device == CPU
    assert "does not have enough memory" in (encoder.take_notice() or "")


@pytest.mark.parametrize(
    ("before", "can_reduce", "after"),
    [("float16", True, "bfloat16"), ("float16", False, "float32"), ("float32", True, "float32")],
)
def test_the_cpu_goes_on_at_least_as_exactly(
    monkeypatch: pytest.MonkeyPatch, before: str, can_reduce: bool, after: str
) -> None:
    monkeypatch.setattr(devices, "_cpu_multiplies_bfloat16", lambda: can_reduce)
    small = SmallEncoder([DRIVER_GONE])
    encoder = encoder_of(small, CARD, before)
    encoder.encode([picture()])
    assert small.built == [("meta", before), ("cpu", after)]
    assert encoder.precision == after


def test_the_weights_are_read_once_more_for_the_cpu() -> None:
    reread: list[ImageTower] = []

    def reload() -> ImageTower:
        reread.append(small_tower())
        return reread[-1]

    small = SmallEncoder([DRIVER_GONE])
    ViewEncoder(small_tower(), CARD, "float16", reload, build=small.build).encode([picture()])
    assert len(reread) == 1


def test_where_the_cpu_fails_too_its_error_comes_out() -> None:
    encoder = encoder_of(SmallEncoder([RuntimeError("a bug")]))
    with pytest.raises(RuntimeError, match="a bug"):
        encoder.encode([picture()])


def test_read_only_pixels_are_copied_before_torch_owns_them() -> None:
    pixels = np.zeros((224, 224, 3), np.uint8)
    pixels.setflags(write=False)
    assert picture_tensor(pixels, CPU).data_ptr() != pixels.ctypes.data
