"""The antonym prompts of MA-CLIP."""

PROMPT_PAIRS: tuple[tuple[str, str], ...] = (
    ("Good image", "bad image"),
    ("Sharp image", "blurry image"),
    ("sharp edges", "blurry edges"),
    ("High resolution image", "low resolution image"),
    ("Noise-free image", "noisy image"),
)
"""(positive, negative), in the order of the text features."""

POSITIVE_PROMPTS = tuple(positive for positive, _ in PROMPT_PAIRS)
