//! One element: its type, the order of its bytes, and its value as a byte.

use super::content::IMAGES;
use crate::data::file::error::Problem;

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// The highest first: as the format says.
    Big,
    /// The lowest first: as a program writes it that copies its memory.
    Little,
}

impl ByteOrder {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Big => Self::Little,
            Self::Little => Self::Big,
        }
    }
}

/// The type of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

/// How far from a whole number a 255th in 32 bits may be.
const ROUNDING: f64 = 1e-3;

impl Element {
    pub(super) fn of(code: u8) -> Option<Self> {
        match code {
            0x08 => Some(Self::U8),
            0x09 => Some(Self::I8),
            0x0b => Some(Self::I16),
            0x0c => Some(Self::I32),
            0x0d => Some(Self::F32),
            0x0e => Some(Self::F64),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::U8 => "unsigned bytes",
            Self::I8 => "signed bytes",
            Self::I16 => "16-bit numbers",
            Self::I32 => "32-bit numbers",
            Self::F32 => "32-bit floats",
            Self::F64 => "64-bit floats",
        }
    }

    pub(super) fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The number that its bytes are.
    pub(super) fn number(self, bytes: &[u8], order: ByteOrder) -> f64 {
        let mut ordered = [0; 8];
        let ordered = &mut ordered[..bytes.len()];
        ordered.copy_from_slice(bytes);
        if order == ByteOrder::Little {
            ordered.reverse();
        }
        match self {
            Self::U8 => f64::from(ordered[0]),
            Self::I8 => f64::from(i8::from_be_bytes([ordered[0]])),
            Self::I16 => f64::from(i16::from_be_bytes(ordered.try_into().expect("two bytes"))),
            Self::I32 => f64::from(i32::from_be_bytes(ordered.try_into().expect("four bytes"))),
            Self::F32 => f64::from(f32::from_be_bytes(ordered.try_into().expect("four bytes"))),
            Self::F64 => f64::from_be_bytes(ordered.try_into().expect("eight bytes")),
        }
    }

    /// The first elements of each example as bytes, of which each example has `stride` with `columns` elements that count.
    /// Pixels from 0 to 1 are 255ths.
    pub(super) fn bytes(
        self,
        all: &[u8],
        order: ByteOrder,
        what: &'static str,
        header: usize,
        (stride, columns): (usize, usize),
    ) -> Result<Vec<u8>, Problem> {
        if self == Self::U8 {
            return Ok(all.to_vec());
        }
        let places =
            (0..all.len()).step_by(stride).flat_map(|start| (0..columns).map(move |i| start + i * self.size()));
        let as_bytes = |order: ByteOrder| -> Result<Vec<u8>, usize> {
            let number = |at: usize| self.number(&all[at..at + self.size()], order);
            let is_share = what == IMAGES.what
                && matches!(self, Self::F32 | Self::F64)
                && places.clone().all(|at| (0.0..=1.0).contains(&number(at)));
            let scale = if is_share { 255.0 } else { 1.0 };
            places.clone().map(|at| byte(number(at), scale).ok_or(at)).collect()
        };
        as_bytes(order).map_err(|at| Problem::Element {
            byte: header + at,
            value: self.number(&all[at..at + self.size()], order).to_string(),
            name: self.name(),
            what: if what == IMAGES.what { "pixels" } else { what },
            fits_in_other_order: as_bytes(order.other()).is_ok(),
        })
    }
}

/// A share times 255, or a number, as a byte. Next to nothing is not 0: it is what the other order of bytes makes of
/// many numbers.
fn byte(number: f64, scale: f64) -> Option<u8> {
    let scaled = number * scale;
    let rounded = scaled.round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 255")]
    let byte = rounded as u8;
    let is_byte = (0.0..=255.0).contains(&rounded)
        && (scaled - rounded).abs() <= if scale == 1.0 { 0.0 } else { ROUNDING }
        && (rounded != 0.0 || number == 0.0);
    is_byte.then_some(byte)
}
