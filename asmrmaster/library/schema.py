"""The tables of a ledger, and the entry they are about.

States of an entry:

    done       the master has its name, or gets it when the next run begins
    refused    the take cannot be mastered as it is; tried again when it, or asmrmaster, changes
    failed     something around it went wrong (disk, network, permission); the next run tries again
    aside      it killed its worker twice; tried again when it changes or on request
    replaced   another master has taken its name, as was asked for
"""

from __future__ import annotations

from typing import NamedTuple

APPLICATION_ID = 0x41534D52
"""Says in a file's head that it is a ledger: "ASMR"."""
SCHEMA_VERSION = 3
"""The form of the tables; a ledger of a later one is left alone."""

TABLES = """
CREATE TABLE ledger (id TEXT NOT NULL, out TEXT NOT NULL);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL,
    started_at REAL NOT NULL, ended_at REAL
);
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    preset TEXT NOT NULL, preset_version TEXT NOT NULL, preset_sha256 TEXT NOT NULL,
    profile TEXT NOT NULL, profile_version TEXT NOT NULL, profile_sha256 TEXT NOT NULL,
    recipe TEXT NOT NULL
);
CREATE TABLE shapes (id INTEGER PRIMARY KEY, quantities TEXT NOT NULL UNIQUE);
CREATE TABLE masters (
    id INTEGER PRIMARY KEY,
    take TEXT NOT NULL, settings TEXT NOT NULL REFERENCES settings (key),
    name TEXT NOT NULL, size INTEGER NOT NULL, stamp TEXT NOT NULL, take_sha256 TEXT NOT NULL,
    state TEXT NOT NULL, verdict TEXT NOT NULL, cause TEXT NOT NULL, tag TEXT NOT NULL,
    output TEXT NOT NULL, output_sha256 TEXT NOT NULL, output_stamp TEXT NOT NULL,
    staged TEXT NOT NULL, replaces TEXT NOT NULL, retires TEXT NOT NULL,
    version TEXT NOT NULL, duration_s REAL NOT NULL, seconds REAL NOT NULL,
    finished_at REAL NOT NULL, attempts INTEGER NOT NULL, deaths INTEGER NOT NULL,
    code TEXT NOT NULL DEFAULT '', report TEXT NOT NULL DEFAULT '',
    shape INTEGER REFERENCES shapes (id), figures TEXT NOT NULL,
    UNIQUE (take, settings)
);
CREATE INDEX by_content ON masters (take_sha256);
CREATE INDEX by_name ON masters (name, take);
CREATE TABLE reports (
    master INTEGER PRIMARY KEY REFERENCES masters (id) ON DELETE CASCADE, data BLOB NOT NULL
);
CREATE TABLE roots (place TEXT PRIMARY KEY);
CREATE TABLE surveys (
    take TEXT NOT NULL, settings TEXT NOT NULL, stamp TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (take, settings)
);
CREATE TABLE series (
    folder TEXT NOT NULL, settings TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (folder, settings)
);
"""
MIGRATIONS = (
    """
CREATE INDEX IF NOT EXISTS by_name ON masters (name, take);
CREATE TABLE IF NOT EXISTS roots (place TEXT PRIMARY KEY)""",
    """
ALTER TABLE masters ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE masters ADD COLUMN report TEXT NOT NULL DEFAULT ''""",
)
"""What a ledger of form 1 lacks, then one of form 2, and so on."""


class Entry(NamedTuple):
    """One take under one choice of settings: what was made of it, or why nothing was.

    take: where it lies. name: in the mirrored tree. stamp, size, take_sha256: as it was read.
    output: the master, relative to the folder of masters. tag: what its name says of its settings.
    staged: where the master waits for its name. replaces: SHA-256 of what it may replace, ``"*"``
    for anything. retires: an output to remove once it is published. version: of asmrmaster.
    code: which of ``causes.CAUSES`` it is that there is no master.
    """

    take: str
    settings: str
    name: str
    size: int
    stamp: str
    take_sha256: str = ""
    state: str = "failed"
    verdict: str = ""
    cause: str = ""
    tag: str = ""
    output: str = ""
    output_sha256: str = ""
    output_stamp: str = ""
    staged: str = ""
    replaces: str = ""
    retires: str = ""
    version: str = ""
    duration_s: float = 0.0
    seconds: float = 0.0
    finished_at: float = 0.0
    attempts: int = 0
    deaths: int = 0
    code: str = ""


COLUMNS = ", ".join(Entry._fields)
"""The columns of an entry, in its order."""
UPSERT = (
    f"INSERT INTO masters ({COLUMNS}, report, shape, figures)"
    f" VALUES ({', '.join('?' * (len(Entry._fields) + 3))})"
    " ON CONFLICT (take, settings) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in Entry._fields[2:])
    + ", report = iif(excluded.report = '', report, excluded.report),"
    " shape = coalesce(excluded.shape, shape),"
    " figures = iif(excluded.shape IS NULL, figures, excluded.figures)"
)
