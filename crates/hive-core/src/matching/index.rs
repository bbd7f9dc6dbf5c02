//! An index of three-letter pieces: the few records worth a careful look, without looking at all.

use std::collections::HashMap;

/// A piece that stands in more than one of so many records says little.
const COMMON_SHARE: usize = 16;
/// In a small list no piece is common.
const COMMON_MIN: usize = 64;

/// Which records hold which piece.
pub(super) struct Grams {
    places: HashMap<[u8; 3], Vec<u32>>,
    records: usize,
}

impl Grams {
    /// One entry a record: all the keys it may be found by.
    pub(super) fn of(records: impl Iterator<Item = Vec<String>>) -> Grams {
        let mut grams = Grams { places: HashMap::new(), records: 0 };
        for keys in records {
            let place = u32::try_from(grams.records).unwrap_or(u32::MAX);
            grams.records += 1;
            for piece in keys.iter().flat_map(|key| pieces(key)) {
                let of_piece = grams.places.entry(piece).or_default();
                if of_piece.last() != Some(&place) {
                    of_piece.push(place);
                }
            }
        }
        grams
    }

    /// The records that share most with `keys`, rare pieces counting for more; best first, then in
    /// the order of the records.
    pub(super) fn nearest(&self, keys: &[String], count: usize) -> Vec<usize> {
        let mut wanted: Vec<[u8; 3]> = keys.iter().flat_map(|key| pieces(key)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut found: Vec<&Vec<u32>> = wanted.iter().filter_map(|piece| self.places.get(piece)).collect();
        found.sort_by_key(|places| places.len());
        let common = (self.records / COMMON_SHARE).max(COMMON_MIN);
        let telling = found.iter().filter(|places| places.len() <= common).count();
        // Where every piece is common, the rarest few must do.
        found.truncate(telling.max(3));
        let mut weights: HashMap<u32, u32> = HashMap::new();
        for places in found {
            let weight = self.weight(places.len());
            for place in places {
                *weights.entry(*place).or_default() += weight;
            }
        }
        let mut best: Vec<(u32, u32)> = weights.into_iter().map(|(place, weight)| (u32::MAX - weight, place)).collect();
        if best.len() > count {
            best.select_nth_unstable(count);
            best.truncate(count);
        }
        best.sort_unstable();
        best.into_iter().filter_map(|(_, place)| usize::try_from(place).ok()).collect()
    }

    /// Inverse document frequency in quarter bits: 1 + 4 log2(records / holders), without a float.
    fn weight(&self, holders: usize) -> u32 {
        let ratio = u128::try_from(self.records.max(1) * 16 / holders.max(1)).unwrap_or(1).max(16);
        1 + (ratio * ratio * ratio * ratio).ilog2().saturating_sub(16)
    }
}

/// Three letters at a time, with a blank before and after the text; spaces count as letters once.
fn pieces(key: &str) -> Vec<[u8; 3]> {
    let mut bytes = vec![b' '];
    bytes.extend(key.bytes());
    bytes.push(b' ');
    bytes.windows(3).map(|window| [window[0], window[1], window[2]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_pieces_decide() {
        let keys = ["acme dental", "beta dental", "acme vets"].map(|key| vec![key.to_owned()]);
        let grams = Grams::of(keys.into_iter());
        assert_eq!(grams.nearest(&["acme dental".to_owned()], 2)[0], 0);
        assert_eq!(grams.nearest(&["vets acme".to_owned()], 1), [2]);
        assert!(grams.nearest(&["zzz".to_owned()], 2).is_empty());
    }
}
