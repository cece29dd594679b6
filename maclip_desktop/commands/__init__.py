"""The commands, one module each: ``SUMMARY``, ``add_options`` and ``run``."""

NAMES = ("demo", "score", "cull", "export", "doctor")
"""What can stand first on the command line."""
