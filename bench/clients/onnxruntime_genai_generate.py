"""A model directory in onnxruntime-genai: the greedy tokens are ours, from the ids of each text, of each text in two parts, one after the other, and of all
texts in a batch, which is padded on the right there; and whether its own tokenizer has the same ids.

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

    def generate(parts, rows=1):
        """The new tokens of each row; `parts` of the prompt are read one after the other, in a batch as rows of one length."""
        length = sum(map(len, parts)) if rows == 1 else len(parts[0][0])
        parameters = og.GeneratorParams(model)
        parameters.set_search_options(max_length=length + expected["maxTokens"], batch_size=rows)
        generator = og.Generator(model, parameters)
        for part in parts:
            generator.append_tokens(part)
        while not generator.is_done():
            generator.generate_next_token()
        return [until_end([int(token) for token in generator.get_sequence(row)][length:], ends) for row in range(rows)]

    prompts = [prompt["ids"] for prompt in expected["prompts"]]
    # Where nothing ends a text, it has to name a token that does.
    answers = [until_end(answer["ids"], ends) for answer in expected["greedy"]["fp32"]]
    checks = []

    def compare(check, rows):
        equal = sum(row == answer for row, answer in zip(rows, answers))
        value = f"{equal} of {len(rows)} texts, {sum(map(len, answers))} tokens"
        checks.append({"check": check, "held": equal == len(rows), "value": value})

    compare("greedy, alone", [generate([ids])[0] for ids in prompts])
    compare("greedy, in two parts", [generate([ids[:1], ids[1:]] if len(ids) > 1 else [ids])[0] for ids in prompts])
    longest = max(map(len, prompts))
    padded = [ids + [config["model"]["pad_token_id"]] * (longest - len(ids)) for ids in prompts]
    compare("greedy, in a batch", generate([padded], len(prompts)))
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
