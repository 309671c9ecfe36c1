//! What stands against a start before anything is opened. Each is one sentence that says what to do;
//! all of them are told at once.

use std::net::{IpAddr, SocketAddr};

use yuhui_platform::peers;

use crate::{
    settings::Settings,
    stack::{Part, Wanted},
};

/// What stands against serving `part`, or the whole system.
pub(super) fn of(settings: &Settings, part: Option<Part>, wanted: Wanted) -> Vec<String> {
    let mut refused = Vec::new();
    let door = part.unwrap_or(Part::Gateway);
    let address = settings.address(door);
    match (&address, wanted) {
        (Err(error), _) => refused.push(format!("{error:#}")),
        (Ok(address), Wanted::Production) => refused.extend(plain_text(settings, *address)),
        (Ok(_), Wanted::Development) => {}
    }
    refused.extend(half_a_certificate(settings));
    refused.extend(bank(settings, part));
    if let Some(part) = part {
        refused.extend(callees(settings, part, wanted));
    }
    if wanted == Wanted::Production && door == Part::Gateway {
        refused.extend(gateway(settings, part));
    }
    refused
}

fn plain_text(settings: &Settings, address: SocketAddr) -> Option<String> {
    (!address.ip().is_loopback() && !settings.has_tls())
        .then(|| format!("{address} without TLS: set tls.cert, or listen on loopback"))
}

fn half_a_certificate(settings: &Settings) -> Option<String> {
    let tls = &settings.tls;
    let set = [&tls.cert, &tls.key].map(|it| !it.as_os_str().is_empty());
    (set[0] != set[1]).then(|| "tls.cert and tls.key go together".to_owned())
}

/// The bank shows its certificate, at a gateway that is a process of its own.
fn bank(settings: &Settings, part: Option<Part>) -> Vec<String> {
    let mut refused = Vec::new();
    match settings.bank() {
        Err(error) => refused.push(format!("{error:#}")),
        Ok(Some(_)) if part != Some(Part::Gateway) => {
            refused.push("listen.bank: only `yuhui serve gateway` listens there".to_owned());
        }
        Ok(Some(_)) if !settings.has_tls() || settings.tls.bank_ca().is_none() => {
            refused.push("listen.bank without tls.cert and tls.bank_ca: set both".to_owned());
        }
        Ok(_) => {}
    }
    if part.is_none() && settings.health().is_some() {
        refused.push("listen.health: only `yuhui serve SERVICE` answers there".to_owned());
    }
    refused
}

/// Every service it calls must have an address that can be called.
fn callees(settings: &Settings, part: Part, wanted: Wanted) -> Vec<String> {
    let mut refused = Vec::new();
    for peer in part.peers() {
        let name = peer.name().replace('-', "_");
        let urls = settings.peers.get(peer).map_or(&[][..], Vec::as_slice);
        if urls.is_empty() && wanted == Wanted::Production {
            refused.push(format!("peers.{name}: {} calls it", part.name()));
        }
        refused.extend(urls.iter().filter_map(|url| {
            let refused = unfit(url, settings.has_tls(), wanted)?;
            Some(format!("peers.{name}: {refused}"))
        }));
    }
    refused
}

/// What stands against calling a peer at `url`.
fn unfit(url: &str, is_secure: bool, wanted: Wanted) -> Option<String> {
    // Before there is a certificate, what is off this machine must be one that asks for it.
    let is_secure = is_secure || !url.starts_with("http:");
    let place = match peers::place(url, is_secure) {
        Ok(place) => place,
        Err(_) => return Some(format!("`{url}` is no https URL")),
    };
    let host = place.rsplit_once(':').map_or(&*place, |(host, _)| host);
    let host = host.trim_matches(['[', ']']);
    let is_near = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
    let may = is_secure || is_near || wanted == Wanted::Development;
    (!may).then(|| format!("`{url}` is no https URL"))
}

/// Several gateways share sessions that ended and attempts that failed.
fn gateway(settings: &Settings, part: Option<Part>) -> Vec<String> {
    let mut refused = Vec::new();
    let has_redis = settings.redis.url().is_ok_and(|it| it.is_some());
    if part.is_some() && !has_redis && !settings.listen.single {
        refused.push("gateways need redis.url; a lone one says listen.single".to_owned());
    }
    if let Err(error) = settings.redis.url() {
        refused.push(format!("{error:#}"));
    }
    if !settings.password.suffices() {
        refused.push("password cost below 19 MiB, 2 passes: raise [password]".to_owned());
    }
    refused
}
