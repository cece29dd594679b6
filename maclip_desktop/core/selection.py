"""Rules that suggest rejects. The score suggests, the person decides."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoRow


@dataclass(frozen=True, slots=True)
class Candidates:
    """The photos a rule looks at, as arrays of one length."""

    ids: NDArray[np.int64]
    scores: NDArray[np.float64]
    """By the current model; NaN where a photo has none."""
    flags: NDArray[np.int8]
    by_person: NDArray[np.bool_]
    """True where a person has decided, also where they decided for no flag."""
    outdated: NDArray[np.bool_]
    """True where there is only an earlier model's score, which no rule goes by."""

    @classmethod
    def of(cls, rows: Iterable[PhotoRow]) -> "Candidates":
        """Gather rows; equal scores are told apart by path, so that a rule gives one answer."""
        listed = sorted(rows, key=lambda row: str(row.path))
        return cls(
            ids=np.array([row.id for row in listed], dtype=np.int64),
            scores=np.array(
                [math.nan if row.current_score is None else row.current_score for row in listed], dtype=np.float64
            ),
            flags=np.array([row.flag for row in listed], dtype=np.int8),
            by_person=np.array([row.decided_by is Decider.PERSON for row in listed], dtype=np.bool_),
            outdated=np.array([row.score_is_old for row in listed], dtype=np.bool_),
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a rule would do, for the person to see before it is done."""

    reject_ids: tuple[int, ...]
    """Photos the rule would flag as rejects and that are not rejects yet."""
    already_rejected: int
    """Photos the rule meant that are rejects by a rule already."""
    kept_by_person: int
    """Photos the rule meant, left alone because a person has decided about them."""
    unscored: int
    """Photos without a score by the current model, which no rule touches."""
    outdated: int = 0
    """Those of ``unscored`` that have a score by an earlier model."""


def below_threshold(candidates: Candidates, threshold: float) -> Suggestion:
    """Suggest every photo whose score is below *threshold*."""
    # A comparison with NaN is False, so photos without a score are never meant.
    return _suggest(candidates, candidates.scores < threshold)


def lowest_count(candidates: Candidates, count: int) -> Suggestion:
    """Suggest the *count* lowest scores."""
    order = np.argsort(candidates.scores, kind="stable")  # NaN goes last
    scored = int(np.count_nonzero(~np.isnan(candidates.scores)))
    meant = np.zeros(len(candidates.ids), dtype=np.bool_)
    meant[order[: min(max(0, count), scored)]] = True
    return _suggest(candidates, meant)


def lowest_share(candidates: Candidates, share: float) -> Suggestion:
    """Suggest the lowest *share* (0..1) of the scored photos, rounded down."""
    scored = int(np.count_nonzero(~np.isnan(candidates.scores)))
    # The small addition keeps 0.29 * 100 = 28.999999999999996 honest.
    return lowest_count(candidates, math.floor(share * scored + 1e-9))


def _suggest(candidates: Candidates, meant: NDArray[np.bool_]) -> Suggestion:
    free = meant & ~candidates.by_person
    rejected = candidates.flags == Flag.REJECT
    return Suggestion(
        reject_ids=tuple(candidates.ids[free & ~rejected].tolist()),
        already_rejected=int(np.count_nonzero(free & rejected)),
        kept_by_person=int(np.count_nonzero(meant & candidates.by_person)),
        unscored=int(np.count_nonzero(np.isnan(candidates.scores))),
        outdated=int(np.count_nonzero(candidates.outdated)),
    )
