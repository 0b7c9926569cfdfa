//! Users.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use domain::ids::UserId;
use domain::name::Name;
use futures_util::FutureExt;
use ports::store::{Account, StoreError, User, Users};
use uuid::Uuid;

use crate::rows::name;
use crate::schema::users;
use crate::statement::{Statement, statement};
use crate::store::PgStore;

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: Uuid,
    display_name: String,
    password_hash: Option<String>,
}

impl UserRow {
    fn user(&self) -> Result<User, StoreError> {
        Ok(User { id: UserId(self.id), name: name(&self.display_name)?, guest: self.password_hash.is_none() })
    }
}

#[async_trait]
impl Users for PgStore {
    async fn ensure_user(&self, id: UserId, name: &Name) -> Result<User, StoreError> {
        if let Some(user) = self.find_user(id).await? {
            return Ok(user);
        }
        let insert = self.pool.ask(|conn| {
            let insert: Statement =
                statement("INSERT INTO users (id, display_name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING");
            insert.bind(id).bind(name.as_str()).execute(&mut { conn }).boxed()
        });
        insert.await?;
        self.find_user(id).await?.ok_or(StoreError::Missing("user"))
    }

    async fn create_account(&self, id: UserId, name: &Name, email: &str, password: &str) -> Result<User, StoreError> {
        // In a transaction, because it must not be tried twice: the second try would find the address taken.
        let lease = self.pool.begin("BEGIN").await?;
        // A row that breaks the constraint would have its address written into PostgreSQL's log: that is left to a race.
        let account = statement::<Text>(
            "INSERT INTO users (id, display_name, email, password_hash) \
             SELECT $1::uuid, $2::text, $3::text, $4::text WHERE NOT EXISTS (SELECT FROM users WHERE email = $3::text) \
             ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, email = excluded.email, \
             password_hash = excluded.password_hash WHERE users.email IS NULL RETURNING display_name",
        );
        let account = account.bind(id).bind(name.as_str()).bind(email).bind(password);
        let named = lease.ask(account.load::<String>(&mut lease.conn())).await?;
        if named.is_empty() {
            return Err(StoreError::Duplicate("account"));
        }
        lease.commit().await.map_err(crate::error::of_commit)?;
        Ok(User { id, name: name.clone(), guest: false })
    }

    async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let user =
            self.pool.ask(|conn| users::table.find(id.0).select(UserRow::as_select()).load(&mut { conn }).boxed());
        user.await?.into_iter().next().map(|row| row.user()).transpose()
    }

    async fn find_account(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let user = self.pool.ask(|conn| {
            let user = users::table.filter(users::email.eq(email.to_owned()));
            user.select(UserRow::as_select()).load(&mut { conn }).boxed()
        });
        let Some(row) = user.await?.into_iter().next() else { return Ok(None) };
        let user = row.user()?;
        Ok(row.password_hash.map(|password| Account { user, password }))
    }
}
