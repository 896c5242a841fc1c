//! Bodies: read while they come, never beyond a limit, and never more of them together than there
//! is memory for.

use super::problem::Problem;
use axum::body::Body;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const KIB: usize = 1024;

/// The memory that bodies may take together.
#[derive(Debug, Clone)]
pub(crate) struct BodyMemory(Arc<Semaphore>);

/// A body that was read whole. Its memory counts until it is dropped.
#[derive(Debug)]
pub(crate) struct ReadBody {
    bytes: Vec<u8>,
    _memory: Option<OwnedSemaphorePermit>,
}

impl std::ops::Deref for ReadBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl BodyMemory {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.div_ceil(KIB))))
    }

    /// Reads a body of at most `limit` bytes.
    pub(crate) async fn read(&self, mut body: Body, limit: usize) -> Result<ReadBody, Problem> {
        if body.size_hint().lower() > limit as u64 {
            return Err(Problem::too_large(limit));
        }
        let mut read = ReadBody { bytes: Vec::new(), _memory: None };
        while let Some(frame) = body.frame().await {
            let broken = |_| Problem::invalid("the body broke off");
            let Ok(data) = frame.map_err(broken)?.into_data() else {
                continue;
            };
            if read.bytes.len() + data.len() > limit {
                return Err(Problem::too_large(limit));
            }
            self.reserve(&mut read, data.len())?;
            read.bytes.extend_from_slice(&data);
        }
        Ok(read)
    }

    fn reserve(&self, read: &mut ReadBody, more: usize) -> Result<(), Problem> {
        let held = read._memory.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needed = (read.bytes.len() + more).div_ceil(KIB).saturating_sub(held);
        let needed = u32::try_from(needed).unwrap_or(u32::MAX);
        let busy = |_| {
            let detail = "the bodies that are being read leave no memory for this one";
            Problem::busy(detail, Duration::from_secs(1))
        };
        let permit = Arc::clone(&self.0).try_acquire_many_owned(needed).map_err(busy)?;
        match &mut read._memory {
            Some(held) => held.merge(permit),
            held => *held = Some(permit),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_the_limit_and_its_memory_comes_back() {
        let memory = BodyMemory::new(4 * KIB);
        let at = memory.read(Body::from(vec![1; KIB]), KIB).await.expect("at the limit");
        assert_eq!(at.len(), KIB);
        let over = memory.read(Body::from(vec![1; KIB + 1]), KIB).await.expect_err("over");
        assert_eq!(over.status.as_u16(), 413);
        let second = memory.read(Body::from(vec![1; 3 * KIB]), 4 * KIB).await.expect("second");
        let full = memory.read(Body::from(vec![1; 1]), KIB).await.expect_err("no memory");
        assert_eq!(full.status.as_u16(), 503);
        drop((at, second));
        assert!(memory.read(Body::from(vec![1; 4 * KIB]), 4 * KIB).await.is_ok());
    }
}
