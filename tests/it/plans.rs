//! Lists stay flat in cost, however many reports there are: none of them reads a whole table.

use crate::support::{house::House, stories};

stories!(no_list_reads_a_whole_table, no_page_is_sorted);

async fn no_list_reads_a_whole_table(house: House) {
    let plans = house.app.store.plans_of_lists().await.unwrap();
    assert!(plans.len() > 40);
    for (list, plan) in plans {
        for line in plan.lines() {
            let on_sqlite = line.contains("SCAN ")
                && !["USING", "VIRTUAL TABLE", "SUBQUERY", "SCAN way"].iter().any(|fine| line.contains(fine));
            assert!(!on_sqlite && !line.contains("Seq Scan"), "{list}\n{plan}");
        }
    }
}

async fn no_page_is_sorted(house: House) {
    let plans = house.app.store.plans_of_ways().await.unwrap();
    assert!(plans.len() > 60);
    for (list, plan) in plans {
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "a way to {list}\n{plan}");
    }
}
