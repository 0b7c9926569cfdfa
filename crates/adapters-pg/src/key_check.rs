//! Whether the server's key is the one that a database was sealed with: asked before anything is sealed in it, and whenever a
//! connection is made.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{HandId, RoomId, TokenId};
use ports::store::KeyFit;
use uuid::Uuid;

use crate::schema::{hands, key_check, rejoin_tokens};
use crate::seal::{RejoinKey, Seal, ServerKey};

/// How many sealed values of each kind are tried from each end of the table. Ids are random: all of a small database, some of a
/// large one.
const TRIED: i64 = 200;

/// The row by which keys are told apart.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = key_check)]
pub(crate) struct KeyCheckRow {
    salt: Vec<u8>,
    mac: Vec<u8>,
}

/// What a key has to say to a database.
#[derive(Clone)]
pub(crate) struct KeyCheck {
    key: ServerKey,
    seal: Seal,
    tokens: RejoinKey,
}

impl KeyCheck {
    pub(crate) fn new(key: &ServerKey) -> Self {
        Self { key: key.clone(), seal: key.seal(), tokens: key.rejoin_tokens() }
    }

    /// Whether this key made the row.
    pub(crate) fn made(&self, row: &KeyCheckRow) -> bool {
        #[cfg(feature = "sabotage")]
        if sabotage::has(sabotage::Bug::WrongKey) {
            return true;
        }
        self.key.check_value(&row.salt)[..] == row.mac
    }

    /// The row of a database, if it has one already.
    pub(crate) async fn of(&self, conn: &AsyncPgConnection) -> QueryResult<Option<KeyCheckRow>> {
        row(conn).await
    }

    /// Writes the row, unless there is one. Of servers that start together with different keys, one wins.
    pub(crate) async fn claim(&self, mut conn: &AsyncPgConnection) -> QueryResult<()> {
        let salt = Uuid::from_u64_pair(random(), random()).as_bytes().to_vec();
        let mac = self.key.check_value(&salt).to_vec();
        let row = diesel::insert_into(key_check::table).values(KeyCheckRow { salt, mac }).on_conflict_do_nothing();
        row.execute(&mut conn).await.map(drop)
    }

    /// Whether this key fits. The row decides, where there is one; else what was sealed.
    pub(crate) async fn fit(&self, conn: &AsyncPgConnection) -> QueryResult<KeyFit> {
        let row = if has_table(conn, "key_check").await? { row(conn).await? } else { None };
        if row.as_ref().is_some_and(|row| !self.made(row)) {
            return Ok(KeyFit::Other);
        }
        if !has_table(conn, "hands").await? {
            return Ok(KeyFit::Fits);
        }
        let (opened, shut) = self.tried(conn).await?;
        Ok(match (opened, shut) {
            (_, 0) => KeyFit::Fits,
            // A row is a word; and without one, what most was sealed with is.
            _ if row.is_some() || opened >= shut => KeyFit::Mixed { opened, shut },
            _ => KeyFit::Other,
        })
    }

    /// How many of the sealed values that were tried open with this key, and how many don't.
    async fn tried(&self, mut conn: &AsyncPgConnection) -> QueryResult<(u64, u64)> {
        let tokens = rejoin_tokens::table.select((rejoin_tokens::id, rejoin_tokens::token_hash)).limit(TRIED);
        let decks = hands::table.select((hands::room_id, hands::id, hands::sealed_deck)).limit(TRIED);
        let mut some = tokens.order(rejoin_tokens::id).load::<(Uuid, String)>(&mut conn).await?;
        some.extend(tokens.order(rejoin_tokens::id.desc()).load::<(Uuid, String)>(&mut conn).await?);
        let tokens: BTreeMap<Uuid, String> = some.into_iter().collect();
        let mut some = decks.order(hands::id).load::<(Uuid, Uuid, Vec<u8>)>(&mut conn).await?;
        some.extend(decks.order(hands::id.desc()).load::<(Uuid, Uuid, Vec<u8>)>(&mut conn).await?);
        let decks: BTreeMap<Uuid, (Uuid, Vec<u8>)> =
            some.into_iter().map(|(room, hand, deck)| (hand, (room, deck))).collect();
        let tokens = tokens.into_iter().map(|(id, hash)| self.tokens.hash(TokenId(id)) == hash);
        let decks = decks
            .into_iter()
            .map(|(hand, (room, deck))| self.seal.open_deck(&deck, RoomId(room), HandId(hand)).is_ok());
        let (opened, shut): (Vec<bool>, Vec<bool>) = tokens.chain(decks).partition(|opens| *opens);
        Ok((opened.len() as u64, shut.len() as u64))
    }
}

/// Whether some key has sealed something in this database.
pub(crate) async fn is_sealed(mut conn: &AsyncPgConnection) -> QueryResult<bool> {
    if has_table(conn, "key_check").await? && row(conn).await?.is_some() {
        return Ok(true);
    }
    if !has_table(conn, "hands").await? {
        return Ok(false);
    }
    let tokens = diesel::select(diesel::dsl::exists(rejoin_tokens::table.select(rejoin_tokens::id)))
        .get_result::<bool>(&mut conn)
        .await?;
    let hands =
        diesel::select(diesel::dsl::exists(hands::table.select(hands::id))).get_result::<bool>(&mut conn).await?;
    Ok(tokens || hands)
}

async fn row(mut conn: &AsyncPgConnection) -> QueryResult<Option<KeyCheckRow>> {
    key_check::table.select(KeyCheckRow::as_select()).first(&mut conn).await.optional()
}

/// Whether the schema has come so far.
async fn has_table(mut conn: &AsyncPgConnection, name: &'static str) -> QueryResult<bool> {
    let there = format!(
        "EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
         WHERE nspname = 'holdfast' AND relname = '{name}')"
    );
    let there =
        diesel::select(diesel::dsl::sql::<Nullable<Bool>>(&there)).get_result::<Option<bool>>(&mut conn).await?;
    Ok(there.unwrap_or(false))
}

fn random() -> u64 {
    getrandom::u64().expect("the operating system has randomness")
}
