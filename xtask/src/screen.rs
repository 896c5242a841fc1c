//! The one place where this program prints.

use std::io::Write;

/// Prints a line to standard output.
macro_rules! say {
    ($($part:tt)*) => {{
        #[allow(clippy::print_stdout, reason = "a chore's report goes to the terminal")]
        {
            println!($($part)*);
        }
    }};
}

/// Prints a line to standard error.
macro_rules! complain {
    ($($part:tt)*) => {{
        #[allow(clippy::print_stderr, reason = "what keeps a chore from its work goes here")]
        {
            eprintln!($($part)*);
        }
    }};
}

pub(crate) use {complain, say};

/// Prints the beginning of a line that [`say`] will end, so that whoever waits sees for what.
pub(crate) fn begin(text: &str) {
    #[allow(clippy::print_stdout, reason = "a chore's report goes to the terminal")]
    {
        print!("{text}");
    }
    // A closed terminal is no reason to stop the work; the exit code says how it came out.
    let _ = std::io::stdout().flush();
}
