"""Options that choose a scorer, shared by the commands that score."""

import argparse
from pathlib import Path

from maclip_desktop.commands.user_paths import whole
from maclip_desktop.errors import UsageError, WeightsError
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.parameters import BACKBONES, MaclipParameters, Magnitude, Protocol
from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from maclip_desktop.scoring.prompts_file import read_prompts


def add_scorer_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--scorer``, ``--weights`` and the parameters of MA-CLIP."""
    defaults = MaclipParameters()
    group = parser.add_argument_group("scorer")
    group.add_argument(
        "--scorer",
        choices=("auto", "maclip", "technical"),
        default="auto",
        help="auto: MA-CLIP where its weights are there, else the technical scorer (default: auto)",
    )
    group.add_argument("--weights", metavar="FILE", type=Path, help="a file of CLIP weights for MA-CLIP")
    group.add_argument("--backbone", default=defaults.backbone, help=f"one of {', '.join(BACKBONES)} (default: RN50)")
    group.add_argument(
        "--protocol",
        choices=[one.value for one in Protocol],
        default=defaults.protocol.value,
        help="how a photo becomes views: squashed to 448 or 224 pixels, or at its full resolution (default: resize448)",
    )
    group.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    group.add_argument("--precision", default="auto", help="auto, float32, bfloat16 or float16 (default: auto)")
    for name, default in (
        ("box-lambda", defaults.box_lambda),
        ("base-cos", defaults.base_cos),
        ("base-norm", defaults.base_norm),
        ("alpha", defaults.alpha),
    ):
        group.add_argument(f"--{name}", type=float, default=default, metavar="X", help=f"default: {default}")
    group.add_argument(
        "--magnitude",
        choices=[one.value for one in Magnitude],
        default=defaults.magnitude.value,
        help="how the feature's magnitude is taken; l1 and l2 are the paper's comparisons (default: box-cox)",
    )
    group.add_argument(
        "--fixed-weight",
        type=float,
        metavar="W",
        help="a fixed weight of the prompt similarity in place of the confidence-guided one: 1 is CLIP-IQA, 0 the"
        " magnitude alone",
    )
    group.add_argument(
        "--prompts", metavar="FILE", type=Path, help="own pairs of prompts: 'positive / negative' a line, or JSON"
    )
    group.add_argument(
        "--exact-decode", action="store_true", help="decode large photos whole: slower, and hardly another score"
    )


def scorer_choice(options: argparse.Namespace, protocol: str | None = None) -> ScorerChoice:
    """The scorer the options ask for, with *protocol* where they name none. Raises `UsageError`."""
    if options.scorer == "technical" and (idle := _for_maclip_alone(options)):
        raise UsageError(f"{_are(idle)} for MA-CLIP and --scorer asks for the technical scorer; leave one of them out.")
    return ScorerChoice(
        kind=options.scorer,
        weights=None if options.weights is None else whole(options.weights),
        parameters=MaclipParameters(
            backbone=options.backbone,
            protocol=Protocol(options.protocol or protocol or MaclipParameters().protocol),
            box_lambda=options.box_lambda,
            base_cos=options.base_cos,
            base_norm=options.base_norm,
            alpha=options.alpha,
            magnitude=Magnitude(options.magnitude),
            fixed_w_sim=options.fixed_weight,
            prompts=PROMPT_PAIRS if options.prompts is None else read_prompts(whole(options.prompts)),
        ),
        device=options.device,
        precision=options.precision,
        exact_decode=options.exact_decode,
    )


def require_maclip_for_its_options(options: argparse.Namespace, scorer_name: str, weights_dir: Path) -> None:
    """Refuse options that only MA-CLIP obeys where the technical scorer takes its place, for want of weights.

    Its scores would be taken for what was asked for. Raises `WeightsError`.
    """
    idle = _for_maclip_alone(options)
    if scorer_name != "technical" or not idle:
        return
    raise WeightsError(
        f"{_are(idle)} for MA-CLIP, and there are no CLIP {options.backbone} weights in {weights_dir}; get them with"
        f" 'maclip-desktop weights download --backbone {options.backbone}', or leave that out."
    )


def _for_maclip_alone(options: argparse.Namespace) -> list[str]:
    """The options given that the technical scorer would pass over; what it does anyway is none of them."""
    own = MaclipParameters()
    usual: dict[str, tuple[object, ...]] = {
        "weights": (None,),
        "backbone": (own.backbone,),
        "protocol": (None, own.protocol.value),
        "device": ("auto", "cpu"),
        "precision": ("auto", "float32"),
        "box_lambda": (own.box_lambda,),
        "base_cos": (own.base_cos,),
        "base_norm": (own.base_norm,),
        "alpha": (own.alpha,),
        "magnitude": (own.magnitude.value,),
        "fixed_weight": (None,),
        "prompts": (None,),
    }
    return [f"--{name.replace('_', '-')}" for name, values in usual.items() if getattr(options, name) not in values]


def _are(names: list[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} are"
