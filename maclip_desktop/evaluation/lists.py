"""The result as files: everything as JSON, the figures as CSV, the photos as CSV."""

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from maclip_desktop.evaluation.agreement import CONFIDENCE, FIGURES, Agreement
from maclip_desktop.evaluation.logistic import FIT_NAME
from maclip_desktop.evaluation.outcome import Outcome, PhotoState
from maclip_desktop.evaluation.paper import CLIP_IQA, MACLIP, Q_SIM, Published

FIGURE_HEADER = (
    "name",
    "photos",
    *(f"{figure}{end}" for figure in FIGURES for end in ("", "_low", "_high")),
    *("paper_srcc", "paper_plcc", "model_id", "warning"),
)
"""The columns of the figures' CSV."""


def as_json(outcome: Outcome, version: str) -> bytes:
    """Everything but the single scores: settings, what is missing, figures, intervals, the paper's figures.

    An undefined figure is null; NaN never appears. *version*: the program's.
    """
    setting = outcome.setting
    content = {
        "program": f"maclip-desktop {version}",
        "labels": setting.labels,
        "images": setting.images,
        "dataset": setting.dataset,
        "scorer": setting.scorer,
        "model_id": setting.model_id,
        "device": setting.device,
        "precision": setting.precision,
        "parameters": dict(setting.parameters),
        "warning": setting.warning,
        "photos": len(outcome.scored),
        "listed": len(outcome.photos),
        "without_opinion": outcome.unrated,
        "missing": [photo.path for photo in outcome.of_state(PhotoState.MISSING)],
        "failed": [{"path": one.path, "error": one.error} for one in outcome.of_state(PhotoState.FAILED)],
        "bootstrap": {**asdict(setting.resampling), "confidence": CONFIDENCE, "method": "percentile"},
        "fit": f"{FIT_NAME}, one curve for all resamples",
        "results": [_result(outcome, agreement) for agreement in outcome.agreements],
        "paper": {name: _published(outcome.paper.get(key)) for name, key in ((MACLIP, MACLIP), (CLIP_IQA, Q_SIM))}
        if outcome.paper
        else None,
    }
    # ASCII: it may go to a terminal that has no other letters.
    return (json.dumps(content, allow_nan=False, indent=1) + "\n").encode("ascii")


def figures_as_csv(outcome: Outcome) -> bytes:
    """One line a way of scoring; what is undefined is empty."""
    return _csv(FIGURE_HEADER, (_figure_line(outcome, agreement) for agreement in outcome.agreements))


def photos_as_csv(outcome: Outcome) -> bytes:
    """One line a photo of the labels: its opinion, its scores, and why it has none."""
    header = ("img_path", "gt_score", "state", *outcome.names, "error")
    lines = (
        [photo.path, photo.opinion, photo.state.value, *(photo.scores or [None] * len(outcome.names)), photo.error]
        for photo in outcome.photos
    )
    return _csv(header, lines)


def _result(outcome: Outcome, agreement: Agreement) -> dict[str, Any]:
    return {
        "name": agreement.name,
        **{figure: asdict(getattr(agreement, figure)) for figure in FIGURES},
        "curve": asdict(agreement.curve) if agreement.curve else None,
        "constant_resamples": agreement.skipped,
        "undefined": agreement.undefined,
        "paper": _published(outcome.paper_for(agreement.name)),
    }


def _published(figures: Published | None) -> dict[str, float | None] | None:
    return None if figures is None else {"srcc": figures[0], "plcc": figures[1]}


def _figure_line(outcome: Outcome, agreement: Agreement) -> list[Any]:
    figures = [getattr(agreement, name) for name in FIGURES]
    srcc, plcc = outcome.paper_for(agreement.name) or (None, None)
    cells = [value for figure in figures for value in (figure.value, figure.low, figure.high)]
    setting = outcome.setting
    return [agreement.name, len(outcome.scored), *cells, srcc, plcc, setting.model_id, setting.warning]


def _csv(header: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in line] for line in lines)
    return buffer.getvalue().encode("utf-8", "surrogateescape")


def _cell(value: Any) -> Any:
    """All digits of a number; empty for what is not there."""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return "" if value is None else value
