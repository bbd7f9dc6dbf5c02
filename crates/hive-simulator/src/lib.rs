//! hive-simulator
