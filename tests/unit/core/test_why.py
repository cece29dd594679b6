"""Why a score is not higher: what is said, in which order, and said once."""

from typing import Any

import pytest

from maclip_desktop.core.score import Cues, Reason, Score, TechnicalMeasures
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.core.why import causes, ordered_prompts, prompt_words, sentence, sentences
from maclip_desktop.scoring.prompts import PROMPT_PAIRS

FINE = {
    "Good image": 0.7,
    "Sharp image": 0.7,
    "sharp edges": 0.7,
    "High resolution image": 0.7,
    "Noise-free image": 0.7,
}
WELL = Cues(0.7, 0.9, 0.6, 0.4, FINE)
BLURRED = TechnicalMeasures(0.1, 0.8, 0.8, 1.0, 0.2, (Reason.BLURRED,))
DARK = TechnicalMeasures(0.7, 0.3, 0.8, 1.0, 0.2, (Reason.TOO_DARK,))


def cues(prompts: dict[str, float] | None = None, **values: float) -> Cues:
    about: dict[str, Any] = {"q_sim": 0.7, "q_mag": 0.9, "w_sim": 0.6, "w_mag": 0.4} | values
    return Cues(prompts=FINE | (prompts or {}), **about)


def maclip(found: Cues, technical: TechnicalMeasures | None = None, tiles: TileScores | None = None) -> Score:
    return Score(0.5, "maclip", "m", cues=found, technical=technical, tiles=tiles)


def technical(**values: Any) -> Score:
    measures = {"sharpness": 0.9, "exposure": 0.9, "contrast": 0.9, "noise": 0.9, "score": 0.2} | values
    return Score(0.2, "technical", "t", technical=TechnicalMeasures(**measures))


def test_a_photo_without_a_fault_says_so() -> None:
    assert sentence(maclip(WELL)) == "Nothing stands out as wrong."
    assert sentences(maclip(WELL)) == ()


def test_a_score_without_parts_says_so_too() -> None:
    assert sentence(Score(0.1, "maclip", "m")) == "Nothing stands out as wrong."


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("Good image", "Looks bad to MA-CLIP (18 % good)."),
        ("Sharp image", "Looks blurry to MA-CLIP (18 % sharp)."),
        ("sharp edges", "Outlines look blurry to MA-CLIP (18 % sharp edges)."),
        ("High resolution image", "Looks low in resolution to MA-CLIP (18 % high resolution)."),
        ("Noise-free image", "Looks noisy to MA-CLIP (18 % noise-free)."),
    ],
)
def test_a_prompt_below_one_half_is_an_opinion_of_the_models(prompt: str, said: str) -> None:
    assert sentences(maclip(cues({prompt: 0.18}))) == (said,)


def test_every_prompt_of_the_paper_has_plain_words() -> None:
    assert [prompt_words(positive) for positive, _ in PROMPT_PAIRS] == [
        *("good", "sharp", "sharp edges", "high resolution", "noise-free")
    ]


def test_prompts_of_ones_own_are_shown_as_they_are() -> None:
    own = Cues(0.4, 0.9, 0.6, 0.4, {"a %1 %2 bird": 0.3, "daylight": 0.8})
    assert sentences(maclip(own)) == ("Does not look like “a %1 %2 bird” to MA-CLIP (30 %).",)
    assert ordered_prompts(own) == [("a %1 %2 bird", 0.3), ("daylight", 0.8)]


def test_what_is_particular_stands_before_what_is_general() -> None:
    assert [prompt for prompt, _ in ordered_prompts(WELL)][-1] == "Good image"


def test_the_prompt_furthest_below_one_half_is_named_first() -> None:
    said = sentences(maclip(cues({"Sharp image": 0.4, "Noise-free image": 0.2})))
    assert [text.split()[1] for text in said] == ["noisy", "blurry"]


def test_of_two_prompts_that_say_blurred_the_stronger_speaks() -> None:
    assert sentences(maclip(cues({"Sharp image": 0.4, "sharp edges": 0.2}))) == (
        "Outlines look blurry to MA-CLIP (20 % sharp edges).",
    )


