//! Matching names.
