//! The TCP side: connections that can be cut at a chosen byte.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Where the connection of an answer breaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cut {
    /// Not a byte of the answer arrives.
    BeforeAnswer,
    /// The head arrives and so many bytes of the body.
    AfterBody(usize),
}

/// What one connection shares with the answers that go through it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<Mutex<Option<Scissors>>>);

#[derive(Debug)]
struct Scissors {
    cut: Cut,
    /// How many bytes of the end of the head (`\r\n\r\n`) were seen.
    matched: usize,
    body_sent: usize,
}

impl Wire {
    /// The next answer is cut there.
    pub(crate) fn cut(&self, cut: Cut) {
        let scissors = Scissors { cut, matched: 0, body_sent: 0 };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(scissors);
    }
}

const END_OF_HEAD: &[u8; 4] = b"\r\n\r\n";

impl Scissors {
    /// How many of `bytes` may still go out; none means that the connection breaks now.
    fn allowed(&self, bytes: &[u8]) -> usize {
        let Cut::AfterBody(limit) = self.cut else { return 0 };
        let head = self.head_length(bytes);
        let body = bytes.len() - head;
        head + body.min(limit.saturating_sub(self.body_sent))
    }

    /// How many of `bytes` belong to the head.
    fn head_length(&self, bytes: &[u8]) -> usize {
        let mut matched = self.matched;
        for (index, byte) in bytes.iter().enumerate() {
            if matched == END_OF_HEAD.len() {
                return index;
            }
            matched = advance(matched, *byte);
        }
        bytes.len()
    }

    fn sent(&mut self, bytes: &[u8]) {
        let head = self.head_length(bytes);
        bytes[..head].iter().for_each(|byte| self.matched = advance(self.matched, *byte));
        self.body_sent += bytes.len() - head;
    }
}

fn advance(matched: usize, byte: u8) -> usize {
    match END_OF_HEAD.get(matched) {
        Some(expected) if *expected == byte => matched + 1,
        _ => usize::from(byte == b'\r'),
    }
}

/// A listener whose connections carry a [`Wire`].
pub(crate) struct CuttableListener(pub(crate) TcpListener);

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (CuttableStream { stream, wire: Wire::default() }, address)
    }

    fn local_addr(&self) -> Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Wire {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.io().wire.clone()
    }
}

pub(crate) struct CuttableStream {
    stream: TcpStream,
    wire: Wire,
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let wire = self.wire.clone();
        let mut scissors = wire.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(scissors) = scissors.as_mut() else {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        };
        let allowed = scissors.allowed(bytes);
        if allowed == 0 {
            return Poll::Ready(Err(Error::new(ErrorKind::ConnectionReset, "cut by the test")));
        }
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..allowed]);
        if let Poll::Ready(Ok(count)) = written {
            scissors.sent(&bytes[..count]);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
