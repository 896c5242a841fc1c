//! The memory of this process stays its own: it holds tokens.

/// Forbids that a crash leaves a core file, here and in the git that is started, and on Linux also
/// that other processes of the same user look into memory and environment
/// (proc(5), `PR_SET_DUMPABLE`). A limit alone would not do: a `core_pattern` that is a pipe is not
/// bound by it.
///
/// A system that refuses is no reason to stop: no verdict rests on it.
#[cfg(unix)]
pub(crate) fn forbid() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// There is no such limit here.
#[cfg(not(unix))]
pub(crate) fn forbid() {}
