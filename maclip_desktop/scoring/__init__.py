"""Scorers: the only room that knows torch and open_clip."""

import os

# The model's threads wait for each other at the end of every layer. By default they do so at full speed, and take the
# processor from the threads that decode photos meanwhile. Read by OpenMP when torch is loaded; the user's word counts.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
