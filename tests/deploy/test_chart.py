"""The chart renders with every optional part on and off, and what it renders is
what Kubernetes takes and what may run beside other people's money."""

import copy
import tomllib
import unittest

import helm_python
import kubernetes_validate
import plan
import yaml

VALUES = ("minimal", "all", "bare")
KUBERNETES = "1.31"
SERVICES = set(plan.topology()["services"])


def pods(manifests):
    """(name, pod) of everything that runs."""
    for it in manifests:
        if it["kind"] in ("Deployment", "Job"):
            yield it["metadata"]["name"], it["spec"]["template"]["spec"]


def complaints(manifests):
    """What is wrong, a line each."""
    for name, pod in pods(manifests):
        context = pod.get("securityContext", {})
        if not context.get("runAsNonRoot") or context.get("runAsUser", 0) == 0:
            yield f"{name}: may be root"
        if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name}: any system call"
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{name}: a token of the cluster"
        if any(pod.get(it) for it in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{name}: the machine's own namespaces"
        for volume in pod.get("volumes", []):
            if not {"configMap", "secret", "emptyDir"} & set(volume):
                yield f"{name}: volume {volume['name']} is of another kind"
            # Others than the pod's group, which Kubernetes adds, read nothing.
            if volume.get("secret", {"defaultMode": 0}).get("defaultMode", 0o644) & 0o077:
                yield f"{name}: secret {volume['name']} is readable by others"
        for container in pod.get("initContainers", []) + pod["containers"]:
            context = container.get("securityContext", {})
            if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
                yield f"{name}: privileges"
            if context.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{name}: capabilities"
            if not context.get("readOnlyRootFilesystem"):
                yield f"{name}: a root that is written"
            resources = container.get("resources", {})
            if not resources.get("requests") or "memory" not in resources.get("limits", {}):
                yield f"{name}: no resources"
            if container["image"].endswith(":latest") or ":" not in container["image"]:
                yield f"{name}: any image"
            if container.get("env"):
                yield f"{name}: a value in the environment"
            # Each service sees its own keys and password, and no other's.
            own = [it["name"] for it in container["volumeMounts"]
                   if it["mountPath"].startswith(("/etc/yuhui/keys", "/etc/yuhui/database"))]
            part = "gateway" if container["name"] == "bootstrap" else container["name"]
            if set(own) - {f"{part}-{it}" for it in ("signing", "seal", "index", "database")}:
                yield f"{name}: another service's secrets"
    policies = plan.of_kind(manifests, "NetworkPolicy")
    for name, it in plan.of_kind(manifests, "Deployment").items():
        container = it["spec"]["template"]["spec"]["containers"][0]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if container.get(probe, {}).get("exec", {}).get("command", [])[:2] != ["/yuhui", "health"]:
                yield f"{name}: no {probe}"
        selected = policies.get(name, {}).get("spec", {}).get("podSelector", {}).get("matchLabels")
        if selected != it["spec"]["selector"]["matchLabels"]:
            yield f"{name}: no network policy"
        if len(it["spec"]["template"]["spec"].get("topologySpreadConstraints", [])) != 2:
            yield f"{name}: not spread"
    for it in manifests:
        if it["kind"] == "Secret":
            yield f"{it['metadata']['name']}: a secret in the chart"
        if it["kind"] == "ConfigMap":
            yield from secrets_in(it)


def secrets_in(configmap):
    """A configuration names files of secrets, and holds none."""
    for text in configmap["data"].values():
        for section, table in tomllib.loads(text).items():
            for key, value in table.items():
                named = ("password" in key or "key" in key) and not str(value).startswith("/")
                in_url = "://" in str(value) and ":" in str(value).partition("://")[2].partition("@")[0] \
                    and "@" in str(value)
                if named or in_url:
                    yield f"{configmap['metadata']['name']}: a secret in {section}.{key}"


class Chart(unittest.TestCase):
    maxDiff = None

    def test_it_passes_the_strict_lint(self):
        for values in VALUES:
            given = yaml.safe_load((plan.CHART / f"ci/{values}-values.yaml").read_text())
            report = helm_python.lint(plan.CHART, given, strict=True, kube_version=f"v{KUBERNETES}.0")
            worse = [it for it in report["messages"] if it["severity"] > 1]
            self.assertEqual((report["errors"], worse), ([], []), values)

    def test_kubernetes_knows_every_field(self):
        for values in VALUES:
            for manifest in plan.render(values):
                kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
        manifest["spec"]["replica"] = 2
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)

    def test_an_install_and_an_upgrade_render_alike(self):
        self.assertEqual(plan.render("all", is_install=True), plan.render("all", is_upgrade=True))

    def test_nothing_that_runs_may_more_than_it_must(self):
        for values in ("minimal", "all"):
            self.assertEqual(list(complaints(plan.render(values))), [], values)

    def test_each_planted_fault_is_found(self):
        sound = plan.render("all")
        deployment = next(i for i, it in enumerate(sound) if it["kind"] == "Deployment")
        configmap = next(i for i, it in enumerate(sound) if it["kind"] == "ConfigMap")
        pod = ("spec", "template", "spec")
        container = (*pod, "containers", 0)
        faults = [
            (deployment, (*pod, "securityContext", "runAsNonRoot"), False),
            (deployment, (*pod, "securityContext", "seccompProfile"), None),
            (deployment, (*pod, "automountServiceAccountToken"), True),
            (deployment, (*pod, "hostNetwork"), True),
            (deployment, (*pod, "volumes", 0), {"name": "host", "hostPath": {"path": "/"}}),
            (deployment, (*pod, "volumes", 4, "secret", "defaultMode"), 0o444),
            (deployment, (*pod, "topologySpreadConstraints"), []),
            (deployment, (*container, "securityContext", "allowPrivilegeEscalation"), True),
            (deployment, (*container, "securityContext", "capabilities"), {"drop": ["NET_RAW"]}),
            (deployment, (*container, "securityContext", "readOnlyRootFilesystem"), False),
            (deployment, (*container, "resources"), {}),
            (deployment, (*container, "image"), "yuhui:latest"),
            (deployment, (*container, "volumeMounts", 0),
             {"name": "other", "mountPath": "/etc/yuhui/keys/other"}),
            (deployment, (*container, "env"), [{"name": "PASSWORD", "value": "x"}]),
            (deployment, (*container, "readinessProbe"), {"httpGet": {"port": 80}}),
            (deployment, ("spec", "selector", "matchLabels"), {"app": "x"}),
            (configmap, ("kind",), "Secret"),
            (configmap, ("data", "yuhui.toml"), '[database]\nurl = "postgres://a:secret@b/c"'),
            (configmap, ("data", "yuhui.toml"), '[redis]\npassword = "secret"'),
        ]
        for place, path, value in faults:
            planted = copy.deepcopy(sound)
            at = planted[place]
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
            self.assertNotEqual(list(complaints(planted)), [], path)

    def test_optional_parts_are_there_when_they_are_asked_for(self):
        def kinds(values):
            return {(it["kind"], it["metadata"]["name"].removeprefix("demo-yuhui-"))
                    for it in plan.render(values)}

        everything, minimal, bare = kinds("all"), kinds("minimal"), kinds("bare")
        optional = {
            ("HorizontalPodAutoscaler", "gateway"), ("HorizontalPodAutoscaler", "eligibility"),
            ("Service", "bank"), ("Job", "bootstrap"), ("ConfigMap", "bootstrap"),
        }
        self.assertEqual(everything - minimal, optional)
        self.assertEqual({kind for kind, _ in minimal - bare}, {"NetworkPolicy"})
        for kind in ("Deployment", "Service", "PodDisruptionBudget", "ConfigMap"):
            self.assertLessEqual(SERVICES, {name for it, name in bare if it == kind}, kind)
        self.assertIn(("Job", "migrate"), bare)

    def test_services_behind_the_gateway_are_headless(self):
        for name, it in plan.of_kind(plan.render("minimal"), "Service").items():
            self.assertEqual(it["spec"].get("clusterIP") == "None", name != "gateway", name)

    def test_probes_ask_where_the_service_answers(self):
        source = (plan.ROOT / "services/yuhui/src/health.rs").read_text()
        manifests = plan.render("minimal")
        configurations = plan.of_kind(manifests, "ConfigMap")
        for name in SERVICES:
            socket = tomllib.loads(configurations[name]["data"]["yuhui.toml"])["listen"]["health"]
            self.assertIn(f'default_value = "{socket}"', source, name)
            self.assertEqual(plan.compose()["configs"][name]["content"].count(f'health = "{socket}"'), 1)

    def test_values_that_are_unknown_missing_or_wrong_are_refused(self):
        required = {"postgres": {"host": "db", "to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}]}}
        plan.render(required)
        wrong = [
            {},
            {"postgres": {"host": "db"}},
            {**required, "bank": {"enabled": True}},
            {**required, "replicas": 2},
            {**required, "services": {"console": {"replicas": 1}}},
            {**required, "services": {"gateway": {"replicas": "two"}}},
            {**required, "secrets": {"gateway": {"database": "a password!"}}},
            {**required, "redis": {"url": "redis://user:secret@redis:6379"}},
        ]
        for values in wrong:
            with self.assertRaises(helm_python.HelmValuesError, msg=values):
                plan.render(values)

    def test_numbers_texts_lists_and_truths_reach_the_configuration_as_they_are(self):
        values = yaml.safe_load((plan.CHART / "ci/minimal-values.yaml").read_text())
        given = {"limits": {"connections": 8192, "internal": {"idle": "30m"}},
                 "telemetry": {"sample": 0.25}, "listen": {"origins": ["https://a?b=1&c=<2>"]}}
        values["config"] = {"all": given, "gateway": {"limits": {"connections": 9}}}
        configurations = plan.of_kind(plan.render(values), "ConfigMap")

        def read(name):
            return tomllib.loads(configurations[name]["data"]["yuhui.toml"])

        self.assertEqual(read("eligibility")["limits"], given["limits"])
        self.assertEqual(read("eligibility")["listen"]["origins"], given["listen"]["origins"])
        self.assertEqual(read("eligibility")["telemetry"], given["telemetry"])
        self.assertEqual(read("gateway")["limits"], {"connections": 9, "internal": {"idle": "30m"}})


if __name__ == "__main__":
    unittest.main()
