//! Exit codes (design section 3).

use provost_control::init::InitError;
use provost_control::{AuditError, ControlError};
use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Accepted, nothing found, done.
    Fine,
    /// Could not do it, or decided but could not record it.
    CouldNot,
    /// Bad arguments or configuration.
    BadArguments,
    /// Nothing to check.
    Nothing,
    /// Verification or policy failed.
    Refused,
    /// Findings.
    Findings,
}

impl Exit {
    /// The worst of several results: refused over could-not over nothing over fine; a bad argument
    /// is worse than what could not be done.
    pub(crate) fn worst(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Fine => 0,
            Self::Nothing => 1,
            Self::CouldNot => 2,
            Self::BadArguments => 3,
            Self::Findings => 4,
            Self::Refused => 5,
        };
        if rank(other) > rank(self) { other } else { self }
    }

    /// What an error with that number ends with.
    pub(crate) fn of_error(code: u8) -> Self {
        match code {
            2 => Self::BadArguments,
            3 => Self::Nothing,
            10 => Self::Refused,
            _ => Self::CouldNot,
        }
    }

    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::CouldNot => 1,
            Self::BadArguments => 2,
            Self::Nothing => 3,
            Self::Refused => 10,
            Self::Findings => 11,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<&ControlError> for Exit {
    fn from(error: &ControlError) -> Self {
        Self::of_error(error.exit_code())
    }
}

impl From<&AuditError> for Exit {
    fn from(error: &AuditError) -> Self {
        Self::of_error(error.exit_code())
    }
}

impl From<&InitError> for Exit {
    fn from(error: &InitError) -> Self {
        Self::of_error(error.exit_code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_worst_wins() {
        let order = [Exit::Fine, Exit::Nothing, Exit::CouldNot, Exit::Refused];
        for (index, better) in order.iter().enumerate() {
            for worse in &order[index..] {
                assert_eq!(better.worst(*worse), *worse);
                assert_eq!(worse.worst(*better), *worse);
            }
        }
    }
}
