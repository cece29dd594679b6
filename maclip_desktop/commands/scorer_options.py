"""Options that choose a scorer, shared by the commands that score."""

import argparse
from pathlib import Path

from maclip_desktop.commands.user_paths import whole
from maclip_desktop.errors import UsageError
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
    group.add_argument("--protocol", choices=[one.value for one in Protocol], default=defaults.protocol.value)
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


def scorer_choice(options: argparse.Namespace) -> ScorerChoice:
    """The scorer the options ask for. Raises `UsageError`."""
    if options.weights is not None and options.scorer == "technical":
        raise UsageError("--weights is for MA-CLIP and --scorer asks for the technical scorer; leave one of them out.")
    return ScorerChoice(
        kind=options.scorer,
        weights=None if options.weights is None else whole(options.weights),
        parameters=MaclipParameters(
            backbone=options.backbone,
            protocol=Protocol(options.protocol),
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
