"""What is measured: which scorer, with which weights, over which photos."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from maclip_desktop.benchmark.apart import Say
from maclip_desktop.benchmark.results import EngineFacts
from maclip_desktop.scoring.factory import ScorerChoice, create_scorer
from maclip_desktop.scoring.parameters import Protocol
from maclip_desktop.scoring.scorer import Scorer


@dataclass(frozen=True)
class Subject:
    """Everything a measuring process has to know; it can be pickled."""

    choice: ScorerChoice
    """What was asked for; its kind is ``maclip`` or ``technical``."""
    weights: Path | None
    """The file of weights; None for a scorer that needs none."""
    stands_in: bool
    """Whether the weights are random ones, made for the occasion."""
    paths: tuple[Path, ...]
    """Photos and folders of photos."""
    count: int | None
    """So many of the photos and no more; None for all."""
    workplace: Path
    """A folder for the libraries that are thrown away; who made it removes it."""

    @property
    def is_maclip(self) -> bool:
        return self.choice.kind == "maclip"

    @property
    def protocol(self) -> Protocol | None:
        """How photos are resized; None where they are not."""
        return self.choice.parameters.protocol if self.is_maclip else None

    def in_precision(self, precision: str) -> "Subject":
        return replace(self, choice=replace(self.choice, precision=precision))

    # Torch takes seconds to load, and the technical scorer does without.

    def make_scorer(self) -> Scorer:
        """Load the scorer. Raises `WeightsError`, `DeviceError` or `UsageError`."""
        # What self-checks find is kept in the workplace, and so used again by the next process of this run only.
        return create_scorer(replace(self.choice, weights=self.weights), self.workplace)

    def complete_state(self) -> Mapping[str, Any]:
        """The tensors of the weights with the text encoder. Raises `WeightsError`."""
        backbone = self.choice.parameters.backbone
        if self.stands_in or self.weights is None:
            from maclip_desktop.scoring.standin import standin_state

            return standin_state(backbone)
        from maclip_desktop.scoring.weights import read_complete

        return read_complete(self.weights, backbone)[0]

    def forget_device_peak(self) -> None:
        """Let the graphics card's peak of memory begin anew."""
        if self.is_maclip:
            from maclip_desktop.scoring.engine import forget_device_peak

            forget_device_peak()

    def engine_facts(self) -> EngineFacts | None:
        """What computes in this process; None for a scorer without a network."""
        if not self.is_maclip:
            return None
        from maclip_desktop.scoring import engine

        return EngineFacts(
            versions=engine.engine_versions(),
            threads=engine.engine_threads(),
            precisions=engine.possible_precisions(self.choice.device),
            device_peak_bytes=engine.device_peak_bytes(),
        )


def with_standins(subject: Subject, say: Say) -> Subject:
    """*subject* with stand-in weights, written into its workplace as a compact file. Raises `WeightsError`."""
    from maclip_desktop.scoring.standin import write_standin_tower

    say("making stand-in weights")
    parameters = subject.choice.parameters
    file = write_standin_tower(subject.workplace / "standin.safetensors", parameters.backbone, parameters.prompts)
    return replace(subject, weights=file, stands_in=True)
