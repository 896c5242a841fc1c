//! A server that says what it is told to, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// One scripted answer.
pub(crate) enum Reply {
    /// The whole answer as it goes over the wire.
    Says(String),
    /// The connection is closed without a byte.
    HangsUp,
}

/// A server that gives its replies in order, one a connection, and then stops.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Receiver<String>,
    thread: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listen");
        let address = listener.local_addr().expect("address");
        let (sender, requests) = channel();
        let thread = std::thread::spawn(move || {
            for reply in replies {
                let (stream, _) = listener.accept().expect("connection");
                serve(stream, &reply, &sender);
            }
        });
        Self { address, requests, thread }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Every request's head and body, once all replies were given.
    pub(crate) fn requests(self) -> Vec<String> {
        self.thread.join().expect("server");
        self.requests.try_iter().collect()
    }
}

fn serve(mut stream: TcpStream, reply: &Reply, sender: &Sender<String>) {
    let mut reader = BufReader::new(stream.try_clone().expect("clone"));
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("line");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("length");
        }
        head.push_str(&line);
        if line == "\r\n" || line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("body");
    sender.send(head + &String::from_utf8_lossy(&body)).expect("test is there");
    if let Reply::Says(text) = reply {
        stream.write_all(text.as_bytes()).expect("reply");
    }
}

/// A whole answer with these headers.
pub(crate) fn answer(status: u16, headers: &[&str], body: &str) -> Reply {
    let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    Reply::Says(format!("{text}connection: close\r\n\r\n{body}"))
}
