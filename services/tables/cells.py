"""What a cell of a list says, as people and spreadsheets write it; `Wrong` with a code when it says nothing of the kind."""
import re
from datetime import date, time
from decimal import Decimal, InvalidOperation

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)
WRITTEN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})|([0-9]{4})-([0-9]{2})-([0-9]{2})")
WRITTEN_TIME = re.compile(r"(?:klo|kl\.?)?\s*([0-9]{1,2})(?:[.:]([0-9]{2})(?:[.:]00)?)?", re.I)
# A spreadsheet computes what begins so. A telephone number may begin with a plus.
FORMULA = re.compile(r"[=@]|[+-](?![0-9 ()-]*$)")


class Wrong(Exception):
    """`fault` is the code of what is wrong."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def read_day(text: str) -> date | None:
    """3.2.1990 or 1990-02-03. A time that a spreadsheet wrote behind the day is passed over. `Wrong`: "day" or "too_far"."""
    text = re.sub(r"[ T](klo )?[0-9]{1,2}[.:][0-9]{2}([.:][0-9]{2})?$", "", text.strip())
    text = "".join(text.split())
    if not text:
        return None
    match = WRITTEN_DAY.fullmatch(text)
    if not match:
        raise Wrong("day")
    day, month, year = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise Wrong("day") from None
    if not EARLIEST <= found <= LATEST:
        raise Wrong("too_far")
    return found


def read_time(text: str) -> time | None:
    """9, 9.00, 9:00, 09:00:00 and klo 9; 24 is the midnight that ends the day. `Wrong`: "time"."""
    if not text.strip():
        return None
    found = WRITTEN_TIME.fullmatch(text.strip())
    if not found:
        raise Wrong("time")
    hour, minute = int(found[1]), int(found[2] or 0)
    if (hour, minute) == (24, 0):
        return time(0)
    try:
        return time(hour, minute)
    except ValueError:
        raise Wrong("time") from None


def read_number(text: str) -> Decimal | None:
    """With a decimal comma or point, and spaces between thousands. `Wrong`: "number"."""
    text = "".join(text.split()).replace("\u2212", "-").replace(",", ".")
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise Wrong("number")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Wrong("number") from None


def read_count(text: str) -> int | None:
    """A whole number, 0 or more. `Wrong`: "count"."""
    try:
        found = read_number(text)
    except Wrong:
        raise Wrong("count") from None
    if found is None:
        return None
    if found < 0 or found != int(found):
        raise Wrong("count")
    return int(found)
