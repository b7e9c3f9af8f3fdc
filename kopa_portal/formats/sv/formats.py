"""Swedish in Finland: 31.12.2021 and 14.05, where Sweden writes 2021-12-31 and 14:05."""
DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j.n.Y"
TIME_FORMAT = "G.i"
DATETIME_FORMAT = "j F Y \\k\\l. G.i"
SHORT_DATETIME_FORMAT = "j.n.Y G.i"
DATE_INPUT_FORMATS = ["%d.%m.%Y", "%Y-%m-%d"]
