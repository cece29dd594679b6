"""The commands, one module each: ``SUMMARY``, ``add_options`` and ``run``."""

DONE, SOME_FAILED, WRONG_USE, CANNOT_RUN, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: done; some photos failed and are listed; wrong use; cannot run; stopped with Ctrl+C."""

NAMES = ("demo", "score", "cull", "export", "evaluate", "bench", "weights", "library", "doctor")
"""What can stand first on the command line."""
