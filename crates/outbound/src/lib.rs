//! HTTPS calls to other people's servers: bounded, retried, without redirects of their own, and
//! with secrets that cannot be seen.
//!
//! GitHub, Slack and the ingestion service are called through this crate, so that the rules about
//! where a request may go, how much of an answer is read, when it is repeated and what an error
//! may say stand in one place.
//!
//! Reading order: [`Secret`], [`Origin`] (where a request may go), [`Client`], [`Request`],
//! [`Answer`], [`Retry`] (when it is repeated), [`OutboundError`].
//!
//! All calls block. They must not be made on a thread that runs asynchronous tasks.

mod address;
mod answer;
mod client;
mod error;
mod follow;
mod origin;
mod pause;
mod request;
mod resolver;
mod retry;
mod secret;

pub use answer::{Answer, Stream};
pub use client::{Client, Limits};
pub use error::{OutboundError, whole_seconds};
pub use follow::Hosts;
pub use origin::{Origin, shown};
pub use pause::{Pause, Sleep};
pub use request::{Method, Request};
pub use reqwest::Url;
pub use retry::{Retry, Verdict, classify};
pub use secret::{Secret, SecretError};