def test_what_shows_as_one_half_is_no_cause() -> None:
    assert causes(maclip(cues({"Sharp image": 0.4951}))) == ()
    assert sentence(maclip(cues({"Sharp image": 0.494}))) == "Looks blurry to MA-CLIP (49 % sharp)."


@pytest.mark.parametrize("other", [cues({"Good image": 0.1, "Sharp image": 0.4}), cues({"Good image": 0.1})])
def test_that_a_photo_is_bad_is_no_reason_where_a_better_one_is_known(other: Cues) -> None:
    assert not any("good" in text for text in sentences(maclip(other, BLURRED)))


def test_a_measurement_is_called_one() -> None:
    assert sentence(technical(exposure=0.2, reasons=(Reason.TOO_DARK,))) == "Measures as too dark."


@pytest.mark.parametrize("reason", list(Reason))
def test_every_measured_reason_has_a_sentence(reason: Reason) -> None:
    assert sentence(technical(reasons=(reason,))).startswith("Measures as ")


def test_the_worse_measure_is_named_first() -> None:
    score = technical(exposure=0.6, noise=0.1, reasons=(Reason.TOO_DARK, Reason.NOISY))
    assert sentences(score) == ("Measures as noisy.", "Measures as too dark.")


def test_where_model_and_measure_agree_it_is_said_once() -> None:
    assert sentences(maclip(cues({"Sharp image": 0.18, "sharp edges": 0.3}), BLURRED)) == (
        "Looks blurry to MA-CLIP (18 % sharp) and measures as blurred too.",
    )


def test_where_they_agree_the_stronger_of_both_counts() -> None:
    [cause] = causes(maclip(cues({"Sharp image": 0.45}), BLURRED))
    assert cause.strength == pytest.approx(0.9)


def test_what_is_measured_may_be_worse_than_what_the_model_finds() -> None:
    assert sentences(maclip(cues({"Noise-free image": 0.45}), DARK)) == (
        "Measures as too dark.",
        "Looks noisy to MA-CLIP (45 % noise-free).",
    )


def test_a_low_magnitude_lowers_a_score_whose_prompts_are_fine() -> None:
    assert sentence(maclip(cues(q_mag=0.31))) == "Makes a weak impression on MA-CLIP (strength 0.31)."


def test_a_magnitude_above_the_prompts_lowers_nothing() -> None:
    assert causes(maclip(cues(q_sim=0.2, q_mag=0.31))) == ()


def test_a_cue_that_does_not_count_is_no_cause() -> None:
    assert causes(maclip(cues({"Sharp image": 0.1}, w_sim=0.0, w_mag=1.0))) == ()
    assert causes(maclip(cues(q_mag=0.1, w_sim=1.0, w_mag=0.0))) == ()


def test_a_place_far_below_the_others_is_named() -> None:
    tiles = TileScores(448, 448, (0.3, 0.62, 0.62, 0.62), 0.5)
    assert (
        sentence(maclip(WELL, tiles=tiles)) == "Scores far lower in the upper left than elsewhere (0.30 against 0.62)."
    )


def test_a_stronger_cause_goes_before_a_place() -> None:
    tiles = TileScores(448, 448, (0.4, 0.6, 0.6, 0.6), 0.5)
    said = sentences(maclip(cues({"Sharp image": 0.05}), tiles=tiles))
    assert [text.split()[0] for text in said] == ["Looks", "Scores"]


@pytest.mark.parametrize("odd", [float("nan"), float("-inf")])
def test_what_is_no_number_is_no_cause(odd: float) -> None:
    assert causes(maclip(cues({"Sharp image": odd}, q_mag=float("nan")))) == ()


@pytest.mark.parametrize(
    "score",
    [
        maclip(cues({"Sharp image": 0.1, "Noise-free image": 0.4}, q_mag=0.3), BLURRED),
        maclip(Cues(0.4, 0.9, 0.6, 0.4, {"BIRD": 0.3}), DARK, TileScores(448, 448, (0.3, 0.6, 0.6, 0.6), 0.5)),
        maclip(WELL),
    ],
)
def test_everything_that_is_said_can_be_translated(score: Score) -> None:
    said = [sentence(score, str.upper), *sentences(score, str.upper)]
    assert said == [text.upper() for text in said]
