//! What the stories stand on: no promise is checked here.

pub mod cutter;
pub mod house;
pub mod line;
pub mod logs;
pub mod person;
pub mod postgres;
#[expect(dead_code, reason = "the unit tests of `mail` use what the stories do not")]
pub mod smtp;
pub mod source;

/// Runs each story twice: on SQLite, and on PostgreSQL where this machine has one.
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story($crate::support::house::House::on_sqlite().await).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                if let Some(house) = $crate::support::house::House::on_postgres().await {
                    super::$story(house).await;
                }
            })+
        }
    };
}

pub(crate) use stories;
