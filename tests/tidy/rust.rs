//! As much of Rust as the rules need to see: what a file's code names, without its comments and tests.

use std::collections::BTreeSet;

/// The code of a file: without its comments, and without its modules of tests (which may use any layer).
pub(crate) fn code(text: &str) -> String {
    let mut lines = text.lines().map(|line| line.split("//").next().expect("a split has a first part").trim_end());
    let mut kept: Vec<&str> = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push(line);
            continue;
        }
        let mut skipped = vec![line];
        let item = lines.by_ref().find(|line| {
            skipped.push(line);
            !line.trim().starts_with('#')
        });
        let item = item.unwrap_or_default().trim();
        if !tokens(item).contains(&"mod") {
            kept.extend(skipped);
        } else if item.ends_with('{') {
            let end = line.replace("#[cfg(test)]", "}");
            lines.by_ref().find(|line| *line == end);
        }
    }
    kept.join("\n")
}

/// Names and numbers, `::`, and every other sign by itself.
pub(crate) fn tokens(code: &str) -> Vec<&str> {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            c if is_of_name(c) => rest.find(|c| !is_of_name(c)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            other => other.len_utf8(),
        };
        found.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    found
}

/// All paths that begin with `tokens[at]`, each written out where braces hold several, and where they end.
pub(crate) fn paths<'a>(tokens: &[&'a str], at: usize) -> (Vec<Vec<&'a str>>, usize) {
    let first = tokens[at];
    if tokens.get(at + 1) != Some(&"::") {
        return (vec![vec![first]], at + 1);
    }
    let (mut rests, mut end) = (Vec::new(), at + 2);
    match tokens.get(end) {
        Some(&"{") => {
            end += 1;
            while !matches!(tokens.get(end), None | Some(&"}")) {
                let (more, after) = paths(tokens, end);
                rests.extend(more);
                // A comma, or `as` and a name before it.
                end = after;
                while !matches!(tokens.get(end), None | Some(&("," | "}"))) {
                    end += 1;
                }
                end += usize::from(tokens.get(end) == Some(&","));
            }
            end += 1;
        }
        Some(_) => (rests, end) = paths(tokens, end),
        None => {}
    }
    let with_first = |rest: Vec<&'a str>| [vec![first], rest].concat();
    (rests.into_iter().map(with_first).collect(), end)
}

/// Top-level modules that the code names after `crate::`, or after as many `super::` as lead out of a module `depth`
/// levels below the root.
pub(crate) fn imports(code: &str, depth: usize) -> BTreeSet<String> {
    let tokens = tokens(code);
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < tokens.len() {
        if !matches!(tokens[at], "crate" | "super") {
            at += 1;
            continue;
        }
        let (all, end) = paths(&tokens, at);
        at = end;
        for path in all {
            let up = path.iter().take_while(|segment| **segment == "super").count();
            let from_root = if path[0] == "crate" { path.get(1) } else { path.get(up).filter(|_| up == depth) };
            found.extend(from_root.map(ToString::to_string));
        }
    }
    found
}

/// Functions of the platform's maths library: not mul_add, which IEEE 754 fixes to the bit, nor sqrt.
const MATHS: [&str; 28] = [
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "sin", "cos", "tan", "sin_cos",
    "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt", "hypot", "gamma",
    "ln_gamma",
];

/// The first of these functions that the code calls or names as a method or a path, but for those of kernels.
pub(crate) fn platforms_maths(code: &str) -> Option<String> {
    let tokens = tokens(code);
    let before = |i: usize, back: usize| i.checked_sub(back).map(|at| tokens[at]);
    (0..tokens.len()).find_map(|i| {
        let is_method = before(i, 1) == Some(".") && before(i, 2) != Some(".");
        // `exp::` would be a module, such as the one that holds the function.
        let is_path = before(i, 1) == Some("::") && before(i, 2) != Some("kernels") && tokens.get(i + 1) != Some(&"::");
        let is_libm = tokens[i] == "libm" && tokens.get(i + 1) == Some(&"::");
        let is_one = is_libm || MATHS.contains(&tokens[i]) && (is_method || is_path);
        is_one.then(|| before(i, 1).unwrap_or_default().to_owned() + tokens[i])
    })
}

/// Modules of the standard library that reach beyond a computation.
const OUTSIDE: [&str; 7] = ["fs", "io", "net", "process", "env", "thread", "time"];

