"""A score and the reasons in it."""

from maclip_desktop.core.score import Reason, Score, TechnicalMeasures


def test_a_score_without_measures_gives_no_reasons() -> None:
    assert Score(0.5, "maclip", "m").reasons == ()


def test_the_reasons_are_those_of_the_measures() -> None:
    measures = TechnicalMeasures(0.1, 0.2, 0.3, 0.4, 0.1, (Reason.BLURRED, Reason.TOO_DARK))
    assert Score(0.1, "technical", "t", technical=measures).reasons == (Reason.BLURRED, Reason.TOO_DARK)


def test_an_embedding_stays_out_of_the_log() -> None:
    assert "embedding" not in repr(Score(0.5, "maclip", "m", embedding=b"\x00" * 4096))
