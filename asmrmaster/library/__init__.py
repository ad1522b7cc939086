"""A library of takes and masters: many files, one ledger.

takes       which files are meant
storage     where they lie: a disk, or object storage (objects)
plan        what has to be done, held against the ledger
crew        who does it: processes of this machine, or of others (cluster)
worker      one take, from its place to a staged master
loop        hands out, enters, publishes (publishing)
ledger      which take became which master, how and when (lock: one run at a time)
batch       all of it together; watch and series are batches of their own kind
"""
