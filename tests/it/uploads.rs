//! Photos in pieces over lines that break: every MUST of tus 1.0.0, and what is promised beyond it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use salama::{domain::audience::Role, operations};
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::{
    life::adds_photo,
    main_road::{PHOTO, crew},
    support::{
        house::House,
        line::Line,
        person::{Answer, Person, hazard, sha256},
        stories,
    },
};

stories!(
    the_server_says_what_it_speaks_and_names_its_version_in_every_answer,
    a_request_in_another_version_is_not_even_read,
    a_photo_that_comes_in_pieces_is_the_same_photo,
    a_method_may_be_named_in_a_header,
    what_an_upload_begins_with_is_read_strictly,
    the_first_bytes_may_come_along,
    first_bytes_that_come_again_go_on_where_it_stands,
    bytes_follow_only_where_it_stands_and_none_beyond_the_end,
    a_piece_that_is_not_what_its_checksum_says_is_thrown_away,
    an_upload_that_is_given_up_is_gone_with_its_bytes,
    an_upload_waits_for_days_and_is_then_swept_away,
    a_photo_sent_again_is_the_same_upload_and_changes_nothing,
    bytes_that_are_not_the_photo_begin_anew,
);

/// A report with a photo that has not come.
pub async fn announced(house: &House, person: &Person, bytes: &[u8]) -> (String, String) {
    let photo = person.new_id();
    let mut draft = hazard(&house.site("AGA").await);
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(bytes), "bytes": bytes.len(), "media_type": "image/jpeg" }]);
    (person.reports_unseen(&draft).await, photo)
}

/// An upload that was begun, and its address.
pub async fn begun(house: &House, person: &Person, bytes: &[u8]) -> (String, String, String) {
    let (report, photo) = announced(house, person, bytes).await;
    let answer = person.begins_upload(&report, &photo, bytes.len()).await;
    (report, photo, located(&answer))
}

