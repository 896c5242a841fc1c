//! Signatures of webhook deliveries (GitHub, "Validating webhook deliveries").

use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use provost_outbound::Secret;

/// Whether `X-Hub-Signature-256` is the HMAC-SHA-256 of the bytes under one of the secrets: once,
/// `sha256=` and 64 lower-case hex digits. The older header with SHA-1 is not looked at.
pub(crate) fn is_signed(headers: &HeaderMap, bytes: &[u8], secrets: &[Secret]) -> bool {
    let mut values = headers.get_all("x-hub-signature-256").iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let Some(digits) = value.to_str().ok().and_then(|text| text.strip_prefix("sha256=")) else {
        return false;
    };
    let is_lower_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut tag = [0; 32];
    if !is_lower_hex || hex::decode_to_slice(digits, &mut tag).is_err() {
        return false;
    }
    let mut is_signed = false;
    for secret in secrets {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        is_signed |= hmac::verify(&key, bytes, &tag).is_ok();
    }
    is_signed
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_str(value).expect("header");
            headers.append("x-hub-signature-256", value);
        }
        headers
    }

    /// The example of GitHub's documentation.
    #[test]
    fn a_delivery_is_signed_over_its_bytes() {
        let secret = |text: &str| Secret::new(text.to_owned(), "x").expect("secret");
        let secrets = [secret("another"), secret("Its-a-Secret-to-Everybody")];
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"Its-a-Secret-to-Everybody");
        let good = hex::encode(hmac::sign(&key, b"Hello, World!").as_ref());
        let signed = |value: &str| is_signed(&headers(&[value]), b"Hello, World!", &secrets);
        assert!(signed(&format!("sha256={good}")));
        assert!(!is_signed(&headers(&[&format!("sha256={good}")]), b"Hello, World?", &secrets));
        assert!(!is_signed(&headers(&[&format!("sha256={good}")]), b"Hello, World!", &[]));
        let twice = format!("sha256={good}");
        assert!(!is_signed(&headers(&[&twice, &twice]), b"Hello, World!", &secrets));
        assert!(!is_signed(&headers(&[]), b"Hello, World!", &secrets));
        for wrong in [
            good.clone(),
            format!("sha1={good}"),
            format!("sha256={}", good.to_uppercase()),
            format!("sha256={}", &good[2..]),
            format!("sha256={good}00"),
            format!("sha256= {good}"),
            "sha256=".to_owned(),
        ] {
            assert!(!signed(&wrong), "{wrong}");
        }
    }
}
