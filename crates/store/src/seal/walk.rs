//! Comparing the log with its seals, from the first seal on.

use super::anchor::Anchor;
use super::chain::{LEAF_BYTES, Seal};
use super::row::{Leaf, RowTexts};
use super::verification::{Fault, RowFault, SealFault, Verification};
use crate::error::StoreError;
use std::future::Future;
use uuid::Uuid;

/// A place in the order of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its number.
    pub(crate) seq: i64,
    /// The id that the order has there.
    pub(crate) id: Uuid,
    /// The row; `None` when it is gone and only its place is left.
    pub(crate) texts: Option<RowTexts>,
}

/// A store, read in one moment.
pub(crate) trait SealSource: Send {
    /// The first seal with a number above `after`.
    fn seal_after(
        &mut self,
        after: i64,
    ) -> impl Future<Output = Result<Option<Seal>, StoreError>> + Send;

    /// The places above `after`, in order, at most `limit`.
    fn places(
        &mut self,
        after: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Place>, StoreError>> + Send;

    /// The number of the row with this id, wherever it stands; `None` when there is no such row.
    fn seq_of(&mut self, id: Uuid) -> impl Future<Output = Result<Option<i64>, StoreError>> + Send;

    /// How many rows have a number above `after`.
    fn count_after(&mut self, after: i64) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// A row that has no place in the order, where a store can have one.
    fn without_place(&mut self) -> impl Future<Output = Result<Option<Uuid>, StoreError>> + Send;

    /// The first place above `after` whose row is gone, where a store can have one.
    fn without_row(
        &mut self,
        after: i64,
    ) -> impl Future<Output = Result<Option<(i64, Uuid)>, StoreError>> + Send;
}

/// How far the walk came.
struct Walk {
    seals: u64,
    rows: u64,
    last_seq: i64,
    newest: Option<Anchor>,
}

/// Walks the seals and the rows under them up to the first fault. Seals that `anchors` name must be
/// there with that hash.
pub(crate) async fn walk(
    source: &mut impl SealSource,
    anchors: &[Anchor],
) -> Result<Verification, StoreError> {
    let mut walk = Walk { seals: 0, rows: 0, last_seq: 0, newest: None };
    let fault = walk.all(source, anchors).await?;
    Ok(Verification {
        seals: walk.seals,
        rows: walk.rows,
        unsealed: source.count_after(walk.last_seq).await?,
        newest: walk.newest,
        fault,
    })
}

impl Walk {
    async fn all(
        &mut self,
        source: &mut impl SealSource,
        anchors: &[Anchor],
    ) -> Result<Option<Fault>, StoreError> {
        while let Some(seal) = source.seal_after(self.seals as i64).await? {
            if let Some(fault) = self.one(source, &seal, anchors).await? {
                return Ok(Some(fault));
            }
        }
        if let Some(anchor) =
            anchors.iter().filter(|it| it.seal > self.seals).min_by_key(|it| it.seal)
        {
            let missing = Fault::Seal { fault: SealFault::Missing, seal: anchor.seal };
            return Ok(Some(missing));
        }
        if let Some(id) = source.without_place().await? {
            return Ok(Some(Fault::Row { fault: RowFault::SlippedIn, id, seq: None, seal: None }));
        }
        let gone = source.without_row(self.last_seq).await?;
        Ok(gone.map(|(seq, id)| Fault::Row {
            fault: RowFault::Missing,
            id,
            seq: Some(seq),
            seal: None,
        }))
    }

