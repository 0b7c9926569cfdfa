//! Names that people give themselves and their rooms.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

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
    /// The most combining marks on one character: more cover the lines above and below (UTS #39, section 5.4).
    const MAX_MARKS: usize = 4;

    /// # Errors
    ///
    /// - [`InvalidName`]: empty, too long, or with a character that must not be in a name.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        // Normalising can make a text longer, but never from absurdly long to acceptable.
        if text.len() > Self::MAX_CHARS * 32 {
            return Err(InvalidName);
        }
        let normal: String = text.nfc().collect();
        let name = normal.trim_matches(is_blank);
        let count = name.chars().count();
        if count == 0
            || count > Self::MAX_CHARS
            || has_tricks(name)
            || name.chars().all(shows_nothing)
            || has_towers(name)
        {
            return Err(InvalidName);
        }
        Ok(Self(name.to_owned()))
    }

    /// A name that was valid when it was stored. It stays one: a stricter [`Name::new`] must not make a room unreadable.
    ///
    /// # Errors
    ///
    /// - [`InvalidName`]: empty or longer than any name ever was.
    pub fn restore(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() || text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidName);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether the others could take it for a part of the room instead of a person ("Host", "Dealer"), also written in
    /// letters that look the same.
    pub fn poses_as_staff(&self) -> bool {
        STAFF.iter().any(|word| {
            self.is_same_to_the_eye(&Self((*word).to_owned())) || self.looks_like(&Self(word.to_uppercase()))
        })
    }

    /// Whether people could take one for the other: equal but for characters that look alike ("AIan" and "Alan", Latin and
    /// Cyrillic "о": the skeletons of UTS #39), for invisible characters, and for the number of blanks.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.skeleton() == other.skeleton()
    }

    /// Whether they are the same name but for case and look-alike characters.
    pub fn is_same_to_the_eye(&self, other: &Self) -> bool {
        let caseless = |name: &Self| Self(name.0.to_lowercase()).skeleton();
        self.looks_like(other) || caseless(self) == caseless(other)
    }

    fn skeleton(&self) -> String {
        let visible: String = self.0.chars().filter(|c| !is_invisible(*c)).collect();
        let skeleton: String = unicode_security::skeleton(&visible).collect();
        skeleton.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
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

/// What the table itself is called in logs and messages.
const STAFF: [&str; 10] =
    ["host", "the host", "dealer", "the dealer", "admin", "administrator", "moderator", "system", "server", "holdfast"];

/// Whether a text for others to read has a character that no name may have.
pub fn has_tricks(text: &str) -> bool {
    let rest = without_flags(text);
    rest.chars().any(is_forbidden)
}

/// The text without the tag characters of flags such as Scotland's: a black flag, a region in tag letters, and the end
/// (UTS #51, ED-14a). Everywhere else a tag character is invisible and has no meaning.
fn without_flags(text: &str) -> String {
    const FLAG: char = '\u{1F3F4}';
    let mut rest = String::with_capacity(text.len());
    let mut parts = text.split(FLAG);
    rest.extend(parts.next());
    for part in parts {
        rest.push(FLAG);
        let tags = part.chars().take_while(|c| matches!(c, '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}'));
        let tags = tags.count();
        let ends = part.chars().nth(tags) == Some('\u{E007F}');
        // A subdivision of ISO 3166-2: a country of two letters, and one to four characters.
        let skipped = if ends && (3..=6).contains(&tags) { tags + 1 } else { 0 };
        rest.extend(part.chars().skip(skipped));
    }
    rest
}

fn is_forbidden(c: char) -> bool {
    if is_invisible(c) {
        return false;
    }
    let is_private = matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}');
    let is_no_character =
        matches!(c, '\u{FDD0}'..='\u{FDEF}' | '\u{FFF9}'..='\u{FFFF}') || u32::from(c) & 0xFFFE == 0xFFFE;
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || is_ignorable(c) || is_private || is_no_character
}

/// Unicode's `Default_Ignorable_Code_Point`: nothing is drawn for it.
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}')
        || matches!(c, '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}')
        || matches!(c, '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}')
        || matches!(c, '\u{E0000}'..='\u{E0FFF}')
}

/// Joiners and selectors change nothing in most texts, and are allowed for those in which they do.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{034F}' | '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
        || matches!(c, '\u{E0100}'..='\u{E01EF}')
}

/// White space, and characters of other categories that are drawn as a blank.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{1D159}' | '\u{16FE4}')
}

/// Fine beside something to see, but not a name by itself: blanks, joiners, marks without a character to stand on.
fn shows_nothing(c: char) -> bool {
    is_blank(c) || is_ignorable(c) || is_combining_mark(c)
}

fn has_towers(name: &str) -> bool {
    let mut height = 0;
    name.chars().any(|c| {
        height = if is_combining_mark(c) { height + 1 } else { 0 };
        height > Name::MAX_MARKS
    })
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
            "\u{2800}",
            "\u{2800} \u{1D159}",
            "\u{1D159}",
            "\u{17B5}x",
            "x\u{1D173}",
            "x\u{FFF0}",
            "x\u{E0001}",
            "x\u{E0800}",
            "\u{34F}",
            "\u{180B}",
            "\u{FE0F}",
            "\u{E0100}",
            "\u{301}",
            "\u{20DD}",
            "x\u{F0000}",
            "x\u{10FFFF}",
            "x\u{FDD0}",
            "x\u{1FFFE}",
            "Zoe\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}",
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

    #[test]
    fn blanks_of_every_kind_are_trimmed() {
        assert_eq!(Name::new("\u{2800}\u{3000}Ana\u{1D159}").unwrap().as_str(), "Ana");
    }

    #[test]
    fn flags_of_regions_are_fine_and_their_letters_nowhere_else() {
        let scotland = "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}";
        assert!(Name::new(&format!("{scotland} Ewan")).is_ok());
        assert!(Name::new(&format!("Ewan {scotland}{scotland}")).is_ok());
        for text in [
            "Ewan\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
            "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074} Ewan",
            "\u{1F3F4}\u{E007F} Ewan",
            "\u{1F3F4}\u{E0041}\u{E0062}\u{E0063}\u{E007F} Ewan",
            &format!("{scotland}\u{E0067} Ewan"),
        ] {
            assert_eq!(Name::new(text), Err(InvalidName), "{text:?}");
        }
    }

    #[test]
    fn a_stored_name_stays_readable_whatever_is_refused_today() {
        for text in ["\u{2800}", "a\u{200B}b", " Ana "] {
            assert_eq!(Name::restore(text).unwrap().as_str(), text);
        }
        assert_eq!(Name::restore(""), Err(InvalidName));
        assert_eq!(Name::restore(&"a".repeat(51)), Err(InvalidName));
    }

    #[test]
    fn only_the_table_is_called_host_or_dealer() {
        for text in ["Host", "HOST", "Hоst", "the  host", "Dealer", "ADMlN", "System\u{200D}"] {
            assert!(Name::new(text).unwrap().poses_as_staff(), "{text}");
        }
        for text in ["Ghost", "Hostess", "Anna", "Dealer's choice", "Ewan Host"] {
            assert!(!Name::new(text).unwrap().poses_as_staff(), "{text}");
        }
    }
}
