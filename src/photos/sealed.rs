//! Bytes that wait where nobody may read them: AES-256-GCM under a key made of one that is kept and of their own SHA-256, which
//! is not. Whoever has both knows the bytes already, or was told by somebody who does.

use std::{error::Error, pin::pin};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};

use super::PhotoError;

/// All that arrives, held in memory: at most so many bytes.
pub async fn gather<E>(arriving: impl Stream<Item = Result<Bytes, E>> + Send, most: usize) -> Result<Bytes, PhotoError>
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let (mut arriving, mut all) = (pin!(arriving), BytesMut::new());
    while let Some(piece) = arriving.next().await {
        let piece = piece.map_err(|cause| PhotoError::Interrupted(cause.into()))?;
        if all.len() + piece.len() > most {
            return Err(PhotoError::TooLarge);
        }
        all.extend_from_slice(&piece);
    }
    Ok(all.freeze())
}

/// Seals bytes of that SHA-256.
pub fn seal(key: &[u8; 32], sha256: &[u8; 32], bytes: &[u8]) -> Result<Bytes, PhotoError> {
    let mut sealed = Vec::with_capacity(bytes.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(bytes);
    let failed = |_| PhotoError::Storage("the cipher failed".into());
    whole_key(key, sha256)?.seal_in_place_append_tag(once(), Aad::empty(), &mut sealed).map_err(failed)?;
    Ok(sealed.into())
}

/// Opens them again; where the SHA-256 is that of other bytes, it is no key.
pub fn open(key: &[u8; 32], sha256: &[u8; 32], sealed: Bytes) -> Result<Bytes, PhotoError> {
    let mut bytes = Vec::from(sealed);
    let length =
        whole_key(key, sha256)?.open_in_place(once(), Aad::empty(), &mut bytes).map_err(|_| PhotoError::HashMismatch)?.len();
    bytes.truncate(length);
    Ok(bytes.into())
}

fn whole_key(key: &[u8; 32], sha256: &[u8; 32]) -> Result<LessSafeKey, PhotoError> {
    let whole = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), sha256);
    let key = UnboundKey::new(&AES_256_GCM, whole.as_ref()).map_err(|_| PhotoError::Storage("the cipher failed".into()))?;
    Ok(LessSafeKey::new(key))
}

/// Every key seals the same bytes alone, so that its nonce may always be the same.
fn once() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn sealed_bytes_are_opened_by_both_halves_of_their_key_and_hold_nothing_readable() {
        let bytes = b"the valve stood open ".repeat(500);
        let sha256: [u8; 32] = Sha256::digest(&bytes).into();
        let sealed = seal(&[7; 32], &sha256, &bytes).unwrap();
        assert!(!sealed.windows(9).any(|part| part == b"the valve"));
        assert_eq!(open(&[7; 32], &sha256, sealed.clone()).unwrap(), bytes);
        for (key, sha256) in [([8; 32], sha256), ([7; 32], [9; 32])] {
            assert!(matches!(open(&key, &sha256, sealed.clone()), Err(PhotoError::HashMismatch)));
        }
        assert!(open(&[7; 32], &sha256, sealed.slice(1..)).is_err() && open(&[7; 32], &sha256, Bytes::new()).is_err());
    }
}
