//! What Slurm says of the arrays that it takes on this machine.

use std::process::{Command, Stdio};

use crate::cluster::ArrayLimit;

/// The limit that Slurm's own `scontrol` tells; its default where there is none that answers.
pub(crate) fn array_limit() -> ArrayLimit {
    let asked = Command::new("scontrol").args(["show", "config"]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let answer = asked.ok().filter(|output| output.status.success());
    answer.and_then(|output| ArrayLimit::read(&String::from_utf8_lossy(&output.stdout))).unwrap_or(ArrayLimit::DEFAULT)
}
