"""A model directory in optimum, transformers' generation on ONNX Runtime: the greedy tokens are ours, each text alone and all of them in a batch that is
padded on the left.

    pip install optimum optimum-onnx
    python bench/clients/optimum_generate.py --expected FILE MODEL_DIR

FILE is what expectations.mjs says. Prints one line of JSON. A Qwen3 whose heads are wider than hidden_size / num_attention_heads it cannot run, whoever
wrote it: that is told, and does not decide.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"


def main(directory, expected):
    from importlib.metadata import version

    from optimum.onnxruntime import ORTModelForCausalLM
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(directory)
    if tokenizer.pad_token is None:
        # As the card of the model says: any.
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
    model = ORTModelForCausalLM.from_pretrained(directory)
    texts = [prompt["text"] for prompt in expected["prompts"]]
    answers = [answer["ids"] for answer in expected["greedy"]["fp32"]]
    stop_ids = expected["stopIds"]

    def generate(batch):
        inputs = tokenizer(batch, padding=True, return_tensors="pt")
        output = model.generate(**inputs, max_new_tokens=expected["maxTokens"], do_sample=False)
        return [until_end(row, stop_ids) for row in output[:, inputs["input_ids"].shape[1] :].tolist()]

    client = f"optimum {version('optimum')}, optimum-onnx {version('optimum-onnx')}"
    config = model.config
    if getattr(config, "head_dim", None) not in (None, model.embed_size_per_head):
        # Of most forms, Qwen3 among them, it reads no head_dim: a cache of such a model is not the one that it makes.
        value = f"takes {model.embed_size_per_head} for the size of a head, which is {config.head_dim}"
        return {"client": client, "checks": [{"check": "greedy", "held": False, "value": value, "decides": False}]}
    value = f"{sum(map(len, answers))} tokens"
    alone = [generate([text])[0] for text in texts]
    checks = [
        {"check": "greedy, alone", "held": alone == answers, "value": value},
        {"check": "greedy, in a batch", "held": generate(texts) == answers, "value": value},
    ]
    return {"client": client, "checks": checks}


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
        report = {"client": "optimum", "absent": str(error)}
    sys.stdout.write(json.dumps(report) + "\n")
