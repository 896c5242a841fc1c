//! A seal as it is kept outside of the log.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Number and hash of a seal: `N sha256:HEX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Anchor {
    /// The seal's number, from 1.
    pub seal: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// A text that is no anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an anchor is written `N sha256:HEX`, with the number of a seal and 64 hex digits")]
pub struct InvalidAnchor;

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sha256:{}", self.seal, hex::encode(self.hash))
    }
}

impl FromStr for Anchor {
    type Err = InvalidAnchor;

    fn from_str(text: &str) -> Result<Self, InvalidAnchor> {
        let (seal, hash) = text.trim().split_once(' ').ok_or(InvalidAnchor)?;
        let hash = hash.strip_prefix("sha256:").ok_or(InvalidAnchor)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(hash, &mut bytes).map_err(|_| InvalidAnchor)?;
        let digits = seal.bytes().all(|byte| byte.is_ascii_digit());
        let seal = seal.parse().ok().filter(|&seal| digits && seal > 0).ok_or(InvalidAnchor)?;
        Ok(Self { seal, hash: bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_comes_back_and_anything_else_is_refused() {
        let anchor = Anchor { seal: 7, hash: [0xab; 32] };
        assert_eq!(anchor.to_string().parse(), Ok(anchor));
        let hash = "ab".repeat(32);
        for other in [
            String::new(),
            "7".to_owned(),
            format!("7 {hash}"),
            format!("0 sha256:{hash}"),
            format!("-7 sha256:{hash}"),
            format!("+7 sha256:{hash}"),
            format!("7 sha256:{hash}00"),
            "7 sha256:xy".to_owned(),
        ] {
            assert_eq!(other.parse::<Anchor>(), Err(InvalidAnchor), "{other}");
        }
    }
}
