"""The local page: check a file, move a limit, listen, sign; make a master, compare, download.

It adds nothing to what is measured or judged: every report comes from ``asmrmaster.mastering``,
made in a process of its own whose time and memory are limited. Nothing leaves the machine.

    server    starts and ends it: address, token, private folder
    guard     who may ask: host, origin, token or password; headers of every answer
    app       addresses and what they answer; pages draws them
    intake    uploads to disk, bounded; shelf: files of one folder, and of no other
    jobs      the queue and its processes; work: what runs in one of them
    adjust    a profile with limits moved; listening: review points and who heard them
"""
