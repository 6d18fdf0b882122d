# `make serve` is all that a fresh machine needs: Python 3.11 or later and make.

PYTHON ?= python3
ARGS ?=
LANE ?=
WORKERS ?= auto
SECONDS ?= 20
SEED ?=
UPGRADE ?=
KEY ?=
UV_VERSION := 0.13.9

BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
# A release is built as of its commit, so that whoever builds it again has the same bytes.
export SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),1577836800)

# What is compiled once is compiled for all: the workers of the tests, and each process that they start (tests/conftest.py).
unexport PYTHONDONTWRITEBYTECODE
test verify fuzz coverage lint docs: export PYTHONPYCACHEPREFIX := $(CURDIR)/.pytest_cache/bytecode

.PHONY: help serve test verify fuzz coverage lint format docs dist sbom checksums release publish-check image fixtures corpus \
	bench bench-peers bench-stores lock clean

help:
	@echo 'make serve        start the bundled APIs on port 4010 (ARGS="--port 4020" adds arguments)'
	@echo 'make test         run the fast lane of the tests (ARGS="-k xqr" adds arguments)'
	@echo 'make verify       run all tests (LANE="wire corpus" those of fast, wire, corpus, contract, hostile, page, fuzz, package, commands, stores, docs, languages; or rest)'
	@echo 'make fuzz         search for documents, bodies and bytes that break the mock (SECONDS=600 for each kind, SEED=7)'
	@echo 'make coverage     run the tests and show the lines and branches not reached'
	@echo 'make lint         ruff, mypy --strict, import-linter'
	@echo 'make format       let ruff format the code'
	@echo 'make docs         make docs/reference.md anew from the docstrings, the tables of the bundled APIs, and the site of all pages in build/docs'
	@echo 'make dist         build the wheel and the source distribution in dist'
	@echo 'make sbom         the same, and the bill of materials of the wheel (CycloneDX)'
	@echo 'make checksums    write dist/SHA256SUMS (KEY=~/.ssh/release signs it)'
	@echo 'make release      build, check, bill of materials, checksums: all that is released, in dist (KEY as above)'
	@echo 'make publish-check  say what is missing before dist may be uploaded: a public address, a date, a signature'
	@echo 'make image        build the container image with its labels'
	@echo 'make fixtures     make the generated fixtures anew (ARGS=xqr makes one)'
	@echo 'make corpus       load 2,600 real documents, fetched with npm (ARGS=stripe loads those named so, ARGS=--journeys uses them)'
	@echo 'make bench        measure the server'
	@echo 'make bench-stores measure worlds in memory, SQLite and Redis'
	@echo 'make bench-peers  measure other mock servers beside it'
	@echo 'make lock         pin the dependencies anew (UPGRADE=1 takes the newest)'
	@echo 'make clean        remove everything that make has made'

serve: .venv/.serve
	exec $(BIN)/mockserver serve $(ARGS)

test: .venv/.dev
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --lane fast --durations 5 $(ARGS)

verify: .venv/.dev
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(addprefix --lane=,$(LANE)) --durations 10 $(ARGS)

fuzz: .venv/.dev
	seed=$(or $(SEED),$$$$); echo "FUZZ_SEED=$$seed"; \
	FUZZ_SECONDS=$(SECONDS) FUZZ_SEED=$$seed $(BIN)/python -m pytest --lane fuzz -p no:randomly $(ARGS)

coverage: .venv/.dev
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest $(ARGS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/.dev
	$(BIN)/python -m tools.reference
	$(BIN)/python -m tools.vendor_pages
	rm -rf build/docs
	$(BIN)/python -m sphinx --conf-dir docs --builder html --nitpicky --fail-on-warning --keep-going --quiet \
		--doctree-dir build/doctrees . build/docs
	@echo 'build/docs/index.html'

dist: .venv/.dev
	rm -rf dist
	$(BIN)/python -m hatchling build --directory dist

sbom: dist .venv/.release
	$(BIN)/python -m tools.sbom dist/*.whl --maker .venv/release/bin/cyclonedx-py

checksums: .venv/.dev
	$(BIN)/python -m tools.checksums dist $(if $(KEY),--key $(KEY))

release: docs sbom
	DIST=dist $(BIN)/python -m pytest --lane=package $(ARGS)
	$(MAKE) --no-print-directory checksums

publish-check: .venv/.dev
	$(BIN)/python -m tools.publish_check dist

image:
	docker build --label org.opencontainers.image.revision=$$(git rev-parse HEAD) \
		--label org.opencontainers.image.created=$$($(PYTHON) -c 'import time; print(time.strftime("%FT%TZ", time.gmtime($(SOURCE_DATE_EPOCH))))') --tag mockserver $(ARGS) .

fixtures: .venv/.dev
	$(BIN)/python -m tools.fixtures $(ARGS)

corpus: .venv/.dev
	$(BIN)/python -m tools.corpus $(ARGS)

bench: .venv/.dev
	$(BIN)/python -m benchmarks $(ARGS)

bench-stores: .venv/.dev
	$(BIN)/python -m benchmarks --stores $(ARGS)

bench-peers: .venv/.dev
	$(BIN)/python -m benchmarks --peers $(ARGS)
	$(BIN)/python -m benchmarks --peers --large $(ARGS)

lock: .venv/.uv
	$(LOCK) constraints/build.in --output-file constraints/build.txt
	$(LOCK) pyproject.toml --extra redis --constraints constraints/build.txt --output-file constraints/serve.txt
	$(LOCK) pyproject.toml --all-extras --constraints constraints/build.txt --constraints constraints/serve.txt \
		--output-file constraints/dev.txt
	$(LOCK) constraints/release.in --output-file constraints/release.txt

clean:
	rm -rf .venv build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache .schemathesis screenshots mockserver/dashboard/swagger-ui
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is a step that is done once and again only when what it was made from has changed.

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or later is needed; found: '"$$($(PYTHON) --version 2>&1)"'. Try: make PYTHON=python3.12 ...' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.serve: .venv/.made pyproject.toml hatch_build.py constraints/build.txt constraints/serve.txt
	$(PIP) install --no-compile --require-hashes -r constraints/build.txt -r constraints/serve.txt
	$(PIP) install --no-compile --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.serve constraints/dev.txt
	$(PIP) install --no-compile --require-hashes -r constraints/dev.txt
	@touch $@

.venv/.release: .venv/.made constraints/release.txt
	$(PYTHON) -m venv .venv/release
	.venv/release/bin/python -m pip -qq --disable-pip-version-check install --require-hashes -r constraints/release.txt
	@touch $@

.venv/.uv: .venv/.made
	$(PIP) install uv==$(UV_VERSION)
	@touch $@
