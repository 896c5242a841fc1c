//! Fuzzes [`provost_fuzz::workflow`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| provost_fuzz::workflow(data));
