//! Enums whose names are said once.

/// An enum without data, with a name for each variant: `ALL`, `NAMES`, `name()` and `of_name()` follow from one list.
///
/// Names are in databases and on the wire: they may be added to, never changed.
///
/// ```
/// domain::named! {
///     /// A side of the table.
///     #[derive(Clone, Copy, Debug, PartialEq, Eq)]
///     pub enum Side {
///         /// Where the dealer sits.
///         Dealer = "dealer",
///         /// Across from the dealer.
///         Far = "far_side",
///     }
/// }
/// assert_eq!(Side::Far.name(), "far_side");
/// assert_eq!(Side::of_name("dealer"), Some(Side::Dealer));
/// assert_eq!(Side::of_name("Dealer"), None);
/// assert_eq!(Side::NAMES, Side::ALL.map(Side::name));
/// ```
#[macro_export]
macro_rules! named {
    ($(#[$meta:meta])* $vis:vis enum $enum:ident { $($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$meta])*
        $vis enum $enum { $($(#[$doc])* $variant),+ }

        impl $enum {
            /// All of them, in this order.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// Their names, in the same order.
            pub const NAMES: [&'static str; [$($name),+].len()] = [$($name),+];

            /// The name in the contract and in the database.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }

            /// The one with this name; `None` if there is none.
            pub fn of_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
