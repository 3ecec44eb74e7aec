# make demo: set everything up and see what Copydesk does.  make test: set everything up and pass the tests.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check lock picture bench bench-find bench-peers clean

demo: .venv/ready
	@mkdir -p build
	$(BIN)/copydesk demo -o build/demo --overwrite

# Two files of tests at a time; what the tests of a file share is made once.
test: .venv/spark check
	$(BIN)/pytest -n 2 --dist loadfile

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The picture in the README, which a test makes.
picture: .venv/ready
	COPYDESK_PICTURE=docs/story.png $(BIN)/pytest -k test_the_picture_in_the_readme tests/test_web_browser.py

bench: .venv/ready
	$(BIN)/python bench/reconcile.py

# Finding, beside the peers: about 40 minutes, and a machine that has nothing else to do. What was measured is not measured again.
bench-find: .venv/ready bench-peers
	-$(BIN)/python bench/find_peers.py --quality --million
	$(BIN)/python bench/find_report.py

bench-peers: bench/.peers/ready

bench/.peers/ready: bench/peers.txt
	$(PYTHON) -m venv bench/.peers
	bench/.peers/bin/python -m pip install --quiet --disable-pip-version-check -r bench/peers.txt
	touch $@

# The pinned list is whole, so nothing else is looked for (--no-deps), which pip before 23.3 cannot do with some extras.
# The environment is made anew when the pinned requirements or the package's metadata change.
.venv/ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Copydesk needs Python 3.11 or newer; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Spark, which is large, for its tests alone. Without Java these are skipped.
.venv/spark: .venv/ready requirements/spark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/spark.txt
	touch $@

# Pin again, after a change of the dependencies in pyproject.toml.
lock:
	$(BIN)/python -m pip install --quiet --upgrade pip pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	  --extra dev --build-deps-for editable --output-file requirements/dev.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	  --constraint requirements/dev.txt --output-file requirements/spark.txt requirements/spark.in

clean:
	rm -rf .venv bench/.peers build dist .hypothesis .pytest_cache .mypy_cache .ruff_cache
