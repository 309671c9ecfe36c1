//! The whole gateway, over TCP, with a service behind it on a pipe.

mod accounts;
mod audit;
mod break_glass;
mod by_code;
mod delegations;
mod edge;
mod offered;
mod operations;
mod pre_check;
mod proxy;
mod sessions;
mod sign_in;
mod store;
mod system;
mod web;
