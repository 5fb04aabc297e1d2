"""The life of a stack: what MiniStack's differs in from CloudFormation's."""

from typing import Any

from .patching import original, replace

# Their handlers talk to Docker or wait for tasks, which must not stop the whole emulator.
_SLOW = {"AWS::ECS::Service", "AWS::EFS::FileSystem", "AWS::EFS::AccessPoint", "AWS::EC2::VPC",
         "AWS::Lambda::Function"}


def install() -> None:
    from ministack.services import cloudformation
    from ministack.services.cloudformation import handlers, stacks

    on_worker = original(stacks, "_runs_on_worker_thread")
    replace(stacks, "_runs_on_worker_thread", lambda kind: kind in _SLOW or on_worker(kind))
    # A service whose update failed has a task definition that the rollback is about to delete.
    sends_back = original(stacks, "_sends_back_failed_update")
    replace(stacks, "_sends_back_failed_update", lambda kind: kind == "AWS::ECS::Service" or sends_back(kind))

    deleting = original(handlers, "_delete_stack")

    def delete_stack(params: dict) -> Any:
        stack = handlers._resolve_stack(handlers._p(params, "StackName") or "")
        answer = deleting(params)
        # Deletion is only scheduled by now, and whoever asks next must not see the old status.
        if answer[0] < 400 and stack and stack.get("StackStatus") != "DELETE_COMPLETE":
            stack["StackStatus"] = "DELETE_IN_PROGRESS"
        return answer

    replace(handlers, "_delete_stack", delete_stack)
    table = original(cloudformation, "_ACTION_HANDLERS")
    original_entry = table["DeleteStack"]
    assert original_entry in (deleting, delete_stack)
    table["DeleteStack"] = delete_stack

    describing = original(handlers, "_describe_stacks")

    def describe_stacks(params: dict) -> Any:
        for stack in cloudformation._stacks.values():
            stack["Description"] = (stack.get("_template") or {}).get("Description", "")
        return describing(params)

    replace(handlers, "_describe_stacks", describe_stacks)
    assert table["DescribeStacks"] in (describing, describe_stacks)
    table["DescribeStacks"] = describe_stacks
