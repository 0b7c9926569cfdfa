//! Names that people give themselves and their rooms.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// A display name or a room's name: 1 to 50 characters after NFC and trimming, with something to see in it, and without
/// control, bidi-override or invisible characters (they let one player pass for another).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(String);

/// The text can't be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 50 visible characters, without control or direction marks")]
pub struct InvalidName;

impl Name {
    /// The most characters in a name, counted after normalisation.
    pub const MAX_CHARS: usize = 50;

    /// # Errors
    ///
    /// - [`InvalidName`]: empty, too long, or with a character that must not be in a name.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        // Normalising can make a text longer, but never from absurdly long to acceptable.
        if text.len() > Self::MAX_CHARS * 32 {
            return Err(InvalidName);
        }
        let normal: String = text.nfc().collect();
        let name = normal.trim();
        let count = name.chars().count();
        if count == 0
            || count > Self::MAX_CHARS
            || name.chars().any(is_forbidden)
            || name.chars().all(is_joiner_or_space)
        {
            return Err(InvalidName);
        }
        Ok(Self(name.to_owned()))
    }

    /// Whether people could take one for the other: equal but for characters that look alike ("AIan" and "Alan", Latin and
    /// Cyrillic "о": the skeletons of UTS #39), for invisible characters, and for the number of blanks.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.skeleton() == other.skeleton()
    }

    fn skeleton(&self) -> String {
        let visible: String = self.0.chars().filter(|c| !is_invisible(*c)).collect();
        let skeleton: String = unicode_security::skeleton(&visible).collect();
        skeleton.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text for others to read has a character that no name may have.
pub fn has_tricks(text: &str) -> bool {
    text.chars().any(is_forbidden)
}

fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        )
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{FFF9}'..='\u{FFFF}' | '\u{E0000}'..='\u{E007F}' | '\u{E000}'..='\u{F8FF}')
}

/// Joiners and selectors change nothing in most texts, and are allowed for those in which they do.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{034F}' | '\u{180B}'..='\u{180F}' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
        || matches!(c, '\u{E0100}'..='\u{E01EF}')
}

/// Joiners hold emoji together and are fine in a name, but are not a name by themselves.
fn is_joiner_or_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{0300}'..='\u{036F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_composed() {
        let name = Name::new("  Zoe\u{0301} ").unwrap();
        assert_eq!(name.as_str(), "Zo\u{e9}");
    }

    #[test]
    fn fifty_characters_fit_and_fifty_one_do_not() {
        assert!(Name::new(&"ä".repeat(50)).is_ok());
        assert!(Name::new(&"ä".repeat(51)).is_err());
        assert!(Name::new(&"a".repeat(100_000)).is_err());
    }

    #[test]
    fn invisible_and_direction_characters_are_refused() {
        for text in [
            "",
            "   ",
            "a\u{0}b",
            "a\nb",
            "\u{202E}evil",
            "a\u{200B}b",
            "\u{200D}",
            "\u{FEFF}x",
            "\u{3164}",
            "a\u{2066}b",
        ] {
            assert_eq!(Name::new(text), Err(InvalidName), "{text:?}");
        }
    }

    /// T-X3.
    #[test]
    fn names_that_look_alike_are_told_apart_from_those_that_dont() {
        let alike = |one: &str, other: &str| Name::new(one).unwrap().looks_like(&Name::new(other).unwrap());
        for (one, other) in [
            ("Anna", "Anna"),
            ("Anna", "Аnnа"),
            ("Alan", "AIan"),
            ("Bob 10", "Bob lO"),
            ("paypal", "раураl"),
            ("Zoe\u{0301}", "Zo\u{e9}"),
            ("Anna B", "Anna \u{a0} B"),
            ("Anna", "An\u{200D}na\u{FE0F}"),
            ("modern", "modem"),
        ] {
            assert!(alike(one, other), "{one} {other}");
        }
        for (one, other) in [("Anna", "Hanna"), ("Player 1", "Player 2"), ("Zoe", "Zo\u{e9}"), ("山田", "田山")] {
            assert!(!alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn emoji_joined_by_zero_width_joiners_are_fine() {
        assert!(Name::new("👩\u{200D}🚀 Ana").is_ok());
    }
}
