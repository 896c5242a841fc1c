//! Where a page of releases ended.

use crate::kpi::Release;
use crate::page::{InvalidCursor, Position, Positioned};
use crate::release_filter::ReleaseOrder;
use std::fmt;
use std::str::FromStr;

/// No tag and no repository is longer, in hexadecimal digits.
const LONGEST: usize = 8_192;

/// The place of a release in an answer of one order. Its text is a cursor; what stands in it is the
/// store's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseCursor {
    order: ReleaseOrder,
    place: Place,
}

/// What an answer is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The word.
    Time(Position),
    /// The names.
    Name {
        tag: String,
        /// Empty when unknown.
        repository: String,
    },
}

impl ReleaseCursor {
    /// The order of the answer that it is a place in.
    pub fn order(&self) -> ReleaseOrder {
        self.order
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The place of a release.
    pub(crate) fn of(order: ReleaseOrder, release: &Release) -> Self {
        match order {
            ReleaseOrder::Newest | ReleaseOrder::Oldest => Self::of_time(order, release.position()),
            ReleaseOrder::Tag | ReleaseOrder::TagDescending => {
                let repository = release.repository.clone().unwrap_or_default();
                Self { order, place: Place::Name { tag: release.tag.clone(), repository } }
            }
        }
    }

    pub(crate) fn of_time(order: ReleaseOrder, position: Position) -> Self {
        Self { order, place: Place::Time(position) }
    }
}

impl fmt::Display for ReleaseCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = match self.order {
            ReleaseOrder::Newest => "newest",
            ReleaseOrder::Oldest => "oldest",
            ReleaseOrder::Tag => "tag",
            ReleaseOrder::TagDescending => "tag-descending",
        };
        match &self.place {
            Place::Time(position) => write!(f, "{order}.{position}"),
            Place::Name { tag, repository } => {
                write!(f, "{order}.{}.{}", hex::encode(tag), hex::encode(repository))
            }
        }
    }
}

impl FromStr for ReleaseCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (order, place) = text.split_once('.').ok_or(InvalidCursor)?;
        let order = match order {
            "newest" => ReleaseOrder::Newest,
            "oldest" => ReleaseOrder::Oldest,
            "tag" => ReleaseOrder::Tag,
            "tag-descending" => ReleaseOrder::TagDescending,
            _ => return Err(InvalidCursor),
        };
        let place = match order {
            ReleaseOrder::Newest | ReleaseOrder::Oldest => Place::Time(place.parse()?),
            ReleaseOrder::Tag | ReleaseOrder::TagDescending => {
                let (tag, repository) = place.split_once('.').ok_or(InvalidCursor)?;
                Place::Name { tag: name(tag)?, repository: name(repository)? }
            }
        };
        Ok(Self { order, place })
    }
}

fn name(digits: &str) -> Result<String, InvalidCursor> {
    if digits.len() > LONGEST {
        return Err(InvalidCursor);
    }
    let bytes = hex::decode(digits).map_err(|_| InvalidCursor)?;
    let name = String::from_utf8(bytes).map_err(|_| InvalidCursor)?;
    // No text of a database has one.
    if name.contains('\0') { Err(InvalidCursor) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_cursor_comes_back() {
        let position = Position {
            occurred_at: "1969-12-31T23:59:59.999999Z".parse().unwrap(),
            id: Uuid::from_u128(7),
        };
        let named = |tag: &str, repository: &str| ReleaseCursor {
            order: ReleaseOrder::TagDescending,
            place: Place::Name { tag: tag.to_owned(), repository: repository.to_owned() },
        };
        for cursor in [
            ReleaseCursor::of_time(ReleaseOrder::Newest, position),
            ReleaseCursor::of_time(ReleaseOrder::Oldest, position),
            named("v1.0.0", "acme/app"),
            named("ü.%_\\", ""),
        ] {
            let text = cursor.to_string();
            assert_eq!(text.parse(), Ok(cursor), "{text}");
            assert!(text.bytes().all(|it| it.is_ascii_alphanumeric() || b".-".contains(&it)));
        }
    }

    #[test]
    fn what_no_page_gave_is_refused() {
        for text in [
            "",
            "newest",
            "newest.",
            "newest.1",
            "newest.76.61",
            "elsewhere.1.00000000000000000000000000000007",
            "tag.1.00000000000000000000000000000007",
            "tag.7631",
            "tag.763.61",
            "tag.zz.61",
            "tag.ff.61",
            "tag.7600.61",
            "TAG.7631.61",
        ] {
            assert_eq!(text.parse::<ReleaseCursor>(), Err(InvalidCursor), "{text}");
        }
        let long = format!("tag.{}.61", "61".repeat(LONGEST));
        assert_eq!(long.parse::<ReleaseCursor>(), Err(InvalidCursor));
    }
}
