//! Seals: every minute the new rows are hashed onto the chain.

use crate::app::App;
use provost_control::chain;
use std::sync::Arc;

pub(super) async fn run(app: Arc<App>) {
    let mut stopping = app.stopping.subscribe();
    while super::next(&mut stopping, app.limits.seal).await {
        match app.database.seal(app.clock.now()).await {
            Ok(_) => app.metrics.seal("done"),
            Err(error) => {
                app.metrics.seal("failed");
                tracing::error!(error = %chain(&error), "the new rows could not be sealed");
            }
        }
    }
}
