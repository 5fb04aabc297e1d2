"""Access control of a local AWS."""

import http.client
import io
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import unittest
import zipfile
from pathlib import Path
from typing import Any, Optional
from unittest import mock
from urllib.parse import urlparse

from botocore.exceptions import ClientError

from local_aws.instance import Instance

from .exec_session import ExecSession
from .running import WithLocalAws
from .test_exec import WithTask

_NOBODY = 65534


class WithRequests(WithLocalAws):
    """Plain requests, with headers of the test's choosing."""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, dict[str, str]]:
        url = urlparse(self.answer["endpoint"])
        connection = http.client.HTTPConnection("127.0.0.1", url.port or 0)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None,
                               {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, response.read().decode(), {k.lower(): v for k, v in response.getheaders()}
        finally:
            connection.close()

    def with_secret(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret()}"}

    @property
    def state(self) -> Path:
        return Path(self.answer["stateDir"])


class OwnPagesTest(WithRequests):
    def test_the_switches_take_the_secret(self) -> None:
        for method, path, body in (("PUT", "/_cdk_vast/exec", {}), ("PUT", "/_cdk_vast/stop-linger", 0),
                                   ("GET", "/_cdk_vast/stacks", None), ("GET", "/_ministack/sqs/messages", None),
                                   ("POST", "/_ministack/config", {"lambda_svc.LAMBDA_EXECUTOR": "local"}),
                                   ("POST", "/_ministack/reset", {}), ("GET", "/_localstack/init", None)):
            for given in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {self.secret()[:-1]}"},
                          {"Authorization": f"Basic {self.secret()}"}):
                status, answer, _ = self.ask(method, path, body, **given)
                self.assertEqual((403, True), (status, "takes the secret of the instance" in answer), path)
        self.assertEqual(200, self.ask("PUT", "/_cdk_vast/exec", {}, **self.with_secret())[0])
        self.assertEqual(200, self.ask("GET", "/_ministack/health")[0])

    def test_secrets_differ(self) -> None:
        self.assertRegex(self.secret(), r"^[\w-]{43}$")
        with tempfile.TemporaryDirectory() as home, mock.patch.dict(os.environ, {"CDK_VAST_LOCAL_AWS_HOME": home}):
            other = Instance("other")
            other.prepare()
            self.assertNotEqual(self.secret(), other.secret())

    def test_only_documented_switches(self) -> None:
        for switches, words in (({"containerId": "0" * 64}, "no switch 'containerId'"),
                                ({"command": "sh"}, "no switch 'command'"),
                                ({"quirks": {"pace": 1}}, "quirks has no member 'pace'"),
                                ({"faults": {"drop": "often"}}, "faults.drop is 'often'"),
                                ({"idleMilliseconds": True}, "idleMilliseconds is True"),
                                ([], "are an object")):
            status, answer, _ = self.ask("PUT", "/_cdk_vast/exec", switches, **self.with_secret())
            self.assertEqual((400, True), (status, words in answer), answer)

    def test_frames_are_recorded_below_the_state_directory_only(self) -> None:
        for name in ("/tmp/frames", "../frames", "a/b", ".hidden", "", "a\nb", 5):
            status, answer, _ = self.ask("PUT", "/_cdk_vast/exec", {"recordFile": name}, **self.with_secret())
            self.assertEqual((400, True), (status, "without its directory" in answer), answer)

    def test_nobody_else_may_read_the_state(self) -> None:
        self.ask("PUT", "/_cdk_vast/exec", {"recordFile": "frames"}, **self.with_secret())
        self.addCleanup(self.ask, "PUT", "/_cdk_vast/exec", {}, **self.with_secret())
        paths = [self.state, *self.state.rglob("*")]
        modes = {str(path.relative_to(self.state)): stat.S_IMODE(path.lstat().st_mode) & 0o077 for path in paths}
        self.assertEqual({}, {name: mode for name, mode in modes.items() if mode})


