//! Passwords that people choose, as they are compared.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The form in which a password is hashed: composed, and with plain spaces. Keyboards differ in how they send "é" or a blank
/// (RFC 8265, section 4.2.2, OpaqueString; NIST SP 800-63B, section 5.1.1.2).
pub fn prepared(password: &str) -> Cow<'_, str> {
    let is_odd_space =
        |c: char| c != ' ' && !c.is_control() && c.is_whitespace() && !matches!(c, '\u{2028}' | '\u{2029}');
    if is_nfc(password) && !password.contains(is_odd_space) {
        return Cow::Borrowed(password);
    }
    Cow::Owned(password.chars().map(|c| if is_odd_space(c) { ' ' } else { c }).nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_same_however_its_letters_are_sent() {
        assert_eq!(prepared("caf\u{e9} au lait"), "caf\u{e9} au lait");
        assert_eq!(prepared("cafe\u{301} au\u{a0}lait"), "caf\u{e9} au lait");
        assert_eq!(prepared("\u{3000}\u{1112}\u{1161}\u{11ab}"), " \u{d55c}");
        assert_eq!(prepared("A b\tc"), "A b\tc", "case and controls are kept");
        assert_eq!(prepared("\u{fb01}"), "\u{fb01}", "compatibility letters are other letters");
    }
}
