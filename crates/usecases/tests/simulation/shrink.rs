//! A script that fails, made short: what can be left out is.

/// The most scripts that are tried.
const TRIES: usize = 3000;

/// Takes parts away, large ones first, for as long as `fails` says that what remains does.
pub fn shrink<T: Clone>(script: &[T], fails: impl Fn(&[T]) -> bool) -> Vec<T> {
    let mut short = script.to_vec();
    let mut part = short.len().div_ceil(2);
    let mut tries = 0;
    while part > 0 {
        let mut at = 0;
        let before = short.len();
        while at < short.len() && tries < TRIES {
            let mut shorter = short.clone();
            shorter.drain(at..(at + part).min(short.len()));
            tries += 1;
            if fails(&shorter) {
                short = shorter;
            } else {
                at += part;
            }
        }
        // Once more with single commands, until none of them can go.
        part = if part == 1 && short.len() < before && tries < TRIES { 1 } else { part / 2 };
    }
    short
}

#[test]
fn nothing_is_left_that_could_go() {
    let script: Vec<u32> = (0..1000).collect();
    let fails = |script: &[u32]| script.contains(&17) && script.contains(&990);
    assert_eq!(shrink(&script, fails), [17, 990]);
}
