//! The Edge functions of `supabase/functions`: a real Deno before a real PostgreSQL with Supabase's
//! roles. What a function answers is held against what the SQL function itself says.

mod bodies;
mod documented;
mod identity;
mod issuer;
mod keys;
mod manifest_url;
mod places;
mod rate;
mod replay;
mod source;
mod static_token;
mod telemetry;
mod validate;
mod web;
mod world;
