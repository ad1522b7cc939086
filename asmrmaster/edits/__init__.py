"""Edits people can read and change: label files, protected spans, what was taken out."""
