//! Texts that come where a token belongs.

use futures_util::FutureExt as _;
use ports::identity::Bearers as _;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const ANNA: UserId = UserId(Uuid::from_u128(1));

/// One text a line: none of them is a token.
const CORPUS: &str = include_str!("../../tests/corpus/tokens.txt");

fn jwt() -> Jwt {
    Jwt::new(&[7; 32])
}

/// Without a Supabase project nothing has to be waited for.
fn verify(token: &str) -> Result<Verified, TokenError> {
    Verifier::new(jwt(), None).verify(token).now_or_never().expect("nothing is fetched")
}

#[test]
fn nothing_in_the_corpus_is_a_token() {
    for text in CORPUS.lines().filter(|line| !line.starts_with('#')) {
        assert_eq!(verify(text), Err(TokenError::Invalid), "{text}");
    }
}

/// Texts of any kind, and ones that look like tokens.
fn text() -> impl Strategy<Value = String> {
    let part = || "[A-Za-z0-9_-]{0,60}";
    let header = prop_oneof![
        Just("eyJhbGciOiJIUzI1NiIsImtpZCI6ImhvbGRmYXN0In0".to_owned()),
        Just("eyJhbGciOiJub25lIiwia2lkIjoiaG9sZGZhc3QifQ".to_owned()),
        part(),
    ];
    let three = (header, part(), part()).prop_map(|(header, claims, signature)| [header, claims, signature].join("."));
    prop_oneof![any::<String>(), three, "[.A-Za-z0-9_=-]{0,5000}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_a_token_that_was_not_issued(text in text()) {
        prop_assert_eq!(verify(&text), Err(TokenError::Invalid));
    }

    #[test]
    fn a_token_with_a_character_changed_is_none(at in any::<prop::sample::Index>(), put in "[A-Za-z0-9_=.-]?|\\PC") {
        let token = jwt().issue(ANNA).token;
        let at = at.index(token.len());
        let changed = format!("{}{put}{}", &token[..at], &token[at + 1..]);
        prop_assume!(changed != token);
        prop_assert_eq!(verify(&changed), Err(TokenError::Invalid));
        prop_assert_eq!(verify(&token).map(|verified| verified.user), Ok(ANNA));
    }

    #[test]
    fn parts_of_two_tokens_make_none(other in any::<u128>().prop_filter("somebody else", |other| *other != ANNA.0.as_u128())) {
        let (first, second) = (jwt().issue(ANNA).token, jwt().issue(UserId(Uuid::from_u128(other))).token);
        let (said, signed) = first.rsplit_once('.').expect("three parts");
        let (said_too, signed_too) = second.rsplit_once('.').expect("three parts");
        for mixed in [format!("{said}.{signed_too}"), format!("{said_too}.{signed}")] {
            prop_assert_eq!(verify(&mixed), Err(TokenError::Invalid));
        }
    }
}