#[track_caller]
pub fn located(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{:#}", answer.body);
    answer.header("location")
}

pub const BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

impl Person {
    /// A request to an upload, with what every one of them carries.
    pub fn to_upload(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        self.web.request(method, format!("{}{path}", self.url)).header("tus-resumable", "1.0.0")
    }

    pub async fn asks_where(&self, upload: &str) -> Answer {
        self.send(self.to_upload("HEAD", upload)).await
    }

    #[track_caller]
    pub fn stands(&self, upload: &str) -> impl Future<Output = usize> {
        let (person, upload) = (self.clone(), upload.to_owned());
        async move {
            let answer = person.asks_where(&upload).await;
            assert_eq!(answer.status, 200);
            answer.header("upload-offset").parse().unwrap()
        }
    }

    pub async fn adds(&self, upload: &str, offset: usize, bytes: &[u8]) -> Answer {
        let request = self.to_upload("PATCH", upload).header("upload-offset", offset.to_string());
        self.send(request.header(BYTES.0, BYTES.1).body(bytes.to_vec())).await
    }
}

/// The bytes of the photo as an investigator fetches them.
pub async fn original(house: &House, photo: &str) -> Vec<u8> {
    let name = format!("Salma{}", house.clock.new_id().simple());
    let investigator = house.joins(&name, Role::Investigator, "SRM-SM").await;
    let answer = investigator.get(&format!("/v1/photos/{photo}/original")).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    answer.bytes
}

/// How many files lie in the spool.
pub fn spooled(house: &House) -> usize {
    std::fs::read_dir(house.app.settings.uploads_dir()).unwrap().count()
}

async fn the_server_says_what_it_speaks_and_names_its_version_in_every_answer(house: House) {
    let (technician, ..) = crew(&house).await;
    for version in [None, Some("1.0.0"), Some("0.2.2")] {
        let request = technician.web.request(reqwest::Method::OPTIONS, format!("{}/v1/uploads", technician.url));
        let request = version.into_iter().fold(request, |request, version| request.header("tus-resumable", version));
        let answer = request.send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((answer.status().as_u16(), header("tus-version")), (204, "1.0.0".to_owned()));
        assert_eq!(header("tus-extension"), "creation,creation-with-upload,expiration,checksum,termination");
        assert_eq!(header("tus-max-size"), house.app.settings.photo_max_bytes.to_string());
        assert!(header("tus-checksum-algorithm").split(',').any(|algorithm| algorithm == "sha1"));
    }
    let (_, _, upload) = begun(&house, &technician, PHOTO).await;
    let nobody = Person { token: "nobody".into(), ..technician.clone() };
    let answers = [
        technician.asks_where(&upload).await,
        technician.adds(&upload, 7, b"x").await,
        technician.adds(&upload, 0, b"x").await,
        nobody.asks_where(&upload).await,
        technician.send(technician.to_upload("PUT", &upload)).await,
        technician.asks_where("/v1/uploads/nothing").await,
        technician.send(technician.to_upload("POST", "/v1/uploads")).await,
        technician.send(technician.to_upload("DELETE", &upload)).await,
    ];
    assert_eq!(answers.each_ref().map(|answer| answer.status), [200, 409, 204, 401, 405, 404, 400, 204]);
    assert!(answers.iter().all(|answer| answer.header("tus-resumable") == "1.0.0"));
}

async fn a_request_in_another_version_is_not_even_read(house: House) {
    let (technician, ..) = crew(&house).await;
    let (report, photo, upload) = begun(&house, &technician, PHOTO).await;
    technician.adds(&upload, 0, &PHOTO[..10]).await.expect(204);
    for version in [None, Some("0.2.2"), Some("1.0.1"), Some("")] {
        for method in ["HEAD", "PATCH", "DELETE", "POST"] {
            let path = if method == "POST" { "/v1/uploads" } else { &upload };
            let request = technician.web.request(method.parse().unwrap(), format!("{}{path}", technician.url));
            let request = version.into_iter().fold(request, |request, version| request.header("tus-resumable", version));
            let request = request.header("upload-offset", "10").header(BYTES.0, BYTES.1);
            let request = if method == "HEAD" { request } else { request.body(PHOTO[10..].to_vec()) };
            let answer = technician.send(request).await;
            assert_eq!((answer.status, answer.header("tus-version").as_str()), (412, "1.0.0"), "{version:?} {method}");
            assert_eq!(answer.header("upload-offset"), "");
            if method != "HEAD" {
                answer.refused(412, "tus_version");
            }
        }
    }
    assert_eq!(technician.stands(&upload).await, 10);
    assert_eq!(located(&technician.begins_upload(&report, &photo, PHOTO.len()).await), upload);
}

async fn a_photo_that_comes_in_pieces_is_the_same_photo(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (report, photo, upload) = begun(&house, &technician, PHOTO).await;
    let answer = technician.asks_where(&upload).await;
    assert_eq!(answer.status, 200);
    assert_eq!((answer.header("upload-offset"), answer.header("upload-length")), ("0".into(), PHOTO.len().to_string()));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("upload-expires"), "Sat, 28 Nov 2026 09:00:00 GMT");
    assert!(answer.header("upload-metadata").starts_with("report_id "), "what came is given back");
    let mut at = 0;
    for size in [1, 999, 5000].into_iter().chain(std::iter::repeat(40_000)) {
        let end = (at + size).min(PHOTO.len());
        let answer = technician.adds(&upload, at, &PHOTO[at..end]).await;
        assert_eq!((answer.status, answer.header("upload-offset")), (204, end.to_string()));
        assert!(answer.header("upload-expires").ends_with("GMT"));
        at = end;
        if at == PHOTO.len() {
            break;
        }
        assert_eq!(technician.stands(&upload).await, at);
        assert_eq!(officer.report(&report).await["photos"][0]["state"], "expected", "half a photo is none");
        house.clock.advance(1000).unwrap();
    }
    assert_eq!(technician.stands(&upload).await, PHOTO.len(), "it is known still, as the last answer may be lost");
    assert_eq!(spooled(&house), 0);
    house.tick().await;
    assert_eq!(officer.report(&report).await["photos"][0]["state"], "ready");
    assert!(original(&house, &photo).await == PHOTO);
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    assert_eq!(history.matches("\"received\"").count(), 1);
    technician.adds(&upload, PHOTO.len(), b"").await.expect(204);
    let late = technician.adds(&upload, PHOTO.len() - 1, &PHOTO[PHOTO.len() - 1..]).await;
    assert_eq!((late.header("upload-offset"), late.status), (PHOTO.len().to_string(), 409));
}

