//! Public notices and rosters, and the samples drawn from these.

use yuhui_proto::eligibility::v1::{
    notice_service_server::NoticeService, roster_return_service_server::RosterReturnService,
    roster_service_server::RosterService, sampling_service_server::SamplingService,
};

use super::{Handlers, answers};
use crate::{
    acts::{
        notices,
        rosters::{build, propose_recording, propose_return, record, seal, take_back},
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
        build_roster: BuildRosterRequest => BuildRosterResponse by build::build;
        seal_roster: SealRosterRequest => SealRosterResponse by seal::seal;
        propose_recording: ProposeRecordingRequest => ProposeRecordingResponse by propose_recording::propose;
        approve_recording: ApproveRecordingRequest => ApproveRecordingResponse by record::approve;
        return_roster: ReturnRosterRequest => ReturnRosterResponse by propose_return::give_back;
        get_roster: GetRosterRequest => GetRosterResponse by reads::rosters::get;
        list_rosters: ListRostersRequest => ListRostersResponse by reads::rosters::list;
        list_roster_lines: ListRosterLinesRequest => ListRosterLinesResponse by reads::rosters::lines;
    }
}

impl RosterReturnService for Handlers {
    answers! {
        propose_roster_return: ProposeRosterReturnRequest => ProposeRosterReturnResponse by propose_return::propose;
        approve_roster_return: ApproveRosterReturnRequest => ApproveRosterReturnResponse by take_back::approve;
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
