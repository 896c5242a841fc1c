//! A server on loopback that says what it is told to, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// One scripted answer.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The whole answer as it goes over the wire; `{self}` in a header is the server's own URL.
    Says(String),
    /// The connection is closed without a byte.
    HangsUp,
    /// Not a byte comes, and the connection stays open as long as the server is there.
    Stalls,
}

impl Reply {
    fn of(self, address: SocketAddr) -> Self {
        match self {
            Self::Says(text) => {
                let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
                let end = &text[head.len()..text.len() - body.len()];
                let head = head.replace("{self}", &format!("http://{address}"));
                Self::Says(format!("{head}{end}{body}"))
            }
            other => other,
        }
    }
}

/// A server that gives its replies in order, one a connection.
#[derive(Debug)]
pub struct ScriptedServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
    /// Holds the connections that stay open.
    thread: JoinHandle<Vec<TcpStream>>,
}

impl ScriptedServer {
    /// A server that stops after its last reply.
    pub fn start(replies: Vec<Reply>) -> Self {
        Self::with_replies(replies.into_iter())
    }

    /// A server that always gives this reply.
    pub fn always(reply: Reply) -> Self {
        Self::with_replies(std::iter::repeat(reply))
    }

    fn with_replies(replies: impl Iterator<Item = Reply> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listen");
        let address = listener.local_addr().expect("address");
        let (requests, is_over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (log, over) = (Arc::clone(&requests), Arc::clone(&is_over));
        let thread = std::thread::spawn(move || {
            let mut open = Vec::new();
            for reply in replies {
                let (stream, _) = listener.accept().expect("connection");
                if over.load(Ordering::SeqCst) {
                    break;
                }
                open.extend(serve(stream, &reply.of(address), &log));
            }
            open
        });
        Self { address, requests, is_over, thread }
    }

    /// A URL of this server; `path` begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Every request's head and body so far.
    pub fn requests_so_far(&self) -> Vec<String> {
        self.requests.lock().expect("log").clone()
    }

    /// Every request's head and body, once all replies were given.
    pub fn requests(self) -> Vec<String> {
        self.thread.join().expect("server");
        std::mem::take(&mut *self.requests.lock().expect("log"))
    }

    /// Stops a server whether or not all replies were given; every request's head and body.
    pub fn stop(self) -> Vec<String> {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the server where it waits for a connection; it may have stopped by itself.
        let _ = TcpStream::connect(self.address);
        self.requests()
    }
}

/// Answers one connection, and gives it back when it stays open.
fn serve(mut stream: TcpStream, reply: &Reply, log: &Mutex<Vec<String>>) -> Option<TcpStream> {
    let mut reader = BufReader::new(stream.try_clone().expect("clone"));
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        // A caller that was killed sends half a request.
        if reader.read_line(&mut line).is_err() {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("length");
        }
        head.push_str(&line);
        if line == "\r\n" || line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    if head.is_empty() || reader.read_exact(&mut body).is_err() {
        return None;
    }
    log.lock().expect("log").push(head + &String::from_utf8_lossy(&body));
    match reply {
        // A caller that was killed reads nothing.
        Reply::Says(text) => drop(stream.write_all(text.as_bytes())),
        Reply::HangsUp => {}
        Reply::Stalls => return Some(stream),
    }
    None
}

/// A whole answer with these headers.
pub fn answer(status: u16, headers: &[&str], body: &str) -> Reply {
    let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    Reply::Says(format!("{text}connection: close\r\n\r\n{body}"))
}
