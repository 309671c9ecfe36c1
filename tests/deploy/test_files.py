"""What deploy/ holds beside the chart: each file by the tool that knows its kind,
and each tool on a file with a fault in it."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import plan

DEPLOY = plan.ROOT / "deploy"
TOOLS = pathlib.Path(sys.executable).parent
# Highest exposure of a unit, of ten.
EXPOSURE = 1.5


def run(*command, **more):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **more)
    return done.returncode, done.stdout


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def spoilt(self, file, old, new):
        """A copy of `file` with a fault."""
        text = file.read_text()
        self.assertIn(old, text)
        copy = self.folder / file.name
        copy.write_text(text.replace(old, new))
        return copy


class Compose(Files):
    def test_the_file_is_what_compose_reads(self):
        def check(file):
            return run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file)

        status, said = check(DEPLOY / "compose.yaml")
        self.assertEqual(status, 0, said)
        self.assertNotEqual(check(self.spoilt(DEPLOY / "compose.yaml", "read_only:", "readonly:"))[0], 0)

    @staticmethod
    def complaints(compose):
        for name, it in compose["services"].items():
            if not it.get("read_only") or it.get("cap_drop") != ["ALL"] or it.get("privileged") \
                    or it.get("cap_add") or it.get("security_opt") != ["no-new-privileges:true"]:
                yield f"{name}: privileges"
            if it.get("user", "0").split(":")[0] == "0":
                yield f"{name}: root"
            if it.get("restart") == "unless-stopped" and "test" not in it.get("healthcheck", {}):
                yield f"{name}: nobody asks how it is"
            for key, value in it.get("environment", {}).items():
                if "PASSWORD" in key and not key.endswith("_FILE"):
                    yield f"{name}: a secret in {key} = {value}"
            for volume in it.get("volumes", []):
                if volume.startswith(("./keys", "./tls", "./postgres", "./jwks")) and not volume.endswith(":ro"):
                    yield f"{name}: writes {volume}"
            for secret in it.get("secrets", []):
                if (secret if isinstance(secret, str) else secret["source"]) not in compose["secrets"]:
                    yield f"{name}: no such secret {secret}"
            for network in it["networks"]:
                if network not in compose["networks"]:
                    yield f"{name}: no such network {network}"
        for name, it in plan.topology()["services"].items():
            replicas = [compose["services"][at]["deploy"]["replicas"]
                        for at in (name, f"{name}-2") if at in compose["services"]]
            if sum(replicas) != 2:
                yield f"{name}: {replicas} replicas"

    def test_nothing_in_it_may_more_than_it_must(self):
        self.assertEqual(list(self.complaints(plan.compose())), [])
        faults = [("read_only", False), ("user", "0:0"), ("cap_drop", []), ("privileged", True),
                  ("healthcheck", {}), ("environment", {"PGPASSWORD": "x"}), ("networks", ["all"]),
                  ("volumes", ["./keys/gateway:/etc/yuhui/keys"]), ("secrets", ["other"])]
        for key, value in faults:
            planted = plan.compose()
            planted["services"]["disbursement"][key] = value
            self.assertEqual(len(list(self.complaints(planted))), 1, key)


class Image(Files):
    def test_the_dockerfile_is_sound(self):
        status, said = run(TOOLS / "hadolint", DEPLOY / "Dockerfile")
        self.assertEqual(status, 0, said)
        latest = self.spoilt(DEPLOY / "Dockerfile", "rust:${RUST_VERSION}-slim-bookworm", "rust:latest")
        self.assertNotEqual(run(TOOLS / "hadolint", latest)[0], 0)

    def test_its_last_stage_is_nothing_but_the_program_and_nobody_s(self):
        last = (DEPLOY / "Dockerfile").read_text().partition("\nFROM scratch\n")[2]
        self.assertEqual(re.findall(r"^(?:COPY|ADD|USER|ENTRYPOINT|FROM|RUN) .*", last, re.M), [
            "COPY --from=build /image/ /", "USER 65532:65532", 'ENTRYPOINT ["/yuhui"]'])

    def test_what_is_collected_runs_alone_as_nobody(self):
        program = os.environ.get("YUHUI_BIN")
        if not program:
            self.skipTest("no YUHUI_BIN")
        if os.geteuid() != 0:
            self.skipTest("only root changes the root folder")
        image = self.folder / "image"
        status, said = run(DEPLOY / "collect", program, image)
        self.assertEqual(status, 0, said)
        alone = ("chroot", "--userspec=65532:65532", image, f"/{pathlib.Path(program).name}")
        status, said = run(*alone, "powers")
        self.assertEqual((status, said.splitlines()[-1]), (0, "no role reaches two powers"), said)
        next(image.glob("**/libc.so.*")).unlink()
        self.assertNotEqual(run(*alone, "powers")[0], 0)


class Units(Files):
    def setUp(self):
        super().setUp()
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze")

    def units(self):
        """The units as they would lie, programs apart, which are not here."""
        for file in (DEPLOY / "systemd").iterdir():
            text = re.sub(r"^(ExecStart(?:Pre)?=)\S+", r"\1/bin/true", file.read_text(), flags=re.M)
            (self.folder / file.name.replace("@.", "@eligibility.")).write_text(text)
        return sorted(self.folder.iterdir())

    def test_systemd_knows_every_line(self):
        units = self.units()
        self.assertEqual(len(units), 3)
        # A key it does not know is a warning to it, and status 0.
        self.assertEqual(run("systemd-analyze", "verify", *units), (0, ""))
        service = next(it for it in units if it.name == "yuhui@eligibility.service")
        service.write_text(service.read_text().replace("ProtectSystem=", "ProtectSystems="))
        self.assertIn("ProtectSystems", run("systemd-analyze", "verify", service)[1])

    def exposure(self, unit):
        status, said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
        level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
        self.assertTrue(level, said)
        return float(level[1])

    def test_services_are_confined(self):
        for unit in self.units():
            if unit.suffix == ".service":
                self.assertLessEqual(self.exposure(unit), EXPOSURE, unit.name)
                unit.write_text(unit.read_text().replace("NoNewPrivileges=yes", "").replace(
                    "CapabilityBoundingSet=\n", ""))
                self.assertGreater(self.exposure(unit), EXPOSURE, unit.name)


class Alerts(Files):
    def setUp(self):
        super().setUp()
        if not shutil.which("promtool"):
            self.skipTest("no promtool")

    def test_each_is_raised_by_its_fault_alone(self):
        alerts = DEPLOY / "prometheus/alerts.yaml"
        shutil.copy(plan.ROOT / "tests/deploy/alerts.yaml", self.folder / "tests.yaml")

        def check(file):
            shutil.copy(file, self.folder / "alerts.yaml")
            return run("promtool", "test", "rules", "tests.yaml", cwd=self.folder)

        status, said = check(alerts)
        self.assertEqual(status, 0, said)
        other = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "alerts.yaml"
        for old, new in (("> 0.01", "> 0.2"), ("unless", "and"), ("> 0.05", "> 0.001"), ("absent(", "(")):
            text = alerts.read_text()
            self.assertIn(old, text)
            other.write_text(text.replace(old, new))
            self.assertNotEqual(check(other)[0], 0, old)

    def test_they_speak_of_metrics_that_there_are(self):
        code = (plan.ROOT / "services/platform/src/telemetry.rs").read_text()
        metrics = {f'{it.replace(".", "_")}_seconds_count' for it in re.findall(r'f64_histogram\("([a-z.]+)"\)', code)}
        text = (DEPLOY / "prometheus/alerts.yaml").read_text()
        self.assertEqual(set(re.findall(r"[a-z_]+_(?:count|total|bucket|sum)\b", text)), metrics)


class Scripts(Files):
    def test_shell_scripts_are_sound(self):
        scripts = [it for it in plan.ROOT.glob("deploy/**/*") if it.is_file()
                   and it.read_bytes().startswith(b"#!/usr/bin/env bash")]
        scripts += [plan.ROOT / it for it in ("tests/run", "tests/stage.sh", "tests/mutants",
                                              "tests/bench/run", ".ci/run")]
        self.assertGreaterEqual(len(scripts), 9)
        for script in scripts:
            self.assertEqual(run("bash", "-n", script), (0, ""))
        shellcheck = (TOOLS / "shellcheck", "--shell=bash", "--external-sources", "--severity=style")
        status, said = run(*shellcheck, *scripts, cwd=plan.ROOT)
        self.assertEqual(status, 0, said)
        unquoted = self.spoilt(DEPLOY / "collect", '"$program" | grep', "$program | grep")
        self.assertNotEqual(run(*shellcheck, unquoted)[0], 0)

    def test_deploy_scripts_can_be_run(self):
        for script in ("collect", "postgres/backup", "postgres/restore", "postgres/passwords"):
            self.assertTrue(os.access(DEPLOY / script, os.X_OK), script)


if __name__ == "__main__":
    unittest.main()
