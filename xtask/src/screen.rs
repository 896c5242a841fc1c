//! The one place where this program prints.

/// Prints a line to standard output.
macro_rules! say {
    ($($part:tt)*) => {{
        #[allow(clippy::print_stdout, reason = "a chore's report goes to the terminal")]
        {
            println!($($part)*);
        }
    }};
}

pub(crate) use say;
