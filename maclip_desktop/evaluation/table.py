"""The result as text for a terminal of 80 columns."""

import textwrap
from collections.abc import Iterator

from maclip_desktop.evaluation.agreement import CONFIDENCE, FIGURES, Agreement, Figure
from maclip_desktop.evaluation.logistic import FIT_NAME
from maclip_desktop.evaluation.outcome import Outcome
from maclip_desktop.evaluation.paper import CLIP_IQA, MACLIP, Q_SIM, Published

WIDTH = 79
_NAME, _CELL = 15, 13
_HEADINGS = ("SRCC", "PLCC", "PLCC fitted", "KRCC")

_OPPOSITE_BELOW = -0.2
"""A correlation below this is no chance: one of the two scales seems to be turned round."""


def result_lines(outcome: Outcome) -> list[str]:
    """Heading, table and remarks, no line longer than `WIDTH` unless a single word is."""
    return [*_heading(outcome), "", *_table(outcome), "", *_remarks(outcome)]


def _heading(outcome: Outcome) -> Iterator[str]:
    setting = outcome.setting
    count = len(outcome.scored)
    name = f"{setting.dataset}: " if setting.dataset else ""
    yield from _wrapped(f"{name}{count} {'photo' if count == 1 else 'photos'}, {setting.title}")
    yield from _wrapped(f"model id {setting.model_id}")
    if setting.warning:
        yield from _wrapped(setting.warning)


def _table(outcome: Outcome) -> Iterator[str]:
    with_paper = any(outcome.paper_for(name) for name in outcome.names)
    yield _row("", _HEADINGS, "paper S/P" if with_paper else "")
    for agreement in outcome.agreements:
        figures = [getattr(agreement, name) for name in FIGURES]
        beside = _published(outcome.paper_for(agreement.name)) if with_paper else ""
        yield _row(agreement.name, [_value(agreement, figure) for figure in figures], beside)
        if any(figure.low is not None for figure in figures):
            yield _row("", [_interval(figure) for figure in figures], "")


def _row(name: str, cells: list[str] | tuple[str, ...], last: str) -> str:
    return (name.ljust(_NAME) + "".join(cell.ljust(_CELL) for cell in cells) + last).rstrip()


def _value(agreement: Agreement, figure: Figure) -> str:
    if figure.value is not None:
        return f"{figure.value:.3f}"
    no_fit = figure is agreement.plcc_fitted and agreement.undefined is None and agreement.curve is None
    return "no fit" if no_fit else "undefined"


def _interval(figure: Figure) -> str:
    return "" if figure.low is None or figure.high is None else f"{figure.low:.2f}..{figure.high:.2f}"


def _published(figures: Published | None) -> str:
    if figures is None:
        return "-"
    srcc, plcc = figures
    return f"{srcc:.3f}/{'-' if plcc is None else f'{plcc:.3f}'}"


def _remarks(outcome: Outcome) -> Iterator[str]:
    resampling = outcome.setting.resampling
    if any(agreement.srcc.low is not None for agreement in outcome.agreements):
        yield from _wrapped(
            f"Below each figure: {CONFIDENCE:.0%} interval from {resampling.count} bootstrap resamples (seed"
            f" {resampling.seed}), the fitted curve being the same in all."
        )
    if any(agreement.curve for agreement in outcome.agreements):
        yield from _wrapped(f"PLCC fitted: after a {FIT_NAME}. KRCC: tau-b.")
    yield from _paper_remark(outcome)
    yield from _troubles(outcome)


def _paper_remark(outcome: Outcome) -> Iterator[str]:
    dataset = outcome.setting.dataset
    if dataset is None:
        return
    backbone = outcome.setting.parameters.get("backbone", "RN50")
    if not outcome.paper:
        yield from _wrapped(f"The paper gives no figures for {dataset} with {backbone}.")
        return
    said = [f"{name} {_published(outcome.paper.get(key))}" for name, key in ((MACLIP, MACLIP), (CLIP_IQA, Q_SIM))]
    yield from _wrapped(f"The paper on {dataset} with {backbone} (SRCC/PLCC): {', '.join(said)} (q_sim alone).")


def _troubles(outcome: Outcome) -> Iterator[str]:
    for agreement in outcome.agreements:
        if agreement.undefined:
            yield from _wrapped(f"{agreement.name}: undefined. {agreement.undefined}")
    skipped = [f"{agreement.name} {agreement.skipped}" for agreement in outcome.agreements if agreement.skipped]
    if skipped:
        yield from _wrapped(f"Resamples that were constant and left out: {', '.join(skipped)}.")
    srcc = outcome.agreements[0].srcc.value
    if srcc is not None and srcc < _OPPOSITE_BELOW:
        yield from _wrapped("Scores fall where opinions rise. Are these differences (DMOS), where lower is better?")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
