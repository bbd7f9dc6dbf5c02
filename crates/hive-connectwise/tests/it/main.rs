//! The conversation, held with the simulator and with servers that are worse, over loopback.

mod connect;
mod lists;
mod measure;
mod pace;
mod safety;
mod support;
mod write;
