"""Functions of images: what they find around them, how they answer, and how they end."""

import base64
import hashlib
import json
import threading
import time

from botocore.exceptions import ClientError

from .functions import NAME, OUTPUTS, WithFunctions, function
from .running import eventually, get, template


class FunctionTest(WithFunctions):
    @classmethod
    def template(cls) -> dict:
        return template(function(DeadLetterConfig={"TargetArn": get("Dead", "Arn")}), **OUTPUTS)

    def test_an_environment_is_made_like_lambdas(self) -> None:
        self.assertEqual(["993 990", "drwxrwxrwt", "no shared memory", "read-only", "512M", "1024", "/var"], self.output(
            "echo $(id -u) $(id -g); stat -c %A /tmp; ls /dev/shm 2> /dev/null || echo no shared memory; "
            "touch /var/file 2> /dev/null || echo read-only; df -h /tmp | perl -ane 'print $F[1] if $. == 2'; echo; "
            "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2> /dev/null; pwd"))
        host = self.docker.api.inspect_container(self.environments()[0].id)["HostConfig"]
        self.assertEqual((512 << 20, 512 << 20, 28900, 100_000, True, ["ALL"]), (
            host["Memory"], host["MemorySwap"], host["CpuQuota"] // 100 * 100, host["CpuPeriod"],
            host["ReadonlyRootfs"], host["CapDrop"]))

    def test_environment_variables(self) -> None:
        begin = time.time()
        found = dict(line.split("=", 1) for line in self.output("env"))
        expected = {"AWS_LAMBDA_FUNCTION_NAME": self.out["Name"], "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_LOG_GROUP_NAME": self.out["Logs"],
                    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001", "AWS_REGION": "us-east-1", "TZ": ":UTC",
                    "LAMBDA_TASK_ROOT": "/var/task", "AWS_ACCESS_KEY_ID": "000000000000",
                    "ARN": f"arn:aws:lambda:us-east-1:000000000000:function:{self.out['Name']}"}
        self.assertEqual(expected, {name: found.get(name) for name in expected})
        # Five seconds after the call was accepted; it has milliseconds.
        self.assertGreater(int(found["DEADLINE"]) / 1000, begin + 5 - 0.01)
        self.assertLessEqual(int(found["DEADLINE"]) / 1000, time.time() + 5)

    def test_logs(self) -> None:
        answer = self.invoke("echo out; echo err >&2", LogType="Tail")
        request = answer["ResponseMetadata"]["RequestId"]
        tail = base64.b64decode(answer["LogResult"]).decode().splitlines()
        self.assertEqual([f"START RequestId: {request} Version: $LATEST", "err", f"END RequestId: {request}"], tail[:3])
        self.assertRegex(tail[3], rf"^REPORT RequestId: {request}\tDuration: .* ms\tBilled Duration: \d+ ms\t"
                                  r"Memory Size: 512 MB")
        logged = self.logged()
        begin = logged.index(tail[0])
        self.assertEqual(tail, logged[begin:begin + 4])

    def test_errors_of_the_function(self) -> None:
        answer = self.invoke("echo '{\"errorType\": \"Mine\"}'", as_="error")
        self.assertEqual(("Unhandled", {"errorType": "Mine"}, "$LATEST"), (
            answer["FunctionError"], json.loads(answer["Payload"]), answer["ExecutedVersion"]))

    def test_ends_of_the_runtime(self) -> None:
        for command, as_, how in (("kill -9 $PPID; sleep 1", "", "signal: killed"), ("", "exit", "exit status 3"),
                                  ("", "eat", "signal: killed")):
            with self.subTest(how=how, as_=as_):
                found = self.error(command, as_=as_)
                self.assertEqual("Runtime.ExitError", found["errorType"])
                self.assertRegex(found["errorMessage"], f"^RequestId: .* Error: Runtime exited with error: {how}$")
        self.assertEqual(["well again"], self.output("echo well again"))

    def test_the_deadline(self) -> None:
        self.invoke("true")
        before = len(self.environments())
        begin = time.monotonic()
        found = self.error("sleep 20")
        # Not before its time.
        self.assertGreaterEqual(time.monotonic() - begin, 5)
        self.assertEqual("Sandbox.Timedout", found["errorType"])
        self.assertRegex(found["errorMessage"], "^RequestId: .* Error: Task timed out after 5.00 seconds$")
        eventually(lambda: len(self.environments()) == before - 1, why="its environment is still there")
        self.assertIn("Task timed out after 5.00 seconds", "\n".join(self.logged()))

    def test_sizes(self) -> None:
        self.assertEqual(6_291_556, len(self.invoke("head -c 6291556 /dev/zero")["Payload"]))
        self.assertEqual({
            "errorType": "Function.ResponseSizeTooLarge", "errorMessage":
                "Response payload size exceeded maximum allowed payload size (6291556 bytes)."},
            self.error("head -c 6291557 /dev/zero"))
        self.assertEqual(["alive"], self.output("echo alive"))
        for payload, code in ((b'"' + b"x" * 6_291_455 + b'"', "RequestEntityTooLargeException"),
                              (b"no JSON", "InvalidRequestContentException")):
            with self.assertRaises(ClientError) as raised:
                self.aws.invoke(FunctionName=self.out["Name"], Payload=payload)
            self.assertEqual(code, raised.exception.response["Error"]["Code"])

    def test_refused_invocations(self) -> None:
        for name, code in (("nobody", "ResourceNotFoundException"), (self.out["Name"] + ":7", "ResourceNotFoundException")):
            for call in (self.aws.invoke, self.aws.invoke_with_response_stream):
                with self.assertRaises(ClientError) as raised:
                    call(FunctionName=name)
                self.assertEqual(code, raised.exception.response["Error"]["Code"])
        self.assertEqual(204, self.invoke("true", InvocationType="DryRun")["StatusCode"])

    def test_reserved_concurrency(self) -> None:
        self.configure(Timeout=60)
        self.addCleanup(self.configure, Timeout=5)
        self.aws.put_function_concurrency(FunctionName=self.out["Name"], ReservedConcurrentExecutions=1)
        try:
            running = threading.Thread(target=self.invoke, args=("echo > /tmp/begun; until [ -e /tmp/enough ]; do sleep 0.1; done",))
            running.start()
            eventually(lambda: self.inside("test -e /tmp/begun"))
            with self.assertRaises(ClientError) as raised:
                self.invoke("true")
            self.assertEqual(("TooManyRequestsException", "ReservedFunctionConcurrentInvocationLimitExceeded", 429), (
                raised.exception.response["Error"]["Code"], raised.exception.response["Reason"],
                raised.exception.response["ResponseMetadata"]["HTTPStatusCode"]))
            self.inside("touch /tmp/enough")
            running.join()
            for _ in range(5):
                self.output("true")
        finally:
            self.aws.delete_function_concurrency(FunctionName=self.out["Name"])

    def test_environments_serve_again_and_side_by_side(self) -> None:
        self.configure(Timeout=60)
        self.addCleanup(self.configure, Timeout=5)
        first = self.output("hostname")
        self.assertEqual(first, self.output("hostname"))
        names: list[str] = []
        waits = "touch /tmp/begun; until [ -e /tmp/enough ]; do sleep 0.1; done; rm /tmp/begun /tmp/enough; hostname"
        threads = [threading.Thread(target=lambda: names.extend(self.output(waits))) for _ in range(3)]
        for thread in threads:
            thread.start()
        # All three have begun before one may end.
        begun: list = eventually(lambda: three if len(three := [
            e for e in self.environments() if e.status == "running" and self.inside_one(e, "test -e /tmp/begun")]) == 3 else None)
        for environment in begun:
            self.assertTrue(self.inside_one(environment, "touch /tmp/enough"))
        for thread in threads:
            thread.join()
        self.assertEqual((3, True), (len(set(names)), first[0] in names))

    def test_between_invocations_time_stands_still(self) -> None:
        self.output("rm -f /tmp/ticks; (while :; do date +%s.%N >> /tmp/ticks; sleep 0.1; done) > /dev/null 2>&1 &")
        eventually(lambda: "paused" in [e.status for e in self.environments()])
        time.sleep(1.5)
        lines = "wc -l < /tmp/ticks"
        ticks = [float(line) for line in self.output(
            f"n=$({lines}); until [ $({lines}) -gt $((n + 1)) ]; do sleep 0.1; done; cat /tmp/ticks")]
        gaps = [after - before for before, after in zip(ticks, ticks[1:])]
        # It stood still while nobody called, and went on with the next call.
        self.assertGreater(max(gaps), 1.4)
        self.assertLess(gaps.index(max(gaps)), len(gaps) - 1)

    def test_events_go_to_the_dead_letters_without_a_second_attempt(self) -> None:
        answer = self.invoke("echo '{\"errorMessage\": \"no\"}'; echo attempt >&2", as_="error", InvocationType="Event")
        self.assertEqual((202, b""), (answer["StatusCode"], answer["Payload"]))
        found = self.client("sqs").receive_message(
            QueueUrl=self.out["Dead"], WaitTimeSeconds=15, MessageAttributeNames=["All"])["Messages"][0]
        self.assertEqual("error", json.loads(found["Body"])["as"])
        self.assertEqual(
            {"RequestID": answer["ResponseMetadata"]["RequestId"], "ErrorCode": "200", "ErrorMessage": "no"},
            {name: value["StringValue"] for name, value in found["MessageAttributes"].items()})
        time.sleep(1.5)
        self.assertEqual(1, self.logged().count("attempt"))


