//! The fake GitHub, asked by a plain HTTP client.

mod access;
mod client;
mod contract;
mod dispatch;
mod faults;
mod git_backed;
mod pages;
mod routes;
mod second_host;
mod services;
