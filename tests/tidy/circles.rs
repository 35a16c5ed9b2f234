//! Which file of a folder uses which other, and where they use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::rust::{paths, tokens};

/// A module's path from the root: `["nn", "norm", "batch"]`.
pub(crate) type Module = Vec<String>;

/// The code of every module, without comments and tests.
pub(crate) struct Modules {
    code: BTreeMap<Module, String>,
    /// Names that a module passes on with `pub use`, and the paths that they stand for.
    passed_on: BTreeMap<(Module, String), Vec<String>>,
    /// Paths that each module uses by itself.
    used: BTreeMap<Module, Vec<Vec<String>>>,
}

impl Modules {
    pub(crate) fn new(code: BTreeMap<Module, String>) -> Self {
        let mut modules = Self { code, passed_on: BTreeMap::new(), used: BTreeMap::new() };
        let all: Vec<Module> = modules.code.keys().cloned().collect();
        for module in all {
            modules.read(&module);
        }
        modules
    }

    /// Collects the paths of a module that lead to modules of the crate.
    fn read(&mut self, module: &Module) {
        let code = self.code[module].clone();
        let tokens = tokens(&code);
        let is_child = |name: &str| self.code.contains_key(&[module.as_slice(), &[name.to_owned()]].concat());
        let mut found: Vec<(bool, Vec<String>)> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let before = |back: usize| at.checked_sub(back).map_or("", |i| tokens[i]);
            let is_visibility = before(1) == "in" || before(1) == "(" && before(2) == "pub";
            let is_from_here =
                is_child(tokens[at]) && tokens.get(at + 1) == Some(&"::") && !matches!(before(1), "::" | ".");
            let is_path = matches!(tokens[at], "crate" | "super" | "self") && !is_visibility;
            if !is_path && !is_from_here {
                at += 1;
                continue;
            }
            let is_public = before(1) == "use" && (before(2) == "pub" || before(2) == ")");
            let (all, end) = paths(&tokens, at);
            found.extend(all.iter().map(|path| (is_public, absolute(module, path))));
            at = end.max(at + 1);
        }
        for (is_public, path) in found {
            match path.last() {
                Some(name) if is_public => {
                    self.passed_on.insert((module.clone(), name.clone()), path);
                }
                _ => self.used.entry(module.clone()).or_default().push(path),
            }
        }
    }

    /// The module in which what a path names is defined.
    fn home(&self, path: &[String]) -> Module {
        let mut module = Module::new();
        for name in path {
            let child = [module.as_slice(), std::slice::from_ref(name)].concat();
            if self.code.contains_key(&child) {
                module = child;
                continue;
            }
            return match self.passed_on.get(&(module.clone(), name.clone())) {
                Some(other) if other != path => self.home(other),
                Some(_) | None => module,
            };
        }
        module
    }

    /// The circles within a folder of modules: of each the names of files and subfolders, `mod.rs` for the folder's own.
    pub(crate) fn circles(&self) -> Vec<(String, Vec<String>)> {
        let mut folders: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (user, paths) in &self.used {
            for path in paths {
                let home = self.home(path);
                let shared = user.iter().zip(&home).take_while(|(a, b)| a == b).count();
                let name = |module: &Module| module.get(shared).map_or("mod.rs", String::as_str).to_owned();
                if shared > 0 && name(user) != name(&home) {
                    let folder = folders.entry(user[..shared].to_vec()).or_default();
                    folder.entry(name(user)).or_default().insert(name(&home));
                }
            }
        }
        let all = folders.into_iter().flat_map(|(folder, uses)| {
            let folder = folder.join("::");
            circles(&uses).into_iter().map(move |circle| (folder.clone(), circle))
        });
        all.collect()
    }
}

/// A path from the root.
fn absolute(module: &Module, path: &[&str]) -> Vec<String> {
    let up = path.iter().take_while(|name| **name == "super").count();
    let (mut absolute, rest) = match path[0] {
        "crate" => (Vec::new(), &path[1..]),
        _ => (module[..module.len().saturating_sub(up)].to_vec(), &path[up..]),
    };
    absolute.extend(rest.iter().filter(|name| **name != "self").map(ToString::to_string));
    absolute
}

/// Groups of names that reach each other.
fn circles(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reached = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(name) = next.pop() {
            for other in uses.get(&name).into_iter().flatten() {
                if seen.insert(other.clone()) {
                    next.push(other.clone());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&String, BTreeSet<String>> = uses.keys().map(|name| (name, reached(name))).collect();
    let circle = |name: &String| -> Vec<String> {
        all[name].iter().filter(|other| all.get(other).is_some_and(|it| it.contains(name))).cloned().collect()
    };
    let found: BTreeSet<Vec<String>> = uses.keys().map(circle).filter(|circle| circle.len() > 1).collect();
    found.into_iter().collect()
}

#[test]
fn circles_are_found_through_names_that_are_passed_on() {
    let of = |files: &[(&str, &str)]| {
        let code = files.iter().map(|(path, code)| (path.split('/').map(str::to_owned).collect(), (*code).to_owned()));
        Modules::new(code.collect()).circles()
    };
    let circle = |folder: &str, names: &[&str]| {
        vec![(folder.to_owned(), names.iter().map(ToString::to_string).collect::<Vec<_>>())]
    };
    let down = [("a", "mod b; mod c; pub use b::B;"), ("a/b", "pub struct B;"), ("a/c", "use super::B;")];
    assert_eq!(of(&down), []);
    let both = [down[0], ("a/b", "use super::c::{C, D as E};"), down[2]];
    assert_eq!(of(&both), circle("a", &["b", "c"]));
    let long = [down[0], ("a/b", "use crate::a::d::f;"), down[2], ("a/d", "fn f() { super::c::g() }")];
    assert_eq!(of(&long), circle("a", &["b", "c", "d"]));
    let parent = [("a", "mod b; use b::B; pub fn f() {}"), ("a/b", "pub(super) fn g() { super::f() }")];
    assert_eq!(of(&parent), circle("a", &["b", "mod.rs"]));
    let rooms = [
        ("a/b/x", "use crate::a::c::y::Y;"),
        ("a/c/y", "use crate::a::b::z::Z;"),
        ("a/b/z", ""),
        ("a/b", ""),
        ("a/c", ""),
        ("a", ""),
    ];
    assert_eq!(of(&rooms), circle("a", &["b", "c"]));
    assert_eq!(of(&[("a", "pub(in super::super) struct A;"), ("b", "use crate::a::A;")]), []);
}
