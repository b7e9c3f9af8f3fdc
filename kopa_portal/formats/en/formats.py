"""English in Finland: the day first, as on every other page and as the forms take it, and the 24-hour clock."""
DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j.n.Y"
TIME_FORMAT = "G:i"
DATETIME_FORMAT = "j F Y, G:i"
SHORT_DATETIME_FORMAT = "j.n.Y G:i"
DATE_INPUT_FORMATS = ["%d.%m.%Y", "%Y-%m-%d"]
