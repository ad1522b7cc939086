"""A library of takes and masters: many files, one ledger.

discovery       which files are meant
storage         where they lie: on a disk (disk), or in object storage (object_store)
plan            what has to be done, compared with the ledger
local_workers   who does it: processes of this machine, or of others (cluster)
task            one take, from its place to a staged master
scheduler       hands out tasks, records what comes back, publishes it (publishing)
ledger          which take became which master, how and when (opening: its file; lock: one run at
                a time; report_files: the reports beside it; kept_masters: what was replaced)
batch           all of it together; watch and album are batches of their own kind
queries, export, maintenance, rebuild   what a ledger is asked, and kept in order by
"""
