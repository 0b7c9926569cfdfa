//! A shell that looks after a program for us: it obeys a command a line, and when there is nobody any more who could give one,
//! however that came, it leaves nothing behind.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A shell that runs such a script. Its work ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Guardian {
    process: Child,
    /// Only taken when it is dropped.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Guardian {
    /// Starts it.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("there is a shell");
        let commands = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("its output is piped"));
        Self { process, commands, answers }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Has it do something, and waits until it has. Returns what it says of that.
    pub(crate) fn tell(&mut self, command: &str) -> String {
        let commands = self.commands.as_mut().expect("only taken when it is dropped");
        writeln!(commands, "{command}").expect("the guardian lives as long as we do");
        self.answer()
    }

    /// What it says next.
    pub(crate) fn answer(&mut self) -> String {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the guardian answers");
        answer.trim().to_owned()
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.commands = None;
        self.process.wait().ok();
    }
}
