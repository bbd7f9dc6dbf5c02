//! A posted body: its bytes within their limit, its JSON as samples.
//!
//! **Owns:** the shape of the JSON and what is wrong with it, sample by sample.
//! **Does not own:** the rules of a row (the desk). A number is taken as its text, never as a float.

use super::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt as _;
use hive_core::Quantity;
use hive_core::import::ROWS_MAX;
use hive_desk::PostedSample;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// A body must be here after this long: 10 MiB over a slow line.
const BODY_WITHIN: Duration = Duration::from_secs(120);
/// Digits a number with an exponent may be written with: more would not be kept exactly.
const SCIENTIFIC_DIGITS_MAX: usize = 28;

const UNEXPECTED: &str = "the fields are account, product, quantity, unit, measured_at, quota, quota_unit, \
    account_id, product_id and class";

/// Refuses what is not JSON, by its headers.
pub(super) fn check_kind(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    let encoding = text(header::CONTENT_ENCODING);
    let words = if !kind.eq_ignore_ascii_case("application/json") {
        "Send the samples as JSON, with Content-Type: application/json.".to_owned()
    } else if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        format!("A body that is encoded ({encoding}) is not taken; send it plain.")
    } else {
        return Ok(());
    };
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request.kind", words))
}

/// The whole body, within its limit and in time.
pub(super) async fn bytes(headers: &HeaderMap, body: Body, max: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        let words = format!("A request may have at most {max} bytes and {ROWS_MAX} samples. Split it.");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", words)
    };
    let said = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > max) {
        return Err(too_large());
    }
    let reading = async {
        let (mut chunks, mut bytes) = (body.into_data_stream(), Vec::new());
        while let Some(chunk) = chunks.next().await {
            let broke = |_| Problem::new(StatusCode::BAD_REQUEST, "request.cut_off", "The body was cut off.");
            let chunk = chunk.map_err(broke)?;
            if bytes.len() + chunk.len() > max {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    tokio::time::timeout(BODY_WITHIN, reading).await.unwrap_or_else(|_| {
        let words = format!("The body did not arrive within {} seconds.", BODY_WITHIN.as_secs());
        Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "request.too_slow", words))
    })
}

/// What was posted.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) samples: Vec<PostedSample>,
    pub(super) source: Option<String>,
    pub(super) complete: bool,
    /// They stand in a list.
    pub(super) batch: bool,
}

/// Reads it; what cannot be read at all is a problem, what is wrong with a sample stays with the sample.
pub(super) fn read(bytes: &[u8]) -> Result<Asked, Problem> {
    let asked = serde_json::from_slice::<Asked>(bytes).map_err(|error| {
        if error.is_data() {
            let words = format!("{error}. Send one sample, or {{\"source\": …, \"complete\": …, \"samples\": […]}}.");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "request.shape", words)
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "request.no_json", format!("The body is no JSON: {error}."))
        }
    })?;
    if asked.samples.len() > ROWS_MAX {
        let words = format!("A request may have at most {ROWS_MAX} samples. Split it.");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", words));
    }
    Ok(asked)
}

impl<'de> Deserialize<'de> for Asked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Asked, D::Error> {
        deserializer.deserialize_map(TopLevel)
    }
}

struct TopLevel;

impl<'de> Visitor<'de> for TopLevel {
    type Value = Asked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Asked, M::Error> {
        let (mut asked, mut one, mut complete) = (Asked::default(), Sample::default(), None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "samples" if asked.batch => return Err(M::Error::custom("samples stands twice")),
                "samples" => {
                    asked.samples = map.next_value_seed(Samples)?;
                    asked.batch = true;
                }
                "source" if asked.source.is_some() => return Err(M::Error::custom("source stands twice")),
                "source" => asked.source = map.next_value()?,
                "complete" if complete.is_some() => return Err(M::Error::custom("complete stands twice")),
                "complete" => complete = Some(map.next_value::<bool>()?),
                _ => one.take(&name, &mut map)?,
            }
        }
        asked.complete = complete.unwrap_or_default();
        match (asked.batch, one.is_empty()) {
            (true, true) => {}
            (true, false) => return Err(M::Error::custom("a batch has source, complete and samples, nothing else")),
            (false, _) if complete.is_some() => {
                return Err(M::Error::custom("complete belongs to a batch; one sample is not everyone"));
            }
            (false, _) => asked.samples = vec![one.sample],
        }
        Ok(asked)
    }
}

/// The list of samples; one more than may be, so that too many can be told.
struct Samples;