async fn a_method_may_be_named_in_a_header(house: House) {
    let (technician, ..) = crew(&house).await;
    let (_, _, upload) = begun(&house, &technician, PHOTO).await;
    let named = |method: &str, named: &str| technician.to_upload(method, &upload).header("x-http-method-override", named);
    let patch = named("POST", "PATCH").header("upload-offset", "0").header(BYTES.0, BYTES.1).body(PHOTO[..50].to_vec());
    assert_eq!(technician.send(patch).await.header("upload-offset"), "50");
    let head = technician.send(named("GET", "HEAD")).await;
    assert_eq!((head.status, head.header("upload-offset").as_str()), (200, "50"));
    assert_eq!(technician.send(named("POST", "no method")).await.status, 405);
    assert_eq!(technician.send(named("HEAD", "DELETE")).await.status, 204);
    assert_eq!(technician.asks_where(&upload).await.status, 404);
    let elsewhere = technician.web.get(format!("{}/v1/me", technician.url)).header("x-http-method-override", "DELETE");
    assert_eq!(technician.send(elsewhere).await.status, 200, "nowhere else");
}

async fn what_an_upload_begins_with_is_read_strictly(house: House) {
    let (technician, ..) = crew(&house).await;
    let stranger = house.joins("Nadia", Role::Technician, "TAR").await;
    let (report, photo) = announced(&house, &technician, PHOTO).await;
    let ids = format!("report_id {},photo_id {}", STANDARD.encode(&report), STANDARD.encode(&photo));
    let length = PHOTO.len().to_string();
    let begin = |person: &Person, length: &str, metadata: &str| {
        let request = person.to_upload("POST", "/v1/uploads").header("upload-length", length.to_owned());
        let (person, request) = (person.clone(), request.header("upload-metadata", metadata.to_owned()));
        async move { person.send(request).await }
    };
    for wrong in ["", "-1", "1e3", "9223372036854775808000"] {
        begin(&technician, wrong, &ids).await.refused(400, "bad_upload_header");
    }
    let twice = format!("{ids},photo_id {}", STANDARD.encode(&photo));
    let path = format!("report_id {},photo_id {}", STANDARD.encode("../../x"), STANDARD.encode(&photo));
    for wrong in
        ["", "report_id", "photo_id QQ==", &twice, &path, &format!("{ids},x %%"), &format!("{ids},x {}", "QUFB".repeat(2000))]
    {
        begin(&technician, &length, wrong).await.refused(400, "bad_upload_header");
    }
    let deferred = technician.to_upload("POST", "/v1/uploads").header("upload-defer-length", "1").header("upload-metadata", &ids);
    technician.send(deferred).await.refused(400, "bad_upload_header");
    let too_large = (house.app.settings.photo_max_bytes + 1).to_string();
    begin(&technician, &too_large, &ids).await.refused(413, "too_large");
    begin(&technician, "9223372036854775807", &ids).await.refused(413, "too_large");
    begin(&technician, "12", &ids).await.refused(409, "photo_mismatch");
    begin(&technician, &length, &format!("{ids},filetype {}", STANDARD.encode("text/html"))).await.refused(415, "photo_format");
    begin(&stranger, &length, &ids).await.refused(404, "report_not_here");
    let nowhere = format!("report_id {},photo_id {}", STANDARD.encode(technician.new_id()), STANDARD.encode(&photo));
    begin(&technician, &length, &nowhere).await.refused(404, "report_not_here");
    let other = format!("report_id {},photo_id {}", STANDARD.encode(&report), STANDARD.encode(technician.new_id()));
    begin(&technician, &length, &other).await.refused(409, "photo_not_announced");
    let described = format!("{other},sha256 {}", STANDARD.encode(sha256(PHOTO)));
    let upload = located(&begin(&technician, &length, &described).await);
    technician.adds(&upload, 0, PHOTO).await.expect(204);
    let photos = technician.report(&report).await["photos"].clone();
    assert_eq!((&photos[0]["state"], &photos[1]["state"]), (&json!("expected"), &json!("received")), "evidence taken later");
}

