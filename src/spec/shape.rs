//! What a value of the config may look like, as data: what the parsers' bounds come from, and what the schema is written
//! from. Knows nothing of TOML or JSON.

/// The values that a key takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// `true` or `false`.
    Flag,
    /// A whole number from `least` to `most`, both included.
    Whole {
        /// The smallest.
        least: u64,
        /// The largest.
        most: u64,
    },
    /// A finite number.
    Number(Interval),
    /// One of a few names.
    Name(Vec<Choice>),
    /// Any text of a kind.
    Text(Text),
    /// A list of at least one value.
    List(Box<Shape>),
    /// A value of any of these shapes.
    AnyOf(Vec<Shape>),
}

impl Shape {
    /// The one word that stands for something beside other values, such as `"full"`.
    pub fn word(name: &'static str, doc: &'static str) -> Self {
        Self::Name(vec![Choice { name, aliases: &[], doc: doc.into() }])
    }

    /// The shapes that it is any of; itself where it is one.
    pub fn parts(&self) -> std::slice::Iter<'_, Self> {
        match self {
            Self::AnyOf(shapes) => shapes.iter(),
            Self::Flag | Self::Whole { .. } | Self::Number(_) | Self::Name(_) | Self::Text(_) | Self::List(_) => {
                std::slice::from_ref(self).iter()
            }
        }
    }

    /// Every name among the values, each followed by its aliases.
    pub fn names(&self) -> Vec<&'static str> {
        match self {
            Self::Name(choices) => {
                choices.iter().flat_map(|c| [c.name].into_iter().chain(c.aliases.iter().copied())).collect()
            }
            Self::AnyOf(shapes) => shapes.iter().flat_map(Self::names).collect(),
            Self::Flag | Self::Whole { .. } | Self::Number(_) | Self::Text(_) | Self::List(_) => Vec::new(),
        }
    }

    /// Whether some of the values are numbers, so that a range holds some of them.
    pub fn has_numbers(&self) -> bool {
        match self {
            Self::Whole { .. } | Self::Number(_) => true,
            Self::Flag | Self::Name(_) | Self::Text(_) | Self::List(_) => false,
            Self::AnyOf(shapes) => shapes.iter().any(Self::has_numbers),
        }
    }
}

/// A name that a key takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The canonical name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What it is, in a few words; may be empty.
    pub doc: String,
}

/// The numbers from `least` to `most`; each bound is one of them or not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower bound; -inf where there is none.
    pub least: f64,
    /// Whether it is one of the numbers.
    pub has_least: bool,
    /// The upper bound; inf where there is none.
    pub most: f64,
    /// Whether it is one of the numbers.
    pub has_most: bool,
}

impl Interval {
    /// Every number.
    pub const ANY: Self = Self { least: f64::NEG_INFINITY, has_least: false, most: f64::INFINITY, has_most: false };
    /// The numbers above 0.
    pub const POSITIVE: Self = Self { least: 0.0, ..Self::ANY };
    /// The numbers of at least 0.
    pub const NOT_NEGATIVE: Self = Self { has_least: true, ..Self::POSITIVE };
    /// 0 <= x < 1: decay rates.
    pub const DECAY: Self = Self { most: 1.0, ..Self::NOT_NEGATIVE };
    /// 0 < x <= 1: shares.
    pub const SHARE: Self = Self { most: 1.0, has_most: true, ..Self::POSITIVE };

    /// Whether `x` is one of the numbers; an infinite one or NaN never is.
    pub fn contains(self, x: f64) -> bool {
        let is_above = if self.has_least { x >= self.least } else { x > self.least };
        let is_below = if self.has_most { x <= self.most } else { x < self.most };
        x.is_finite() && is_above && is_below
    }
}

/// A kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Any.
    Any,
    /// Letters a-z, digits, _ and -, at most 100 of them: what names a folder.
    Slug,
    /// One line that says something.
    Line,
    /// One line that a spreadsheet takes for text, without spaces around it.
    Cell,
}

impl Text {
    /// Whether `text` is of the kind.
    pub fn accepts(self, text: &str) -> bool {
        let is_line = !text.trim().is_empty() && !text.contains(char::is_control);
        match self {
            Self::Any => true,
            Self::Slug => {
                (1..=100).contains(&text.len()) && text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-'))
            }
            Self::Line => is_line,
            // A cell that begins with one of these is a formula.
            Self::Cell => is_line && !text.starts_with(['=', '+', '-', '@']) && text.trim() == text,
        }
    }

    /// Returns a regular expression that finds text of this kind and nothing in other text; none where all text is of
    /// the kind.
    pub fn pattern(self) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::Slug => Some("^[a-z0-9_-]{1,100}$"),
            Self::Line => Some(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"),
            Self::Cell => Some(r"^[^=+@\s\x00-\x1f\x7f-\x9f-]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_knows_its_ends() {
        let at = |interval: Interval| [-1.0, 0.0, 0.5, 1.0, 2.0].map(|x| interval.contains(x));
        assert_eq!(at(Interval::ANY), [true; 5]);
        assert_eq!(at(Interval::POSITIVE), [false, false, true, true, true]);
        assert_eq!(at(Interval::NOT_NEGATIVE), [false, true, true, true, true]);
        assert_eq!(at(Interval::DECAY), [false, true, true, false, false]);
        assert_eq!(at(Interval::SHARE), [false, false, true, true, false]);
        assert!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].iter().all(|x| !Interval::ANY.contains(*x)));
    }

    #[test]
    fn a_range_holds_values_of_a_key_that_takes_numbers() {
        let count = Shape::Whole { least: 1, most: 9 };
        assert!(count.has_numbers() && Shape::AnyOf(vec![count.clone(), Shape::word("full", "")]).has_numbers());
        assert!(!Shape::List(Box::new(count)).has_numbers() && !Shape::Flag.has_numbers());
    }
}
