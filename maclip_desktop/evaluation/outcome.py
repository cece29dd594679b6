"""All that an evaluation found out: what the table, the lists and the plot are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from maclip_desktop.evaluation.agreement import Agreement, Resampling
from maclip_desktop.evaluation.correlation import Values
from maclip_desktop.evaluation.paper import Published


class PhotoState(StrEnum):
    """What became of a photo on the list."""

    SCORED = "scored"
    MISSING = "missing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RatedPhoto:
    """One photo of the labels, with its scores."""

    path: str
    """As in the labels, relative to the folder of images."""
    opinion: float
    state: PhotoState
    scores: tuple[float, ...] = ()
    """One for every way of scoring, in their order; empty unless scored."""
    error: str | None = None


@dataclass(frozen=True)
class Setting:
    """What was compared with what, and how."""

    labels: str
    images: str
    dataset: str | None
    """The data set by the authors' name, or None."""
    scorer: str
    model_id: str
    device: str
    precision: str
    parameters: Mapping[str, object]
    """The scorer's parameters by name; empty where it has none."""
    title: str
    """Scorer and parameters in a few words."""
    resampling: Resampling
    warning: str | None = None
    """Why the figures may mean nothing, or None."""


@dataclass(frozen=True)
class Outcome:
    """The result of an evaluation."""

    setting: Setting
    names: tuple[str, ...]
    """Of the ways of scoring; the first is the one asked for, the others are its alternatives."""
    photos: tuple[RatedPhoto, ...]
    unrated: int
    """Entries of the labels without an opinion."""
    agreements: tuple[Agreement, ...]
    """One for every way of scoring."""
    paper: Mapping[str, Published]
    """The paper's figures for this data set and backbone, by the names of the ways of scoring; may be empty."""
    comparable: bool
    """Whether the paper's figures belong to the settings used, so that they may stand in the same row."""

    @property
    def scored(self) -> list[RatedPhoto]:
        return [photo for photo in self.photos if photo.state is PhotoState.SCORED]

    def of_state(self, state: PhotoState) -> list[RatedPhoto]:
        return [photo for photo in self.photos if photo.state is state]

    def paper_for(self, name: str) -> Published | None:
        """The paper's figures to stand beside those of *name*."""
        return self.paper.get(name) if self.comparable else None


def score_columns(photos: tuple[RatedPhoto, ...], ways: int) -> tuple[Values, Values]:
    """The opinions (N,) and the scores (ways, N) of the photos that were scored, in the order of their paths.

    The order of a list must not show in the confidence intervals.
    """
    scored = sorted((photo for photo in photos if photo.state is PhotoState.SCORED), key=lambda photo: photo.path)
    opinions = np.array([photo.opinion for photo in scored], dtype=np.float64)
    scores = np.array([photo.scores for photo in scored], dtype=np.float64).reshape(len(scored), ways).T
    return opinions, np.ascontiguousarray(scores)
