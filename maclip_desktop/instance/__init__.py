"""One window for one library: who is first, and how a second start hands its folders over."""