class StreamTest(WithFunctions):
    @classmethod
    def template(cls) -> dict:
        return template(function(), **OUTPUTS)

    def test_it_arrives_while_the_function_runs(self) -> None:
        self.invoke("true")
        seen = []
        # It goes on when its first line has arrived here.
        for event in self.aws.invoke_with_response_stream(FunctionName=self.out["Name"], Payload=json.dumps(
                {"sh": "echo one; until [ -e /tmp/arrived ]; do sleep 0.1; done; echo two", "as": "stream"}))["EventStream"]:
            seen.append(event.get("PayloadChunk", {}).get("Payload"))
            self.inside("touch /tmp/arrived")
        self.assertEqual([b"one\n", b"two\n", None], seen)

    def test_large_and_too_large(self) -> None:
        chunks, complete = self.stream("perl -e 'print pack(q(N*), $_ * 1000 .. $_ * 1000 + 999) for 0 .. 9999'")
        expected = b"".join(number.to_bytes(4, "big") for number in range(10_000_000))
        self.assertEqual((hashlib.sha256(expected).hexdigest(), {}),
                         (hashlib.sha256(b"".join(chunks)).hexdigest(), complete))
        chunks, complete = self.stream("head -c 209800000 /dev/zero")
        self.assertEqual((209_715_200, "Function.ResponseSizeTooLarge"),
                         (sum(map(len, chunks)), complete["ErrorCode"]))

    def test_errors(self) -> None:
        for command, as_, payload, code, details in (
                ("echo part", "broken stream", b"part\n", "Some.Error", '{"errorMessage":"broke"}'),
                ("echo '{}'", "error", b"", "Some.Error", "{}"),
                ("echo part; sleep 20", "stream", b"part\n", "Sandbox.Timedout", "Task timed out after 5.00 seconds"),
                ("echo part; sleep 0.5; kill -9 $PPID; sleep 1", "stream", b"part\n", "Runtime.ExitError", "signal: killed")):
            with self.subTest(as_=as_, code=code):
                chunks, complete = self.stream(command, as_)
                self.assertEqual((payload, code), (b"".join(chunks), complete["ErrorCode"]))
                self.assertIn(details, complete["ErrorDetails"])

    def test_either_call_takes_either_answer(self) -> None:
        self.assertEqual(([b"whole\n"], {}), self.stream("echo whole", as_="response"))
        self.assertEqual(["parts"], self.output("echo parts", as_="stream"))

    def test_a_caller_who_leaves_does_not_stop_it(self) -> None:
        stream = self.aws.invoke_with_response_stream(FunctionName=self.out["Name"], Payload=json.dumps(
            {"sh": "echo one; sleep 1; head -c 5000000 /dev/zero; echo on and on >&2", "as": "stream"}))["EventStream"]
        next(iter(stream))
        stream.close()
        eventually(lambda: "on and on" in self.logged())


