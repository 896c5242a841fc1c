//! One answer, read whole or as a stream, never beyond a limit.

use crate::error::OutboundError;
use crate::origin::shown;
use crate::secret::Secret;
use reqwest::Url;
use reqwest::blocking::Response;
use reqwest::header::HeaderValue;
use std::io::Read;

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) url: Url,
}

impl Answer {
    /// A header's value, when it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Where the answer came from.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

/// An answer whose body is still to be read.
///
/// A server, or whatever stands before it, may repeat the token in what it answers, and an answer
/// ends up in errors, logs and records. So the token is taken out of every header, and out of a
/// body that is read whole; a download alone is left as it is.
pub struct Stream {
    response: Response,
    max_bytes: u64,
    token: Option<Secret>,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("status", &self.status()).finish_non_exhaustive()
    }
}

impl Stream {
    pub(crate) fn new(mut response: Response, max_bytes: u64, token: Option<Secret>) -> Self {
        if let Some(token) = &token {
            for value in response.headers_mut().values_mut() {
                if let Some(bytes) = token.taken_out_of(value.as_bytes()) {
                    *value =
                        HeaderValue::from_bytes(&bytes).unwrap_or(HeaderValue::from_static("***"));
                }
            }
        }
        Self { response, max_bytes, token }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header's value, when it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The same with a smaller limit.
    #[must_use]
    pub fn with_limit(mut self, max_bytes: u64) -> Self {
        self.max_bytes = self.max_bytes.min(max_bytes);
        self
    }

    /// Copies the body to `sink`, and returns its length.
    ///
    /// # Errors
    /// [`OutboundError::TooLarge`] above the limit, [`OutboundError::Interrupted`] when the body
    /// ends early or cannot be read, [`OutboundError::Sink`] when `sink` fails. What was written
    /// by then must not be used.
    pub fn copy_to(mut self, sink: &mut dyn std::io::Write) -> Result<u64, OutboundError> {
        let place = shown(self.response.url());
        let mut buffer = vec![0; 64 * 1024];
        let mut length = 0;
        loop {
            let read = match self.response.read(&mut buffer) {
                Ok(0) => return Ok(length),
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(interrupted(place, &error)),
            };
            length += read as u64;
            if length > self.max_bytes {
                return Err(OutboundError::TooLarge { place, limit: self.max_bytes });
            }
            sink.write_all(&buffer[..read]).map_err(OutboundError::Sink)?;
        }
    }

    /// Reads the body whole.
    ///
    /// # Errors
    /// As [`Stream::copy_to`].
    pub fn read(mut self) -> Result<Answer, OutboundError> {
        let (status, headers) = (self.status(), self.response.headers().clone());
        let (url, token) = (self.response.url().clone(), self.token.take());
        let mut body = Vec::new();
        self.copy_to(&mut body)?;
        let bare = token.and_then(|token| token.taken_out_of(&body));
        let body = bare.unwrap_or(body);
        Ok(Answer { status, body, headers, url })
    }
}

fn interrupted(place: String, error: &std::io::Error) -> OutboundError {
    let timed_out = error.kind() == std::io::ErrorKind::TimedOut
        || error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<reqwest::Error>())
            .is_some_and(reqwest::Error::is_timeout);
    match timed_out {
        true => OutboundError::Timeout { place },
        false => OutboundError::Interrupted { place },
    }
}
