//! The server's clock jumps under load.

use super::{PATIENCE, WRITERS};
use crate::load::{Broken, Crowd, Preload, Stage};
use std::path::{Path, PathBuf};

/// Where distributions put the library that fakes the clock.
const FOLDERS: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime",
    "/usr/lib/aarch64-linux-gnu/faketime",
    "/usr/lib/faketime",
    "/usr/lib64/faketime",
];

/// What the clock says, one after the other: an hour and a year to and fro, the end of a leap
/// second's day, the end of 32 bits.
const JUMPS: [&str; 8] = [
    "+0",
    "+3600",
    "-3600",
    "+365d",
    "-365d",
    "@2016-12-31 23:59:59",
    "@2038-01-19 03:14:06",
    "+0",
];

/// Events that are written at each of these times.
const EVENTS: usize = 50;

/// A clock that says what a file says, by `libfaketime`.
#[derive(Debug)]
pub struct FakeClock {
    library: PathBuf,
    file: PathBuf,
}

impl FakeClock {
    /// Where the library is.
    ///
    /// # Errors
    /// [`Broken`] where it is not installed.
    pub fn library() -> Result<PathBuf, Broken> {
        FOLDERS
            .iter()
            .map(|folder| Path::new(folder).join("libfaketimeMT.so.1"))
            .find(|path| path.is_file())
            .ok_or_else(|| Broken("libfaketime is not installed".to_owned()))
    }

    /// One that reads a file in `folder`.
    fn within(folder: &Path) -> Result<Self, Broken> {
        let clock = Self { library: Self::library()?, file: folder.join("clock") };
        clock.say(JUMPS[0])?;
        Ok(clock)
    }

    fn say(&self, time: &str) -> Result<(), Broken> {
        // Renamed into place, so that no half is read.
        let new = self.file.with_extension("new");
        std::fs::write(&new, time)
            .and_then(|()| std::fs::rename(&new, &self.file))
            .map_err(|error| Broken::at("the file of the clock", error))
    }

    fn preload(&self) -> Preload {
        let yes = || "1".to_owned();
        Preload {
            library: self.library.clone(),
            variables: vec![
                ("FAKETIME_TIMESTAMP_FILE", self.file.display().to_string()),
                ("FAKETIME_NO_CACHE", yes()),
                // A clock that was set does not change how long something takes.
                ("FAKETIME_DONT_FAKE_MONOTONIC", yes()),
                ("DONT_FAKE_MONOTONIC", yes()),
            ],
        }
    }
}

/// Lets the clock of a running server jump. Every event is taken all the same and stands there
/// once. The rows carry the jumps, so the clock really was another.
///
/// # Errors
/// [`Broken`] when something is lost or doubled, when the server stops writing, and when no row
/// carries the time that the clock said.
pub fn clock_jumps(stage: &Stage) -> Result<String, Broken> {
    let clock = FakeClock::within(stage.folder())?;
    let mut service = stage.serve_with(clock.preload())?;
    let crowd = Crowd::start(service.address(), WRITERS, 0);
    for time in JUMPS {
        clock.say(time)?;
        crowd.wait_for_more(EVENTS, PATIENCE)?;
    }
    let tally = crowd.finish()?.called_by_its_name()?;
    if !service.is_running() {
        return Err(Broken("the server ended with its clock".to_owned()));
    }
    let judgement = stage.judge(&tally.acknowledged)?;
    let years = stage.years_written()?;
    if !years.contains(&2016) || !years.contains(&2038) {
        return Err(Broken(format!("the clock did not jump: rows of {years:?}")));
    }
    let (jumps, years) = (JUMPS.len() - 1, years.len());
    Ok(format!("{jumps} jumps of the clock, rows of {years} years: {judgement}; {tally}"))
}
