"""Writes workspace.json and banking.json from AgentDojo's own code: names, docs, input and output schemas.

usage: python make_agentdojo.py        (needs Python 3.10+ and: pip install agentdojo==0.1.35)
The schemas are pydantic's, as JSON Schema 2020-12; every field of an output is required, since a dump has them all, those with a
default too. Nothing of a suite's data is copied.
"""
import importlib.metadata
import json
import pathlib
import warnings

warnings.filterwarnings("ignore")
from agentdojo.task_suite.load_suites import get_suite  # noqa: E402
from pydantic import TypeAdapter  # noqa: E402
from pydantic.json_schema import GenerateJsonSchema  # noqa: E402

VERSION = "0.1.35"
SUITES = "v1.2.2"
HERE = pathlib.Path(__file__).parent


class Dumped(GenerateJsonSchema):
    """The schema of what a model's dump looks like."""

    def field_is_required(self, field, total):
        return True


def catalogue(suite_name):
    tools = get_suite(SUITES, suite_name).tools
    return [
        {
            "name": tool.name,
            "description": tool.description,
            "inputSchema": tool.parameters.model_json_schema(),
            "outputSchema": TypeAdapter(tool.return_type).json_schema(mode="serialization", schema_generator=Dumped),
        }
        for tool in sorted(tools, key=lambda tool: tool.name)
    ]


if __name__ == "__main__":
    found = importlib.metadata.version("agentdojo")
    if found != VERSION:
        raise SystemExit(f"agentdojo {VERSION} is needed, {found} is installed: pip install agentdojo=={VERSION}")
    for suite_name in ("workspace", "banking"):
        path = HERE / f"{suite_name}.json"
        path.write_text(json.dumps(catalogue(suite_name), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(catalogue(suite_name))} tools")
