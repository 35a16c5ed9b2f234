//! One writer per folder and shard: its lock, who holds a lock and whether that process lives, and times for people.

mod clock;
mod look;
mod owner;
mod watch;
mod writer_lock;

pub use clock::utc;
pub use owner::host_name;
pub use watch::{Holder, writers};
pub(super) use writer_lock::WriterLock;
