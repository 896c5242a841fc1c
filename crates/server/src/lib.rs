//! HTTP: ingestion, JSON API, probes, metrics.
