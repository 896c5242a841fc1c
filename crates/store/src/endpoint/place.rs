//! The addresses of an endpoint.

use provost_outbound::{Origin, Url, shown};

/// Where functions and reads of one endpoint are.
pub(super) struct Place {
    functions: Origin,
}

impl Place {
    /// `functions` is the store URL, such as `https://HOST/functions/v1`.
    pub(super) fn new(functions: Origin) -> Self {
        Self { functions }
    }

    /// The address of a function that takes something.
    pub(super) fn function(&self, name: &str) -> Url {
        self.functions.join(&[name])
    }

    /// The address of a question: beside the functions, in `/api/v1`.
    pub(super) fn question(&self, name: &[&str]) -> Url {
        let mut url = self.functions.url().clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().pop().pop().extend(["api", "v1"]).extend(name);
        }
        url
    }

    /// For whom a job's identity is asked when nobody says otherwise: scheme, host and port.
    pub(super) fn audience(&self) -> String {
        self.functions.url().origin().ascii_serialization()
    }

    pub(super) fn host(&self) -> &str {
        self.functions.host()
    }

    /// The store URL for people.
    pub(super) fn shown(&self) -> String {
        shown(self.functions.url())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;

    fn place(url: &str) -> Place {
        Place::new(Origin::parse(url, "the store URL").unwrap())
    }

    #[test]
    fn questions_are_asked_beside_the_functions() {
        for (url, function, question, audience) in [
            (
                "https://h.example/functions/v1",
                "https://h.example/functions/v1/telemetry",
                "https://h.example/api/v1/kpi",
                "https://h.example",
            ),
            (
                "https://h.example:8443/functions/v1/",
                "https://h.example:8443/functions/v1/telemetry",
                "https://h.example:8443/api/v1/kpi",
                "https://h.example:8443",
            ),
            (
                "http://127.0.0.1:8080/below/functions/v1",
                "http://127.0.0.1:8080/below/functions/v1/telemetry",
                "http://127.0.0.1:8080/below/api/v1/kpi",
                "http://127.0.0.1:8080",
            ),
        ] {
            let place = place(url);
            assert_eq!(place.function("telemetry").as_str(), function);
            assert_eq!(place.question(&["kpi"]).as_str(), question);
            assert_eq!(place.audience(), audience);
        }
    }
}
