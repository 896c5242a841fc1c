//! Web addresses in answers: they end up in records, step outputs and messages, where later steps
//! and other programs take them for what they are.

use serde::{Deserialize, Deserializer, de::Error};
use std::fmt::Write;

/// The longest address that is taken, in bytes.
const MAX_BYTES: usize = 2048;

/// Reads an address of the web. Whatever is more than letters, digits and `-._~:/?#@%+=,` is
/// percent-encoded, which leads to the same page and means nothing to a shell, to Markdown or to a
/// log.
pub(crate) fn web_address<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return Err(D::Error::custom("an html_url is no address of the web"));
    }
    if text.len() > MAX_BYTES {
        return Err(D::Error::custom(format!("an html_url has more than {MAX_BYTES} bytes")));
    }
    Ok(encoded(&text))
}

fn encoded(text: &str) -> String {
    let mut address = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~:/?#@%+=,".contains(&byte) {
            true => address.push(char::from(byte)),
            // Writing to a text cannot fail.
            false => drop(write!(address, "%{byte:02X}")),
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_testkit::hostile;
    use serde_json::json;

    fn read(text: &str) -> Result<String, String> {
        web_address(json!(text)).map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_stays_as_it_is() {
        for address in [
            "https://github.com/o/r/actions/runs/1/attempts/2",
            "https://github.com/o/r/releases/tag/v1.0.0-rc.1%2Bbuild.7",
            "http://127.0.0.1:8080/o/r/issues/1#issuecomment-7",
        ] {
            assert_eq!(read(address).as_deref(), Ok(address));
        }
        assert_eq!(read("https://h/tag/v(1)").as_deref(), Ok("https://h/tag/v%281%29"));
    }

    #[test]
    fn nothing_in_an_address_is_an_order() {
        for (name, value) in hostile::values() {
            assert!(value.starts_with("https://") || read(&value).is_err(), "{name}");
            let Ok(address) = read(&format!("https://h/{value}")) else {
                assert!(value.len() > MAX_BYTES - 10, "{name}");
                continue;
            };
            assert!(address.bytes().all(|byte| byte.is_ascii_graphic()), "{name}: {address}");
            for sign in ['$', '`', '\'', '"', '(', ';', '|', '&', '<', '>', '[', '*', '\\'] {
                assert!(!address.contains(sign), "{name}: {address}");
            }
        }
        for other in ["", "javascript:alert(1)", "//h/x", "ftp://h", " https://h", "HTTPS://h"] {
            assert!(read(other).is_err(), "{other}");
        }
    }
}