class PageTest(WithRequests):
    def test_a_page_is_refused_whatever_it_asks(self) -> None:
        port = urlparse(self.answer["endpoint"]).port
        for headers in ({"Origin": "http://example.com"}, {"Origin": "null"}, {"Origin": f"http://localhost:{port}"},
                        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-origin"},
                        {"Host": "example.com"}, {"Host": f"rebound.example.com:{port}"},
                        {"Host": f"localhost.example.com:{port}"}, {"Host": "169.254.169.254"}):
            for method, path in (("GET", "/"), ("GET", "/?Action=DeleteStack&StackName=x"), ("POST", "/"),
                                 ("OPTIONS", "/"), ("PUT", "/_cdk_vast/exec"), ("GET", "/v2/"), ("GET", "/_ministack/health")):
                status, _, answered = self.ask(method, path, **headers, **self.with_secret())
                self.assertEqual((403, None), (status, answered.get("access-control-allow-origin")), (headers, path))

    def test_a_typed_address_and_the_names_of_this_machine_are_served(self) -> None:
        for headers in ({}, {"Sec_Fetch_Site": "none"}, {"Host": "localhost"}, {"Host": "bucket.localhost:1"},
                        {"Host": "[::1]:1"}):
            self.assertEqual(200, self.ask("GET", "/_ministack/health", **headers)[0], headers)


@unittest.skipUnless(os.geteuid() == 0 and sys.platform == "linux", "only root can be another user")
class OtherUserTest(WithRequests):
    def as_nobody(self, program: str) -> str:
        # The interpreter may be where nobody else can read it: the modules are loaded before.
        become = f"import encodings.idna, http.client, os, socket; os.setgroups([]); os.setgid({_NOBODY}); os.setuid({_NOBODY})"
        done = subprocess.run([sys.executable, "-I", "-c", f"{become}\n{program}"], capture_output=True, text=True,
                              cwd="/", env={"PORT": str(urlparse(self.answer["endpoint"]).port)})
        return done.stdout + done.stderr

    def test_another_user_is_refused(self) -> None:
        for address in ("127.0.0.1", "::ffff:127.0.0.1"):
            answer = self.as_nobody(f"""
connection = http.client.HTTPConnection("{address}", int(os.environ["PORT"]))
connection.request("GET", "/_ministack/health", headers={{"Host": "localhost"}})
print(connection.getresponse().read().decode())""")
            self.assertIn("this local AWS is for processes of root", answer)

    def test_nobody_else_can_answer_where_localhost_is_an_ipv6_address(self) -> None:
        answer = self.as_nobody("""
one = socket.socket(socket.AF_INET6)
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    one.bind(("::1", int(os.environ["PORT"])))
    one.listen()
    print("bound")
except OSError as error:
    print(os.strerror(error.errno))""")
        self.assertEqual("Address already in use", answer.strip())

    def test_a_socket_that_is_closed_at_once_is_not_taken_for_roots(self) -> None:
        answer = self.as_nobody("""
for _ in range(20):
    one = socket.create_connection(("127.0.0.1", int(os.environ["PORT"])))
    one.sendall(b"PUT /taken HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 0\\r\\n\\r\\n")
    one.close()""")
        self.assertEqual("", answer)
        self.assertEqual([], self.client("s3").list_buckets()["Buckets"])


