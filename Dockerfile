# The server alone: docker-compose.yml gives it a PostgreSQL.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY crates crates
# Both are embedded in the binary.
COPY migrations migrations
COPY web/dist web/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package app --bin holdfast \
    && install -D target/release/holdfast /out/holdfast

FROM debian:bookworm-slim
# curl: for the health check. ca-certificates: to fetch a Supabase project's keys.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin holdfast \
    && install -d -o holdfast -g holdfast -m 0700 /data
COPY --from=build /out/holdfast /usr/local/bin/holdfast

USER holdfast
WORKDIR /data
ENV HOLDFAST_BIND=0.0.0.0:8080 HOLDFAST_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["holdfast"]
