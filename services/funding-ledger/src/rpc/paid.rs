//! `PaidService`: what was credited, for the forecast of next year's needs (五(二)6).

use tonic::{Request, Response, Status};
use yuhui_platform::{Caller, Result, caller};
use yuhui_proto::{
    funding::v1::{self as pb, paid_service_server::PaidService},
    types::v1 as types,
};

use super::{Handlers, ask};
use crate::{book::Programme, store::lines};

impl Handlers {
    async fn paid(
        &self,
        caller: &Caller,
        query: &pb::SumPaidRequest,
    ) -> Result<pb::SumPaidResponse> {
        let county = ask::county(caller, &query.parent)?;
        let tx = self.0.db.read(county).await?;
        let paid = lines::credited(&tx, query.round).await?.into_iter();
        Ok(pb::SumPaidResponse {
            paid: paid
                .map(|(programme, lines, amount)| pb::PaidProgramme {
                    programme: shown(programme).into(),
                    lines,
                    amount_fen: amount.fen(),
                })
                .collect(),
        })
    }
}

fn shown(programme: Programme) -> types::Programme {
    match programme {
        Programme::P1 => types::Programme::P1,
        Programme::P2 => types::Programme::P2,
        Programme::P3 => types::Programme::P3,
        Programme::P4 => types::Programme::P4,
    }
}

#[tonic::async_trait]
impl PaidService for Handlers {
    async fn sum_paid(
        &self,
        request: Request<pb::SumPaidRequest>,
    ) -> Result<Response<pb::SumPaidResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.paid(&caller, &ask).await?))
    }
}
