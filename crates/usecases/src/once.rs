//! Commands that come with an id are done once: the same again gets the first answer.
//!
//! The answer is saved in the transaction that saves the change, so that there is never one without the other. What that
//! transaction is, the commands' common way knows ([`crate::command`]); what is answered, only the caller: so the one finds the
//! other through the task that the command runs in.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ports::Ports;
use ports::store::{Answer, CommandId, Reply, StoreError, Tx};

use crate::CommandError;

tokio::task_local! {
    static ONCE: Arc<Once>;
}

type Render = Box<dyn Fn(&dyn Any) -> Option<Answer> + Send + Sync>;

/// A command's id, and how it is answered.
pub struct Once {
    id: CommandId,
    fingerprint: String,
    render: Render,
    kept: AtomicBool,
}

impl Once {
    /// A command that comes to a `T`. Two that have the same id have to have the same `fingerprint` too.
    pub fn new<T: 'static>(
        id: CommandId,
        fingerprint: String,
        render: impl Fn(&T) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let render = move |done: &dyn Any| done.downcast_ref().map(&render);
        Self { id, fingerprint, render: Box::new(render), kept: AtomicBool::new(false) }
    }

    fn refusal(&self, known: Reply) -> CommandError {
        match known.fingerprint == self.fingerprint {
            true => CommandError::Answered(known.answer),
            false => CommandError::ActionIdReused,
        }
    }
}

/// Does a command, unless one with its id was done.
///
/// # Errors
///
/// - [`CommandError::Answered`]: this one was done, and so answered.
/// - [`CommandError::ActionIdReused`]: another one was done with this id.
/// - The command's own. What is refused has changed nothing and is not kept: asked again it is decided again.
pub async fn once<T: Send + Sync + 'static>(
    ports: &Ports,
    once: Once,
    command: impl Future<Output = Result<T, CommandError>> + Send,
) -> Result<T, CommandError> {
    // Before all else: what was decided then may not even be possible now.
    refuse_known(&once, ports.store.find_reply(once.id).await?)?;
    let once = Arc::new(once);
    let outcome = ONCE.scope(Arc::clone(&once), command).await;
    let outcome = match outcome {
        // What had no transaction to put it into: a sign of life.
        Ok(done) if !once.kept.load(Ordering::Relaxed) => keep_alone(ports, &once, &done).await.map(|()| done),
        outcome => outcome,
    };
    match outcome {
        Err(CommandError::Store(err)) if err.is_repeated() => {
            refuse_known(&once, ports.store.find_reply(once.id).await?)?;
            Err(err.into())
        }
        outcome => outcome,
    }
}

async fn keep_alone<T: Send + Sync + 'static>(ports: &Ports, once: &Arc<Once>, done: &T) -> Result<(), CommandError> {
    let mut tx = ports.store.begin().await?;
    if ONCE.scope(Arc::clone(once), keep(&mut *tx, done)).await? {
        tx.commit().await?;
    }
    Ok(())
}

fn refuse_known(once: &Once, known: Option<Reply>) -> Result<(), CommandError> {
    known.map_or(Ok(()), |known| Err(once.refusal(known)))
}

/// Refuses the command that this task does if another one with its id was faster. To be asked under the lock.
pub(crate) async fn look(tx: &mut dyn Tx) -> Result<(), CommandError> {
    let Ok(once) = ONCE.try_with(Arc::clone) else { return Ok(()) };
    refuse_known(&once, tx.find_reply(once.id).await?)
}

/// Saves the answer of the command that this task does, if it came with an id and this is what it comes to.
pub(crate) async fn keep<T: Sync + 'static>(tx: &mut dyn Tx, done: &T) -> Result<bool, StoreError> {
    let Ok(once) = ONCE.try_with(Arc::clone) else { return Ok(false) };
    let Some(answer) = (once.render)(done) else { return Ok(false) };
    tx.save_reply(once.id, &Reply { fingerprint: once.fingerprint.clone(), answer }).await?;
    once.kept.store(true, Ordering::Relaxed);
    Ok(true)
}
