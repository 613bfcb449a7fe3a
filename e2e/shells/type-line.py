"""Types a line into an interactive shell on a pseudo-terminal, as a person does.

    type-line.py TEXT COMMAND...

Waits until the shell prints READY>, types TEXT, and prints what the shell prints up to a line DONE.
"""
import os
import pty
import sys

text, command = sys.argv[1], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)


def read_until(mark: bytes) -> bytes:
    seen = b""
    while mark not in seen:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the end, on Linux
            data = b""
        if not data:
            sys.exit(f"the shell ended before {mark!r}: {seen.decode(errors='replace')}")
        seen += data
    return seen


read_until(b"READY>")
os.write(terminal, text.encode())
sys.stdout.write(read_until(b"\nDONE").decode(errors="replace"))
os.close(terminal)
os.waitpid(child, 0)
