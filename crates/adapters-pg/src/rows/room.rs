//! `rooms`: the room itself and its settings.

use diesel::prelude::*;
use domain::room::{Room, RoomStatus};
use ports::store::StoreError;
use uuid::Uuid;

use super::settings::SettingsRow;
use crate::schema::rooms;
use crate::statement::{Statement, statement};

#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = rooms)]
pub(crate) struct RoomRow {
    pub(crate) id: Uuid,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) host_id: Uuid,
    pub(crate) status: String,
    #[diesel(embed)]
    pub(crate) settings: SettingsRow,
}

impl RoomRow {
    pub(crate) fn of(room: &Room) -> Self {
        Self {
            id: room.id.0,
            code: room.code.clone(),
            name: room.name.as_str().to_owned(),
            host_id: room.host.0,
            status: room.status.name().to_owned(),
            settings: SettingsRow::of(&room.settings),
        }
    }

    pub(crate) fn status(&self) -> Result<RoomStatus, StoreError> {
        RoomStatus::of_name(&self.status).ok_or(StoreError::Corrupt("room status"))
    }

    pub(crate) fn insert(self, password_hash: Option<String>) -> Statement {
        let insert = statement(
            "INSERT INTO rooms (id, code, name, host_id, status, seats, small_blind, big_blind, ante, min_buy_in, max_buy_in, \
             action_timeout_ms, timebank_ms, between_hands_ms, max_members, auto_approve, spectators_allowed, house_rules, \
             password_hash, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, now())",
        );
        self.bind(insert).bind(password_hash)
    }

    pub(crate) fn update(self) -> Statement {
        self.bind(statement(
            "UPDATE rooms SET code = $2, name = $3, host_id = $4, status = $5, seats = $6, small_blind = $7, big_blind = $8, \
             ante = $9, min_buy_in = $10, max_buy_in = $11, action_timeout_ms = $12, timebank_ms = $13, between_hands_ms = $14, \
             max_members = $15, auto_approve = $16, spectators_allowed = $17, house_rules = house_rules || $18 WHERE id = $1",
        ))
    }

    fn bind(self, statement: Statement) -> Statement {
        statement
            .bind(self.id)
            .bind(self.code)
            .bind(self.name)
            .bind(self.host_id)
            .bind(self.status)
            .bind(self.settings.seats)
            .bind(self.settings.small_blind)
            .bind(self.settings.big_blind)
            .bind(self.settings.ante)
            .bind(self.settings.min_buy_in)
            .bind(self.settings.max_buy_in)
            .bind(self.settings.action_timeout_ms)
            .bind(self.settings.timebank_ms)
            .bind(self.settings.between_hands_ms)
            .bind(self.settings.max_members)
            .bind(self.settings.auto_approve)
            .bind(self.settings.spectators_allowed)
            .bind(self.settings.house_rules.json())
    }
}
