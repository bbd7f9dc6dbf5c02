//! Bodies: whole ones, and those that stumble.
//!
//! **Owns:** the pace and the end of a body on the wire.
//! **Does not own:** its content, except for the endless one and the bomb.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

const SLOW_BYTES: usize = 64;
const SLOW_WAIT: Duration = Duration::from_millis(250);
/// Long enough for the first half to leave before the connection is reset.
const RESET_WAIT: Duration = Duration::from_millis(20);
const CHUNK_BYTES: usize = 65_536;
/// 2 GiB of spaces, once unpacked.
const BOMB_BYTES: u64 = 2 << 30;

pub(crate) enum SimBody {
    Whole(Bytes),
    Slow {
        left: Bytes,
        wait: Pin<Box<Sleep>>,
    },
    /// Half a body; then the flag tells the socket to reset.
    Reset {
        half: Bytes,
        wait: Pin<Box<Sleep>>,
        flag: Arc<AtomicBool>,
    },
    Endless,
    Bomb {
        unpacked: u64,
    },
}

impl SimBody {
    pub(crate) fn slow(bytes: Vec<u8>) -> SimBody {
        SimBody::Slow { left: bytes.into(), wait: Box::pin(tokio::time::sleep(Duration::ZERO)) }
    }

    pub(crate) fn reset(bytes: &[u8], flag: Arc<AtomicBool>) -> SimBody {
        let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
        SimBody::Reset { half, wait: Box::pin(tokio::time::sleep(RESET_WAIT)), flag }
    }
}

type Next = Poll<Option<Result<Frame<Bytes>, io::Error>>>;

fn frame(bytes: Bytes) -> Next {
    Poll::Ready(Some(Ok(Frame::data(bytes))))
}

impl Body for SimBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Next {
        match &mut *self {
            SimBody::Whole(bytes) | SimBody::Slow { left: bytes, .. } if bytes.is_empty() => Poll::Ready(None),
            SimBody::Whole(bytes) => frame(std::mem::take(bytes)),
            SimBody::Slow { left, wait } => {
                std::task::ready!(wait.as_mut().poll(context));
                wait.as_mut().reset(Instant::now() + SLOW_WAIT);
                frame(left.split_to(SLOW_BYTES.min(left.len())))
            }
            SimBody::Reset { half, .. } if !half.is_empty() => frame(std::mem::take(half)),
            SimBody::Reset { wait, flag, .. } => {
                std::task::ready!(wait.as_mut().poll(context));
                flag.store(true, Ordering::Relaxed);
                Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionReset))))
            }
            SimBody::Endless => frame(Bytes::from(b"[   ".repeat(CHUNK_BYTES / 4))),
            SimBody::Bomb { unpacked } if *unpacked >= BOMB_BYTES => Poll::Ready(None),
            SimBody::Bomb { unpacked } => {
                let head: &[u8] = if *unpacked == 0 { &BOMB_HEAD } else { &[] };
                let repeats = CHUNK_BYTES / BOMB_PERIOD.len();
                *unpacked += BOMB_PERIOD_UNPACKED * u64::try_from(repeats).unwrap_or(1);
                frame([head, &BOMB_PERIOD.repeat(repeats)].concat().into())
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            SimBody::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

/// A gzip header, then a fixed-Huffman block: `[`, a space, and one match of 258 spaces. That is 32
/// bits exactly, so the period below starts at a byte.
const BOMB_HEAD: [u8; 14] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 0x8a, 0x56, 0x18, 0x05];
/// Eight matches of 258 bytes at distance 1: 8 times the 13 bits 11000101 00000.
const BOMB_PERIOD: [u8; 13] = bomb_period();
const BOMB_PERIOD_UNPACKED: u64 = 8 * 258;

const fn bomb_period() -> [u8; 13] {
    const ONE_MATCH: [u8; 13] = [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0];
    let mut bytes = [0u8; 13];
    let mut bit = 0;
    while bit < 104 {
        bytes[bit / 8] |= ONE_MATCH[bit % 13] << (bit % 8);
        bit += 1;
    }
    bytes
}
