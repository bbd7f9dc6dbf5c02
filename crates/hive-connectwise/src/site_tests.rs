use super::*;
use crate::{Access, Client, Limits};
use std::sync::Arc;
use std::time::Duration;

/// Reliability S07 and S08: what a tenant could type to reach the inside.
const REFUSED: &[&str] = &[
    "https://127.0.0.1",
    "https://127.0.0.1:443/v4_6_release",
    "https://127.1",
    "https://127.0.1",
    "https://0x7f000001",
    "https://0x7f.0.0.1",
    "https://0x7f.1",
    "https://2130706433",
    "https://017700000001",
    "https://0177.0.0.1",
    "https://0177.0.0.01",
    "https://00000177.0.0.1",
    "https://0",
    "https://0.0.0.0",
    "https://0.1.2.3",
    "https://[::1]",
    "https://[::]",
    "https://[0:0:0:0:0:0:0:1]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[::ffff:10.0.0.1]",
    "https://[::127.0.0.1]",
    "https://[64:ff9b::7f00:1]",
    "https://[64:ff9b::10.0.0.1]",
    "https://[64:ff9b:1::1]",
    "https://[2002:7f00:1::]",
    "https://[2001:0:7f00:1::]",
    "https://[2001:db8::1]",
    "https://[fc00::1]",
    "https://[fd00::8]",
    "https://[fdab:cdef::1]",
    "https://[fe80::1]",
    "https://[fe80::1%25eth0]",
    "https://[febf::1]",
    "https://[fec0::1]",
    "https://[ff02::1]",
    "https://[100::1]",
    "https://[3fff::1]",
    "https://[5f00::1]",
    "https://169.254.169.254/latest/meta-data",
    "https://169.254.0.1",
    "https://168.63.129.16",
    "https://100.64.0.1",
    "https://100.100.100.200",
    "https://100.127.255.255",
    "https://10.0.0.1",
    "https://10.255.255.255",
    "https://0xa.0.0.1",
    "https://012.0.0.1",
    "https://172.16.0.1",
    "https://172.31.255.255",
    "https://192.168.0.1",
    "https://192.168.1.254",
    "https://192.0.0.1",
    "https://192.0.2.1",
    "https://192.88.99.1",
    "https://198.18.0.1",
    "https://198.19.255.255",
    "https://198.51.100.1",
    "https://203.0.113.1",
    "https://224.0.0.1",
    "https://239.255.255.255",
    "https://240.0.0.1",
    "https://255.255.255.255",
    "https://localhost",
    "https://localhost.",
    "https://LOCALHOST",
    "https://localhost:8443",
    "https://foo.localhost",
    "https://localhost.localdomain",
    "https://printer.local",
    "https://metadata.google.internal",
    "https://db.internal.",
    "https://router.lan",
    "https://nas.home.arpa",
    "https://intranet",
    "https://intranet/",
    "https://127.0.0.1.nip.io",
    "https://10-0-0-1.sslip.io",
    "https://x.xip.io",
    "https://localtest.me",
    "https://a.lvh.me",
    "https://user@cw.example.com",
    "https://user:password@cw.example.com",
    "https://cw.example.com@127.0.0.1",
    "https://cw.example.com#@127.0.0.1",
    "https://cw.example.com/#fragment",
    "https://cw.example.com\\@127.0.0.1",
    "https:\\\\127.0.0.1",
    "https://cw.example\t.com",
    "https://cw.example.com\r\nHost: x",
    "https://cw.example.com\n",
    "https://cw.example .com",
    "https://cw.example.com\0",
    "https://\u{0430}pi-na.myconnectwise.net",
    "https://\u{ff11}27.0.0.1",
    "https://\u{24db}ocalhost",
    "https://127\u{3002}0.0.1",
    "https://%31%32%37.0.0.1",
    "https://127.0.0.%31",
    "https://cw.example.com:22",
    "https://cw.example.com:25",
    "https://cw.example.com:80",
    "https://cw.example.com:6379",
    "https://cw.example.com:5432",
    "https://cw.example.com:99999",
    "https://cw.example.com:0",
    "http://cw.example.com",
    "http://na.myconnectwise.net",
    "http://127.0.0.1",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "gopher://cw.example.com:70/_x",
    "ftp://cw.example.com",
    "dict://cw.example.com:11211",
    "ldap://cw.example.com",
    "javascript:alert(1)",
    "data:text/html,x",
    "jar:https://cw.example.com!/",
    "//127.0.0.1",
    "https://",
    "https:///",
    "https://:443",
    "https://.",
    "https://..",
    "https://a..example.com",
    "https://cw_x.example.com/../..@",
    "",
    "   ",
];

#[test]
fn nothing_inside_can_be_named() {
    const { assert!(REFUSED.len() >= 80) };
    for text in REFUSED {
        let read = SiteUrl::parse(text, &[]);
        assert!(read.is_err(), "{text:?} was read as {}", read.unwrap());
    }
}

