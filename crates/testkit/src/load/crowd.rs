//! Writers that send until they are told to stop, and again whatever was not acknowledged.

use super::connection::{Answer, Connection, post};
use super::{Broken, Dice, Release, TOKEN};
use serde_json::Value;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// One wait of a writer; longer than the server's own limit of a request.
const PATIENCE: Duration = Duration::from_secs(40);

/// Before something is sent again.
const PAUSE: Duration = Duration::from_millis(5);

/// One writer in so many sends manifests instead of single events.
const MANIFESTS_OF: u64 = 4;

/// Entries of such a manifest.
const MANIFEST: u64 = 20;

/// One acknowledged event in so many is sent once more.
const REPEATED_OF: u64 = 8;

/// An event that the server said is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Of which release.
    pub release: Release,
    /// Id of its row.
    pub id: String,
}

/// What the writers met.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Everything that was acknowledged.
    pub acknowledged: Vec<Acknowledged>,
    /// Requests without an answer.
    pub unanswered: u64,
    /// Requests answered with 429 or 5xx and an error document.
    pub refused: u64,
    /// Acknowledged requests that were sent once more and recognised.
    pub recognised: u64,
    /// Requests that were new and called a repeat: the server itself had sent them to the database
    /// twice, because it did not learn what became of the first time.
    pub taken_for_repeats: u64,
    /// What must not be: another answer, or one that says something untrue.
    pub problems: Vec<String>,
}

impl Tally {
    fn trouble(&self) -> u64 {
        self.refused + self.unanswered
    }

    /// Where no database was lost, nothing new is called a repeat.
    pub(super) fn called_by_its_name(self) -> Result<Self, Broken> {
        match self.taken_for_repeats {
            0 => Ok(self),
            number => Err(Broken(format!("{number} requests were new and called repeats"))),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unanswered, refused, recognised, .. } = self;
        write!(
            f,
            "{unanswered} calls unanswered, {refused} refused, {recognised} repeats recognised"
        )
    }
}

/// Writers at work.
#[derive(Debug)]
pub struct Crowd {
    shared: Arc<Shared>,
    writers: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    is_over: AtomicBool,
    next: AtomicU64,
    tally: Mutex<Tally>,
    changed: Condvar,
}

impl Crowd {
    /// Starts writers. The releases are numbered from `first`.
    pub fn start(address: SocketAddr, writers: u64, first: u64) -> Self {
        let shared = Arc::new(Shared {
            address,
            is_over: AtomicBool::new(false),
            next: AtomicU64::new(first),
            tally: Mutex::default(),
            changed: Condvar::new(),
        });
        let start = |number| {
            let shared = Arc::clone(&shared);
            let entries = if number % MANIFESTS_OF == MANIFESTS_OF - 1 { MANIFEST } else { 1 };
            let dice = Dice::new(number);
            let writer = Writer { shared, entries, connection: None, dice };
            std::thread::spawn(move || writer.run())
        };
        let writers = (0..writers).map(start).collect();
        Self { shared, writers }
    }

    /// Waits until so many more events were acknowledged.
    ///
    /// # Errors
    /// [`Broken`] at the first problem of a writer, and when `patience` is over.
    pub fn wait_for_more(&self, events: usize, patience: Duration) -> Result<(), Broken> {
        let before = self.shared.tally().acknowledged.len();
        self.wait(patience, |tally| tally.acknowledged.len() >= before + events)
    }

    /// How many requests were refused or stayed without an answer so far.
    pub fn trouble(&self) -> u64 {
        self.shared.tally().trouble()
    }

    /// Waits until so many requests in all were refused or stayed without an answer.
    ///
    /// # Errors
    /// As [`Self::wait_for_more`].
    pub fn wait_for_trouble(&self, requests: u64, patience: Duration) -> Result<(), Broken> {
        self.wait(patience, |tally| tally.trouble() >= requests)
    }

