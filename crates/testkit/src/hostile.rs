//! Values that some output takes for an order, and what it would see in them. Every sink shows
//! all of them in its tests.

use std::iter;

/// Values of everyday releases. No output may change them for a person.
pub const ORDINARY: [&str; 16] = [
    "v1.2.3",
    "github.com/o/r",
    "refs/heads/main",
    "refs/tags/v1.4.0-rc.1+build.7",
    ".github/workflows/release.yml@refs/heads/main",
    "git+https://github.com/sigstore/sigstore-js",
    "sha512:46d4e2f74c48",
    "rules_lint-v1.3.1.tar.gz",
    "pkg:npm/%40acme/app@1.0.0",
    "Größe, naïve, Ångström",
    "Gro\u{308}ße",
    "漢字 かな 한글",
    "Привет, שלום, مرحبا",
    "🚀 release ✅",
    r"C:\Users\build",
    "it's 100 % \"done\" (yes) [1]",
];

/// Each with a name for the message of a failed test.
const SHORT: [(&str, &str); 73] = [
    ("empty", ""),
    ("set-output", "\n::set-output name=x::y"),
    ("set-output at the start", "::set-output name=x::y"),
    ("set-output behind spaces", "  \t::set-output name=x::y"),
    ("set-output after a return", "x\r::set-output name=x::y"),
    ("add-mask", "v1\r\n::add-mask::e"),
    ("error", "\n::error file=a.yml,line=1,title=ok::all good"),
    ("stop-commands", "\n::stop-commands::t\n::t::"),
    ("encoded line feed", "x%0A::add-mask::e%0D%0a::warning::y"),
    ("encoded percent", "%250A::add-mask::e"),
    ("group", "x\n##[group]hidden\n##[endgroup]"),
    ("old command in a line", "release ##[add-mask]e"),
    ("old command, many signs", "####[set-output name=x;]y"),
    ("half of an old command", "release ##"),
    ("other half", "[add-mask]e"),
    ("more properties", "a.yml,line=1,title=accepted::x"),
    ("end of a property", "a:b,c=d::e"),
    ("output line", "x\nadmin=true"),
    ("output line with return", "x\r\nadmin=true\r\n"),
    ("output block", "x\nEOF\nadmin<<EOF\ntrue\nEOF\n"),
    ("delimiters", "EOF\nghadelimiter_0\nprovost_\nDELIM"),
    ("equals", "=x"),
    ("colour", "\u{1b}[32maccepted\u{1b}[0m"),
    ("cursor up and erase", "x\u{1b}[1A\u{1b}[2K\raccepted"),
    ("hyperlink", "\u{1b}]8;;https://evil.example\u{1b}\\ok\u{1b}]8;;\u{1b}\\"),
    ("window title", "\u{1b}]0;owned\u{7}"),
    ("clipboard", "\u{1b}]52;c;Y3VybA==\u{7}"),
    ("device control", "\u{1b}P+q544e\u{1b}\\\u{1b}c"),
    ("C1", "\u{9b}31m\u{9d}0;x\u{9c}\u{85}\u{90}"),
    ("bell, backspace, delete", "a\u{7}\u{8}\u{8}b\u{7f}"),
    ("overwrite", "refused\raccepted"),
    ("tab, vertical tab, feed", "a\tb\u{b}c\u{c}d"),
    ("bidi override", "v1\u{202e}gpj.exe\u{202c}"),
    ("bidi embedding", "\u{202a}a\u{202b}b\u{202d}c"),
    ("bidi isolate", "\u{2066}a\u{2067}b\u{2068}c\u{2069}"),
    ("bidi mark", "a\u{200e}b\u{200f}c\u{61c}d"),
    ("zero width", "ma\u{200b}in\u{200c}\u{200d}\u{2060}\u{feff}"),
    ("soft hyphen, fillers", "ma\u{ad}in\u{34f}\u{115f}\u{3164}\u{ffa0}"),
    ("line separators", "a\u{2028}b\u{2029}c\u{85}d"),
    ("tag letters", "v1\u{e0041}\u{e0042}\u{e007f}"),
    ("variation selectors", "v1\u{fe0f}\u{e0100}\u{e01ef}"),
    ("strange spaces", "a\u{a0}b\u{2003}c\u{3000}d"),
    ("private, unassigned", "\u{e000}\u{fdd0}\u{ffff}\u{10ffff}"),
    ("pile of marks", "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}"),
    ("leading mark", "\u{338}=\u{20dd}"),
    ("spelt escape", "\\u{1b}[31m \\n \\x1b"),
    ("mentions", "@everyone @here @org/team a@b.example"),
    ("script link", "](javascript:alert(1)) [x](javascript:alert(1))"),
    ("image", "<img src=x onerror=alert(1)>![](https://evil.example/b.png)"),
    ("details", "<details open><summary>accepted</summary>"),
    ("script", "</td></table><script>alert(1)</script><svg/onload=alert(1)>"),
    ("fence", "```\n# accepted\n```"),
    ("fences in a line", "a ` b `` c ``` d ~~~"),
    ("cell", "x | accepted | y\n|---|---|"),
    ("escaped cell", "x \\| y \\\\| z"),
    ("references", "#123 GH-1 o/r#1 fixes #1, closes https://github.com/o/r/issues/1"),
    ("comment", "<!-- provost:incident:1 --> --> <!--"),
    ("entities", "&lt;img&gt; &#64;everyone &amp;#124; &commat;x"),
    ("links", "https://evil.example www.evil.example <https://evil.example> ftp://e mailto:a@b.c"),
    ("reference link", "[x]: https://evil.example 'ok'"),
    ("heading", "# accepted\n===\n---\n- [x] all checks"),
    ("emphasis", "**accepted** __x__ ~~refused~~ $\\color{red}x$ :white_check_mark:"),
    ("Slack", "<!channel> <!here> <@U1> <https://evil.example|ok> &lt;!channel&gt;"),
    (
        "Mermaid",
        "\"] ;click A href \"javascript:x\" end --- %%{init:{\"securityLevel\":\"loose\"}}%%",
    ),
    ("formula", "=cmd|' /C calc'!A0"),
    ("formulas", "+1\t-1\t@SUM(1)"),
    ("quotes and NUL", "'; DROP TABLE events; --\"\0"),
    ("trailers", "x\n\nCo-authored-by: a <a@b.example>\nSigned-off-by: b [skip ci]"),
    ("shell", "$(id) `id` ${IFS} ; id && id | id > /tmp/x"),
    ("expression", "${{ secrets.TOKEN }} {{ 7 * 7 }}"),
    ("path", "../../etc/passwd/../C:\\x\\..\\CON file:///etc/passwd"),
    ("option", "--upload-pack=id -rf"),
    ("tokens", "ghp_0123456789 https://u:p@h.example/?sig=x postgres://u:p@h/d"),
];

