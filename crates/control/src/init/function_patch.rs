//! Two lines more in a function `telemetry` that is there already: an import, and a hand-over at
//! the beginning of its handler. Not a byte of the rest is touched.
//!
//! Nothing here understands TypeScript as a whole. What is asked of a file is that one line, and
//! one alone, begins an asynchronous handler in a form that is usual; anything else is refused.

const IMPORT: &str = "import { isProvenance, telemetry } from \"../_shared/provost/telemetry.ts\";";
const FROM: &str = "_shared/provost/telemetry.ts\"";

/// What stands before the parameter of a handler.
const OPENINGS: [&str; 5] =
    ["Deno.serve(async ", "serve(async ", "async fetch", "fetch: async ", "fetch = async "];

/// The function with both lines in it; `None` when they are there already.
///
/// # Errors
/// Why the file cannot be patched, and what to write by hand.
pub(super) fn apply(bytes: &[u8]) -> Result<Option<String>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8 text".to_owned())?;
    if text.contains(FROM) {
        return Ok(None);
    }
    let mut handlers = Vec::new();
    let mut offset = 0;
    for raw in text.split_inclusive('\n') {
        offset += raw.len();
        if let Some(parameter) = parameter(raw.trim_end()) {
            let depth = raw.len() - raw.trim_start().len();
            handlers.push((offset, parameter, &raw[..depth]));
        }
    }
    let [(end, parameter, indentation)] = handlers[..] else {
        return Err(format!(
            "not one line alone begins its handler as `Deno.serve(async (request) => {{` does; \
             write `{IMPORT}` at its top, and `if (await isProvenance(request)) return await \
             telemetry(request);` at the beginning of the handler"
        ));
    };
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let hand_over = format!(
        "{indentation}  if (await isProvenance({parameter})) return await telemetry({parameter});"
    );
    let (before, behind) = text.split_at(end);
    Ok(Some(format!("{IMPORT}{line_end}{before}{hand_over}{line_end}{behind}")))
}

/// The name of the request, when this line begins a handler and ends in its body.
fn parameter(line: &str) -> Option<&str> {
    let code = line.trim_start();
    if code.starts_with("//") || code.starts_with('*') || !code.ends_with('{') {
        return None;
    }
    let (at, opening) = OPENINGS.iter().find_map(|it| Some((code.find(it)?, it)))?;
    let rest = code[at + opening.len()..].trim_start();
    let rest = rest.strip_prefix('(').unwrap_or(rest);
    let length = rest.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_' || it == '$'));
    let name = &rest[..length?];
    let is_name = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_' || it == '$');
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_are_added_and_every_byte_is_kept() {
        for (handler, name, indentation) in [
            ("Deno.serve(async (req) => {", "req", ""),
            ("Deno.serve(async (request: Request): Promise<Response> => {", "request", ""),
            ("serve(async (req: Request) => {", "req", ""),
            ("Deno.serve(async req => {", "req", ""),
            ("  async fetch(req: Request, env) {", "req", "  "),
            ("\tfetch: async (_req) => {", "_req", "\t"),
        ] {
            let text = format!("import x from \"x\";\n\n{handler}\n  // ours\n}}\n");
            let patched = apply(text.as_bytes()).expect(handler).expect("new");
            let added = format!(
                "{indentation}  if (await isProvenance({name})) return await telemetry({name});"
            );
            let expected =
                format!("{IMPORT}\nimport x from \"x\";\n\n{handler}\n{added}\n  // ours\n}}\n");
            assert_eq!(patched, expected);
            assert_eq!(apply(patched.as_bytes()), Ok(None), "a second time changes nothing");
            let dos = text.replace('\n', "\r\n");
            let patched = apply(dos.as_bytes()).expect(handler).expect("new");
            assert_eq!(patched, expected.replace('\n', "\r\n"));
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_what_to_write() {
        for text in [
            "",
            "Deno.serve(handler);\n",
            "Deno.serve((req) => {\n});\n",
            "Deno.serve(async (req) => json(req));\n",
            "Deno.serve(async ({ method }) => {\n});\n",
            "// Deno.serve(async (req) => {\n",
            "Deno.serve(async (req) => {\n});\nDeno.serve(async (req) => {\n});\n",
        ] {
            let reason = apply(text.as_bytes()).expect_err(text);
            assert!(reason.contains("isProvenance"), "{reason}");
        }
        assert!(apply(b"\xff").is_err());
    }
}
