"""Threads, memory, signals and BLAS: what a host decides for itself, our own commands do here."""