#[test]
fn refused_addresses_are_refused_in_the_same_words() {
    let words = |text: &str| SiteUrl::parse(text, &[]).unwrap_err();
    for text in ["https://10.0.0.1", "https://[::1]", "https://localhost", "https://cw.example.com:22"] {
        assert_eq!(words(text), words("https://169.254.169.254"));
    }
}

#[test]
fn a_url_is_read_as_it_was_copied() {
    for (text, read) in [
        ("na.myconnectwise.net", "https://api-na.myconnectwise.net"),
        ("https://na.myconnectwise.net", "https://api-na.myconnectwise.net"),
        ("https://na.myconnectwise.net/", "https://api-na.myconnectwise.net"),
        ("  HTTPS://NA.myconnectwise.net/v4_6_release/  ", "https://api-na.myconnectwise.net"),
        ("https://eu.myconnectwise.net/v2025_1/ConnectWise.aspx?locale=en_US", "https://api-eu.myconnectwise.net"),
        ("api-au.myconnectwise.net", "https://api-au.myconnectwise.net"),
        ("https://api-na.myconnectwise.net:443/v4_6_release/apis/3.0/", "https://api-na.myconnectwise.net"),
        ("na.myconnectwise.net.", "https://api-na.myconnectwise.net"),
        ("aus.myconnectwise.net", "https://api-aus.myconnectwise.net"),
        ("za.myconnectwise.net", "https://api-za.myconnectwise.net"),
        ("staging.connectwisedev.com", "https://api-staging.connectwisedev.com"),
        ("cw.example.com", "https://cw.example.com"),
        ("https://cw.example.com/v4_6_release/services", "https://cw.example.com"),
        ("cw.example.com:8443", "https://cw.example.com:8443"),
        ("https://xn--mller-kva.example.com", "https://xn--mller-kva.example.com"),
        ("https://8.8.8.8", "https://8.8.8.8"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]"),
        ("evil-myconnectwise.net", "https://evil-myconnectwise.net"),
    ] {
        let site = SiteUrl::parse(text, &[]).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(site.to_string(), read, "{text:?}");
        assert_eq!(SiteUrl::parse(&site.to_string(), &[]).as_ref(), Ok(&site), "{read} reads back");
    }
}

#[test]
fn the_operator_allows_private_hosts_with_their_port() {
    let hosts = |list: &[&str]| list.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>();
    let allowed = hosts(&["127.0.0.1:8080", "cw.corp.local", "[::1]:9000", "http://Intranet:80/", "10.0.0.5"]);
    for (text, read) in [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://2130706433:8080/", "http://127.0.0.1:8080"),
        ("https://cw.corp.local/v4_6_release", "https://cw.corp.local"),
        ("cw.corp.local", "https://cw.corp.local"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("http://intranet", "http://intranet"),
        ("https://10.0.0.5", "https://10.0.0.5"),
    ] {
        let site = SiteUrl::parse(text, &allowed).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(site.to_string(), read);
        assert!(SiteUrl::parse(text, &[]).is_err());
    }
    for text in [
        "http://127.0.0.1:8081",
        "http://127.0.0.1",
        "https://127.0.0.1",
        "http://cw.corp.local",
        "https://cw.corp.local:8443",
        "http://10.0.0.5",
        "https://[::1]",
        "https://10.0.0.50",
        "http://user@127.0.0.1:8080",
    ] {
        assert!(SiteUrl::parse(text, &allowed).is_err(), "{text}");
    }
    assert!(SiteUrl::parse("https://127.0.0.1", &hosts(&["", ":443", "127.0.0.1:x"])).is_err());
}

/// DNS rebinding: public when it was read, inside when it is connected to.
#[tokio::test]
async fn a_name_that_resolves_to_the_inside_is_refused_when_connecting() {
    let inside = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = inside.local_addr().unwrap().port();
    for https in [true, false] {
        let site = SiteUrl { https, host: "localhost".into(), port, private: false };
        let private_key = "k".to_owned().into();
        let access = Access { site, company: "c".into(), public_key: "p".into(), private_key, client_id: None };
        let limits = Limits {
            requests_per_minute: 0,
            connections: 1,
            request_timeout: Duration::from_secs(2),
            private_hosts: vec![],
            ca_pem: None,
        };
        let client = Client::new(access, limits, Arc::new(|| jiff::Timestamp::UNIX_EPOCH)).unwrap();
        let error = client.test().await.unwrap_err();
        assert_eq!(error.kind(), "not_allowed", "{error}");
        assert!(!error.to_string().contains("127.0.0.1"), "the answer tells nothing of what it resolved to");
    }
    assert!(tokio::time::timeout(Duration::from_millis(50), inside.accept()).await.is_err());
}
