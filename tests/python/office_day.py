"""A day of an office through the contracts alone: claims with papers, the work queue, many signatures at once, a
proposal declined, an objection by a stranger, an operation followed, and the file of a case read whole."""

import hashlib
import json
import uuid

import grpc

VILLAGE, TOWNSHIP, COUNTY = "150203001001", "150203001", "150203"
PARENT = f"counties/{COUNTY}"
PIECE = 64 * 1024
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%" \
    + b"." * PIECE + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def key():
    return str(uuid.uuid4())


def crc32c(data):
    """CRC-32C (RFC 3720), as each piece of a document carries it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Office:
    """Stubs of every service, and who is signed in."""

    def __init__(self, channel, session, citizen):
        from yuhui.documents.v1 import documents_pb2, documents_pb2_grpc
        from yuhui.eligibility.v1 import (
            case_batches_pb2,
            case_batches_pb2_grpc,
            eligibility_pb2,
            eligibility_pb2_grpc,
            evidence_pb2,
            evidence_pb2_grpc,
        )
        from yuhui.errors.v1 import errors_pb2
        from yuhui.funding.v1 import funding_pb2, funding_pb2_grpc
        from yuhui.operations.v1 import operation_pb2, operation_pb2_grpc
        from yuhui.portal.v1 import reports_pb2, reports_pb2_grpc, status_pb2, status_pb2_grpc
        from yuhui.registry.v1 import registry_pb2, registry_pb2_grpc
        from yuhui.work.v1 import work_pb2, work_pb2_grpc

        self.channel, self.session, self.citizen = channel, session, citizen
        self.pb, self.batches, self.documents = eligibility_pb2, case_batches_pb2, documents_pb2
        self.funding, self.operations, self.work = funding_pb2, operation_pb2, work_pb2
        self.reports, self.status, self.registry = reports_pb2, status_pb2, registry_pb2
        self.evidence, self.reasons = evidence_pb2, errors_pb2.ErrorReason
        self.cases = eligibility_pb2_grpc.CaseServiceStub(channel)
        self.notices = eligibility_pb2_grpc.NoticeServiceStub(channel)
        self.batch = case_batches_pb2_grpc.CaseBatchServiceStub(channel)
        self.files = documents_pb2_grpc.DocumentServiceStub(channel)
        self.money = funding_pb2_grpc.FundingServiceStub(channel)
        self.runs = operation_pb2_grpc.OperationServiceStub(channel)
        self.queue = work_pb2_grpc.WorkServiceStub(channel)
        self.heard = reports_pb2_grpc.ReportServiceStub(channel)
        self.told = status_pb2_grpc.StatusServiceStub(channel)
        self.registers = registry_pb2_grpc.RegisterServiceStub(channel)
        self.proofs = evidence_pb2_grpc.EvidenceServiceStub(channel)

    def at(self, role, unit=COUNTY):
        return self.session(self.channel, f"{role}.{unit}")

    def register(self, serial):
        """A couple with a second child that the registers know; answers mother and child."""
        registry, citizen = self.registry, self.citizen
        mother, father = citizen(f"15029919950203{serial * 2:03}"), citizen(f"15029919930405{serial * 2 + 1:03}")
        first, second = citizen(f"15029920200607{serial * 2:03}"), citizen(f"15029920250315{serial * 2:03}")
        born = {mother: "1995-02-03", father: "1993-04-05", first: "2020-06-07", second: "2025-03-15"}
        since = {mother: "2000-01-01", father: "2000-01-01", first: "2020-06-20", second: "2025-03-20"}
        persons = [
            registry.PersonRecord(
                identity_number=number, display_name="某女", born_on=day,
                sex="SEX_MALE" if number == father else "SEX_FEMALE",
            )
            for number, day in born.items()
        ]
        hukou = [
            registry.HukouRecord(person=number, division=VILLAGE, from_on=day)
            for number, day in since.items()
        ]
        police = self.at("public-security-liaison")
        police.call(self.registers.ImportPopulation, registry.ImportPopulationRequest(
            persons=persons, hukou=hukou, request_id=key()))
        wedding = registry.MarriageRecord(spouses=[mother, father], from_on="2018-05-20")
        self.at("civil-affairs-liaison").call(
            self.registers.ImportCivilAffairs,
            registry.ImportCivilAffairsRequest(marriages=[wedding], request_id=key()))
        deliveries = [
            registry.DeliveryRecord(
                delivery=f"{name}-{serial}", mother=mother, father=father,
                birth_service_registered_on="2019-01-01",
                children=[registry.BornChild(child=child, born_on=born[child], birth_order=1, live=True)],
            )
            for name, child in (("A", first), ("B", second))
        ]
        self.at("maternity-liaison").call(
            self.registers.ImportBirths,
            registry.ImportBirthsRequest(deliveries=deliveries, request_id=key()))
        return mother, second

    def upload(self, clerk, case):
        """A paper in two pieces, the second of them sent twice; answers its digest."""
        documents = self.documents
        digest = hashlib.sha256(PAPER).hexdigest()
        upload = clerk.call(self.files.StartUpload, documents.StartUploadRequest(
            parent=case, kind="DOCUMENT_KIND_MARRIAGE_CERTIFICATE", title="结婚证",
            size_bytes=len(PAPER), sha256=digest, request_id=key())).upload
        for offset, piece in ((0, PAPER[:PIECE]), (PIECE, PAPER[PIECE:]), (PIECE, PAPER[PIECE:])):
            clerk.call(self.files.UploadChunk, documents.UploadChunkRequest(
                name=upload.name, offset=offset, data=piece, crc32c=crc32c(piece)))
        filed = clerk.call(self.files.FinishUpload, documents.FinishUploadRequest(
            name=upload.name, request_id=key())).document
        assert filed.sha256 == digest, filed
        return digest

    def lodge(self, clerk, serial):
        """A claim with a paper; answers its name, receipt number and code."""
        pb = self.pb
        mother, child = self.register(serial)
        claim = pb.Claim(
            programme="PROGRAMME_P1", claimant_number=mother, child_number=child, claimant_name="某女",
            village=VILLAGE, truth_signed=True,
            account=pb.BankAccount(holder_name="某女", account_number="6217000010001234569",
                                   bank_name="包头农商银行"),
            documents=[pb.Document(kind="MARRIAGE_CERTIFICATE")],
        )
        draft = clerk.call(self.cases.CreateCase, pb.CreateCaseRequest(
            parent=PARENT, claim=claim, request_id=key())).case
        self.upload(clerk, draft.name)
        lodged = clerk.call(self.cases.LodgeCase, pb.LodgeCaseRequest(name=draft.name, request_id=key()))
        assert lodged.case.state == pb.Case.STATE_LODGED, lodged
        return lodged.case.name, lodged.case.receipt_number, lodged.status_code

    def waiting(self, who, act):
        """What waits at a desk for that act, by name of the case."""
        items, token = {}, ""
        while True:
            page = who.call(self.queue.ListWorkItems, self.work.ListWorkItemsRequest(
                parent=PARENT, page_size=50, page_token=token))
            items.update({it.object: it for it in page.items if it.act == self.work.WorkAct.Value(act)})
            token = page.next_page_token
            if not token:
                return items

    def offered(self, who, case):
        """The case, and what may be done to it."""
        seen = who.call(self.cases.GetCase, self.pb.GetCaseRequest(name=case))
        return seen.case, {it.method.rsplit("/")[-1]: it for it in seen.actions}


def claims_are_lodged_and_signed(office):
    pb, clerk = office.pb, office.at("village-clerk", VILLAGE)
    claims = [office.lodge(clerk, serial) for serial in (41, 42, 43)]
    waiting = office.waiting(clerk, "WORK_ACT_ACCEPT")
    for name, _, _ in claims:
        assert waiting[name].title == "某女", waiting
        clerk.call(office.cases.AcceptCase, pb.AcceptCaseRequest(
            name=name, originals_seen=True, request_id=key()))
        clerk.call(office.cases.ReportCase, pb.ReportCaseRequest(
            name=name, agree=True, note="入户核实", request_id=key()))
    head = office.at("village-head", VILLAGE)
    waiting = office.waiting(head, "WORK_ACT_SIGN")
    seen = []
    for name, _, _ in claims:
        assert name in waiting, waiting
        case, offered = office.offered(head, name)
        assert offered["SignCase"].verdict == 1, offered["SignCase"]
        seen.append(office.batches.SeenCase(name=name, etag=case.etag))
    _, offered = office.offered(clerk, claims[0][0])
    assert "SignCase" not in offered and offered["ReportCase"].verdict == 1, offered
    ask = office.batches.BatchSignCasesRequest(parent=PARENT, cases=seen, request_id=key())
    signed = head.call(office.batch.BatchSignCases, ask).results
    assert [it.outcome for it in signed] == [1, 1, 1], signed
    assert head.call(office.batch.BatchSignCases, ask).results == signed, "repeated, another answer"
    _, offered = office.offered(head, claims[0][0])
    assert offered["SignCase"].verdict == 2, offered
    assert offered["SignCase"].reason == office.reasons.Value("ERROR_REASON_WRONG_STATE"), offered
    return claims


def a_proposal_is_declined(office):
    funding = office.funding
    maker, approver = office.at("county-finance-maker"), office.at("county-finance-approver")
    proposed = maker.call(office.money.ProposeAppropriation, funding.ProposeAppropriationRequest(
        parent=PARENT, round=2026, amount_fen=100_000_00, document="包财预〔2026〕7号", request_id=key())).proposal
    ended = approver.call(office.money.DeclineProposal, funding.DeclineProposalRequest(
        name=proposed.name, etag=proposed.etag, reason="金额有误", request_id=key())).proposal
    assert ended.name == proposed.name and ended.state != proposed.state, ended


def a_stranger_objects(office, claims):
    """Nobody is signed in: the notice is read, a line of it objected to, and the answer followed by number."""
    pb, reports = office.pb, office.reports
    clerk = office.at("village-clerk", VILLAGE)
    posted = clerk.call(office.notices.PostNotice, pb.PostNoticeRequest(
        parent=PARENT, cases=[name for name, _, _ in claims], request_id=key())).notice
    public = office.notices.GetNotice(pb.GetNoticeRequest(name=posted.name)).notice
    assert [it.claimant for it in public.lines] == ["某*"] * len(claims), public
    assert all(not it.case for it in public.lines) and public.digest, public
    said = office.heard.SubmitReport(reports.SubmitReportRequest(
        parent=PARENT, kind="REPORT_KIND_OBJECTION", notice=posted.name, line=1,
        words="该户长期不在本地居住", request_id=key()))
    track = reports.GetReportRequest(tracking_number=said.tracking_number, code=said.code)
    assert office.heard.GetReport(track).report.answer_by_on == said.answer_by_on
    try:
        office.heard.GetReport(reports.GetReportRequest(
            tracking_number=said.tracking_number, code="AAAAAAAA"))
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND, error
    else:
        raise AssertionError("a report is told to whoever guesses")
    listed = clerk.call(office.heard.ListReports, reports.ListReportsRequest(parent=PARENT)).reports
    clerk.call(office.heard.AdmitReport, reports.AdmitReportRequest(name=listed[0].name, request_id=key()))
    states = [office.offered(clerk, name)[0].state for name, _, _ in claims]
    assert states.count(pb.Case.STATE_INQUIRY) == 1, states
    name, receipt, code = claims[0]
    status = office.told.GetStatus(office.status.GetStatusRequest(receipt_number=receipt, code=code)).status
    assert status.stage_zh and status.stage_en, status


def an_operation_is_followed(office):
    maker = office.at("county-health-reviewer")
    begun = maker.call(office.cases.CloseCases, office.pb.CloseCasesRequest(
        parent=PARENT, round=2025, request_id=key())).operation
    watch = office.runs.WatchOperation(
        office.operations.WatchOperationRequest(name=begun.name), metadata=maker.metadata, timeout=30)
    states = [it.operation.state for it in watch]
    assert states and states[-1] == office.operations.Operation.STATE_DONE, states


def the_file_of_a_case_is_read(office, name):
    auditor = office.at("county-auditor")
    ask = office.evidence.ExportCaseFileRequest(name=name)
    pieces = office.proofs.ExportCaseFile(ask, metadata=auditor.metadata, timeout=30)
    lines = b"".join(it.data for it in pieces).decode().splitlines()
    parts = [json.loads(line) for line in lines]
    assert len(parts) > 5, lines
    text = "\n".join(lines)
    assert hashlib.sha256(PAPER).hexdigest() in text, "the paper is not in the file"
    assert "6217000010001234569" not in text, "an account in the file"
    clerk = office.at("village-clerk", VILLAGE)
    try:
        list(office.proofs.ExportCaseFile(ask, metadata=clerk.metadata, timeout=30))
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.PERMISSION_DENIED, error
    else:
        raise AssertionError("a village clerk reads whole files")


def a_day(channel, session, citizen):
    office = Office(channel, session, citizen)
    claims = claims_are_lodged_and_signed(office)
    a_proposal_is_declined(office)
    a_stranger_objects(office, claims)
    an_operation_is_followed(office)
    the_file_of_a_case_is_read(office, claims[1][0])
