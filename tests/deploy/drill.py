"""The restore that every backup stands for, from the first line to the last:
a year is played on a server that archives its log, a copy is taken, clerks work
on, the server is destroyed, and what deploy/postgres/restore makes of copy and
log is asked whether everything acknowledged until the moment is there, nothing
after it, every chain is whole and the books balance.

Run by root, who becomes the system's user postgres where that is asked for, with
YUHUI_BIN and, for the programs of PostgreSQL, YUHUI_TEST_PG_BIN."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

import grpc

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/python"))
import client  # noqa: E402

YUHUI = os.environ.get("YUHUI_BIN", str(ROOT / "target/debug/yuhui"))
PROGRAMS = os.environ.get("YUHUI_TEST_PG_BIN", "/usr/lib/postgresql/15/bin")
SERVICES = ["eligibility", "registry_verification", "institution_registry", "funding_ledger",
            "disbursement", "gateway"]
TODAY = "2025-09-10"
PATIENCE = 120


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def until(true, what):
    """Waits until `true()`."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


class Server:
    """A PostgreSQL server with the pg_hba.conf, roles and scripts of deploy/postgres."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.data = folder / "data"
        self.secrets = folder / "secrets"
        self.tls = folder / "tls"
        self.environment = {
            **os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "HOME": str(folder), "PGHOST": str(folder), "PGPORT": str(self.port), "PGUSER": "postgres",
        }

    def run(self, *command, **more):
        """Runs a program as the server's own user: PostgreSQL refuses to be root."""
        command = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command)
        more = {"env": self.environment, "cwd": self.folder, "text": True, **more}
        done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **more)
        return done.returncode, done.stdout

    def must(self, *command, **more):
        status, said = self.run(*command, **more)
        assert status == 0, f"{' '.join(map(str, command))}: {said}\n{self.log()}"
        return said

    def log(self):
        log = self.folder / "log"
        return "".join(log.read_text().splitlines(True)[-20:]) if log.exists() else ""

    def ask(self, question, database="postgres"):
        return self.must("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", question).strip()

    def create(self):
        shutil.chown(self.folder, "postgres", "postgres")
        # Small segments: the log of a drill is short.
        self.must("initdb", "-D", self.data, "-U", "postgres", "--auth=peer", "-E", "UTF8",
                  "--locale=C", "--wal-segsize=1")
        self.tls.mkdir()
        self.secrets.mkdir()
        for role in ["yuhui_owner", "yuhui_backup", *(f"yuhui_{it}" for it in SERVICES)]:
            (self.secrets / role).write_text(uuid.uuid4().hex)
        self.certificate("ca", "CA:TRUE", "DNS:authority")
        self.certificate("server", "CA:FALSE", "IP:127.0.0.1", "-CA", self.tls / "ca.crt", "-CAkey",
                         self.tls / "ca.key")
        for path in [self.tls, self.secrets, *self.tls.iterdir(), *self.secrets.iterdir()]:
            path.chmod(0o700 if path.is_dir() else 0o600)
            shutil.chown(path, "postgres", "postgres")
        self.start("-c archive_mode=on -c archive_library=basic_archive "
                   f"-c basic_archive.archive_directory={self.archive('backup')}")
        for script in ("roles.sql", "databases.sql"):
            self.must("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", "postgres", "-f",
                      ROOT / "deploy/postgres" / script)
        self.must(ROOT / "deploy/postgres/passwords", self.secrets)

    def certificate(self, name, constraints, alternative, *signed):
        subprocess.run(
            ["openssl", "req", "-x509", *signed, "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
             f"/CN={name}", "-addext", f"basicConstraints=critical,{constraints}", "-addext",
             f"subjectAltName={alternative}", "-keyout", self.tls / f"{name}.key", "-out",
             self.tls / f"{name}.crt"], check=True, capture_output=True)

    def archive(self, name):
        """The archive below the folder of backups `name`."""
        archive = self.folder / name / "archive"
        self.must("mkdir", "-p", archive)
        return archive

    def start(self, options=""):
        settings = (
            f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off "
            f"-c hba_file={ROOT}/deploy/postgres/pg_hba.conf -c ssl=on "
            f"-c ssl_cert_file={self.tls}/server.crt -c ssl_key_file={self.tls}/server.key "
        )
        self.must("pg_ctl", "-D", self.data, "-w", "-t", PATIENCE, "-l", self.folder / "log",
                  "-o", settings + options, "start")
        until(lambda: self.ask("SELECT pg_is_in_recovery()") == "f", "the server takes writes")

    def stop(self, how):
        self.run("pg_ctl", "-D", self.data, "-w", "-m", how, "stop")

    def url(self, role):
        """URL of `role`, `{service}` standing for the service. Roles of services have one
        password here, because a URL names one for all of them."""
        password = (self.secrets / "yuhui_owner").read_text()
        return (f"postgres://{role}:{password}@127.0.0.1:{self.port}/yuhui_{{service}}"
                f"?sslmode=verify-full&sslrootcert={self.tls}/ca.crt")

    def doors(self):
        """Who gets in: every role to every database, and to its own without TLS."""
        admitted = set()
        for role in sorted(it.name for it in self.secrets.iterdir()):
            for database in [*(f"yuhui_{it}" for it in SERVICES), "postgres"]:
                for mode in ("require", "disable") if database in (role, "postgres") else ("require",):
                    environment = {
                        **self.environment, "PGHOST": "127.0.0.1", "PGSSLMODE": mode, "PGUSER": role,
                        "PGPASSWORD": (self.secrets / role).read_text(),
                    }
                    status, _ = self.run("psql", "-XAtqc", "SELECT 1", "-d", database, env=environment)
                    if status == 0:
                        admitted.add((role, database, mode))
        own = {(f"yuhui_{it}", f"yuhui_{it}", "require") for it in SERVICES}
        owner = {("yuhui_owner", f"yuhui_{it}", "require") for it in SERVICES}
        wanted = own | owner | {("yuhui_backup", "postgres", "require")}
        assert admitted == wanted, f"doors that should be shut or open: {admitted ^ wanted}"


