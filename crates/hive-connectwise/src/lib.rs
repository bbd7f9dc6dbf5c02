//! hive-connectwise
