"""The antonym prompts of MA-CLIP, and those a user may bring instead."""

import hashlib
import json

from maclip_desktop.errors import UsageError

PromptPairs = tuple[tuple[str, str], ...]
"""(positive, negative), in the order of the text features."""

PROMPT_PAIRS: PromptPairs = (
    ("Good image", "bad image"),
    ("Sharp image", "blurry image"),
    ("sharp edges", "blurry edges"),
    ("High resolution image", "low resolution image"),
    ("Noise-free image", "noisy image"),
)
"""The paper's."""

MAX_PAIRS = 64
MAX_PROMPT_LETTERS = 200
"""CLIP reads 77 tokens of a prompt; so many letters are surely cut."""


def prompts_mark(pairs: PromptPairs) -> str:
    """Twelve hexadecimal letters that tell *pairs* from other ones."""
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()[:12]


def require_prompt_pairs(pairs: PromptPairs) -> PromptPairs:
    """The pairs as tuples of stripped texts. Raises `UsageError` for none, for empty and for double ones."""
    tidy = tuple((positive.strip(), negative.strip()) for positive, negative in pairs)
    if not 1 <= len(tidy) <= MAX_PAIRS:
        raise UsageError(f"There must be 1 to {MAX_PAIRS} pairs of prompts, not {len(tidy)}.")
    for prompt in (prompt for pair in tidy for prompt in pair):
        if not 1 <= len(prompt) <= MAX_PROMPT_LETTERS:
            raise UsageError(
                f"A prompt must have 1 to {MAX_PROMPT_LETTERS} letters; {prompt[:40]!r} has {len(prompt)}."
            )
    positives = [positive for positive, _ in tidy]
    if len(set(positives)) < len(positives):
        raise UsageError("Two pairs have the same positive prompt; each must have one of its own.")
    return tidy
