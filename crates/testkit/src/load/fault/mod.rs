//! What goes wrong, and what must hold all the same. Each answers with one sentence of figures.

mod clock;
mod crash;
mod disk;
mod excess;
mod kill;
mod slow;
mod tags;

pub use clock::{FakeClock, clock_jumps};
pub use crash::crash_postgres;
pub use disk::fill_disk;
pub use excess::{dots, large_bodies};
pub use kill::kill_server;
pub use slow::{SlowPart, slow_clients};
pub use tags::many_tags;

use std::time::Duration;

/// Writers of a crowd while something goes wrong.
const WRITERS: u64 = 8;

/// How long the writers may make no way when they should.
const PATIENCE: Duration = Duration::from_secs(60);
