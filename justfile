# The chores by name. CI calls the same ones.

# Lists the chores.
default:
    @just --list

# Installs what the tests need, where that may be done.
setup:
    cargo xtask setup

# Serves a playable room on http://127.0.0.1:8080.
run:
    cargo run --release

# Fills a table with bots and prints its address.
demo:
    cargo run --release -- demo

# Runs all tests. `just test --no-web -- -p domain` runs some.
test *args:
    cargo xtask test {{ args }}

# Simulates rooms: random people, random times, everything checked after each command. `just simulate 50000000 7` begins at seed 7.
simulate commands="5000000" seed="1":
    HOLDFAST_SIM_COMMANDS={{ commands }} HOLDFAST_SIM_SEED={{ seed }} \
        cargo test --release -p usecases --test simulation whatever -- --nocapture

# Checks formatting, clippy, the fences between the crates, licences and bans.
lint:
    cargo xtask lint

# Kills, freezes and cuts a whole system, and has what it did checked. `just chaos run --faults K1,P2` does one run.
chaos *args:
    cargo xtask chaos {{ args }}

# Measures a server in release against PostgreSQL alone, on a quiet machine. `just bench run --rooms 200` measures one thing.
bench *args:
    cargo xtask bench {{ args }}

# Everything that CI checks.
check: lint test

# Formats, and mends what clippy can mend.
fix:
    cargo fmt --all
    cargo clippy --workspace --all-targets --fix --allow-dirty --allow-staged

# Builds the web client into web/dist.
web:
    cargo xtask web

# Writes the wire's types for the web client, after the server's have changed.
types:
    cargo xtask types

# Writes docs/openapi.json and docs/asyncapi.json, after the API has changed; `just documents --check` tries them.
documents *args:
    cargo xtask documents {{ args }}

# Looks for known holes in dependencies (needs cargo-deny, and fetches its list).
audit:
    cargo deny check advisories

# Counts the lines of Rust code of each crate.
size:
    cargo xtask size

# The server, PostgreSQL, NATS and a load balancer in containers.
up:
    docker compose up --build
