//! The systemd unit of `deploy/`.

use std::path::Path;
use std::process::Command;

#[test]
#[allow(clippy::print_stdout, reason = "what could not be asked is said there")]
fn systemd_takes_the_unit() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/provost.service");
    let text = std::fs::read_to_string(unit).unwrap();
    let program = "ExecStart=/usr/local/bin/provost ";
    assert!(text.contains(program));
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("provost.service");
    // It asks whether the program is there, which it is not before it is installed.
    std::fs::write(&copy, text.replace(program, "ExecStart=/bin/sh ")).unwrap();
    let verify = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&copy).output();
    let Ok(output) = verify else {
        println!("not checked here: the systemd unit (systemd-analyze is not installed)");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("provost.service"), "{said}");
}