    /// Looks at one seal and its rows, and steps behind it when all is as it was.
    async fn one(
        &mut self,
        source: &mut impl SealSource,
        seal: &Seal,
        anchors: &[Anchor],
    ) -> Result<Option<Fault>, StoreError> {
        let number = self.seals + 1;
        let of_seal = |fault| Ok(Some(Fault::Seal { fault, seal: number }));
        if seal.seal != number as i64 {
            return of_seal(SealFault::Missing);
        }
        let anchor = seal.anchor();
        if anchors.iter().any(|it| it.seal == number && Some(*it) != anchor) {
            return of_seal(SealFault::Anchor);
        }
        if !seal.continues(self.newest.as_ref()) {
            return of_seal(SealFault::Previous);
        }
        // What the seal says of its end is not believed: its leaves tell how many rows it has.
        let count = seal.leaves.len() / LEAF_BYTES;
        let places = source.places(self.last_seq, count.try_into().unwrap_or(u32::MAX)).await?;
        if seal.computed().as_slice() != seal.hash {
            let rows: Vec<Leaf> = places.iter().filter_map(Place::leaf).collect();
            let of_the_rows = seal.computed_of(rows.iter()).as_slice() == seal.hash;
            let leaves_stand = seal.leaves().is_some_and(|leaves| leaves == rows);
            return of_seal(match (of_the_rows, leaves_stand) {
                (false, true) => SealFault::Hash,
                _ => SealFault::Leaves,
            });
        }
        let Some(leaves) = seal.leaves() else {
            return of_seal(SealFault::Leaves);
        };
        if let Some(fault) = compare(source, number, &leaves, &places).await? {
            return Ok(Some(fault));
        }
        if !bounds_stand(seal, &leaves, &places) {
            return of_seal(SealFault::Bounds);
        }
        self.seals = number;
        self.rows += leaves.len() as u64;
        self.last_seq = places.last().map_or(self.last_seq, |place| place.seq);
        self.newest = anchor;
        Ok(None)
    }
}

impl Place {
    fn leaf(&self) -> Option<Leaf> {
        self.texts.as_ref().map(RowTexts::leaf)
    }
}

/// Whether what the seal says about its rows is what its leaves say.
fn bounds_stand(seal: &Seal, leaves: &[Leaf], places: &[Place]) -> bool {
    let (Some(first), Some(last)) = (leaves.first(), leaves.last()) else {
        return false;
    };
    let ends = |places: &[Place]| Some((places.first()?.seq, places.last()?.seq));
    seal.rows == leaves.len() as i64
        && (seal.first_id, seal.last_id) == (first.id, last.id)
        && ends(places) == Some((seal.first_seq, seal.last_seq))
}

/// The first row that is not as it was sealed.
async fn compare(
    source: &mut impl SealSource,
    seal: u64,
    leaves: &[Leaf],
    places: &[Place],
) -> Result<Option<Fault>, StoreError> {
    for (index, leaf) in leaves.iter().enumerate() {
        let place = places.get(index);
        let found = place.and_then(Place::leaf);
        if found == Some(*leaf) {
            continue;
        }
        let (fault, id, seq) = match place {
            Some(place) if found.is_none() => (RowFault::Missing, place.id, Some(place.seq)),
            Some(place) if place.id == leaf.id => (RowFault::Altered, leaf.id, Some(place.seq)),
            // Another row stands here. Where the sealed one is gone, that comes first.
            Some(place) if source.seq_of(leaf.id).await?.is_some() => {
                let known = leaves.iter().any(|leaf| leaf.id == place.id)
                    || is_sealed_later(source, seal, place.id).await?;
                let fault = if known { RowFault::Reordered } else { RowFault::SlippedIn };
                (fault, place.id, Some(place.seq))
            }
            Some(_) => (RowFault::Missing, leaf.id, None),
            None => match source.seq_of(leaf.id).await? {
                Some(seq) => (RowFault::Reordered, leaf.id, Some(seq)),
                None => (RowFault::Missing, leaf.id, None),
            },
        };
        return Ok(Some(Fault::Row { fault, id, seq, seal: Some(seal) }));
    }
    Ok(None)
}

/// Whether a later seal has a row with this id.
async fn is_sealed_later(
    source: &mut impl SealSource,
    after: u64,
    id: Uuid,
) -> Result<bool, StoreError> {
    let mut after = after as i64;
    while let Some(seal) = source.seal_after(after).await? {
        if seal.leaves().is_some_and(|leaves| leaves.iter().any(|leaf| leaf.id == id)) {
            return Ok(true);
        }
        after = seal.seal;
    }
    Ok(false)
}
