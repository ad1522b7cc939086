"""Processes, threads and BLAS: for our own command and workers, never for a host."""
