"""One file on its way through: prepare, measure, plan, render, judge, publish."""

from asmrmaster.engine.master import check, default_output, master, named_by_verdict, toned

__all__ = ["check", "default_output", "master", "named_by_verdict", "toned"]
