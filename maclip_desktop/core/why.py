"""Why a score is not higher: what speaks against a photo, strongest first, and the strongest as one sentence.

Two kinds of witnesses are told apart. MA-CLIP's prompts are the opinion of a model: a probability below one half
means that it finds the photo closer to the opposite ("blurry image") than to the prompt ("Sharp image"). The technical
measures are measurements. Where both say the same, it is said once.

Sentences are made from templates that pass through *translate*, so that lists keep the English and the window may speak
another language; ``%1`` and its like are filled in afterwards.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from maclip_desktop.core.places import WeakSpot, weak_spot
from maclip_desktop.core.score import Cues, Reason, Score, TechnicalMeasures

Translate = Callable[[str], str]

NOTHING_WRONG = "Nothing stands out as wrong."

NEUTRAL = 0.5
"""Where a prompt is as close as its opposite."""
_CLEARLY_BELOW = 0.495
"""What is still shown as 50 % is no reason."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """MA-CLIP finds a prompt's opposite closer to the photo."""

    strength: float
    prompt: str
    """The positive prompt."""
    probability: float
    measured: Reason | None = None
    """The measured reason that says the same."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A technical measure is bad enough to be a reason."""

    strength: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class WeakImpression:
    """The image features are of a low magnitude, and lower the score that the prompts alone would give."""

    strength: float
    magnitude: float


Cause = Opinion | Measurement | WeakImpression | WeakSpot
"""What speaks against a photo; ``strength`` 0..1 orders causes of all kinds."""


@dataclass(frozen=True, slots=True)
class _PlainPrompt:
    words: str
    against: str
    """What a probability below one half says; %1 is the probability in per cent."""
    same_as: Reason | None = None


_PAPERS: Mapping[str, _PlainPrompt] = {
    "Sharp image": _PlainPrompt("sharp", "Looks blurry to MA-CLIP (%1 % sharp)", Reason.BLURRED),
    "sharp edges": _PlainPrompt("sharp edges", "Outlines look blurry to MA-CLIP (%1 % sharp edges)", Reason.BLURRED),
    "High resolution image": _PlainPrompt(
        "high resolution", "Looks low in resolution to MA-CLIP (%1 % high resolution)", Reason.SMALL
    ),
    "Noise-free image": _PlainPrompt("noise-free", "Looks noisy to MA-CLIP (%1 % noise-free)", Reason.NOISY),
    "Good image": _PlainPrompt("good", "Looks bad to MA-CLIP (%1 % good)"),
}
_VERDICT = "Good image"
"""This prompt says that a photo is bad and not why: a reason only where nothing more particular is known."""

_OWN = "Does not look like “%2” to MA-CLIP (%1 %)"

_MEASURED: Mapping[Reason, str] = {
    Reason.BLURRED: "measures as blurred",
    Reason.TOO_DARK: "measures as too dark",
    Reason.BURNT_OUT: "measures as burnt out",
    Reason.FLAT: "measures as low in contrast",
    Reason.NOISY: "measures as noisy",
    Reason.SMALL: "measures as low in resolution",
}
_MEASURE_OF: Mapping[Reason, str] = {
    Reason.BLURRED: "sharpness",
    Reason.TOO_DARK: "exposure",
    Reason.BURNT_OUT: "exposure",
    Reason.FLAT: "contrast",
    Reason.NOISY: "noise",
    Reason.SMALL: "sharpness",
}


def prompt_words(prompt: str) -> str:
    """A positive prompt in plain words, as "sharp" for "Sharp image"; a prompt of the user's own as it is."""
    return _PAPERS[prompt].words if prompt in _PAPERS else prompt


def ordered_prompts(cues: Cues) -> list[tuple[str, float]]:
    """The prompts and their probabilities as a person would look for them: what is particular first, "good" last."""
    known = [(prompt, cues.prompts[prompt]) for prompt in _PAPERS if prompt in cues.prompts]
    return known + [(prompt, value) for prompt, value in cues.prompts.items() if prompt not in _PAPERS]


