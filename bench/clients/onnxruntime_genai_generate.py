"""A model directory in onnxruntime-genai: the greedy tokens are ours, from the ids of each text; and whether its own tokenizer has the same ids.

    pip install onnxruntime-genai
    python bench/clients/onnxruntime_genai_generate.py --expected FILE MODEL_DIR

FILE is what expectations.mjs says. Prints one line of JSON. Its tokenizer knows byte-level BPE; of one by characters it misses spaces and line ends, so
that check tells, and does not decide.
"""

import argparse
import json
import sys
from pathlib import Path


def main(directory, expected):
    import onnxruntime_genai as og

    model = og.Model(str(directory))
    stop_ids = expected["stopIds"]
    config = json.loads((directory / "genai_config.json").read_text())
    given = config["model"]["eos_token_id"]
    ends = set(given if isinstance(given, list) else [given])

    def generate(ids):
        parameters = og.GeneratorParams(model)
        parameters.set_search_options(max_length=len(ids) + expected["maxTokens"])
        generator = og.Generator(model, parameters)
        generator.append_tokens(ids)
        while not generator.is_done():
            generator.generate_next_token()
        new = [int(token) for token in generator.get_sequence(0)][len(ids) :]
        return until_end(new, ends)

    prompts = [prompt["ids"] for prompt in expected["prompts"]]
    # Where nothing ends a text, it has to name a token that does.
    answers = [until_end(answer["ids"], ends) for answer in expected["greedy"]["fp32"]]
    rows = [generate(ids) for ids in prompts]
    equal = sum(row == answer for row, answer in zip(rows, answers))
    checks = [{"check": "greedy, from ids", "held": equal == len(rows), "value": f"{equal} of {len(rows)} texts, {sum(map(len, answers))} tokens"}]
    try:
        tokenizer = og.Tokenizer(model)
        texts = expected["texts"]
        same = sum([int(token) for token in tokenizer.encode(text["text"])] == text["ids"] for text in texts)
        checks.append({"check": "ids", "held": same == len(texts), "value": f"{same} of {len(texts)} texts", "decides": False})
    except Exception as error:
        checks.append({"check": "ids", "held": False, "value": str(error)[:80], "decides": False})
    return {"client": f"onnxruntime-genai {og.__version__}", "checks": checks}


def until_end(ids, stop_ids):
    return ids[: next((index for index, token in enumerate(ids) if token in stop_ids), len(ids))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--expected", type=Path, required=True)
    parser.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    try:
        report = main(arguments.directory, json.loads(arguments.expected.read_text()))
    except ModuleNotFoundError as error:
        report = {"client": "onnxruntime-genai", "absent": str(error)}
    sys.stdout.write(json.dumps(report) + "\n")
