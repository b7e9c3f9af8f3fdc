# make demo     the portal with the real network and demo people, on http://localhost:8000 (PORT=8001 for another port)
# make test     the whole suite on SQLite and on PostgreSQL, and in Chromium
# make test-one T=tests/pilots/test_models.py [DB=postgres] [ARGS="-x -k name"]     a part of it, on one database
# make proof    the suite with every battery in full (make test runs a tenth of each)
# make bench    pages of the network against the floor of the same run, on a throw-away PostgreSQL (ARGS="--rounds 20")
# make bench-guidance     pages about clients and check_pathways, with 300,000 clients and with 3,000 (minutes; ARGS as above)
# make bench-own     a client's own pages, and what the read log costs eight readers at once
# make bench-services     the shared services, with 1,000,000 bookings and with 10,000 (minutes; ARGS as above)
# make bench-national     every bar of speed in one table: the whole country beside a hundredth of it (half an hour; ARGS="--clients 6000" for a smaller one)
# make several  three servers behind nginx, PgBouncer and a streaming replica, and what becomes of them when parts die (needs nginx and pgbouncer)
# make pooled   the parts of the suite that lean on the database, through PgBouncer in transaction mode (needs pgbouncer)
# make walk     the deployment guide word for word on two bare Debian systems (as root; needs debootstrap, systemd-container, nftables, curl)
# make load     five minutes of mixed traffic with 30,000 clients and 1,000,000 rows in the read log (ten minutes in all; needs wrk)
# make faults   kills what serves the portal in the middle of writes, and counts (five minutes; PostgreSQL, and root for the full disks)
# make bench-migrations     each migration back and forwards on 30,000 clients, with the locks it holds (ARGS="--newest 3" for those of a release)
# make lint     ruff, djlint, mypy
# make sbom     the list of every package that is installed, with licences (CycloneDX, in var/sbom.cdx.json)
# make messages collects the texts to translate into locale/ (needs Debian's gettext)
#
# SEED=… repeats the random choices of an earlier run; its header tells the seed.
# REQUIRE_ALL=1 makes a missing PostgreSQL or Chromium a failure instead of a line.

PYTHON ?= python3
PORT ?= 8000
DB ?= sqlite
BIN := .venv/bin
SOURCES := accounts pilots $(wildcard services guidance summaries) kopa_portal benchmarks deploy tests manage.py gunicorn.conf.py

.PHONY: demo demo-code test test-one proof faults load walk bench bench-guidance bench-own bench-services bench-national bench-migrations several pooled lint sbom messages catalogues bench-files

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

bench-national: .venv/installed catalogues bench-files
	@$(BIN)/python -m benchmarks.country_table $(ARGS)

several: .venv/installed catalogues
	@$(BIN)/python -m tests.machines.several

pooled: .venv/installed
	@$(BIN)/python -m tests.machines.pooled $(ARGS)

walk:
	@$(PYTHON) deploy/walk.py

load: .venv/installed catalogues bench-files
	@$(BIN)/python -m benchmarks.load $(ARGS)

faults: .venv/installed catalogues bench-files
	@$(BIN)/python -m tests.faults $(ARGS)

bench-migrations: .venv/installed catalogues bench-files
	@$(BIN)/python -m benchmarks.migrations $(ARGS)

lint: .venv/installed
	$(BIN)/ruff check $(SOURCES) locale
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/mypy $(wildcard */actions */actions.py */permissions */permissions.py */queries */queries.py)

sbom: .venv/installed
	@mkdir -p var
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file var/sbom.cdx.json $(BIN)/python

messages: .venv/installed
	@command -v xgettext >/dev/null || { echo "Collecting texts needs gettext: sudo apt-get install gettext"; exit 1; }
	SECRET_KEY=not-used-here PUBLIC_ORIGIN=https://not-used.invalid $(BIN)/python manage.py makemessages --locale fi --locale sv --no-obsolete --no-wrap --ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*'

catalogues: .venv/installed
	@$(BIN)/python locale/compile.py

# What the demo makes for itself when it starts: collected style sheets (here the admin's too), and the word forms of the search.
bench-files: .venv/installed
	@SECRET_KEY=not-used-here PUBLIC_ORIGIN=https://not-used.invalid DJANGO_SETTINGS_MODULE=benchmarks.settings $(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@SECRET_KEY=not-used-here PUBLIC_ORIGIN=https://not-used.invalid $(BIN)/python manage.py build_word_forms --verbosity 0

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "The portal needs Python 3.11 or newer: sudo apt-get install python3 (or name one with PYTHON=…)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv; ensurepip.version()' 2>/dev/null || { echo "Python's venv module is not complete: sudo apt-get install python3-venv."; exit 1; }
	@echo "Setting up .venv from requirements.txt …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@touch $@