async fn the_first_bytes_may_come_along(house: House) {
    let (technician, ..) = crew(&house).await;
    let (report, photo) = announced(&house, &technician, PHOTO).await;
    let metadata = format!("report_id {},photo_id {}", STANDARD.encode(&report), STANDARD.encode(&photo));
    let begin = |kind: &str, bytes: &[u8]| {
        let request = technician.to_upload("POST", "/v1/uploads").header("upload-length", PHOTO.len().to_string());
        let request = request.header("upload-metadata", &metadata).header("content-type", kind.to_owned()).body(bytes.to_vec());
        technician.send(request)
    };
    begin("image/jpeg", &PHOTO[..9]).await.refused(415, "upload_media_type");
    begin(BYTES.1, &[PHOTO, b"x"].concat()).await.refused(413, "upload_too_long");
    let answer = begin(BYTES.1, &PHOTO[..900]).await;
    let upload = located(&answer);
    assert_eq!(answer.header("upload-offset"), "900");
    technician.adds(&upload, 900, &PHOTO[900..]).await.expect(204);
    assert!(original(&house, &photo).await == PHOTO);
    let (report, photo) = announced(&house, &technician, PHOTO).await;
    let metadata = format!("report_id {},photo_id {}", STANDARD.encode(&report), STANDARD.encode(&photo));
    let request = technician.to_upload("POST", "/v1/uploads").header("upload-length", PHOTO.len().to_string());
    let whole = technician.send(request.header("upload-metadata", &metadata).header(BYTES.0, BYTES.1).body(PHOTO)).await;
    assert_eq!((whole.status, whole.header("upload-offset")), (201, PHOTO.len().to_string()));
    assert_eq!(technician.report(&report).await["photos"][0]["state"], "received");
}

