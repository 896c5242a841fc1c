//! The caller's own account and limits.

use serde_json::json;

use super::super::call::Answer;
use super::super::contract::Edition;
use super::super::repository::number_of;
use super::super::token::Kind;
use super::{Route, Routed, account_json, account_kind};

impl Route<'_> {
    pub(super) fn rate_limit(&mut self) -> Routed {
        let reset = self.state.now().as_second() + 3600;
        let limit = |limit: u32| json!({ "limit": limit, "used": 1, "remaining": limit - 1, "reset": reset });
        let mut body = json!({ "resources": {
            "core": limit(5000), "search": limit(30), "graphql": limit(5000),
        } });
        if self.edition == Edition::V20221128 {
            body["rate"] = limit(5000);
        }
        Ok(Answer::json(200, &body))
    }

    pub(super) fn user(&mut self) -> Routed {
        let Some(token) = self.caller.token() else {
            return Err(Answer::error(401, "Requires authentication"));
        };
        if matches!(token.kind, Kind::Installation { .. }) {
            return Err(Answer::error(403, token.refusal()));
        }
        let login = &token.login;
        let api = &self.shared.addresses.api;
        let mut body = account_json(api, login, number_of(login), account_kind(login));
        let more = json!({
            "name": null, "company": null, "blog": "", "location": null, "email": null,
            "hireable": null, "bio": null, "twitter_username": null, "public_repos": 2,
            "public_gists": 0, "followers": 0, "following": 0,
            "created_at": "2020-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
        });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        Ok(Answer::json(200, &body))
    }
}
