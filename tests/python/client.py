"""A stranger's client: stubs generated from the contracts with grpcio-tools,
nothing of Yuhui imported. Run as `client.py HOST:PORT[,HOST:PORT]`, calls taking turns; ends with 0 if the
system does what its contracts promise."""

import json
import pathlib
import sys
import tempfile
import urllib.request
import uuid

import grpc
import jwt
import office_day
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_tools import protoc

PASSWORD = "yuhui-demo-2025"
PROTO = pathlib.Path(__file__).parents[2] / "proto"
VILLAGE, COUNTY, OTHER_COUNTY = "150203001001", "150203", "150204"


def generate(folder):
    """Compiles every contract into `folder` and makes it importable."""
    import grpc_tools

    bundled = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(str(file.relative_to(PROTO)) for file in PROTO.glob("yuhui/**/*.proto"))
    failed = protoc.main(
        ["protoc", f"-I{PROTO}", f"-I{bundled}", f"--python_out={folder}",
         f"--grpc_python_out={folder}", *files]
    )
    assert failed == 0, "the contracts do not compile with protoc"
    sys.path.insert(0, folder)


class Session:
    """One signed-in account."""

    def __init__(self, channel, login):
        from yuhui.identity.v1 import identity_pb2, identity_pb2_grpc

        identity = identity_pb2_grpc.IdentityServiceStub(channel)
        reply = identity.SignIn(identity_pb2.SignInRequest(login=login, password=PASSWORD))
        self.token = reply.tokens.access_token
        self.metadata = (("authorization", f"Bearer {self.token}"),)

    def call(self, method, request):
        return method(request, metadata=self.metadata, timeout=30)

    def refused(self, method, request):
        """The status code and ErrorInfo of a call that must be refused."""
        try:
            answer = self.call(method, request)
        except grpc.RpcError as error:
            return error.code(), error_info(error)
        raise AssertionError(f"not refused: {answer}")


def error_info(error):
    """google.rpc.ErrorInfo out of the trailers."""
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info
    raise AssertionError(f"no ErrorInfo: {error}")


def citizen(body):
    """A citizen number with its check digit (GB 11643)."""
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(weights, body)) % 11]


def health_and_reflection(channel):
    health = health_pb2_grpc.HealthStub(channel)
    serving = health_pb2.HealthCheckResponse.SERVING
    assert health.Check(health_pb2.HealthCheckRequest()).status == serving
    services = set(ProtoReflectionDescriptorDatabase(channel).get_services())
    for service in ("eligibility.v1.CaseService", "identity.v1.IdentityService"):
        assert f"yuhui.{service}" in services, services


def token_is_verified_by_published_keys(address, token):
    with urllib.request.urlopen(f"http://{address}/.well-known/jwks.json") as reply:
        keys = jwt.PyJWKSet.from_dict(json.load(reply))
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key.key, algorithms=["EdDSA"], audience="yuhui", issuer="gateway")
    assert claims["role"] == "ROLE_VILLAGE_CLERK" and claims["unit"] == VILLAGE, claims


def lodge_and_read(cases, pb, clerk):
    """The village lodges a claim and reads it back."""
    claim = pb.Claim(
        programme="PROGRAMME_P1",
        claimant_number=citizen("15029819930501321"),
        child_number=citizen("15029820250301321"),
        claimant_name="乌兰",
        village=VILLAGE,
        account=pb.BankAccount(
            holder_name="乌兰", account_number="6217000011112220", bank_name="包头农商银行"
        ),
        truth_signed=True,
    )
    create = pb.CreateCaseRequest(
        parent=f"counties/{COUNTY}", claim=claim, request_id=str(uuid.uuid4())
    )
    case = clerk.call(cases.CreateCase, create).case
    assert clerk.call(cases.CreateCase, create).case == case, "repeated, another answer"
    lodge = pb.LodgeCaseRequest(name=case.name, etag=case.etag, request_id=str(uuid.uuid4()))
    lodged = clerk.call(cases.LodgeCase, lodge).case
    read = clerk.call(cases.GetCase, pb.GetCaseRequest(name=case.name)).case
    assert read == lodged and read.state == pb.Case.STATE_LODGED and read.receipt_number
    assert claim.child_number not in str(read) and claim.account.account_number not in str(read)

    code, info = clerk.refused(
        cases.CreateCase, pb.CreateCaseRequest(parent=create.parent, request_id=create.request_id)
    )
    assert code in (grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.INVALID_ARGUMENT), code
    code, info = clerk.refused(
        cases.LodgeCase, pb.LodgeCaseRequest(name=case.name, request_id=str(uuid.uuid4()))
    )
    assert code == grpc.StatusCode.FAILED_PRECONDITION, (code, info)
    return read.name


def other_county_sees_nothing(cases, pb, channel, name):
    for login in (f"county-health-approver.{OTHER_COUNTY}", f"county-auditor.{OTHER_COUNTY}"):
        code, info = Session(channel, login).refused(cases.GetCase, pb.GetCaseRequest(name=name))
        assert code == grpc.StatusCode.NOT_FOUND, (login, code, info)


def finance_decides_nothing(channel, pb, pb_grpc, name):
    """County finance is refused on every method of eligibility that acts, and
    on every one of cases; it may read the rosters it pays for, and notices
    are public."""
    allowed = {"GetRoster", "ListRosters", "ListRosterLines", "GetNotice", "ListNotices"}
    tried = 0
    for login in ("county-finance-maker", "county-finance-approver"):
        finance = Session(channel, f"{login}.{COUNTY}")
        for service in pb.DESCRIPTOR.services_by_name.values():
            stub = getattr(pb_grpc, f"{service.name}Stub")(channel)
            for method in service.methods:
                if method.name in allowed:
                    continue
                request = getattr(pb, method.input_type.name)()
                if "name" in request.DESCRIPTOR.fields_by_name:
                    request.name = name
                code, info = finance.refused(getattr(stub, method.name), request)
                assert code == grpc.StatusCode.PERMISSION_DENIED, (method.full_name, code)
                assert info.reason == "PERMISSION_DENIED", (method.full_name, info)
                assert info.metadata["rule"] == method.full_name, (method.full_name, info)
                tried += 1
    assert tried > 60, tried


def main(addresses):
    # A list of addresses is no authority, and refused as one.
    in_turns = [("grpc.lb_policy_name", "round_robin"), ("grpc.default_authority", addresses[0])]
    channel = grpc.insecure_channel(f"ipv4:{','.join(addresses)}", options=in_turns)
    with tempfile.TemporaryDirectory() as folder, channel:
        generate(folder)
        from yuhui.eligibility.v1 import eligibility_pb2 as pb
        from yuhui.eligibility.v1 import eligibility_pb2_grpc as pb_grpc

        cases = pb_grpc.CaseServiceStub(channel)
        health_and_reflection(channel)
        clerk = Session(channel, f"village-clerk.{VILLAGE}")
        for address in addresses:
            token_is_verified_by_published_keys(address, clerk.token)
        name = lodge_and_read(cases, pb, clerk)
        other_county_sees_nothing(cases, pb, channel, name)
        finance_decides_nothing(channel, pb, pb_grpc, name)
        office_day.a_day(channel, Session, citizen)
    print(f"all promises kept for {name}")


if __name__ == "__main__":
    main(sys.argv[1].split(","))
