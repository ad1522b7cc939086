"""The local page: check a file, move a limit, listen, sign; make a master, compare, download.

It adds nothing to what is measured or judged: every report comes from ``asmrmaster.engine.master``,
made in a process of its own whose time and memory are limited. Nothing leaves the machine.

    server    starts and ends it: address, token, private folder
    guard     who may ask: host, origin, token or password; headers of every answer
    app       addresses and what they answer; pages draws them
    intake    uploads to disk, bounded; shelf: files of one folder, and of no other
    jobs      the queue; helper: a process that waits for its turn; work: what it does then
    home      the private folder, which goes however the page ends
    adjust    a profile with limits moved
    listening, declaring: what a person adds: who heard the review points, what is in the sound
"""
