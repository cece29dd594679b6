"""The network at work: batches, precision, and what happens when a device fails."""

import gc
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from maclip_desktop.scoring import devices, view_encoder
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


class WatchfulEncoder(SmallEncoder):
    """Counts the batches of failed tries that are still in memory when the next one comes."""

    def __init__(self, faults: list[Exception]) -> None:
        super().__init__(faults)
        self.left_over: list[int] = []
        self._failed: list[weakref.ref[Tensor]] = []

    def __call__(self, views: Tensor) -> Tensor:
        self.left_over.append(sum(batch() is not None for batch in self._failed))
        if self._faults:
            self._failed.append(weakref.ref(views))
        return super().__call__(views)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """What waits for the collector of garbage is not free when a device asks for memory."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_what_a_failed_try_held_is_free_before_the_next() -> None:
    watchful = WatchfulEncoder([torch.OutOfMemoryError("CUDA out of memory."), MemoryError(), MemoryError()])
    encoder_of(watchful, precision="bfloat16").encode([picture(0, 900, 900)])
    assert len(watchful.left_over) > 3
    assert set(watchful.left_over) == {0}


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
    assert notice.startswith("META failed, so the processor goes on")
    assert encoder.take_notice() is None


def test_a_device_without_memory_for_one_view_is_left_for_the_cpu() -> None:
    small = SmallEncoder([OUT_OF_MEMORY] * 4)
    encoder = encoder_of(small, CARD, "float16")
    encoder.encode([picture()])
    assert small.batches[:4] == [5, 4, 2, 1]
    assert encoder.device == CPU
    assert "does not have enough memory" in (encoder.take_notice() or "")


def test_the_cpu_goes_on_in_float32() -> None:
    small = SmallEncoder([DRIVER_GONE])
    encoder = encoder_of(small, CARD, "float16")
    encoder.encode([picture()])
    assert small.built == [("meta", "float16"), ("cpu", "float32")]
    assert encoder.precision == "float32"


def test_the_cpu_goes_on_in_what_was_found_exact_enough_there() -> None:
    small = SmallEncoder([DRIVER_GONE])
    towers: list[ImageTower] = []

    def precision_on_cpu(tower: ImageTower) -> str:
        towers.append(tower)
        return "bfloat16"

    encoder = ViewEncoder(small_tower(), CARD, "float16", precision_on_cpu=precision_on_cpu, build=small.build)
    assert towers == []
    encoder.encode([picture()])
    assert len(towers) == 1
    assert encoder.precision == "bfloat16"


@pytest.mark.parametrize(("fault", "reason"), [(OUT_OF_MEMORY, "does not have enough memory"), (DRIVER_GONE, "failed")])
def test_a_device_that_cannot_take_the_network_is_left_for_the_cpu(fault: Exception, reason: str) -> None:
    def build(tower: ImageTower, device: torch.device, precision: str) -> SmallEncoder:
        if device == CARD:
            raise fault
        return SmallEncoder().build(tower, device, precision)

    encoder = ViewEncoder(small_tower(), CARD, "float16", build=build)

    assert (encoder.device, encoder.precision) == (CPU, "float32")
    assert (encoder.take_notice() or "").startswith(f"META {reason}, so the processor goes on")
    assert len(encoder.encode([picture()])) == 1


def test_where_the_cpu_cannot_take_the_network_the_error_comes_out() -> None:
    def build(*_: object) -> SmallEncoder:
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        ViewEncoder(small_tower(), CPU, "float32", build=build)


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


def test_a_card_that_pins_no_memory_gets_ordinary_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that is gone fails here first, in the threads that decode: the photos must reach the CPU."""

    def fail(self: Tensor) -> Tensor:
        raise DRIVER_GONE

    monkeypatch.setattr(Tensor, "pin_memory", fail)
    pixels = np.ones((224, 224, 3), np.uint8)
    assert torch.equal(picture_tensor(pixels, torch.device("cuda")), torch.ones(224, 224, 3, dtype=torch.uint8))


def test_a_device_whose_driver_does_not_tell_its_name_any_more_is_still_named(monkeypatch: pytest.MonkeyPatch) -> None:
    small = SmallEncoder([DRIVER_GONE])
    encoder = encoder_of(small, CARD, "float16")

    def gone(device: torch.device) -> str:
        if device.type == "cpu":
            return "CPU"
        raise DRIVER_GONE

    monkeypatch.setattr(view_encoder, "device_title", gone)
    encoder.encode([picture()])
    assert (encoder.take_notice() or "").startswith("META failed")
    assert encoder.title == "CPU"
