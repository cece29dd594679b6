"""An outcome to be shown."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from maclip_desktop.evaluation.agreement import Resampling, measure_agreement
from maclip_desktop.evaluation.outcome import Outcome, PhotoState, RatedPhoto, Setting, score_columns
from maclip_desktop.evaluation.paper import MACLIP, Q_MAG, Q_SIM, published

MakeOutcome = Callable[..., Outcome]


@pytest.fixture
def make_outcome() -> MakeOutcome:
    """Makes the outcome of an evaluation of *count* photos; *changes* are fields of its setting."""

    def make(count: int = 60, resamples: int = 100, comparable: bool = True, **changes: Any) -> Outcome:
        rng = np.random.default_rng(0)
        opinions = rng.uniform(10, 90, count)
        photos = [
            RatedPhoto(f"{at:03}.jpg", float(opinion), PhotoState.SCORED, tuple(opinion / 100 + rng.normal(0, 0.2, 3)))
            for at, opinion in enumerate(opinions)
        ]
        photos.append(RatedPhoto("gone.jpg", 5.0, PhotoState.MISSING, error="There is no such file."))
        photos.append(RatedPhoto("bad.jpg", 6.0, PhotoState.FAILED, error="bad.jpg is damaged."))
        names, resampling = (MACLIP, Q_SIM, Q_MAG), Resampling(resamples)
        values: dict[str, Any] = {
            "labels": "/data/labels.json",
            "images": "/data/images",
            "dataset": "livec",
            "scorer": "maclip",
            "model_id": "maclip-1:RN50:0123456789ab:native:l0.5:c1.0:n0.6:a1.0",
            "device": "CPU",
            "precision": "float32",
            "parameters": {"backbone": "RN50"},
            "title": "MA-CLIP RN50, native",
            "resampling": resampling,
        } | changes
        columns, scores = score_columns(tuple(photos), len(names))
        agreements = [measure_agreement(*one, columns, resampling) for one in zip(names, scores, strict=True)]
        paper = published(values["dataset"], "RN50")
        return Outcome(Setting(**values), names, tuple(photos), 4, tuple(agreements), paper, comparable)

    return make
