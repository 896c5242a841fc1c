//! A panic on demand, in debug builds only, so that a test can prove what a panic leads to.

#[cfg(debug_assertions)]
static ARMED: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Lets the check of that id panic when it is reached. Does nothing in a release build.
pub fn arm(id: &str) {
    #[cfg(debug_assertions)]
    let _ = ARMED.set(id.to_owned());
    #[cfg(not(debug_assertions))]
    let _ = id;
}

/// Panics if this check was armed.
pub fn point(id: crate::check::CheckId) {
    #[cfg(debug_assertions)]
    if ARMED.get().is_some_and(|armed| armed == id.as_str()) {
        panic!("injected into {id}");
    }
    #[cfg(not(debug_assertions))]
    let _ = id;
}
