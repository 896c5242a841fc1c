//! Writing: many requests, few transactions.
//!
//! A request hands over its submission and waits. A writer takes what has come in meanwhile and
//! writes it in one transaction; every request is answered when that transaction is durable, and
//! never before. Nobody waits for a batch to become full.

use crate::metrics::Metrics;
use crate::settings::Limits;
use provost_store::{Database, StoreError, Submission, SubmissionBody, Submitted};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinSet;

/// The most entries of one transaction: a few large manifests are enough for one.
const MAX_ENTRIES: usize = 4096;

/// Why a submission was not written.
#[derive(Debug, Clone)]
pub(crate) enum NotWritten {
    /// Too many wait already. Nothing was written.
    Full,
    /// The event log failed. Whether it was written is unknown: it may be sent again.
    Failed(Arc<StoreError>),
    /// The server is gone.
    Stopped,
}

/// The way to the writers.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Waiting>,
    metrics: Arc<Metrics>,
}

#[derive(Debug)]
struct Waiting {
    submission: Submission,
    answer: oneshot::Sender<Result<Submitted, Arc<StoreError>>>,
}

/// The writers, until the last [`Writer`] is gone and everything is written.
#[derive(Debug)]
pub(crate) struct Writing(JoinSet<()>);

impl Writer {
    /// Starts `writers` writers. SQLite takes one writer at a time, PostgreSQL several.
    pub(crate) fn start(
        database: &Database,
        writers: usize,
        limits: &Limits,
        metrics: &Arc<Metrics>,
    ) -> (Self, Writing) {
        let (queue, waiting) = mpsc::channel(limits.queue);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut writing = JoinSet::new();
        for _ in 0..writers.max(1) {
            let writer = BatchWriter {
                database: database.clone(),
                waiting: Arc::clone(&waiting),
                batch: limits.batch,
                metrics: Arc::clone(metrics),
            };
            writing.spawn(writer.run());
        }
        (Self { queue, metrics: Arc::clone(metrics) }, Writing(writing))
    }

    /// Writes a submission, and answers when it is durable.
    pub(crate) async fn write(&self, submission: Submission) -> Result<Submitted, NotWritten> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Waiting { submission, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotWritten::Full,
            mpsc::error::TrySendError::Closed(_) => NotWritten::Stopped,
        })?;
        self.metrics.queued(1);
        match answered.await {
            Ok(written) => written.map_err(NotWritten::Failed),
            Err(_) => Err(NotWritten::Stopped),
        }
    }
}

impl Writing {
    /// Waits until the queue is closed and empty.
    pub(crate) async fn ended(&mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

struct BatchWriter {
    database: Database,
    waiting: Arc<Mutex<mpsc::Receiver<Waiting>>>,
    batch: usize,
    metrics: Arc<Metrics>,
}

impl BatchWriter {
    async fn run(self) {
        loop {
            let batch = self.take().await;
            if batch.is_empty() {
                return;
            }
            self.metrics.queued(-i64::try_from(batch.len()).unwrap_or(0));
            self.write(batch).await;
        }
    }

    /// The first that comes, and what waits behind it; empty when none will come any more.
    async fn take(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting.lock().await;
        let mut batch = Vec::new();
        let Some(first) = waiting.recv().await else {
            return batch;
        };
        let mut entries = size(&first.submission);
        batch.push(first);
        while batch.len() < self.batch && entries < MAX_ENTRIES {
            let Ok(next) = waiting.try_recv() else {
                break;
            };
            entries += size(&next.submission);
            batch.push(next);
        }
        batch
    }

    async fn write(&self, batch: Vec<Waiting>) {
        let (submissions, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.submission, waiting.answer)).unzip();
        self.metrics.batch(submissions.len());
        match self.database.submit(submissions).await {
            // Whoever does not wait any more sends again, and is recognised.
            Ok(submitted) => answers.into_iter().zip(submitted).for_each(|(answer, submitted)| {
                let _ = answer.send(Ok(submitted));
            }),
            Err(error) => {
                let error = Arc::new(error);
                for answer in answers {
                    let _ = answer.send(Err(Arc::clone(&error)));
                }
            }
        }
    }
}

fn size(submission: &Submission) -> usize {
    match &submission.body {
        SubmissionBody::Events(events) => events.len(),
        SubmissionBody::Manifest(entries) => entries.len(),
    }
}