impl<'de> DeserializeSeed<'de> for Samples {
    type Value = Vec<PostedSample>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<PostedSample>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Samples {
    type Value = Vec<PostedSample>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of samples")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Vec<PostedSample>, S::Error> {
        let mut samples = Vec::new();
        while samples.len() <= ROWS_MAX {
            match seq.next_element::<Sample>()? {
                Some(one) => samples.push(one.sample),
                None => return Ok(samples),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(samples)
    }
}

#[derive(Default)]
struct Sample {
    sample: PostedSample,
    seen: Vec<String>,
}

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sample, D::Error> {
        deserializer.deserialize_map(OneSample)
    }
}

struct OneSample;

impl<'de> Visitor<'de> for OneSample {
    type Value = Sample;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sample (an object)")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Sample, M::Error> {
        let mut one = Sample::default();
        while let Some(name) = map.next_key::<String>()? {
            one.take(&name, &mut map)?;
        }
        Ok(one)
    }
}

impl Sample {
    fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Takes one field. What is wrong with it is kept beside the sample.
    fn take<'de, M: MapAccess<'de>>(&mut self, name: &str, map: &mut M) -> Result<(), M::Error> {
        if column(&mut self.sample, name).is_none() {
            map.next_value::<IgnoredAny>()?;
            self.wrong(name, UNEXPECTED.to_owned());
        } else if self.seen.iter().any(|seen| seen == name) {
            map.next_value::<IgnoredAny>()?;
            self.wrong(name, "this field stands twice in one sample".to_owned());
        } else {
            match text(name, map.next_value::<Value>()?) {
                Ok(text) => {
                    if let Some(field) = column(&mut self.sample, name) {
                        *field = text;
                    }
                }
                Err(why) => self.wrong(name, why.to_owned()),
            }
        }
        self.seen.push(name.to_owned());
        Ok(())
    }

    fn wrong(&mut self, name: &str, why: String) {
        self.sample.wrong.push((name.to_owned(), why));
    }
}

fn column<'s>(sample: &'s mut PostedSample, name: &str) -> Option<&'s mut String> {
    Some(match name {
        "account" => &mut sample.account,
        "product" => &mut sample.product,
        "quantity" => &mut sample.quantity,
        "unit" => &mut sample.unit,
        "measured_at" => &mut sample.measured_at,
        "quota" => &mut sample.quota,
        "quota_unit" => &mut sample.quota_unit,
        "account_id" => &mut sample.account_id,
        "product_id" => &mut sample.product_id,
        "class" => &mut sample.class,
        _ => return None,
    })
}

fn text(name: &str, value: Value) -> Result<String, &'static str> {
    let (is_figure, is_id) = (matches!(name, "quantity" | "quota"), matches!(name, "account_id" | "product_id"));
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text),
        Value::Number(number) if is_figure => Ok(plain(number.to_string())),
        Value::Number(number) if is_id && number.to_string().bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(number.to_string())
        }
        _ if is_figure => Err("must be a number, or a text with a plain decimal"),
        _ => Err("must be a text"),
    }
}

/// A JSON number as a plain decimal: its own text, or what its exponent says, exactly. What cannot be
/// kept exactly stays as it is, for the rules to refuse.
fn plain(number: String) -> String {
    if !number.contains(['e', 'E']) || number.bytes().filter(u8::is_ascii_digit).count() > SCIENTIFIC_DIGITS_MAX {
        return number;
    }
    Quantity::parse_json(&number).map_or(number, |quantity| quantity.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(json: &str) -> String {
        let body = format!("{{\"account\":\"A\",\"quantity\":{json}}}");
        read(body.as_bytes()).unwrap().samples[0].quantity.clone()
    }

    #[test]
    fn a_number_is_its_own_text_and_no_float() {
        for same in ["0.1", "123456789012345678", "123456789012.345678", "0.10", "9007199254740993"] {
            assert_eq!(quantity(same), same);
            assert_eq!(quantity(&format!("\"{same}\"")), same);
        }
        for (json, text) in [("1e3", "1000"), ("1.5E+2", "150"), ("25e-1", "2.5")] {
            assert_eq!(quantity(json), text);
        }
        for refused in ["1e99999", "1.00000000000000000000000000001e3"] {
            assert!(Quantity::parse_plain(&quantity(refused)).is_err(), "{refused}: {}", quantity(refused));
        }
    }

    #[test]
    fn what_is_wrong_stays_with_its_sample() {
        let body = r#"{"samples":[{"account":1,"unit":true,"x":[1,{}],"class":"a","class":"b"},{"account_id":42}]}"#;
        let asked = read(body.as_bytes()).unwrap();
        let fields: Vec<&str> = asked.samples[0].wrong.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["account", "unit", "x", "class"]);
        assert_eq!((asked.samples[1].account_id.as_str(), asked.samples[1].wrong.len()), ("42", 0));
    }
}
