//! The seals of mails and the tokens of the links in them: a notice's id under a seal, made anew whenever it is needed and kept
//! nowhere; and, in the same way, the tokens of links to pictures, and the marks of photos that wait. What a link may do is decided in `domain`.

use std::path::Path;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::{KeyError, TokenRefused, secret_file::open_or_make};
use crate::{
    clock::Clock,
    domain::{
        held::Marks,
        ids::{MemberId, NoticeId, PhotoId, ReportId, SessionId},
        photo::PhotoVariant,
        time::Instant,
    },
};

const KEY_FILE: &str = "link-key";
const KEY_BYTES: usize = 32;
/// Keep the seals of links and of mails apart.
const LINK: &[u8] = b"salama mail link v1";
const MAIL: &[u8] = b"salama mail v1";
const CARRIED: &[u8] = b"salama carried v1";
const PICTURE: &[u8] = b"salama picture v1";
const HELD_IDS: &[u8] = b"salama held ids v1";
const HELD_BYTES: &[u8] = b"salama held bytes v1";
const SEAL_BYTES: usize = 16;
/// Thirty-two bytes in base64url.
const TOKEN_CHARS: usize = 43;
/// A session, a photo, which variant, and until when.
const PICTURE_BYTES: usize = 16 + 16 + 1 + 8;

/// What the link to a picture opens, for whom and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureLink {
    /// The session it was made in: it ends with it, and opens no more than its member may see by then.
    pub session: SessionId,
    /// The photo.
    pub photo: PhotoId,
    /// What of it.
    pub variant: PhotoVariant,
    /// Until when.
    pub until: Instant,
}

impl PictureLink {
    fn bytes(&self) -> Vec<u8> {
        let variant = match self.variant {
            PhotoVariant::Original => 0,
            PhotoVariant::Display => 1,
            PhotoVariant::Thumb => 2,
        };
        [&self.session.0.as_bytes()[..], self.photo.0.as_bytes(), &[variant], &self.until.ms().to_be_bytes()].concat()
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let (session, rest) = bytes.split_at_checked(16)?;
        let (photo, rest) = rest.split_at_checked(16)?;
        let (variant, until) = rest.split_first()?;
        let variant = match variant {
            0 => PhotoVariant::Original,
            1 => PhotoVariant::Display,
            2 => PhotoVariant::Thumb,
            _ => return None,
        };
        let (session, photo) = (Uuid::from_slice(session).ok()?, Uuid::from_slice(photo).ok()?);
        let until = Instant::from_ms(i64::from_be_bytes(until.try_into().ok()?));
        Some(Self { session: SessionId(session), photo: PhotoId(photo), variant, until })
    }
}

/// Makes and reads the tokens of links, and the marks of what waits.
pub struct Links(hmac::Key);

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links").finish_non_exhaustive()
    }
}

