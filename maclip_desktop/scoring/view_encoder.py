"""The image network at work: on a device, in batches, and elsewhere where the device fails."""

import logging
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maclip_desktop.scoring.batching import encode_photos
from maclip_desktop.scoring.devices import device_title, dtype_of, reduced_precision, views_at_once
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

    A batch for which the memory does not suffice is tried again in halves. A device that fails otherwise, or cannot do
    with a single view, is left for the CPU; `take_notice` then has a sentence for the user.
    """

    def __init__(
        self,
        tower: ImageTower,
        device: torch.device,
        precision: str,
        reload: Callable[[], ImageTower] | None = None,
        build: BuildEncoder | None = None,
    ) -> None:
        """*precision*: a resolved one. *reload*: gets the tower once more, should the CPU have to take over; unless
        given, *tower* is kept for that."""
        self._reload = reload or (lambda: tower)
        self._build = build or build_encoder
        self._backbone = tower.backbone
        self._notice: str | None = None
        self._settle(tower, device, precision)

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
                fault = error
            # Outside the handler: the error keeps the frames alive that hold the memory.
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
        return cut_views(picture.to(self._device, non_blocking=True))

    def _settle(self, tower: ImageTower, device: torch.device, precision: str) -> None:
        self._encoder = self._build(tower, device, precision)
        self._device = device
        self._precision = precision
        self._views_at_once = views_at_once(self._backbone, device)

    def _take_up_again(self, fault: BaseException) -> None:
        """Make ready for another try, or raise *fault* where there is none left."""
        log.warning("the model failed on %s with %d views at once: %s", self._device, self._views_at_once, fault)
        if _is_out_of_memory(fault) and self._views_at_once > 1:
            self._views_at_once //= 2
            if self._device.type == "cuda":
                torch.cuda.empty_cache()
            return
        if self._device.type == "cpu":
            raise fault
        title = device_title(self._device)
        reason = "does not have enough memory" if _is_out_of_memory(fault) else "failed"
        exact = self._precision == "float32"
        self._settle(self._reload(), CPU, "float32" if exact else reduced_precision(CPU) or "float32")
        self._notice = (
            f"{title} {reason} while scoring, so the processor goes on, more slowly;"
            " start the program again to use the device again."
        )


def picture_tensor(pixels: NDArray[np.uint8], device: torch.device) -> Tensor:
    """A fitted photo as a tensor that *device* can fetch quickly: in pinned memory for CUDA."""
    if not pixels.flags.writeable:
        pixels = pixels.copy()  # torch wants to own what it is given
    tensor = torch.from_numpy(pixels)
    return tensor.pin_memory() if device.type == "cuda" else tensor


def _is_out_of_memory(fault: BaseException) -> bool:
    if isinstance(fault, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(fault).lower() for words in _OUT_OF_MEMORY)