def causes(score: Score) -> tuple[Cause, ...]:
    """What speaks against the photo, strongest first; empty where nothing stands out.

    Strengths: of a prompt how far its probability lies below one half, of a measurement how far its measure lies below
    1, of the features' magnitude how far it lies below one half, each in 0..1; of a place the share by which it falls
    below the rest.
    """
    measured = list(_measurements(score.technical)) if score.technical else []
    opinions = _opinions(score.cues, measured) if score.cues else []
    confirmed = {opinion.measured for opinion in opinions}
    found: list[Cause] = [*opinions, *(one for one in measured if one.reason not in confirmed)]
    if score.cues is not None:
        found += _weak_impression(score.cues)
    if score.tiles is not None:
        found += weak_spot(score.tiles)
    return tuple(sorted(found, key=lambda cause: -cause.strength))


def sentence(score: Score, translate: Translate = str) -> str:
    """The strongest cause as one sentence, or that nothing stands out as wrong."""
    return next(iter(sentences(score, translate)), translate(NOTHING_WRONG))


def sentences(score: Score, translate: Translate = str) -> tuple[str, ...]:
    """One sentence for each cause, strongest first."""
    return tuple(_said(cause, translate) + "." for cause in causes(score))


def _opinions(cues: Cues, measured: list[Measurement]) -> list[Opinion]:
    """One for each thing said: of two prompts that say the same the stronger, with the measurement that agrees."""
    if cues.w_sim <= 0:
        return []  # the prompts do not count in this score
    strongest: dict[Reason | str, Opinion] = {}
    below = {prompt: value for prompt, value in cues.prompts.items() if 0 <= value < _CLEARLY_BELOW}
    for prompt, value in sorted(below.items(), key=lambda item: item[1]):
        said = _PAPERS[prompt].same_as if prompt in _PAPERS else None
        strongest.setdefault(said or prompt, Opinion(1 - value / NEUTRAL, prompt, value))
    if measured or len(strongest) > 1:
        strongest.pop(_VERDICT, None)
    strengths = {one.reason: one.strength for one in measured}
    return [
        replace(opinion, measured=said, strength=max(opinion.strength, strengths[said]))
        if isinstance(said, Reason) and said in strengths
        else opinion
        for said, opinion in strongest.items()
    ]


def _measurements(measures: TechnicalMeasures) -> Iterator[Measurement]:
    for reason in measures.reasons:
        value: float = getattr(measures, _MEASURE_OF[reason])
        yield Measurement(min(1.0, max(0.0, 1 - value)), reason)


def _weak_impression(cues: Cues) -> Iterator[WeakImpression]:
    if cues.w_mag > 0 and cues.q_mag < min(cues.q_sim, NEUTRAL):
        yield WeakImpression(min(1.0, 1 - cues.q_mag / NEUTRAL), cues.q_mag)


def _said(cause: Cause, translate: Translate) -> str:
    match cause:
        case Opinion():
            return _opinion_said(cause, translate)
        case Measurement():
            text = translate(_MEASURED[cause.reason])
            return text[:1].upper() + text[1:]
        case WeakImpression():
            text = translate("Makes a weak impression on MA-CLIP (strength %1)")
            return text.replace("%1", f"{cause.magnitude:.2f}")
        case WeakSpot():
            text = translate("Scores far lower %1 than elsewhere (%2 against %3)")
            text = text.replace("%2", f"{cause.score:.2f}").replace("%3", f"{cause.elsewhere:.2f}")
            return text.replace("%1", translate(cause.place))


def _opinion_said(opinion: Opinion, translate: Translate) -> str:
    known = _PAPERS.get(opinion.prompt)
    text = translate(known.against if known else _OWN)
    # The prompt last: a text of the user's own may hold a %1 itself.
    text = text.replace("%1", f"{100 * opinion.probability:.0f}").replace("%2", opinion.prompt)
    if opinion.measured is None:
        return text
    also = translate("%1 and %2 too").replace("%1", text)
    return also.replace("%2", translate(_MEASURED[opinion.measured]))
