"""The commands, one module each: ``SUMMARY``, ``add_options`` and ``run``."""
