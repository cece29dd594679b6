"""Scorers: the only room that knows torch and open_clip."""
