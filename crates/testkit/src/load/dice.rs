//! Chance, the same in every run: what is killed, and when.

/// A row of numbers without visible order (SplitMix64), from a seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The row of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn throws_differ_and_stay_below_their_bound() {
        let mut dice = Dice::new(1);
        let throws: Vec<u64> = (0..100).map(|_| dice.below(10)).collect();
        assert!(throws.iter().all(|throw| *throw < 10));
        assert!((0..10).all(|face| throws.contains(&face)));
    }
}
