//! The six digits of a second factor (RFC 6238 over RFC 4226), and the seal under which what they are made from is kept.
//! When digits are asked for, and that they are good once, is decided in `domain::second_factor`.

use std::path::Path;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    constant_time::verify_slices_are_equal,
    hmac,
};
use data_encoding::BASE32_NOPAD;

use super::{KeyError, secret_file::open_or_make};
use crate::{
    clock::Clock,
    domain::{ids::MemberId, second_factor::STEP_SECS},
};

const KEY_FILE: &str = "second-factor-key";
const KEY_BYTES: usize = 32;
/// As long as the hash (RFC 4226 section 4, R6).
const SECRET_BYTES: usize = 20;
const DIGITS: u32 = 6;

/// Makes and seals what digits are made from, and compares digits.
pub struct Digits {
    key: LessSafeKey,
    clock: Clock,
}

impl std::fmt::Debug for Digits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Digits").finish_non_exhaustive()
    }
}

/// What the digits are made from, as an authenticator is told it.
#[derive(Clone)]
pub struct Shared([u8; SECRET_BYTES]);

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}

impl Digits {
    /// Takes the key of that folder, or makes one. Replicas share the folder's content.
    pub fn open_or_make(folder: &Path, clock: &Clock) -> Result<Self, KeyError> {
        let path = folder.join(KEY_FILE);
        let key = open_or_make(&path, || Ok(clock.random_bytes::<KEY_BYTES>().to_vec()))?;
        let format = || KeyError::Format(path.display().to_string(), "a key of 32 bytes");
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| format())?;
        Ok(Self { key: LessSafeKey::new(key), clock: clock.clone() })
    }

    /// Something new for digits to be made from.
    pub fn fresh(&self) -> Shared {
        Shared(self.clock.random_bytes())
    }

    /// Seals it for that member; nothing else opens it, and it opens for nobody else.
    pub fn sealed(&self, shared: &Shared, member: MemberId) -> Option<Vec<u8>> {
        let nonce = self.clock.random_bytes::<NONCE_LEN>();
        let mut text = shared.0.to_vec();
        let under = Nonce::assume_unique_for_key(nonce);
        self.key.seal_in_place_append_tag(under, Aad::from(member.0.as_bytes()), &mut text).ok()?;
        Some([&nonce[..], &text].concat())
    }

    /// Opens what was sealed for that member.
    pub fn opened(&self, sealed: &[u8], member: MemberId) -> Option<Shared> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let shared = self.key.open_in_place(nonce, Aad::from(member.0.as_bytes()), &mut text).ok()?;
        shared.try_into().ok().map(Shared)
    }
}

impl Shared {
    /// The text that is typed into an authenticator where no picture can be taken.
    pub fn text(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The address that an authenticator reads from a picture.
    pub fn url(&self, issuer: &str, account: &str) -> String {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let (issuer, account) = (encoded(issuer), encoded(account));
        format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECS}",
            self.text()
        )
    }

    /// The digits of that half minute.
    pub fn at(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let bytes = tag.as_ref();
        let from = bytes.last().map_or(0, |last| usize::from(last & 0x0f));
        let four = bytes.get(from..from + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
        let number = u32::from_be_bytes(four) & 0x7fff_ffff;
        format!("{:06}", number % 10_u32.pow(DIGITS))
    }

    /// Whether these are the digits of that half minute.
    pub fn is_at(&self, step: i64, digits: &str) -> bool {
        verify_slices_are_equal(self.at(step).as_bytes(), digits.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_digits_are_those_of_rfc_6238() {
        let shared = Shared(*b"12345678901234567890");
        // Appendix B has eight digits; six are their end.
        for (seconds, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(shared.at(seconds / 30), digits, "{seconds}");
            assert!(shared.is_at(seconds / 30, digits) && !shared.is_at(seconds / 30 + 1, digits));
        }
        assert!(!shared.is_at(1, "") && !shared.is_at(1, "28708"));
        assert_eq!(shared.text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn what_was_sealed_opens_for_its_member_alone_and_with_no_other_key() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let digits = Digits::open_or_make(folder.path(), &Clock::system()).unwrap();
        let (one, two) = (MemberId(Uuid::from_u128(1)), MemberId(Uuid::from_u128(2)));
        let shared = digits.fresh();
        let sealed = digits.sealed(&shared, one).unwrap();
        let again = Digits::open_or_make(folder.path(), &Clock::system()).unwrap();
        assert_eq!(again.opened(&sealed, one).unwrap().at(7), shared.at(7));
        assert!(digits.opened(&sealed, two).is_none() && digits.opened(&sealed[1..], one).is_none());
        assert!(Digits::open_or_make(other.path(), &Clock::system()).unwrap().opened(&sealed, one).is_none());
    }

    #[test]
    fn an_authenticator_reads_who_and_where_from_the_address() {
        let url = Shared(*b"12345678901234567890").url("Salama", "n.amrani@example.org");
        assert_eq!(
            url,
            "otpauth://totp/Salama:n.amrani%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Salama&algorithm=SHA1&digits=6&period=30"
        );
    }
}
