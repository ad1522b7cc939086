"""The local page: check a file, move a limit, listen, sign; make a master, compare, download.

It adds nothing to what is measured or judged: every report comes from ``asmrmaster.engine``, made
in a process of its own whose time and memory are limited. Nothing leaves the machine.

    server            starts and ends it: address, token, private folder
    security          who may ask: host, origin, token or password; headers of every response
    app               addresses and their responses; pages renders them
    upload            uploads to disk, within bounds; picker: files of one folder, and of no other
    jobs              the queue; worker_process waits for its turn, worker does the work
    job_files         what was asked for a file, and how far it is
    resource_limits   how much time, memory and disk a file may take
    workspace         the private folder, removed however the page ends
    choices           what can be chosen; profile_edits: a profile with limits moved
    review            who listened to the review points; declaration_form: what is in the sound
"""
