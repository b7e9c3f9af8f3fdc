# make demo     the portal with the real network and demo people, on http://localhost:8000 (PORT=8001 for another port)
# make test     the whole suite on SQLite and on PostgreSQL, and in Chromium
# make test-one T=tests/pilots/test_models.py [DB=postgres] [ARGS="-x -k name"]     a part of it, on one database
# make proof    the suite with every battery in full (make test runs a tenth of each)
# make bench    pages of the network against the floor of the same run, on a throw-away PostgreSQL (ARGS="--rounds 20")
# make bench-guidance     pages about clients and check_pathways, with 300,000 clients and with 3,000 (minutes; ARGS as above)
# make bench-own     a client's own pages, and what the read log costs eight readers at once
# make bench-services     the shared services, with 1,000,000 bookings and with 10,000 (minutes; ARGS as above)
# make lint     ruff, djlint, mypy
# make messages collects the texts to translate into locale/ (needs Debian's gettext)
#
# SEED=… repeats the random choices of an earlier run; its header tells the seed.
# REQUIRE_ALL=1 makes a missing PostgreSQL or Chromium a failure instead of a line.

PYTHON ?= python3
PORT ?= 8000
DB ?= sqlite
BIN := .venv/bin
SOURCES := accounts pilots $(wildcard services guidance summaries) kopa_portal benchmarks tests manage.py

.PHONY: demo demo-code test test-one proof bench bench-guidance bench-own bench-services lint messages catalogues bench-files

demo: .venv/installed catalogues
	@$(BIN)/python -m kopa_portal.demo --port $(PORT)

# The one-time code of a demo person who can see clients: make demo-code PERSON=ohjaaja-kuopio@example.org
demo-code: .venv/installed
	@$(BIN)/python -m kopa_portal.demo --code $(PERSON)

test: .venv/installed
	@$(BIN)/python -m tests.legs $(ARGS)

test-one: .venv/installed
	@$(BIN)/python -m tests.legs --only $(DB) $(T) $(ARGS)

proof: .venv/installed
	@PROOF=1 $(BIN)/python -m tests.legs $(ARGS)

bench: .venv/installed catalogues bench-files
	@$(BIN)/python -m benchmarks.pages $(ARGS)

bench-guidance: .venv/installed catalogues bench-files
	@$(BIN)/python -m benchmarks.guidance $(ARGS)

bench-own: .venv/installed catalogues bench-files
	@$(BIN)/python -m benchmarks.own $(ARGS)

bench-services: .venv/installed catalogues bench-files
	@$(BIN)/python -m benchmarks.services $(ARGS)

lint: .venv/installed
	$(BIN)/ruff check $(SOURCES) locale
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/mypy $(wildcard */actions */actions.py */permissions */permissions.py */queries */queries.py)

messages: .venv/installed
	@command -v xgettext >/dev/null || { echo "Collecting texts needs gettext: sudo apt-get install gettext"; exit 1; }
	SECRET_KEY=not-used-here PUBLIC_ORIGIN=https://not-used.invalid $(BIN)/python manage.py makemessages --locale fi --locale sv --no-obsolete --no-wrap --ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*'

catalogues: .venv/installed
	@$(BIN)/python locale/compile.py

# What the demo makes for itself when it starts: collected style sheets, and the word forms of the search.
bench-files: .venv/installed
	@SECRET_KEY=not-used-here PUBLIC_ORIGIN=https://not-used.invalid $(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@SECRET_KEY=not-used-here PUBLIC_ORIGIN=https://not-used.invalid $(BIN)/python manage.py build_word_forms --verbosity 0

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "The portal needs Python 3.11 or newer: sudo apt-get install python3 (or name one with PYTHON=…)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv; ensurepip.version()' 2>/dev/null || { echo "Python's venv module is not complete: sudo apt-get install python3-venv."; exit 1; }
	@echo "Setting up .venv from requirements.txt …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@touch $@
