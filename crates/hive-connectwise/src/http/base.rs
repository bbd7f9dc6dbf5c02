//! The API's root: `{site}/{codebase}apis/3.0/`. The codebase names the release over there and
//! changes with every cloud upgrade; companyinfo tells it.

use super::{Ask, Line, RETRIES_MAX};
use crate::trouble::Trouble;
use crate::wire;
use std::sync::Arc;
use tokio::time::Instant;

/// The root as of the last companyinfo.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Base {
    root: String,
}

impl Base {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }
}

/// What companyinfo says.
pub(crate) struct Info {
    /// With its closing slash.
    pub(crate) codebase: String,
    pub(crate) version: Option<String>,
    pub(crate) cloud: Option<bool>,
}

impl Line {
    pub(super) async fn base(&self, deadline: Instant) -> Result<Arc<Base>, Trouble> {
        let mut kept = self.base.lock().await;
        if let Some(base) = &*kept {
            return Ok(Arc::clone(base));
        }
        let base = Arc::new(self.base_of(&self.company_info(deadline, RETRIES_MAX).await?));
        *kept = Some(Arc::clone(&base));
        Ok(base)
    }

    /// The root, if it is not `old` any more.
    pub(crate) async fn renewed_base(&self, old: &Base, deadline: Instant) -> Result<Option<Arc<Base>>, Trouble> {
        let mut kept = self.base.lock().await;
        // Somebody else may have found out meanwhile.
        if let Some(base) = kept.as_ref().filter(|base| ***base != *old) {
            return Ok(Some(Arc::clone(base)));
        }
        let base = Arc::new(self.base_of(&self.company_info(deadline, RETRIES_MAX).await?));
        *kept = Some(Arc::clone(&base));
        Ok((*base != *old).then_some(base))
    }

    pub(crate) async fn current_base(&self, deadline: Instant) -> Result<Arc<Base>, Trouble> {
        self.base(deadline).await
    }

    /// Every run begins with the codebase of today.
    pub(crate) async fn first_contact(&self, deadline: Instant, retries: u32) -> Result<Info, Trouble> {
        let info = self.company_info(deadline, retries).await?;
        *self.base.lock().await = Some(Arc::new(self.base_of(&info)));
        Ok(info)
    }

    fn base_of(&self, info: &Info) -> Base {
        Base { root: format!("{}/{}apis/3.0/", self.access.site, info.codebase) }
    }

    async fn company_info(&self, deadline: Instant, retries: u32) -> Result<Info, Trouble> {
        let company: String = url::form_urlencoded::byte_serialize(self.access.company.as_bytes()).collect();
        let company = company.replace('+', "%20");
        let path = format!("login/companyinfo/{company}");
        let url = format!("{}/{path}", self.access.site);
        let unknown = || Trouble::Company { host: self.host.clone(), company: wire::shown(&self.access.company) };
        let odd = |what: &str| Trouble::Url { host: self.host.clone(), what: what.to_owned() };
        // A web page is what another server says, and asking again would not mend it; half an
        // answer is worth asking again.
        let read = |answer: &super::Answer| {
            let whole = serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body);
            match whole {
                Err(error) if !super::judge::is_html(&answer.body) => Err(error.to_string()),
                _ => Ok(answer.body.clone()),
            }
        };
        let body = match self.fetch(Ask::CompanyInfo, &url, &path, deadline, retries, &read).await {
            Ok(body) => body,
            Err(Trouble::NotFound { words, .. }) if words.is_empty() => {
                return Err(odd("it has no company lookup (404)"));
            }
            Err(Trouble::NotFound { .. }) => return Err(unknown()),
            Err(Trouble::Unauthorized { .. } | Trouble::Forbidden { .. } | Trouble::Refused { .. }) => {
                return Err(odd("it refuses the company lookup"));
            }
            Err(Trouble::BadAnswer { .. }) => return Err(odd("no company lookup that can be read")),
            Err(trouble) => return Err(trouble),
        };
        if super::judge::is_html(&body) {
            return Err(odd("a web page instead of the company lookup"));
        }
        let Ok(info) = serde_json::from_slice::<Option<wire::CompanyInfo<'_>>>(&body) else {
            return Err(odd("no company lookup that can be read"));
        };
        let info = info.ok_or_else(unknown)?;
        let Some(codebase) = wire::text(info.codebase).and_then(|text| codebase(&text)) else {
            return Err(odd("the company lookup names no codebase that can be used"));
        };
        Ok(Info {
            codebase,
            version: wire::text(info.version).or_else(|| wire::text(info.version_code)),
            cloud: wire::text(info.cloud).and_then(|text| text.to_ascii_lowercase().parse().ok()),
        })
    }
}

/// A codebase is `v2025_1/` or `v4_6_release/`, and nothing that could lead a path elsewhere.
fn codebase(text: &str) -> Option<String> {
    let name = text.strip_suffix('/').unwrap_or(text);
    let digits = name.strip_prefix('v')?;
    let digits = digits.strip_suffix("_release").unwrap_or(digits);
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    valid.then(|| format!("{name}/"))
}

#[cfg(test)]
mod tests {
    use super::codebase;

    #[test]
    fn a_codebase_leads_nowhere_else() {
        for (text, read) in [
            ("v2025_1/", Some("v2025_1/")),
            ("v2025_1", Some("v2025_1/")),
            ("v4_6_release/", Some("v4_6_release/")),
            ("../../", None),
            ("//evil/", None),
            ("v2025_1/../x/", None),
            ("v", None),
            ("", None),
            ("https://evil/", None),
            ("v2025_1//", None),
            ("v1?x=", None),
            ("v1@evil", None),
        ] {
            assert_eq!(codebase(text).as_deref(), read, "{text:?}");
        }
    }
}
