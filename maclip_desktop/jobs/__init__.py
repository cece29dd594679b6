"""The work between the rooms: plain pipelines, and the QtCore workers that run them."""