/// All of them: name and value.
pub fn values() -> impl Iterator<Item = (&'static str, String)> {
    let short = SHORT.into_iter().map(|(name, value)| (name, value.to_owned()));
    let long = [
        ("1 MiB of letters", "A".repeat(1 << 20)),
        ("1 MiB of lines", "::add-mask::e\n".repeat((1 << 20) / 14)),
        ("many lines", "##[group]x\n".repeat(2000)),
        ("many escapes", "\u{1b}".repeat(5000)),
        ("many backticks", "`".repeat(100)),
        ("backticks beyond a limit", format!("<b>{}", "`".repeat(1001))),
        ("many marks", format!("a{}", "\u{489}".repeat(5000))),
        ("cut inside of a character", "漢".repeat(1 << 16)),
    ];
    let bytes = (0..=0xff_u8).map(char::from).collect();
    short.chain(long).chain(iter::once(("every Latin-1 character", bytes)))
}

/// The first character of `text` that moves the cursor, ends the line, reorders or is not seen.
/// A list of its own, not that of the code under test.
pub fn order_in(text: &str) -> Option<char> {
    text.chars().find(|&c| {
        matches!(u32::from(c),
            0..0x20 | 0x7f..=0xa0 | 0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x1680 | 0x17b4
            | 0x17b5 | 0x180b..=0x180f | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x206f
            | 0x3000 | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfe00..=0xfe0f | 0xfeff
            | 0xffa0 | 0xfff0..=0xfffc | 0xfffe | 0xffff | 0xe0000..)
    })
}

/// The command that the runner finds in a line of the log, of those it knows and of any word that
/// could stop or resume (actions/runner, `ActionCommand.cs`): `::NAME PROPERTIES::` behind
/// nothing but space, otherwise the first `##[NAME PROPERTIES]` anywhere.
pub fn runner_command(line: &str) -> Option<String> {
    let new = line.trim_start().strip_prefix("::").and_then(|rest| rest.split_once("::"));
    let old = || line.split_once("##[").and_then(|(_, rest)| rest.split_once(']'));
    let (head, _) = new.or_else(old)?;
    head.split(' ').next().map(str::to_owned)
}

#[test]
fn the_judges_see_what_they_look_for() {
    assert_eq!(order_in("a\u{1b}"), Some('\u{1b}'));
    assert_eq!(order_in("Größe 漢 🚀"), None);
    assert_eq!(runner_command(" \t::add-mask::x").as_deref(), Some("add-mask"));
    assert_eq!(runner_command("a ##[group]x").as_deref(), Some("group"));
    assert_eq!(runner_command("a ::add-mask::x"), None);
    let dangerous = |value: &str| value.lines().any(|line| runner_command(line).is_some());
    assert!(SHORT.iter().filter(|(_, value)| dangerous(value)).count() >= 8);
    assert!(SHORT.iter().filter(|(_, value)| order_in(value).is_some()).count() >= 30);
}
