"""asmrmaster: master an ASMR recording so that a screening profile accepts it, and prove it."""

__version__ = "0.1.0"
