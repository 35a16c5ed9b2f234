//! Which instructions the passes are compiled for, chosen once per process.
//!
//! A pass is ordinary Rust over slices, compiled once per tier. The compiler may use the tier's vectors and its fused
//! multiply-add for `mul_add`, but never reorders or contracts floating-point operations, so all tiers give the same
//! bits; the portable tier takes the platform's `fma` where the baseline of the target has none: IEEE 754 fixes it.

use std::sync::OnceLock;

/// The environment variable that forces a tier.
const VARIABLE: &str = "VGRUN_CPU";

/// A set of instructions that this CPU has. Its values come from [`Tier::available`] alone, so holding one is the proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier(pub(super) Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Why the tier that the environment asks for cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TierError {
    /// The CPU lacks it.
    #[error("{VARIABLE}={0}: this CPU lacks {needs}; it has: {has}", needs = needs(.0), has = names(&Tier::available()))]
    Lacking(String),
    /// No tier has this name.
    #[error("{VARIABLE}={0}: no such tier; there are portable, avx2 and avx512, and this CPU has: {has}", has = names(&Tier::available()))]
    Unknown(String),
}

fn needs(name: &str) -> &'static str {
    if name == "avx2" { "AVX2 or FMA" } else { "AVX-512 (F, BW, DQ, VL)" }
}

fn names(tiers: &[Tier]) -> String {
    tiers.iter().map(|tier| tier.name()).collect::<Vec<_>>().join(", ")
}

/// Work that is compiled for every tier. `run` must be `#[inline(always)]`, and so must everything in it that is to
/// use the tier's instructions.
pub(crate) trait Pass {
    /// What the pass gives back.
    type Output;

    /// Does the work.
    fn run(self) -> Self::Output;
}

impl Tier {
    /// The tiers that this CPU has, slowest first; `portable` always.
    pub fn available() -> Vec<Self> {
        let mut tiers = vec![Self(Level::Portable)];
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            tiers.extend(avx2.then_some(Self(Level::Avx2)));
            tiers.extend(avx512.then_some(Self(Level::Avx512)));
        }
        tiers
    }

    /// The name in `VGRUN_CPU` and in the manifest.
    pub fn name(self) -> &'static str {
        match self.0 {
            Level::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512",
        }
    }

    /// The tier that `VGRUN_CPU` names, or the fastest one where it is unset or empty.
    ///
    /// # Errors
    /// If the variable names a tier that the CPU lacks or that does not exist.
    pub fn from_environment() -> Result<Self, TierError> {
        let wanted = std::env::var_os(VARIABLE).unwrap_or_default().to_string_lossy().into_owned();
        Self::of_name(&wanted)
    }

    fn of_name(wanted: &str) -> Result<Self, TierError> {
        let available = Self::available();
        let found = available.iter().find(|tier| wanted.is_empty() || tier.name() == wanted);
        match (wanted, found) {
            ("", _) => Ok(*available.last().expect("the portable tier is always there")),
            (_, Some(tier)) => Ok(*tier),
            ("avx2" | "avx512", None) => Err(TierError::Lacking(wanted.to_owned())),
            (_, None) => Err(TierError::Unknown(wanted.to_owned())),
        }
    }

    /// The tier of this process.
    ///
    /// # Panics
    /// If `VGRUN_CPU` cannot be honoured; the command line asks [`Tier::from_environment`] first.
    pub fn current() -> Self {
        static TIER: OnceLock<Tier> = OnceLock::new();
        *TIER.get_or_init(|| Self::from_environment().unwrap_or_else(|error| panic!("{error}")))
    }

    /// Runs a pass with this tier's instructions.
    #[inline]
    #[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "the call after the detection of a CPU feature"))]
    pub(crate) fn run<P: Pass>(self, pass: P) -> P::Output {
        match self.0 {
            Level::Portable => portable(pass),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Tier` of this level is made only where `available` has detected AVX2 and FMA.
            Level::Avx2 => unsafe { avx2(pass) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Tier` of this level is made only where `available` has detected these AVX-512 subsets.
            Level::Avx512 => unsafe { avx512(pass) },
        }
    }
}

// A function of its own, so that all tiers are compiled in the same way.
#[inline(never)]
fn portable<P: Pass>(pass: P) -> P::Output {
    pass.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline(never)]
fn avx2<P: Pass>(pass: P) -> P::Output {
    pass.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
#[inline(never)]
fn avx512<P: Pass>(pass: P) -> P::Output {
    pass.run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_tier_is_taken_unless_one_is_named() {
        let available = Tier::available();
        assert_eq!(Tier::of_name(""), Ok(available[available.len() - 1]));
        for tier in available {
            assert_eq!(Tier::of_name(tier.name()), Ok(tier));
        }
    }

    #[test]
    fn a_tier_that_does_not_exist_is_refused_with_the_choices() {
        let message = Tier::of_name("avx9").expect_err("there is none").to_string();
        assert!(message.starts_with("VGRUN_CPU=avx9: no such tier; there are portable, avx2 and avx512"), "{message}");
        assert!(TierError::Lacking("avx512".to_owned()).to_string().contains("lacks AVX-512"));
    }
}