    fn wait(&self, patience: Duration, is_enough: impl Fn(&Tally) -> bool) -> Result<(), Broken> {
        let deadline = Instant::now() + patience;
        let mut tally = self.shared.tally();
        while !is_enough(&tally) {
            if let Some(problem) = tally.problems.first() {
                return Err(Broken(problem.clone()));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let acknowledged = tally.acknowledged.len();
                let what = "the writers make no way";
                return Err(Broken(format!("{what}: {acknowledged} acknowledged, {}", *tally)));
            }
            let waited = self.shared.changed.wait_timeout(tally, left);
            tally = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Tells the writers to stop, waits for what they have under way, and answers what they met.
    ///
    /// # Errors
    /// [`Broken`] when one met what must not be.
    pub fn finish(mut self) -> Result<Tally, Broken> {
        self.stop();
        let tally = std::mem::take(&mut *self.shared.tally());
        match tally.problems.first() {
            None => Ok(tally),
            Some(first) => Err(Broken(format!("{} problems; {first}", tally.problems.len()))),
        }
    }

    fn stop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        for writer in self.writers.drain(..) {
            if writer.join().is_err() {
                self.shared.tally().problems.push("a writer panicked".to_owned());
            }
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.tally());
        self.changed.notify_all();
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

struct Writer {
    shared: Arc<Shared>,
    entries: u64,
    connection: Option<Connection>,
    dice: Dice,
}

/// What became of a request.
enum Outcome {
    /// The ids of its events, and whether any of them was there before.
    Durable(Vec<String>, bool),
    /// It is to be sent again; whether it was served may be unknown.
    Again,
    /// Something that must not be.
    Wrong(String),
}

impl Writer {
    fn run(mut self) {
        while !self.shared.is_over() {
            let first = self.shared.next.fetch_add(self.entries, Ordering::Relaxed);
            if let Err(problem) = self.release(Release(first)) {
                self.shared.note(|tally| tally.problems.push(problem));
                return;
            }
        }
    }

    /// Sends until it is acknowledged; then, now and then, once more.
    fn release(&mut self, first: Release) -> Result<(), String> {
        let request = match self.entries {
            1 => post("/functions/v1/provenance-validate", TOKEN, &first.validation()),
            entries => post("/functions/v1/telemetry", TOKEN, &first.manifest(entries)),
        };
        let mut is_first_time = true;
        let ids = loop {
            match self.send(&request) {
                Outcome::Durable(ids, was_there) => {
                    if was_there && is_first_time {
                        self.shared.note(|tally| tally.taken_for_repeats += 1);
                    }
                    break ids;
                }
                Outcome::Again if self.shared.is_over() => return Ok(()),
                Outcome::Again => std::thread::sleep(PAUSE),
                Outcome::Wrong(problem) => return Err(problem),
            }
            is_first_time = false;
        };
        let numbered = (first.0..).map(Release).zip(ids.iter().cloned());
        let acknowledged = numbered.map(|(release, id)| Acknowledged { release, id });
        self.shared.note(|tally| tally.acknowledged.extend(acknowledged));
        if self.dice.below(REPEATED_OF) == 0 {
            match self.send(&request) {
                Outcome::Durable(again, true) if again == ids => {
                    self.shared.note(|tally| tally.recognised += 1);
                }
                Outcome::Durable(..) => {
                    return Err(format!("{} was sent again and not recognised", first.tag()));
                }
                Outcome::Wrong(problem) => return Err(problem),
                Outcome::Again => {}
            }
        }
        Ok(())
    }

    fn send(&mut self, request: &[u8]) -> Outcome {
        let connection = match self.connection.take() {
            Some(connection) => Ok(connection),
            None => Connection::open(self.shared.address, PATIENCE),
        };
        let answered = connection.and_then(|mut connection| {
            let answer = connection.call(request)?;
            if !answer.is_last {
                self.connection = Some(connection);
            }
            Ok(answer)
        });
        match answered {
            Err(_) => {
                self.shared.note(|tally| tally.unanswered += 1);
                Outcome::Again
            }
            Ok(answer) if answer.status == 429 || answer.status >= 500 => {
                if answer.error_code().is_none() {
                    let Answer { status, .. } = answer;
                    return Outcome::Wrong(format!("{status} without an error: {}", answer.text()));
                }
                self.shared.note(|tally| tally.refused += 1);
                Outcome::Again
            }
            Ok(answer) => self.durable(&answer).unwrap_or_else(|| {
                Outcome::Wrong(format!("{} and {}", answer.status, answer.text()))
            }),
        }
    }

    /// The events of a 200, when it says what it must.
    fn durable(&self, answer: &Answer) -> Option<Outcome> {
        if answer.status != 200 {
            return None;
        }
        let document: Value = serde_json::from_slice(&answer.body).ok()?;
        let alone = [document.clone()];
        let events = match self.entries {
            1 => &alone[..],
            _ => document.get("events")?.as_array()?.as_slice(),
        };
        let mut is_duplicate = false;
        let mut ids = Vec::with_capacity(events.len());
        for event in events {
            match event.get("outcome")?.as_str()? {
                "inserted" => {}
                "duplicate" => is_duplicate = true,
                _ => return None,
            }
            ids.push(event.get("event_id")?.as_str()?.to_owned());
        }
        (ids.len() as u64 == self.entries).then_some(Outcome::Durable(ids, is_duplicate))
    }
}
