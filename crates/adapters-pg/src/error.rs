//! Database failures to [`StoreError`]: here only.
//!
//! PostgreSQL puts the values of a refused row into an error's DETAIL. Nothing here looks at it: what is passed on is a
//! constraint's name or a message, and neither holds values.

use std::time::Duration;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use ports::store::StoreError;

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The connection is of no more use: it broke, the server is going down, or something took too long. PostgreSQL's
    /// code doesn't come through diesel, so whatever isn't known to be harmless counts as this.
    #[error("{0}")]
    Connection(String),
    /// No answer within the time that a statement may take.
    #[error("no answer within {0:?}")]
    Deadline(Duration),
    /// No connection could be had.
    #[error("{0}")]
    NoConnection(String),
    /// The database was sealed with another key, or another database has taken its place.
    #[error("the server's key is not the one that this database was sealed with")]
    OtherKey,
    /// An earlier statement of the transaction failed: PostgreSQL would answer a commit with a rollback, and call it done.
    #[error("the transaction failed before")]
    Aborted,
    /// The row breaks a rule of the schema.
    #[error("a row breaks the constraint {0}")]
    Constraint(String),
    /// What came back is not what was asked for.
    #[error("a value in the database is not what it has to be")]
    Value,
}

impl Failure {
    /// Whether the connection can be used again.
    pub(crate) const fn breaks_connection(&self) -> bool {
        match self {
            Self::Connection(_) | Self::Deadline(_) | Self::NoConnection(_) | Self::OtherKey => true,
            Self::Aborted | Self::Constraint(_) | Self::Value => false,
        }
    }
}

impl From<DieselError> for Failure {
    #[expect(clippy::wildcard_enum_match_arm, reason = "another library's, which may grow")]
    fn from(err: DieselError) -> Self {
        match err {
            DieselError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::RestrictViolation
                | DatabaseErrorKind::ExclusionViolation => Self::Constraint(place(&*info)),
                _ => Self::Connection(info.message().to_owned()),
            },
            DieselError::DeserializationError(_) | DieselError::SerializationError(_) | DieselError::NotFound => {
                Self::Value
            }
            err => Self::Connection(err.to_string()),
        }
    }
}

fn place(info: &dyn DatabaseErrorInformation) -> String {
    let name = info.constraint_name().or(info.column_name()).or(info.table_name());
    name.unwrap_or("without a name").to_owned()
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Connection(_)
            | Failure::Deadline(_)
            | Failure::NoConnection(_)
            | Failure::OtherKey
            | Failure::Aborted => Self::Unavailable(Box::new(failure)),
            Failure::Value => Self::Corrupt("value"),
            Failure::Constraint(name) => match name.as_str() {
                "rooms_code_key" => Self::Duplicate("room code"),
                "users_email_key" => Self::Duplicate("account"),
                "command_replies_pkey" => Self::REPEATED,
                _ => {
                    // A bug of ours, and the name is all there is to find it by.
                    tracing::error!(constraint = name, "a change was refused by the schema");
                    Self::Corrupt("change")
                }
            },
        }
    }
}

/// The same for a failed commit: unless the database itself refused it, nobody knows what became of it.
pub(crate) fn of_commit(failure: Failure) -> StoreError {
    match failure {
        Failure::Connection(_) | Failure::Deadline(_) => StoreError::OutcomeUnknown(Box::new(failure)),
        Failure::NoConnection(_) | Failure::OtherKey | Failure::Aborted | Failure::Constraint(_) | Failure::Value => {
            failure.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Refused;

    impl DatabaseErrorInformation for Refused {
        fn message(&self) -> &str {
            "new row for relation \"hands\" violates check constraint \"hands_pot_check\""
        }
        fn details(&self) -> Option<&str> {
            Some("Failing row contains (SECRETDECK).")
        }
        fn hint(&self) -> Option<&str> {
            None
        }
        fn table_name(&self) -> Option<&str> {
            Some("hands")
        }
        fn column_name(&self) -> Option<&str> {
            None
        }
        fn constraint_name(&self) -> Option<&str> {
            Some("hands_pot_check")
        }
        fn statement_position(&self) -> Option<i32> {
            None
        }
    }

    #[test]
    fn the_values_of_a_refused_row_are_not_passed_on() {
        for kind in [DatabaseErrorKind::CheckViolation, DatabaseErrorKind::UniqueViolation, DatabaseErrorKind::Unknown]
        {
            let failure = Failure::from(DieselError::DatabaseError(kind, Box::new(Refused)));
            let said = format!("{failure} {failure:?}");
            assert!(!said.contains("SECRETDECK"));
            let err = StoreError::from(failure);
            assert!(!format!("{err} {err:?}").contains("SECRETDECK"));
        }
    }
}
