# Short names for what a developer types all day; the scripts do the work and need no `just`.

default:
    @just --list

# every test, with the real model
test *args:
    scripts/test {{args}}

# tests without the model
quick *args:
    scripts/test --quick {{args}}

# the main job on the shipped example
demo *args:
    scripts/demo {{args}}

# floors, homes of crates, proofs
architecture:
    cargo test --locked --test it architecture::

# the injection scanner's model, again, from its texts
train-tripwire *args:
    scripts/train-tripwire {{args}}

# formatting and lints
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# licences, advisories and bans (needs cargo-deny)
deny:
    cargo deny check

# the figures of README's table
bench:
    cargo build --release --locked
    cargo run --release --locked -- bench task
    cargo run --release --locked -- bench policy
    scripts/bench-serve
    scripts/bench-page

# all that must hold before a merge
ci:
    bash .ci/run

# parser, checker and interpreter against millions of texts and plans; a number of cases can be given
fuzz cases="2500000":
    PROPTEST_CASES={{cases}} cargo test --release --locked --test it fuzz::
    PROPTEST_CASES=20000 cargo test --release --locked --lib kernel::run::tests::flows
