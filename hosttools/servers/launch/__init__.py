"""Real servers started for a test on this machine: made anew, on loopback, gone afterwards."""
