//! The contract, and its readable form. Everything a page of it needs is in the binary: it opens without a network.

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::{
    Components, InfoBuilder, KnownFormat, License, ObjectBuilder, OpenApi, OpenApiBuilder, Required, SchemaFormat, Type,
    path::{ParameterBuilder, ParameterIn},
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{
    contract,
    extract::SAID_AT,
    once::{IDEMPOTENCY_KEY, takes_key},
};
use crate::app::App;

/// What stands above the routes of the contract.
pub fn header() -> OpenApi {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT (RFC 8725, RFC 9068)")
        .description(Some("An access token from `POST /v1/sessions`, good for ten minutes."))
        .build();
    let mut components = Components::new();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let secret = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A secret from the answer to an anonymous report, in the place of a token. No session goes with it."))
        .build();
    components.add_security_scheme("follow_up", SecurityScheme::Http(secret));
    let info = InfoBuilder::new()
        .title("Salama")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Occupational health and safety reports, corrective actions and escalation. Clients make the ids of reports, photos and \
             actions (UUID version 4 or 7), so every create is a PUT that can be repeated. Failures are problem documents (RFC 9457) \
             in the language of `Accept-Language`: ar, fr or en. An app says its version in `App-Version`; one that is too old is \
             answered 426, but reports, photos and comments are taken from any (`/v1/app`). What is on its way out says so in \
             `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).",
        ))
        .license(Some(License::new("MIT OR Apache-2.0")))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("bearer", Vec::<String>::new())]))
        .build()
}

/// Names the headers that commands may carry.
pub fn with_headers(mut contract: OpenApi) -> OpenApi {
    let said_at = ParameterBuilder::new()
        .name(SAID_AT)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "When the caller said this, by the clock of their device (RFC 3339), where it had to wait for a line. It stands in the \
             record as a claim beside the server's own time, and no clock counts from it. It is kept nowhere where the sender of \
             a report is protected.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))))
        .build();
    let key = ParameterBuilder::new()
        .name(IDEMPOTENCY_KEY)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "At most 255 characters, quoted or bare, that the caller uses for this one command, so that it can be sent again when \
             its answer was lost: it is done once, and answered by the record as it stands, with `Idempotency-Replayed: true`. With \
             another body it is refused (422). What was refused did not use its key. Remembered for 30 days.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    for (route, path) in &mut contract.paths.paths {
        if let Some(command) = path.post.as_mut().filter(|_| takes_key(route)) {
            command.parameters.get_or_insert_default().push(key.clone().into());
        }
        let commands = [&mut path.put, &mut path.post, &mut path.delete];
        for command in commands.into_iter().flatten().filter(|command| command.security.is_none()) {
            command.parameters.get_or_insert_default().push(said_at.clone().into());
        }
    }
    contract
}

/// The contract itself.
#[utoipa::path(get, path = "/openapi.json", tag = "health", security(()), responses((status = 200, content_type = "application/json", body = serde_json::Value)))]
pub async fn get_openapi() -> Response {
    static WRITTEN: LazyLock<String> = LazyLock::new(|| format!("{:#}", contract()));
    ([(header::CONTENT_TYPE, "application/json")], WRITTEN.as_str()).into_response()
}

/// The readable contract at `/docs`.
pub fn pages() -> Router<App> {
    // The page brings its own scripts and styles; it may load nothing from elsewhere.
    let policy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                  frame-ancestors 'none'";
    let ui = SwaggerUi::new("/docs").config(Config::from("/openapi.json"));
    Router::from(ui).layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)))
}
