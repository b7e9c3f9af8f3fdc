"""gunicorn's own log, in the portal's form; gunicorn.conf.py names it. Read before there are settings: it asks the environment."""
import logging
import os

from gunicorn.glogging import Logger

from accounts.logs import JsonFormatter, PrivateFormatter

# What it says of a request goes on with its address or with what was sent in it.
OF_A_REQUEST = ("Error handling request", "Invalid request", "WSGI app sent body bytes")


class WithoutRequests(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        for beginning in OF_A_REQUEST:
            if str(record.msg).startswith(beginning):
                record.msg, record.args = f"{beginning}.", ()
        return True


class ServerLogger(Logger):
    def setup(self, cfg) -> None:
        super().setup(cfg)
        formatter = JsonFormatter() if os.environ.get("LOG_FORMAT", "json") == "json" else PrivateFormatter("{asctime} {levelname} {name}: {message}", style="{")
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter)
            handler.addFilter(WithoutRequests())
