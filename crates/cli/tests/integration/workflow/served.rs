//! The event log behind HTTPS: jobs write to a running `provost serve`, which knows them by the
//! identity that GitHub gives them.

use super::scene::{MAIN, TAG, can_run, ended, hosted, release};
use crate::event_rows::{EventRow, event_rows};
use crate::program::EXECUTABLE;
use provost_testkit::workflow::{Event, Hosted};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A place for a server, and the server once it is started.
struct Service {
    folder: TempDir,
    port: u16,
    program: Option<Child>,
}

impl Service {
    /// A port that was free, and a configuration that lets the jobs of `repository_id` write.
    fn new(hosted: &Hosted, repository_id: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            r#"
[source]
repository = "github.com/acme/app"

[[policy.builder]]
signer_workflow = "acme/app/.github/workflows/slsa-builder.yml"
refs = ["refs/tags/v*"]

[github]
oidc_issuer = "{issuer}"

[server]
audience = "http://127.0.0.1:{port}"
notify = false

[[server.repository]]
repository = "acme/app"
repository_id = {repository_id}
owner_id = {owner_id}
workflows = [
  "acme/app/.github/workflows/slsa-provenance.yml@{{ref}}",
  "acme/app/.github/workflows/security-provenance.yml@{{ref}}",
]
branches = ["{MAIN}"]
"#,
            issuer = hosted.github().services_url(),
            owner_id = hosted.repository().owner_id(),
        );
        std::fs::write(folder.path().join("provost.toml"), config).unwrap();
        Self { folder, port, program: None }
    }

    fn start(&mut self) {
        let mut program = Command::new(EXECUTABLE)
            .args(["serve", "--listen", &format!("127.0.0.1:{}", self.port)])
            .current_dir(self.folder.path())
            .env_remove("PROVOST_STORE_URL")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.program = Some(program);
        assert!(line.contains(&format!("127.0.0.1:{}", self.port)), "{line:?}");
    }

    fn event_log(&self) -> PathBuf {
        self.folder.path().join(".provost/events.db")
    }

    /// The rows of the service about one kind of event.
    fn rows(&self, event: &str) -> Vec<EventRow> {
        let mut rows = event_rows(&self.event_log());
        rows.retain(|row| row.event == event);
        rows
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(mut program) = self.program.take() {
            program.kill().unwrap();
            program.wait().unwrap();
        }
    }
}

/// A repository that writes to the service.
fn writing_to(hosted: &Hosted, service: &Service) {
    let config = hosted.read("provost.toml").unwrap();
    let endpoint = format!("url = \"http://127.0.0.1:{}/functions/v1\"", service.port);
    let local = config.lines().find(|line| line.starts_with("url = \"sqlite:")).unwrap();
    let changed = config.replace(local, &endpoint);
    hosted.commit(&[("provost.toml", &changed)]);
}

#[test]
fn the_ingest_job_writes_to_the_service_as_itself() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    let mut service = Service::new(&hosted, hosted.repository().id());
    service.start();
    writing_to(&hosted, &service);
    let (run, mut dispatched) = release(&hosted, &[]);
    assert_eq!(run.conclusion, "success", "{}", run.transcript());
    let provenance = dispatched.pop().unwrap();
    let ingest = ended(&provenance, "ingest", "success").step("Ingest");
    assert_eq!(ingest.outcome, "success", "{}", ingest.log);
    let rows = service.rows("validated");
    let [row] = rows.as_slice() else { panic!("{rows:#?}") };
    assert_eq!((row.tag.as_str(), row.status.as_str()), (TAG, "success"));
    assert_eq!(row.run_id, i64::try_from(provenance.id).unwrap());
    // Nothing was kept on the runner instead.
    assert!(!hosted.event_log().exists());
}

#[test]
fn a_decision_is_posted_by_the_required_check() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    let mut service = Service::new(&hosted, hosted.repository().id());
    writing_to(&hosted, &service);
    // Nobody answers yet: the release goes out all the same, and its job says what was not done.
    let (run, mut dispatched) = release(&hosted, &[]);
    assert_eq!(run.conclusion, "success", "{}", run.transcript());
    let provenance = dispatched.pop().unwrap();
    let ingest = ended(&provenance, "ingest", "success").step("Ingest");
    assert_eq!(ingest.outcome, "failure", "{}", ingest.log);
    service.start();
    let first = hosted.git(&["rev-list", "--max-parents=0", "HEAD"]);
    let check = hosted.start("security-provenance.yml", Event::push(MAIN, &first)).unwrap();
    let job = ended(&check, "provenance-validate", "success");
    assert!(job.step("Verify").log.contains("accepted  app.txt"), "{}", check.transcript());
    let rows = service.rows("validated");
    let [row] = rows.as_slice() else { panic!("{rows:#?}\n{}", check.transcript()) };
    assert_eq!((row.tag.as_str(), row.status.as_str()), (TAG, "success"));
    assert!(row.decision.as_deref().is_some_and(|text| text.contains("source-ref")));
}

#[test]
fn a_job_of_another_repository_of_that_name_writes_nothing() {
    if !can_run() {
        return;
    }
    let hosted = hosted();
    let mut service = Service::new(&hosted, hosted.repository().id() + 1);
    service.start();
    writing_to(&hosted, &service);
    let (run, mut dispatched) = release(&hosted, &[]);
    assert_eq!(run.conclusion, "success", "{}", run.transcript());
    let provenance = dispatched.pop().unwrap();
    let ingest = ended(&provenance, "ingest", "success").step("Ingest");
    assert_eq!(ingest.outcome, "failure", "{}", ingest.log);
    assert!(ingest.log.contains("401"), "{}", ingest.log);
    assert!(service.rows("validated").is_empty());
}
