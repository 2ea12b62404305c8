//! Sites and categories as they are written; everybody else reads them from the organisation.

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{
    StoreError, Tx,
    reports::ms,
    tables::{categories, sites},
};
use crate::domain::{
    ids::SiteId,
    organisation::{Category, Label, Site},
    time::{Instant, Zone},
};

impl Tx {
    /// Adds a site; `Taken` when its id or its code is there already.
    pub async fn add_site(&self, site: &Site) -> Result<(), StoreError> {
        site_row(site).into_active_model().insert(self.connection()).await?;
        self.touch_organisation().await
    }

    /// Writes over the version that was read, and gives the site as it stands now; anything else is `Stale`.
    pub async fn save_site(&self, site: Site) -> Result<Site, StoreError> {
        let read = site.version;
        let next = Site { version: read + 1, ..site };
        let written = sites::Entity::update_many()
            .set(site_row(&next).into_active_model().reset_all())
            .filter(sites::Column::Id.eq(next.id.0))
            .filter(sites::Column::Version.eq(read))
            .exec(self.connection())
            .await?;
        self.touch_organisation().await?;
        if written.rows_affected == 1 { Ok(next) } else { Err(StoreError::Stale) }
    }

    /// Adds a category.
    pub async fn add_category(&self, category: &Category) -> Result<(), StoreError> {
        category_row(category).into_active_model().insert(self.connection()).await?;
        self.touch_organisation().await
    }

    /// Writes over the category of that code.
    pub async fn save_category(&self, category: &Category) -> Result<(), StoreError> {
        category_row(category).into_active_model().reset_all().update(self.connection()).await?;
        self.touch_organisation().await
    }
}

fn site_row(site: &Site) -> sites::Model {
    sites::Model {
        id: site.id.0,
        parent_id: site.parent.map(|parent| parent.0),
        code: site.code.clone(),
        name_ar: site.name.ar.clone(),
        name_fr: site.name.fr.clone(),
        name_en: site.name.en.clone(),
        kind: site.kind.clone(),
        zone: site.zone.name().to_owned(),
        calendar: site.calendar.clone(),
        version: site.version,
        retired_at: ms(site.retired_at),
    }
}

fn category_row(category: &Category) -> categories::Model {
    categories::Model {
        code: category.code.clone(),
        name_ar: category.name.ar.clone(),
        name_fr: category.name.fr.clone(),
        name_en: category.name.en.clone(),
        high_energy: category.high_energy,
        retired_at: ms(category.retired_at),
    }
}

pub(super) fn site(row: sites::Model) -> Result<Site, StoreError> {
    Ok(Site {
        id: SiteId(row.id),
        parent: row.parent_id.map(SiteId),
        code: row.code,
        name: Label { ar: row.name_ar, fr: row.name_fr, en: row.name_en },
        kind: row.kind,
        zone: Zone::named(&row.zone).map_err(|_| StoreError::Corrupt("sites.zone"))?,
        calendar: row.calendar,
        retired_at: row.retired_at.map(Instant::from_ms),
        version: row.version,
    })
}

pub(super) fn category(row: categories::Model) -> Category {
    Category {
        code: row.code,
        name: Label { ar: row.name_ar, fr: row.name_fr, en: row.name_en },
        high_energy: row.high_energy,
        retired_at: row.retired_at.map(Instant::from_ms),
    }
}
