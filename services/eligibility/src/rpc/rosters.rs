//! Public notices and rosters, and the samples drawn from these.

use yuhui_proto::eligibility::v1::{
    notice_service_server::NoticeService, roster_return_service_server::RosterReturnService,
    roster_service_server::RosterService, sampling_service_server::SamplingService,
};

use super::{Handlers, answers};
use crate::{
    acts::{
        notices,
        rosters::{city, county, returns},
        sampling,
    },
    reads,
};

impl NoticeService for Handlers {
    answers! {
        post_notice: PostNoticeRequest => PostNoticeResponse by notices::post;
        close_notice: CloseNoticeRequest => CloseNoticeResponse by notices::close;
        get_notice: GetNoticeRequest => GetNoticeResponse by reads::notices::get;
        list_notices: ListNoticesRequest => ListNoticesResponse by reads::notices::list;
    }
}

impl RosterService for Handlers {
    answers! {
        build_roster: BuildRosterRequest => BuildRosterResponse by county::build, in roster;
        seal_roster: SealRosterRequest => SealRosterResponse by county::seal, in roster;
        propose_recording: ProposeRecordingRequest => ProposeRecordingResponse by city::propose, in roster;
        approve_recording: ApproveRecordingRequest => ApproveRecordingResponse by city::approve, in roster;
        return_roster: ReturnRosterRequest => ReturnRosterResponse by returns::give_back, in roster;
        get_roster: GetRosterRequest => GetRosterResponse by reads::rosters::get, in roster;
        list_rosters: ListRostersRequest => ListRostersResponse by reads::rosters::list;
        list_roster_lines: ListRosterLinesRequest => ListRosterLinesResponse by reads::rosters::lines;
    }
}

impl RosterReturnService for Handlers {
    answers! {
        propose_roster_return: ProposeRosterReturnRequest => ProposeRosterReturnResponse by returns::propose, in roster;
        approve_roster_return: ApproveRosterReturnRequest => ApproveRosterReturnResponse by returns::approve, in roster;
    }
}

impl SamplingService for Handlers {
    answers! {
        publish_seed: PublishSeedRequest => PublishSeedResponse by sampling::publish;
        draw_sample: DrawSampleRequest => DrawSampleResponse by sampling::draw;
        record_sample_result: RecordSampleResultRequest => RecordSampleResultResponse by sampling::record;
        get_seed: GetSeedRequest => GetSeedResponse by reads::samples::get_seed;
        get_sample: GetSampleRequest => GetSampleResponse by reads::samples::get, in sample;
    }
}
