"""``maclip-desktop evaluate``: how well scores agree with people's opinions."""

import argparse
import os
from dataclasses import asdict
from pathlib import Path

from maclip_desktop.commands import DONE, INTERRUPTED, SOME_FAILED
from maclip_desktop.commands.evaluate_photos import ListedPhotos, kept_scores, score_listed
from maclip_desktop.commands.evaluate_results import (
    agreements_of,
    checked_targets,
    list_unscored,
    require_no_photo,
    write_results,
)
from maclip_desktop.commands.evaluate_ways import ways_of
from maclip_desktop.commands.picture_limit import add_picture_limit, use_picture_limit
from maclip_desktop.commands.run_library import plural
from maclip_desktop.commands.scorer_options import (
    add_scorer_options,
    require_maclip_for_its_options,
    scorer_choice,
)
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.disk import is_directory
from maclip_desktop.errors import UsageError
from maclip_desktop.evaluation.agreement import Resampling
from maclip_desktop.evaluation.labels import read_labels
from maclip_desktop.evaluation.outcome import Outcome, PhotoState, Setting
from maclip_desktop.evaluation.paper import PROTOCOLS, published
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.factory import ScorerChoice, create_scorer
from maclip_desktop.scoring.parameters import MaclipParameters, Protocol
from maclip_desktop.scoring.scorer import Scorer

SUMMARY = "compare scores with people's opinion scores: correlations, a table and a scatter plot"

FEWEST_RESAMPLES, MOST_RESAMPLES = 100, 100_000


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("labels", metavar="LABELS", help="opinion scores: JSON with img_path and gt_score, or CSV")
    parser.add_argument("--images", metavar="DIR", required=True, help="the folder that paths in LABELS start from")
    parser.add_argument(
        "--dataset",
        choices=tuple(PROTOCOLS),
        help="take the protocol that the paper's authors used for this data set, and show the paper's figures",
    )
    parser.add_argument(
        "--ablation",
        action="store_true",
        help="also compare the paper's alternatives (with the technical scorer: each of its measures alone)",
    )
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON to FILE ('-': standard output)")
    parser.add_argument("--csv", metavar="FILE", help="write the figures as CSV to FILE ('-': standard output)")
    parser.add_argument("--scores", metavar="FILE", help="write every photo's scores as CSV to FILE")
    parser.add_argument("--plot", metavar="FILE", help="draw the scatter plot to FILE, .png or .svg")
    parser.add_argument(
        "--bootstrap",
        metavar="N",
        type=int,
        default=1000,
        help="resamples for the confidence intervals, 0 for none (default: 1000)",
    )
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the resamples (default: 0)")
    parser.add_argument("--restart", action="store_true", help="score again what an earlier run has scored")
    add_picture_limit(parser)
    add_scorer_options(parser)
    # None tells that nobody asked for one, and the data set may choose.
    parser.set_defaults(protocol=None)


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Evaluate. Returns 1 where some photos are missing or could not be scored."""
    try:
        return _evaluate(options, paths, library_file, console)
    except KeyboardInterrupt:
        console.say("Stopped. What was scored is kept, and the same command goes on from there.")
        return INTERRUPTED


def _evaluate(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    targets = checked_targets(options, library_file)
    resampling = _resampling(options)
    use_picture_limit(options, paths.settings_file)
    choice = scorer_choice(options, PROTOCOLS.get(options.dataset))
    _tell_other_protocol(options, console)
    images = _images(options.images)
    labels = read_labels(whole(options.labels), images)
    for notice in labels.notices():
        console.say(notice)
    listed = ListedPhotos.look_for(labels, images)
    if not listed.found:
        raise UsageError(
            f"None of the {plural(len(labels.entries))} in {options.labels} is in {images}; give --images the folder"
            f" that their paths start from (the first is {labels.entries[0].path})."
        )
    require_no_photo(targets, listed.found.values())
    scorer = create_scorer(choice, paths.weights, console.download, allow_download=choice.kind == "maclip")
    require_maclip_for_its_options(options, scorer.name, paths.weights)
    ways = ways_of(scorer, choice.parameters, options.ablation)
    kept = kept_scores(paths.cache / "evaluations", listed, scorer, ways)
    kept.forget() if options.restart else kept.load()
    console.say(f"Comparing {plural(len(listed.found))} with opinion scores.")
    photos = tuple(score_listed(listed, scorer, ways, kept, console))
    setting = _setting(options, images, scorer, choice, resampling)
    outcome = Outcome(
        setting=setting,
        names=ways.names,
        photos=photos,
        unrated=len(labels.unrated),
        agreements=agreements_of(setting, ways.names, photos, console),
        paper=published(options.dataset, choice.parameters.backbone),
        comparable=scorer.name == "maclip" and _as_in_the_paper(choice.parameters, options.dataset),
    )
    write_results(outcome, options, console)
    list_unscored(photos, console)
    return DONE if all(photo.state is PhotoState.SCORED for photo in photos) else SOME_FAILED


def _resampling(options: argparse.Namespace) -> Resampling:
    if options.bootstrap != 0 and not FEWEST_RESAMPLES <= options.bootstrap <= MOST_RESAMPLES:
        raise UsageError(
            f"--bootstrap wants 0 for no intervals, or {FEWEST_RESAMPLES} to {MOST_RESAMPLES} resamples,"
            f" not {options.bootstrap}."
        )
    if options.seed < 0:
        raise UsageError(f"--seed wants a number from 0 on, not {options.seed}.")
    return Resampling(options.bootstrap, options.seed)


def _tell_other_protocol(options: argparse.Namespace, console: Console) -> None:
    authors = PROTOCOLS.get(options.dataset)
    if options.protocol is not None and authors not in (None, options.protocol):
        console.say(f"The paper's authors used the protocol {authors} for {options.dataset}, not {options.protocol}.")


def _images(given: str) -> Path:
    folder = Path(os.path.normpath(whole(given)))
    if not is_directory(folder):
        raise UsageError(f"{folder} is no folder that can be opened; give --images the folder that holds the photos.")
    return folder


def _setting(
    options: argparse.Namespace, images: Path, scorer: Scorer, choice: ScorerChoice, resampling: Resampling
) -> Setting:
    technical, parameters = scorer.name == "technical", choice.parameters
    return Setting(
        labels=str(whole(options.labels)),
        images=str(images),
        dataset=options.dataset,
        scorer=scorer.name,
        model_id=scorer.model_id,
        device=scorer.device,
        precision=scorer.precision,
        parameters={} if technical else asdict(parameters),
        title="technical scorer" if technical else f"MA-CLIP {parameters.backbone}, {parameters.protocol}",
        resampling=resampling,
        warning=scorer.warning,
    )


def _as_in_the_paper(parameters: MaclipParameters, dataset: str | None) -> bool:
    """Whether the paper's figures for *dataset* were made with these parameters, whatever the backbone."""
    if dataset is None:
        return False
    return parameters == MaclipParameters(backbone=parameters.backbone, protocol=Protocol(PROTOCOLS[dataset]))
