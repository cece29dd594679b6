"""How fast the program is on this machine: the measured parts, each in a process of its own."""
