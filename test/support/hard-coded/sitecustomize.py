"""In place of a hosts file: every name is reached on one port of this machine.

Python loads a module of this name before the program.
"""

import os
import socket

look_up = socket.getaddrinfo


def look_up_here(_host, _port, *more, **named):
    return look_up("127.0.0.1", int(os.environ["PAYDESK_TEST_TLS_PORT"]), *more, **named)


socket.getaddrinfo = look_up_here