/// The first module of the standard library that the code names and that reaches files, streams, other processes,
/// threads or the clock; or a macro that prints, or takes a file in.
pub(crate) fn outside_world(code: &str) -> Option<String> {
    const MACROS: [&str; 7] = ["print", "println", "eprint", "eprintln", "dbg", "include_str", "include_bytes"];
    let tokens = tokens(code);
    let mut at = 0;
    while at < tokens.len() {
        if MACROS.contains(&tokens[at]) && tokens.get(at + 1) == Some(&"!") {
            return Some(format!("{}!", tokens[at]));
        }
        let (all, end) = paths(&tokens, at);
        // A path that begins with `::` follows whatever stands before it.
        let steps = all.iter().flat_map(|path| path.windows(2));
        if let Some(step) = steps.into_iter().find(|step| step[0] == "std" && OUTSIDE.contains(&step[1])) {
            return Some(step.join("::"));
        }
        at = end;
    }
    None
}

#[test]
fn what_reaches_beyond_a_computation_is_seen_in_every_form() {
    for (call, found) in [
        ("use std::fs;", "std::fs"),
        ("use std::{collections::HashMap, fs::File};", "std::fs"),
        ("use std::{f64::consts, io::{self, Write as _}};", "std::io"),
        ("fn f() { let text = std::fs::read_to_string(path); }", "std::fs"),
        ("let start = ::std::time::Instant::now();", "std::time"),
        ("println!(\"a\")", "println!"),
        ("const TABLE: &str = include_str!(\"a.csv\");", "include_str!"),
    ] {
        assert_eq!(outside_world(call).as_deref(), Some(found), "{call}");
    }
    for fine in
        ["use std::collections::HashMap;", "std::f64::consts::PI", "let time = self.time;", "through_time::io(x)"]
    {
        assert_eq!(outside_world(fine), None, "{fine}");
    }
}

#[test]
fn imports_are_seen_in_every_form() {
    let of = |code: &str, depth: usize| imports(code, depth).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(of("use crate::{nn::Dense, spec};\nlet x = crate::seed::f();", 1), "nn seed spec");
    assert_eq!(of("use crate::{nn::{Dense, cell::{gru, lstm}}, spec as s, store::*, cli};", 1), "cli nn spec store");
    assert_eq!(of("use super::store::Cell;", 1), "store");
    assert_eq!(of("use super::super::{Dense, plan::{a, b}, cli}; super::super::super::seed::f()", 2), "Dense cli plan");
    assert_eq!(of("use super::{super::store, dense};", 2), "store");
    assert_eq!(of("use super::super::dense::as_slice;\npub(in super::super) struct A;\npub(crate) fn f() {}", 3), "");
}

#[test]
fn functions_of_maths_libraries_are_seen_in_every_form() {
    for call in [
        "x.exp()",
        "x .exp ()",
        "x\n    .exp_m1()",
        "1.5.powi(3)",
        "f64::exp(x)",
        "<f64>::tanh(x)",
        "f32::powi(x, 3)",
        "xs.map(f64::ln)",
        "std::primitive::f64::sin(x)",
        "y.atan2(x)",
        "x.sin_cos()",
        "x.acos()",
        "libm::sqrt(x)",
    ] {
        assert!(platforms_maths(&format!("fn f() {{ {call} }}")).is_some(), "{call}");
    }
    for fine in [
        "exp(x)",
        "kernels::exp(x)",
        "crate::kernels::log10(x)",
        "use super::exp::{Reduced, exp};",
        "use crate::kernels::{exp, tanh};",
        "x.mul_add(y, z).sqrt()",
        "x.exponent()",
        "1..ln",
        "Activation::Tanh",
    ] {
        assert_eq!(platforms_maths(fine), None, "{fine}");
    }
}

#[test]
fn comments_and_modules_of_tests_are_no_code() {
    assert_eq!(code("a // .exp()\n#[cfg(test)]\nmod tests {\n    x.exp()\n}\nb"), "a\nb");
    assert_eq!(code("#[cfg(test)]\n#[expect(a)]\npub(super) mod tests {\n    {\n    }\n}"), "");
    assert_eq!(code("#[cfg(test)]\nmod tests;\nmod trig;"), "mod trig;");
    assert_eq!(code("#[cfg(test)]\nuse crate::cli;\nx.exp()"), "#[cfg(test)]\nuse crate::cli;\nx.exp()");
}
