# Makefile - the short names of what people do; Meson does the work. `make help` lists them.
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
PRESET ?= presets/digits.conf
ARGS ?=
RUN_TESTS ?=
BENCH_OUT ?= $(BUILD)/bench.md
BENCH_ARGS ?=
EXPERIMENTS_OUT ?= runs/paper-2019
EXPERIMENTS_ARGS ?=

.PHONY: build run test bench tables experiments install lint format docs clean sanitize fuzz grid nightly help
.DEFAULT_GOAL := build

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' Makefile
	@echo "Variables: PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) PRESET=$(PRESET) ARGS='--key=value …' (make run)"

build: ## install what is missing and build build/swale
	@scripts/install-packages build
	@scripts/build "$(BUILD)"
	@echo "Built: $(BUILD)/swale"

run: build ## train a network on synthetic digits, with live progress
	"$(BUILD)/swale" train "$(PRESET)" $(ARGS)

test: ## run every test; the last line counts the cases
	@scripts/install-packages test
	@scripts/build "$(BUILD)" -Dtests=true
	@scripts/run-tests "$(BUILD)" --house $(RUN_TESTS)

bench: ## measure everything, PyTorch beside it, into BENCH_OUT (BENCH_ARGS=--quick: a short look)
	@scripts/install-packages bench
	@scripts/build "$(BUILD)" -Dtests=true
	@ninja -C "$(BUILD)" --quiet meson-benchmark-prereq
	@bench/run --build "$(BUILD)" --output "$(BENCH_OUT)" $(BENCH_ARGS)
	@bench/sklearn --program "$(BUILD)/swale" --append "$(BENCH_OUT)"

tables: ## small tables with all defaults, scikit-learn beside them: the table of docs/tables.md
	@scripts/install-packages tables
	@scripts/build "$(BUILD)"
	@bench/sklearn --program "$(BUILD)/swale" $(BENCH_ARGS)

experiments: ## the paper's experiments into EXPERIMENTS_OUT, about 25 minutes (EXPERIMENTS_ARGS=--quick: a short look)
	@scripts/install-packages experiments
	@scripts/build "$(BUILD)"
	@experiments/paper-2019/run --swale "$(BUILD)/swale" --out "$(EXPERIMENTS_OUT)" $(EXPERIMENTS_ARGS)

install: ## install to PREFIX (below DESTDIR)
	@scripts/install-packages build
	@scripts/build "$(BUILD)" "-Dprefix=$$(realpath -m -- "$(PREFIX)")" -Dlibdir=lib
	@DESTDIR="$(if $(DESTDIR),$$(realpath -m -- "$(DESTDIR)"))" meson install -C "$(BUILD)" --no-rebuild --quiet
	@scripts/after-install "$(DESTDIR)" "$$(realpath -m -- "$(PREFIX)")"

lint: ## clang-format, clang-tidy and cppcheck
	@scripts/install-packages lint
	@scripts/build "$(BUILD)" -Dtests=true
	@scripts/lint "$(BUILD)"

format: ## lay out every C file as the house does
	@scripts/install-packages lint
	@scripts/c-files | xargs clang-format -i

docs: build ## regenerate the documents that the program prints of itself
	@scripts/make-docs "$(BUILD)"
	@echo "Written: docs/options.md docs/swale.1"

sanitize: ## every test under ASan and UBSan, then under TSan
	@scripts/install-packages test
	@scripts/sanitize address
	@scripts/sanitize thread

fuzz: ## fuzz every reader of files for a minute each
	@scripts/install-packages lint
	@scripts/fuzz

grid: ## the same bytes for every number of threads and ranks, under Open MPI and MPICH
	@scripts/install-packages lint
	@scripts/build "$(BUILD)" -Dtests=true
	@scripts/build build-mpich -Dtests=true -Dmpi=enabled -Dmpi_package=mpich
	@tests/mpi/grid "$(BUILD)/swale" build-mpich/swale

nightly: ## what takes too long for .ci/run: some three hours
	@scripts/nightly

clean: ## remove the build folders
	rm -rf "$(BUILD)" build-asan build-tsan build-fuzz build-mpich build-alone build-valgrind
