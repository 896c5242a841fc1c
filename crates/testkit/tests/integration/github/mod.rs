//! The fake GitHub, asked by a plain HTTP client.

mod access;
mod client;
mod contract;
mod dispatch;
mod faults;
mod git_backed;
mod pages;
mod release_line;
mod routes;
mod second_host;
mod services;