impl Links {
    /// Takes the key of that folder, or makes one. Replicas share the folder's content; a new key ends every link.
    pub fn open_or_make(folder: &Path, clock: &Clock) -> Result<Self, KeyError> {
        let path = folder.join(KEY_FILE);
        let key = open_or_make(&path, || Ok(clock.random_bytes::<KEY_BYTES>().to_vec()))?;
        if key.len() != KEY_BYTES {
            return Err(KeyError::Format(path.display().to_string(), "a key of 32 bytes"));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The token of the link to a notice: 43 characters of base64url. The same notice always has the same.
    pub fn token(&self, notice: NoticeId) -> String {
        URL_SAFE_NO_PAD.encode([notice.0.as_bytes().as_slice(), &self.seal(LINK, notice.0.as_bytes())].concat())
    }

    /// The seal in the Message-ID of a notice's mail: who brings it back has had the mail. Not that of its link.
    pub fn mail_seal(&self, notice: NoticeId) -> String {
        hex::encode(self.seal(MAIL, notice.0.as_bytes()))
    }

    /// Whether that is the seal of a notice's mail.
    pub fn is_mail_seal(&self, notice: NoticeId, seal: &str) -> bool {
        hex::decode(seal).is_ok_and(|seal| verify_slices_are_equal(&self.seal(MAIL, notice.0.as_bytes()), &seal).is_ok())
    }

    /// A text under a seal, for a stranger to carry and bring back: base64url.
    pub fn closed(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode([text.as_bytes(), &self.seal(CARRIED, text.as_bytes())].concat())
    }

    /// The text that we put under a seal.
    pub fn opened(&self, closed: &str) -> Result<String, TokenRefused> {
        let bytes = URL_SAFE_NO_PAD.decode(closed).map_err(|_| TokenRefused)?;
        let (text, seal) = bytes.len().checked_sub(SEAL_BYTES).and_then(|at| bytes.split_at_checked(at)).ok_or(TokenRefused)?;
        verify_slices_are_equal(&self.seal(CARRIED, text), seal).map_err(|_| TokenRefused)?;
        String::from_utf8(text.to_vec()).map_err(|_| TokenRefused)
    }

    /// The notice a token is of, if we made it. Whether there still is such a notice is another question.
    pub fn read(&self, token: &str) -> Result<NoticeId, TokenRefused> {
        if token.len() != TOKEN_CHARS {
            return Err(TokenRefused);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| TokenRefused)?;
        let (id, seal) = bytes.split_at_checked(bytes.len() - SEAL_BYTES).ok_or(TokenRefused)?;
        let id = Uuid::from_slice(id).map_err(|_| TokenRefused)?;
        verify_slices_are_equal(&self.seal(LINK, id.as_bytes()), seal).map_err(|_| TokenRefused)?;
        Ok(NoticeId(id))
    }

    /// The token of a link to a picture, in base64url.
    pub fn picture_token(&self, link: &PictureLink) -> String {
        let bytes = link.bytes();
        let seal = self.seal(PICTURE, &bytes);
        URL_SAFE_NO_PAD.encode([bytes, seal].concat())
    }

    /// What the token of a link to a picture opens, if we made it. Whether its time is over is another question.
    pub fn read_picture(&self, token: &str) -> Result<PictureLink, TokenRefused> {
        let bytes =
            Some(token).filter(|token| token.len() <= 2 * PICTURE_BYTES).and_then(|token| URL_SAFE_NO_PAD.decode(token).ok());
        let bytes = bytes.ok_or(TokenRefused)?;
        let (link, seal) = bytes.split_at_checked(PICTURE_BYTES).ok_or(TokenRefused)?;
        verify_slices_are_equal(&self.seal(PICTURE, link), seal).map_err(|_| TokenRefused)?;
        PictureLink::of(link).ok_or(TokenRefused)
    }

    /// The marks of a photo that came before its report, by which it is known when its sender sends it again.
    pub fn held_marks(&self, member: MemberId, report: ReportId, photo: PhotoId, sha256: &[u8; 32]) -> Marks {
        let ids = [member.0.into_bytes(), report.0.into_bytes(), photo.0.into_bytes()].concat();
        let bytes = self.sign(HELD_BYTES, &[&ids[..], sha256].concat());
        Marks {
            ids: Uuid::from_slice(&self.seal(HELD_IDS, &ids)).unwrap_or_default(),
            bytes: bytes.as_ref().try_into().unwrap_or_default(),
        }
    }

    fn seal(&self, label: &[u8], what: &[u8]) -> Vec<u8> {
        self.sign(label, what).as_ref().iter().copied().take(SEAL_BYTES).collect()
    }

    fn sign(&self, label: &[u8], what: &[u8]) -> hmac::Tag {
        let mut signed = hmac::Context::with_key(&self.0);
        signed.update(label);
        signed.update(what);
        signed.sign()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn links() -> (tempfile::TempDir, Links) {
        let folder = tempfile::tempdir().unwrap();
        let links = Links::open_or_make(folder.path(), &Clock::system()).unwrap();
        (folder, links)
    }

    fn notice() -> NoticeId {
        NoticeId(Uuid::from_u128(0x0193_a5e0_0000_7000_8000_0000_0000_002a))
    }

    #[test]
    fn a_token_is_one_short_word_that_reads_back_after_a_restart_and_with_no_other_key() {
        let (folder, links) = links();
        let token = links.token(notice());
        assert_eq!(token.len(), TOKEN_CHARS);
        assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'), "{token}");
        let again = Links::open_or_make(folder.path(), &Clock::system()).unwrap();
        assert_eq!((again.token(notice()), again.read(&token)), (token.clone(), Ok(notice())));
        let (_other_folder, other) = self::links();
        assert_eq!(other.read(&token), Err(TokenRefused));
    }

    #[test]
    fn a_token_that_differs_in_any_bit_or_length_is_refused() {
        let (_folder, links) = links();
        let token = links.token(notice());
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(links.read(&URL_SAFE_NO_PAD.encode(forged)), Err(TokenRefused), "bit {bit}");
        }
        for length in 0..token.len() {
            assert_eq!(links.read(&token[..length]), Err(TokenRefused));
        }
        let longer = format!("{token}A");
        let padded = format!("{}=", &token[..42]);
        for text in [&longer, &padded, "..", "é", &"x".repeat(1_000_000), &"é".repeat(21)] {
            assert_eq!(links.read(text), Err(TokenRefused));
        }
    }

    #[test]
    fn the_seal_of_a_mail_is_neither_that_of_its_link_nor_of_another_mail() {
        let (_folder, links) = links();
        let seal = links.mail_seal(notice());
        assert!(links.is_mail_seal(notice(), &seal) && links.is_mail_seal(notice(), &seal.to_uppercase()));
        let link = URL_SAFE_NO_PAD.decode(links.token(notice())).unwrap();
        let of_link = hex::encode(&link[16..]);
        let (_other_folder, other) = self::links();
        for forged in [of_link.as_str(), "", "zz", &seal[..30], &other.mail_seal(notice()), &format!("{seal}00")] {
            assert!(!links.is_mail_seal(notice(), forged), "{forged}");
        }
        assert!(!links.is_mail_seal(NoticeId(Uuid::from_u128(7)), &seal));
    }

    #[test]
    fn a_picture_is_opened_by_its_own_token_alone_until_its_time_and_for_its_session() {
        let (_folder, links) = links();
        let link = |variant| PictureLink {
            session: SessionId(Uuid::from_u128(1)),
            photo: PhotoId(Uuid::from_u128(2)),
            variant,
            until: Instant::from_ms(1_795_000_000_000),
        };
        for variant in PhotoVariant::ALL {
            let token = links.picture_token(&link(*variant));
            assert_eq!(links.read_picture(&token), Ok(link(*variant)));
            let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            for bit in 0..bytes.len() * 8 {
                let mut forged = bytes.clone();
                forged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(links.read_picture(&URL_SAFE_NO_PAD.encode(forged)), Err(TokenRefused), "bit {bit}");
            }
            for forged in [&token[..token.len() - 4], &format!("{token}AAAA"), &links.token(notice()), "", &"A".repeat(1_000_000)]
            {
                assert_eq!(links.read_picture(forged), Err(TokenRefused));
            }
            let (_other_folder, other) = self::links();
            assert_eq!(other.read_picture(&token), Err(TokenRefused));
        }
    }

    #[test]
    fn a_key_of_another_length_or_that_others_can_read_is_refused() {
        let (folder, _) = links();
        let path = folder.path().join(KEY_FILE);
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        mode(0o640);
        assert!(matches!(Links::open_or_make(folder.path(), &Clock::system()), Err(KeyError::Open(_))));
        mode(0o600);
        fs::write(&path, [0; 31]).unwrap();
        assert!(matches!(Links::open_or_make(folder.path(), &Clock::system()), Err(KeyError::Format(..))));
    }
}
