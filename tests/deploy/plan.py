"""Who may open a connection to whom, read from each place that says so."""

import pathlib
import re
import tempfile
import tomllib
import urllib.parse

import grpc_tools
import helm_python
import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

ROOT = pathlib.Path(__file__).parents[2]
CHART = ROOT / "helm/yuhui"


def topology():
    return tomllib.loads((ROOT / "deploy/topology.toml").read_text())


def edges(topology):
    """(caller, called) of deploy/topology.toml."""
    return {(caller, called) for caller, it in topology["services"].items() for called in it["calls"]}


# The contract.

def packages():
    """Packages that a service behind the gateway answers, as its proxy reads them."""
    table = (ROOT / "services/gateway/src/proxy/table.rs").read_text()
    found = dict(re.findall(r'\("(yuhui\.\w+\.v1)", "([a-z-]+)"\)', table))
    assert found, "no package in the gateway's table"
    return found


def internal():
    """Full names of what services ask one another (`yuhui.internal`), and the service that answers. What more than
    one answers, like events, has no place of its own here."""
    answering = {}
    for file in ROOT.glob("services/*/src/**/*.rs"):
        for name in re.findall(r"\b(\w+Service)Server::", file.read_text()):
            answering.setdefault(f"yuhui.internal.v1.{name}", set()).add(file.relative_to(ROOT / "services").parts[0])
    return {name: services.pop() for name, services in answering.items()
            if len(services) == 1 and services != {"platform"}}


def destinations():
    """Where each service's events go, from its own list."""
    found = {}
    for file in ROOT.glob("services/*/src/lib.rs"):
        listed = re.search(r"pub const DESTINATIONS: &\[&str\] = &\[(.*?)\];", file.read_text(), re.S)
        if listed:
            found[file.parents[1].name] = set(re.findall(r'"([a-z-]+)"', listed[1]))
    assert any(found.values()), "no service lists where its events go"
    return found


def callers():
    """Full names of the contract's services, and who calls them with a service's own token
    (`services:` of the rules)."""
    proto, bundled = ROOT / "proto", pathlib.Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(str(it.relative_to(proto)) for it in proto.glob("yuhui/**/*.proto"))
    with tempfile.NamedTemporaryFile() as out:
        failed = protoc.main(["protoc", f"-I{proto}", f"-I{bundled}", "--include_imports",
                              f"--descriptor_set_out={out.name}", *files])
        assert failed == 0, "the contracts do not compile"
        every = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out.name).read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in every.file:
        pool.AddSerializedFile(file.SerializeToString())
    rule = pool.FindExtensionByName("yuhui.authz.v1.rule")
    options = pool.FindMessageTypeByName("google.protobuf.MethodOptions")
    options = message_factory.GetMessageClass(options)
    found = {}
    for file in files:
        for service in pool.FindFileByName(file).services_by_name.values():
            admitted = found.setdefault(service.full_name, set())
            for method in service.methods:
                rules = options.FromString(method.GetOptions().SerializeToString()).Extensions[rule]
                admitted.update(name for grant in rules.allow for name in grant.services)
    return found


def needed(packages, internal, destinations, callers):
    """(caller, called) that the contract asks for."""
    found = {("gateway", called) for called in packages.values()}
    found |= {(source, it) for source, places in destinations.items() for it in places}
    for service, admitted in callers.items():
        called = packages.get(service.rpartition(".")[0]) or internal.get(service)
        found |= {(caller, called) for caller in admitted if called}
    # Events and audit trails are answered by every service.
    sinks = callers["yuhui.internal.v1.EventSinkService"]
    for source, places in destinations.items():
        assert not places or source in sinks, f"{source} sends events, and nobody takes them from it"
    return found


# The chart.

def render(values, **more):
    """Manifests of the chart with the values of ci/VALUES-values.yaml, or these."""
    if isinstance(values, str):
        values = yaml.safe_load((CHART / f"ci/{values}-values.yaml").read_text())
    with helm_python.Chart.load(CHART) as chart:
        files = chart.render(values, name="demo", namespace="prod", **more)
    return [it for text in files.values() for it in yaml.safe_load_all(text) if it]


def component(labels):
    return labels.get("app.kubernetes.io/component")


def of_kind(manifests, kind):
    return {component(it["metadata"]["labels"]): it for it in manifests if it["kind"] == kind}


def edges_in(manifests):
    """(caller, called, port) that the called service's policy lets in."""
    return {
        (component(peer["podSelector"]["matchLabels"]), called, port["port"])
        for called, policy in of_kind(manifests, "NetworkPolicy").items()
        for rule in policy["spec"].get("ingress", [])
        for peer in rule.get("from", []) if "podSelector" in peer
        for port in rule["ports"]
    }


def edges_out(manifests, names):
    """(caller, called, port) that the caller's policy lets out."""
    return {
        (caller, component(peer["podSelector"]["matchLabels"]), port["port"])
        for caller, policy in of_kind(manifests, "NetworkPolicy").items()
        for rule in policy["spec"].get("egress", [])
        for peer in rule["to"] if component(peer.get("podSelector", {}).get("matchLabels", {})) in names
        for port in rule["ports"]
    }


def edges_configured(caller, text):
    """(caller, called, port) of the peers in a configuration."""
    return {
        (caller, called.replace("_", "-"), urllib.parse.urlsplit(url).port)
        for called, urls in tomllib.loads(text).get("peers", {}).items() for url in urls
    }


# The compose file.

def compose():
    return yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())


def neighbours(compose):
    """Pairs of containers that share a network; the second gateway is the gateway."""
    members = {}
    for name, it in compose["services"].items():
        for network in it["networks"]:
            members.setdefault(network, set()).add(name.removesuffix("-2"))
    return {frozenset((a, b)) for names in members.values() for a in names for b in names if a != b}
