//! What a file is to hold: images, or labels.

/// What a file is to hold.
pub(super) struct Content {
    pub(super) what: &'static str,
    pub(super) dimensions: std::ops::RangeInclusive<u8>,
    pub(super) expected: &'static str,
}

pub(super) const IMAGES: Content = Content { what: "images", dimensions: 2..=4, expected: "2 to 4" };

pub(super) const LABELS: Content = Content { what: "labels", dimensions: 1..=2, expected: "1" };
