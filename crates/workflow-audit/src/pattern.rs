//! Names that are only partly known.

use crate::expression::expressions;

/// Whether two names may be the same, with `*` and expressions standing for anything.
pub(crate) fn may_be_same(one: &str, other: &str) -> bool {
    let (one, other) = (pieces(one), pieces(other));
    match (one.as_slice(), other.as_slice()) {
        ([one], [other]) => one == other,
        ([plain], pieces) | (pieces, [plain]) => fits(pieces, plain),
        (one, other) => {
            // Both are open: the fixed ends have to go together.
            let (one_start, other_start) = (&one[0], &other[0]);
            let (one_end, other_end) = (&one[one.len() - 1], &other[other.len() - 1]);
            (one_start.starts_with(other_start.as_str())
                || other_start.starts_with(one_start.as_str()))
                && (one_end.ends_with(other_end.as_str()) || other_end.ends_with(one_end.as_str()))
        }
    }
}

/// The fixed pieces between what is open; one piece is a name that is fully known.
fn pieces(name: &str) -> Vec<String> {
    let mut text = name.to_owned();
    for expression in expressions(name).iter().rev() {
        text.replace_range(expression.start..expression.end, "*");
    }
    // Shell variables, as far as they can be told from text.
    let mut open = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '$' {
            open.push('*');
            while rest.peek().is_some_and(|c| c.is_ascii_alphanumeric() || "_{}".contains(*c)) {
                rest.next();
            }
        } else {
            open.push(c);
        }
    }
    open.split('*').map(str::to_owned).collect()
}

fn fits(pieces: &[String], name: &str) -> bool {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return false };
    let Some(mut rest) = name.strip_prefix(first.as_str()) else { return false };
    for piece in &pieces[1..pieces.len() - 1] {
        let Some(at) = rest.find(piece.as_str()) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::may_be_same;

    #[test]
    fn what_is_open_stands_for_anything() {
        assert!(may_be_same("a", "a"));
        assert!(!may_be_same("a", "b"));
        assert!(may_be_same("built-${{ matrix.os }}", "built-*"));
        assert!(may_be_same("built-*", "built-linux"));
        assert!(may_be_same("${{ x }}", "anything"));
        assert!(!may_be_same("built-*", "dist"));
        assert!(may_be_same("p-$TAG.json", "p-${{ inputs.tag }}.json"));
        assert!(!may_be_same("p-$TAG", "q-${{ inputs.tag }}"));
        assert!(!may_be_same("aa*aa", "aaa"));
    }
}