async fn first_bytes_that_come_again_go_on_where_it_stands(house: House) {
    let (technician, ..) = crew(&house).await;
    let (report, photo) = announced(&house, &technician, PHOTO).await;
    let metadata = format!("report_id {},photo_id {}", STANDARD.encode(&report), STANDARD.encode(&photo));
    let begin = |bytes: &[u8], of: Option<&[u8]>| {
        let request = technician.to_upload("POST", "/v1/uploads").header("upload-length", PHOTO.len().to_string());
        let request = request.header("upload-metadata", &metadata).header(BYTES.0, BYTES.1).body(bytes.to_vec());
        let sum = of.map(|of| format!("sha256 {}", STANDARD.encode(sha2::Sha256::digest(of))));
        technician.send(sum.into_iter().fold(request, |request, sum| request.header("upload-checksum", sum)))
    };
    let upload = located(&begin(&PHOTO[..900], None).await);
    for (sent, sum, stands) in [(1800, None, "1800"), (700, None, "1800"), (2500, Some(&PHOTO[..2500]), "2500")] {
        let again = begin(&PHOTO[..sent], sum).await;
        assert_eq!((located(&again), again.header("upload-offset")), (upload.clone(), stands.into()), "{sent}");
    }
    begin(&PHOTO[..3000], Some(&PHOTO[2500..3000])).await.refused(460, "upload_checksum");
    begin(&[PHOTO, b"x"].concat(), None).await.refused(413, "upload_too_long");
    assert_eq!(technician.stands(&upload).await, 2500, "a checksum is of all bytes, and nothing goes beyond the end");

    let mut other = PHOTO.to_vec();
    other[17] ^= 1;
    let again = begin(&other[..4000], None).await;
    assert_eq!(again.header("upload-offset"), "4000", "what is passed over is not looked at");
    let whole = begin(PHOTO, None).await;
    assert_eq!((located(&whole), whole.header("upload-offset")), (upload.clone(), PHOTO.len().to_string()));
    assert!(original(&house, &photo).await == PHOTO);
    let known = begin(PHOTO, None).await;
    assert_eq!((located(&known), known.header("upload-offset")), (upload, PHOTO.len().to_string()));

    let (report, photo, upload) = begun(&house, &technician, PHOTO).await;
    technician.adds(&upload, 0, &other[..900]).await.expect(204);
    let metadata = format!("report_id {},photo_id {}", STANDARD.encode(&report), STANDARD.encode(&photo));
    let request = technician.to_upload("POST", "/v1/uploads").header("upload-length", PHOTO.len().to_string());
    let whole = request.header("upload-metadata", metadata).header(BYTES.0, BYTES.1).body(PHOTO);
    technician.send(whole).await.refused(422, "upload_not_the_photo");
    assert_eq!(technician.stands(&upload).await, 0, "and what was kept and was wrong is found in the end");
}

async fn bytes_follow_only_where_it_stands_and_none_beyond_the_end(house: House) {
    let (technician, ..) = crew(&house).await;
    let (report, _, upload) = begun(&house, &technician, PHOTO).await;
    technician.adds(&upload, 0, &PHOTO[..100]).await.expect(204);
    for wrong in [0, 99, 101, PHOTO.len(), usize::MAX] {
        let answer = technician.adds(&upload, wrong, b"xyz").await;
        assert_eq!(answer.header("upload-offset"), "100", "the answer says where it stands");
        answer.refused(409, "upload_offset");
    }
    let patch = |offset: &str, kind: &str| {
        technician.send(
            technician
                .to_upload("PATCH", &upload)
                .header("upload-offset", offset.to_owned())
                .header("content-type", kind.to_owned())
                .body("xyz"),
        )
    };
    for wrong in ["-1", "+100", "1e2", "18446744073709551616", ""] {
        patch(wrong, BYTES.1).await.refused(400, "bad_upload_header");
    }
    let without = technician.to_upload("PATCH", &upload).header(BYTES.0, BYTES.1).body("xyz");
    technician.send(without).await.refused(400, "bad_upload_header");
    for wrong in ["application/octet-stream", "image/jpeg", "application/offset+octet-stream2"] {
        patch("100", wrong).await.refused(415, "upload_media_type");
    }
    technician.adds("/v1/uploads/00000000-0000-7000-8000-000000000000", 0, b"x").await.refused(404, "not_found");
    technician.adds(&upload, 100, &[&PHOTO[100..], b"x"].concat()).await.refused(413, "upload_too_long");
    assert_eq!(technician.stands(&upload).await, 100, "nothing of all that changed anything");

    let headers = [("Tus-Resumable", "1.0.0"), ("Upload-Offset", "100"), BYTES, ("Transfer-Encoding", "chunked")];
    let mut line = Line::open(&technician, "PATCH", &upload, &headers).await;
    for _ in 0..40 {
        line.sends_chunk(&vec![7; 64 << 10]).await;
    }
    line.sends_chunk(b"").await;
    assert!(line.hears().await.starts_with("http/1.1 413"), "a length that is not told is counted");
    assert_eq!(technician.stands(&upload).await, 100);
    technician.adds(&upload, 100, &PHOTO[100..]).await.expect(204);
    assert_eq!(technician.report(&report).await["photos"][0]["state"], "received");
}

