//! Fuzzes [`provost_fuzz::manifest`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| provost_fuzz::manifest(data));
