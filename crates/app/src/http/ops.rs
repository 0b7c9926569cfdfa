//! For operators: health, readiness, metrics.

use std::time::Instant;

use actix_web::{HttpResponse, get, web};
use protocol::code::ErrorCode;

use crate::http::finish::answer;
use crate::http::problem::Problem;
use crate::state::App;

/// The process lives.
#[utoipa::path(operation_id = "getHealth", tag = "operations", responses((status = 200, body = String), (status = "default", body = Problem)), security(()))]
#[get("/healthz")]
pub async fn healthz() -> &'static str {
    "ok"
}

/// The database is reachable and migrated, and the clock runs: deadlines are looked for, and this node notes that it serves.
#[utoipa::path(operation_id = "getReadiness", tag = "operations", responses((status = 200, body = String), (status = "default", body = Problem)), security(()))]
#[get("/readyz")]
pub async fn readyz(app: web::Data<App>) -> Result<&'static str, Problem> {
    answer(async { Ok(app.ports.store.ready().await?) }).await?;
    if let Some(age) = app.clock.stands_since() {
        let detail = format!("the clock has not come round for {} s: no turn ends and no hand is dealt", age.as_secs());
        return Err(Problem::new(ErrorCode::ClockStands, detail));
    }
    Ok("ready")
}

/// Figures for Prometheus.
#[utoipa::path(operation_id = "getMetrics", tag = "operations", responses((status = 200, body = String), (status = "default", body = Problem)), security(()))]
#[get("/metrics", wrap = "actix_web::middleware::Compress::default()")]
pub async fn metrics(app: web::Data<App>) -> HttpResponse {
    app.metrics.hub(&app.sockets.hub.figures().await);
    app.metrics.store(&app.ports.store.figures());
    app.metrics.bus(app.bus.figures());
    app.metrics.keys_age(app.verifier.keys_age());
    app.metrics.clock(&app.clock);
    app.metrics.set_aside(&app.ports.set_aside.figures(Instant::now()));
    app.metrics.password_queue(app.passwords.waiting());
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(app.metrics.render())
}
