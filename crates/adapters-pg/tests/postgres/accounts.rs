//! Users, guests and accounts.

use domain::ids::UserId;
use ports::store::{StoreError, User, Users};

use crate::support::{ANNA, BEN, name, store};

#[tokio::test]
async fn a_guest_is_stored_once_and_keeps_the_first_name() {
    let database = testkit::database().await;
    let store = store(&database).await;
    assert_eq!(store.find_user(ANNA).await.unwrap(), None);
    let anna = User { id: ANNA, name: name("Anna"), guest: true };
    assert_eq!(store.ensure_user(ANNA, &name("Anna")).await.unwrap(), anna);
    assert_eq!(store.ensure_user(ANNA, &name("Somebody else")).await.unwrap(), anna);
    assert_eq!(store.find_user(ANNA).await.unwrap(), Some(anna));
}

#[tokio::test]
async fn the_same_guest_may_come_in_by_many_doors_at_once() {
    let database = testkit::database().await;
    let store = store(&database).await;
    let called = name("Anna");
    let at_once = (0..8).map(|_| store.ensure_user(ANNA, &called));
    for user in futures_util::future::join_all(at_once).await {
        assert_eq!(user.unwrap().id, ANNA);
    }
}

#[tokio::test]
async fn an_address_and_a_user_have_one_account_each() {
    let database = testkit::database().await;
    let store = store(&database).await;
    store.ensure_user(ANNA, &name("Guest")).await.unwrap();
    let anna = store.create_account(ANNA, &name("Anna"), "anna@example.org", "hash").await.unwrap();
    assert_eq!(anna, User { id: ANNA, name: name("Anna"), guest: false });
    let account = store.find_account("anna@example.org").await.unwrap().unwrap();
    assert_eq!((account.user, account.password.as_str()), (anna, "hash"));

    let taken = store.create_account(BEN, &name("Ben"), "anna@example.org", "other").await;
    assert!(matches!(taken, Err(StoreError::Duplicate("account"))));
    let second = store.create_account(ANNA, &name("Anna"), "other@example.org", "other").await;
    assert!(matches!(second, Err(StoreError::Duplicate("account"))));
    assert_eq!(store.find_user(BEN).await.unwrap(), None);
    assert!(store.find_account("other@example.org").await.unwrap().is_none());
    let stranger: UserId = BEN;
    store.create_account(stranger, &name("Ben"), "ben@example.org", "hash").await.unwrap();
}
