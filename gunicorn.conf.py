"""The server that stands behind the proxy: gunicorn reads this file by itself from the folder it is started in.

The address (`--bind`) and what one installation has otherwise stand in its own unit or command line, which win over this file.
"""
import gc
import os
import shutil
import socket
import struct
import tempfile

# A process for each processor; threads wait for the database meanwhile.
workers = int(os.environ.get("WEB_WORKERS") or max(2, os.cpu_count() or 2))
threads = int(os.environ.get("WEB_THREADS") or 4)
worker_class = "gthread"
# Read once and shared: less memory, and who takes a dead process's place answers at once.
preload_app = True
# A process that does not answer its master for so long is replaced. No page takes as long: the database ends a statement after 15 s.
timeout = 30
graceful_timeout = 30
# Longer than the proxy keeps an idle connection to it, or a request meets one that is just being closed.
keepalive = 75
# What a browser sends at most, cookies included: the longest address, how many headers, and how long one.
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# A header with `_` in its name could pass for another one: left out. None of them tells the portal where it lies.
forwarder_headers = ""
header_map = "drop"
control_socket_disable = True
# The sign of life of each process; on a full or slow disk it would be killed for being silent.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108

logger_class = "kopa_portal.operation.server.ServerLogger"
# For whoever asks for an access log: no address, for some hold a one-time key.
access_log_format = "%(t)s %(m)s %(s)s %(M)sms %({x-request-id}o)s"

# Where the processes' counts are added up for /metrics: new at each start, or a folder that is emptied at each start.
_prefix = "kopa-metrics-"
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=_prefix)

# A client that stops in the middle of a request, or of reading its answer, gives its thread back after this time (seconds), over TCP.
# How slowly it may go meanwhile is the proxy's to judge, which reads a request whole before it passes it on.
SILENCE = int(os.environ.get("WEB_SILENCE") or 15)


def when_ready(server) -> None:
    """The kernel hands the options of a listening TCP socket on to each connection; who connects and says nothing never comes to a thread.

    A socket of this machine hands on nothing. Behind it stands the proxy, which sends each request whole and takes each answer whole.
    """
    for listener in server.LISTENERS:
        if listener.sock.family in (socket.AF_INET, socket.AF_INET6):
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                listener.sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", SILENCE, 0))
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENCE)
    _share_what_is_read()


def _share_what_is_read() -> None:
    """What wsgi.py has read is there before there are processes, and the collector of rubbish leaves it alone: what it touches is shared no longer."""
    gc.collect()
    gc.freeze()


def on_exit(server):
    folder = os.environ["PROMETHEUS_MULTIPROC_DIR"]
    if os.path.basename(folder).startswith(_prefix):
        shutil.rmtree(folder, ignore_errors=True)
