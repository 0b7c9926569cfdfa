//! A map that forgets.

use std::collections::HashMap;
use std::hash::Hash;

/// The entries that were asked for last: never fewer than `keep`, if there are as many, and never more than twice that.
///
/// Two generations: when the young one is full it becomes the old one, and what was the old one is forgotten. Whoever
/// asks for enough other keys can have an entry forgotten, but one that is used stays.
pub struct Recent<K, V> {
    keep: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Default> Recent<K, V> {
    /// Empty.
    pub fn new(keep: usize) -> Self {
        Self { keep, young: HashMap::new(), old: HashMap::new() }
    }

    /// Forgets an entry.
    pub fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }

    /// An entry, a default one if it isn't known.
    pub fn entry(&mut self, key: K) -> &mut V {
        let known = self.old.remove(&key);
        if self.young.len() >= self.keep && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.entry(key).or_insert_with(|| known.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl<K: Eq + Hash, V> Recent<K, V> {
        fn get(&self, key: &K) -> Option<&V> {
            self.young.get(key).or_else(|| self.old.get(key))
        }
    }

    #[test]
    fn it_never_grows_beyond_twice_what_it_keeps() {
        let mut recent = Recent::<u32, u32>::new(10);
        for key in 0..1000 {
            *recent.entry(key) = key;
            assert!(recent.young.len() + recent.old.len() <= 20);
        }
        assert!((990..1000).all(|key| recent.get(&key) == Some(&key)), "the last ten are known");
        assert_eq!(recent.get(&5), None);
    }

    #[test]
    fn an_entry_that_is_used_is_kept() {
        let mut recent = Recent::<u32, u32>::new(10);
        *recent.entry(7) = 70;
        for key in 100..1000 {
            recent.entry(key);
            assert_eq!(*recent.entry(7), 70);
        }
    }
}