class System:
    """`yuhui serve` on the server, with the keys of the year."""

    running = []

    def __init__(self, server, keys):
        self.address = f"127.0.0.1:{free_port()}"
        self.said = open(server.folder / "yuhui.log", "a")
        self.child = subprocess.Popen(
            [YUHUI, "serve", "--development", "--data", keys, "--listen", self.address, "--sandbox-date", TODAY,
             *stores(server)], stdout=self.said, stderr=self.said)
        self.running.append(self.child)
        until(self.answers, "yuhui serve answers")
        channel = grpc.insecure_channel(self.address)
        from yuhui.eligibility.v1 import eligibility_pb2, eligibility_pb2_grpc

        self.pb = eligibility_pb2
        self.cases = eligibility_pb2_grpc.CaseServiceStub(channel)
        self.clerk = client.Session(channel, f"village-clerk.{client.VILLAGE}")

    def answers(self):
        assert self.child.poll() is None, pathlib.Path(self.said.name).read_text()
        with socket.socket() as it:
            return it.connect_ex(("127.0.0.1", int(self.address.split(":")[1]))) == 0

    def act(self, number):
        """A claim is taken down; its name, once that is acknowledged."""
        claim = self.pb.Claim(
            programme="PROGRAMME_P1", village=client.VILLAGE, truth_signed=True, claimant_name="乌兰",
            claimant_number=client.citizen("15029819930501321"),
            child_number=client.citizen(f"1502982025030{number}321"),
            account=self.pb.BankAccount(
                holder_name="乌兰", account_number="6217000011112220", bank_name="包头农商银行"))
        create = self.pb.CreateCaseRequest(
            parent=f"counties/{client.COUNTY}", claim=claim, request_id=str(uuid.uuid4()))
        return self.clerk.call(self.cases.CreateCase, create).case

    def read(self, name):
        return self.clerk.call(self.cases.GetCase, self.pb.GetCaseRequest(name=name)).case

    def stop(self, how):
        self.child.send_signal(how)
        self.child.wait()
        self.said.close()


def stores(server):
    return ["--postgres", server.url("yuhui_{service}"), "--postgres-owner", server.url("yuhui_owner")]


