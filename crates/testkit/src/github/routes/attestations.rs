//! Attestations of a subject, by pages of cursors.

use serde_json::{Value, json};

use super::super::attestation::Attestation;
use super::super::call::Answer;
use super::super::contract::Edition;
use super::pages::with_link;
use super::{Route, Routed};

impl Route<'_> {
    /// Oldest first. The older API version has the bundle in place, the newer only its address on
    /// the second host.
    pub(super) fn list_attestations(&mut self) -> Routed {
        let digest = self.matched.parameter("subject_digest").to_owned();
        let wanted = self.call.query("predicate_type").map(str::to_owned);
        let repository_id = self.names().settings.id;
        let all = self.repository().attestations.iter().filter(|own| {
            own.digest == digest && wanted.as_ref().is_none_or(|wanted| of_type(own, wanted))
        });
        let all: Vec<_> = all.cloned().collect();
        if all.is_empty() && self.state.attestations_absent_as_404 {
            return Err(Answer::not_found());
        }
        let (items, link) = self.cursor_page(&all);
        let listed: Vec<_> = items.iter().map(|own| self.listed(own, repository_id)).collect();
        let answer = Answer::json(200, &json!({ "attestations": listed }));
        Ok(with_link(answer, link.as_deref()))
    }

    fn listed(&mut self, own: &Attestation, repository_id: u64) -> Value {
        let (content_type, bytes) = own.served();
        let path = format!("/attestations/{}.json", own.id);
        let address = self.state.publish(&path, content_type, bytes);
        let mut item = json!({
            "repository_id": repository_id, "initiator": "user",
            "bundle_url": format!("{}{address}", self.shared.addresses.blob),
        });
        if self.edition == Edition::V20221128 {
            item["bundle"] = own.bundle.clone();
        }
        item
    }

    /// The items after the cursor `after` or before the cursor `before`; a cursor is a number of
    /// an attestation.
    fn cursor_page(&self, all: &[Attestation]) -> (Vec<Attestation>, Option<String>) {
        let per_page = self.per_page();
        let cursor = |name| self.call.query(name).and_then(|text| text.parse::<u64>().ok());
        let start = match (cursor("after"), cursor("before")) {
            (Some(after), _) => all.iter().take_while(|own| own.id <= after).count(),
            (None, Some(before)) => {
                let end = all.iter().take_while(|own| own.id < before).count();
                end.saturating_sub(per_page)
            }
            (None, None) => 0,
        };
        let end = (start + per_page).min(all.len());
        let items = all[start..end].to_vec();
        let mut links = Vec::new();
        if let Some(last) = items.last().filter(|_| end < all.len()) {
            links.push(self.link(("after", last.id.to_string()), "next"));
        }
        if let Some(first) = items.first().filter(|_| start > 0) {
            links.push(self.link(("before", first.id.to_string()), "prev"));
        }
        (items, (!links.is_empty()).then(|| links.join(", ")))
    }
}

/// `provenance` and `sbom` are short for the types that GitHub makes.
fn of_type(own: &Attestation, wanted: &str) -> bool {
    let found = own.predicate_type();
    let found = found.as_deref().unwrap_or_default();
    match wanted {
        "provenance" => found.starts_with("https://slsa.dev/provenance/"),
        "sbom" => found.contains("spdx") || found.contains("cyclonedx"),
        wanted => found == wanted,
    }
}