class FunctionLifeTest(WithFunctions):
    environment = {"CDK_VAST_LOCAL_AWS_FUNCTION_IDLE_SECONDS": "3"}

    @classmethod
    def template(cls) -> dict:
        return template(function(), **OUTPUTS)

    def test_idle_environments_go(self) -> None:
        self.output("true")
        self.assertEqual(1, len(self.environments()))
        eventually(lambda: not self.environments(), 15)
        eventually(lambda: not self.containers(**{"cdk-vast.sandbox": self.out["Name"]}), 5)

    def test_starts_that_fail(self) -> None:
        try:
            self.configure(Environment={"Variables": {"INIT_ERROR": "1"}})
            self.assertEqual({"errorType": "No.Way", "errorMessage": "not today"}, self.error())
            self.configure(Environment={"Variables": {}}, ImageConfig={"EntryPoint": ["/none"]})
            found = self.error()
            self.assertEqual("Runtime.InvalidEntrypoint", found["errorType"])
            self.assertIn("fork/exec /none: no such file or directory", found["errorMessage"])
            # Past the limit of ten seconds, and then once more on the invocation's own time.
            self.configure(ImageConfig={}, Timeout=20, Environment={"Variables": {"AT_INIT": "sleep 10.3"}})
            self.assertEqual(["late"], self.output("echo late"))
            self.assertIn("Phase: init\tStatus: timeout", "\n".join(self.logged()))
        finally:
            self.configure(Environment={"Variables": {}}, ImageConfig={}, Timeout=5)

    def test_failed_events_are_tried_again_and_reach_their_destination(self) -> None:
        queue = self.client("sqs").get_queue_attributes(
            QueueUrl=self.out["Dead"], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.aws.put_function_event_invoke_config(
            FunctionName=self.out["Name"], Qualifier="$LATEST", MaximumRetryAttempts=1,
            DestinationConfig={"OnFailure": {"Destination": queue}})
        request = self.invoke("echo '{\"a\": 1}'; echo one attempt >&2", as_="error", InvocationType="Event")[
            "ResponseMetadata"]["RequestId"]
        found = json.loads(self.client("sqs").receive_message(
            QueueUrl=self.out["Dead"], WaitTimeSeconds=15)["Messages"][0]["Body"])
        self.assertEqual((request, "RetriesExhausted", 2, "error", {"a": 1}, "Unhandled"), (
            found["requestContext"]["requestId"], found["requestContext"]["condition"],
            found["requestContext"]["approximateInvokeCount"], found["requestPayload"]["as"], found["responsePayload"],
            found["responseContext"]["functionError"]))
        self.assertEqual(2, self.logged().count("one attempt"))

    def test_an_update_ends_what_was_before(self) -> None:
        before = self.output("hostname")
        self.configure(Environment={"Variables": {"A": "b"}}, MemorySize=300)
        after = self.output("hostname; echo $A $AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.assertNotEqual(before[0], after[0])
        self.assertEqual("b 300", after[1])

    def test_a_function_made_by_the_api(self) -> None:
        role = self.aws.get_function_configuration(FunctionName=self.out["Name"])["Role"]
        made = self.aws.create_function(FunctionName="made", PackageType="Image", Code={"ImageUri": NAME}, Role=role)
        self.assertEqual("Pending", made["State"])
        with self.assertRaises(ClientError) as raised:
            self.invoke("true", name="made")
        self.assertEqual("ResourceConflictException", raised.exception.response["Error"]["Code"])
        eventually(lambda: self.aws.get_function_configuration(FunctionName="made")["State"] == "Active")
        self.assertEqual(["128"], self.output("echo $AWS_LAMBDA_FUNCTION_MEMORY_SIZE", name="made"))
        groups = self.client("logs").describe_log_groups()["logGroups"]
        self.assertIn("/aws/lambda/made", [g["logGroupName"] for g in groups])
        self.aws.delete_function(FunctionName="made")
        self.assertEqual([], self.containers(**{"cdk-vast.function": "made"}))
        for changes, words in (({"Code": {"ImageUri": "example.invalid/x:1"}}, "Source image .* does not exist"),
                               ({"Role": role + "x"}, "cannot be assumed by Lambda"),
                               ({"FileSystemConfigs": [{"Arn": "arn:aws:elasticfilesystem:us-east-1:000000000000:access-"
                                                        "point/fsap-00000000000000000", "LocalMountPath": "/mnt/x"}]},
                                "FileSystemConfigs is not simulated")):
            with self.assertRaisesRegex(ClientError, words):
                self.aws.create_function(**{"FunctionName": "bad", "PackageType": "Image", "Role": role,
                                            "Code": {"ImageUri": NAME}, **changes})
