"""The paper's figures and protocols."""

import pytest

from maclip_desktop.evaluation.paper import MACLIP, PROTOCOLS, Q_SIM, published

GAINS = {
    # The gain of MA-CLIP over CLIP-IQA that tables 1 and 2 and the text print beside the figures, in percent.
    "livec": (5.8, 6.4),
    "CSIQ": (None, 7.7),
    "koniq": (None, 12.8),
    "SPAQ": (8.1, None),
    "TID2013": (3.5, None),
    "PIPAL": (11.7, 15.9),
    "AGIQA-1k": (3.3, 3.9),
    "AGIQA-3k": (7.3, 6.7),
}


@pytest.mark.parametrize("dataset", GAINS)
def test_the_figures_agree_with_the_gains_printed_beside_them(dataset: str) -> None:
    figures = published(dataset, "RN50")
    for ours, theirs, gain in zip(figures[MACLIP], figures[Q_SIM], GAINS[dataset], strict=True):
        if ours is not None and theirs is not None and gain is not None:
            assert (ours / theirs - 1) * 100 == pytest.approx(gain, abs=0.35)


def test_the_rank_correlations_of_table_1_have_the_mean_it_gives() -> None:
    six = ("livec", "CSIQ", "TID2013", "kadid", "koniq", "SPAQ")
    assert sum(published(name, "RN50")[MACLIP][0] for name in six) / 6 == pytest.approx(0.6902, abs=0.0005)


def test_every_data_set_has_a_protocol_and_figures() -> None:
    assert set(PROTOCOLS) == {"livec", "AGIQA-3k", "AGIQA-1k", "SPAQ", "CSIQ", "TID2013", "kadid", "koniq", "PIPAL"}
    assert all(published(name, "RN50") for name in PROTOCOLS)
    assert (PROTOCOLS["SPAQ"], PROTOCOLS["AGIQA-1k"], PROTOCOLS["livec"]) == ("resize448", "resize224", "native")


def test_what_the_paper_does_not_give_is_empty() -> None:
    assert published("livec", "ViT-L/14") == {}
    assert published(None, "RN50") == {}