async fn a_piece_that_is_not_what_its_checksum_says_is_thrown_away(house: House) {
    let (technician, ..) = crew(&house).await;
    let (_, photo, upload) = begun(&house, &technician, PHOTO).await;
    let sha1 = |bytes: &[u8]| {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
        format!("sha1 {}", STANDARD.encode(hash))
    };
    let patch = |offset: usize, bytes: &[u8], checksum: String| {
        let request = technician.to_upload("PATCH", &upload).header("upload-offset", offset.to_string()).header(BYTES.0, BYTES.1);
        technician.send(request.header("upload-checksum", checksum).body(bytes.to_vec()))
    };
    assert_eq!(patch(0, &PHOTO[..1000], sha1(&PHOTO[..1000])).await.header("upload-offset"), "1000");
    let damaged = patch(1000, &PHOTO[1001..2001], sha1(&PHOTO[1000..2000])).await;
    damaged.refused(460, "upload_checksum");
    assert_eq!(technician.stands(&upload).await, 1000);
    for unknown in ["md5 CY9rzUYh03PK3k6DJie09g==", "sha1", "sha1 xyz", "sha1 QUFB"] {
        patch(1000, b"x", unknown.to_owned()).await.refused(400, "bad_upload_header");
    }
    let rest = &PHOTO[1000..];
    let sha256 = format!("sha256 {}", STANDARD.encode(sha2::Sha256::digest(rest)));
    patch(1000, &[&rest[..rest.len() - 1], b"x"].concat(), sha256.clone()).await.refused(460, "upload_checksum");
    patch(1000, rest, sha256).await.expect(204);
    assert!(original(&house, &photo).await == PHOTO);
}

async fn an_upload_that_is_given_up_is_gone_with_its_bytes(house: House) {
    let (technician, ..) = crew(&house).await;
    let (report, photo, upload) = begun(&house, &technician, PHOTO).await;
    technician.adds(&upload, 0, &PHOTO[..100]).await.expect(204);
    assert_eq!(spooled(&house), 1);
    technician.send(technician.to_upload("DELETE", &upload)).await.expect(204);
    assert_eq!(spooled(&house), 0);
    for answer in [technician.asks_where(&upload).await, technician.adds(&upload, 100, b"x").await] {
        assert_eq!((answer.status, answer.header("upload-offset").as_str()), (404, ""));
    }
    let again = located(&technician.begins_upload(&report, &photo, PHOTO.len()).await);
    assert_ne!(again, upload);
    technician.adds(&again, 0, PHOTO).await.expect(204);
    technician.send(technician.to_upload("DELETE", &again)).await.expect(204);
    assert!(original(&house, &photo).await == PHOTO, "a photo that is on record stays");
}