def yuhui(*command):
    done = subprocess.run([YUHUI, *map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, f"yuhui {command[0]}: {done.stdout}{done.stderr}"
    return done.stdout


def step(what, since=[time.monotonic()]):
    print(f"{time.monotonic() - since[0]:5.1f} s  {what}", flush=True)


def drill(folder):
    server = Server(folder)
    server.create()
    try:
        play(server, folder)
    finally:
        for child in System.running:
            child.kill()
        server.stop("immediate")
    step("gone")


def play(server, folder):
    server.doors()
    step("a server with TLS, where every role reaches its own database and no other")
    password = (server.secrets / "yuhui_owner").read_text()
    for service in SERVICES:
        (server.secrets / f"yuhui_{service}").write_text(password)
    server.must(ROOT / "deploy/postgres/passwords", server.secrets)

    keys, stub = folder / "keys", folder / "stubs"
    # A round whose families are none of the persons of the development accounts.
    yuhui("year", "--seed", "1", "--scale", "0.002", "--data", keys, *stores(server))
    step("a year is played")
    stub.mkdir()
    client.generate(str(stub))

    scripts = ROOT / "deploy/postgres"
    said = server.must(scripts / "backup", folder / "backup")
    step(said.strip().splitlines()[-1])
    # A copy in which a byte is another one is no copy.
    spoilt = folder / "spoilt"
    shutil.copytree(folder / "backup", spoilt)
    victim = next((spoilt / "base").glob("2*/base/*/PG_VERSION"))
    victim.write_text("14\n")
    for path in [spoilt, *spoilt.rglob("*")]:
        shutil.chown(path, "postgres", "postgres")
    status, said = server.run(scripts / "restore", spoilt, folder / "never", folder / "never-archive")
    assert status != 0 and "PG_VERSION" in said and not (folder / "never").exists(), said
    step("a copy with a changed byte is refused")

    system = System(server, keys)
    before = [system.act(number) for number in range(1, 5)]
    time.sleep(1)
    moment = server.ask("SELECT clock_timestamp()")
    time.sleep(1)
    after = [system.act(number) for number in range(5, 9)]
    # What archive_timeout does once a minute.
    segment = server.ask("SELECT pg_walfile_name(pg_switch_wal())")
    until(lambda: (folder / "backup/archive" / segment).exists(), "the segment is archived")
    system.stop(signal.SIGKILL)
    server.stop("immediate")
    shutil.rmtree(server.data)
    step(f"worked on until {moment} and beyond; the server is destroyed")

    fresh = server.archive("backup-2")
    server.must(scripts / "restore", folder / "backup", server.data, fresh, moment)
    server.start()
    step("restored to the moment")

    chains = yuhui("audit", "verify", "--data", keys, *stores(server))
    whole = re.findall(r"^(\S+) .* (\d+) entries, .*, whole$", chains, re.M)
    booked = re.findall(r"^book of .* (\d+) journals, whole$", chains, re.M)
    assert {it for it, _ in whole} >= {"eligibility", "funding-ledger", "disbursement", "gateway"}, chains
    assert booked and all(int(it) > 0 for it in booked) and "BROKEN" not in chains, chains
    step(f"{len(whole)} chains whole, {len(booked)} books balance")

    system = System(server, keys)
    for case in before:
        assert system.read(case.name) == case, case.name
    for case in after:
        code, _ = system.clerk.refused(
            system.cases.GetCase, system.pb.GetCaseRequest(name=case.name))
        assert code == grpc.StatusCode.NOT_FOUND, (case.name, code)
    again = system.act(9)
    assert system.read(again.name) == again
    system.stop(signal.SIGTERM)
    step(f"{len(before)} acts before it are there, {len(after)} after it are not, and work goes on")

    # The new server is one whose backup works, over the network too, with an archive of its own.
    server.must(scripts / "backup", folder / "backup-2", env={
        **server.environment, "PGHOST": "127.0.0.1", "PGUSER": "yuhui_backup", "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(server.tls / "ca.crt"),
        "PGPASSWORD_FILE": str(server.secrets / "yuhui_backup"),
    })
    segments = {it.name for it in fresh.iterdir() if not it.name.endswith((".history", ".backup"))}
    assert segments and all(it.startswith("00000002") for it in segments), segments
    step("the restored server has been backed up over the network")

    # A log that is not archived makes a backup worth less than it seems.
    fresh.chmod(0o500)
    server.ask("CREATE TABLE written (); SELECT pg_switch_wal()")
    until(lambda: server.ask("SELECT failed_count > 0 FROM pg_stat_archiver") == "t", "a failure")
    status, said = server.run(scripts / "backup", folder / "backup-2")
    assert status != 0 and "archiving of the log is failing" in said, said
    step("where the log is not archived no backup succeeds")


@contextlib.contextmanager
def place():
    """A folder in memory, or on disk where nothing may be mounted: ten thousand files are
    copied four times."""
    with tempfile.TemporaryDirectory(prefix="yuhui-drill-") as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g,mode=0755", "tmpfs", folder],
                                 capture_output=True).returncode == 0
        try:
            yield pathlib.Path(folder)
        finally:
            if mounted:
                subprocess.run(["umount", "--lazy", folder], check=True)


if __name__ == "__main__":
    with place() as folder:
        drill(folder)
