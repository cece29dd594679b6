"""The image network at work: on a device, in batches, and elsewhere where the device fails."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maclip_desktop.scoring.batching import encode_photos
from maclip_desktop.scoring.devices import device_title, dtype_of, views_at_once
from maclip_desktop.scoring.encoder import Encoder, build_encoder
from maclip_desktop.scoring.scorer import ScoringStopped, ShouldStop, never
from maclip_desktop.scoring.tower import ImageTower
from maclip_desktop.scoring.views import cut_views

log = logging.getLogger(__name__)

CPU = torch.device("cpu")

_OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")
"""What torch and the systems below it say; only CUDA's has a type of its own."""

BuildEncoder = Callable[[ImageTower, torch.device, str], Encoder]


class ViewEncoder:
    """Turns photos into image features. One thread at a time.

    A batch for which the memory does not suffice is tried again in halves. A device that fails otherwise, cannot do
    with a single view or has no room for the network is left for the CPU; `take_notice` then has a sentence for the
    user.
    """

    def __init__(
        self,
        tower: ImageTower,
        device: torch.device,
        precision: str,
        reload: Callable[[], ImageTower] | None = None,
        precision_on_cpu: Callable[[ImageTower], str] | None = None,
        build: BuildEncoder | None = None,
    ) -> None:
        """*precision*: a resolved one. Should the CPU have to take over, *reload* gets the tower once more (unless
        given, *tower* is kept for that), and *precision_on_cpu* says in what to go on (float32 unless given).

        Raises torch's own error where the CPU has no room for the network either.
        """
        self._reload = reload or (lambda: tower)
        self._precision_on_cpu = precision_on_cpu or (lambda _: "float32")
        self._build = build or build_encoder
        self._backbone = tower.backbone
        self._notice: str | None = None
        # Asked for now: a device whose driver has gone does not even tell its name.
        self._title = device_title(device)
        try:
            self._settle(tower, device, precision)
            return
        except (RuntimeError, MemoryError) as error:
            if device.type == "cpu":
                raise
            fault = _Fault.of(error)
        log.warning("the model could not be built on %s: %s", device, fault.text)
        self._leave_for_cpu(fault)

    @property
    def title(self) -> str:
        """The device as shown to the user."""
        return self._title

    @property
    def device(self) -> torch.device:
        """Where the network runs now."""
        return self._device

    @property
    def precision(self) -> str:
        """In what it computes now."""
        return self._precision

    def take_notice(self) -> str | None:
        """What the user should be told since this was last asked, or None."""
        notice, self._notice = self._notice, None
        return notice

    def encode(self, pictures: Sequence[Tensor], should_stop: ShouldStop = never) -> list[Tensor]:
        """Image features of every picture's views: float32 (views, D) on the CPU, tiles first, the whole last.

        *pictures*: (height, width, 3) uint8 on the CPU, as `cut_views` wants them. Raises `ScoringStopped` where
        *should_stop* says yes before a micro-batch, and torch's own error where the CPU fails too.
        """
        while True:
            try:
                return self._encode_here(pictures, should_stop)
            except (RuntimeError, MemoryError) as error:
                fault = _Fault.of(error)
                if not self._another_try_is_left(fault):
                    raise
            # Outside the handler, and without the error: it keeps the frames alive that hold the memory.
            self._take_up_again(fault)

    @torch.inference_mode()
    def _encode_here(self, pictures: Sequence[Tensor], should_stop: ShouldStop) -> list[Tensor]:
        def encode(views: Tensor) -> Tensor:
            if should_stop():
                raise ScoringStopped
            views = views.to(dtype=dtype_of(self._precision), memory_format=torch.channels_last)
            # float32 means float32: a graphics card would otherwise round the factors of its convolutions to 10 bits.
            with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
                return self._encoder(views)

        return encode_photos([self._views(picture) for picture in pictures], encode, lambda: self._views_at_once)

    def _views(self, picture: Tensor) -> Iterator[Tensor]:
        # Elsewhere than from pinned memory torch does not promise that the copy is whole when it is used.
        return cut_views(picture.to(self._device, non_blocking=self._device.type == "cuda"))

    def _settle(self, tower: ImageTower, device: torch.device, precision: str) -> None:
        self._encoder = self._build(tower, device, precision)
        self._device = device
        self._precision = precision
        self._views_at_once = views_at_once(self._backbone, device)

    def _another_try_is_left(self, fault: "_Fault") -> bool:
        return self._device.type != "cpu" or (fault.out_of_memory and self._views_at_once > 1)

    def _take_up_again(self, fault: "_Fault") -> None:
        """Make ready for another try."""
        log.warning("the model failed on %s with %d views at once: %s", self._device, self._views_at_once, fault.text)
        if not (fault.out_of_memory and self._views_at_once > 1):
            self._leave_for_cpu(fault)
            return
        self._views_at_once //= 2
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _leave_for_cpu(self, fault: "_Fault") -> None:
        tower = self._reload()
        self._settle(tower, CPU, self._precision_on_cpu(tower))
        reason = "does not have enough memory" if fault.out_of_memory else "failed"
        left, self._title = self._title, device_title(CPU)
        self._notice = (
            f"{left} {reason}, so the processor goes on, more slowly; start the program again to use the device again."
        )


@dataclass(frozen=True)
class _Fault:
    """What is kept of an error."""

    text: str
    out_of_memory: bool

    @classmethod
    def of(cls, error: BaseException) -> "_Fault":
        return cls(str(error), _is_out_of_memory(error))


def picture_tensor(pixels: NDArray[np.uint8], device: torch.device) -> Tensor:
    """A fitted photo as a tensor that *device* can fetch quickly: in pinned memory for CUDA."""
    if not pixels.flags.writeable:
        pixels = pixels.copy()  # torch wants to own what it is given
    tensor = torch.from_numpy(pixels)
    if device.type != "cuda":
        return tensor
    try:
        return tensor.pin_memory()
    except RuntimeError as error:
        # No more of it is to be had, or the driver is gone; the one who scores finds out, and turns to the CPU.
        log.info("a photo stays in ordinary memory: %s", error)
        return tensor


def _is_out_of_memory(fault: BaseException) -> bool:
    if isinstance(fault, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(fault).lower() for words in _OUT_OF_MEMORY)
