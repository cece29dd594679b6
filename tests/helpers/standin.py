"""Stand-in CLIP weights for tests: the benchmark's own."""

from maclip_desktop.scoring.standin import standin_state, write_standin_weights

__all__ = ["standin_state", "write_standin_weights"]
