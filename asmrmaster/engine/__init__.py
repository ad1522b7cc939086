"""One file on its way through: prepare, measure, plan, render, judge, publish."""

from asmrmaster.engine.pipeline import check, master
from asmrmaster.engine.verification import Verification, verify

__all__ = ["Verification", "check", "master", "verify"]