class ContainerTest(WithTask, WithRequests):
    def inside(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        """A request from within the task's container."""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Content-Length: {len(body)}",
                 *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()), "", body]
        container = self.containers(**{"cdk-vast.container-name": "main"})[0]
        script = "exec 3<> /dev/tcp/127.0.0.1/${AWS_ENDPOINT_URL##*:}; printf %s \"$REQUEST\" >&3; cat <&3"
        output = container.exec_run(["timeout", "10", "bash", "-c", script],
                                    environment={"REQUEST": "\r\n".join(lines)}).output.decode()
        head, _, rest = output.partition("\r\n\r\n")
        self.assertRegex(head, "^HTTP/1.1 ", output)
        return int(head.split()[1]), rest

    def scope(self, service: str) -> dict[str, str]:
        return {"Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/"
                                 f"{service}/aws4_request, SignedHeaders=host, Signature=x"}

    def test_the_emulators_own_pages_are_out_of_reach_even_with_the_secret(self) -> None:
        for method, path in (("PUT", "/_cdk_vast/exec"), ("PUT", "/_cdk_vast/stop-linger"), ("GET", "/_cdk_vast/stacks"),
                             ("POST", "/_ministack/config"), ("POST", "/_ministack/reset"), ("GET", "/_localstack/init"),
                             ("GET", "/_ministack/health")):
            status, answer = self.inside(method, path, **self.with_secret())
            self.assertEqual((403, True), (status, "not for containers" in answer), path)

    def test_what_runs_programs_on_this_machine_is_out_of_reach(self) -> None:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): pass")
        for service, request in (
                ("lambda", ("POST", "/2015-03-31/functions", json.dumps({"FunctionName": "f"}))),
                ("lambda", ("PUT", "/2015-03-31/functions/f/code", "{}")),
                ("cloudformation", ("POST", "/", "Action=CreateStack&StackName=x&TemplateBody={}")),
                ("cloudformation", ("POST", "/?Action=DescribeStacks", "Action=DeleteStack&StackName=E")),
                ("ec2", ("POST", "/", "Action=RunInstances&ImageId=ami-1")),
                ("codebuild", ("POST", "/", "{}")), ("events", ("POST", "/", "CreateApiDestination")),
                ("events", ("POST", "/", "CreateConnection")), ("ecs", ("POST", "/", "RegisterTaskDefinition")),
                ("elasticfilesystem", ("POST", "/2015-02-01/file-systems", "{}")), ("glue", ("POST", "/", "{}")), ("eks", ("POST", "/clusters", "{}")),
                ("states", ("POST", "/", "{}")), ("ssm", ("POST", "/", "{}")), ("athena", ("POST", "/", "{}"))):
            method, path, body = request
            target = {"X_Amz_Target": f"{service}.{body}"} if body.isalpha() else {}
            status, answer = self.inside(method, path, body, **target, **self.scope(service))
            self.assertEqual((403, True), (status, "may not call this action" in answer), (service, path, answer))

    def test_what_is_served_before_any_service_is_out_of_reach(self) -> None:
        for method, path in (("GET", "/v2/"), ("PUT", "/v2/repository/manifests/latest"), ("POST", "/_aws/execute-api/x"),
                             ("POST", "/restapis/x/dev/_user_request_/"), ("POST", "/Execute"), ("GET", "/iceberg/v1/config"),
                             ("GET", "/v20180820/tags/x"), ("POST", "/oauth2/token")):
            status, answer = self.inside(method, path)
            self.assertEqual((403, True), (status, "not for containers" in answer), (path, answer))

    def test_what_commands_are_for_is_served(self) -> None:
        for service, (method, path, body) in (
                ("s3", ("GET", "/", "")), ("sts", ("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15")),
                ("cloudformation", ("POST", "/", "Action=DescribeStacks&Version=2010-05-15")),
                ("lambda", ("GET", "/2015-03-31/functions/", ""))):
            status, answer = self.inside(method, path, body, Content_Type="application/x-www-form-urlencoded",
                                         **self.scope(service))
            self.assertEqual(200, status, (service, answer))

    def test_a_page_has_no_way_through_a_container_either(self) -> None:
        self.assertEqual(403, self.inside("GET", "/", Origin="http://example.com")[0])

    def test_no_capability_leads_out_of_a_container(self) -> None:
        with self.assertRaises(ClientError) as caught:
            self.run_task(linuxParameters={"capabilities": {"add": ["SYS_ADMIN"]}})
        self.assertIn("Fargate adds SYS_PTRACE only", str(caught.exception))

    def test_recorded_frames_are_for_nobody_else(self) -> None:
        self.switch(recordFile="session.jsonl")
        session: dict[str, str] = self.execute("true")["session"]
        ExecSession(session).run_to_end()
        file = self.state / "recordings" / "session.jsonl"
        self.assertIn(session["tokenValue"], file.read_text())
        self.assertEqual(0o600, stat.S_IMODE(file.stat().st_mode))

    def test_a_link_in_the_place_of_a_recording_is_not_followed(self) -> None:
        target = Path(self.home) / "elsewhere"
        self.switch(recordFile="link")
        (self.state / "recordings" / "link").symlink_to(target)
        self.addCleanup((self.state / "recordings" / "link").unlink)
        session = ExecSession(self.execute("true")["session"])
        session.run_to_end()
        self.assertFalse(target.exists(), session.output)


class RuntimeApiTest(unittest.TestCase):
    def ask(self, *headers: str) -> bytes:
        from local_aws.adapter.runtime_api import RuntimeApi

        ours, theirs = socket.socketpair()
        api = RuntimeApi()
        api.session = _Session()  # type: ignore[assignment]

        def serve() -> None:
            with theirs:
                api.serve(theirs)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        with ours:
            ours.sendall("\r\n".join(["GET /2018-06-01/runtime/none HTTP/1.1", *headers, "", ""]).encode())
            ours.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: ours.recv(65536), b""))
        serving.join()
        return answer

    def test_a_page_is_refused(self) -> None:
        self.assertIn(b"404", self.ask("Host: 127.0.0.1:9001").splitlines()[0])
        for headers in (("Host: example.com",), ("Host: 127.0.0.1:9001", "Origin: http://example.com")):
            self.assertIn(b"403", self.ask(*headers).splitlines()[0])


class _Session:
    def current(self, request_id: str) -> Optional[Any]:
        return None
