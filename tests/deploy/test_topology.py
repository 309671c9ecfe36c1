"""Chart, compose file and contract describe one topology: deploy/topology.toml."""

import copy
import unittest

import plan


class Topology(unittest.TestCase):
    def setUp(self):
        self.topology = plan.topology()
        self.edges = plan.edges(self.topology)
        self.names = set(self.topology["services"])
        ports = {name: it["port"] for name, it in self.topology["services"].items()}
        self.with_ports = {(caller, called, ports[called]) for caller, called in self.edges}

    def test_it_has_the_edges_the_contract_asks_for_and_no_other(self):
        parts = plan.packages(), plan.internal(), plan.destinations(), plan.callers()
        self.assertEqual(plan.needed(*parts), self.edges)
        # A caller more in the contract is noticed.
        parts[3]["yuhui.internal.v1.PaidService"].add("institution-registry")
        self.assertNotEqual(plan.needed(*parts), self.edges)

    def test_ports_are_one_service_s_each(self):
        ports = [it[key] for it in self.topology["services"].values()
                 for key in ("port", "bank_port") if key in it]
        second = [it + self.topology["second_replica"] for it in ports]
        self.assertEqual(len(set(ports + second)), 2 * len(ports))

    def test_the_chart_s_policies_let_in_and_out_what_it_says(self):
        for values in ("minimal", "all"):
            manifests = plan.render(values)
            self.assertEqual(plan.edges_in(manifests), self.with_ports)
            self.assertEqual(plan.edges_out(manifests, self.names), self.with_ports)
            for name, policy in plan.of_kind(manifests, "NetworkPolicy").items():
                self.assertEqual(policy["spec"]["policyTypes"], ["Ingress", "Egress"], name)
        # Somebody more at a service's door is noticed.
        policy = plan.of_kind(manifests, "NetworkPolicy")["disbursement"]
        policy["spec"]["ingress"][0]["from"].append(
            {"podSelector": {"matchLabels": {"app.kubernetes.io/component": "registry-verification"}}})
        self.assertNotEqual(plan.edges_in(manifests), self.with_ports)

    def test_every_rule_of_a_policy_names_who_and_which_port(self):
        for values in ("minimal", "all"):
            for name, policy in plan.of_kind(plan.render(values), "NetworkPolicy").items():
                rules = policy["spec"].get("ingress", []) + policy["spec"]["egress"]
                for rule in rules:
                    self.assertTrue(rule.get("ports"), f"{name}: every port")
                    people = {"port": self.topology["services"]["gateway"]["port"]} in rule["ports"]
                    self.assertTrue(rule.get("from") or rule.get("to") or people, f"{name}: everybody")

    def test_only_the_bank_s_networks_reach_the_bank_s_port(self):
        port = self.topology["services"]["gateway"]["bank_port"]
        for values, networks in (("minimal", []), ("all", ["192.0.2.0/28", "198.51.100.7/32"])):
            manifests = plan.render(values)
            rules = plan.of_kind(manifests, "NetworkPolicy")["gateway"]["spec"]["ingress"]
            peers = [peer for it in rules if {"port": port} in it["ports"] for peer in it["from"]]
            self.assertEqual(peers, [{"ipBlock": {"cidr": it}} for it in networks])
            services = [it for it in manifests if it["kind"] == "Service"
                        and any(at["port"] == port for at in it["spec"]["ports"])]
            self.assertEqual([it["spec"]["loadBalancerSourceRanges"] for it in services],
                             [networks] if networks else [])

    def test_configurations_of_the_chart_name_these_peers(self):
        configurations = plan.of_kind(plan.render("all"), "ConfigMap")
        found = set()
        for name in self.names:
            found |= plan.edges_configured(name, configurations[name]["data"]["yuhui.toml"])
        self.assertEqual(found, self.with_ports)

    def test_compose_s_networks_join_who_may_call_whom(self):
        compose = plan.compose()
        joined = {frozenset(it) for it in self.edges}
        between = {it for it in plan.neighbours(compose) if it <= self.names}
        self.assertEqual(between, joined)
        # One network for all is noticed.
        open_to_all = copy.deepcopy(compose)
        for name in self.names:
            open_to_all["services"][name]["networks"] = ["one"]
        self.assertNotEqual({it for it in plan.neighbours(open_to_all) if it <= self.names}, joined)

    def test_in_compose_only_gateways_reach_redis_and_only_they_leave_the_machine(self):
        compose = plan.compose()
        pairs = plan.neighbours(compose)
        self.assertEqual({next(iter(it - {"redis"})) for it in pairs if "redis" in it},
                         {"gateway", "bootstrap"})
        database = {next(iter(it - {"postgres"})) for it in pairs if "postgres" in it}
        self.assertEqual(database, self.names | {"migrate", "bootstrap", "backup"})
        ways_out = {name for name, it in compose["networks"].items() if not it.get("internal")}
        self.assertEqual(ways_out, {"people", "bank"})
        for name, it in compose["services"].items():
            outside = ways_out & set(it["networks"])
            self.assertEqual(bool(outside or it.get("ports")), name.startswith("gateway"), name)

    def test_configurations_of_compose_name_these_peers_and_ports(self):
        compose, found = plan.compose(), set()
        for name, it in self.topology["services"].items():
            text = compose["configs"][name]["content"]
            found |= plan.edges_configured(name, text)
            self.assertIn(f':{it["port"]}"', text)
        self.assertEqual(found, self.with_ports)


if __name__ == "__main__":
    unittest.main()