async fn an_upload_waits_for_days_and_is_then_swept_away(house: House) {
    const DAY: i64 = 86_400_000;
    let (technician, ..) = crew(&house).await;
    let (report, photo, upload) = begun(&house, &technician, PHOTO).await;
    technician.adds(&upload, 0, &PHOTO[..100]).await.expect(204);
    house.clock.advance(3 * DAY).unwrap();
    let technician = house.again(&technician).await;
    operations::sweep_uploads(&house.app).await.unwrap();
    technician.adds(&upload, 100, &PHOTO[100..200]).await.expect(204);
    house.clock.advance(4 * DAY).unwrap();
    let technician = house.again(&technician).await;
    assert_eq!(technician.asks_where(&upload).await.status, 410);
    technician.adds(&upload, 200, b"x").await.refused(410, "upload_expired");
    let anew = located(&technician.begins_upload(&report, &photo, PHOTO.len()).await);
    assert_eq!((anew == upload, technician.stands(&anew).await), (false, 0));
    technician.adds(&anew, 0, &PHOTO[..10]).await.expect(204);
    operations::sweep_uploads(&house.app).await.unwrap();
    assert_eq!(spooled(&house), 1, "the bytes of the one that is over are gone");
    assert_eq!(technician.asks_where(&upload).await.status, 404);
    technician.adds(&anew, 10, &PHOTO[10..]).await.expect(204);
    house.clock.advance(DAY).unwrap();
    operations::sweep_uploads(&house.app).await.unwrap();
    let technician = house.again(&technician).await;
    assert_eq!(technician.asks_where(&anew).await.status, 404, "what is whole is remembered for a day");
    std::fs::write(house.app.settings.uploads_dir().join(format!("{}.part", house.clock.new_id().simple())), b"lost").unwrap();
    operations::sweep_uploads(&house.app).await.unwrap();
    assert_eq!(spooled(&house), 0, "nor does a crash leave anything");
}

async fn a_photo_sent_again_is_the_same_upload_and_changes_nothing(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (report, photo) = announced(&house, &technician, PHOTO).await;
    let begins = (0..8).map(|_| technician.begins_upload(&report, &photo, PHOTO.len()));
    let mut uploads: Vec<String> = futures_util::future::join_all(begins).await.iter().map(located).collect();
    uploads.dedup();
    assert_eq!(uploads.len(), 1, "many at once are one");
    let theirs = located(&officer.begins_upload(&report, &photo, PHOTO.len()).await);
    assert_ne!(theirs, uploads[0], "somebody else's way is another");
    assert_eq!(officer.asks_where(&uploads[0]).await.status, 404);
    technician.adds(&uploads[0], 0, PHOTO).await.expect(204);
    let version = officer.report(&report).await["photos"].clone();
    let again = technician.begins_upload(&report, &photo, PHOTO.len()).await;
    assert_eq!((located(&again), again.header("upload-offset")), (uploads[0].clone(), PHOTO.len().to_string()));
    officer.adds(&theirs, 0, PHOTO).await.expect(204);
    adds_photo(&technician, &report, &technician.new_id()).await.expect(201);
    let manager = house.joins("Said", Role::Manager, "SRM-SM").await;
    let known = manager.begins_upload(&report, &photo, PHOTO.len()).await;
    assert_eq!(known.header("upload-offset"), PHOTO.len().to_string(), "what is here need not be sent at all");
    assert_eq!(officer.report(&report).await["photos"][0], version[0]);
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    assert_eq!(history.matches("\"received\"").count(), 2, "one for each photo");
}

async fn bytes_that_are_not_the_photo_begin_anew(house: House) {
    let (technician, ..) = crew(&house).await;
    let (report, photo, upload) = begun(&house, &technician, PHOTO).await;
    let mut wrong = PHOTO.to_vec();
    wrong[PHOTO.len() / 2] ^= 1;
    technician.adds(&upload, 0, &wrong[..700]).await.expect(204);
    technician.adds(&upload, 700, &wrong[700..]).await.refused(422, "upload_not_the_photo");
    assert_eq!((technician.stands(&upload).await, spooled(&house)), (0, 0));
    assert_eq!(technician.report(&report).await["photos"][0]["state"], "expected");
    technician.adds(&upload, 0, PHOTO).await.expect(204);
    assert!(original(&house, &photo).await == PHOTO);
    let text = b"no photo at all, but the very bytes that were announced, and long enough to be looked at";
    let (_, _, upload) = begun(&house, &technician, text).await;
    technician.adds(&upload, 0, text).await.refused(415, "photo_format");
    assert_eq!((technician.asks_where(&upload).await.status, spooled(&house)), (404, 0), "it would never be one");
    let _: Value = technician.report(&report).await;
}
