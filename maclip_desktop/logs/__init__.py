"""What the program writes down about its own work, for whoever has to find out what went wrong."""
