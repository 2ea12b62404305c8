//! The file of `salama member import`: values between semicolons or commas under a header. What a line means is decided in
//! `domain/administration`.

use anyhow::{Context as _, bail};
use csv::{ReaderBuilder, StringRecord, Trim};

use crate::domain::administration::MemberLine;

/// The columns there may be, in the order in which the help names them; only the first must be there.
pub const COLUMNS: [&str; 8] = ["login", "name", "role", "site", "locale", "manager", "employee_number", "phone"];

/// The lines of a file. A byte order mark is passed over; the header says what separates the values.
pub fn read(bytes: &[u8]) -> anyhow::Result<Vec<MemberLine>> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
        .context("the file is not UTF-8; save it as CSV UTF-8")?;
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') { b';' } else { b',' };
    let mut reader = ReaderBuilder::new().delimiter(delimiter).trim(Trim::All).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().context("line 1 cannot be read")?.clone();
    known(&header)?;
    let (mut passed, mut number) = (0, 1);
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record?;
        // The reader names the place before blank lines and the second half of CRLF.
        let from = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(passed);
        let blank = text.bytes().skip(from).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        number += text.bytes().skip(passed).take(from + blank - passed).filter(|byte| *byte == b'\n').map(|_| 1).sum::<u64>();
        passed = from + blank;
        lines.push(line(&header, &record, number));
    }
    Ok(lines)
}

fn known(header: &StringRecord) -> anyhow::Result<()> {
    let columns = COLUMNS.join(";");
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(name)) {
        bail!("line 1: {unknown:?} is no column; write {columns}");
    }
    for column in COLUMNS {
        match header.iter().filter(|name| *name == column).count() {
            0 if column == "login" => bail!("line 1: the column login is missing; write {columns}"),
            0 | 1 => {}
            _ => bail!("line 1: the column {column} is there twice"),
        }
    }
    Ok(())
}

fn line(header: &StringRecord, record: &StringRecord, number: u64) -> MemberLine {
    let value = |column: &str| {
        let place = header.iter().position(|name| name == column);
        place.and_then(|place| record.get(place)).unwrap_or_default().to_owned()
    };
    MemberLine {
        line: number,
        misshapen: record.len() != header.len(),
        login: value("login"),
        name: value("name"),
        role: value("role"),
        site: value("site"),
        locale: value("locale"),
        manager: value("manager"),
        employee_number: value("employee_number"),
        phone: value("phone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_commas_and_a_byte_order_mark_are_all_read_alike() {
        let semicolons = "\u{feff}login;name;role\r\n10077; Rkia Amzil ;technician\r\n\r\n10078;\"Lahcen; B.\";\r\n";
        let commas = "login,name,role\n10077,Rkia Amzil,technician\n\n10078,Lahcen; B.,\n";
        let lines = read(semicolons.as_bytes()).unwrap();
        assert_eq!(lines, read(commas.as_bytes()).unwrap());
        assert_eq!((lines[0].line, lines[0].name.as_str(), lines[1].line), (2, "Rkia Amzil", 4));
        assert_eq!((lines[1].name.as_str(), lines[1].role.as_str(), lines[1].misshapen), ("Lahcen; B.", "", false));
    }

    #[test]
    fn a_header_that_is_not_understood_is_named_and_a_short_line_is_marked() {
        let said = |text: &str| format!("{:#}", read(text.as_bytes()).unwrap_err());
        assert!(said("login;nom\n").contains("\"nom\" is no column"));
        assert!(said("name;role\n").contains("login is missing"));
        assert!(said("login;login\n").contains("there twice"));
        assert!(format!("{:#}", read(b"login\n\xff\n").unwrap_err()).contains("UTF-8"));
        assert!(read(b"login;name\n10077\n").unwrap()[0].misshapen);
    }
}
