//! Announcements against a scripted far side and a tracker in memory.

mod hostile_fields;
mod issues;
mod memory;
mod slack;
mod world;
