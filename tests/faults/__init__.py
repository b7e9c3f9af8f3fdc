"""Kills what serves the portal in the middle of writes, and counts what is left: `make faults`, and a short turn of it in the suite."""
