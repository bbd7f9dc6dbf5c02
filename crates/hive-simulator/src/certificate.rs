//! Certificates for https on a loopback address.
//!
//! **Owns:** an authority made for this process and a server certificate signed by it; the wrong
//! ones that a client must refuse.
//! **Does not own:** the connection.
//! **Limits on purpose:** TLS 1.0 cannot be played: rustls does not speak it.

use std::{io, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// What certificate the server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CertificateKind {
    #[default]
    Good,
    Expired,
    /// For another host's name.
    WrongHost,
    /// Signed by an authority other than the one that [`crate::Running::certificate_pem`] gives.
    Stranger,
}

/// The authority's PEM, for clients to trust, and what the server needs.
pub(crate) fn make(kind: CertificateKind) -> io::Result<(String, Arc<ServerConfig>)> {
    let (authority, issuer) = authority().map_err(io::Error::other)?;
    let pem = authority.pem();
    let signer =
        if kind == CertificateKind::Stranger { self::authority().map_err(io::Error::other)?.1 } else { issuer };
    let hosts: &[&str] =
        if kind == CertificateKind::WrongHost { &["elsewhere.example"] } else { &["localhost", "127.0.0.1", "::1"] };
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, "Simulated ConnectWise");
    params.use_authority_key_identifier_extension = true;
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(if kind == CertificateKind::Expired { 2021 } else { 2070 }, 1, 1);
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = params.signed_by(&key, &signer).map_err(io::Error::other)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((pem, Arc::new(config)))
}

fn authority() -> Result<(rcgen::Certificate, Issuer<'static, KeyPair>), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Hive simulator authority");
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2070, 1, 1);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok((certificate, Issuer::new(params, key)))
}
